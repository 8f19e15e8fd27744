//! What can go wrong with a key, in words that name the place and the remedy and nothing of the key.

use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the masking key {path} cannot be used: {what}", path = .path.display())]
    Own { path: PathBuf, what: String },
    #[error("the masking key {path} (masking.key_file) cannot be used: {what}", path = .path.display())]
    File { path: PathBuf, what: String },
    #[error("the command {program:?} (masking.key_command) gives no masking key: {what}")]
    Command { program: String, what: String },
    #[error(
        "masking.key_file and masking.key_command are both set, and the key comes from one place; leave one of them out"
    )]
    TwoPlaces,
    #[error("there is no masking key in {dir} yet; it is made when the first log is read", dir = .dir.display())]
    None { dir: PathBuf },
    #[error("the masking key comes from {from} and is rotated there: {how}")]
    Elsewhere { from: String, how: &'static str },
    #[error("{id:?} is the key in use; run `tidemark key rotate` first, and then forget it")]
    Current { id: String },
    #[error("there is no kept key {id:?}; `tidemark key list` shows those there are")]
    Unknown { id: String },
    #[error("another process is changing the keys in {dir}; run the same command again", dir = .dir.display())]
    Busy { dir: PathBuf },
}

impl KeyError {
    pub(in crate::keys) fn own(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::Own {
            path: path.to_owned(),
            what: why.to_string(),
        }
    }

    /// Whether it is the store's own files that are wrong.
    pub fn is_of_store(&self) -> bool {
        matches!(self, Self::Own { .. } | Self::Busy { .. })
    }
}
