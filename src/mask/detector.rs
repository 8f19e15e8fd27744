//! What a detector is: a kind of secret or personal datum that shows by its own shape, wherever it stands.
//!
//! A detector is data. `hints` are the literals that one automaton looks for; only where one stands is `pattern` tried,
//! so an unanchored run over a whole line never happens. `hits` and `misses` are run by one test over all detectors.

use std::ops::Range;

use crate::mask::kind::Kind;
use crate::mask::scan::Scan;

pub(crate) struct Detector {
    /// What it counts as, and what an explanation calls it.
    pub(crate) name: &'static str,
    /// Literals that must stand in the text. Found in any case; `exact` ones must also match in case.
    pub(crate) hints: &'static [&'static str],
    pub(crate) exact: bool,
    pub(crate) pattern: Pattern,
    /// Whether it is sure enough to mask even where a name says that support needs the value.
    pub(crate) sure: bool,
    /// Texts and the part that must be gone.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the test over all detectors")
    )]
    pub(crate) hits: &'static [(&'static str, &'static str)],
    /// Texts in which it must find nothing.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the test over all detectors")
    )]
    pub(crate) misses: &'static [&'static str],
}

pub(crate) enum Pattern {
    /// The hint and the run of a class after it; the value is both.
    Run(&'static [Prefix]),
    /// Anything else: looks around the hint.
    Look(fn(&Place<'_>) -> Option<Found>),
    /// A scheme and its credential, of which only what proves something is replaced.
    Credential(fn(&Place<'_>) -> Option<Range<usize>>),
    /// Names and values in a grammar of their own: masks what it finds and returns where that ends.
    Walk(fn(&mut Scan, &Place<'_>, usize) -> Option<usize>),
    /// No hint: digits, reached by a table and not by a literal.
    Digits,
}

/// How a value with a fixed start goes on: bytes of `class`, at least `min` of them.
pub(crate) struct Prefix {
    pub(crate) hint: &'static str,
    pub(crate) class: Class,
    pub(crate) min: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Class {
    Digit,
    Hex,
    /// Capitals and digits.
    Upper,
    /// Small letters and digits.
    Lower,
    Alnum,
    /// Letters, digits, `_`.
    Word,
    /// Letters, digits, `_`, `-`.
    Dash,
    /// Letters, digits, `_`, `-`, `.`, `=`.
    Dot,
    /// Both alphabets of base64, and its padding.
    Base,
    /// The same without padding, and what of it is escaped in an address.
    Url,
}

impl Class {
    pub(crate) fn holds(self, b: u8) -> bool {
        match self {
            Self::Digit => b.is_ascii_digit(),
            Self::Upper => b.is_ascii_digit() || b.is_ascii_uppercase(),
            Self::Lower => b.is_ascii_digit() || b.is_ascii_lowercase(),
            Self::Base => b.is_ascii_alphanumeric() || b"+/-_=".contains(&b),
            Self::Url => b.is_ascii_alphanumeric() || b"+/-_%".contains(&b),
            Self::Hex => b.is_ascii_hexdigit(),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Word => b.is_ascii_alphanumeric() || b == b'_',
            Self::Dash => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
            Self::Dot => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'='),
        }
    }

    /// How many bytes from `at` on belong to the class.
    pub(crate) fn run(self, text: &[u8], at: usize) -> usize {
        text[at..].iter().take_while(|b| self.holds(**b)).count()
    }
}

/// Where a hint stands. What is before `floor` is dealt with already and must not be reached for.
pub(crate) struct Place<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) floor: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Place<'_> {
    /// Whether the hint is the start of a word and not in the middle of one.
    pub(crate) fn opens_word(&self) -> bool {
        self.start == self.floor || !Class::Dash.holds(self.text[self.start - 1])
    }
}

/// One or two spans of a secret: `user:password` has two.
pub(crate) struct Found {
    pub(crate) first: (Kind, Range<usize>),
    pub(crate) second: Option<(Kind, Range<usize>)>,
}

impl Found {
    pub(crate) fn one(kind: Kind, span: Range<usize>) -> Self {
        Self {
            first: (kind, span),
            second: None,
        }
    }
}
