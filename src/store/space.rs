//! Room on the disk, looked at before a commit begins.
//!
//! A disk that fills up in the middle of a commit costs nothing but the commit: what was written before stays, and
//! nothing half is ever visible. But the library below ends such a write in a panic of a background thread
//! (object_store 0.13, `BufWriter::abort` after a failed shutdown), so it is better not to begin.

use std::path::Path;

use crate::store::error::StoreError;

/// For the log entry, the folders and the file system's own blocks.
const MARGIN_BYTES: u64 = 256 << 10;

/// Refuses when the disk cannot hold `bytes` more. Rows take less when they are packed; their size in memory is the
/// safe side.
pub fn check_space(dir: &Path, bytes: usize) -> Result<(), StoreError> {
    let found =
        rustix::fs::statvfs(dir).map_err(|error| StoreError::from_io(dir, &error.into()))?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free < (bytes as u64).saturating_add(MARGIN_BYTES) {
        return Err(StoreError::DiskFull {
            dir: dir.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_fit_is_refused() {
        let dir = tempfile::tempdir().expect("folder");
        assert!(check_space(dir.path(), 0).is_ok());
        assert!(matches!(
            check_space(dir.path(), usize::MAX),
            Err(StoreError::DiskFull { .. })
        ));
    }
}
