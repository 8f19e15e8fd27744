//! What was masked, as it stood before: kept in memory until the files of its batch are proved to hold none of it.
//!
//! Each value once, known by a keyed hash; those that are not looked for are only counted. Wiped when dropped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashTable;
use twox_hash::XxHash3_128;
use zeroize::Zeroizing;

use crate::mask::key::{MaskKey, tag};
use crate::mask::kind::Kind;
use crate::mask::strength::{Unsearched, searchable};

/// Values of one commit, and their bytes; what comes beyond is counted and not looked for. Full, this and the search
/// over it take some 60 MB.
const VALUES_MAX: usize = 1 << 17;
const BYTES_MAX: usize = 16 << 20;
/// A longer value is known by its end, where tokens and keys differ.
const VALUE_BYTES_MAX: usize = 256;

/// One value that was masked.
pub(crate) struct Original {
    /// Two values share one once in 10^38 pairs, and nobody without the key can look for such a pair.
    mark: u128,
    pub(crate) kind: Kind,
    pub(crate) unsearched: Option<Unsearched>,
    /// Empty where it is not looked for.
    pub(crate) value: Zeroizing<String>,
    pub(crate) stand_in: Box<str>,
}

impl Original {
    fn new(mark: u128, kind: Kind, value: &[u8], stand_in: &str) -> Self {
        match searchable(kind, value) {
            Ok(value) => Self {
                mark,
                kind,
                unsearched: None,
                value: Zeroizing::new(end_of(value).to_owned()),
                stand_in: stand_in.into(),
            },
            Err(why) => Self {
                mark,
                kind,
                unsearched: Some(why),
                value: Zeroizing::default(),
                stand_in: Box::default(),
            },
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.value.len() + self.stand_in.len()
    }
}

fn end_of(value: &str) -> &str {
    &value[value.ceil_char_boundary(value.len().saturating_sub(VALUE_BYTES_MAX))..]
}

/// The values of a batch.
#[derive(Clone, Default)]
pub struct Originals {
    known: HashTable<Arc<Original>>,
    bytes: usize,
    /// How often a value was met that found no place.
    beyond: u64,
}

impl Originals {
    /// How many different values were masked.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How often a value was met beyond the limit.
    pub fn beyond(&self) -> u64 {
        self.beyond
    }

    /// Approximate size on the heap.
    pub fn bytes(&self) -> usize {
        self.bytes + self.known.capacity() * size_of::<usize>()
    }

    pub fn merge(&mut self, mut other: Self) {
        if self.is_empty() {
            std::mem::swap(self, &mut other);
        }
        self.beyond += other.beyond;
        for original in other.known.drain() {
            self.add(original);
        }
    }

    pub(in crate::mask) fn iter(&self) -> impl Iterator<Item = &Arc<Original>> {
        self.known.iter()
    }

    fn find(&self, mark: u128) -> Option<&Arc<Original>> {
        self.known.find(mark as u64, |known| known.mark == mark)
    }

    fn add(&mut self, original: Arc<Original>) {
        let mark = original.mark;
        if let Some(known) = self.known.find_mut(mark as u64, |known| known.mark == mark) {
            // The same value under a name that tells more of it.
            if known.unsearched.is_some() && original.unsearched.is_none() {
                self.bytes += original.bytes() - known.bytes();
                *known = original;
            }
            return;
        }
        if self.known.len() >= VALUES_MAX || self.bytes >= BYTES_MAX {
            self.beyond += 1;
            return;
        }
        self.bytes += original.bytes();
        let hash = |known: &Arc<Original>| known.mark as u64;
        self.known.insert_unique(mark as u64, original, hash);
    }
}

/// Sizes alone: the values are secrets.
impl fmt::Debug for Originals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Originals({} values)", self.len())
    }
}

/// Takes down what a thread masks.
pub(crate) struct Notes {
    seed: u64,
    /// Tells this batch from all others of the process, so that what was noted in it need not be noted again.
    epoch: u64,
    found: Originals,
    /// What was noted since the outermost trail began, for whoever remembers what masking a text came to.
    trail: Vec<Arc<Original>>,
    trails: usize,
    /// Whether nobody will ask: text that is masked and stored nowhere is proved by nobody.
    pub(crate) unasked: bool,
}

impl Notes {
    pub(crate) fn new(key: &MaskKey) -> Self {
        let tag = tag(&key.mac(), b"tidemark originals seed");
        let bytes = tag.iter().take(8);
        Self {
            seed: bytes.fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
            epoch: next_epoch(),
            found: Originals::default(),
            trail: Vec::new(),
            trails: 0,
            unasked: false,
        }
    }

    pub(crate) fn note(&mut self, kind: Kind, value: &[u8], stand_in: &str) {
        if self.unasked {
            return;
        }
        let mark = XxHash3_128::oneshot_with_seed(self.seed, value);
        let known = self.found.find(mark);
        let known = known.filter(|known| known.unsearched.is_none() || known.kind == kind);
        let original = match known {
            Some(_) if self.trails == 0 => return,
            Some(known) => Arc::clone(known),
            None => Arc::new(Original::new(mark, kind, value, stand_in)),
        };
        self.again(&[original]);
    }

    /// What was noted before, in a text that came again.
    pub(crate) fn again(&mut self, originals: &[Arc<Original>]) {
        for original in originals {
            self.found.add(Arc::clone(original));
            if self.trails > 0 {
                self.trail.push(Arc::clone(original));
            }
        }
    }

    /// From here on it is remembered what is noted. Trails lie inside each other.
    pub(crate) fn begin_trail(&mut self) -> usize {
        self.trails += 1;
        self.trail.len()
    }

    pub(crate) fn end_trail(&mut self, mark: usize) -> Box<[Arc<Original>]> {
        let mut noted = self.trail[mark..].to_vec();
        noted.sort_unstable_by_key(|original| original.mark);
        noted.dedup_by_key(|original| original.mark);
        self.trails -= 1;
        if self.trails == 0 {
            self.trail.clear();
        }
        noted.into()
    }

    /// Whether what a text came to must be noted again, that was noted in `epoch` before.
    pub(crate) fn lacks(&self, epoch: u64) -> bool {
        self.trails > 0 || epoch != self.epoch
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// All that was noted; what comes belongs to another batch.
    pub(crate) fn take(&mut self) -> Originals {
        self.epoch = next_epoch();
        std::mem::take(&mut self.found)
    }
}

fn next_epoch() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes() -> Notes {
        Notes::new(&MaskKey::from_bytes([1; 32]))
    }

    fn values(originals: &Originals) -> Vec<&str> {
        let mut values: Vec<&str> = originals.iter().map(|o| o.value.as_str()).collect();
        values.sort_unstable();
        values
    }

    #[test]
    fn a_value_is_held_once_and_with_the_name_that_tells_most() {
        let mut notes = notes();
        for kind in [Kind::User, Kind::Token, Kind::User] {
            notes.note(kind, b"8f14e45fceea167a5a36", "‹x›");
        }
        notes.note(Kind::Ip, b"203.0.113.7", "‹y›");
        let originals = notes.take();
        assert_eq!(originals.len(), 2);
        assert_eq!(values(&originals), ["", "8f14e45fceea167a5a36"]);
        assert!(!format!("{originals:?}").contains("8f14"));
    }

    #[test]
    fn batches_are_joined_and_begin_anew() {
        let mut notes = notes();
        notes.note(Kind::Token, b"aaaa1111bbbb2222", "");
        let mut all = notes.take();
        notes.note(Kind::Token, b"aaaa1111bbbb2222", "");
        notes.note(Kind::Token, b"cccc1111bbbb2222", "");
        all.merge(notes.take());
        assert_eq!(values(&all), ["aaaa1111bbbb2222", "cccc1111bbbb2222"]);
        assert!(notes.take().is_empty());
    }

    #[test]
    fn what_a_text_came_to_is_noted_again_in_every_batch() {
        let mut notes = notes();
        let (outer, epoch) = (notes.begin_trail(), notes.epoch());
        notes.note(Kind::Token, b"aaaa1111bbbb2222", "");
        let inner = notes.begin_trail();
        notes.note(Kind::Token, b"cccc1111bbbb2222", "");
        assert_eq!(notes.end_trail(inner).len(), 1);
        let all = notes.end_trail(outer);
        assert_eq!(all.len(), 2);
        assert!(!notes.lacks(epoch));
        notes.take();
        assert!(notes.lacks(epoch));
        notes.again(&all);
        assert_eq!(notes.take().len(), 2);
    }

    #[test]
    fn what_finds_no_place_is_counted() {
        let mut notes = notes();
        for n in 0..VALUES_MAX + 3 {
            notes.note(Kind::Ip, &n.to_le_bytes(), "");
        }
        let originals = notes.take();
        assert_eq!((originals.len(), originals.beyond()), (VALUES_MAX, 3));
    }

    #[test]
    fn a_long_value_is_known_by_its_end() {
        let long = format!("{}é{}", "a1".repeat(500), "b2".repeat(127));
        let mut notes = notes();
        notes.note(Kind::Token, long.as_bytes(), "");
        assert_eq!(values(&notes.take()), [format!("é{}", "b2".repeat(127))]);
    }
}
