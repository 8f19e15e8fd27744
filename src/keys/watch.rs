//! Looks whether the key in use is another one by now: a service takes it without a restart.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::keys::error::KeyError;
use crate::keys::origin::{Keys, Origin, load_file, read_own};
use crate::mask::MaskKey;

/// What a look has shown.
pub enum Seen {
    /// The file is the one that was read last.
    Same,
    /// The file was written or replaced; the key in it may be the same.
    Read(MaskKey),
    /// It cannot be read, and the next look tries again.
    Trouble(KeyError),
}

/// The file that a key comes from.
pub struct Watch {
    path: PathBuf,
    read: fn(&Path) -> Result<MaskKey, KeyError>,
    last: Option<Identity>,
}

/// Which file it is, and as it was written when. A copy that is moved over it is another file, and a change within one
/// tick of the clock that keeps all of this is the one that goes unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    file: (u64, u64, i64, i64),
    length: u64,
    modified: Option<std::time::SystemTime>,
}

impl Keys {
    /// `None` where a command gives the key: it is run once.
    pub fn watch(&self) -> Option<Watch> {
        let (path, read): (_, fn(&Path) -> _) = match &self.origin {
            Origin::Own => (self.own_path(), read_own),
            Origin::File(path) => (path.clone(), load_file),
            Origin::Command(_) => return None,
        };
        Some(Watch {
            path,
            read,
            last: None,
        })
    }
}

impl Watch {
    pub fn look(&mut self) -> Seen {
        // Before the file is read: what is written in between is seen at the next look.
        let found = Identity::of(&self.path);
        if let Ok(found) = &found
            && Some(*found) == self.last
        {
            return Seen::Same;
        }
        match (self.read)(&self.path) {
            Ok(key) => {
                self.last = found.ok();
                Seen::Read(key)
            }
            Err(error) => Seen::Trouble(error),
        }
    }
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let found = fs::metadata(path)?;
        Ok(Self {
            #[cfg(unix)]
            file: {
                use std::os::unix::fs::MetadataExt;
                (found.dev(), found.ino(), found.ctime(), found.ctime_nsec())
            },
            length: found.len(),
            modified: found.modified().ok(),
        })
    }
}
