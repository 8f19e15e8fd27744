//! Telephone numbers as ITU-T E.164 writes them for the whole world: a plus, the country, at most fifteen digits.
//!
//! Without the plus only a name can tell a number of a telephone from any other.

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const PHONE: Detector = Detector {
    name: "phone",
    hints: &["+1", "+2", "+3", "+4", "+5", "+6", "+7", "+8", "+9"],
    exact: true,
    pattern: Pattern::Look(look),
    sure: false,
    hits: &[
        ("call +12025550143 now", "2025550143"),
        ("?To=%2B12025550143&x=1", "2025550143"),
        ("<To>+12025550143</To>", "2025550143"),
        (r#"{"to":"+12025550143"}"#, "2025550143"),
        ("to +44 7700 900461.", "7700 900461"),
        ("whatsapp:+1 (202) 555-0143", "555-0143"),
        ("+49 (0)30 901820-12", "901820"),
    ],
    misses: &[
        "2026-11-22T03:51:45+10:30",
        "[22/Nov/2026:03:51:45 +1030]",
        "1e+10000000",
        "a+12345678901",
        "+1234567",
        "+1 2026-11-22",
        "+123456789012345678",
        "v1.2.3+20261122104501",
        "+1 of 12345678901 rows",
    ],
};

const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 15;
/// In groups a number needs more, or it may be a date.
const GROUPED_DIGITS_MIN: usize = 10;

fn look(place: &Place<'_>) -> Option<Found> {
    let text = place.text;
    let before = place.start.checked_sub(1).map(|at| text[at]);
    if before.is_some_and(|b| Class::Word.holds(b) || b == b'+') {
        return None;
    }
    let (mut digits, mut end, mut joined) = (0, place.start + 1, 0);
    for (at, b) in text.iter().enumerate().skip(place.start + 1) {
        match b {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 1;
            }
            // At most two joints in a row: `+1 (202) 555`.
            b' ' | b'-' | b'.' | b'(' | b')' if at - end < 2 => joined = joined.max(end),
            _ => break,
        }
        if digits > DIGITS_MAX {
            return None;
        }
    }
    let grouped = joined > 0 && joined < end;
    let least = if grouped {
        GROUPED_DIGITS_MIN
    } else {
        DIGITS_MIN
    };
    let closed = text.get(end).is_none_or(|b| !Class::Word.holds(*b));
    (digits >= least && closed).then(|| Found::one(Kind::Phone, place.start..end))
}

/// The digits of a number, the same for all its forms: `0049…`, `+49…`, `+49 (0)170…`.
pub(crate) fn canonical(value: &[u8]) -> Vec<u8> {
    let trunk = memchr::memmem::find(value, b"(0)");
    let (head, tail) = value.split_at(trunk.unwrap_or(value.len()));
    let tail = tail.strip_prefix(b"(0)").unwrap_or(tail);
    let digits = head.iter().chain(tail).copied().filter(u8::is_ascii_digit);
    let digits: Vec<u8> = digits.collect();
    match digits.strip_prefix(b"00") {
        Some(country) => country.to_vec(),
        None => digits,
    }
}
