//! Asks the library: sampled counts in, episodes out.

use std::collections::BTreeMap;

use tidemark::model::evidence::{Evidence, SeriesHistory};
use tidemark::model::time::Timestamp;
use tidemark::model::verdict::{Class as Failure, Reason, Verdict};
use tidemark::model::window;
use tidemark::verdict::Settings;

use crate::episodes::sample::{Counts, Sampled};
use crate::episodes::scene::{BEGIN, Class, Scene};
use crate::episodes::score::Said;

pub const INTEGRATION: &str = "shop";

pub fn judge(scene: &Scene, sampled: &[Sampled]) -> Vec<Said> {
    let evidence = evidence(scene, sampled);
    let judgement = tidemark::verdict::judge(&evidence, &Settings::default());
    judgement.episodes.iter().filter_map(said).collect()
}

/// The whole and, where there are any, its operations.
pub fn evidence(scene: &Scene, sampled: &[Sampled]) -> Evidence {
    let mut whole: BTreeMap<usize, window::Counts> = BTreeMap::new();
    for counts in sampled.iter().flat_map(|one| &one.counts) {
        *whole.entry(counts.minute).or_default() += counted(counts);
    }
    let mut series = vec![history(None, whole.into_iter())];
    for one in sampled.iter().filter(|one| one.operation.is_some()) {
        let windows = one.counts.iter().map(|one| (one.minute, counted(one)));
        series.push(history(one.operation, windows));
    }
    Evidence {
        series,
        watermark: Some(at(scene.minutes)),
        ..Evidence::default()
    }
}

pub fn at(minute: usize) -> Timestamp {
    Timestamp::from_secs(BEGIN + minute as i64 * 60)
}

fn history(
    operation: Option<&str>,
    windows: impl Iterator<Item = (usize, window::Counts)>,
) -> SeriesHistory {
    SeriesHistory {
        integration: INTEGRATION.to_owned(),
        operation: operation.map(str::to_owned),
        window_s: 60,
        windows: windows
            .map(|(minute, counts)| (at(minute), counts))
            .collect(),
    }
}

fn counted(counts: &Counts) -> window::Counts {
    window::Counts {
        requests: counts.requests,
        throttled: counts.throttled,
        server_errors: counts.server_errors,
        no_response: counts.no_response,
        ..window::Counts::default()
    }
}

/// `None` for what is no episode of failures in time.
fn said(verdict: &Verdict) -> Option<Said> {
    let minute = |at: Timestamp| (at.secs() - BEGIN) as f64 / 60.0;
    Some(Said {
        class: match verdict.series.class {
            Failure::ServerError => Class::Server,
            Failure::Throttled => Class::Throttled,
            Failure::NoResponse => Class::None,
            _ => return None,
        },
        operation: verdict.series.operation.clone(),
        onset: verdict.onset.map(minute)?,
        low: verdict.onset_low.map(minute)?,
        high: verdict.onset_high.map(minute)?,
        end: verdict.end.map(minute),
        alert: verdict.alert_time.map(minute)?,
        reproducible: verdict.reason == Reason::Reproducible,
        rise: rise(verdict),
    })
}

fn rise(verdict: &Verdict) -> Option<[f64; 3]> {
    Some([verdict.rise_factor?, verdict.rise_low?, verdict.rise_high?])
}
