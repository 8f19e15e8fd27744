//! Numbers that Splunk's senders get for their batches, channel by channel. A number is given when its batch is stored,
//! so one that was given is acknowledged, and any other is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Channels that are remembered; beyond, the one that was used longest ago is forgotten, and its numbers with it. A
/// sender whose number is not acknowledged sends again.
const CHANNELS_MAX: usize = 10_000;

/// A longer name is no channel: they are GUIDs.
const CHANNEL_BYTES_MAX: usize = 128;

#[derive(Clone, Default)]
pub struct Acks(Arc<Mutex<HashMap<String, Channel>>>);

struct Channel {
    next: u64,
    used: Instant,
}

impl Acks {
    pub fn is_channel(name: &str) -> bool {
        (1..=CHANNEL_BYTES_MAX).contains(&name.len())
    }

    /// The number of a batch that is stored.
    pub fn give(&self, name: &str) -> u64 {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= CHANNELS_MAX && !channels.contains_key(name) {
            let oldest = channels.iter().min_by_key(|(_, channel)| channel.used);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                channels.remove(&oldest);
            }
        }
        let channel = channels.entry(name.to_owned()).or_insert(Channel {
            next: 0,
            used: Instant::now(),
        });
        channel.used = Instant::now();
        channel.next += 1;
        channel.next - 1
    }

    pub fn was_given(&self, name: &str, number: u64) -> bool {
        let channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        channels
            .get(name)
            .is_some_and(|channel| number < channel.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_kept_apart_and_bounded() {
        let acks = Acks::default();
        assert_eq!((acks.give("a"), acks.give("a"), acks.give("b")), (0, 1, 0));
        assert!(acks.was_given("a", 1) && !acks.was_given("b", 1) && !acks.was_given("c", 0));
        for n in 0..CHANNELS_MAX {
            acks.give(&n.to_string());
        }
        assert_eq!(acks.0.lock().expect("a lock").len(), CHANNELS_MAX);
        assert!(!acks.was_given("a", 0));
    }
}
