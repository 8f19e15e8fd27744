//! A source is known by its first bytes, not by its path, and confirmed by a hash of all that was read of it. So a
//! renamed, rotated or compressed copy adds nothing, and two files that merely begin alike are not confused.

use std::path::Path;

use sha2::{Digest, Sha256};

/// Lengths of beginnings that are tried, longest first. A short file that has grown is found again by the length that
/// it had.
const LENGTHS: [usize; 9] = [4096, 2048, 1024, 512, 256, 128, 64, 32, 16];

/// Different sources with the same beginning that are told apart.
pub const TWINS_MAX: u8 = 16;

/// With so many bytes a source is known by the longest beginning there is.
pub fn longest() -> usize {
    LENGTHS[0]
}

/// The lengths that a beginning allows, longest first; a file shorter than all of them is known by all its bytes.
pub fn lengths(head: &[u8]) -> Vec<usize> {
    let fitting: Vec<usize> = LENGTHS
        .into_iter()
        .filter(|len| *len <= head.len())
        .collect();
    if fitting.is_empty() {
        vec![head.len()]
    } else {
        fitting
    }
}

/// An id that no source has yet.
pub fn fresh_id(head: &[u8], path: &Path, is_known: impl Fn(&str) -> bool) -> String {
    for len in lengths(head) {
        for twin in 0..TWINS_MAX {
            let id = source_id(head, len, twin);
            if !is_known(&id) {
                return id;
            }
        }
    }
    path_id(head, path)
}

/// Where more sources begin alike than are told apart by number, the path tells. The part of the beginning that counts
/// is the shortest, so that the id stays when the file grows.
pub fn path_id(head: &[u8], path: &Path) -> String {
    let len = lengths(head).last().copied().unwrap_or_default();
    let named = [&head[..len], path.as_os_str().as_encoded_bytes()].concat();
    source_id(&named, named.len(), TWINS_MAX)
}

/// The id of the `twin`-th source that begins with `head[..len]`.
pub fn source_id(head: &[u8], len: usize, twin: u8) -> String {
    let mut hash = Sha256::new();
    hash.update((len as u64).to_le_bytes());
    hash.update([twin]);
    hash.update(&head[..len]);
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grown_file_still_offers_its_former_id() {
        let whole = vec![b'a'; 5000];
        let short = &whole[..100];
        let former = source_id(short, lengths(short)[0], 0);
        let offered: Vec<_> = lengths(&whole)
            .into_iter()
            .map(|len| source_id(&whole, len, 0))
            .collect();
        assert!(offered.contains(&former) && offered[0] != former);
        assert_ne!(source_id(short, 64, 0), source_id(short, 64, 1));
        assert_eq!(lengths(b"tiny"), [4]);
    }
}
