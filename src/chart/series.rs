//! Many windows to few points: counts are summed, never rates averaged.

use std::collections::BTreeMap;

use crate::model::time::{MICROS_PER_SECOND, TimeRange, Timestamp};
use crate::model::window::{RateRow, share};

/// Counts of one step on the time axis. A step without a request has no share: it is a gap, not a zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub start: Timestamp,
    pub step_s: u32,
    pub requests: u64,
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
}

impl Point {
    pub fn end(&self) -> Timestamp {
        self.start.plus_secs(i64::from(self.step_s))
    }

    pub fn share_429(&self) -> Option<f64> {
        share(self.throttled, self.requests).map(|s| s.min(1.0))
    }

    pub fn share_5xx(&self) -> Option<f64> {
        share(self.server_errors, self.requests).map(|s| s.min(1.0))
    }

    pub fn share_no_response(&self) -> Option<f64> {
        share(self.no_response, self.requests).map(|s| s.min(1.0))
    }

    fn add(&mut self, row: &RateRow) {
        self.requests = self.requests.saturating_add(row.requests);
        self.throttled = self.throttled.saturating_add(row.throttled);
        self.server_errors = self.server_errors.saturating_add(row.server_errors);
        self.no_response = self.no_response.saturating_add(row.no_response);
    }
}

/// The rows that have a part in the range as at most about `points_max` points, ascending; steps without a row are absent.
pub fn merge_rows(rows: &[RateRow], range: TimeRange, points_max: usize) -> Vec<Point> {
    let step_s = step_for(rows, range, points_max.max(1));
    let mut points: BTreeMap<Timestamp, Point> = BTreeMap::new();
    let within = |row: &&RateRow| range.overlaps(row.window_start, row.window_s);
    for row in rows.iter().filter(within) {
        let start = row.window_start.floor(step_s);
        let empty = Point {
            start,
            step_s,
            requests: 0,
            throttled: 0,
            server_errors: 0,
            no_response: 0,
        };
        points.entry(start).or_insert(empty).add(row);
    }
    points.into_values().collect()
}

/// A whole multiple of the rows' own window, rounded up to a step that people count in, so that the labels under the
/// bars stay whole.
fn step_for(rows: &[RateRow], range: TimeRange, points_max: usize) -> u32 {
    const STEPS: [u32; 16] = [
        60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
        345_600, 604_800, 1_209_600,
    ];
    let own = rows.iter().map(|r| r.window_s).max().unwrap_or(60).max(1);
    let span = range.until.micros().saturating_sub(range.since.micros()) / MICROS_PER_SECOND;
    let least = u64::try_from(span)
        .unwrap_or(0)
        .div_ceil(points_max as u64)
        .max(u64::from(own));
    if least == u64::from(own) {
        return own;
    }
    let round = STEPS
        .iter()
        .find(|&&step| u64::from(step) >= least && step % own == 0);
    match round {
        Some(&step) => step,
        None => u32::try_from(least.div_ceil(u64::from(own)).saturating_mul(own.into()))
            .unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(start_s: i64, requests: u64, throttled: u64, server_errors: u64) -> RateRow {
        RateRow {
            schema: RateRow::SCHEMA,
            integration: "payments".into(),
            operation: None,
            client: None,
            status: None,
            outcome: None,
            window_start: Timestamp::from_secs(start_s),
            window_s: 60,
            requests,
            throttled,
            server_errors,
            no_response: 0,
            client_errors: 0,
            throttled_local: 0,
            rate_429: share(throttled, requests),
            rate_5xx: share(server_errors, requests),
            duration_p50_ms: None,
            duration_p95_ms: None,
        }
    }

    pub(crate) fn range(since_s: i64, until_s: i64) -> TimeRange {
        TimeRange {
            since: Timestamp::from_secs(since_s),
            until: Timestamp::from_secs(until_s),
        }
    }

    #[test]
    fn merging_keeps_every_count() {
        let rows: Vec<_> = (0..10_000).map(|i| row(i * 60, 10, 1, 2)).collect();
        let points = merge_rows(&rows, range(0, 600_000), 600);
        assert!(points.len() <= 600, "{}", points.len());
        assert_eq!(points.iter().map(|p| p.requests).sum::<u64>(), 100_000);
        assert_eq!(points.iter().map(|p| p.throttled).sum::<u64>(), 10_000);
        assert_eq!(points[3].share_5xx(), Some(0.2));
    }

    #[test]
    fn a_range_that_starts_inside_a_step_keeps_that_step() {
        let rows: Vec<_> = (0..4).map(|i| row(i * 60, 10, 0, 0)).collect();
        let points = merge_rows(&rows, range(90, 240), 600);
        let starts: Vec<_> = points.iter().map(|p| p.start.secs()).collect();
        assert_eq!(starts, [60, 120, 180]);
    }

    #[test]
    fn a_quiet_window_has_no_share() {
        let points = merge_rows(&[row(0, 0, 0, 0)], range(0, 60), 600);
        assert_eq!(points[0].share_429(), None);
    }

    #[test]
    fn rows_outside_the_range_and_impossible_counts_do_no_harm() {
        let rows = [row(-60, 5, 0, 0), row(0, 1, 9, 9), row(60, u64::MAX, 0, 0)];
        let points = merge_rows(&rows, range(0, 60), 600);
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].share_429(), Some(1.0));
        let reversed = merge_rows(&rows, range(60, 0), 0);
        assert!(reversed.is_empty());
        let ages = merge_rows(&rows, range(i64::MIN / 2, i64::MAX / 2), 3);
        assert!(!ages.is_empty());
    }
}
