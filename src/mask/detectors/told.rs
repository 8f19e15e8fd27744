//! Secrets that a sentence or another grammar tells of: `Incorrect API key provided: x`, `PASSWORD 'x'`,
//! `machine h login u password x`, `password -> x`.
//!
//! A word behind such a name is a secret only if it looks like one, or if the grammar leaves no doubt.

use std::ops::Range;

use crate::mask::detector::{Class, Detector, Pattern, Place};
use crate::mask::detectors::scheme;
use crate::mask::extent::closing;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::prose::is_prose;
use crate::mask::scan::Scan;
use crate::mask::value::looks_secret;

pub(crate) const TOLD: Detector = Detector {
    name: "password",
    // The ends of the words alone: the fewer letters, the faster all texts are searched.
    hints: &[
        "word ", "wd ", "phrase ", "cret ", "ken ", "key ", "word\t", "cret\t", "ken\t", "key\t",
        "fied by ",
    ],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        ("login with password iKIaEWO18QeXZDq8 failed", "iKIaEWO"),
        ("ALTER USER app WITH PASSWORD 'hunter2'", "hunter2"),
        ("CREATE USER a IDENTIFIED BY 'hunter2'", "hunter2"),
        (
            "machine api.example.com login deploy password hunter2x",
            "hunter2",
        ),
        ("password -> hunter2x", "hunter2"),
        ("password\tiKIaEWO18QeXZDq8\tid\t7", "iKIaEWO"),
    ],
    misses: &[
        "password reset required for user 7",
        "the token is expired",
        "Unexpected token 'x' in JSON at position 7",
        "key exports/2024/03/r.csv not found",
        "no such key Orders_2024",
        "password\temail\tname",
        "password is incorrect",
        "missing key customer_id_of_2024_import",
        "password 'is' too short",
    ],
};

const NAME_BYTES_MAX: usize = 64;
/// So far back a `login` stands in front of its password.
const LOGIN_BYTES_MAX: usize = 80;
/// A password that a sentence tells has letters of both cases, digits and so many signs.
const MIXED_BYTES_MIN: usize = 8;
/// Words between a name and what it is: those that leave no doubt come with a sign.
const JOINTS: &[&[u8]] = &[
    b"is: ",
    b"is ",
    b"was ",
    b"used: ",
    b"provided: ",
    b"supplied: ",
    b"given: ",
    b"received: ",
    b"for request: ",
];

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    if let Some(end) = scheme::walk(scan, place, base) {
        return Some(end);
    }
    let kind = scan.named_in_sentence(place)?;
    let text = place.text;
    let at = joint(text, place.end);
    let span = value(text, at)?;
    let written = &text[span.clone()];
    let quoted = span.start > at;
    let secret = match kind {
        Kind::Password if quoted => !is_prose(written),
        Kind::Password if follows_login(place) => true,
        Kind::Password => looks_secret(kind, written) || is_mixed(written),
        _ => looks_secret(kind, written),
    };
    secret.then_some(())?;
    scan.apply(Policy::Mask(kind), written, base + span.start);
    Some(span.end)
}

impl Scan {
    /// What the one or two words in front of the blank name.
    fn named_in_sentence(&mut self, place: &Place<'_>) -> Option<Kind> {
        let end = place.end - 1;
        if place.text[..end].ends_with(b"by") || place.text[..end].ends_with(b"BY") {
            return Some(Kind::Password);
        }
        let low = place.floor.max(end.saturating_sub(NAME_BYTES_MAX));
        let head = &place.text[low..end];
        // The last segment of a path is none, and what stands behind `grant_type=` is a value.
        let word = |b: &&u8| Class::Dash.holds(**b) || **b == b'.';
        let one = head.iter().rev().take_while(word).count();
        let rest = &head[..head.len() - one];
        if one == 0 || rest.last().is_some_and(|b| b"/=&?".contains(b)) {
            return None;
        }
        let two = match rest.split_last() {
            Some((b' ', before)) => 1 + before.iter().rev().take_while(word).count(),
            _ => 0,
        };
        let name = |length: usize| &head[head.len() - length..];
        [one, one + two].into_iter().find_map(|length| {
            match self.policy(Position::Header, name(length)) {
                Policy::Mask(
                    kind
                    @ (Kind::Token | Kind::Key | Kind::Password | Kind::Secret | Kind::Session),
                ) => Some(kind),
                _ => None,
            }
        })
    }
}

/// Where the value begins behind what joins it to its name.
fn joint(text: &[u8], at: usize) -> usize {
    let rest = &text[at.min(text.len())..];
    let arrows = [&b"-> "[..], b"=> "];
    let joint = arrows
        .iter()
        .chain(JOINTS)
        .find(|joint| rest.starts_with(joint));
    at + joint.map_or(0, |joint| joint.len())
}

/// The word or quoted word at a place.
fn value(text: &[u8], at: usize) -> Option<Range<usize>> {
    let first = text.get(at)?;
    if matches!(first, b'\'' | b'"') {
        let end = closing(text, at + 1, &text[at..at + 1]);
        let plain = !text[at + 1..end].iter().any(|b| b.is_ascii_whitespace());
        return (plain && end > at + 1).then_some(at + 1..end);
    }
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>,;()[]{}|&\\=:\xE2".contains(b);
    let rest = &text[at..];
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    // A name of something that follows: `token type=…`.
    let named =
        matches!(rest.get(length), Some(b'=')) && rest.get(length + 1).is_some_and(|b| *b != b'=');
    let padding = rest[length..].iter().take_while(|b| **b == b'=').count();
    let dots = rest[..length]
        .iter()
        .rev()
        .take_while(|b| b".!?".contains(b));
    let end = at + length - dots.count() + padding;
    (!named && end > at).then_some(at..end)
}

/// `login deploy password x` of a netrc file.
fn follows_login(place: &Place<'_>) -> bool {
    let low = place.start.saturating_sub(LOGIN_BYTES_MAX);
    let words = place.text[low..place.end].rsplit(|b| b.is_ascii_whitespace());
    let mut words = words.filter(|word| !word.is_empty());
    words.nth(2) == Some(b"login")
}

fn is_mixed(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    value.len() >= MIXED_BYTES_MIN
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && !value.contains(&b'/')
}
