//! The current key and those before it that are kept, so that stand-ins of both can be found: listed, rotated,
//! forgotten.
//!
//! A key's file keeps the time at which it was made, and a key was replaced when the next one was made; nothing else is
//! noted, so a restored copy of the folder is as good as the folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::keys::error::KeyError;
use crate::keys::files::{self, FOLDER};
use crate::keys::form::KEY_BYTES;
use crate::keys::origin::{Keys, Origin, load_own, number, read_own};
use crate::keys::seed::marks_seed;
use crate::mask::MaskKey;
use crate::model::time::Timestamp;

const ENDING: &str = ".key";

/// A store may have kept many keys, but no more than ids can be told apart.
const DRAWS_MAX: usize = 1_000;

/// One key of a store.
pub struct Entry {
    pub id: String,
    pub is_current: bool,
    pub made: Option<Timestamp>,
    /// When the next one was made.
    pub replaced: Option<Timestamp>,
    /// A file, or the setting that names the command.
    pub from: String,
    /// Or why it cannot be used.
    pub key: Result<MaskKey, KeyError>,
}

/// What a rotation did.
pub struct Rotated {
    pub id: String,
    pub former: String,
    pub kept_in: PathBuf,
}

impl Keys {
    /// The current key first, then the kept ones, newest first.
    pub fn list(&self) -> Result<Vec<Entry>, KeyError> {
        let mut all: Vec<Entry> = self.find_entry()?.into_iter().collect();
        let current = all.first().map(|entry| entry.id.clone());
        let mut kept: Vec<Entry> = self
            .kept_paths()?
            .iter()
            .filter_map(|p| self.entry(p))
            .collect();
        // A crash amid a rotation leaves the current key among the kept ones, too.
        kept.retain(|entry| Some(&entry.id) != current.as_ref());
        kept.sort_by(|a, b| b.made.cmp(&a.made).then(a.id.cmp(&b.id)));
        kept.dedup_by(|a, b| a.id == b.id);
        all.extend(kept);
        let made: BTreeSet<Timestamp> = all
            .iter()
            .filter(|entry| entry.key.is_ok())
            .filter_map(|entry| entry.made)
            .collect();
        for entry in all.iter_mut().filter(|entry| !entry.is_current) {
            entry.replaced = entry
                .made
                .and_then(|at| made.range(at..).find(|next| **next > at).copied());
        }
        Ok(all)
    }

    /// Makes another key the current one, and keeps the former. A crash leaves either the one or the other in use, and
    /// both on the disk.
    pub fn rotate(&self) -> Result<Rotated, KeyError> {
        self.check_own()?;
        let _lock = self.lock()?;
        let Some(former) = load_own(&self.dir)? else {
            let dir = self.dir.clone();
            return Err(KeyError::None { dir });
        };
        // Made from the key that the store had from its start, it must be there before that goes.
        marks_seed(&self.dir, self.random)?;
        let kept_in = self.kept_path(&former.id());
        self.keep(&former, &kept_in)?;
        let (key, bytes) = self.draw()?;
        let path = self.own_path();
        let staged = files::stage(&self.dir, number(self.random), &*bytes);
        staged
            .and_then(|staged| files::put_over(&staged, &path))
            .map_err(|error| KeyError::own(&path, &error))?;
        Ok(Rotated {
            id: key.id(),
            former: former.id(),
            kept_in,
        })
    }

    /// Removes a kept key for good.
    pub fn forget(&self, id: &str) -> Result<(), KeyError> {
        let _lock = self.lock()?;
        if self.find()?.is_some_and(|current| current.id() == id) {
            return Err(KeyError::Current { id: id.to_owned() });
        }
        let is_it = |path: &&PathBuf| self.id_of(path).as_deref() == Some(id);
        let paths = self.kept_paths()?;
        if !paths.iter().any(|path| is_it(&path)) {
            return Err(KeyError::Unknown { id: id.to_owned() });
        }
        paths
            .iter()
            .filter(is_it)
            .try_for_each(|path| files::wipe(path).map_err(|error| KeyError::own(path, &error)))
    }

    /// Ids of kept keys that were replaced before this time.
    pub fn replaced_before(&self, at: Timestamp) -> Result<Vec<String>, KeyError> {
        let all = self.list()?.into_iter();
        let old = all.filter(|entry| entry.replaced.is_some_and(|replaced| replaced <= at));
        Ok(old.map(|entry| entry.id).collect())
    }

    fn check_own(&self) -> Result<(), KeyError> {
        let (from, how) = match &self.origin {
            Origin::Own => return Ok(()),
            Origin::File(path) => (
                format!("{} (masking.key_file)", path.display()),
                "put another key in that file, and a running service takes it within seconds; the former key is not kept",
            ),
            Origin::Command(_) => (
                "a command (masking.key_command)".to_owned(),
                "let it give another key, and start the service again; the former key is not kept",
            ),
        };
        Err(KeyError::Elsewhere { from, how })
    }

    /// Under a second name, which is on the disk before the first one goes.
    fn keep(&self, former: &MaskKey, kept_in: &Path) -> Result<(), KeyError> {
        let failed = |error: io::Error| KeyError::own(kept_in, &error);
        match fs::hard_link(self.own_path(), kept_in) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match read_own(kept_in)?.id() == former.id() {
                    true => Ok(()),
                    false => Err(KeyError::own(
                        kept_in,
                        &"it is another key than its name says",
                    )),
                }
            }
            linked => linked
                .and_then(|()| files::sync_folder_of(kept_in))
                .map_err(failed),
        }
    }

    /// A key whose id no other key of the store has.
    fn draw(&self) -> Result<(MaskKey, Zeroizing<[u8; KEY_BYTES]>), KeyError> {
        let mut taken: BTreeSet<String> = self
            .kept_paths()?
            .iter()
            .filter_map(|p| self.id_of(p))
            .collect();
        taken.extend(load_own(&self.dir)?.map(|key| key.id()));
        for _ in 0..DRAWS_MAX {
            let bytes = Zeroizing::new((self.random)());
            let key = MaskKey::from_bytes(*bytes);
            if !taken.contains(&key.id()) {
                return Ok((key, bytes));
            }
        }
        let folder = self.dir.join(FOLDER);
        Err(KeyError::own(
            &folder,
            &"it holds too many keys; forget some",
        ))
    }

    fn find_entry(&self) -> Result<Option<Entry>, KeyError> {
        let Some(key) = self.find()? else {
            return Ok(None);
        };
        let file = match &self.origin {
            Origin::Own => Some(self.own_path()),
            Origin::File(path) => Some(path.clone()),
            Origin::Command(_) => None,
        };
        Ok(Some(Entry {
            id: key.id(),
            is_current: true,
            made: file.as_deref().and_then(made),
            replaced: None,
            from: file.map_or("masking.key_command".to_owned(), |p| {
                p.display().to_string()
            }),
            key: Ok(key),
        }))
    }

    /// Files of former keys. Where the key in use comes from elsewhere, the store's own is one of them.
    fn kept_paths(&self) -> Result<Vec<PathBuf>, KeyError> {
        let folder = self.dir.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.unused_own()),
            Err(error) => return Err(KeyError::own(&folder, &error)),
        };
        let mut paths = self.unused_own();
        let files = entries.flatten().map(|entry| entry.path());
        paths.extend(files.filter(|path| path.to_string_lossy().ends_with(ENDING)));
        Ok(paths)
    }

    fn unused_own(&self) -> Vec<PathBuf> {
        let own = Some(self.own_path()).filter(|path| self.origin != Origin::Own && path.exists());
        own.into_iter().collect()
    }

    fn kept_path(&self, id: &str) -> PathBuf {
        self.dir.join(FOLDER).join(format!("{id}{ENDING}"))
    }

    fn lock(&self) -> Result<fs::File, KeyError> {
        if !self.dir.join(FOLDER).exists() && !self.own_path().exists() {
            let dir = self.dir.clone();
            return Err(KeyError::None { dir });
        }
        let locked = files::lock(&self.dir)
            .map_err(|error| KeyError::own(&self.dir.join(FOLDER), &error))?;
        let dir = self.dir.clone();
        locked.ok_or(KeyError::Busy { dir })
    }

    fn entry(&self, path: &Path) -> Option<Entry> {
        let id = self.id_of(path)?;
        let key = read_own(path).and_then(|key| match key.id() == id {
            true => Ok(key),
            false => Err(KeyError::own(
                path,
                &"its forgetting was cut off, or it is another key than its name says; forget it again",
            )),
        });
        Some(Entry {
            id,
            is_current: false,
            made: made(path),
            replaced: None,
            from: path.display().to_string(),
            key,
        })
    }

    /// What the file is named after; of the store's own key, what is in it.
    fn id_of(&self, path: &Path) -> Option<String> {
        match path == self.own_path() {
            true => read_own(path).ok().map(|key| key.id()),
            false => path.file_stem()?.to_str().map(str::to_owned),
        }
    }
}

fn made(path: &Path) -> Option<Timestamp> {
    let at = fs::metadata(path).ok()?.modified().ok()?;
    Some(DateTime::<Utc>::from(at).into())
}
