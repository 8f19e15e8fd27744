//! Whether a store that could not be written can be written again.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::store::error::StoreError;
use crate::store::schema;

/// As much room as a small commit takes: less would call a disk writable that is still full.
const PROBE_BYTES: usize = 1 << 20;

/// Listings leave out names that end so.
const PROBE_NAME: &str = "probe#0";

/// Writes where the next commit would, and takes it away again.
pub fn check_writable(dir: &Path) -> Result<(), StoreError> {
    let table = dir.join(schema::EXCHANGES);
    for folder in [table.join("_delta_log"), table] {
        let path = folder.join(PROBE_NAME);
        let written = write(&path);
        let removed = fs::remove_file(&path);
        written
            .and(removed)
            .map_err(|error| StoreError::from_io(dir, &error))?;
    }
    Ok(())
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&vec![0; PROBE_BYTES])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_and_tells_what_is_wrong() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = dir.path().join(schema::EXCHANGES).join("_delta_log");
        fs::create_dir_all(&log).expect("folders");
        assert!(check_writable(dir.path()).is_ok());
        assert_eq!(fs::read_dir(&log).expect("the log").count(), 0);
        fs::remove_dir(&log).expect("removed");
        let error = check_writable(dir.path()).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("cannot be written")));
    }
}
