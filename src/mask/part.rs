//! Texts masked once and put into many rows: the hosts, request lines and agents that come again in nearly every line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;
use zeroize::Zeroizing;

use crate::mask::fields::{is_plain, plain_run};
use crate::mask::kind::Kind;
use crate::mask::lexicon::{Code, Lexicon};
use crate::mask::memo::How;
use crate::mask::originals::Original;
use crate::mask::scan::Scan;

/// A run that is shorter stands nearly everywhere.
pub(crate) const RUN_BYTES_MIN: usize = 3;

/// A text masked by itself, and what was found in it. Small, because a million of them may be remembered.
pub struct Part {
    pub(in crate::mask) masked: Box<str>,
    /// Most texts hold nothing.
    found: Option<Box<Found>>,
    /// The number of its lexicon above, its own in it below; one word, so that both are of the same lexicon.
    code: AtomicU64,
    /// Whether a digit, a point and a digit stand in it, as in every IPv4 address.
    pub(in crate::mask) is_dotted: bool,
}

struct Found {
    /// The longest run of plain signs of each secret, which every spelling of it keeps.
    runs: Vec<Zeroizing<String>>,
    counts: Vec<(Kind, u64)>,
    /// What was masked, for the proof of every batch in which the part comes again.
    originals: Box<[Arc<Original>]>,
    /// In which batch that was noted last.
    noted: AtomicU64,
}

impl Part {
    /// Whether what was found in this text may stand in another one.
    pub fn may_echo_in(&self, other: &Self) -> bool {
        self.runs().iter().any(|run| may_hold(&other.masked, run))
    }

    /// Whether anything was found in it.
    pub(in crate::mask) fn is_clean(&self) -> bool {
        self.found.is_none()
    }

    fn runs(&self) -> &[Zeroizing<String>] {
        self.found.as_ref().map_or(&[], |found| &found.runs)
    }

    pub(in crate::mask) fn code(&self, lexicon: &Lexicon) -> Code {
        let known = self.code.load(Ordering::Relaxed);
        if known >> 32 == u64::from(lexicon.id()) {
            return known as Code;
        }
        let [code] = lexicon.codes([Some(&self.masked)]);
        let known = u64::from(lexicon.id()) << 32 | u64::from(code);
        self.code.store(known, Ordering::Relaxed);
        code
    }
}

impl Scan {
    pub(in crate::mask) fn count_part(&mut self, part: &Part) {
        let Some(found) = &part.found else { return };
        for (kind, n) in &found.counts {
            self.count(*kind, *n);
        }
        if self.notes.lacks(found.noted.load(Ordering::Relaxed)) {
            self.notes.again(&found.originals);
            found.noted.store(self.notes.epoch(), Ordering::Relaxed);
        }
    }

    pub(in crate::mask) fn text_part(&mut self, text: &str) -> Part {
        self.part_of(|scan| scan.recall(How::Any, text).into())
    }

    pub(in crate::mask) fn code_part(&mut self, code: &str) -> Part {
        self.part_of(|scan| scan.field(code, |scan, text| scan.sure(text, 0)).into())
    }

    /// A method or a host.
    pub(in crate::mask) fn word_part(&mut self, text: &str) -> Part {
        match is_plain(text) {
            true => self.part_of(|_| text.into()),
            false => self.text_part(text),
        }
    }

    pub(in crate::mask) fn part_of(&mut self, mask: impl FnOnce(&mut Self) -> Box<str>) -> Part {
        let others = self.take_secrets();
        let before = self.counts;
        let trail = self.notes.begin_trail();
        let masked = mask(self);
        let originals = self.notes.end_trail(trail);
        let found = std::mem::replace(&mut self.secrets, others);
        let counts = std::mem::replace(&mut self.counts, before);
        let run = |value: &[u8]| match std::str::from_utf8(value) {
            Ok(value) => plain_run(value).to_owned(),
            // Not told apart from anything.
            Err(_) => String::new(),
        };
        let counted = Kind::ALL
            .iter()
            .map(|kind| (*kind, counts[*kind as usize] - before[*kind as usize]));
        let found = Found {
            runs: found
                .iter()
                .map(|secret| Zeroizing::new(run(&secret.value)))
                .collect(),
            counts: counted.filter(|(_, n)| *n > 0).collect(),
            originals,
            noted: AtomicU64::new(self.notes.epoch()),
        };
        let nothing =
            found.runs.is_empty() && found.counts.is_empty() && found.originals.is_empty();
        Part {
            is_dotted: is_dotted(&masked),
            masked,
            found: (!nothing).then(|| Box::new(found)),
            code: AtomicU64::new(0),
        }
    }
}

pub(crate) fn is_dotted(text: &str) -> bool {
    let digits = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    memchr::memchr_iter(b'.', text.as_bytes()).any(|at| at > 0 && digits(at - 1) && digits(at + 1))
}

/// Whether a text may hold a value in some spelling, of which `run` is the longest run of plain signs.
pub(crate) fn may_hold(text: &str, run: &str) -> bool {
    let run = run.as_bytes();
    let [first, .., last] = run else {
        return true;
    };
    if run.len() < RUN_BYTES_MIN {
        return true;
    }
    // The last sign first: most short texts lack it, and a search costs more to begin than to do.
    let text = text.as_bytes();
    text.len() >= run.len()
        && memchr::memchr(*last, &text[run.len() - 1..]).is_some()
        && memchr::memchr(*first, text).is_some()
        && holds_run(text, run)
}

/// Whether a run stands in a text. A search by vectors costs more to set up than the few places where eight bytes of
/// most runs can begin.
fn holds_run(text: &[u8], run: &[u8]) -> bool {
    let Some((head, rest)) = run.split_first_chunk::<8>() else {
        return memmem::find(text, run).is_some();
    };
    let starts = text.len() - run.len() + 1;
    memchr::memchr_iter(head[7], &text[7..7 + starts])
        .any(|at| text[at..at + 8] == *head && text[at + 8..].starts_with(rest))
}
