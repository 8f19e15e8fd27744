//! Which errors are the same: status, code, and the message with its changing parts taken out.
//!
//! Computed from masked text only, so a fingerprint can be stored, shown and sent.

use std::borrow::Cow;
use std::hash::Hasher;

use memchr::memchr;
use twox_hash::XxHash64;

use crate::mask::placeholder::stand_in_at;
use crate::mask::uuid::is_uuid;

/// What stands where a part changes from one occurrence to the next.
const ANY: &str = "<*>";
/// How much of a body stands for a message that is missing.
const BODY_BYTES_MAX: usize = 256;
const QUOTED_BYTES_MAX: usize = 200;
const HEX_BYTES_MIN: usize = 8;

/// A stable hash of an error; the seed and the order of the parts are part of the stored format.
pub(crate) fn fingerprint(
    status: Option<u16>,
    code: Option<&str>,
    message: Option<&str>,
    body: Option<&str>,
) -> i64 {
    let text =
        message.or_else(|| body.map(|body| &body[..body.floor_char_boundary(BODY_BYTES_MAX)]));
    let mut hash = XxHash64::with_seed(0);
    hash.write(&status.unwrap_or_default().to_le_bytes());
    hash.write(code.unwrap_or_default().as_bytes());
    hash.write(&[0xFF]);
    hash.write(text.map(template).unwrap_or_default().as_bytes());
    hash.finish().cast_signed()
}

/// The message with ids, numbers, quoted parts, addresses and stand-ins replaced.
pub(crate) fn template(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut at, mut done) = (0, 0);
    while at < bytes.len() {
        let end = changing_part(bytes, at);
        if end > at {
            out.push_str(&text[done..at]);
            out.push_str(ANY);
            at = end;
            done = end;
        } else {
            at += word(bytes, at).max(1);
        }
    }
    match done {
        0 => Cow::Borrowed(text),
        _ => {
            out.push_str(&text[done..]);
            Cow::Owned(out)
        }
    }
}

/// Where the changing part that begins at `at` ends; `at` itself when none does.
fn changing_part(text: &[u8], at: usize) -> usize {
    match text[at] {
        b'"' | b'\'' => quoted(text, at),
        0xE2 => stand_in_at(text, at).map_or_else(|| cut_stand_in(text, at), |span| span.end),
        b if b.is_ascii_alphanumeric() => {
            let end = at + word(text, at);
            let inside = &text[at..end];
            if is_uuid(&text[at..text.len().min(at + 36)]) {
                at + 36
            } else if text.get(end) == Some(&b'@') {
                address(text, end)
            } else if is_hex(inside) {
                end
            } else {
                number(text, at)
            }
        }
        _ => at,
    }
}

fn word(text: &[u8], at: usize) -> usize {
    text[at..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count()
}

/// A short quoted part. An apostrophe inside a word opens none.
fn quoted(text: &[u8], at: usize) -> usize {
    let inside_word = at > 0 && text[at - 1].is_ascii_alphanumeric();
    let part = &text[at + 1..text.len().min(at + 1 + QUOTED_BYTES_MAX)];
    match memchr(text[at], part) {
        // A JSON key is what makes a message what it is.
        Some(end) if !inside_word && text.get(at + end + 2) != Some(&b':') => at + end + 2,
        _ => at,
    }
}

/// A stand-in that the end of the text cut off.
fn cut_stand_in(text: &[u8], at: usize) -> usize {
    let open = text[at..].starts_with("‹".as_bytes()) && text.len() - at < 48;
    if open && !text[at..].contains(&b' ') {
        text.len()
    } else {
        at
    }
}

fn address(text: &[u8], at: usize) -> usize {
    let domain = text[at + 1..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
        .count();
    at + 1 + domain
}

fn is_hex(word: &[u8]) -> bool {
    word.len() >= HEX_BYTES_MIN
        && word.iter().all(u8::is_ascii_hexdigit)
        && word.iter().any(u8::is_ascii_digit)
}

/// A number, also a decimal one or a time; `v2` and `utf8` are words.
fn number(text: &[u8], at: usize) -> usize {
    let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = at + digits;
    while digits > 0 && text.get(end).is_some_and(|b| b".:,-".contains(b)) {
        let more = text[end + 1..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if more == 0 {
            break;
        }
        end += 1 + more;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_taken_out() {
        for (text, expected) in [
            ("order 1234 not found", "order <*> not found"),
            (
                "no contact 6d2a95db-7eef-46c4-84d0-3d704d8721cd.",
                "no contact <*>.",
            ),
            ("trace 58e03b8e04e284370dd5 lost", "trace <*> lost"),
            ("can't find \"Orders_2\" in 'x y'", "can't find <*> in <*>"),
            ("took 12.5s at 03:51:46", "took <*>s at <*>"),
            ("utf8 v2 limit", "utf8 v2 limit"),
            (
                "user ‹email:ab12:aaaaaaaaaaaaaaaaaaaa› gone",
                "user <*> gone",
            ),
            ("user ‹email:ab", "user <*>"),
            ("mail jane@example.com bounced", "mail <*> bounced"),
            ("req_caba3228ac6d47", "req_<*>"),
            (
                r#"{"message":"Rate limit","errorcode":50100}"#,
                r#"{"message":<*>,"errorcode":<*>}"#,
            ),
            ("", ""),
        ] {
            assert_eq!(template(text), expected);
        }
    }

    #[test]
    fn equal_templates_are_one_kind_and_status_tells_them_apart() {
        let one = fingerprint(Some(500), Some("X"), Some("order 1 failed"), None);
        assert_eq!(
            one,
            fingerprint(Some(500), Some("X"), Some("order 22 failed"), Some("b"))
        );
        assert_ne!(
            one,
            fingerprint(Some(502), Some("X"), Some("order 1 failed"), None)
        );
        assert_ne!(
            one,
            fingerprint(Some(500), None, Some("Xorder 1 failed"), None)
        );
        assert_eq!(
            fingerprint(None, None, None, Some("order 1 failed")),
            fingerprint(None, None, Some("order 2 failed"), None)
        );
    }

    #[test]
    fn the_hash_is_the_one_that_was_stored_before() {
        assert_eq!(
            fingerprint(Some(429), Some("50100"), Some("Rate limit exceeded"), None),
            STORED
        );
    }

    /// Stored fingerprints are compared with computed ones, so this may change only with the schema version.
    const STORED: i64 = -6_976_099_203_558_353_195;
}
