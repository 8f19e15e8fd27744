//! Walks the numbers of a text: cards are made of digits, and a bank account has its check digits in front.

use std::ops::Range;

use crate::mask::detectors::{card, iban};
use crate::mask::kind::Kind;

/// A bank account has no fewer, a card has more.
const DIGITS_MIN: usize = 10;

/// No card with all its joints is longer, so a long row of numbers is measured from each of them once.
const NUMBER_BYTES_MAX: usize = 32;

/// The first card or bank account number from `from` on.
pub(crate) fn next(text: &[u8], from: usize) -> Option<(Kind, Range<usize>)> {
    let mut at = from;
    while at < text.len() {
        at += text[at..].iter().position(u8::is_ascii_digit)?;
        if let Some(span) = iban::around(text, from, at) {
            return Some((Kind::Identity, span));
        }
        let digits = digits(&text[at..text.len().min(at + NUMBER_BYTES_MAX)]);
        if digits >= card::DIGITS_MIN || is_joined(&text[at + digits..]) {
            let end = at + number(&text[at..text.len().min(at + NUMBER_BYTES_MAX)]);
            if end - at >= card::DIGITS_MIN
                && let Some(span) = card::at(text, at, end)
            {
                return Some((Kind::Card, span));
            }
        }
        // The number may begin behind a group that is none of its own: `3 4111111111111111`.
        at += digits + 1;
    }
    None
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether a joint follows, and more digits.
fn is_joined(text: &[u8]) -> bool {
    matches!(text, [b' ' | b'-' | b'+', b'0'..=b'9', ..])
}

/// Whether a text has digits enough for any of them. Counted in bytes, which compiles to a few vector instructions.
pub(crate) fn may_hold(text: &[u8]) -> bool {
    let count = |part: &[u8]| {
        part.iter()
            .map(|b| u8::from(b.is_ascii_digit()))
            .sum::<u8>()
    };
    text.len() >= DIGITS_MIN
        && text
            .chunks(255)
            .map(|part| usize::from(count(part)))
            .sum::<usize>()
            >= DIGITS_MIN
}

/// The length of a number written in one run, or in groups joined by single spaces (or what stands for them in a form) or dashes, all by the same.
fn number(text: &[u8]) -> usize {
    let mut end = 0;
    let mut joint = None;
    for (at, b) in text.iter().enumerate() {
        match b {
            b'0'..=b'9' => end = at + 1,
            b' ' | b'-' | b'+' if end == at && joint.is_none_or(|joint| joint == *b) => {
                joint = Some(*b)
            }
            _ => break,
        }
    }
    end
}
