//! Names with their values on the next lines, further in: YAML, also its block scalars, and headers that are folded.

use crate::mask::credentials::is_scheme;
use crate::mask::together::document::{Document, Step};
use crate::mask::together::record::begins_record;

/// A block is a few values; more lines are a file, whose lines stand for themselves.
const LINES_MAX: usize = 500;

pub(crate) struct Block {
    lines: usize,
    indent: usize,
    document: Option<Document>,
}

impl Block {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        name_above(line)?;
        Some(Self {
            lines: 0,
            indent: indent(line),
            document: None,
        })
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        if let Some(document) = &mut self.document {
            match document.take(line) {
                Step::On => return Step::On,
                Step::Ends => {
                    self.document = None;
                    return Step::On;
                }
                Step::Apart => self.document = None,
            }
        }
        let inside = indent(line) > self.indent && !line.trim_ascii().is_empty();
        if !inside || self.lines > LINES_MAX || begins_record(line) {
            return Step::Apart;
        }
        self.document = Document::begun_by(line);
        Step::On
    }
}

/// The name of which the value stands below: `tokens:`, `token: |`, `Authorization: Bearer`.
pub(crate) fn name_above(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_end();
    if let Some(name) = name_alone(line) {
        return Some(name);
    }
    let space = line.iter().rposition(|b| *b == b' ')?;
    let word = &line[space + 1..];
    let name = name_alone(&line[..space])?;
    let folded = || {
        name.get(name.len().saturating_sub(AUTHORIZATION.len())..)
            .is_some_and(|end| end.eq_ignore_ascii_case(AUTHORIZATION))
            && is_scheme(word)
    };
    (is_scalar(word) || folded()).then_some(name)
}

const AUTHORIZATION: &[u8] = b"authorization";

/// `|`, `>-`, `|2+`
fn is_scalar(word: &[u8]) -> bool {
    let rest = word.strip_prefix(b"|").or_else(|| word.strip_prefix(b">"));
    rest.is_some_and(|rest| {
        rest.len() <= 2 && rest.iter().all(|b| b.is_ascii_digit() || b"+-".contains(b))
    })
}

/// The name at the end of a line of which nothing follows but a colon.
pub(crate) fn name_alone(line: &[u8]) -> Option<&[u8]> {
    let name = line.trim_ascii_end().strip_suffix(b":")?;
    let holds = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.".contains(*b);
    let length = name.iter().rev().take_while(holds).count();
    let (before, name) = name.split_at(name.len() - length);
    let apart = before
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || b"<>".contains(b));
    (apart && name.iter().any(u8::is_ascii_alphabetic)).then_some(name)
}

/// How far in a line begins.
pub(crate) fn indent(line: &[u8]) -> usize {
    line.iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_stand_above_its_value() {
        for (line, name) in [
            ("  tokens:\r\n", "tokens"),
            ("client_secret: |\n", "client_secret"),
            ("token: >-", "token"),
            ("Authorization: Bearer \r\n", "Authorization"),
            ("> Proxy-Authorization: Basic", "Proxy-Authorization"),
        ] {
            assert_eq!(name_above(line.as_bytes()), Some(name.as_bytes()), "{line}");
        }
        for line in ["note: Bearer", "a: b", "x |", "token: |x"] {
            assert_eq!(name_above(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_block_ends_where_it_is_no_further_in() {
        let mut block = Block::begun_by(b"  tokens:\n").expect("begins");
        assert_eq!(block.take(b"    - abc\n"), Step::On);
        assert_eq!(block.take(b"      def\n"), Step::On);
        assert_eq!(block.take(b"  - x\n"), Step::Apart);
        for other in [&b"a: b"[..], b"(last):", b":", b"12:", b"https://x:"] {
            assert!(Block::begun_by(other).is_none());
        }
    }
}
