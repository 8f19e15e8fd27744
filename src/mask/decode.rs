//! Undoing one layer of escaping, with the way back: which written bytes each decoded byte came from.
//!
//! Values are judged decoded, but only the written bytes of a secret are replaced, so everything else keeps its escapes.

use memchr::memchr;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    /// `%HH`.
    Percent,
    /// `%HH`, and `+` for a space.
    Form,
    /// `\n`, `\"`, `\u0040`, and `\x22` as nginx and Apache write it.
    Backslash,
    /// `&amp;`, `&#64;`, `&#x40;`.
    Xml,
}

/// Decoded bytes (not always UTF-8) and the positions where the two texts got out of step. Used again and again, so that
/// the bodies of a million lines need one buffer.
#[derive(Default)]
pub(crate) struct Decoded {
    pub(crate) bytes: Vec<u8>,
    /// (decoded, written) offsets right after each escape, ascending.
    marks: Vec<(usize, usize)>,
}

impl Decoded {
    /// Adds a part of the text as it stands there.
    pub(crate) fn keep(&mut self, text: &[u8], part: std::ops::Range<usize>) {
        self.marks.push((self.bytes.len(), part.start));
        self.bytes.extend_from_slice(&text[part]);
    }

    /// Adds the end of a line that stands for what is written there.
    pub(crate) fn keep_line_end(&mut self) {
        self.bytes.push(b'\n');
    }

    /// Where a decoded offset lies in the written text.
    pub(crate) fn written(&self, at: usize) -> usize {
        match self.marks.partition_point(|mark| mark.0 <= at) {
            0 => at,
            i => self.marks[i - 1].1 + (at - self.marks[i - 1].0),
        }
    }

    /// The same of the end of a span: behind its last byte, and before what was left out there.
    pub(crate) fn written_end(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |last| self.written(last) + 1)
    }
}

impl Encoding {
    /// Whether an escape stands at the start of a text.
    pub(crate) fn begins(self, text: &[u8]) -> bool {
        match self {
            Self::Plain => false,
            Self::Percent | Self::Form => percent_at(text).is_some(),
            Self::Backslash => backslash_at(text).is_some(),
            Self::Xml => entity_at(text).is_some(),
        }
    }

    /// Decodes into `out`; `false` when nothing in the text is escaped.
    pub(crate) fn decode_into(self, text: &[u8], out: &mut Decoded) -> bool {
        out.bytes.clear();
        out.marks.clear();
        match self {
            Self::Plain => false,
            Self::Percent => walk(text, b'%', percent_at, out),
            Self::Form => walk_form(text, out),
            Self::Backslash => walk(text, b'\\', backslash_at, out),
            Self::Xml => walk(text, b'&', entity_at, out),
        }
    }

    /// A text with its signs escaped; of its letters none is one.
    pub(crate) fn escape(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match is_sign(c) {
                true => self.escape_sign(c, &mut out),
                false => out.push(c),
            }
        }
        out
    }

    fn escape_sign(self, sign: char, out: &mut String) {
        let code = u32::from(sign);
        match (self, sign) {
            (Self::Percent | Self::Form, _) => out.push_str(&format!("%{code:02X}")),
            (Self::Backslash, '"' | '\\') => out.extend(['\\', sign]),
            (Self::Backslash, '\n') => out.push_str("\\n"),
            (Self::Backslash, '\r') => out.push_str("\\r"),
            (Self::Backslash, '\t') => out.push_str("\\t"),
            (Self::Backslash, '\0'..' ') => out.push_str(&format!("\\u{code:04x}")),
            (Self::Xml, '"') => out.push_str("&quot;"),
            (Self::Xml, '&') => out.push_str("&amp;"),
            (Self::Xml, '<') => out.push_str("&lt;"),
            (Self::Xml, '\n' | '\r' | '\t') => out.push_str(&format!("&#{code};")),
            _ => out.push(sign),
        }
    }

    /// The decoded form; `None` when nothing in the text is escaped.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Decoded> {
        let mut out = Decoded::default();
        self.decode_into(text, &mut out).then_some(out)
    }
}

/// What one of the encodings may not leave as it is.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c, '"' | '\\' | '%' | '&' | '<' | '>' | '#' | '\0'..=' ')
}

/// One escape: what it stands for and how many bytes it takes.
type Escape = (char_bytes::Bytes, usize);

/// Up to four bytes by value, so that decoding an escape allocates nothing.
mod char_bytes {
    pub(super) struct Bytes {
        held: [u8; 4],
        len: usize,
    }

    impl Bytes {
        pub(super) fn byte(byte: u8) -> Self {
            Self {
                held: [byte, 0, 0, 0],
                len: 1,
            }
        }

        pub(super) fn char(c: char) -> Self {
            let mut held = [0; 4];
            let len = c.encode_utf8(&mut held).len();
            Self { held, len }
        }

        pub(super) fn push_to(&self, out: &mut Vec<u8>) {
            match self.len {
                1 => out.push(self.held[0]),
                len => out.extend_from_slice(&self.held[..len]),
            }
        }
    }
}

use char_bytes::Bytes;

/// Generic, so that each sign gets a loop of its own with its decoder inside. Escapes come close together where there
/// are any, so after the first one a plain loop is faster than a search by vectors.
fn walk(
    text: &[u8],
    sign: u8,
    at_sign: impl Fn(&[u8]) -> Option<Escape>,
    out: &mut Decoded,
) -> bool {
    let Some(mut at) = memchr(sign, text) else {
        return false;
    };
    out.bytes.reserve(text.len());
    let mut copied = 0;
    while at < text.len() {
        let Some((value, len)) = at_sign(&text[at..]) else {
            at = next(text, at + 1, sign);
            continue;
        };
        out.bytes.extend_from_slice(&text[copied..at]);
        value.push_to(&mut out.bytes);
        copied = at + len;
        out.marks.push((out.bytes.len(), copied));
        at = next(text, copied, sign);
    }
    out.bytes.extend_from_slice(&text[copied..]);
    !out.marks.is_empty()
}

/// Where the sign stands next, or the end.
fn next(text: &[u8], from: usize, sign: u8) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != sign {
        at += 1;
    }
    at.min(text.len())
}

fn walk_form(text: &[u8], out: &mut Decoded) -> bool {
    if memchr(b'+', text).is_none() {
        return walk(text, b'%', percent_at, out);
    }
    let spaced: Vec<u8> = text
        .iter()
        .map(|b| if *b == b'+' { b' ' } else { *b })
        .collect();
    if !walk(&spaced, b'%', percent_at, out) {
        out.bytes = spaced;
    }
    true
}

fn percent_at(text: &[u8]) -> Option<Escape> {
    Some((Bytes::byte(hex2(text.get(1..3)?)?), 3))
}

fn backslash_at(text: &[u8]) -> Option<Escape> {
    let simple = match text.get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b @ (b'"' | b'\\' | b'/' | b'\'') => *b,
        b'x' => return Some((Bytes::byte(hex2(text.get(2..4)?)?), 4)),
        b'u' => return unicode_at(text),
        _ => return None,
    };
    Some((Bytes::byte(simple), 2))
}

/// `\uXXXX`, or two of them as a surrogate pair; half a pair becomes the replacement character.
fn unicode_at(text: &[u8]) -> Option<Escape> {
    let unit = hex4(text.get(2..6)?)?;
    if (0xD800..0xDC00).contains(&unit)
        && text.get(6..8) == Some(b"\\u")
        && let Some(low) = text.get(8..12).and_then(hex4)
        && (0xDC00..0xE000).contains(&low)
    {
        let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        return Some((Bytes::char(char::from_u32(code)?), 12));
    }
    let c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((Bytes::char(c), 6))
}

/// The longest entity that is looked at; named ones beyond the five of XML are left as they are.
const ENTITY_BYTES_MAX: usize = 12;

fn entity_at(text: &[u8]) -> Option<Escape> {
    let head = &text[..text.len().min(ENTITY_BYTES_MAX)];
    let end = memchr(b';', head)?;
    let name = std::str::from_utf8(&head[1..end]).ok()?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "commat" => '@',
        _ => number_entity(name.strip_prefix('#')?)?,
    };
    Some((Bytes::char(c), end + 1))
}

fn number_entity(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    char::from_u32(code.ok()?)
}

fn hex2(digits: &[u8]) -> Option<u8> {
    Some((hex(digits[0])? << 4) | hex(digits[1])?)
}

fn hex4(digits: &[u8]) -> Option<u32> {
    Some((u32::from(hex2(&digits[..2])?) << 8) | u32::from(hex2(&digits[2..])?))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|d| d as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: Encoding, written: &str, decoded: &str) {
        let got = encoding.decode(written.as_bytes()).expect("has escapes");
        assert_eq!(String::from_utf8_lossy(&got.bytes), decoded);
        assert_eq!(got.written(got.bytes.len()), written.len());
    }

    #[test]
    fn each_encoding_is_undone() {
        check(Encoding::Percent, "jane%40x.de%2", "jane@x.de%2");
        check(Encoding::Form, "a+b%2Bc", "a b+c");
        check(Encoding::Form, "a+b", "a b");
        check(Encoding::Backslash, r"a\u0040b\x22\n\\", "a@b\"\n\\");
        check(Encoding::Backslash, r"\ud83d\ude00 \ud83d", "😀 \u{fffd}");
        check(Encoding::Xml, "a&#64;b&#x40;c&amp;d&nope;", "a@b@c&d&nope;");
    }

    #[test]
    fn a_decoded_span_finds_its_written_bytes() {
        let written = "q=%22jane%40x.de%22&";
        let got = Encoding::Percent.decode(written.as_bytes()).expect("some");
        let (from, to) = (3, 3 + "jane@x.de".len());
        assert_eq!(&got.bytes[from..to], b"jane@x.de");
        assert_eq!(&written[got.written(from)..got.written(to)], "jane%40x.de");
    }

    #[test]
    fn text_without_escapes_is_not_copied() {
        for encoding in [
            Encoding::Plain,
            Encoding::Percent,
            Encoding::Form,
            Encoding::Xml,
        ] {
            assert!(encoding.decode(b"100% of it & all").is_none());
        }
    }
}
