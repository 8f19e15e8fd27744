//! Salesforce session ids: the organisation id (`00D…`), `!`, and the secret part.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const SALESFORCE: Detector = Detector {
    name: "session",
    hints: &["!aq", "!ar"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[(
        "session 00Dxx0000001gPL!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6 lost",
        "AQcAQH0",
    )],
    misses: &["Hello!AQuick brown fox", "00Dxx0000001gPL"],
};

const SECRET_BYTES_MIN: usize = 30;

fn look(place: &Place<'_>) -> Option<Found> {
    let before = &place.text[place.floor..place.start];
    let org = before
        .iter()
        .rev()
        .take(18)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let start = place.start - org;
    let run = Class::Dot.run(place.text, place.start + 1);
    let real = matches!(org, 15 | 18)
        && place.text[start..].starts_with(b"00D")
        && run >= SECRET_BYTES_MIN;
    real.then(|| Found::one(Kind::Session, start..place.start + 1 + run))
}
