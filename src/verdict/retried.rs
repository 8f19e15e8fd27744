//! What happened on retry, of the failures of one series and one stretch of time.

use crate::model::evidence::RetryCounts;
use crate::model::time::TimeRange;
use crate::model::verdict::Class;
use crate::verdict::survey::Seen;

/// Of the calls that first failed in `class`, on one operation or on all; `None` where nothing is known of retries.
pub fn retried(
    seen: &Seen,
    class: Class,
    operation: Option<&str>,
    range: TimeRange,
) -> Option<RetryCounts> {
    let outcome = class.outcome()?;
    let histories = seen.retries.as_ref()?.iter();
    let own = histories.filter(|one| {
        one.outcome == outcome && operation.is_none_or(|operation| one.operation == operation)
    });
    let windows = own.flat_map(|one| &one.windows);
    let within = windows.filter(|(at, _)| range.contains(*at));
    let add = |sum: RetryCounts, counts: &RetryCounts| RetryCounts {
        healed: sum.healed.saturating_add(counts.healed),
        tried: sum.tried.saturating_add(counts.tried),
    };
    Some(within.fold(RetryCounts::default(), |sum, (_, counts)| add(sum, counts)))
}
