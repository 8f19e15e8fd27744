//! Patterns of a configuration: text in which `*` stands for anything, compared without regard to case.

/// A pattern that must cover the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// A pattern that the text only has to begin with.
    pub fn prefix(text: &str) -> Self {
        Self(format!("{}*", text.to_ascii_lowercase()))
    }

    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text) = (self.0.as_bytes(), text.as_bytes());
        let (mut at, mut here) = (0, 0);
        // Where to go on when a guess about the last star was wrong: behind it, and one byte further in the text.
        let mut back: Option<(usize, usize)> = None;
        while here < text.len() {
            match pattern.get(at) {
                Some(b'*') => {
                    back = Some((at + 1, here));
                    at += 1;
                }
                Some(byte) if *byte == text[here].to_ascii_lowercase() => {
                    at += 1;
                    here += 1;
                }
                _ => {
                    let Some((star, from)) = back else {
                        return false;
                    };
                    (at, here) = (star, from + 1);
                    back = Some((star, here));
                }
            }
        }
        pattern[at..].iter().all(|byte| *byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        };
        check("acme", "ACME", true);
        check("acme", "acme2", false);
        check("a*e", "acme", true);
        check("*", "", true);
        check("*b*d", "abcbcd", true);
        check("a*", "b", false);
        check("", "x", false);
        assert!(Pattern::prefix("Stripe/1").matches("stripe/1.0 (x)"));
    }
}
