//! Telegram bot tokens: digits, a colon, and 35 bytes that begin with `AA`.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const TELEGRAM: Detector = Detector {
    name: "webhook",
    hints: &[":aa"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[(
        "POST /bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1/sendMessage",
        "AAHdqTcv",
    )],
    misses: &[
        "at 12:AAbc",
        "key:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1x",
        "aa:aa:aa:aa",
    ],
};

fn look(place: &Place<'_>) -> Option<Found> {
    let before = &place.text[place.floor..place.start];
    let bot = before
        .iter()
        .rev()
        .take(12)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let run = Class::Dash.run(place.text, place.start + 1);
    let real = bot >= 8 && (33..=40).contains(&run);
    real.then(|| Found::one(Kind::Webhook, place.start - bot..place.start + 1 + run))
}
