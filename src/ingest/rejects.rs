//! Rejected lines, masked, for a file that can be looked at and fed again.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::ingest::error::IngestError;
use crate::ingest::inputs::Input;
use crate::mask::MaskedText;
use crate::read::skip::Rejected;

#[derive(Debug, Serialize)]
pub struct Reject {
    pub source: String,
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
    /// Empties the file, which must be none of the inputs.
    pub fn create(path: &Path, inputs: &[Input]) -> Result<Self, IngestError> {
        let place = path.canonicalize().ok();
        let is_it = |input: &Input| place.is_some() && input.path().canonicalize().ok() == place;
        if inputs.iter().any(is_it) {
            return Err(IngestError::RejectFileIsInput {
                path: path.to_owned(),
            });
        }
        let out =
            File::create(path)
                .map(BufWriter::new)
                .map_err(|source| IngestError::RejectFile {
                    path: path.to_owned(),
                    source,
                })?;
        Ok(Self {
            path: path.to_owned(),
            out,
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
