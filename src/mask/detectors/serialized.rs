//! Values as PHP serializes them: `s:8:"password";s:20:"…"`, each text with its length in front.

use crate::mask::decode::Encoding;
use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::extent::name_before;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

pub(crate) const SERIALIZED: Detector = Detector {
    name: "password",
    hints: &["\";s:"],
    exact: true,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[(
        r#"a:1:{s:8:"password";s:20:"kD93jLpQz71xWmkD93jL";}"#,
        "kD93jLp",
    )],
    misses: &[r#"a:1:{s:2:"id";s:4:"a1b2";}"#, r#""password";s:x"#],
};

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let text = place.text;
    let name = name_before(text, place.floor, place.start)?;
    let digits = text[place.end..].iter().take(10);
    let digits = digits.take_while(|b| b.is_ascii_digit()).count();
    let at = place.end + digits;
    let start = at + text[at..].strip_prefix(b":\"").map(|_| 2)?;
    let policy = scan.policy(Position::Body, &text[name]);
    if digits == 0 || !policy.claims() {
        return None;
    }
    let length: usize = std::str::from_utf8(&text[at - digits..at])
        .ok()?
        .parse()
        .ok()?;
    let end = match start.checked_add(length) {
        Some(end) if text.get(end) == Some(&b'"') => end,
        _ => start + text[start..].iter().position(|b| *b == b'"')?,
    };
    scan.value(policy, Encoding::Plain, &text[start..end], base + start);
    Some(end)
}
