//! Which file lies at a path: a name may be given to another file at any moment.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// A file whatever its name; the system may give the number of a deleted file to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(u64, u64);

/// What tells that a file was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub size: u64,
    pub modified: Option<SystemTime>,
}

/// A file as it lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub key: FileKey,
    pub stamp: Stamp,
    /// No name leads to it any more.
    pub deleted: bool,
}

impl Place {
    /// `None` when nothing is there, or something that is no file.
    pub fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        found.is_file().then(|| Self::new(&found, path))
    }

    pub fn of_open(file: &File, path: &Path) -> io::Result<Self> {
        Ok(Self::new(&file.metadata()?, path))
    }

    fn new(found: &Metadata, path: &Path) -> Self {
        let (key, links) = key_of(found, path);
        Self {
            key,
            stamp: Stamp {
                size: found.len(),
                modified: found.modified().ok(),
            },
            deleted: links == 0,
        }
    }
}

#[cfg(unix)]
fn key_of(found: &Metadata, _: &Path) -> (FileKey, u64) {
    use std::os::unix::fs::MetadataExt;
    (FileKey(found.dev(), found.ino()), found.nlink())
}

/// Without numbers of files, a renamed file looks like a new one, and its content tells that it is known.
#[cfg(not(unix))]
fn key_of(_: &Metadata, path: &Path) -> (FileKey, u64) {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    path.hash(&mut hash);
    (FileKey(0, hash.finish()), 1)
}
