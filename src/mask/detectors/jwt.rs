//! JSON Web Tokens, signed (three parts) and encrypted (five): base64url parts, the first of them a JSON object.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const JWT: Detector = Detector {
    name: "jwt",
    hints: &["eyj"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        (
            "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl back",
            "eyJzdWIi",
        ),
        (
            r#"{"request_id":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"}"#,
            "eyJhbGci",
        ),
    ],
    misses: &[
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9",
        "?after=eyJpZCI6MTIzfQ",
        "keyJar.open.now",
    ],
};

/// `{"alg":"x"}` in base64 is longer than this.
const HEADER_BYTES_MIN: usize = 12;
const BODY_BYTES_MIN: usize = 4;

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    if !text[place.start..].starts_with(b"eyJ") || !place.opens_word() {
        return None;
    }
    // Keys of Mapbox that are made to be published.
    if text[..place.start].ends_with(b"pk.") {
        return None;
    }
    let header = Class::Dash.run(text, place.start);
    let mut end = place.start + header;
    if header < HEADER_BYTES_MIN || text.get(end) != Some(&b'.') {
        return None;
    }
    let mut parts = 1;
    while parts < 5 && text.get(end) == Some(&b'.') {
        end += 1 + Class::Dash.run(text, end + 1);
        parts += 1;
    }
    let long = end - place.start > header + BODY_BYTES_MIN;
    long.then(|| Found::one(Kind::Jwt, place.start..end))
}
