//! Values between spaces, some of them in quotes: how load balancers write.

use crate::read::engine::quoted::quote_end;

/// Values of one line; formats add some over the years, none has come near this.
const VALUES_MAX: usize = 64;

/// The values of a line, quotes taken off and escapes kept. A quote that never ends takes the rest of the line.
pub fn split_spaced(line: &str) -> Vec<&str> {
    let mut values = Vec::with_capacity(32);
    let mut rest = line;
    while !rest.is_empty() && values.len() < VALUES_MAX {
        let (value, after) = next_value(rest);
        values.push(value);
        rest = after;
    }
    values
}

fn next_value(text: &str) -> (&str, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        return text.split_once(' ').unwrap_or((text, ""));
    };
    match quote_end(quoted.as_bytes()) {
        Some(end) => {
            let after = &quoted[end + 1..];
            (&quoted[..end], after.strip_prefix(' ').unwrap_or(after))
        }
        None => (quoted, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_keep_their_spaces_and_quotes() {
        assert_eq!(
            split_spaced(r#"h2 - "GET /a b HTTP/1.1" "agent \"x\" y" "" 5"#),
            ["h2", "-", "GET /a b HTTP/1.1", r#"agent \"x\" y"#, "", "5"]
        );
        assert_eq!(split_spaced(r#"a "cut off here"#), ["a", "cut off here"]);
        assert_eq!(split_spaced(""), [""; 0]);
    }
}
