//! Access tokens of Braintree: `access_token$production$…$…`.

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const BRAINTREE: Detector = Detector {
    name: "token",
    hints: &["$production$", "$sandbox$"],
    exact: true,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[(
        "got access_token$production$4a2ia436g11b3ahi$d4594a6638dbd6e05c01de60e52d2a60 back",
        "d4594a66",
    )],
    misses: &[
        "access_token$production$",
        "env$production$4a2ia436g11b3ahi$d4594a6638dbd6e05c01de60e52d2a60",
    ],
};

const LEAD: &[u8] = b"access_token";
const SECRET_BYTES_MIN: usize = 32;

fn look(place: &Place<'_>) -> Option<Found> {
    let start = place
        .start
        .checked_sub(LEAD.len())
        .filter(|start| *start >= place.floor)?;
    // Asked first: a run is measured only behind the right word.
    place.text[start..].starts_with(LEAD).then_some(())?;
    let rest = &place.text[place.end..];
    let holds = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'$';
    let run = rest.iter().take_while(holds).count();
    let real = run >= SECRET_BYTES_MIN;
    real.then(|| Found::one(Kind::Token, start..place.end + run))
}
