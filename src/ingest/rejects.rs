//! Rejected lines, masked, for a file that can be looked at and fed again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::ingest::again::is_reject_file;
use crate::ingest::error::IngestError;
use crate::ingest::inputs::Input;
use crate::mask::MaskedText;
use crate::read::skip::Rejected;

/// A rejected line is cut at 1 MiB; escaped and with its place it stays below this.
const FIRST_BYTES_MAX: u64 = 8 << 20;

#[derive(Debug, Serialize)]
pub struct Reject {
    pub source: String,
    /// Of the source, so that a line that is fed again gets the id that it would have had.
    pub source_id: String,
    pub line: u64,
    pub offset: u64,
    pub reason: Rejected,
    pub text: MaskedText,
}

/// Writes one JSON object a line.
pub struct RejectFile {
    path: PathBuf,
    out: BufWriter<File>,
}

impl RejectFile {
    /// Goes on behind what is there, which must be a reject file and none of the inputs.
    pub fn create(path: &Path, inputs: &[Input]) -> Result<Self, IngestError> {
        let place = path.canonicalize().ok();
        let is_it = |input: &Input| place.is_some() && input.path().canonicalize().ok() == place;
        if inputs.iter().any(is_it) {
            return Err(IngestError::RejectFileIsInput {
                path: path.to_owned(),
            });
        }
        let failed = |source| IngestError::RejectFile {
            path: path.to_owned(),
            source,
        };
        if holds_something_else(path).map_err(failed)? {
            return Err(IngestError::RejectFileIsAnother {
                path: path.to_owned(),
            });
        }
        let file = File::options().append(true).create(true).open(path);
        Ok(Self {
            path: path.to_owned(),
            out: BufWriter::new(file.map_err(failed)?),
        })
    }

    pub fn write(&mut self, rejects: &[Reject]) -> Result<(), IngestError> {
        let failed = |source| IngestError::RejectFile {
            path: self.path.clone(),
            source,
        };
        for reject in rejects {
            serde_json::to_writer(&mut self.out, reject).map_err(|e| failed(e.into()))?;
            self.out.write_all(b"\n").map_err(failed)?;
        }
        self.out.flush().map_err(failed)
    }
}

/// Whether a file is there that was not written as a reject file.
fn holds_something_else(path: &Path) -> io::Result<bool> {
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    if !is_file {
        return Ok(false);
    }
    let mut head = Vec::new();
    File::open(path)?
        .take(FIRST_BYTES_MAX)
        .read_to_end(&mut head)?;
    Ok(!head.is_empty() && !is_reject_file(&head))
}
