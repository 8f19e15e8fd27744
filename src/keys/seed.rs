//! The seed of hashes that stay in a store for as long as it lives and must not change when the masking key does.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::keys::error::KeyError;
use crate::keys::files::{put_first, read, stage};
use crate::keys::origin::{self, Random, number};

const SEED_FILE: &str = "marks.key";

/// For the hashes of beginnings of sources, made on first use. In stores that are older than the file, it is what the
/// masking key of the store comes to, as it was then.
pub fn marks_seed(dir: &Path, random: Random) -> Result<u64, KeyError> {
    let path = dir.join(SEED_FILE);
    let failed = |error: io::Error| KeyError::own(&path, &error);
    if let Some(seed) = load(&path).map_err(failed)? {
        return Ok(seed);
    }
    let own = origin::load_own(dir)?;
    let seed = own.map_or_else(
        || number(random),
        |key| key.seed(b"tidemark marks of sources"),
    );
    let staged = stage(dir, number(random), &seed.to_le_bytes()).map_err(failed)?;
    match put_first(&staged, &path).map_err(failed)? {
        true => Ok(seed),
        false => Ok(load(&path).map_err(failed)?.unwrap_or(seed)),
    }
}

fn load(path: &Path) -> io::Result<Option<u64>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let bytes = <[u8; 8]>::try_from(read(file)?.as_slice());
    let damaged = |_| io::Error::new(ErrorKind::InvalidData, "it does not have 8 bytes");
    bytes.map(u64::from_le_bytes).map(Some).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::mask::MaskKey;

    fn random() -> [u8; 32] {
        rand::random()
    }

    #[test]
    fn a_store_that_is_older_than_the_file_keeps_its_seed() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("mask.key"), [7; 32]).expect("written");
        let seed = marks_seed(dir.path(), random).expect("a seed");
        let before = MaskKey::from_bytes([7; 32]).seed(b"tidemark marks of sources");
        assert_eq!(seed, before);
        fs::write(dir.path().join("mask.key"), [8; 32]).expect("written");
        assert_eq!(marks_seed(dir.path(), random).ok(), Some(seed));
    }

    #[test]
    fn a_seed_is_made_once_and_never_guessed() {
        let dir = tempfile::tempdir().expect("a folder");
        let seed = marks_seed(dir.path(), random).expect("a seed");
        assert_eq!(marks_seed(dir.path(), random).ok(), Some(seed));
        fs::write(dir.path().join(SEED_FILE), "short").expect("written");
        let refused = marks_seed(dir.path(), random).expect_err("refused");
        assert!(refused.to_string().contains("8 bytes"), "{refused}");
    }
}
