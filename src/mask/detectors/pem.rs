//! PEM blocks of private keys. Certificates and public keys are public and stay.

use memchr::memmem;

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const PEM: Detector = Detector {
    name: "pem",
    hints: &["-----begin "],
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

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let label = &text[place.end..text.len().min(place.end + LABEL_BYTES_MAX)];
    let label = &label[..memmem::find(label, b"-----")?];
    memmem::find(label, b"PRIVATE KEY")?;
    let body = place.end + label.len();
    let end = memmem::find(&text[body..], b"-----END ").map_or(text.len(), |found| {
        let tail = body + found + b"-----END ".len();
        let label = &text[tail..text.len().min(tail + LABEL_BYTES_MAX)];
        memmem::find(label, b"-----").map_or(tail, |end| tail + end + 5)
    });
    Some(Found::one(Kind::Pem, place.start..end))
}
