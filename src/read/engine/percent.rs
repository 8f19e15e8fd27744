//! Percent signs of URLs, undone where a log adds them on top of those that were sent.

use std::borrow::Cow;

use crate::model::exchange::Text;

/// Undoes `%20` and, where the log encoded what was encoded already, `%2520`.
pub fn decode_percent(text: &str) -> Text<'_> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let once = decode(text, |_| true);
    Cow::Owned(if once.contains('%') {
        decode(&once, |_| true)
    } else {
        once
    })
}

/// Undoes only `%25` before two hexadecimal digits: the address as it was sent.
pub fn unescape_percent(text: &str) -> Text<'_> {
    if memchr::memmem::find(text.as_bytes(), b"%25").is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(decode(text, |rest| {
        rest.starts_with(b"%25") && rest.get(3..5).is_some_and(|pair| hex_byte(pair).is_some())
    }))
}

fn decode(text: &str, wanted: impl Fn(&[u8]) -> bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match pair.and_then(hex_byte).filter(|_| wanted(&bytes[at..])) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out)
        .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    Some((digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_encoded_is_undone() {
        assert_eq!(decode_percent("Mozilla/5.0%20(X11)"), "Mozilla/5.0 (X11)");
        assert_eq!(decode_percent("Mozilla/5.0%2520(X11)"), "Mozilla/5.0 (X11)");
        assert_eq!(decode_percent("100%"), "100%");
        assert_eq!(decode_percent("%E9"), "\u{fffd}");
        assert_eq!(unescape_percent("/a%2520b%20c%25zz"), "/a%20b%20c%25zz");
    }
}
