//! Tokens of vendors by more than their start: parts of fixed lengths, a literal at the end or in the middle.

use std::ops::Range;

use crate::mask::detector::{Class, Detector, Found, Pattern, Place};
use crate::mask::detectors::shapes::{Piece, SHAPES, Shape};
use crate::mask::kind::Kind;

pub(crate) const SHAPED: Detector = Detector {
    name: "token",
    hints: &HINTS,
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        ("pat-na1-01234567-89ab-cdef-0123-456789abcdef", "pat-na1-0"),
        ("pk_0123456789abcdef0123456789abcdef01", "pk_0123"),
        (
            "key pk_78105542_97JKL7K8NIT3S2C68TJC6TZCEBC9D5XQ,",
            "97JKL7K8",
        ),
        ("(f9cea8aa19cf782323d3b4fd1fba8363-us14)", "f9cea8aa"),
    ],
    misses: &[
        "pat-na1-users-and-groups-of-the-whole-tenant",
        "pk_live_51H8abcdefghijklmnop",
        "path.to.something",
        "f9cea8aa19cf782323d3b4fd1fba8363-us-east-1",
        "test_shouldReturnUnauthorizedWhenTokenIsMissing",
        "re_enable_the_thing_of_the_day_2024_now",
        "sdk-2.1.0",
        "v1.0-rc1",
    ],
};

const HINTS: [&str; SHAPES.len()] = {
    let mut hints = [""; SHAPES.len()];
    let mut at = 0;
    while at < hints.len() {
        hints[at] = SHAPES[at].0;
        at += 1;
    }
    hints
};

fn look(place: &Place<'_>) -> Option<Found> {
    let hint = &place.text[place.start..place.end];
    let (_, shapes) = SHAPES.iter().find(|(known, _)| known.as_bytes() == hint)?;
    let span = shapes.iter().find_map(|shape| shape.fit(place))?;
    Some(Found::one(Kind::Token, span))
}

impl Shape {
    /// Where a token of this shape stands around the literal.
    fn fit(&self, place: &Place<'_>) -> Option<Range<usize>> {
        let start = self.start(place)?;
        let mut end = place.end;
        for piece in self.after {
            end += piece.length(&place.text[end..])?;
        }
        Some(start..end)
    }

    /// Where it begins, which must be where a word does.
    fn start(&self, place: &Place<'_>) -> Option<usize> {
        let (class, count) = self.before.unwrap_or((Class::Dash, 0));
        let start = place.start.checked_sub(count)?;
        (start >= place.floor).then_some(())?;
        let before = &place.text[place.floor..start];
        let opens = before.last().is_none_or(|b| !Class::Dash.holds(*b));
        let whole = place.text[start..place.start]
            .iter()
            .all(|b| class.holds(*b));
        (whole && opens).then_some(start)
    }
}

impl Piece {
    /// How many bytes of the text are this piece.
    fn length(&self, text: &[u8]) -> Option<usize> {
        match *self {
            Self::Sign(sign) => text.starts_with(sign.as_bytes()).then_some(sign.len()),
            Self::End => text
                .first()
                .is_none_or(|b| !Class::Dash.holds(*b))
                .then_some(0),
            Self::Run(class, min, max) => {
                let run = class.run(&text[..text.len().min(max)], 0);
                (run >= min).then_some(run)
            }
            Self::Mixed(class, min, max) => {
                let run = Self::Run(class, min, max).length(text)?;
                let has = |holds: fn(&u8) -> bool| text[..run].iter().any(holds);
                (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)).then_some(run)
            }
        }
    }
}
