//! What can stop an ingest. What was committed before stays.

use std::path::PathBuf;

use crate::read::engine::template::TemplateError;
use crate::read::source::SourceError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error("{source}", source = .0)]
    Source(#[from] SourceError),
    #[error("{path} {what}", path = .path.display())]
    Unreadable { path: PathBuf, what: String },
    #[error("no file matches {0:?}")]
    NothingMatches(String),
    #[error("there is no input format {name:?}; `tidemark formats list` names them")]
    UnknownFormat { name: String },
    #[error("the log format is not usable: {0}")]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the reject file {path} is one of the inputs; name another", path = .path.display())]
    RejectFileIsInput { path: PathBuf },
    #[error(
        "the reject file {path} holds something else, which would be spoilt; name another file", path = .path.display()
    )]
    RejectFileIsAnother { path: PathBuf },
    #[error("the reject file {path} cannot be written: {source}", path = .path.display())]
    RejectFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{path} begins like a source that was read before and then differs, and it cannot be read twice; save it to a \
         file and ingest that", path = .path.display()
    )]
    PipeDiffers { path: PathBuf },
    #[error("the service ends")]
    Ended,
}
