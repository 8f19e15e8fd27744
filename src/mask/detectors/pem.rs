//! PEM blocks of private keys. Certificates and public keys are public and stay.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;
use crate::mask::placeholder::stand_in_at;
use crate::mask::together::is_body;

pub(crate) const PEM: Detector = Detector {
    name: "pem",
    hints: &["-----begin ", "-----begin+"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        (
            "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADAN\n-----END PRIVATE KEY-----",
            "MIIB",
        ),
        (
            r"-----BEGIN RSA PRIVATE KEY-----\nMIIBVQIBADAN\n-----END RSA PRIVATE KEY-----",
            "MIIB",
        ),
        ("cut off: -----BEGIN EC PRIVATE KEY-----\nMIIBVQ", "MIIB"),
    ],
    misses: &[
        "-----BEGIN CERTIFICATE-----\nMIIBVQ\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBVQ\n-----END PUBLIC KEY-----",
    ],
};

/// The label, such as `ENCRYPTED PRIVATE KEY`, ends within this.
const LABEL_BYTES_MAX: usize = 48;
/// A key of 16,384 bits takes 13,000 bytes, and more where every line has the dress of a log.
const BODY_BYTES_MAX: usize = 64 << 10;

/// The label stays: it tells what kind of key it was, and is no secret.
fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let label = &text[place.end..text.len().min(place.end + LABEL_BYTES_MAX)];
    let label = &label[..memmem::find(label, b"-----")?];
    let private =
        memmem::find(label, b"PRIVATE KEY").or_else(|| memmem::find(label, b"PRIVATE+KEY"));
    private?;
    let start = place.end + label.len() + 5;
    let window = &text[start..text.len().min(start + BODY_BYTES_MAX)];
    let body = match memmem::find(window, b"-----END") {
        Some(end) if memmem::find(&window[..end], b"-----BEGIN").is_none() => &window[..end],
        _ => &window[..cut_off(window)],
    };
    let lead = leading(body);
    let body = &body[lead..];
    let length = body.len() - trailing(body);
    let start = start + lead;
    (length > 0 && stand_in_at(text, start).is_none())
        .then(|| Found::one(Kind::Pem, start..start + length))
}

/// Whether a whole value is a private key with its label.
pub(crate) fn is_key(value: &[u8]) -> bool {
    let head = &value[..value.len().min(LABEL_BYTES_MAX)];
    head.starts_with(b"-----BEGIN") && memmem::find(head, b"PRIVATE").is_some()
}

/// The base64 of a key, however its lines end and with or without its label: one key has one stand-in.
pub(crate) fn canonical(value: &[u8]) -> Cow<'_, [u8]> {
    let mut body = value;
    if is_key(value) {
        let label = memmem::find(&value[5..], b"-----").map_or(value.len(), |end| 5 + end + 5);
        body = &value[label..];
    }
    body = &body[..memmem::find(body, b"-----END").unwrap_or(body.len())];
    let mut signs = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(b) = body.get(at) {
        at += match b {
            b'\\' => 2,
            b'%' => 3,
            _ => 1,
        };
        if b.is_ascii_alphanumeric() || b"+/=".contains(b) {
            signs.push(*b);
        }
    }
    Cow::Owned(signs)
}

/// How much of a text is lines of base64: a key that was cut off ends with them.
fn cut_off(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let raw = memchr(b'\n', rest).map(|end| end + 1);
        let escaped = memmem::find(&rest[..raw.unwrap_or(rest.len())], b"\\n").map(|end| end + 2);
        let end = escaped.or(raw).unwrap_or(rest.len());
        // The last piece may end with the quote of what holds it.
        let line = &rest[..end];
        let line = &line[..memchr2(b'"', b'\'', line)
            .filter(|_| end == rest.len())
            .unwrap_or(line.len())];
        if !is_body(line) {
            break;
        }
        at += line.len();
        if line.len() < end {
            break;
        }
    }
    at
}

/// Line ends, blanks and escapes in front of the base64.
fn leading(body: &[u8]) -> usize {
    let mut at = 0;
    while let Some(b) = body.get(at) {
        at += match b {
            b'\\' => 1 + usize::from(matches!(body.get(at + 1), Some(b'r' | b'n'))),
            b'%' if matches!(body[at..], [_, b'0', b'A' | b'D' | b'a' | b'd', ..]) => 3,
            b if b.is_ascii_whitespace() || b"\"',>".contains(b) => 1,
            _ => break,
        };
    }
    at.min(body.len())
}

/// The same behind it.
fn trailing(body: &[u8]) -> usize {
    const ESCAPES: [&[u8]; 6] = [b"\\n", b"\\r", b"%0A", b"%0D", b"%0a", b"%0d"];
    let mut end = body.len();
    loop {
        let rest = &body[..end];
        let escape = ESCAPES.iter().find(|escape| rest.ends_with(escape));
        match (escape, rest.last()) {
            (Some(escape), _) => end -= escape.len(),
            (None, Some(b)) if b.is_ascii_whitespace() || b"\\\"',>".contains(b) => end -= 1,
            _ => return body.len() - end,
        }
    }
}
