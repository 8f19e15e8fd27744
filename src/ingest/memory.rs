//! What texts that come again came to.
//!
//! A text is known by 128 bits of a hash that is seeded with the masking key, and not kept: request lines hold secrets,
//! and comparing them costs more than all else here. Two texts share a hash once in 10^38 pairs, and nobody without the
//! key can look for such a pair. Bounded by number and length, and started again when it is full: what is asked for now
//! is soon learnt again.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use twox_hash::XxHash3_128;

/// Texts that are longer hardly ever come again.
const TEXT_BYTES_MAX: usize = 512;
/// Full of request lines, each with what is remembered of it, this is some 25 MB.
const TEXTS_MAX: usize = 1 << 16;

/// Stands for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(u128);

/// Makes marks under one seed.
#[derive(Clone, Copy)]
pub struct Marker {
    seed: u64,
}

impl Marker {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// `None` for a text that is not worth remembering.
    pub fn mark(self, text: &str) -> Option<Mark> {
        (text.len() <= TEXT_BYTES_MAX)
            .then(|| Mark(XxHash3_128::oneshot_with_seed(self.seed, text.as_bytes())))
    }
}

pub struct Memory<T>(HashMap<Mark, T, BuildHasherDefault<Half>>);

impl<T> Memory<T> {
    pub fn find(&self, mark: Mark) -> Option<&T> {
        self.0.get(&mark)
    }

    pub fn find_mut(&mut self, mark: Mark) -> Option<&mut T> {
        self.0.get_mut(&mark)
    }

    /// What is known of a text, made where nothing is.
    pub fn learn(&mut self, mark: Mark, make: impl FnOnce() -> T) -> &mut T {
        if self.0.len() >= TEXTS_MAX && !self.0.contains_key(&mark) {
            self.0.clear();
        }
        self.0.entry(mark).or_insert_with(make)
    }
}

impl<T> Memory<Arc<T>> {
    /// The same for what others hold too.
    pub fn share(&mut self, mark: Option<Mark>, make: impl FnOnce() -> T) -> Arc<T> {
        match mark {
            Some(mark) => Arc::clone(self.learn(mark, || Arc::new(make()))),
            None => Arc::new(make()),
        }
    }
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

/// Half of a mark is hash enough for a table of them.
#[derive(Default)]
pub struct Half(u64);

impl Hasher for Half {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, mark: u128) {
        self.0 = mark as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_found_until_there_is_too_much() {
        let marker = Marker::new(7);
        let mark = |text: &str| marker.mark(text).expect("short");
        let mut memory = Memory::default();
        assert_eq!(memory.find(mark("a")), None);
        assert_eq!(memory.learn(mark("a"), || 1), &1);
        assert_eq!(memory.learn(mark("a"), || 2), &1);
        assert_eq!(memory.find(mark("a")), Some(&1));
        assert_eq!(marker.mark(&"x".repeat(TEXT_BYTES_MAX + 1)), None);
        for n in 0..TEXTS_MAX {
            memory.learn(mark(&n.to_string()), || 4);
        }
        assert_eq!(memory.find(mark("a")), None);
        assert!(memory.0.len() <= TEXTS_MAX);
    }

    #[test]
    fn marks_are_of_one_seed() {
        let mark = |seed| Marker::new(seed).mark("GET /v1/charges");
        assert_eq!(mark(1), mark(1));
        assert_ne!(mark(1), mark(2));
    }
}
