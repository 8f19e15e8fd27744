//! The secret that all stand-ins hang on. It never leaves this room: not printed, not stored, not in an error.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

pub(crate) type HmacSha256 = Hmac<Sha256>;

/// 32 secret bytes. Made, kept and handed in by `keys`; wiped when dropped.
pub struct MaskKey([u8; 32]);

impl MaskKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Four hex digits that tell which key made a stand-in. Derived, so they say nothing about the key, and short, so
    /// that two keys may share them: they name a key among the few of one store, not in the world.
    pub fn id(&self) -> String {
        let tag = tag(&self.mac(), b"tidemark key id");
        format!("{:02x}{:02x}", tag[0], tag[1])
    }

    /// A number that only who has the key can make, for hashes that must not serve to test guesses.
    pub fn seed(&self, purpose: &[u8]) -> u64 {
        let tag = tag(&self.mac(), purpose);
        tag.iter()
            .take(8)
            .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }

    pub(in crate::mask) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    pub(in crate::mask) fn again(&self) -> Self {
        Self(self.0)
    }

    /// HMAC-SHA256 under this key, with the key schedule already done.
    pub(crate) fn mac(&self) -> HmacSha256 {
        HmacSha256::new_from_slice(&self.0).expect("HMAC takes keys of any length")
    }
}

impl Drop for MaskKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskKey(hidden)")
    }
}

/// The MAC of one message; the keyed state is cloned, which is cheaper than keying it again.
pub(crate) fn tag(mac: &HmacSha256, message: &[u8]) -> [u8; 32] {
    let mut mac = mac.clone();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown_and_its_id_is_stable() {
        let key = MaskKey::from_bytes([7; 32]);
        assert_eq!(format!("{key:?}"), "MaskKey(hidden)");
        assert_eq!(key.id(), MaskKey::from_bytes([7; 32]).id());
        assert_ne!(key.id(), MaskKey::from_bytes([8; 32]).id());
        assert_eq!(key.id().len(), 4);
        assert_ne!(key.id(), "0707");
    }
}
