//! The current key and those before it that are kept, so that stand-ins of both can be found.
//!
//! A key's file keeps the time at which it was made, and a key was replaced when the next one was made; nothing else is
//! noted, so a restored copy of the folder is as good as the folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::keys::error::KeyError;
use crate::keys::files::FOLDER;
use crate::keys::origin::{Keys, Origin, read_own};
use crate::mask::MaskKey;
use crate::model::time::Timestamp;

pub const ENDING: &str = ".key";

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

    /// Ids of kept keys that were replaced before this time.
    pub fn replaced_before(&self, at: Timestamp) -> Result<Vec<String>, KeyError> {
        let all = self.list()?.into_iter();
        let old = all.filter(|entry| entry.replaced.is_some_and(|replaced| replaced <= at));
        Ok(old.map(|entry| entry.id).collect())
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
    pub(in crate::keys) fn kept_paths(&self) -> Result<Vec<PathBuf>, KeyError> {
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
    pub(in crate::keys) fn id_of(&self, path: &Path) -> Option<String> {
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
