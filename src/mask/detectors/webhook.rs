//! Webhook addresses whose path is the secret: who knows the URL may post.

use memchr::memmem;

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const WEBHOOK: Detector = Detector {
    name: "webhook",
    hints: &[
        "/services/t",
        "/api/webhooks/",
        "webhook/",
        "/hooks/catch/",
        "com/workflows/",
        "com/triggers/",
        "make.com/",
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
        (
            "https://acme.webhook.office.com/webhookb2/2e851301-ec6b-4793-a691-9954b970978f@16952cde-685e-468a-a10b-2312bc2e0f9c/IncomingWebhook/c2c441840523ea9c1b77705ca9ac5cf2/89cc1d35-10f6-4211-a152-3e6c9d08de12",
            "c2c44184",
        ),
        (
            "https://hooks.slack.com/workflows/T1/A2/3/kD93jLpQz71xWmkD93jLpQz7",
            "kD93jLp",
        ),
        (
            "https://hook.eu1.make.com/k3l4m5n6o7p8a1b2c3d4e5f6g7h8i9j0",
            "k3l4m5n6",
        ),
    ],
    misses: &[
        "/services/tools/list",
        "/api/webhooks/123",
        "/webhooks/shopify/orders",
        "https://www.make.com/en/pricing",
        "/IncomingWebhook/help",
    ],
};

/// Shorter last parts are names of things and no secrets.
const SECRET_BYTES_MIN: usize = 6;

/// Where the first segment alone is the secret, it is at least as long as this.
const ALONE_BYTES_MIN: usize = 16;
/// Ends of the hints behind which the secret stands at once.
const ALONE: &[&[u8]] = &[b"make.com/", b"webhook/"];
/// What stands in front of the hints that are no more than the end of a name.
const HOSTS: &[(&[u8], &[u8])] = &[
    (b"make.com/", b"hook."),
    (b"webhook/", b"/incoming"),
    (b"com/workflows/", b"hooks.slack."),
    (b"com/triggers/", b"hooks.slack."),
];
/// `hook.eu1.make.com`: the region stands between.
const HOST_BYTES_MAX: usize = 20;

fn look(place: &Place<'_>) -> Option<Found> {
    let hint = place.text[place.start..place.end].to_ascii_lowercase();
    let head =
        place.text[place.start.saturating_sub(HOST_BYTES_MAX)..place.start].to_ascii_lowercase();
    let host = HOSTS.iter().find(|(end, _)| *end == hint);
    if host.is_some_and(|(_, lead)| memmem::find(&head, lead).is_none()) {
        return None;
    }
    match ALONE.iter().any(|end| hint.ends_with(end)) {
        true => first(place),
        false => last(place),
    }
}

/// The segment behind the hint, and one more of the same length of digits: that of who made it.
fn first(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let end = place.end + segment(text, place.end);
    let secret = &text[place.end..end];
    let real = secret.len() >= ALONE_BYTES_MIN && secret.iter().any(u8::is_ascii_digit);
    let next = (text.get(end) == Some(&b'/')).then(|| end + 1 + segment(text, end + 1));
    let next = next.filter(|next| next - end > ALONE_BYTES_MIN);
    real.then(|| Found {
        first: (Kind::Webhook, place.end..end),
        second: next.map(|next| (Kind::Webhook, end + 1..next)),
    })
}

/// The hint and one or more path segments after it; the last of them is the secret.
fn last(place: &Place<'_>) -> Option<Found> {
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
    // The secret was masked before.
    if text[at..].starts_with("/‹".as_bytes()) {
        return None;
    }
    let numbered = text[slash + 1..last.start].iter().any(u8::is_ascii_digit);
    let real = segments >= 2 && numbered && last.len() >= SECRET_BYTES_MIN;
    real.then(|| Found::one(Kind::Webhook, last))
}

fn segment(text: &[u8], at: usize) -> usize {
    let holds = |b: u8| Class::Dot.holds(b) || b == b'@';
    text[at..].iter().take_while(|b| holds(**b)).count()
}
