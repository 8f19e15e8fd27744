//! Percent-encoding of one segment: the spelling that is kept, and the text that rules look at.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::attribute::shapes::is_hex;

/// `None` when a byte is outside printable ASCII.
pub fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    is_printable(text.as_bytes()).then_some(text)
}

fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (0x20..0x7F).contains(byte))
}

/// As sent, with the escapes of unreserved characters undone. `None` when an escape is broken.
pub fn undo_unreserved(raw: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'%', raw.as_bytes()).is_none() {
        return Some(Cow::Borrowed(raw));
    }
    let mut parts = raw.split('%');
    let mut out = String::with_capacity(raw.len());
    out.push_str(parts.next().unwrap_or(""));
    for part in parts {
        let hex = part.get(..2).filter(|hex| is_hex(hex.as_bytes()))?;
        let byte = u8::from_str_radix(hex, 16).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
            out.push_str(&part[2..]);
        } else {
            out.push('%');
            out.push_str(part);
        }
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_are_undone() {
        assert_eq!(undo_unreserved("%41%2f%7e").as_deref(), Some("A%2f~"));
        for broken in ["%", "%4", "%zz", "%+1", "%%34%31", "%é"] {
            assert_eq!(undo_unreserved(broken), None, "{broken}");
        }
        assert_eq!(decode("a%2Fb").as_deref(), Some("a/b"));
        assert_eq!(decode("%C3%A9"), None);
        assert_eq!(decode("%FF"), None);
    }
}
