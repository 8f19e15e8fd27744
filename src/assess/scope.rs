//! What is asked about, and the range that is shown for it.

use crate::model::time::{TimeRange, Timestamp};
use crate::query::Bounds;

/// What is shown when nobody says otherwise: the last day of the data.
const RANGE_S: i64 = 86_400;

/// An incident is shown with this much of what was before it.
const BEFORE_ONSET_S: i64 = 3 * 3_600;

/// What is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub integration: Option<String>,
    /// The range to show; the judgement always uses all history before `until`.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// The range to show: as asked, else the last day of the data, begun earlier when an incident did.
pub fn settle_range(bounds: &Bounds, scope: &Scope, onset: Option<Timestamp>) -> Option<TimeRange> {
    let all = bounds.range(scope.integration.as_deref())?;
    let day = end_of(scope, all).plus_secs(-RANGE_S);
    let before_onset = onset.map_or(day, |onset| onset.plus_secs(-BEFORE_ONSET_S));
    Some(range_from(day.min(before_onset).max(all.since), scope, all))
}

/// The range of a table: as asked, else all of the data.
pub fn settle_whole_range(bounds: &Bounds, scope: &Scope) -> Option<TimeRange> {
    let all = bounds.range(scope.integration.as_deref())?;
    Some(range_from(all.since, scope, all))
}

fn range_from(usual: Timestamp, scope: &Scope, all: TimeRange) -> TimeRange {
    let since = scope.since.unwrap_or(usual);
    TimeRange {
        since,
        until: end_of(scope, all).max(since),
    }
}

/// Behind the end of the data nothing is known, which is not the same as zero.
pub fn end_of(scope: &Scope, all: TimeRange) -> Timestamp {
    scope.until.map_or(all.until, |until| until.min(all.until))
}
