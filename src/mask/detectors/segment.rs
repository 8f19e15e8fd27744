//! Segments of a path behind a word that says what they are: `/reset-password/x`, `/ssn/123-45-6789`.

use std::ops::Range;

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::detectors::iban;
use crate::mask::kind::Kind;
use crate::mask::value::looks_secret;

pub(crate) const SEGMENT: Detector = Detector {
    name: "token",
    hints: &[
        "/ssn/",
        "/msisdn/",
        "/phone/",
        "/iban/",
        "/reset-password/",
        "/reset_password/",
        "/password-reset/",
        "/password_reset/",
        "/password/reset/",
        "/magic/",
        "/magic-link/",
        "/magiclink/",
        "/token/",
        "/tokens/",
        "/access_token/",
        "/access-token/",
        "/apikey/",
        "/api-key/",
        "/api_key/",
        "/sessions/",
        "/session/",
        "/secret/",
        "/invite/",
        "/unsubscribe/",
    ],
    exact: false,
    pattern: Pattern::Look(look),
    sure: false,
    hits: &[
        (
            "GET /reset-password/iKIaEWO18QeXZDq81nVbiKIaEWO18QeXZDq81nVb HTTP/1.1",
            "iKIaEWO",
        ),
        (
            "GET /v1/sessions/iKIaEWO18QeXZDq81nVbiKIaEWO18QeXZDq81nVb HTTP/1.1",
            "iKIaEWO",
        ),
        (
            "GET /access_token/iKIaEWO18QeXZDq81nVb/info HTTP/1.1",
            "iKIaEWO",
        ),
    ],
    misses: &[
        "GET /reset-password/confirm HTTP/1.1",
        "GET /v1/sessions/6d2a95db-7eef-46c4-84d0-3d704d8721cd HTTP/1.1",
        "GET /v1/sessions/0af7651916cd43dd8448eb211c80319c HTTP/1.1",
        "GET /v1/tokens/validate-all-2024 HTTP/1.1",
        "GET /phone/12345/calls HTTP/1.1",
    ],
};

/// Shorter segments are ids.
const SECRET_BYTES_MIN: usize = 20;
/// What a number of a telephone has in a path, where nothing else tells it from an id.
const PHONE_DIGITS: Range<usize> = 9..16;
const SSN_DIGITS: usize = 9;

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let start = place.end;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"/?#;&\"'<>,\\)]}|\xE2".contains(b);
    let rest = &text[start..];
    let end = start + rest.iter().position(ends).unwrap_or(rest.len());
    let segment = &text[start..end];
    let word = text[place.start + 1..start - 1].to_ascii_lowercase();
    let digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    let number = segment
        .iter()
        .all(|b| b.is_ascii_digit() || b"+-.%".contains(b));
    let kind = match &word[..] {
        b"ssn" => (number && digits == SSN_DIGITS).then_some(Kind::Identity),
        b"msisdn" | b"phone" => (number && PHONE_DIGITS.contains(&digits)).then_some(Kind::Phone),
        b"iban" => (iban::whole(text, start) == Some(end)).then_some(Kind::Identity),
        b"sessions" | b"session" | b"tokens" | b"invite" => {
            (is_secret(segment) && is_mixed(segment)).then_some(Kind::Token)
        }
        _ => is_secret(segment).then_some(Kind::Token),
    };
    Some(Found::one(kind?, start..end))
}

fn is_secret(segment: &[u8]) -> bool {
    segment.len() >= SECRET_BYTES_MIN && looks_secret(Kind::Token, segment)
}

/// Letters of both cases and digits, as ids of hex or words do not have.
fn is_mixed(segment: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| segment.iter().any(class);
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}
