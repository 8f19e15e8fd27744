//! Exit codes, and which error means which.

use std::process::ExitCode;

use crate::assess::CountsError;
use crate::attribute::AttributeError;
use crate::catalog::CatalogError;
use crate::chart::ChartError;
use crate::config::ConfigError;
use crate::http::ServeError;
use crate::ingest::IngestError;
use crate::keys::KeyError;
use crate::live::{SourceError, SyslogError};
use crate::mask::MaskError;
use crate::model::timespec::TimeSpecError;
use crate::query::QueryError;
use crate::read::engine::mapping::MappingError;
use crate::report::ReportError;
use crate::store::StoreError;

/// The codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// Something at or above `--fail-on` was found.
    Found = 1,
    Usage = 2,
    /// Input unreadable, or no line of it understood.
    Input = 3,
    TooManyRejects = 4,
    /// Something would have been stored unmasked.
    Unproven = 5,
    /// Store locked or damaged.
    Store = 6,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A reason to stop, with the code that says whose turn it is.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    pub fn input(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Input,
            message: message.into(),
        }
    }
}

macro_rules! exits {
    ($($error:ty => $exit:ident),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { exit: Exit::$exit, message: error.to_string() }
            }
        })*
    };
}

exits! {
    AttributeError => Usage,
    CatalogError => Usage,
    ChartError => Store,
    ConfigError => Usage,
    MaskError => Usage,
    MappingError => Usage,
    ReportError => Store,
    ServeError => Usage,
    SourceError => Usage,
    SyslogError => Usage,
    TimeSpecError => Usage,
    CountsError => Input,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self {
            exit: of_store(&error),
            message: error.to_string(),
        }
    }
}

fn of_store(error: &StoreError) -> Exit {
    match error.is_unproven() {
        true => Exit::Unproven,
        false => Exit::Store,
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        let exit = match &error {
            IngestError::Store(error) => of_store(error),
            IngestError::UnknownFormat { .. }
            | IngestError::Template(_)
            | IngestError::RejectFileIsInput { .. }
            | IngestError::RejectFileIsAnother { .. }
            | IngestError::RejectFile { .. } => Exit::Usage,
            _ => Exit::Input,
        };
        Self {
            exit,
            message: error.to_string(),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match error.is_of_store() {
            true => Exit::Store,
            false => Exit::Usage,
        };
        Self {
            exit,
            message: error.to_string(),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let exit = match &error {
            QueryError::Unreadable(_) => Exit::Store,
            _ => Exit::Usage,
        };
        Self {
            exit,
            message: error.to_string(),
        }
    }
}

/// Standard output that nobody reads any more is no fault; anything else is.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let exit = match error.kind() {
            std::io::ErrorKind::BrokenPipe => Exit::Done,
            _ => Exit::Usage,
        };
        Self {
            exit,
            message: format!("cannot write: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_proved_has_an_exit_code_of_its_own() {
        let unproven = || StoreError::Unprovable { dir: "x".into() };
        assert_eq!(Failure::from(unproven()).exit as u8, 5);
        assert_eq!(Failure::from(IngestError::from(unproven())).exit as u8, 5);
        let full = StoreError::DiskFull { dir: "x".into() };
        assert_eq!(Failure::from(full).exit, Exit::Store);
    }
}
