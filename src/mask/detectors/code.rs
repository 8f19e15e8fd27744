//! One-time codes in the messages that carry them: `Your verification code is 481516`, `Use 481516 as your login code`.

use std::ops::Range;

use memchr::memmem;

use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::scan::Scan;

pub(crate) const CODE: Detector = Detector {
    name: "short",
    hints: &[" code", "passcode", "otp "],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        ("Your verification code is 481516", "481516"),
        ("OTP 481516 sent", "481516"),
        ("Use 481516 as your login code", "481516"),
        ("481516 is your Acme verification code.", "481516"),
        ("Your one-time code: 481-516", "481-516"),
    ],
    misses: &[
        "verification code expired after 481516 ms",
        "order 481516: the login code is missing",
        "otp length 6",
        "error code 481516",
        "status code: 5001",
        "laptop 481516",
        "verification code 12",
    ],
};

const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// What stands between a code and the words that tell what it is.
const AFTER: &[&[u8]] = &[b" is: ", b" is ", b": ", b" ", b""];
const BEFORE: &[&[u8]] = &[b" is your", b" is the", b" as your", b" as the"];
/// The name of who sent it may stand between.
const BEFORE_BYTES_MAX: usize = 48;
const USE_BYTES_MAX: usize = 16;

/// What a code is for, so that it is none of an error.
const USES: &[&[u8]] = &[
    b"verification",
    b"confirmation",
    b"login",
    b"sign-in",
    b"security",
    b"one-time",
    b"time",
    b"authentication",
    b"activation",
    b"2fa",
    b"passcode",
    b"otp",
];

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    is_for_once(place).then_some(())?;
    if let Some(span) = before(place) {
        scan.hide(
            &place.text[span.clone()],
            base + span.start,
            base + span.end,
        );
        return None;
    }
    // The blank behind a word is part of its hint.
    let after = place.start + place.text[place.start..place.end].trim_ascii_end().len();
    let rest = &place.text[after..];
    let joint = AFTER.iter().find(|joint| rest.starts_with(joint))?;
    let start = after + joint.len();
    let end = start + number(&place.text[start..])?;
    scan.hide(&place.text[start..end], base + start, base + end);
    Some(end)
}

/// Whether the word in front of `code`, or the hint itself, tells of a code that is used once.
fn is_for_once(place: &Place<'_>) -> bool {
    let hint = &place.text[place.start..place.end];
    let end = match hint[0] {
        b' ' => place.start,
        _ => place.start + hint.trim_ascii_end().len(),
    };
    let head = &place.text[end.saturating_sub(USE_BYTES_MAX)..end];
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let length = head.iter().rev().take_while(|b| word(b)).count();
    let used = &head[head.len() - length..];
    USES.iter().any(|known| used.eq_ignore_ascii_case(known))
}

/// A number of the right length at the start of a text, also in two groups.
fn number(text: &[u8]) -> Option<usize> {
    let run = text.iter().take(DIGITS.end() + 2);
    let length = run
        .take_while(|b| b.is_ascii_digit() || **b == b'-')
        .count();
    let digits = text[..length].iter().filter(|b| b.is_ascii_digit()).count();
    let joints = length - digits;
    let edges = text.first()?.is_ascii_digit() && text.get(length.wrapping_sub(1)) != Some(&b'-');
    let open = text
        .get(length)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    (DIGITS.contains(&digits) && joints <= 1 && edges && !open).then_some(length)
}

/// The number in front of `is your`.
fn before(place: &Place<'_>) -> Option<Range<usize>> {
    let low = place
        .floor
        .max(place.start.saturating_sub(BEFORE_BYTES_MAX));
    let head = &place.text[low..place.start];
    let end = BEFORE
        .iter()
        .filter_map(|words| memmem::rfind(head, words))
        .max()?;
    let digits = |b: &&u8| b.is_ascii_digit() || **b == b'-';
    let length = head[..end].iter().rev().take_while(digits).count();
    let start = end - length;
    let opens = start == 0 || head[start - 1].is_ascii_whitespace() || head[start - 1] == b'"';
    let whole = number(&head[start..]) == Some(length);
    (opens && whole).then_some(low + start..low + end)
}
