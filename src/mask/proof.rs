//! Looks for the originals of a batch in what is about to be stored, and puts their stand-ins where one is left.
//!
//! A window of eight bytes slides over the text; a bit filter drops nearly every place, a table names the values that
//! may stand at the others, and the whole value is compared there. So the time grows with the bytes and not with the
//! values. What is found inside a stand-in is no value.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::mask::counts::MaskCounts;
use crate::mask::originals::{Original, Originals};
use crate::mask::placeholder::stand_in_at;
use crate::mask::spelling::{base64_at, text_at};
use crate::mask::strength::Unsearched;
use crate::mask::window_table::{Entry, WindowTable};
use crate::mask::windows::Way;

/// A stand-in is no longer than this.
const STAND_IN_BYTES_MAX: usize = 64;
/// Of `‹`.
const STAND_IN_FIRST: u8 = 0xE2;

/// The search for all originals of a commit.
pub struct Proof {
    originals: Vec<Arc<Original>>,
    /// Values that are not looked for after all.
    left_out: Vec<bool>,
    table: WindowTable,
    /// Why values are not looked for, and how many.
    unsearched: BTreeMap<&'static str, u64>,
    masked: u64,
}

/// An original that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub span: Range<usize>,
    /// Which one; says nothing about it.
    pub number: usize,
    /// Whether it stands there inside of base64.
    is_base64: bool,
}

impl Proof {
    pub fn new(all: &Originals) -> Self {
        let mut unsearched = BTreeMap::new();
        for why in Unsearched::ALL {
            let n = all.iter().filter(|o| o.unsearched == Some(why)).count();
            unsearched.insert(why.name(), n as u64);
        }
        unsearched.insert("beyond_limit", all.beyond());
        let originals = all.iter().filter(|o| o.unsearched.is_none());
        let mut proof = Self {
            originals: originals.cloned().collect(),
            left_out: Vec::new(),
            table: WindowTable::default(),
            unsearched,
            masked: all.len() as u64 + all.beyond(),
        };
        proof.left_out = vec![false; proof.originals.len()];
        proof.fill();
        proof
    }

    fn fill(&mut self) {
        for number in 0..self.originals.len() {
            if !self
                .table
                .add_all(&self.originals[number].value, number as u32)
            {
                self.leave_out(number, "crowded");
            }
        }
        self.table.close();
    }

    /// How many different values were masked.
    pub fn masked(&self) -> u64 {
        self.masked
    }

    /// How many of them are looked for.
    pub fn searched(&self) -> u64 {
        self.left_out.iter().filter(|left| !**left).count() as u64
    }

    /// How many are not, by reason.
    pub fn unsearched(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let some = self.unsearched.iter().filter(|(_, n)| **n > 0);
        some.map(|(why, n)| (*why, *n))
    }

    /// A host is known to all the world, so what stands in one is no secret.
    pub fn see_host(&mut self, host: &str) {
        let mut found = Vec::new();
        self.find(host.as_bytes(), |hit| found.push(hit.number));
        for number in found {
            self.leave_out(number, "host");
        }
    }

    fn leave_out(&mut self, number: usize, why: &'static str) {
        if !std::mem::replace(&mut self.left_out[number], true) {
            *self.unsearched.entry(why).or_default() += 1;
        }
    }

    /// Every place where an original stands, in order of their windows.
    pub fn find(&self, text: &[u8], mut take: impl FnMut(Hit)) {
        self.table.each(text, |at, entry| {
            let hit = self.compare(text, at, entry);
            if let Some(hit) = hit.filter(|hit| !is_in_stand_in(text, &hit.span)) {
                take(hit);
            }
        });
    }

    /// Whether any original stands in a text.
    pub fn holds(&self, text: &[u8]) -> bool {
        let mut found = false;
        self.find(text, |_| found = true);
        found
    }

    fn compare(&self, text: &[u8], at: usize, entry: Entry) -> Option<Hit> {
        let number = entry.number as usize;
        if self.left_out[number] {
            return None;
        }
        let (value, from) = (self.originals[number].value.as_str(), entry.from.into());
        let span = match entry.way {
            Way::Text => text_at(text, at, value, from),
            Way::Base64 => base64_at(text, at, value.as_bytes(), from),
        };
        let is_base64 = entry.way == Way::Base64;
        span.map(|span| Hit {
            span,
            number,
            is_base64,
        })
    }

    /// The text with stand-ins where originals stood, counted; `None` when there are none.
    pub fn heal(&self, text: &str, counts: &mut MaskCounts) -> Option<String> {
        let mut hits = Vec::new();
        self.find(text.as_bytes(), |hit| hits.push(hit));
        if hits.is_empty() {
            return None;
        }
        for hit in hits.iter_mut().filter(|hit| hit.is_base64) {
            hit.span = whole_base64(text.as_bytes(), &hit.span);
        }
        hits.sort_unstable_by_key(|hit| (hit.span.start, usize::MAX - hit.span.end));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for Hit { span, number, .. } in hits {
            let (start, end) = (
                text.floor_char_boundary(span.start),
                text.ceil_char_boundary(span.end),
            );
            if start >= done {
                let original = &self.originals[number];
                out.push_str(&text[done..start]);
                out.push_str(&original.stand_in);
                counts.add(original.kind.name(), 1);
            }
            // What begins inside of another ends with it.
            done = done.max(end);
        }
        out.push_str(&text[done..]);
        Some(out)
    }
}

fn is_in_stand_in(text: &[u8], span: &Range<usize>) -> bool {
    let from = span.start.saturating_sub(STAND_IN_BYTES_MAX);
    let mut opens = memchr::memrchr_iter(STAND_IN_FIRST, &text[from..span.end]);
    opens.any(|at| stand_in_at(text, from + at).is_some_and(|whole| whole.end >= span.end))
}

/// The base64 around a place: a part of it cannot be read without the rest.
fn whole_base64(text: &[u8], span: &Range<usize>) -> Range<usize> {
    let sign = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let before = text[..span.start].iter().rev().take_while(sign).count();
    let after = text[span.end..].iter().take_while(sign).count();
    let end = span.end + after;
    let padding = text[end..]
        .iter()
        .take(2)
        .take_while(|b| **b == b'=')
        .count();
    span.start - before..end + padding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::key::MaskKey;
    use crate::mask::kind::Kind;
    use crate::mask::originals::Notes;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const TOKEN: &str = "sk-8f14e45fceea167a5a36";

    fn proof(values: &[(Kind, &str)]) -> Proof {
        let mut notes = Notes::new(&MaskKey::from_bytes([1; 32]));
        for (kind, value) in values {
            notes.note(*kind, value.as_bytes(), "‹it›");
        }
        Proof::new(&notes.take())
    }

    fn healed(proof: &Proof, text: &str) -> String {
        let mut counts = MaskCounts::default();
        proof
            .heal(text, &mut counts)
            .unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn an_original_is_found_and_replaced_in_every_spelling() {
        for (value, kind) in [
            (TOKEN, Kind::Token),
            ("ana.lee@example.org", Kind::Email),
            ("a1b2/c3d4+e5f6==", Kind::Secret),
            ("4111 1111 1111 1111", Kind::Card),
            ("Pa55w\"rd<q1w2e3>&k9z8y", Kind::Password),
        ] {
            let proof = proof(&[(kind, value)]);
            assert_eq!(proof.searched(), 1, "{value}");
            let escape = |write: fn(u32) -> String| -> String {
                let sign = |c: char| match c.is_ascii_alphanumeric() {
                    true => c.to_string(),
                    false => write(u32::from(c)),
                };
                value.chars().map(sign).collect()
            };
            let json = serde_json::to_string(value).expect("JSON");
            for written in [
                value.to_owned(),
                escape(|c| format!("%{c:02X}")),
                escape(|c| format!("%{c:02x}")),
                escape(|c| format!("%25{c:02X}")),
                escape(|c| format!("\\u{c:04X}")),
                escape(|c| format!("\\x{c:02x}")),
                escape(|c| format!("&#{c};")),
                escape(|c| format!("&#x{c:x};")),
                json[1..json.len() - 1].to_owned(),
                value.replace('/', "\\/"),
                value
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;"),
            ] {
                let text = format!("a {written} b");
                assert!(proof.holds(text.as_bytes()), "{text}");
                assert_eq!(healed(&proof, &text), "a ‹it› b", "{text}");
            }
            for before in ["", "x", "xy"] {
                let inner = format!("{before}{value}z");
                for written in [STANDARD.encode(&inner), URL_SAFE_NO_PAD.encode(&inner)] {
                    let text = format!("\"{written}\"");
                    assert_eq!(healed(&proof, &text), "\"‹it›\"", "{value} after {before}");
                }
            }
        }
    }

    #[test]
    fn many_values_are_found_at_once_and_nothing_else_is() {
        let values: Vec<String> = (0..3_000u64)
            .map(|n| format!("{:016x}x{n:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        let known: Vec<(Kind, &str)> = values.iter().map(|v| (Kind::Token, v.as_str())).collect();
        let proof = proof(&known[..2_000]);
        assert!(proof.searched() > 1_900, "{}", proof.searched());
        let found = |value: &String| proof.holds(format!("<{value}>").as_bytes());
        assert_eq!(
            values[..2_000].iter().filter(|v| found(v)).count() as u64,
            proof.searched()
        );
        assert!(!values[2_000..].iter().any(found));
    }

    #[test]
    fn values_side_by_side_and_inside_each_other_are_all_gone() {
        let longer = format!("{TOKEN}-0badc0de77aa55");
        let proof = proof(&[(Kind::Token, TOKEN), (Kind::Token, &longer)]);
        assert_eq!(healed(&proof, &format!("{TOKEN}{TOKEN}")), "‹it›‹it›");
        assert_eq!(healed(&proof, &format!("x{longer}x")), "x‹it›x");
    }

    #[test]
    fn what_stands_inside_a_stand_in_is_none() {
        let code = "mfrggzdf2ztwq2lkabcd";
        let proof = proof(&[(Kind::Token, code)]);
        assert!(proof.holds(code.as_bytes()));
        assert!(!proof.holds(format!("‹token:ab12:{code}›").as_bytes()));
    }

    #[test]
    fn what_stands_in_a_host_name_is_no_secret() {
        let mut proof = proof(&[(Kind::Key, "mc8f14e45fceea167")]);
        proof.see_host("mc8f14e45fceea167.rest.marketingcloudapis.com");
        assert!(!proof.holds(b"mc8f14e45fceea167"));
        assert_eq!(proof.searched(), 0);
        assert_eq!(proof.unsearched().collect::<Vec<_>>(), [("host", 1)]);
    }

    #[test]
    fn values_made_to_share_all_windows_are_counted_and_not_compared() {
        let run = "a1".repeat(20);
        let values: Vec<String> = (0..200).map(|n| format!("{n:03}-{run}")).collect();
        let known: Vec<(Kind, &str)> = values.iter().map(|v| (Kind::Token, v.as_str())).collect();
        let proof = proof(&known);
        let crowded = proof.unsearched().find(|(why, _)| *why == "crowded");
        assert!(crowded.is_some_and(|(_, n)| n > 100), "{crowded:?}");
        assert_eq!(proof.searched() + crowded.map_or(0, |(_, n)| n), 200);
    }

    #[test]
    fn people_of_one_name_and_one_host_are_all_looked_for() {
        let values: Vec<String> = (0..2_000)
            .map(|n| format!("user{n}.{}@example.org", ["lee", "smith", "kim"][n % 3]))
            .collect();
        let known: Vec<(Kind, &str)> = values.iter().map(|v| (Kind::Email, v.as_str())).collect();
        let proof = proof(&known);
        assert_eq!(proof.searched(), 2_000);
        for value in &values {
            let text = format!(
                "to {} and {}",
                value.replace('@', "%40"),
                STANDARD.encode(value)
            );
            assert_eq!(healed(&proof, &text), "to ‹it› and ‹it›", "{value}");
        }
    }
}
