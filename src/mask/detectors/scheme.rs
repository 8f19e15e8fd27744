//! A whole `Authorization` value in a quoted field that has no name, as access logs have it: `"Token 0001…"`,
//! `"Digest username=…"`.

use crate::mask::decode::Encoding;
use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::scan::Scan;

pub(crate) const SCHEME: Detector = Detector {
    name: "bearer",
    // Those that end with `key` or `token` are met at that word.
    hints: &[
        "\"ssws ",
        "\"dpop ",
        "\"negotiate ",
        "\"ntlm ",
        "\"jwt ",
        "\"aws ",
        "\"digest ",
        "\"hawk ",
        "\"oauth ",
        "\"signature ",
        "\"hmac ",
        "\"bearer  ",
        "\"sharedaccesssignature ",
        "\"kakaoak ",
    ],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: true,
    hits: &[
        (
            r#""sdk/2" "Token 8fb34133ab74749a1995ee4d24aaa848542f9da0""#,
            "8fb34133",
        ),
        (
            r#""sdk/2" "SSWS 00x2qz9eU6Zv7qJIq8qrZnyhCtbtnCZCvAsnA0w4J4""#,
            "00x2qz9e",
        ),
    ],
    misses: &[
        r#""Token expired""#,
        r#""token 5 of 7""#,
        r#""Key not found""#,
        r#""Digest mismatch, retry""#,
        r#"{"msg":"App started"}"#,
    ],
};

/// Names of parameters are no longer than this.
const NAME_BYTES_MAX: usize = 32;
const SCHEME_BYTES_MAX: usize = 24;
/// Longer credentials stand in no access log.
const FIELD_BYTES_MAX: usize = 4096;
/// Shorter words behind the scheme are words.
const TOKEN_BYTES_MIN: usize = 16;

/// One token or a list of parameters behind the word of a scheme, up to the closing quote.
pub(crate) fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let text = place.text;
    let (start, quoted) = opening(place)?;
    let rest = &text[place.end..text.len().min(place.end + FIELD_BYTES_MAX)];
    let parameters = holds_parameters(rest);
    let end = match parameters {
        true => parameters_end(rest),
        false => rest.iter().position(|b| *b == b'"').filter(|_| quoted)?,
    };
    if !parameters && !is_token(rest[..end].trim_ascii()) {
        return None;
    }
    let end = place.end + end;
    let written = &text[start..end];
    scan.encoded(
        Encoding::Backslash,
        written,
        base + start,
        Scan::credentials,
    );
    Some(end)
}

/// Where the scheme begins, and whether a quote stands in front of it. Without one only that of WS-Security is known.
fn opening(place: &Place<'_>) -> Option<(usize, bool)> {
    let (text, end) = (place.text, place.end - 1);
    let low = place.floor.max(end.saturating_sub(SCHEME_BYTES_MAX));
    let word = |b: &&u8| b.is_ascii_alphabetic() || **b == b'-';
    let length = text[low..end].iter().rev().take_while(word).count();
    let start = end - length;
    let quoted = start > 0 && text[start - 1] == b'"';
    let known = || text[start..end].eq_ignore_ascii_case(b"usernametoken");
    (length > 0 && (quoted || known())).then_some((start, quoted))
}

fn is_token(word: &[u8]) -> bool {
    word.len() >= TOKEN_BYTES_MIN
        && word.iter().all(|b| b.is_ascii_graphic() && *b != b'\\')
        && word.iter().any(u8::is_ascii_digit)
}

fn holds_parameters(rest: &[u8]) -> bool {
    let name = rest.iter().take(NAME_BYTES_MAX);
    let name = name.take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b));
    let name = name.count();
    let value = rest.get(name..).unwrap_or_default();
    name > 1 && value.starts_with(b"=") && value.get(1).is_some_and(|b| !b"= ".contains(b))
}

/// The end of the line or the quote around the parameters; quotes inside stand behind `=`.
fn parameters_end(rest: &[u8]) -> usize {
    let mut inside = false;
    for (at, b) in rest.iter().enumerate() {
        match b {
            b'"' if at > 0 && rest[at - 1] == b'\\' => {}
            b'"' if inside => inside = false,
            b'"' if at > 0 && rest[at - 1] == b'=' => inside = true,
            b'"' | b'\n' | b'\r' | b'<' => return at,
            _ => {}
        }
    }
    rest.len()
}
