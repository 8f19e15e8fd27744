//! What masking a text came to, for texts that come again: agents, hosts, operations, paths.
//!
//! A fixed table of places by hash: a new text takes the place of the one before, so memory is bounded and nothing
//! has to be evicted. The texts may be secrets and are wiped. The whole text is compared, so two texts with one hash
//! are never confused; the hash is seeded, so nobody can make texts that always take each other's place.

use std::cell::Cell;
use std::sync::Arc;

use twox_hash::XxHash3_64;
use zeroize::Zeroize;

use crate::mask::key::MaskKey;
use crate::mask::kind::Kind;
use crate::mask::note::Secret;
use crate::mask::originals::{Notes, Original};

/// Texts that are longer hardly ever come again.
pub(crate) const TEXT_BYTES_MAX: usize = 512;
/// Places; a power of two. Full of URLs this is some 16 MB a thread.
const PLACES: usize = 1 << 16;

/// How a text was searched: the same text gives other things as a form than as a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Any,
    Path,
    Query,
}

/// What was found in a text.
pub(crate) struct Known {
    how: How,
    text: String,
    /// `None` when nothing in it is masked.
    pub(crate) masked: Option<Box<str>>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) counts: Vec<(Kind, u64)>,
    /// Whose credential a query holds.
    pub(crate) principal: Option<Box<str>>,
    /// What was masked, for the proof of every batch in which the text comes again.
    originals: Box<[Arc<Original>]>,
    /// In which batch that was noted last.
    noted: Cell<u64>,
}

impl Known {
    pub(crate) fn new(how: How, text: &str) -> Self {
        Self {
            how,
            text: text.to_owned(),
            masked: None,
            secrets: Vec::new(),
            counts: Vec::new(),
            principal: None,
            originals: Box::default(),
            noted: Cell::new(0),
        }
    }

    pub(crate) fn keep_noted(&mut self, notes: &mut Notes, trail: usize) {
        self.originals = notes.end_trail(trail);
        self.noted.set(notes.epoch());
    }

    pub(crate) fn note_again(&self, notes: &mut Notes) {
        if notes.lacks(self.noted.get()) {
            notes.again(&self.originals);
            self.noted.set(notes.epoch());
        }
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

pub(crate) struct Memo {
    places: Vec<Option<Box<Known>>>,
    seed: u64,
}

impl Memo {
    pub(crate) fn new(key: &MaskKey) -> Self {
        Self {
            places: std::iter::repeat_with(|| None).take(PLACES).collect(),
            seed: key.seed(b"tidemark memo seed"),
        }
    }

    fn place(&self, how: How, text: &str) -> usize {
        let hash = XxHash3_64::oneshot_with_seed(self.seed ^ how as u64, text.as_bytes());
        hash as usize % PLACES
    }

    pub(crate) fn find(&self, how: How, text: &str) -> Option<&Known> {
        let known = self.places[self.place(how, text)].as_deref()?;
        (known.how == how && known.text == text).then_some(known)
    }

    pub(crate) fn keep(&mut self, known: Known) {
        let place = self.place(known.how, &known.text);
        self.places[place] = Some(Box::new(known));
    }
}
