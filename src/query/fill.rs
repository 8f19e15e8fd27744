//! Windows without a request, made visible: zero is not no-data.

use std::collections::BTreeSet;

use crate::model::time::{TimeRange, Timestamp};
use crate::model::window::RateRow;
use crate::query::error::QueryError;

/// Adds one quiet window to `rows` for each integration that has none there: a vendor that is no longer called, or whose
/// log has stopped, must not vanish. `reporting` tells from when on an integration has windows.
pub fn add_silent<'n>(
    rows: &mut Vec<RateRow>,
    reporting: impl Iterator<Item = (&'n str, Timestamp)>,
    step_s: u32,
) {
    let heard: BTreeSet<String> = rows.iter().map(|row| row.integration.clone()).collect();
    rows.extend(
        reporting
            .filter(|(name, _)| !heard.contains(*name))
            .map(|(name, from)| silent(name, from.floor(step_s), step_s)),
    );
    rows.sort_by(|a, b| a.integration.cmp(&b.integration));
}

fn silent(integration: &str, at: Timestamp, step_s: u32) -> RateRow {
    RateRow {
        schema: RateRow::SCHEMA,
        integration: integration.to_owned(),
        operation: None,
        client: None,
        status: None,
        outcome: None,
        window_start: at,
        window_s: step_s,
        requests: 0,
        throttled: 0,
        server_errors: 0,
        no_response: 0,
        client_errors: 0,
        throttled_local: 0,
        rate_429: None,
        rate_5xx: None,
        duration_p50_ms: None,
        duration_p95_ms: None,
    }
}

/// Adds the missing windows of each group. `rows` are sorted by group and window; each group is filled from the later
/// of its integration's first window and the range's start to the end of the range.
pub fn fill_quiet(
    rows: &[RateRow],
    range: TimeRange,
    step_s: u32,
    first_of: impl Fn(&str) -> Option<Timestamp>,
    rows_max: usize,
) -> Result<Vec<RateRow>, QueryError> {
    let mut filled: Vec<RateRow> = Vec::with_capacity(rows.len());
    for group in rows.chunk_by(same_group) {
        let first = &group[0];
        let mut next = first_of(&first.integration)
            .map_or(first.window_start, |at| at.max(range.since).floor(step_s))
            .min(first.window_start);
        for row in group {
            push_quiet(&mut filled, row, next, row.window_start, step_s, rows_max)?;
            filled.push(row.clone());
            next = row.window_start.plus_secs(step_s.into());
        }
        push_quiet(&mut filled, first, next, range.until, step_s, rows_max)?;
    }
    if filled.len() > rows_max {
        return Err(QueryError::TooManyRows { limit: rows_max });
    }
    Ok(filled)
}

fn push_quiet(
    filled: &mut Vec<RateRow>,
    like: &RateRow,
    from: Timestamp,
    until: Timestamp,
    step_s: u32,
    rows_max: usize,
) -> Result<(), QueryError> {
    let mut at = from;
    while at < until {
        if filled.len() >= rows_max {
            return Err(QueryError::TooManyRows { limit: rows_max });
        }
        filled.push(quiet(like, at));
        at = at.plus_secs(step_s.into());
    }
    Ok(())
}

fn quiet(like: &RateRow, at: Timestamp) -> RateRow {
    RateRow {
        operation: like.operation.clone(),
        client: like.client.clone(),
        status: like.status.clone(),
        outcome: like.outcome.clone(),
        ..silent(&like.integration, at, like.window_s)
    }
}

fn same_group(a: &RateRow, b: &RateRow) -> bool {
    (
        &a.integration,
        &a.operation,
        &a.client,
        &a.status,
        &a.outcome,
    ) == (
        &b.integration,
        &b.operation,
        &b.client,
        &b.status,
        &b.outcome,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(integration: &str, at: i64, requests: u64) -> RateRow {
        RateRow {
            requests,
            rate_429: Some(0.0),
            rate_5xx: Some(0.0),
            ..silent(integration, Timestamp::from_secs(at), 60)
        }
    }

    #[test]
    fn every_window_of_a_group_is_there_once_and_in_order() {
        let range = TimeRange {
            since: Timestamp::from_secs(0),
            until: Timestamp::from_secs(360),
        };
        let rows = vec![row("a", 60, 5), row("a", 240, 6), row("b", 300, 7)];
        let first = |name: &str| Some(Timestamp::from_secs(if name == "a" { 60 } else { 180 }));
        let filled = fill_quiet(&rows, range, 60, first, 100).expect("fits");
        let got: Vec<_> = filled
            .iter()
            .map(|r| {
                (
                    r.integration.as_str(),
                    r.window_start.secs(),
                    r.requests,
                    r.rate_5xx.is_some(),
                )
            })
            .collect();
        assert_eq!(
            got,
            [
                ("a", 60, 5, true),
                ("a", 120, 0, false),
                ("a", 180, 0, false),
                ("a", 240, 6, true),
                ("a", 300, 0, false),
                ("b", 180, 0, false),
                ("b", 240, 0, false),
                ("b", 300, 7, true),
            ]
        );
    }

    #[test]
    fn an_integration_without_a_row_gets_its_quiet_windows_in_its_place() {
        let range = TimeRange {
            since: Timestamp::from_secs(60),
            until: Timestamp::from_secs(240),
        };
        let from = |at: i64| Timestamp::from_secs(at);
        let reporting = [("a", from(61)), ("b", from(60)), ("c", from(180))];
        let mut rows = vec![row("b", 60, 5)];
        add_silent(&mut rows, reporting.into_iter(), 60);
        let first = |name: &str| Some(from(if name == "c" { 180 } else { 0 }));
        let filled = fill_quiet(&rows, range, 60, first, 100).expect("fits");
        let got: Vec<_> = filled
            .iter()
            .map(|r| (r.integration.as_str(), r.window_start.secs(), r.requests))
            .collect();
        assert_eq!(
            got,
            [
                ("a", 60, 0),
                ("a", 120, 0),
                ("a", 180, 0),
                ("b", 60, 5),
                ("b", 120, 0),
                ("b", 180, 0),
                ("c", 180, 0),
            ]
        );
    }

    #[test]
    fn a_range_of_centuries_is_refused() {
        let range = TimeRange {
            since: Timestamp::from_secs(0),
            until: Timestamp::from_secs(1 << 33),
        };
        let result = fill_quiet(&[row("a", 60, 5)], range, 60, |_| None, 1_000);
        assert!(matches!(
            result,
            Err(QueryError::TooManyRows { limit: 1_000 })
        ));
    }
}
