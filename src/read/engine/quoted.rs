//! Escapes and the ends of quoted fields, as nginx and Apache write them (`formats.md` 0.8).

use std::borrow::Cow;

use memchr::memchr_iter;

use crate::model::exchange::Text;

/// Where a quoted value that starts at 0 ends: at an unescaped quote that is followed by a space, by the end of the
/// line, or, failing that, at the last quote before ` NNN `.
pub fn quote_end(text: &[u8]) -> Option<usize> {
    let mut fallback = None;
    for at in memchr_iter(b'"', text) {
        if is_escaped(text, at) {
            continue;
        }
        match text.get(at + 1) {
            None => return Some(at),
            Some(b' ') => return Some(at),
            _ => fallback = Some(at),
        }
    }
    fallback
}

/// Whether the byte at `at` stands behind an odd number of backslashes.
pub fn is_escaped(text: &[u8], at: usize) -> bool {
    let backslashes = text[..at].iter().rev().take_while(|b| **b == b'\\').count();
    backslashes % 2 == 1
}

/// Undoes `\"`, `\\`, `\t`, `\n`, `\r` and `\xHH`; bytes that are not UTF-8 become replacement characters. Anything
/// else behind a backslash stays as it is.
pub fn unescape(text: &str) -> Text<'_> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let (byte, used) = match (bytes[i], bytes.get(i + 1)) {
            (b'\\', Some(b'"')) => (b'"', 2),
            (b'\\', Some(b'\\')) => (b'\\', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b'x')) => match bytes.get(i + 2..i + 4).and_then(hex_byte) {
                Some(byte) => (byte, 4),
                None => (b'\\', 1),
            },
            (byte, _) => (byte, 1),
        };
        out.push(byte);
        i += used;
    }
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(bad) => String::from_utf8_lossy(bad.as_bytes()).into_owned(),
    })
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(pair).ok()?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_inside_the_field_does_not_end_it() {
        assert_eq!(
            quote_end(br#"GET /?t=<script>alert("x")</script> HTTP/1.0" 200 5"#),
            Some(44)
        );
        assert_eq!(quote_end(br#"bad \"quoted\" agent\\" tail"#), Some(22));
        assert_eq!(quote_end(b"no end"), None);
    }

    #[test]
    fn escapes_of_both_servers_are_undone() {
        assert_eq!(
            unescape(r"bad \x22quoted\x22 agent\x5C with \x09 tab"),
            "bad \"quoted\" agent\\ with \t tab"
        );
        assert_eq!(
            unescape(r#"bad \"quoted\" agent\\ and \t tab"#),
            "bad \"quoted\" agent\\ and \t tab"
        );
        assert_eq!(unescape(r"\xE9"), "\u{fffd}");
        assert_eq!(unescape(r"\x4 \q"), r"\x4 \q");
    }
}
