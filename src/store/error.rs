//! What can go wrong with a store, in words that name the place and the remedy.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use deltalake::DeltaTableError;

use crate::store::prove::{Place, Refusal};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no store at {dir}; load logs with `tidemark ingest`, or name another place with --data", dir = .dir.display())]
    Missing { dir: PathBuf },
    #[error("the store at {dir} is in use by {holder}; wait for it, stop it, or name another place with --data", dir = .dir.display())]
    Locked { dir: PathBuf, holder: String },
    #[error("the store at {dir} was made by a newer tidemark (schema {found}, this one knows {known}); update tidemark", dir = .dir.display())]
    Newer {
        dir: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("{dir} holds other files and no store; name an empty or new place with --data", dir = .dir.display())]
    NotAStore { dir: PathBuf },
    #[error("the disk of {dir} is full; free some space and run the same command again, nothing is lost or doubled", dir = .dir.display())]
    DiskFull { dir: PathBuf },
    #[error("{dir} cannot be written ({source}); nothing is lost or doubled when the same command runs again", dir = .dir.display())]
    Io { dir: PathBuf, source: io::Error },
    #[error("the store at {dir} is damaged: {what}; restore it from a copy, or load the logs into a new one", dir = .dir.display())]
    Damaged { dir: PathBuf, what: String },
    #[error("the store at {dir} has no table of rates; the next `tidemark ingest` makes it from what is stored", dir = .dir.display())]
    NoRates { dir: PathBuf },
    #[error("another process wrote to the store at {dir} at the same time; run the same command again, nothing is lost or doubled", dir = .dir.display())]
    Conflict { dir: PathBuf },
    #[error("nothing was stored in {dir}: {place} still holds a value that was masked elsewhere; leave that line out and report this fault", dir = .dir.display())]
    Unproven { dir: PathBuf, place: Place },
    #[error("nothing was stored in {dir}: the proof of masking does not find the made-up secrets that test it; report this fault", dir = .dir.display())]
    Unprovable { dir: PathBuf },
    #[error("the rows do not fit the table: {what}")]
    Rows { what: String },
}

impl StoreError {
    /// Finds the operating system's reason inside a library's error, if there is one.
    pub(super) fn from_delta(dir: &Path, error: &DeltaTableError) -> Self {
        let dir = dir.to_owned();
        if let Some(io) = root_io(error) {
            return Self::from_io(&dir, io);
        }
        match error {
            DeltaTableError::Transaction { .. } => Self::Conflict { dir },
            other => Self::Damaged {
                dir,
                what: first_line(&other.to_string()),
            },
        }
    }

    pub(super) fn from_refusal(dir: &Path, refusal: Refusal) -> Self {
        let found = |place| Self::Unproven {
            dir: dir.to_owned(),
            place,
        };
        match refusal {
            Refusal::Delta(error) => Self::from_delta(dir, &error),
            Refusal::Blind => Self::Unprovable {
                dir: dir.to_owned(),
            },
            Refusal::Present(place) => found(place),
        }
    }

    /// Whether masking or its proof has a fault, so that the same rows are refused again.
    pub fn is_unproven(&self) -> bool {
        matches!(self, Self::Unproven { .. } | Self::Unprovable { .. })
    }

    pub(super) fn from_io(dir: &Path, error: &io::Error) -> Self {
        let dir = dir.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { dir },
            kind => Self::Io {
                dir,
                source: io::Error::new(kind, error.to_string()),
            },
        }
    }
}

fn root_io<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            // A library may wrap its own error into an io error; the innermost one is the system's.
            return io
                .get_ref()
                .and_then(|inner| root_io(inner))
                .or(Some(io))
                .filter(|io| io.raw_os_error().is_some() || io.kind() != io::ErrorKind::Other);
        }
        current = error.source();
    }
    None
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
