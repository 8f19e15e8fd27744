//! The answer for one series: which category, since when, by how much, and why.

use serde::Serialize;
use serde::ser::Serializer;

use crate::model::evidence::RetryCounts;
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::window::Counts;

/// Category 1 (sporadic), Category 2 (sustained, reproducible or novel), undecided, or quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Few, scattered, heals on retry: just retry.
    One,
    /// Risen and not healing, or always failing, or never seen before: open a support case.
    Two,
    /// Too little data to say.
    Undecided,
    /// Nothing to judge: no failures beyond the normal.
    Quiet,
}

impl Category {
    /// The words that people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::One => "Category 1",
            Self::Two => "Category 2",
            Self::Undecided => "undecided",
            Self::Quiet => "quiet",
        }
    }

    /// What needs a person first sorts first.
    pub fn urgency(self) -> u8 {
        match self {
            Self::Two => 3,
            Self::Undecided => 2,
            Self::One => 1,
            Self::Quiet => 0,
        }
    }
}

/// `1`, `2`, or `null` where there is none (undecided and quiet say so in `reason`).
impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One => serializer.serialize_u8(1),
            Self::Two => serializer.serialize_u8(2),
            Self::Undecided | Self::Quiet => serializer.serialize_none(),
        }
    }
}

/// Which failures of a series are judged. 429 and 5xx are never mixed: their cures differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub enum Class {
    #[serde(rename = "5xx")]
    ServerError,
    #[serde(rename = "429")]
    Throttled,
    #[serde(rename = "no_response")]
    NoResponse,
    #[serde(rename = "error_code")]
    ErrorCode,
    #[serde(rename = "silence")]
    Silence,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerError => "5xx",
            Self::Throttled => "429",
            Self::NoResponse => "no_response",
            Self::ErrorCode => "error_code",
            Self::Silence => "silence",
        }
    }

    /// Its failures among all that happened; none where counts do not tell.
    pub fn failures(self, counts: &Counts) -> u64 {
        match self {
            Self::ServerError => counts.server_errors,
            Self::Throttled => counts.throttled,
            Self::NoResponse => counts.no_response,
            Self::ErrorCode => counts.coded,
            Self::Silence => 0,
        }
    }

    /// The outcome that its failures have; `None` where several may.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::ServerError => Some(Outcome::ServerError),
            Self::Throttled => Some(Outcome::Throttled),
            Self::NoResponse => Some(Outcome::NoResponse),
            Self::ErrorCode | Self::Silence => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ongoing,
    Ended,
    Quiet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    SustainedRise,
    Reproducible,
    Novel,
    Sporadic,
    TooLittleData,
    Quiet,
    Silent,
}

impl Reason {
    pub fn name(self) -> &'static str {
        match self {
            Self::SustainedRise => "sustained_rise",
            Self::Reproducible => "reproducible",
            Self::Novel => "novel",
            Self::Sporadic => "sporadic",
            Self::TooLittleData => "too_little_data",
            Self::Quiet => "quiet",
            Self::Silent => "silent",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
pub struct SeriesId {
    pub integration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the failing requests have in common beyond the operation, when that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    pub class: Class,
}

/// One judged series, in the shape of the `assess` contract. Unknown is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Verdict {
    /// Always `tidemark.assess/1`.
    #[schema(value_type = String)]
    pub schema: &'static str,
    pub series: SeriesId,
    #[schema(value_type = Option<u8>)]
    pub category: Category,
    pub state: State,
    pub reason: Reason,
    #[schema(value_type = Option<String>)]
    pub onset: Option<Timestamp>,
    /// The ends of the 95 % interval of the onset.
    #[schema(value_type = Option<String>)]
    pub onset_low: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub onset_high: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub end: Option<Timestamp>,
    /// When the evidence sufficed.
    #[schema(value_type = Option<String>)]
    pub alert_time: Option<Timestamp>,
    /// Failures per request that are normal for this series.
    pub baseline_rate: Option<f64>,
    pub current_rate: Option<f64>,
    /// `current_rate / baseline_rate` with its 95 % interval.
    pub rise_factor: Option<f64>,
    pub rise_low: Option<f64>,
    pub rise_high: Option<f64>,
    /// Failures and requests of the episode (Category 2); without one, of the last hours before the watermark, also
    /// where `onset` and `end` tell of a burst.
    pub failures: u64,
    pub requests: u64,
    /// Of the series' own failures; `None` when nothing is known of retries.
    pub retry_success: Option<RetryCounts>,
    /// Sentences with the numbers that decided.
    pub why: Vec<String>,
    pub action: String,
    pub clears_when: Option<String>,
    #[schema(value_type = Option<String>)]
    pub watermark: Option<Timestamp>,
}

impl Verdict {
    pub const SCHEMA: &'static str = "tidemark.assess/1";

    /// A quiet verdict about which nothing is known but why.
    pub fn quiet(series: SeriesId, why: Vec<String>, watermark: Option<Timestamp>) -> Self {
        Self {
            schema: Self::SCHEMA,
            series,
            category: Category::Quiet,
            state: State::Quiet,
            reason: Reason::Quiet,
            onset: None,
            onset_low: None,
            onset_high: None,
            end: None,
            alert_time: None,
            baseline_rate: None,
            current_rate: None,
            rise_factor: None,
            rise_low: None,
            rise_high: None,
            failures: 0,
            requests: 0,
            retry_success: None,
            why,
            action: String::new(),
            clears_when: None,
            watermark,
        }
    }
}
