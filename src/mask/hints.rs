//! One automaton over every literal that may announce something to mask, in any case of letters.
//!
//! One pass finds the signs of structure (`=`, `:`, `>`, escapes) and the hints of all detectors together; rules run
//! one after another are what makes a hundred of them a hundred times slower.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use crate::mask::detector::{Detector, Pattern, Prefix};
use crate::mask::detectors::DETECTORS;
use crate::mask::settings::MaskError;

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
    /// `%`, `\x` and `\u00`, `&…;`.
    Percent,
    Backslash,
    Entity,
    /// One of our own stand-ins.
    StandIn,
    Look(&'static Detector),
    Run(&'static Detector, &'static Prefix),
}

pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) sign: Sign,
}

pub(crate) struct Hints {
    automaton: AhoCorasick,
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
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(&literals)
            .map_err(|source| MaskError::Hints {
                patterns: literals.len(),
                source,
            })?;
        Ok(Self { automaton, signs })
    }

    /// The first hint at or after `from`.
    #[inline]
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Hit> {
        let found = self.automaton.find(Input::new(text).range(from..))?;
        Some(Hit {
            start: found.start(),
            end: found.end(),
            sign: self.signs[found.pattern().as_usize()],
        })
    }
}

fn all() -> impl Iterator<Item = (&'static str, Sign)> {
    let detectors = DETECTORS.iter().flat_map(|detector| {
        let looks = detector
            .hints
            .iter()
            .map(|hint| (*hint, Sign::Look(detector)));
        let runs: &[Prefix] = match &detector.pattern {
            Pattern::Run(prefixes) => prefixes,
            Pattern::Look(_) | Pattern::Digits => &[],
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
    fn the_longest_hint_wins() {
        let hints = Hints::new().expect("builds");
        let hit = hints.find(b"see https://x", 0).expect("found");
        assert_eq!((hit.start, hit.end), (9, 12));
    }
}
