//! What a question may be asked with.

use std::str::FromStr;

use datafusion::scalar::ScalarValue;

use crate::model::time::{MICROS_PER_SECOND, TimeRange, Timestamp};

/// The dimension of a rate table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Integration,
    Operation,
    Client,
    Status,
    Outcome,
}

impl By {
    pub fn name(self) -> &'static str {
        match self {
            Self::Integration => "integration",
            Self::Operation => "operation",
            Self::Client => "client",
            Self::Status => "status",
            Self::Outcome => "outcome",
        }
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Integration,
            Self::Operation,
            Self::Client,
            Self::Status,
            Self::Outcome,
        ]
        .into_iter()
        .find(|by| by.name() == text)
        .ok_or_else(|| format!("{text:?} is not integration, operation, client, status or outcome"))
    }
}

/// Every try, or only the answers that the caller saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Attempts,
    Calls,
}

impl View {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Calls => "calls",
        }
    }
}

impl FromStr for View {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "attempts" => Ok(Self::Attempts),
            "calls" => Ok(Self::Calls),
            _ => Err(format!("{text:?} is not attempts or calls")),
        }
    }
}

/// What a rate table is asked for.
#[derive(Clone, Debug)]
pub struct RateQuery {
    pub integration: Option<String>,
    pub range: TimeRange,
    pub step_s: u32,
    pub by: By,
    pub view: View,
}

impl RateQuery {
    /// The window width where nobody asks for one: fine enough to see an incident begin.
    pub const STEP_S: u32 = 300;
}

/// Which exchanges a case wants to show.
#[derive(Clone, Copy, Debug)]
pub struct SampleQuery<'q> {
    /// Failures of this operation only.
    pub operation: Option<&'q str>,
    /// Failures with this outcome only.
    pub outcome: Option<&'q str>,
    pub failures: usize,
    pub successes: usize,
}

pub(super) fn at(ts: Timestamp) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(ts.micros()), Some("UTC".into()))
}

pub(super) fn name(text: Option<&str>) -> ScalarValue {
    ScalarValue::Utf8(text.map(str::to_owned))
}

pub(super) fn step(seconds: u32) -> ScalarValue {
    ScalarValue::Int64(Some(i64::from(seconds.max(1)) * MICROS_PER_SECOND))
}

pub(super) fn ranged(
    range: TimeRange,
    integration: Option<&str>,
) -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("since", at(range.since)),
        ("until", at(range.until)),
        ("integration", name(integration)),
    ]
}
