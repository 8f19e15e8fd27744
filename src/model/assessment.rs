//! The one answer that dashboard, alert, report and command line all show, so that they cannot disagree.

use serde::Serialize;

use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::Verdict;
use crate::model::window::{Counts, RateRow};

/// Everything known about one integration in one range.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Assessment {
    pub integration: String,
    pub range: TimeRange,
    /// The verdict that decides how the integration is shown: the worst of `episodes`, else the most urgent of
    /// `verdicts`.
    pub headline: Verdict,
    /// Every series judged, as of the end of the range.
    pub verdicts: Vec<Verdict>,
    /// The Category 2 episodes that overlap the range, by the time of their alert.
    pub episodes: Vec<Verdict>,
    /// The trend, one row a window, quiet windows present as zero.
    pub trend: Vec<RateRow>,
    pub operations: Vec<OperationSummary>,
    pub errors: Vec<ErrorKind>,
    /// Masked pairs, failing ones first by time, then the nearest that succeeded.
    pub samples: Vec<Sample>,
    #[schema(value_type = Option<String>)]
    pub last_event: Option<Timestamp>,
}

/// One integration in one line: what the overview and the verdict table show.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct IntegrationSummary {
    pub integration: String,
    pub headline: Verdict,
    pub counts: Counts,
    pub rate_429: Option<f64>,
    pub rate_5xx: Option<f64>,
    pub rate_no_response: Option<f64>,
    /// Start of the last window with a request.
    #[schema(value_type = Option<String>)]
    pub last_event: Option<Timestamp>,
    pub spark: Vec<SparkWindow>,
}

/// One window of a small trend.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct SparkWindow {
    #[schema(value_type = String)]
    pub window_start: Timestamp,
    pub requests: u64,
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
}

/// Totals of one operation over the range.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OperationSummary {
    pub operation: String,
    pub requests: u64,
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
    pub rate_429: Option<f64>,
    pub rate_5xx: Option<f64>,
    pub duration_p95_ms: Option<f64>,
}

/// One row of `errors`.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ErrorKind {
    /// Always `tidemark.errors/1`.
    #[schema(value_type = String)]
    pub schema: &'static str,
    /// Sixteen hex digits.
    pub fingerprint: String,
    pub integration: String,
    pub operation: String,
    pub status: Option<u16>,
    pub error_code: Option<String>,
    pub template: Option<String>,
    /// In the whole store, not just in the range.
    #[schema(value_type = String)]
    pub first_seen: Timestamp,
    #[schema(value_type = String)]
    pub last_seen: Timestamp,
    pub count: u64,
    /// Of all failures of the integration in the range.
    pub share: Option<f64>,
    /// First seen in the last day of the range (or since `new_since`), with history of the integration before that.
    pub new: bool,
}

impl ErrorKind {
    pub const SCHEMA: &'static str = "tidemark.errors/1";
}

/// A masked request and its response, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Sample {
    pub id: String,
    #[schema(value_type = Option<String>)]
    pub ts: Option<Timestamp>,
    pub method: String,
    pub host: String,
    /// The account or shop that the call was made for, where the log names it.
    pub tenant: Option<String>,
    pub url: String,
    pub operation: String,
    pub status: Option<u16>,
    pub outcome: String,
    pub attempt: i16,
    pub duration_ms: Option<f32>,
    pub retry_after_s: Option<f32>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub request_id: Option<String>,
    pub vendor_request_id: Option<String>,
    pub request_headers: Option<String>,
    pub request_body: Option<String>,
    pub response_headers: Option<String>,
    pub response_body: Option<String>,
    pub raw: Option<String>,
    pub source: String,
    pub line: i64,
}
