//! What the user asked of one ingest, apart from the inputs themselves.

use chrono_tz::Tz;

use crate::ingest::error::IngestError;
use crate::model::exchange::Direction;
use crate::read::detect::{self, Detected};
use crate::read::engine::custom;
use crate::read::format::{Format, LineParser, Options};
use crate::read::formats;

/// How the format of a source is found.
#[derive(Clone, Default)]
pub enum FormatChoice {
    /// By content.
    #[default]
    Detect,
    Named(&'static Format),
    /// A server's own format string, a pattern, or the names of columns.
    Template(String),
}

impl FormatChoice {
    /// From `--input-format` and `--log-format`. The string may be pasted as it stands in the server's configuration.
    pub fn parse(name: Option<&str>, template: Option<&str>) -> Result<Self, IngestError> {
        match (template, name) {
            (Some(template), _) if formats::find(template).is_some() => {
                Self::parse(Some(template), None)
            }
            (Some(template), _) => {
                compile(template, &Options::default())?;
                Ok(Self::Template(template.to_owned()))
            }
            (None, Some(name)) => {
                formats::find(name)
                    .map(Self::Named)
                    .ok_or_else(|| IngestError::UnknownFormat {
                        name: name.to_owned(),
                    })
            }
            (None, None) => Ok(Self::Detect),
        }
    }

    /// Whether the format is found by content.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Detect)
    }

    pub fn detect(&self, head: &[u8], options: &Options) -> Result<Detected, IngestError> {
        Ok(match self {
            Self::Detect => detect::detect(head, options),
            Self::Named(format) => detect::named(format, head, options),
            Self::Template(template) => {
                let (name, _) = compile(template, options)?;
                let build = |options: &Options| {
                    let compiled = compile(template, options);
                    compiled
                        .expect("options are no part of what may be wrong")
                        .1
                };
                detect::given(name, &build, head, options)
            }
        })
    }
}

fn compile(
    template: &str,
    options: &Options,
) -> Result<(&'static str, Box<dyn LineParser>), IngestError> {
    Ok(custom::compile(template, options)?)
}

/// Everything that holds for all sources of one ingest.
#[derive(Clone, Default)]
pub struct Plan {
    pub format: FormatChoice,
    pub options: Options,
    /// Stands in the column `source` instead of the path.
    pub source_name: Option<String>,
    pub integration: Option<String>,
    pub direction: Option<Direction>,
}

impl Plan {
    pub fn with_zone(mut self, zone: Option<Tz>) -> Self {
        self.options.zone = zone;
        self
    }
}
