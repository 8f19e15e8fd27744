//! Segments of a path behind a word that says what they are: `/reset-password/x`, `/ssn/123-45-6789`.

use std::ops::Range;

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::detectors::iban;
use crate::mask::kind::Kind;
use crate::mask::value::looks_secret;

pub(crate) const SEGMENT: Detector = Detector {
    name: "token",
    // The ends of the words alone: the fewer letters, the faster all texts are searched.
    hints: &[
        "ssn/",
        "sdn/",
        "phone/",
        "iban/",
        "word/",
        "reset/",
        "magic/",
        "link/",
        "ken/",
        "kens/",
        "key/",
        "sion/",
        "sions/",
        "cret/",
        "vite/",
        "tions/",
        "cept/",
        "y-email/",
        "firm/",
        "scribe/",
        "verify/",
        "tivate/",
        "tivation/",
        "rification/",
        "firmation/",
        "_email/",
        "join/",
    ],
    exact: false,
    pattern: Pattern::Look(look),
    sure: false,
    hits: &[
        (
            "GET /reset-password/iKIaEWO18QeXZDq81nVbiKIaEWO18QeXZDq81nVb HTTP/1.1",
            "iKIaEWO",
        ),
        (
            "GET /v1/sessions/iKIaEWO18QeXZDq81nVbiKIaEWO18QeXZDq81nVb HTTP/1.1",
            "iKIaEWO",
        ),
        (
            "GET /access_token/iKIaEWO18QeXZDq81nVb/info HTTP/1.1",
            "iKIaEWO",
        ),
        (
            "https://maker.ifttt.com/trigger/evt/with/key/kD93jLpQz71xWmkD93jLpQz71xW",
            "kD93jLp",
        ),
    ],
    misses: &[
        "GET /reset-password/confirm HTTP/1.1",
        "GET /v1/sessions/6d2a95db-7eef-46c4-84d0-3d704d8721cd HTTP/1.1",
        "GET /v1/sessions/0af7651916cd43dd8448eb211c80319c HTTP/1.1",
        "GET /v1/tokens/validate-all-2024 HTTP/1.1",
        "GET /phone/12345/calls HTTP/1.1",
        "GET /v1/options/aB3dE5fG7hI9jK1lM3nO5pQ7 HTTP/1.1",
    ],
};

/// Shorter segments are ids.
const SECRET_BYTES_MIN: usize = 20;
/// What a number of a telephone has in a path, where nothing else tells it from an id.
const PHONE_DIGITS: Range<usize> = 9..16;
const SSN_DIGITS: usize = 9;

/// What a segment announces of the next one.
#[derive(Clone, Copy)]
enum Announced {
    Identity,
    Phone,
    /// Something that opens a door if it looks like that.
    Secret,
    /// An id as often as a secret.
    Id,
    /// What a link in a mail leads to: an id, or a digest that is a secret.
    Link,
}

const WORDS: &[(Announced, &str)] = &[
    (Announced::Identity, "ssn iban"),
    (Announced::Phone, "msisdn phone"),
    (
        Announced::Secret,
        "reset-password reset_password resetpassword password-reset password_reset password reset magic magic-link \
         magiclink magic_link login-link set-password set_password forgot-password forgot_password change-password \
         create-password passwordreset token access_token access-token accesstoken apikey api-key api_key secret",
    ),
    (
        Announced::Id,
        "tokens session sessions invite invitation invitations accept confirm unsubscribe key link join \
         accept-invite accept-invitation invite-link",
    ),
    (
        Announced::Link,
        "verify verification verify-email verify_email email-verification confirm-email confirm_email activate \
         activation confirmation email-confirmation",
    ),
];
const WORD_BYTES_MAX: usize = 24;
/// No id in hexadecimal digits is this long.
const DIGEST_BYTES_MIN: usize = 40;
/// No word has so many letters, and no name of several words so many capitals or so many consonants in a row.
const LETTERS_MIN: usize = 16;
const CAPITALS_SHARE: usize = 4;
const CONSONANTS_MAX: usize = 5;

/// What the whole segment that the hint ends announces.
fn announced(place: &Place<'_>) -> Option<Announced> {
    let end = place.end - 1;
    let head = &place.text[end.saturating_sub(WORD_BYTES_MAX)..end];
    let slash = head.iter().rposition(|b| *b == b'/')?;
    let segment = head[slash + 1..].to_ascii_lowercase();
    let known = |words: &str| {
        words
            .split_ascii_whitespace()
            .any(|word| word.as_bytes() == segment)
    };
    WORDS
        .iter()
        .find(|(_, words)| known(words))
        .map(|(announced, _)| *announced)
}

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let start = place.end;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"/?#;&\"'<>,\\)]}|\xE2".contains(b);
    let rest = &text[start..];
    let end = start + rest.iter().position(ends).unwrap_or(rest.len());
    let segment = &text[start..end];
    let digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    let number = segment
        .iter()
        .all(|b| b.is_ascii_digit() || b"+-.%".contains(b));
    let kind = match announced(place)? {
        Announced::Identity if number && digits == SSN_DIGITS => Kind::Identity,
        Announced::Identity if iban::whole(text, start) == Some(end) => Kind::Identity,
        Announced::Phone if number && PHONE_DIGITS.contains(&digits) => Kind::Phone,
        announced if opens(announced, segment) => Kind::Token,
        // Django: who it is, and the token behind.
        Announced::Secret | Announced::Link | Announced::Id if text.get(end) == Some(&b'/') => {
            let start = end + 1;
            let end = start
                + text[start..]
                    .iter()
                    .position(ends)
                    .unwrap_or(text.len() - start);
            return is_dated(&text[start..end]).then(|| Found::one(Kind::Token, start..end));
        }
        _ => return None,
    };
    Some(Found::one(kind, start..end))
}

/// Whether a segment opens a door, by what announces it.
fn opens(announced: Announced, segment: &[u8]) -> bool {
    let secret = is_secret(segment);
    match announced {
        Announced::Secret => secret || is_random(segment) || is_consonants(segment),
        Announced::Id => secret && is_mixed(segment) || is_long_random(segment),
        Announced::Link => {
            secret && (is_mixed(segment) || segment.len() >= DIGEST_BYTES_MIN)
                || is_long_random(segment)
        }
        Announced::Identity | Announced::Phone => false,
    }
}

/// Letters of which too many are capitals for words written together.
fn is_random(segment: &[u8]) -> bool {
    let count = |class: fn(&u8) -> bool| segment.iter().filter(|b| class(b)).count();
    let (capitals, small) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    segment.len() >= LETTERS_MIN
        && capitals + small == segment.len()
        && capitals * CAPITALS_SHARE > segment.len()
        && small * CAPITALS_SHARE > segment.len()
}

fn is_long_random(segment: &[u8]) -> bool {
    segment.len() >= SECRET_BYTES_MIN && is_random(segment)
}

/// Small letters that nobody could speak.
fn is_consonants(segment: &[u8]) -> bool {
    let mut runs = segment.split(|b| b"aeiouy".contains(b));
    segment.len() >= SECRET_BYTES_MIN
        && segment.iter().all(u8::is_ascii_lowercase)
        && runs.any(|run| run.len() > CONSONANTS_MAX)
}

/// `c5x8y9-9b8a7d6e5f4a3b2c1d0e`: a time and a digest.
fn is_dated(segment: &[u8]) -> bool {
    let Some(dash) = segment.iter().position(|b| *b == b'-') else {
        return false;
    };
    let (time, digest) = (&segment[..dash], &segment[dash + 1..]);
    let small = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=13).contains(&time.len())
        && time.iter().all(small)
        && (20..=64).contains(&digest.len())
        && digest.iter().all(u8::is_ascii_hexdigit)
}

fn is_secret(segment: &[u8]) -> bool {
    segment.len() >= SECRET_BYTES_MIN && looks_secret(Kind::Token, segment)
}

/// Letters of both cases and digits, as ids of hex or words do not have.
fn is_mixed(segment: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| segment.iter().any(class);
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}
