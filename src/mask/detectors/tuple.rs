//! A name and its value in brackets: `('password', 'x')` of Python, `("password", "x")` of Rust.

use crate::mask::decode::Encoding;
use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::extent::{NAME_BYTES_MAX, closing};
use crate::mask::position::Position;
use crate::mask::scan::Scan;

pub(crate) const TUPLE: Detector = Detector {
    name: "password",
    hints: &["('", "(\"", "(b'", "(u'"],
    exact: true,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        (
            "[('username', 'jo'), ('password', 'kD93jLpQz71xWm')]",
            "kD93jLp",
        ),
        ("[(b'password', b'kD93jLpQz71xWm')]", "kD93jLp"),
        (r#"[("password", "kD93jLpQz71xWm")]"#, "kD93jLp"),
    ],
    misses: &[
        "('password')",
        "('password', 5)",
        "f('x', 'password')",
        "('password', 'expired')",
    ],
};

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let text = place.text;
    let quote = &text[place.end - 1..place.end];
    let rest = &text[place.end..text.len().min(place.end + NAME_BYTES_MAX)];
    let length = rest.iter().position(|b| *b == quote[0])?;
    let name = &rest[..length];
    let mut at = place.end + length + 1;
    at += text[at..].strip_prefix(b",").map(|_| 1)?;
    at += usize::from(text.get(at) == Some(&b' '));
    at += usize::from(matches!(text.get(at), Some(b'b' | b'u')));
    let start = at + text[at..].strip_prefix(quote).map(|_| 1)?;
    let policy = scan.policy(Position::Header, name);
    if !policy.claims() {
        return None;
    }
    let end = closing(text, start, quote);
    let written = &text[start..end];
    scan.value(policy, Encoding::Backslash, written, base + start);
    Some(end)
}
