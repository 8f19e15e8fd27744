//! Detector C: content never seen before.
//!
//! A kind of error is a fingerprint. A first occurrence means something only where the known kinds are known well: the
//! chance that the next error is of an unseen kind is estimated by Good and Turing's `n1 / N`.

use std::collections::{BTreeMap, HashMap};

use crate::model::evidence::{Evidence, FingerprintHistory};
use crate::model::time::Timestamp;
use crate::model::window::BASE_WINDOW_S;
use crate::verdict::thresholds as limits;

/// A kind that is new, with what made it so.
#[derive(Clone, Debug, PartialEq)]
pub struct Novel {
    pub operation: Option<String>,
    pub status: Option<u16>,
    /// How people would name it: the code, the message template, the status.
    pub name: String,
    pub first: Timestamp,
    pub last: Timestamp,
    pub alert: Timestamp,
    pub count: u64,
    /// Calls (or windows, where calls are not known) that sufficed, and the fewest that may.
    pub requests: usize,
    pub needed: usize,
    /// Errors known before it, and how many kinds they were.
    pub known_errors: u64,
    pub known_kinds: usize,
    /// Good-Turing estimate at its first occurrence.
    pub unseen: f64,
}

/// One fingerprint of an integration over all its operations.
struct Kind<'a> {
    histories: Vec<&'a FingerprintHistory>,
    windows: BTreeMap<Timestamp, u64>,
    /// When each call began in which it occurred; `None` where not every attempt was looked at.
    calls: Option<Vec<Timestamp>>,
}

/// How often a kind has occurred, ten minutes apart.
#[derive(Clone, Copy, Default)]
struct Occasions {
    last: Option<Timestamp>,
    count: u64,
}

/// What was known when a kind first occurred.
#[derive(Clone, Copy, Default)]
struct Known {
    errors: u64,
    kinds: usize,
    once: usize,
}

/// The kinds of `integration` that were new when they came, by time of alert.
pub fn find(
    evidence: &Evidence,
    integration: &str,
    begin: Timestamp,
    watermark: Timestamp,
) -> Vec<Novel> {
    let kinds = gather(evidence, integration, watermark);
    let known = sweep(&kinds);
    let mut found: Vec<Novel> = kinds
        .iter()
        .zip(known)
        .filter_map(|(kind, known)| judge(kind, known, begin, watermark))
        .collect();
    found.sort_by(|a, b| (a.alert, &a.name).cmp(&(b.alert, &b.name)));
    found
}

fn gather<'a>(evidence: &'a Evidence, integration: &str, watermark: Timestamp) -> Vec<Kind<'a>> {
    let mut kinds: BTreeMap<i64, Kind> = BTreeMap::new();
    for history in &evidence.fingerprints {
        if history.integration != integration {
            continue;
        }
        let kind = kinds.entry(history.fingerprint).or_insert_with(|| Kind {
            histories: Vec::new(),
            windows: BTreeMap::new(),
            calls: None,
        });
        kind.histories.push(history);
        for (at, count) in &history.windows {
            if *at < watermark && *count > 0 {
                let sum = kind.windows.entry(*at).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
    }
    let mut calls = occurrences(evidence, integration, watermark);
    for (print, kind) in &mut kinds {
        kind.calls = calls.as_mut().and_then(|calls| calls.remove(print));
    }
    kinds
        .into_values()
        .filter(|kind| !kind.windows.is_empty())
        .collect()
}

/// The calls of each kind, where every attempt that failed was looked at since the first.
fn occurrences(
    evidence: &Evidence,
    integration: &str,
    watermark: Timestamp,
) -> Option<HashMap<i64, Vec<Timestamp>>> {
    let own = evidence
        .calls
        .iter()
        .find(|calls| calls.integration == integration)?;
    if !own.looked.is_empty() {
        return None;
    }
    let mut found: HashMap<i64, Vec<Timestamp>> = HashMap::new();
    for call in own.calls.iter().filter(|call| call.at < watermark) {
        for kind in &call.kinds {
            found.entry(*kind).or_default().push(call.at);
        }
    }
    Some(found)
}

/// Walks all errors in order of time and notes what was known of its class when each kind first came: many codes in ok
/// answers say nothing of how well the kinds of 5xx are known.
fn sweep(kinds: &[Kind]) -> Vec<Known> {
    let mut events: Vec<(Timestamp, usize)> = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        events.extend(kind.windows.keys().map(|at| (*at, index)));
    }
    events.sort_unstable();
    let mut occasions: Vec<Occasions> = vec![Occasions::default(); kinds.len()];
    let mut at_first = vec![Known::default(); kinds.len()];
    let mut by_class: BTreeMap<Option<u16>, Known> = BTreeMap::new();
    for (at, index) in events {
        let known = by_class.entry(class_of(&kinds[index])).or_default();
        let seen = &mut occasions[index];
        if seen
            .last
            .is_some_and(|last| at.secs_since(last) < limits::NOVEL_APART_SECONDS)
        {
            continue;
        }
        seen.last = Some(at);
        seen.count += 1;
        match seen.count {
            1 => {
                at_first[index] = *known;
                known.kinds += 1;
                known.once += 1;
            }
            2 => known.once -= 1,
            _ => {}
        }
        known.errors += 1;
    }
    at_first
}

/// The first digit of the status, with 429 by itself.
fn class_of(kind: &Kind) -> Option<u16> {
    let status = kind.histories.first()?.status?;
    Some(if status == 429 { status } else { status / 100 })
}

fn judge(kind: &Kind, known: Known, begin: Timestamp, watermark: Timestamp) -> Option<Novel> {
    let (first, _) = kind.windows.first_key_value()?;
    let (last, _) = kind.windows.last_key_value()?;
    let history = first.secs_since(begin);
    if history < limits::NOVEL_HISTORY_HOURS * 3600 || known.errors < limits::NOVEL_HISTORY_ERRORS {
        return None;
    }
    let unseen = known.once as f64 / known.errors as f64;
    if unseen > limits::NOVEL_UNSEEN_MAX {
        return None;
    }
    let sample = kind.histories.first()?;
    let needed = requests_needed(unseen, sample.status);
    let (alert, requests) = alert(kind, *first, needed, history)?;
    let width = i64::from(BASE_WINDOW_S);
    Some(Novel {
        operation: common_operation(kind),
        status: sample.status,
        name: name(sample),
        first: *first,
        last: last.plus_secs(width).min(watermark),
        alert: alert.min(watermark),
        requests,
        needed,
        count: kind
            .windows
            .values()
            .fold(0, |sum, count| sum.saturating_add(*count)),
        known_errors: known.errors,
        known_kinds: known.kinds,
        unseen,
    })
}

fn requests_needed(unseen: f64, status: Option<u16>) -> usize {
    let ours = status.is_some_and(|status| (400..500).contains(&status) && status != 429);
    if ours || unseen > limits::NOVEL_UNSEEN_DOUBTFUL {
        limits::NOVEL_REQUESTS_DOUBTFUL
    } else {
        limits::NOVEL_REQUESTS
    }
}

/// When it had occurred often and long enough, and so often that a kind which always came at the same pace would hardly
/// have been missed before; and in how many calls.
fn alert(kind: &Kind, first: Timestamp, needed: usize, history: i64) -> Option<(Timestamp, usize)> {
    let width = i64::from(BASE_WINDOW_S);
    let known = kind.calls.as_ref();
    // A call may have begun with another kind of error before this one.
    let calls = known.map(|calls| calls.iter().copied().filter(|at| *at >= first).collect());
    let times: Vec<Timestamp> =
        calls.unwrap_or_else(|| kind.windows.keys().map(|at| at.plus_secs(width)).collect());
    let begun = *times.first()?;
    let enough = |(index, at): &(usize, Timestamp)| {
        let since = at.secs_since(begun);
        let share = since as f64 / (since + history) as f64;
        index + 1 >= needed
            && since >= limits::NOVEL_SECONDS_MIN
            && share.powi(*index as i32) <= limits::NOVEL_MISSED
    };
    let (index, at) = times.into_iter().enumerate().find(enough)?;
    Some((at, index + 1))
}

fn common_operation(kind: &Kind) -> Option<String> {
    let first = kind.histories.first()?.operation.clone();
    let same = kind.histories.iter().all(|one| one.operation == first);
    first.filter(|_| same)
}

fn name(history: &FingerprintHistory) -> String {
    let status = history
        .status
        .map_or("no response".to_owned(), |code| code.to_string());
    let code = history.error_code.as_deref().unwrap_or_default();
    let template = history.template.as_deref().unwrap_or_default();
    [status.as_str(), code, template]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(fingerprint: i64, windows: impl IntoIterator<Item = (i64, u64)>) -> FingerprintHistory {
        FingerprintHistory {
            integration: "shop".to_owned(),
            operation: Some("POST /pay".to_owned()),
            fingerprint,
            status: Some(503),
            error_code: None,
            template: Some("upstream <uuid> gone".to_owned()),
            windows: windows
                .into_iter()
                .map(|(minute, count)| (Timestamp::from_secs(minute * 60), count))
                .collect(),
        }
    }

    fn found(fingerprints: Vec<FingerprintHistory>) -> Vec<Novel> {
        let evidence = Evidence {
            fingerprints,
            ..Evidence::default()
        };
        let begin = Timestamp::from_secs(0);
        find(&evidence, "shop", begin, Timestamp::from_secs(10_000 * 60))
    }

    fn background() -> FingerprintHistory {
        kind(1, (0..90).map(|hour| (hour * 60, 1)))
    }

    #[test]
    fn a_kind_that_was_never_seen_alerts_at_its_third_window_where_calls_are_not_known() {
        let new = kind(2, [(3000, 1), (3006, 2), (3020, 1), (3050, 1)]);
        let found = found(vec![background(), new]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].first, Timestamp::from_secs(3000 * 60));
        assert_eq!(found[0].alert, Timestamp::from_secs(3021 * 60));
        assert_eq!((found[0].count, found[0].known_errors), (5, 51));
    }

    #[test]
    fn without_history_or_where_new_kinds_are_usual_nothing_is_novel() {
        let new = || kind(2, [(3000, 1), (3006, 2), (3020, 1)]);
        assert!(found(vec![new()]).is_empty());
        let mut often: Vec<_> = (10..40).map(|id| kind(id, [(id * 60, 1)])).collect();
        often.extend([background(), new()]);
        assert!(found(often).is_empty());
    }
}
