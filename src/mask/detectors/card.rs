//! Payment card numbers: the prefix and length of a known scheme, and the Luhn check digit.
//!
//! Digits alone never decide: one in ten numbers passes Luhn, and logs are full of ids and times.

use std::ops::Range;

use crate::mask::detector::{Detector, Pattern};

pub(crate) const CARD: Detector = Detector {
    name: "card",
    hints: &[],
    exact: false,
    pattern: Pattern::Digits,
    sure: false,
    hits: &[
        ("paid with 4111111111111111 today", "4111111111111111"),
        ("4111-1111-1111-1111", "1111-1111"),
        ("pan 4111 1111 1111 1111", "1111 1111"),
        ("3 of 4111 1111 1111 1111 12", "1111 1111"),
        ("3 4111111111111111", "4111"),
        (r#"{"n":378282246310005}"#, "378282246310005"),
        (r#"{"n":"5555555555554444"}"#, "5555555555554444"),
    ],
    misses: &[
        "4111111111111112",
        "1795319505818000000",
        "id 41111111111111110000000000000",
        "x4111111111111111",
        "0.4111111111111111",
        r#"{"request_id":"4111111111111111"}"#,
        "4111 1111 11111111",
    ],
};

pub(crate) const DIGITS_MIN: usize = 14;
const DIGITS_MAX: usize = 19;
const JOINTS_MAX: usize = 6;

/// A card number that begins at `at` and ends with one of the groups up to `end`, the longest first.
pub(crate) fn at(text: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let most = end.min(at + DIGITS_MAX + JOINTS_MAX);
    if end - at < DIGITS_MIN {
        return None;
    }
    (at + DIGITS_MIN..=most)
        .rev()
        .filter(|stop| {
            *stop == end || !text[*stop].is_ascii_digit() && text[stop - 1].is_ascii_digit()
        })
        .map(|stop| at..stop)
        .find(|span| is_card_at(text, span.clone()))
}

fn is_card_at(text: &[u8], span: Range<usize>) -> bool {
    if !(DIGITS_MIN..=DIGITS_MAX + JOINTS_MAX).contains(&span.len()) {
        return false;
    }
    let glued = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'%');
    let before = span.start.checked_sub(1).map(|at| &text[at]);
    let after = &text[span.end..];
    let decimal = after.first() == Some(&b'.') && after.get(1).is_some_and(u8::is_ascii_digit);
    let open = before.is_some_and(glued) || decimal;
    let close = after
        .first()
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    !open && !close && is_card(&text[span])
}

/// Whether a value is the number of a card in one run.
pub(crate) fn is_number(value: &[u8]) -> bool {
    value.len() >= DIGITS_MIN && value.iter().all(u8::is_ascii_digit) && is_card(value)
}

/// Whether digits (and single joints between groups of four to six) are a card number.
pub(crate) fn is_card(text: &[u8]) -> bool {
    let mut digits = [0; DIGITS_MAX];
    let mut len = 0;
    for b in text.iter().filter(|b| b.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(len) else {
            return false;
        };
        *slot = b - b'0';
        len += 1;
    }
    grouped_well(text) && scheme(&digits[..len]) && luhn(&digits[..len])
}

fn grouped_well(text: &[u8]) -> bool {
    let groups = || text.split(|b| !b.is_ascii_digit());
    groups().count() == 1 || groups().all(|group| (2..=6).contains(&group.len()))
}

fn scheme(digits: &[u8]) -> bool {
    let head = |n: usize| {
        digits
            .iter()
            .take(n)
            .fold(0u32, |head, digit| head * 10 + u32::from(*digit))
    };
    match digits.len() {
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(3), 644..=649)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(
                    head(4),
                    5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763
                )
        }
        17 | 18 => head(2) == 62,
        19 => head(1) == 4 || matches!(head(2), 62 | 65) || head(4) == 6011,
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit) * 2) {
            (0, _) => u32::from(*digit),
            (_, double @ 0..=9) => double,
            (_, double) => double - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}
