//! GraphQL documents: only literals are values. Names, `$variables`, types, aliases and enumerations stay, because they
//! are what support reads.

use memchr::memchr;

use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::placeholder::stand_in_at;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// Words that open a document.
const OPENERS: [&[u8]; 4] = [b"query", b"mutation", b"subscription", b"fragment"];

/// Whether a text is such a document: an operation, or a selection without one.
pub(crate) fn is_document(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let after = |opener: &[u8]| {
        let rest = text.strip_prefix(opener)?;
        let blank = rest.first().is_some_and(|b| b.is_ascii_whitespace());
        (blank || matches!(rest.first(), Some(b'{' | b'('))).then_some(rest)
    };
    let rest = match text.first() {
        Some(b'{') => {
            let inside = text[1..].trim_ascii_start();
            let named = inside
                .first()
                .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'.');
            return named && is_selection(inside);
        }
        _ => OPENERS.into_iter().find_map(after),
    };
    let signs = |b: &u8| !(b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || *b == b'_');
    rest.and_then(|rest| rest.iter().find(|b| signs(b)))
        .is_some_and(|b| matches!(b, b'{' | b'(' | b'@'))
}

/// Names up to a brace or parenthesis behind one of them: `{ me { id } }`. A dump of a structure ends before or has a
/// colon there.
fn is_selection(inside: &[u8]) -> bool {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_ \t\r\n,.:".contains(b);
    let Some(end) = inside.iter().position(|b| !name(b)) else {
        return false;
    };
    let named = inside[..end].trim_ascii_end().last();
    matches!(inside[end], b'{' | b'(' | b'@') && named.is_some_and(|b| !b":,.".contains(b))
}

impl Scan {
    /// Judges each literal under the name in front of it.
    pub(crate) fn graphql(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        let mut name: &[u8] = b"";
        while let Some(b) = text.get(at) {
            match b {
                b'"' => at = self.graphql_string(name, text, base, at),
                b'#' => {
                    let end = line_end(text, at);
                    self.text(&text[at..end], base + at, 0);
                    at = end;
                }
                b'0'..=b'9' | b'-' => {
                    let end = at + run(text, at, |b| b.is_ascii_digit() || b"-+.eE".contains(&b));
                    self.graphql_number(name, &text[at..end], base + at);
                    at = end.max(at + 1);
                }
                b if b.is_ascii_alphabetic() || *b == b'_' => {
                    let end = at + run(text, at, |b| b.is_ascii_alphanumeric() || b == b'_');
                    // What follows `$password: String =` is its default, and an operator (`_eq`) judges its field.
                    if *b != b'_' && text[end..].trim_ascii_start().first() == Some(&b':') {
                        name = &text[at..end];
                    }
                    at = end;
                }
                _ => at = stand_in_at(text, at).map_or(at + 1, |span| span.end),
            }
        }
    }

    fn graphql_string(&mut self, name: &[u8], text: &[u8], base: usize, open: usize) -> usize {
        let block = text[open..].starts_with(b"\"\"\"");
        let (start, closer): (usize, &[u8]) = match block {
            true => (open + 3, b"\"\"\""),
            false => (open + 1, b"\""),
        };
        let end = start + closing(&text[start..], closer);
        // What was cut off, or has a line end, may be no such document once it is masked.
        self.is_loose |= end >= text.len() || !block && memchr(b'\n', &text[start..end]).is_some();
        let policy = self.policy(Position::Query, name);
        let encoding = match block {
            true => Encoding::Plain,
            false => Encoding::Backslash,
        };
        self.value(policy, encoding, &text[start..end], base + start);
        (end + closer.len()).min(text.len())
    }

    fn graphql_number(&mut self, name: &[u8], written: &[u8], base: usize) {
        let policy = self.policy(Position::Query, name);
        if !matches!(policy, Policy::Scan) {
            self.number(policy, written, base);
        }
    }
}

fn run(text: &[u8], at: usize, holds: impl Fn(u8) -> bool) -> usize {
    text[at..].iter().take_while(|b| holds(**b)).count()
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end)
}

/// Where a string ends; cut-off text ends it too.
fn closing(text: &[u8], closer: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(closer) {
            return at;
        }
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_other_texts() {
        for document in [
            "query { me { id } }",
            "mutation M($email: String!) { a(email: $email) { id } }",
            "{ users(orderBy: {email: ASC}) { id } }",
            "subscription S { s }",
            "fragment F on User @x { id }",
            "{me{id}}",
        ] {
            assert!(is_document(document.as_bytes()), "{document}");
        }
        for other in [
            "",
            "query=1",
            "query failed: timeout",
            "{\"query\":\"x\"}",
            "{password=hunter2}",
            "{name: 'x'}",
            "{ID:7 Password:b108be5344fd Locale:en}",
            "{ID:7 User:{Password:b108be5344fd}}",
            "mutations are {",
            "{}",
        ] {
            assert!(!is_document(other.as_bytes()), "{other}");
        }
    }
}
