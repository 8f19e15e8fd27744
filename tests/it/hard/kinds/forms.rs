//! The forms that people and programs write numbers in.

/// Groups of so many signs, and the rest, with something between.
pub fn grouped(text: &str, sizes: &[usize], between: &str) -> String {
    let mut rest = text;
    let mut groups = Vec::new();
    for size in sizes {
        let (group, after) = rest.split_at((*size).min(rest.len()));
        groups.push(group);
        rest = after;
    }
    groups.push(rest);
    groups.retain(|group| !group.is_empty());
    groups.join(between)
}

pub fn alphanumeric(text: &str) -> String {
    let signs = text.chars().filter(char::is_ascii_alphanumeric);
    signs.collect::<String>().to_ascii_uppercase()
}

pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
