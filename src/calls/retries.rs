//! Of the calls that failed at first: how many were tried again, and how many of those ended well.

use std::collections::BTreeMap;

use crate::model::call::{Call, Calls, HEALING_CERTAINTY_MIN, Name};
use crate::model::evidence::{RetryCounts, RetryHistory};
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;

type Key = (Name, Outcome);

/// By operation, how the call failed at first, and window of `window_s` seconds.
pub fn retries(calls: &Calls, window_s: u32) -> Vec<RetryHistory> {
    let mut sums: BTreeMap<Key, BTreeMap<Timestamp, RetryCounts>> = BTreeMap::new();
    for (key, call) in calls.calls.iter().filter_map(tried) {
        let windows = sums.entry(key).or_default();
        let counts = windows.entry(call.at.floor(window_s)).or_default();
        counts.tried += 1;
        counts.healed += u64::from(call.healed.is_some());
    }
    let history = |((operation, outcome), windows): (Key, BTreeMap<_, _>)| RetryHistory {
        integration: calls.integration.clone(),
        operation: calls.name(operation).to_owned(),
        outcome,
        windows: windows.into_iter().collect(),
    };
    sums.into_iter().map(history).collect()
}

/// Only where it is likely that the attempts are one call.
fn tried(call: &Call) -> Option<(Key, &Call)> {
    let outcome = call.failed?.outcome()?;
    let sure = call
        .link
        .is_some_and(|link| link.certainty() >= HEALING_CERTAINTY_MIN);
    (sure && call.tries > 1).then_some(((call.operation, outcome), call))
}
