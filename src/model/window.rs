//! Counts of one window of event time.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// The width of a stored window, in seconds. Coarser steps are sums of these.
pub const BASE_WINDOW_S: u32 = 60;

/// What happened in one window of one series. `requests` is the denominator of every rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    pub requests: u64,
    /// Throttled by the vendor, whatever the status was.
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
    pub client_errors: u64,
    /// Throttled by a hop on our side; not part of `requests`, because nothing reached the vendor.
    pub throttled_local: u64,
    /// Answered 2xx with the code of an error. Only the judge is told: `rates` has no codes.
    #[serde(skip)]
    pub coded: u64,
}

impl Counts {
    /// Did anything fail of what a verdict is about?
    pub fn has_failures(&self) -> bool {
        self.server_errors > 0 || self.throttled > 0 || self.no_response > 0 || self.coded > 0
    }

    /// Was there an error of any kind?
    pub fn has_errors(&self) -> bool {
        self.has_failures() || self.client_errors > 0
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.throttled = self.throttled.saturating_add(other.throttled);
        self.server_errors = self.server_errors.saturating_add(other.server_errors);
        self.no_response = self.no_response.saturating_add(other.no_response);
        self.client_errors = self.client_errors.saturating_add(other.client_errors);
        self.throttled_local = self.throttled_local.saturating_add(other.throttled_local);
        self.coded = self.coded.saturating_add(other.coded);
    }
}

/// A share with its numerator and denominator beside it; `None` when nothing was asked, which is not zero.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// One row of the rate table, as the commands and routes print it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RateRow {
    /// Always `tidemark.rates/1`.
    #[schema(value_type = String)]
    pub schema: &'static str,
    pub integration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub window_start: Timestamp,
    pub window_s: u32,
    pub requests: u64,
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
    pub client_errors: u64,
    pub throttled_local: u64,
    /// `throttled / requests`; null when the window had no request.
    pub rate_429: Option<f64>,
    /// `server_errors / requests`; null when the window had no request.
    pub rate_5xx: Option<f64>,
    pub duration_p50_ms: Option<f64>,
    pub duration_p95_ms: Option<f64>,
}

impl RateRow {
    pub const SCHEMA: &'static str = "tidemark.rates/1";

    pub fn counts(&self) -> Counts {
        Counts {
            requests: self.requests,
            throttled: self.throttled,
            server_errors: self.server_errors,
            no_response: self.no_response,
            client_errors: self.client_errors,
            throttled_local: self.throttled_local,
            coded: 0,
        }
    }
}
