//! Where names and values begin and end in text that nobody has parsed: quotes, escapes, punctuation, prose.

use std::ops::Range;

use memchr::memchr;

use crate::mask::address;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::value::{JUDGED_BYTES_MAX, PHONE_DIGITS_MIN};

const NAME_BYTES_MAX: usize = 64;
/// Quotes and the escapes in front of them, as nested JSON in text has: `\\\"`.
const QUOTE_BYTES_MAX: usize = 16;

/// Addresses and phone numbers are no longer than this.
const SHORT_BYTES_MAX: usize = 64;
/// The longest date or code that is hidden by stars in text.
const HIDDEN_BYTES_MAX: usize = 32;

/// Words that follow a name in a sentence: `invalid token: must be …`.
const PROSE: &[&str] = &[
    "a",
    "an",
    "and",
    "are",
    "be",
    "can",
    "cannot",
    "could",
    "did",
    "does",
    "expected",
    "expired",
    "failed",
    "for",
    "has",
    "have",
    "if",
    "in",
    "incorrect",
    "invalid",
    "is",
    "it",
    "length",
    "malformed",
    "mismatch",
    "missing",
    "must",
    "no",
    "not",
    "of",
    "or",
    "please",
    "required",
    "should",
    "the",
    "this",
    "to",
    "too",
    "unable",
    "unauthorized",
    "unexpected",
    "unknown",
    "value",
    "was",
    "will",
    "with",
    "wrong",
    "you",
    "your",
];

/// The name in front of a separator, quotes and one blank between aside.
pub(crate) fn name_before(text: &[u8], floor: usize, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    if end > floor && text[end - 1] == b' ' {
        end -= 1;
    }
    if end > floor && !in_name(text[end - 1]) {
        let quotes = |b: &&u8| matches!(b, b'"' | b'\'' | b'\\' | b'`');
        let low = floor.max(end.saturating_sub(QUOTE_BYTES_MAX));
        end -= text[low..end].iter().rev().take_while(quotes).count();
    }
    let low = floor.max(end.saturating_sub(NAME_BYTES_MAX));
    let mut start = end;
    let mut letters = false;
    while start > low && in_name(text[start - 1]) {
        start -= 1;
        letters |= text[start].is_ascii_alphabetic();
    }
    letters.then_some(start..end)
}

fn in_name(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'[' | b']' | b'(' | b')' | b'%' | b'$')
}

/// Where a value begins and what closes it; an empty closer is an unquoted value.
pub(crate) struct Value<'t> {
    pub(crate) start: usize,
    pub(crate) closer: &'t [u8],
}

pub(crate) fn value_after(text: &[u8], at: usize) -> Option<Value<'_>> {
    let mut start = at + 1;
    // Ruby's `=>`, Go's `:=` is met at its `=`, and one or two blanks.
    start += usize::from(text[at] == b'=' && text.get(start) == Some(&b'>'));
    start += text[start..]
        .iter()
        .take(2)
        .take_while(|b| **b == b' ')
        .count();
    start += usize::from(text.get(start) == Some(&b'['));
    let prefixed = matches!(
        text.get(start..start + 2),
        Some([b'b' | b'u' | b'r', b'"' | b'\''])
    );
    start += usize::from(prefixed);
    let rest = &text[start.min(text.len())..];
    let slashes = rest
        .iter()
        .take(QUOTE_BYTES_MAX)
        .take_while(|b| **b == b'\\')
        .count();
    match rest.get(slashes) {
        None | Some(b'{') => None,
        Some(quote @ (b'"' | b'\'')) => {
            // `""x""` is a quoted value inside a quoted CSV field, `""` before anything else is an empty one.
            let twice = slashes == 0 && *quote == b'"' && rest.get(1) == Some(quote);
            let filled = rest.get(2).is_some_and(|b| !b",}] \t\r\n&;".contains(b));
            let closer = &rest[..slashes + 1 + usize::from(twice && filled)];
            Some(Value {
                start: start + closer.len(),
                closer,
            })
        }
        Some(_) => Some(Value { start, closer: b"" }),
    }
}

/// The end of a quoted value: the closer as it opened, not escaped any further. Cut-off text ends it too.
pub(crate) fn closing(text: &[u8], start: usize, closer: &[u8]) -> usize {
    let Some((quote, slashes)) = closer.split_last() else {
        return start;
    };
    let doubled = slashes.first() == Some(quote);
    let mut from = start;
    while let Some(found) = memchr(*quote, &text[from..]) {
        let at = from + found;
        let before = text[start..at]
            .iter()
            .rev()
            .take_while(|b| **b == b'\\')
            .count();
        let closes = match doubled {
            true => text.get(at + 1) == Some(quote),
            false => before == slashes.len() || slashes.is_empty() && before % 2 == 0,
        };
        if closes {
            return if doubled { at } else { at - slashes.len() };
        }
        from = at + 1;
    }
    text.len()
}

/// The end of a value without quotes: blank, `&`, `;`, a quote, a bracket of markup, an escaped line end, a comma
/// before something new. Punctuation at its end belongs to the sentence.
fn unquoted(text: &[u8], start: usize) -> usize {
    let mut end = start;
    while let Some(b) = text.get(end) {
        let next = text.get(end + 1);
        let stops = match b {
            b'&' | b';' | b'"' | b'\'' | b'<' | b'>' | b'|' | b'`' => true,
            // A stand-in ends what stands before it just as the value did that it replaced.
            b'\\' => next.is_none_or(|b| b"rntux\"'\\\xE2".contains(b)),
            b',' => next.is_none_or(|b| {
                b.is_ascii_whitespace() || b.is_ascii_alphabetic() || b"\"\xE2".contains(b)
            }),
            b => b.is_ascii_whitespace(),
        };
        if stops {
            break;
        }
        end += 1;
    }
    let tail = text[start..end]
        .iter()
        .rev()
        .take_while(|b| b")]},.:!?#".contains(b))
        .count();
    end - tail
}

/// The end of a header's value in text: the end of the line or of the quotes around the header. A quote behind `=` is
/// one of a parameter: `Digest username="x"`.
fn header_end(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(b) = text.get(at) {
        match b {
            b'"' if at > 0 && text[at - 1] == b'=' => {
                at += 1 + memchr(b'"', &text[at + 1..]).unwrap_or(text.len() - at - 1);
            }
            // Java's wire log ends lines with `[\r][\n]`.
            b'[' if text.get(at + 1) == Some(&b'\\') => return at,
            b'\r' | b'\n' | b'"' | b'\'' | b'\\' | b'<' => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// `1.2.3.4, 5.6.7.8`: goes on over the blank as long as addresses follow.
fn address_list(text: &[u8], start: usize, end: usize) -> usize {
    let mut end = end;
    while end > start && text.get(end..end + 2) == Some(b", ") {
        let rest = text[end + 2..].iter().take(SHORT_BYTES_MAX);
        let token = rest
            .take_while(|b| b.is_ascii_hexdigit() || b".:[]".contains(b))
            .count();
        if address::parse(&text[end + 2..end + 2 + token]).is_none() {
            break;
        }
        end += 2 + token;
    }
    end
}

/// Whether the name in front of `=` stands behind the `?` or `&` of a query, where `'` and `;` are part of a value:
/// browsers and most clients leave them as they are.
fn in_query(text: &[u8], start: usize) -> bool {
    let head = &text[start.saturating_sub(NAME_BYTES_MAX)..start.saturating_sub(1)];
    let before = head.iter().rev().find(|b| !in_name(**b));
    matches!(before, Some(b'?' | b'&'))
}

/// The end of a value of a query; a quote or bracket around the whole address is none of it.
fn query_end(text: &[u8], start: usize) -> usize {
    let stops = |b: &u8| b.is_ascii_whitespace() || b"&#\"<>\\`|\xE2".contains(b);
    let rest = &text[start..];
    let end = rest.iter().position(stops).unwrap_or(rest.len());
    let tail = rest[..end].iter().rev();
    start + end - tail.take_while(|b| b"')]},.;:!".contains(b)).count()
}

/// `Stripe-Signature: t=1690000000,v1=…`: what commas join belongs to it.
fn signature_end(text: &[u8], end: usize) -> usize {
    let mut end = end;
    while text.get(end) == Some(&b',') {
        let next = unquoted(text, end + 1);
        if !holds_pair(&text[end + 1..next]) {
            break;
        }
        end = next;
    }
    end
}

/// Where a value without quotes ends; `None` when it is none. Only a value that is then taken may be long: one that is
/// looked at and left would be looked at again from the next separator inside it.
pub(crate) fn bare_end(
    policy: Policy,
    text: &[u8],
    start: usize,
    equals: bool,
    spaced: bool,
) -> Option<usize> {
    let rest = &text[start..];
    let max = match policy {
        Policy::Credentials | Policy::Cookies | Policy::SetCookie => {
            let end = header_end(rest);
            return (end > 0).then_some(start + end);
        }
        Policy::ClientAddress | Policy::Mask(Kind::Phone) => SHORT_BYTES_MAX,
        Policy::Hide => HIDDEN_BYTES_MAX,
        Policy::Judge(_) | Policy::JudgeInQuery(_) => JUDGED_BYTES_MAX,
        Policy::Mask(Kind::User) if matches!(rest.first(), Some(b'/' | b'(')) => return None,
        _ => usize::MAX,
    };
    let windowed = max < usize::MAX;
    let window = &text[..text.len().min(start.saturating_add(max))];
    let end = match equals && in_query(text, start) {
        true => query_end(window, start),
        false => unquoted(window, start),
    };
    let written = &text[start..end];
    // What reaches out of its window is no value of that kind; cutting it would leave the rest.
    let cut = windowed && (end == window.len() && end < text.len() || written.contains(&0xE2));
    if written.is_empty() || cut || spaced && is_prose(written) {
        return None;
    }
    let digits = written.iter().filter(|b| b.is_ascii_digit()).count();
    let all_digits = digits == written.len();
    let value = match policy {
        Policy::ClientAddress => return Some(address_list(text, start, end)),
        Policy::Judge(_) => equals || spaced,
        // `zip: archive.zip` is no post code.
        Policy::Hide => digits > 0,
        Policy::Mask(kind) if all_digits => {
            kind.number_digits_min().is_some_and(|min| digits >= min)
        }
        Policy::Mask(Kind::Phone) => digits >= PHONE_DIGITS_MIN,
        // `user:email` is a scope, `user:bob` a search term.
        Policy::Mask(Kind::User) => equals || spaced,
        Policy::Mask(Kind::Signature) => return Some(signature_end(text, end)),
        // In a sentence the next thing after the colon may be a parameter: `token: request_id=…`.
        Policy::Mask(_) => equals || !spaced || !holds_pair(written),
        _ => true,
    };
    value.then_some(end)
}

fn is_prose(written: &[u8]) -> bool {
    PROSE
        .iter()
        .any(|word| written.eq_ignore_ascii_case(word.as_bytes()))
}

fn holds_pair(written: &[u8]) -> bool {
    memchr(b'=', written)
        .is_some_and(|at| at > 0 && written.get(at + 1).is_some_and(|b| *b != b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, value: &str) {
        let at = text.find(['=', ':']).expect("a separator");
        let found = name_before(text.as_bytes(), 0, at).expect("a name");
        assert_eq!(&text[found], name);
        let Value { start, closer } = value_after(text.as_bytes(), at).expect("a value");
        let end = match closer {
            b"" => unquoted(text.as_bytes(), start),
            closer => closing(text.as_bytes(), start, closer),
        };
        assert_eq!(&text[start..end], value, "{text}");
    }

    #[test]
    fn names_and_values_are_found_in_every_dress() {
        check("x?password=hunter2&b=1", "password", "hunter2");
        check("password = hunter2.", "password", "hunter2");
        check(
            r#"{"password": "hun\"ter2", "x""#,
            "password",
            r#"hun\"ter2"#,
        );
        check(r#"{\"password\":\"hunter2\",\"x\""#, "password", "hunter2");
        check(
            r#""{""password"":""hunter2"",""x"":1}""#,
            "password",
            "hunter2",
        );
        check("{'password': b'hunter2'}", "password", "hunter2");
        check("{password=>\"hunter2\"}", "password", "hunter2");
        check(r#"{"password": "cut of"#, "password", "cut of");
        check("password:hunter2,host:x", "password", "hunter2");
        check("user%5Bpassword%5D=a%26b", "user%5Bpassword%5D", "a%26b");
    }

    #[test]
    fn times_and_ports_have_no_name() {
        assert!(name_before(b"at 03:51:46", 0, 5).is_none());
        assert!(name_before(b"=x", 0, 0).is_none());
    }
}
