//! A masking key that is rotated while the service runs: what comes from then on is masked under the new one.

use std::time::Duration;

use crate::keys::{Seen, Watch};
use crate::live::desk::Desk;

/// Time between looks at the file of the key: nobody waits for a rotation, and a look costs next to nothing.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// Looks until nothing is taken any more.
pub fn follow_key(desk: &Desk, watch: &mut Watch) {
    while !desk.queue.is_closed() {
        settle(desk, watch.look());
        desk.queue.pause(LOOKED_EVERY);
    }
}

/// What was taken in hand before stays under the key it began with; the writer may put both into one commit.
fn settle(desk: &Desk, seen: Seen) {
    let error = match seen {
        Seen::Trouble(error) => error,
        Seen::Same => return recover(desk),
        Seen::Read(key) => {
            if desk.makers.maskers.rotate(key) {
                let id = desk.makers.maskers.current().key_id();
                tracing::info!(key.id = id, "masking goes on under another key");
            }
            return recover(desk);
        }
    };
    // Without any key from the start nothing is taken, and senders are told so.
    if desk.queue.refusal().is_some() {
        return;
    }
    if desk.queue.key_trouble().is_none() {
        tracing::warn!(%error, "masking goes on under the key that was read before; trying again");
    }
    desk.queue.set_key_trouble(Some(format!(
        "{error}; the key that was read before stays in use"
    )));
}

fn recover(desk: &Desk) {
    if desk.queue.key_trouble().is_some() || desk.queue.refusal().is_some() {
        tracing::warn!("the masking key can be read again");
    }
    desk.queue.set_key_trouble(None);
    desk.queue.set_refusal(None);
}
