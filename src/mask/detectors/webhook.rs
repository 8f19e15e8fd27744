//! Webhook addresses whose path is the secret: who knows the URL may post.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const WEBHOOK: Detector = Detector {
    name: "webhook",
    hints: &[
        "/services/t",
        "/api/webhooks/",
        "/webhookb2/",
        "/hooks/catch/",
    ],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        (
            "https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuVwX",
            "aBcDeFgH",
        ),
        (
            "https://discord.com/api/webhooks/123456789012345678/abcDEF_ghi-jklMNOpqrSTUvwxYZ0123456789",
            "abcDEF_ghi",
        ),
        (
            "https://hooks.zapier.com/hooks/catch/123456/abc12de/",
            "abc12de",
        ),
    ],
    misses: &[
        "/services/tools/list",
        "/api/webhooks/123",
        "/webhooks/shopify/orders",
    ],
};

/// Shorter last parts are names of things and no secrets.
const SECRET_BYTES_MIN: usize = 6;

/// The hint and one or more path segments after it; the last of them is the secret.
fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let slash = place.start
        + text[place.start..place.end]
            .iter()
            .rposition(|b| *b == b'/')?;
    let mut at = slash;
    let mut last = slash + 1..slash + 1;
    let mut segments = 0;
    while segments < 6 && text.get(at) == Some(&b'/') {
        let run = segment(text, at + 1);
        if run == 0 {
            break;
        }
        last = at + 1..at + 1 + run;
        at = last.end;
        segments += 1;
    }
    let numbered = text[slash + 1..last.start].iter().any(u8::is_ascii_digit);
    let real = segments >= 2 && numbered && last.len() >= SECRET_BYTES_MIN;
    real.then(|| Found::one(Kind::Webhook, last))
}

fn segment(text: &[u8], at: usize) -> usize {
    let holds = |b: u8| Class::Dot.holds(b) || b == b'@';
    text[at..].iter().take_while(|b| holds(**b)).count()
}
