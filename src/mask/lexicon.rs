//! Masked texts as numbers: hosts, operations, URLs stand in row after row, and a number is hashed, compared, joined and
//! written to a dictionary page for a fraction of what its text costs.
//!
//! One lexicon serves many batches, so that a text is met anew only once. It only grows; when it has become large, the
//! next batches begin another one.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::mask::column::FULL_BYTES;

/// From here on new batches begin a new one.
const TEXTS_MAX: usize = 1 << 17;
const BYTES_MAX: usize = 16 << 20;

/// The number of a text in its lexicon, from 1; 0 where there is none.
pub type Code = u32;
pub const MISSING: Code = 0;

#[derive(Debug)]
pub struct Lexicon {
    id: u32,
    words: Mutex<Words>,
}

impl Default for Lexicon {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            words: Mutex::default(),
        }
    }
}

#[derive(Debug, Default)]
struct Words {
    hasher: RandomState,
    numbers: HashTable<Code>,
    bytes: String,
    /// Where each text ends; the first is where the first begins.
    ends: Vec<u32>,
}

impl Lexicon {
    /// Tells it from all others of this process.
    pub(in crate::mask) fn id(&self) -> u32 {
        self.id
    }

    /// The numbers of some texts, in one go.
    pub(in crate::mask) fn codes<const N: usize>(&self, texts: [Option<&str>; N]) -> [Code; N] {
        let mut words = self.words();
        texts.map(|text| text.map_or(MISSING, |text| words.code(text)))
    }

    /// The numbers in this lexicon of what has the given ones in another.
    pub(in crate::mask) fn recode(&self, other: &Self, codes: &mut [&mut Vec<Code>]) {
        let (mut words, others) = (self.words(), other.words());
        let mut known = vec![MISSING; others.len() + 1];
        for code in codes.iter_mut().flat_map(|codes| codes.iter_mut()) {
            let new = &mut known[*code as usize];
            if *new == MISSING && *code != MISSING {
                *new = words.code(others.text(*code));
            }
            *code = *new;
        }
    }

    /// The texts of some numbers, one after the other: all bytes, and where each ends, with a 0 in front.
    pub fn texts(&self, codes: &[Code]) -> (String, Vec<i32>) {
        let words = self.words();
        let mut bytes = String::new();
        let mut ends = vec![0];
        for code in codes {
            bytes.push_str(words.text(*code));
            ends.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        }
        (bytes, ends)
    }

    /// The text of a number.
    pub fn text(&self, code: Code) -> Option<String> {
        (code != MISSING).then(|| self.words().text(code).to_owned())
    }

    pub(in crate::mask) fn is_large(&self) -> bool {
        let words = self.words();
        words.len() >= TEXTS_MAX || words.bytes.len() >= BYTES_MAX
    }

    pub(in crate::mask) fn is_full(&self) -> bool {
        self.words().bytes.len() >= FULL_BYTES
    }

    /// The highest number.
    pub fn highest(&self) -> Code {
        self.words().len() as Code
    }

    /// What it holds beyond the size up to which many batches share it.
    pub(in crate::mask) fn bytes_unshared(&self) -> usize {
        let words = self.words();
        (words.bytes.len() + 8 * words.ends.len()).saturating_sub(BYTES_MAX)
    }

    fn words(&self) -> MutexGuard<'_, Words> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Words {
    fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    fn text(&self, code: Code) -> &str {
        let at = code as usize;
        let Some([start, end]) = self.ends.get(at.wrapping_sub(1)..=at) else {
            return "";
        };
        &self.bytes[*start as usize..*end as usize]
    }

    /// A text that the offsets cannot reach is stored as missing, never cut at a wrong place.
    fn code(&mut self, text: &str) -> Code {
        let hash = self.hasher.hash_one(text);
        let same = |code: &Code| self.text(*code) == text;
        if let Some(code) = self.numbers.find(hash, same) {
            return *code;
        }
        let Ok(end) = u32::try_from(self.bytes.len() + text.len()) else {
            return MISSING;
        };
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        let code = self.ends.len() as Code;
        self.bytes.push_str(text);
        self.ends.push(end);
        let (hasher, bytes, ends) = (&self.hasher, &self.bytes, &self.ends);
        self.numbers.insert_unique(hash, code, |code| {
            let at = *code as usize;
            hasher.hash_one(&bytes[ends[at - 1] as usize..ends[at] as usize])
        });
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_and_a_number_one_text() {
        let lexicon = Lexicon::default();
        assert_eq!(
            lexicon.codes([Some("a"), None, Some("b"), Some("a")]),
            [1, 0, 2, 1]
        );
        assert_eq!(lexicon.codes([Some("")]), [3]);
        let texts: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        let codes: Vec<Code> = texts.iter().map(|t| lexicon.codes([Some(t)])[0]).collect();
        for (text, code) in texts.iter().zip(codes) {
            assert_eq!(lexicon.text(code).as_ref(), Some(text));
            assert_eq!(lexicon.codes([Some(text)]), [code]);
        }
        assert_eq!(lexicon.text(MISSING), None);
        assert_eq!(
            lexicon.texts(&[2, 3, 1]),
            ("ba".to_owned(), vec![0, 1, 1, 2])
        );
    }

    #[test]
    fn numbers_are_carried_over() {
        let (one, other) = (Lexicon::default(), Lexicon::default());
        one.codes([Some("x"), Some("a")]);
        let mut codes = other.codes([Some("a"), None, Some("b")]).to_vec();
        one.recode(&other, &mut [&mut codes]);
        assert_eq!(codes, [2, 0, 3]);
        assert_eq!(one.text(3).as_deref(), Some("b"));
    }
}
