//! Many secrets at once, in one pass over a text: the list of users that a body is, or a line of many records.
//!
//! A table of windows holds most of them in little memory; what it has no place for goes into an automaton.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::mask::spelling::{base64_at, text_at};
use crate::mask::window_table::WindowTable;
use crate::mask::windows::{WINDOW, Way};

/// Longer values are few, and one that begins alike is found by the automaton too.
const VALUE_BYTES_MAX: usize = 256;
/// Spellings in the automaton, and their bytes: some 160 MB of it. What is beyond is masked where it was found, and
/// not looked for elsewhere.
const SPELLINGS_MAX: usize = 1 << 17;
const SPELLING_BYTES_MAX: usize = 4 << 20;

/// Where a secret stands: from, to, which one, and whether inside of base64.
pub(crate) type Stand = (usize, usize, usize, bool);

pub(crate) struct Crowd {
    table: WindowTable,
    /// Which secret a spelling belongs to, and whether it is a piece of base64.
    rest: Option<(AhoCorasick, Vec<(usize, bool)>)>,
}

impl Crowd {
    /// `spellings` gives those of a value by its number, and whether each is a piece of base64; it is asked only for
    /// values that the table has no place for.
    pub(crate) fn new<'v>(
        values: impl Iterator<Item = &'v str>,
        spellings: impl Fn(usize) -> Vec<(String, bool)>,
    ) -> Self {
        let mut table = WindowTable::default();
        let (mut written, mut numbers, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (number, value) in values.enumerate() {
            let fits = (WINDOW..=VALUE_BYTES_MAX).contains(&value.len());
            if fits && table.add_all(value, number as u32) {
                continue;
            }
            for (spelling, is_base64) in spellings(number) {
                bytes += spelling.len();
                if written.len() < SPELLINGS_MAX && bytes <= SPELLING_BYTES_MAX {
                    written.push(spelling);
                    numbers.push((number, is_base64));
                }
            }
        }
        table.close();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&written);
        let rest = automaton.ok().filter(|_| !written.is_empty());
        Self {
            table,
            rest: rest.map(|automaton| (automaton, numbers)),
        }
    }

    pub(crate) fn find<'v>(&self, text: &[u8], value: impl Fn(usize) -> &'v str) -> Vec<Stand> {
        let mut found = Vec::new();
        self.table.each(text, |at, entry| {
            let (number, from) = (entry.number as usize, usize::from(entry.from));
            let is_base64 = entry.way == Way::Base64;
            let span = match is_base64 {
                true => base64_at(text, at, value(number).as_bytes(), from),
                false => text_at(text, at, value(number), from),
            };
            found.extend(span.map(|span| (span.start, span.end, number, is_base64)));
        });
        if let Some((automaton, numbers)) = &self.rest {
            found.extend(automaton.find_iter(text).map(|hit| {
                let (number, is_base64) = numbers[hit.pattern().as_usize()];
                (hit.start(), hit.end(), number, is_base64)
            }));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(values: &[String]) -> Crowd {
        Crowd::new(values.iter().map(String::as_str), |number| {
            vec![(values[number].clone(), false)]
        })
    }

    #[test]
    fn every_member_is_found_also_those_that_are_short_long_or_alike() {
        let alike = (0..100).map(|n| format!("alike-alike-{n:03}"));
        let others = ["short7!", "a+b/c d=e", &"long".repeat(100)].map(str::to_owned);
        let values: Vec<String> = others.into_iter().chain(alike).collect();
        let crowd = crowd(&values);
        for (number, value) in values.iter().enumerate() {
            let text = format!("said {value}, or so");
            let found = crowd.find(text.as_bytes(), |number| &values[number]);
            assert!(
                found.contains(&(5, 5 + value.len(), number, false)),
                "{value}: {found:?}"
            );
        }
    }

    #[test]
    fn spellings_and_base64_are_found() {
        let values = vec!["p&ss/w0rd-Xy12".to_owned()];
        let crowd = crowd(&values);
        for (text, base64) in [
            ("a=p%26ss%2Fw0rd-Xy12", false),
            ("p\\u0026ss\\/w0rd-Xy12", false),
            ("p&amp;ss/w0rd-Xy12", false),
            ("YTpwJnNzL3cwcmQtWHkxMg==", true),
        ] {
            let found = crowd.find(text.as_bytes(), |number| &values[number]);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].2, found[0].3), (0, base64), "{text}");
        }
    }
}
