//! International bank account numbers (ISO 13616): the length of the country and two check digits.

use std::ops::Range;

use iban::Iban;

use crate::mask::detector::{Class, Detector, Pattern};

pub(crate) const IBAN: Detector = Detector {
    name: "identity",
    hints: &[],
    exact: false,
    pattern: Pattern::Digits,
    sure: false,
    hits: &[
        ("to GB33BUKB20201555555555, thanks", "BUKB2020"),
        ("to GB33 BUKB 2020 1555 5555 55 by noon", "2020 1555"),
        ("NL91 ABNA 0417 1643 00", "0417"),
        ("account=DE75512108001245126199&x=1", "512108"),
        (r#"{"to":"de75512108001245126199"}"#, "512108"),
    ],
    misses: &[
        "GB34BUKB20201555555555",
        "XGB33BUKB20201555555555",
        "GB33BUKB202015555555551",
        "AB12CD34EF56GH78",
        "HTTP20 AB12 trace 0af7651916cd43dd8448eb211c80319c",
    ],
};

const COUNTRY_BYTES: usize = 2;
const GROUP_BYTES: usize = 4;
const LENGTH_MIN: usize = 15;
const LENGTH_MAX: usize = 34;

/// The account number whose check digits begin at `digits`, in one run or in groups of four.
pub(crate) fn around(text: &[u8], floor: usize, digits: usize) -> Option<Range<usize>> {
    let start = digits
        .checked_sub(COUNTRY_BYTES)
        .filter(|start| *start >= floor)?;
    let letters = || text[start..digits].iter().all(u8::is_ascii_alphabetic);
    if !letters() || start > 0 && Class::Dash.holds(text[start - 1]) {
        return None;
    }
    let ends = match Class::Word.run(text, start) {
        GROUP_BYTES => groups(text, start),
        run => vec![start + run],
    };
    ends.into_iter()
        .rev()
        .map(|end| start..end)
        .find(|span| is_iban(&text[span.clone()]))
}

/// Where an account number that begins at `start` ends.
pub(crate) fn whole(text: &[u8], start: usize) -> Option<usize> {
    let letters = text.get(start..start + COUNTRY_BYTES)?;
    letters.iter().all(u8::is_ascii_alphabetic).then_some(())?;
    around(text, start, start + COUNTRY_BYTES).map(|span| span.end)
}

/// Where each further group ends. Only the last is shorter than four, and what follows may be a word of four letters.
fn groups(text: &[u8], start: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = start;
    while at - start < LENGTH_MAX + LENGTH_MAX / GROUP_BYTES {
        let run = Class::Word.run(text, at);
        if run == 0 || run > GROUP_BYTES {
            break;
        }
        ends.push(at + run);
        if run < GROUP_BYTES || !matches!(text.get(at + run), Some(b' ' | b'+' | b'-')) {
            break;
        }
        at += run + 1;
    }
    ends
}

fn is_iban(written: &[u8]) -> bool {
    let plain: String = written
        .iter()
        .filter(|b| !b" +-".contains(b))
        .map(|b| char::from(b.to_ascii_uppercase()))
        .collect();
    (LENGTH_MIN..=LENGTH_MAX).contains(&plain.len()) && plain.parse::<Iban>().is_ok()
}
