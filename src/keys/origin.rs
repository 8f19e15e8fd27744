//! The key in use: the store's own, or one that a file or a command gives.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::keys::command;
use crate::keys::error::KeyError;
use crate::keys::files::{put_first, read, stage};
use crate::keys::form::{self, KEY_BYTES};
use crate::mask::{MaskKey, Settings};

const KEY_FILE: &str = "mask.key";

/// A source of random bytes that nobody can guess.
pub type Random = fn() -> [u8; KEY_BYTES];

/// The keys of one store.
#[derive(Clone)]
pub struct Keys {
    pub(in crate::keys) dir: PathBuf,
    pub(in crate::keys) origin: Origin,
    pub(in crate::keys) random: Random,
}

/// Where the key in use comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Own,
    File(PathBuf),
    Command(Vec<String>),
}

impl Keys {
    pub fn new(dir: &Path, settings: &Settings, random: Random) -> Result<Self, KeyError> {
        let origin = match (&settings.key_file, settings.key_command.as_slice()) {
            (None, []) => Origin::Own,
            (Some(path), []) => Origin::File(path.clone()),
            (None, command) => Origin::Command(command.to_vec()),
            (Some(_), _) => return Err(KeyError::TwoPlaces),
        };
        Ok(Self {
            dir: dir.to_owned(),
            origin,
            random,
        })
    }

    /// The key in use; the store's own is made on first use.
    pub fn current(&self) -> Result<MaskKey, KeyError> {
        match self.find()? {
            Some(key) => Ok(key),
            None => self.make(),
        }
    }

    /// The same without making one.
    pub fn find(&self) -> Result<Option<MaskKey>, KeyError> {
        match &self.origin {
            Origin::Own => load_own(&self.dir),
            Origin::File(path) => load_file(path).map(Some),
            Origin::Command(command) => command::run(command, command::PATIENCE).map(Some),
        }
    }

    /// Whether a key that comes from elsewhere can be read. A command is not run for that.
    pub fn check(&self) -> Result<(), KeyError> {
        match &self.origin {
            Origin::File(path) => load_file(path).map(drop),
            Origin::Own | Origin::Command(_) => Ok(()),
        }
    }

    pub(in crate::keys) fn own_path(&self) -> PathBuf {
        self.dir.join(KEY_FILE)
    }

    fn make(&self) -> Result<MaskKey, KeyError> {
        let path = self.own_path();
        let failed = |error| KeyError::own(&path, &error);
        let bytes = zeroize::Zeroizing::new((self.random)());
        let staged = stage(&self.dir, number(self.random), &*bytes).map_err(failed)?;
        match put_first(&staged, &path).map_err(failed)? {
            true => Ok(MaskKey::from_bytes(*bytes)),
            // Another process was first: its key is the store's.
            false => read_own(&path),
        }
    }
}

/// The store's own key, when it has one.
pub fn load_own(dir: &Path) -> Result<Option<MaskKey>, KeyError> {
    let path = dir.join(KEY_FILE);
    match fs::exists(&path) {
        Ok(false) => Ok(None),
        _ => read_own(&path).map(Some),
    }
}

/// A key file of the store: raw bytes and nothing else.
pub fn read_own(path: &Path) -> Result<MaskKey, KeyError> {
    let failed = |error: std::io::Error| KeyError::own(path, &error);
    let bytes = read(File::open(path).map_err(failed)?).map_err(failed)?;
    match bytes.as_slice().try_into() {
        Ok(bytes) => Ok(MaskKey::from_bytes(bytes)),
        Err(_) => Err(KeyError::own(path, &"it does not have 32 bytes")),
    }
}

/// A key file of the operator's.
pub fn load_file(path: &Path) -> Result<MaskKey, KeyError> {
    let failed = |what: String| KeyError::File {
        path: path.to_owned(),
        what,
    };
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => failed("there is no such file".to_owned()),
        _ => failed(error.to_string()),
    };
    // A pipe would be waited for without end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(failed("it is no file".to_owned()));
    }
    let file = File::open(path).map_err(unreadable)?;
    if is_open_to_all(&file.metadata().map_err(unreadable)?) {
        let remedy = format!("everybody may read it; run `chmod o= {}`", path.display());
        return Err(failed(remedy));
    }
    let bytes = read(file).map_err(unreadable)?;
    let key = form::parse(&bytes).map_err(|what| failed(what.to_owned()))?;
    Ok(MaskKey::from_bytes(*key))
}

#[cfg(unix)]
fn is_open_to_all(found: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(found) & 0o007 != 0
}

#[cfg(not(unix))]
fn is_open_to_all(_: &fs::Metadata) -> bool {
    false
}

/// A number for a name; nothing of a key.
pub fn number(random: Random) -> u64 {
    let bytes = random();
    bytes
        .iter()
        .take(8)
        .fold(0, |n, byte| n << 8 | u64::from(*byte))
}
