//! One automaton over every literal that may announce something to mask, in any case of letters.
//!
//! One pass finds the signs of structure (`=`, `:`, `>`, escapes) and the hints of all detectors together; rules run
//! one after another are what makes a hundred of them a hundred times slower.

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Input, MatchKind};

use crate::mask::detector::{Detector, Pattern, Prefix};
use crate::mask::detectors::DETECTORS;
use crate::mask::settings::MaskError;
use crate::mask::uuid::{UUID_BYTES, is_uuid};

/// What a literal announces.
#[derive(Clone, Copy)]
pub(crate) enum Sign {
    /// `=` or `:` between a name and a value.
    Separator,
    /// `>` that may end an opening tag.
    TagEnd,
    /// The start of a JSON document inside other text.
    Json,
    /// The end of a line: a log line may begin with a client's address.
    LineEnd,
    /// `[client `, as error logs write it.
    Client,
    /// A quote and a digit: a field that may hold nothing but addresses.
    QuotedAddress,
    /// `form-data;` in the head of a part of a multipart body.
    Part,
    /// `%`, `\x` and `\u00`, `&…;`.
    Percent,
    Backslash,
    Entity,
    /// One of our own stand-ins.
    StandIn,
    Look(&'static Detector),
    Run(&'static Detector, &'static Prefix),
}

impl Sign {
    /// Whether what it announces is found by its own look, whatever stands around it.
    pub(crate) fn is_shape(self) -> bool {
        match self {
            Self::Look(detector) => matches!(detector.pattern, Pattern::Look(_)),
            sign => matches!(sign, Self::Run(..) | Self::StandIn),
        }
    }

    pub(crate) fn is_escape(self) -> bool {
        matches!(self, Self::Percent | Self::Backslash | Self::Entity)
    }
}

pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) sign: Sign,
}

pub(crate) struct Hints {
    automaton: DFA,
    signs: Vec<Sign>,
}

const STRUCTURE: &[(&str, Sign)] = &[
    ("=", Sign::Separator),
    (":", Sign::Separator),
    (">", Sign::TagEnd),
    ("{\"", Sign::Json),
    ("[{", Sign::Json),
    ("\n", Sign::LineEnd),
    ("[client ", Sign::Client),
    ("\"1", Sign::QuotedAddress),
    ("\"2", Sign::QuotedAddress),
    ("\"3", Sign::QuotedAddress),
    ("\"4", Sign::QuotedAddress),
    ("\"5", Sign::QuotedAddress),
    ("\"6", Sign::QuotedAddress),
    ("\"7", Sign::QuotedAddress),
    ("\"8", Sign::QuotedAddress),
    ("\"9", Sign::QuotedAddress),
    ("form-data;", Sign::Part),
    ("%", Sign::Percent),
    ("\\x", Sign::Backslash),
    ("\\u00", Sign::Backslash),
    ("&#", Sign::Entity),
    ("&quot;", Sign::Entity),
    ("&amp;", Sign::Entity),
    ("&apos;", Sign::Entity),
    ("&lt;", Sign::Entity),
    ("&commat;", Sign::Entity),
    ("‹", Sign::StandIn),
];

impl Hints {
    pub(crate) fn new() -> Result<Self, MaskError> {
        let (literals, signs): (Vec<&str>, Vec<Sign>) = all().unzip();
        let automaton = DFA::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(&literals)
            .map_err(|source| MaskError::Hints {
                patterns: literals.len(),
                source,
            })?;
        Ok(Self { automaton, signs })
    }

    /// Whether a text surely holds nothing to look at. Most values of a document are a word, a number, a time or an
    /// id, and this is several times cheaper than asking the automaton.
    #[inline]
    pub(crate) fn none_in(text: &[u8]) -> bool {
        match text.len() {
            length if length <= SHORT_BYTES_MAX => !text.iter().any(|b| IS_SIGN[usize::from(*b)]),
            UUID_BYTES => is_uuid(text),
            length => length <= TIME_BYTES_MAX && is_time(text),
        }
    }

    /// The first hint at or after `from`.
    #[inline]
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Hit> {
        let input = Input::new(text).range(from..);
        let found = self.automaton.try_find(&input).ok().flatten()?;
        Some(Hit {
            start: found.start(),
            end: found.end(),
            sign: self.signs[found.pattern().as_usize()],
        })
    }
}

/// No token with a prefix of letters and digits alone is this short, and no card number.
const SHORT_BYTES_MAX: usize = 13;

/// `2026-11-22T03:51:45.123456789+01:00`
const TIME_BYTES_MAX: usize = 35;

/// A date of RFC 3339 and what may follow it there.
fn is_time(text: &[u8]) -> bool {
    let part = |b: &u8| b.is_ascii_digit() || b"T:.Z+- ".contains(b);
    matches!(
        text,
        [
            _,
            _,
            _,
            _,
            b'-',
            _,
            _,
            b'-',
            _,
            _,
            b'T' | b' ',
            _,
            _,
            b':',
            ..
        ]
    ) && text.iter().all(part)
}

/// Bytes that a sign of structure or the hint of a short value has: all but letters, digits and what joins words.
static IS_SIGN: [bool; 256] = {
    let mut table = [false; 256];
    let signs = b"=:>%\\&\xE2@{[\"\n+";
    let mut at = 0;
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    table
};

fn all() -> impl Iterator<Item = (&'static str, Sign)> {
    let detectors = DETECTORS.iter().flat_map(|detector| {
        let looks = detector
            .hints
            .iter()
            .map(|hint| (*hint, Sign::Look(detector)));
        let runs: &[Prefix] = match &detector.pattern {
            Pattern::Run(prefixes) => prefixes,
            Pattern::Look(_) | Pattern::Credential(_) | Pattern::Walk(_) | Pattern::Digits => &[],
        };
        let runs = runs
            .iter()
            .map(|prefix| (prefix.hint, Sign::Run(detector, prefix)));
        looks.chain(runs)
    });
    STRUCTURE.iter().copied().chain(detectors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_rules_share_a_hint() {
        let mut seen = HashSet::new();
        for (literal, _) in all() {
            assert!(seen.insert(literal.to_ascii_lowercase()), "{literal}");
        }
    }

    #[test]
    fn short_texts_without_a_sign_can_hold_nothing() {
        for (literal, sign) in all() {
            let shortest = match sign {
                Sign::Run(_, prefix) => literal.len() + prefix.min,
                Sign::Part => literal.len() + "name=a".len(),
                Sign::Look(_) if !literal.contains([':', '@']) => continue,
                _ => literal.len(),
            };
            assert!(
                shortest > SHORT_BYTES_MAX || !Hints::none_in(literal.as_bytes()),
                "{literal}"
            );
        }
        assert!(Hints::none_in(b"order-sync 12"));
    }

    #[test]
    fn the_longest_hint_wins() {
        let hints = Hints::new().expect("builds");
        let hit = hints.find(b"see https://x", 0).expect("found");
        assert_eq!((hit.start, hit.end), (9, 12));
    }
}
