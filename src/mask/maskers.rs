//! The masker in force: when the key is rotated another takes its place, while others work.

use std::sync::{Arc, PoisonError, RwLock};

use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;

/// A place for one masker. Cheap to clone, and all clones are the same place.
#[derive(Clone)]
pub struct Maskers(Arc<RwLock<Arc<Masker>>>);

impl Maskers {
    pub fn new(masker: Masker) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(masker))))
    }

    /// What masks now. Who has taken it keeps it for the whole of what is in hand (a block, a body), so that no row is
    /// masked under two keys.
    pub fn current(&self) -> Arc<Masker> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Masks under this key from here on; `false` when it does so already. What was remembered under the former key is
    /// wiped when the last piece of work that uses it is done.
    pub fn rotate(&self, key: MaskKey) -> bool {
        let Some(masker) = self.current().under(key) else {
            return false;
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(masker);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{MaskCounts, Settings};

    fn maskers() -> Maskers {
        let masker = Masker::new(MaskKey::from_bytes([1; 32]), Settings::default());
        Maskers::new(masker.expect("a masker"))
    }

    fn mask(masker: &Masker, text: &str) -> String {
        let masked = masker.text(text, &mut MaskCounts::default());
        masked.as_str().to_owned()
    }

    #[test]
    fn what_is_in_hand_stays_under_its_key_and_what_comes_is_under_the_next() {
        let (maskers, text) = (maskers(), "for jane@example.com");
        let before = maskers.current();
        let first = mask(&before, text);
        assert!(maskers.clone().rotate(MaskKey::from_bytes([2; 32])));
        assert!(!maskers.rotate(MaskKey::from_bytes([2; 32])));
        let after = maskers.current();
        assert_eq!(mask(&before, text), first);
        assert!(first.contains(&before.key_id()), "{first}");
        let second = mask(&after, text);
        assert!(second.contains(&after.key_id()), "{second}");
        assert_ne!(first, second);
        assert_eq!(mask(&after, &first), first, "former stand-ins pass");
    }

    #[test]
    fn nothing_of_the_former_key_is_kept() {
        let maskers = maskers();
        let before = Arc::downgrade(&maskers.current());
        mask(&maskers.current(), "for jane@example.com");
        assert!(maskers.rotate(MaskKey::from_bytes([2; 32])));
        assert!(before.upgrade().is_none());
    }
}
