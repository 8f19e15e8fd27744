//! `Bearer …` in running text. In an `Authorization` field the position alone decides; here the look has to.

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;
use crate::mask::value::looks_secret;

pub(crate) const BEARER: Detector = Detector {
    name: "bearer",
    // With a comma it is a protocol of a WebSocket: `graphql-ws, bearer, x`.
    hints: &["bearer ", "bearer, "],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        ("sent Bearer FAKETOKEN0000 to host", "FAKETOKEN0000"),
        (
            "Sec-WebSocket-Protocol: graphql-ws, bearer, iKIaEWO18QeXZDq81nVbiKIaEWO18QeXZDq81nVb",
            "iKIaEWO1",
        ),
        ("curl -H 'X: bearer abcDEF.ghi-123_x'", "abcDEF.ghi-123_x"),
    ],
    misses: &[
        "Bearer authentication required",
        "WWW: Bearer realm=\"api\", error=\"invalid_token\"",
        "the bearer token expired",
        "forbearer abc12345678",
        "schemes: bearer, certificates",
        "GET /cb?token_type=bearer HTTP/1.1",
    ],
};

/// Shorter words after the scheme are prose or a test.
const TOKEN_BYTES_MIN: usize = 8;
/// A run of letters this long is no word.
const WORD_BYTES_MAX: usize = 20;

fn look(place: &Place<'_>) -> Option<Found> {
    let run = token68(place.text, place.end);
    let token = &place.text[place.end..place.end + run];
    let listed = place.text[place.end - 2] == b',';
    let wordlike = (run < WORD_BYTES_MAX && !token.iter().any(u8::is_ascii_digit))
        || listed && !looks_secret(Kind::Token, token);
    // `token_type=bearer HTTP/1.1`
    let version = token.starts_with(b"HTTP/");
    if run < TOKEN_BYTES_MIN || wordlike || version || !place.opens_word() {
        return None;
    }
    Some(Found::one(Kind::Bearer, place.end..place.end + run))
}

/// The length of the run of bytes that a credential may hold (RFC 9110 token68, and what senders really use). A plain
/// word and `=` is a parameter and no credential.
fn token68(text: &[u8], at: usize) -> usize {
    let holds = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/|!:".contains(&b);
    let run = text[at..].iter().take_while(|b| holds(**b)).count();
    let padding = text[at + run..].iter().take_while(|b| **b == b'=').count();
    let next = text.get(at + run + padding);
    // A stand-in behind the sign is the value of a parameter as well.
    if padding == 0 || next.is_none_or(|b| !holds(*b) && !matches!(b, b'"' | 0xE2)) {
        return run + padding;
    }
    let word = text[at..at + run]
        .iter()
        .all(|b| b.is_ascii_alphabetic() || b"_-".contains(b));
    if word { 0 } else { run }
}
