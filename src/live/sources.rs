//! Sources as they stand in the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::ingest::{FormatChoice, IngestError, Plan};
use crate::live::follow::Spec;
use crate::model::exchange::Direction;
use crate::read::engine::mapping::{Mapping, MappingError};
use crate::read::format::Options;

/// Files that `ingest` and `serve` read and follow without being told on the command line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceSettings {
    /// Stands in the column `source` instead of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Files, folders or globs.
    pub paths: Vec<PathBuf>,
    /// The name of a format; found by content without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// A server's own format string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,
    /// `FIELD=PATH`, as with `--map`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<String>,
    /// Zone of times without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// `outbound` or `inbound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<DirectionName>,
    /// The integration that all lines belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
}

/// Who called whom, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectionName {
    Outbound,
    Inbound,
}

impl From<DirectionName> for Direction {
    fn from(name: DirectionName) -> Self {
        match name {
            DirectionName::Outbound => Self::Outbound,
            DirectionName::Inbound => Self::Inbound,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("a source names no paths")]
    NoPaths,
    #[error("the source of {paths}: format and log_format exclude each other")]
    TwoFormats { paths: String },
    #[error("the source of {paths}: there is no zone {name:?}; name one such as Europe/Berlin")]
    Zone { paths: String, name: String },
    #[error("the source of {paths}: {error}")]
    Ingest { paths: String, error: IngestError },
    #[error("the source of {paths}: {error}")]
    Mapping { paths: String, error: MappingError },
}

impl SourceSettings {
    /// What is to be followed, and how it is read.
    pub fn spec(&self) -> Result<Spec, SourceError> {
        let paths = || {
            let all: Vec<_> = self.paths.iter().map(|p| p.display().to_string()).collect();
            all.join(", ")
        };
        if self.paths.is_empty() {
            return Err(SourceError::NoPaths);
        }
        if self.format.is_some() && self.log_format.is_some() {
            return Err(SourceError::TwoFormats { paths: paths() });
        }
        let format = FormatChoice::parse(self.format.as_deref(), self.log_format.as_deref())
            .map_err(|error| SourceError::Ingest {
                paths: paths(),
                error,
            })?;
        let mapping = Mapping::parse(&self.map).map_err(|error| SourceError::Mapping {
            paths: paths(),
            error,
        })?;
        let zone = self.zone.as_deref().map(|name| {
            name.parse::<Tz>().map_err(|_| SourceError::Zone {
                paths: paths(),
                name: name.to_owned(),
            })
        });
        let plan = Plan {
            format,
            options: Options {
                zone: zone.transpose()?,
                mapping,
                ..Options::default()
            },
            source_name: self.name.clone(),
            integration: self.integration.clone(),
            direction: self.direction.map(Direction::from),
        };
        Ok(Spec {
            paths: self.paths.clone(),
            plan: Arc::new(plan),
        })
    }
}
