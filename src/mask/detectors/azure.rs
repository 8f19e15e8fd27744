//! Client secrets of Azure applications: three signs, a digit, `Q~` and what is secret.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const AZURE: Detector = Detector {
    name: "token",
    hints: &["7q~", "8q~"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[(
        "retry with J1S8Q~R8Vn5Ms0hxysIzxeWsTidG3yZnUXYTMRdU, then",
        "R8Vn5Ms0",
    )],
    misses: &[
        "8q~",
        "abc8Q~short",
        "xx8q~R8Vn5Ms0hxysIzxeWsTidG3yZnUXYTMRdU",
    ],
};

const LEAD_BYTES: usize = 3;
const SECRET_BYTES_MIN: usize = 31;

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let start = place
        .start
        .checked_sub(LEAD_BYTES)
        .filter(|start| *start >= place.floor)?;
    let lead = &text[start..place.start];
    let holds = |b: &u8| Class::Dot.holds(*b) && *b != b'=' || *b == b'~';
    let run = text[place.end..].iter().take_while(|b| holds(b)).count();
    let dots = text[..place.end + run]
        .iter()
        .rev()
        .take_while(|b| **b == b'.')
        .count();
    let exact = text[place.start + 1] == b'Q' && lead.iter().all(holds);
    let real = exact && run - dots.min(run) >= SECRET_BYTES_MIN;
    real.then(|| Found::one(Kind::Token, start..place.end + run - dots))
}
