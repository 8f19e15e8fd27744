//! What a name means by where it stands, whatever it says elsewhere: the name of an error, of a resource, the end of
//! base64, a parameter of a router's line.

use std::ops::Range;

use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::prose::names_error;

/// Names that mean something as a parameter of a line only: `fwd="1.2.3.4"` of a router, `for=` of `Forwarded`.
const CLIENTS: &[&[u8]] = &[b"fwd", b"for"];
/// The digits of an account in a resource name of a cloud: `arn:aws:…:123456789012:secret:name`.
const ACCOUNT_DIGITS: usize = 12;
/// No name is a run of digits and letters of both cases this long, but the end of base64 is.
const RUN_BYTES_MIN: usize = 16;

/// What a name means by where it stands, whatever it says elsewhere.
pub(crate) fn special(text: &[u8], name: Range<usize>, at: usize) -> Option<Policy> {
    let equals = text[at] == b'=';
    let client = || {
        CLIENTS
            .iter()
            .any(|n| text[name.clone()].eq_ignore_ascii_case(n))
    };
    if equals {
        return client().then_some(Policy::ClientAddress);
    }
    let spaced = matches!(text.get(at + 1), Some(b' ' | b'+'));
    let told = spaced && names_error(&text[name.clone()]) || is_resource(text, name.start);
    told.then_some(Policy::Scan)
}

/// Whether a name is the type in the name of a resource.
fn is_resource(text: &[u8], start: usize) -> bool {
    let Some(before) = text[..start].strip_suffix(b":") else {
        return false;
    };
    // The region stands in front, or nothing between its colons: longer numbers are those of telephones and cards.
    let account = before.last_chunk::<{ ACCOUNT_DIGITS + 1 }>();
    account.is_some_and(|account| account[0] == b':' && account[1..].iter().all(u8::is_ascii_digit))
}

/// `…3ePw==`: the padding of base64 behind what only looks like a name.
pub(crate) fn is_padding(text: &[u8], name: Range<usize>, at: usize) -> bool {
    let ends = |b: Option<&u8>| b.is_none_or(|b| b"\"' ,;:]})&<\\\r\n".contains(b));
    let (first, second) = (text.get(at + 1), text.get(at + 2));
    let name = &text[name];
    let has = |class: fn(&u8) -> bool| name.iter().any(class);
    let run = name.len() >= RUN_BYTES_MIN
        && name.iter().all(u8::is_ascii_alphanumeric)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit);
    first == Some(&b'=') && ends(second) || run && ends(first)
}

/// How the value of a signature goes on: with parameters of its own, or as one.
pub(crate) fn signed(value: &[u8]) -> Option<Policy> {
    let name = value
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let quoted = value[name..].starts_with(b"=\"");
    // The parameters of a shared access signature are those of a query.
    let shared = matches!(&value[..name], b"sv" | b"sr" | b"ss" | b"sp" | b"se");
    match (shared && value.get(name) == Some(&b'='), name > 0 && quoted) {
        (true, _) => None,
        (_, true) => Some(Policy::Credentials),
        _ => Some(Policy::Mask(Kind::Signature)),
    }
}
