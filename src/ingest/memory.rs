//! What texts that come again came to.
//!
//! Bounded by number and length, and started again when it is full: what is asked for now is soon learnt again. The
//! texts may hold secrets and are wiped.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use zeroize::Zeroize;

/// Texts that are longer hardly ever come again.
const TEXT_BYTES_MAX: usize = 512;
/// Full of URLs, each with what is remembered of it, this is some 40 MB.
const TEXTS_MAX: usize = 1 << 16;

pub struct Memory<T>(HashMap<String, T, RandomState>);

impl<T> Memory<T> {
    /// Whether a text is worth remembering.
    pub fn keeps(text: &str) -> bool {
        text.len() <= TEXT_BYTES_MAX
    }

    pub fn find(&self, text: &str) -> Option<&T> {
        self.0.get(text)
    }

    /// What is known of a text, made where nothing is; `None` when it is not worth remembering.
    pub fn learn(&mut self, text: &str, make: impl FnOnce() -> T) -> Option<&mut T> {
        if !Self::keeps(text) {
            return None;
        }
        if self.0.len() >= TEXTS_MAX && !self.0.contains_key(text) {
            self.forget();
        }
        Some(self.0.entry(text.to_owned()).or_insert_with(make))
    }

    fn forget(&mut self) {
        for (mut text, _) in self.0.drain() {
            text.zeroize();
        }
    }
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_found_until_there_is_too_much() {
        let mut memory = Memory::default();
        assert_eq!(memory.find("a"), None);
        assert_eq!(memory.learn("a", || 1), Some(&mut 1));
        assert_eq!(memory.learn("a", || 2), Some(&mut 1));
        assert_eq!(memory.find("a"), Some(&1));
        assert_eq!(memory.learn(&"x".repeat(TEXT_BYTES_MAX + 1), || 3), None);
        for n in 0..TEXTS_MAX {
            memory.learn(&n.to_string(), || 4);
        }
        assert_eq!(memory.find("a"), None);
        assert!(memory.0.len() <= TEXTS_MAX);
    }
}
