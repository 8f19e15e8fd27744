//! `Basic …` in running text: base64 of `user:password`. What does not decode to that is a word of a sentence.

use std::ops::Range;

use crate::mask::credentials::user_password;
use crate::mask::detector::{Detector, Pattern, Place};

pub(crate) const BASIC: Detector = Detector {
    name: "basic",
    hints: &["basic "],
    exact: false,
    pattern: Pattern::Credential(look),
    sure: true,
    hits: &[
        ("sent Basic Ym9iOmh1bnRlcjI= to host", "Ym9iOmh1bnRlcjI"),
        (r#"{"id":"basic Ym9iOmh1bnRlcjI"}"#, "Ym9iOmh1bnRlcjI"),
    ],
    misses: &[
        "Basic authentication",
        "Basic realm=\"x\"",
        "a basic dGVzdA== thing",
    ],
};

/// Longer user names and passwords than this are none.
const BASE64_BYTES_MAX: usize = 1024;

/// The scheme and its credential.
fn look(place: &Place<'_>) -> Option<Range<usize>> {
    let rest = &place.text[place.end..place.text.len().min(place.end + BASE64_BYTES_MAX)];
    let digits = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let run = rest.iter().take_while(digits).count();
    let padding = rest[run..]
        .iter()
        .take(2)
        .take_while(|b| **b == b'=')
        .count();
    let end = place.end + run + padding;
    user_password(&place.text[place.end..end])?;
    place.opens_word().then_some(place.start..end)
}
