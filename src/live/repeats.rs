//! Bodies that their senders send again: an exporter that got no answer cannot know that its batch was stored.
//!
//! A sender may name its batches. Where it does not, a body is known by its bytes, if what is in it cannot have happened
//! twice: spans and documents have ids, and the entries of envelopes have times finer than a second. Lines of text have
//! neither, so equal bodies of them are two batches.

use sha2::{Digest, Sha256};

use crate::live::push::Request;
use crate::store::BatchNote;

/// Bodies that are remembered. Each has one of so many places, by its hash, and stays until another one takes it: at ten
/// bodies a second that is half an hour, and senders try again for some minutes.
const PLACES: u64 = 16_384;

const PREFIX: &str = "body/";

/// What to remember of a body that came to an endpoint.
pub fn note_body(endpoint: &str, request: &Request, bytes: &[u8]) -> BatchNote {
    let mut hash = Sha256::new();
    let said = [&request.source, &request.integration].map(|word| word.as_deref().unwrap_or(""));
    for part in [endpoint, said[0], said[1]] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.update(bytes);
    let hash = hash.finalize();
    let number = |at: usize| {
        hash[at..at + 8]
            .iter()
            .fold(0, |n, byte| n << 8 | u64::from(*byte))
    };
    BatchNote {
        batch_id: format!("{PREFIX}{:04x}", number(0) % PLACES),
        hash: number(8),
    }
}

/// Whether another body may take the place of this one.
pub fn is_body(note: &BatchNote) -> bool {
    note.batch_id.starts_with(PREFIX)
}
