//! JSON printed over many lines.
//!
//! Only brackets are counted, line by line, so a document that is broken somewhere still ends where it should; what a
//! line says is left to the walk over the whole text.

use crate::mask::together::document::Step;
use crate::mask::together::record::{begins_record, is_whole_object};

pub(crate) struct Json {
    /// Where it begins in its first line.
    pub(super) start: usize,
    /// The brackets that are open.
    open: Vec<u8>,
    /// Nothing but the bracket of a list was seen.
    bare_list: bool,
    /// The last line ended with the colon of a member.
    is_owed: bool,
}

impl Json {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let start = opening(line)?;
        let mut json = Self {
            start,
            open: Vec::new(),
            bare_list: line[start..].trim_ascii() == b"[",
            is_owed: false,
        };
        json.walk(&line[start..]);
        (!json.open.is_empty()).then_some(json)
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        let list = std::mem::take(&mut self.bare_list);
        // The members of a list of records are records of their own.
        if list && line.trim_ascii_start().starts_with(b"{") || self.breaks_off(line) {
            return Step::Apart;
        }
        self.walk(line);
        match self.open.is_empty() {
            true => Step::Ends,
            false => Step::On,
        }
    }

    fn breaks_off(&self, line: &[u8]) -> bool {
        let in_list = self.open.last() == Some(&b'[');
        match line.first() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'}' | b']' | b',' | b':') => false,
            Some(b'{') => is_whole_object(line) && !in_list && !self.is_owed,
            _ => begins_record(line) || !begins_value(line),
        }
    }

    /// Follows the brackets of a line. A string ends with its line, as no string may hold an end of a line.
    fn walk(&mut self, line: &[u8]) {
        self.is_owed = line.trim_ascii_end().ends_with(b":");
        let mut at = 0;
        while let Some(b) = line.get(at) {
            at += 1;
            match b {
                b'"' => at += string_bytes(&line[at..]),
                b'{' | b'[' => self.open.push(*b),
                b'}' | b']' => {
                    self.open.pop();
                    if self.open.is_empty() {
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a text of several lines is one document, whatever its lines look like: what opens first closes last.
pub(crate) fn is_one_document(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let opens = match text.split_first() {
        Some((b'{', rest)) => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        Some((b, _)) => *b == b'[',
        None => false,
    };
    opens && matches!(text.last(), Some(b'}' | b']')) && closes_last(text)
}

fn closes_last(text: &[u8]) -> bool {
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(b) = text.get(at) {
        at += 1;
        match b {
            b'"' => at += string_bytes(&text[at..]),
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    open == 0 && at == text.len()
}

/// Where a line may open a document: at its first sign, or with the bracket at its end.
fn opening(line: &[u8]) -> Option<usize> {
    let mark = if line.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    let start = mark
        + line[mark..]
            .iter()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
    let trimmed = line.trim_ascii_end();
    let next = line[(start + 1).min(line.len())..]
        .trim_ascii_start()
        .first();
    match line.get(start)? {
        b'{' if is_whole_object(line) => None,
        b'{' => matches!(next, None | Some(b'"' | b'}')).then_some(start),
        b'[' if matches!(next, None | Some(b'{' | b'[' | b'"' | b']')) => Some(start),
        b'[' if trimmed[start..]
            .iter()
            .all(|b| b.is_ascii_digit() || b"[-+.eE, ".contains(b)) =>
        {
            Some(start)
        }
        _ => {
            let last = trimmed
                .iter()
                .rev()
                .take_while(|b| b"{[".contains(b))
                .count();
            (last > 0).then_some(trimmed.len() - last)
        }
    }
}

fn begins_value(line: &[u8]) -> bool {
    let word = line
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-+.".contains(b))
        .count();
    let (word, rest) = line.split_at(word);
    let number = word
        .iter()
        .all(|b| b.is_ascii_digit() || b"-+.eE".contains(b))
        && !word.is_empty();
    let value = number || [&b"true"[..], b"false", b"null"].contains(&word);
    let ends = matches!(
        rest.trim_ascii_start().first(),
        None | Some(b',' | b']' | b'}')
    );
    value && ends || matches!(line.first(), Some(b'[' | b'{'))
}

/// How long a string is, with the quote that ends it.
fn string_bytes(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        at += found + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at = (at + 1).min(text.len());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(lines: &[&str]) -> Vec<Step> {
        let mut json = Json::begun_by(lines[0].as_bytes()).expect(lines[0]);
        lines[1..]
            .iter()
            .map(|line| json.take(line.as_bytes()))
            .collect()
    }

    #[test]
    fn a_document_ends_with_its_last_bracket() {
        use Step::{Apart, Ends, On};
        assert_eq!(
            steps(&["{", " \"a\": {", "  \"b\": \"}\"", " }", "}"]),
            [On, On, On, Ends]
        );
        assert_eq!(steps(&["body: {", "\"a\":1", "},"]), [On, Ends]);
        assert_eq!(
            steps(&["[", "\"a\",", "12,", "true", "]"]),
            [On, On, On, Ends]
        );
        assert_eq!(
            steps(&["{\"log\": [", "{\"a\":1},", "{\"a\":2}", "]}"]),
            [On, On, Ends]
        );
        assert_eq!(steps(&["[", "{"]), [Apart]);
        assert_eq!(steps(&["{", " \"a\": \"he said \"hi\"\"", "}"]), [On, Ends]);
        for record in [
            "2026-11-22 03:51:45 x",
            "{\"a\":1}",
            "INFO x",
            "listen 80;",
            "12 x",
        ] {
            assert_eq!(steps(&["{", " \"a\": 1,", record]), [On, Apart], "{record}");
        }
    }

    #[test]
    fn records_and_prose_open_nothing() {
        for line in [
            "{\"a\":1}",
            "[]",
            "",
            "[22/Nov/2026:03:51:45 +0000] x",
            "{not json",
            "[error] x {y} z",
            "[\"a\"]",
            "a {b} c",
        ] {
            assert!(Json::begun_by(line.as_bytes()).is_none(), "{line}");
        }
        for line in [
            "{",
            "\u{feff}{",
            "  [",
            "{ \"log\": {",
            "[{\"a\": \"xx",
            "INFO sent {",
            "\"headers\": [",
        ] {
            assert!(Json::begun_by(line.as_bytes()).is_some(), "{line}");
        }
    }
}
