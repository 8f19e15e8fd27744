//! What a verdict rests on: counts a window, fingerprints of errors, and what happened on retry.

use std::collections::BTreeMap;

use crate::model::call::Calls;
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::window::Counts;

/// Everything the judge may look at. Built by `query` from the store or by `assess` from a CSV of counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// One entry an integration (operation `None`) and one for each of its operations.
    pub series: Vec<SeriesHistory>,
    pub fingerprints: Vec<FingerprintHistory>,
    /// `None` when nothing is known of retries: counts from elsewhere do not tell of them.
    pub retries: Option<Vec<RetryHistory>>,
    /// Requests one by one, of each integration in which something failed; empty when only counts are known.
    pub calls: Vec<Calls>,
    /// Up to this instant the data are taken as complete; `None` when there are no data.
    pub watermark: Option<Timestamp>,
}

/// The windows of one series, ascending, each `window_s` wide. A window that is absent had no request.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesHistory {
    pub integration: String,
    pub operation: Option<String>,
    pub window_s: u32,
    pub windows: Vec<(Timestamp, Counts)>,
}

/// How much came of an integration, and of its operations: it decides how closely calls are looked at one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    pub integration: String,
    pub requests: u64,
    pub has_failed: bool,
    pub operations: Vec<(String, u64)>,
}

impl Evidence {
    /// One entry an integration, by name.
    pub fn traffic(&self) -> Vec<Traffic> {
        let mut all: BTreeMap<&str, Traffic> = BTreeMap::new();
        for series in &self.series {
            let known = all.entry(&series.integration);
            known
                .or_insert_with(|| Traffic::of(&series.integration))
                .add(series);
        }
        all.into_values().collect()
    }
}

impl Traffic {
    fn of(integration: &str) -> Self {
        Self {
            integration: integration.to_owned(),
            requests: 0,
            has_failed: false,
            operations: Vec::new(),
        }
    }

    fn add(&mut self, series: &SeriesHistory) {
        let counts = || series.windows.iter().map(|(_, counts)| counts);
        let requests = counts()
            .map(|one| one.requests)
            .fold(0, u64::saturating_add);
        match &series.operation {
            Some(operation) => self.operations.push((operation.clone(), requests)),
            None => {
                self.requests = self.requests.saturating_add(requests);
                self.has_failed |= counts().any(Counts::has_failures);
            }
        }
    }
}

/// One kind of error (status, code, message template) of an integration and when it occurred.
#[derive(Clone, Debug, PartialEq)]
pub struct FingerprintHistory {
    pub integration: String,
    pub operation: Option<String>,
    pub fingerprint: i64,
    pub status: Option<u16>,
    pub error_code: Option<String>,
    pub template: Option<String>,
    /// Occurrences by window, ascending.
    pub windows: Vec<(Timestamp, u64)>,
}

/// Of the calls of one operation that failed at first, in one way, in a window: how many were tried again, and how many
/// of those ended well.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryHistory {
    pub integration: String,
    pub operation: String,
    /// How the first attempt failed.
    pub outcome: Outcome,
    pub windows: Vec<(Timestamp, RetryCounts)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct RetryCounts {
    /// Calls whose first failed attempt was followed by another and that ended with success.
    pub healed: u64,
    /// Calls whose first failed attempt was followed by another.
    pub tried: u64,
}
