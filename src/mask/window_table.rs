//! Which values may stand where a window of eight bytes is seen: an open table, and in front of it a filter of bits
//! that stays in the nearest caches.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::mask::windows::{
    WINDOW, Way, Window, anchors, groups, of_base64, of_runs, of_spellings,
};

/// Windows of all values; full, their table takes 32 MB.
const WINDOWS_MAX: usize = 1 << 20;
/// So many values may share a window: with more, a text made for it would be compared over and over.
const SHARED_MAX: usize = 32;
/// Bits of the filter for a window: of other windows one in some hundred passes.
const FILTER_BITS: usize = 32;
const SLOTS_MIN: usize = 64;

/// A value, and which byte of it the window begins with.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) number: u32,
    pub(crate) from: u16,
    pub(crate) way: Way,
}

pub(crate) struct WindowTable {
    /// At least half of them are free.
    slots: Vec<(u64, Option<Entry>)>,
    filter: Vec<u64>,
    used: usize,
    /// Odd, and another one every time, so that nobody can make windows that share a place.
    factor: u64,
}

impl Default for WindowTable {
    fn default() -> Self {
        Self {
            slots: vec![(0, None); SLOTS_MIN],
            filter: vec![0; 2],
            used: 0,
            factor: RandomState::new().hash_one(0) | 1,
        }
    }
}

impl WindowTable {
    fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Adds the windows that a value needs. `false` when there is no room for them.
    pub(crate) fn add_all(&mut self, value: &str, number: u32) -> bool {
        let runs = of_runs(value);
        let found = match runs.is_empty() {
            true => anchors(value)
                .into_iter()
                .any(|near| self.add_each(&of_spellings(value, near), number)),
            false => runs.iter().any(|window| self.add(window, number)),
        };
        let mut shifts = 0..3;
        found
            && shifts.all(|shift| {
                let mut groups = groups(value, shift).into_iter();
                groups.any(|from| self.add_each(&of_base64(value, from), number))
            })
    }

    fn add_each(&mut self, windows: &[Window], number: u32) -> bool {
        windows.iter().all(|window| self.add(window, number))
    }

    fn add(&mut self, window: &Window, number: u32) -> bool {
        if self.used >= WINDOWS_MAX || self.find(window.bytes).count() >= SHARED_MAX {
            return false;
        }
        if 2 * (self.used + 1) > self.slots.len() {
            let twice = vec![(0, None); 2 * self.slots.len()];
            for (bytes, entry) in std::mem::replace(&mut self.slots, twice) {
                if entry.is_some() {
                    self.put(bytes, entry);
                }
            }
        }
        self.used += 1;
        let entry = Entry {
            number,
            from: u16::try_from(window.from).unwrap_or(u16::MAX),
            way: window.way,
        };
        self.put(window.bytes, Some(entry));
        true
    }

    fn put(&mut self, bytes: u64, entry: Option<Entry>) {
        let mut at = self.place(bytes);
        while self.slots[at].1.is_some() {
            at = (at + 1) % self.slots.len();
        }
        self.slots[at] = (bytes, entry);
    }

    fn place(&self, bytes: u64) -> usize {
        (self.hash(bytes) >> (u64::BITS - self.slots.len().trailing_zeros())) as usize
    }

    fn hash(&self, bytes: u64) -> u64 {
        (bytes ^ bytes >> 29).wrapping_mul(self.factor)
    }

    /// Makes the filter, when all windows are there.
    pub(crate) fn close(&mut self) {
        let words = (self.used * FILTER_BITS / 64).next_power_of_two().max(2);
        self.filter = vec![0; words];
        for at in 0..self.slots.len() {
            if let (bytes, Some(_)) = self.slots[at] {
                let (word, bits) = self.bits(bytes);
                self.filter[word] |= bits;
            }
        }
    }

    /// One word, and two bits of it.
    #[inline]
    fn bits(&self, bytes: u64) -> (usize, u64) {
        let hash = self.hash(bytes);
        let word = (hash >> 40) as usize & (self.filter.len() - 1);
        (word, 1 << (hash >> 34 & 63) | 1 << (hash >> 28 & 63))
    }

    /// `false` when no value has this window.
    #[inline]
    fn may_hold(&self, bytes: u64) -> bool {
        let (word, bits) = self.bits(bytes);
        self.filter[word] & bits == bits
    }

    /// Every place of a text where a value may stand, with what may stand there.
    pub(crate) fn each(&self, text: &[u8], mut take: impl FnMut(usize, Entry)) {
        if self.is_empty() {
            return;
        }
        for (at, bytes) in text.windows(WINDOW).enumerate() {
            let bytes = bytes.first_chunk::<WINDOW>();
            let bytes = bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
            if self.may_hold(bytes) {
                self.find(bytes).for_each(|entry| take(at, entry));
            }
        }
    }

    fn find(&self, bytes: u64) -> impl Iterator<Item = Entry> + '_ {
        let place = self.place(bytes);
        let (before, from) = self.slots.split_at(place);
        let chain = from.iter().chain(before);
        let entries = chain.map_while(|(known, entry)| entry.map(|entry| (*known, entry)));
        entries
            .filter(move |(known, _)| *known == bytes)
            .map(|(_, entry)| entry)
    }
}
