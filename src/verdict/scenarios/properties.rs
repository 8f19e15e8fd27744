//! What must hold whatever the counts are: from seeds, and the seed is named where it fails.

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::verdict::Category;
use crate::model::window::Counts;
use crate::verdict::explain::explain;
use crate::verdict::scenarios::stage::{judged, replayed, step};
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, HOUR, Rng, Story, at, counts, daily, evidence, series};
use crate::verdict::verdicts::judge;

/// A story of some days with an incident, of any volume, rate and size.
fn any(seed: u64) -> Evidence {
    let mut rng = Rng::new(seed);
    let volume = 2.0 * 200_f64.powf(rng.uniform());
    let rate = 0.002 * 10_f64.powf(rng.uniform());
    let onset = 4 * DAY + (rng.uniform() * DAY as f64) as usize;
    let raised = (rate * (3.0 + 40.0 * rng.uniform())).min(1.0);
    Story {
        minutes: 6 * DAY,
        traffic: &daily(volume),
        rate: &step(rate, raised, onset, onset + 3 * HOUR),
        noise: 0.2 * rng.uniform(),
        seed,
    }
    .evidence()
}

const SEEDS: std::ops::Range<u64> = 0..8;

#[test]
fn the_order_of_windows_and_series_does_not_matter() {
    for seed in SEEDS {
        let mut evidence = any(seed);
        let operation = SeriesHistory {
            operation: Some("GET /x".to_owned()),
            ..evidence.series[0].clone()
        };
        evidence.series.push(operation);
        let straight = judge(&evidence, &Settings::default());
        shuffle(&mut evidence.series, seed);
        for one in &mut evidence.series {
            shuffle(&mut one.windows, seed + 1);
        }
        assert_eq!(judge(&evidence, &Settings::default()), straight, "{seed}");
    }
}

fn shuffle<T>(all: &mut [T], seed: u64) {
    let mut rng = Rng::new(seed);
    for at in 1..all.len() {
        all.swap(at, (rng.uniform() * (at + 1) as f64) as usize);
    }
}

#[test]
fn windows_in_parts_say_what_whole_windows_say() {
    for seed in SEEDS {
        let mut evidence = any(seed);
        let straight = judge(&evidence, &Settings::default());
        let windows = &mut evidence.series[0].windows;
        *windows = windows
            .iter()
            .flat_map(|(at, counts)| in_parts(*at, *counts))
            .collect();
        assert_eq!(judge(&evidence, &Settings::default()), straight, "{seed}");
    }
}

fn in_parts(at: Timestamp, whole: Counts) -> [(Timestamp, Counts); 2] {
    let (requests, failures) = (
        whole.requests / 3,
        whole.server_errors.min(whole.requests / 3),
    );
    let rest = counts(whole.requests - requests, whole.server_errors - failures);
    [(at, counts(requests, failures)), (at.plus_secs(20), rest)]
}

/// Wider windows know less of when, and nothing else of whether.
#[test]
fn merged_windows_find_the_same_incident() {
    for seed in SEEDS {
        let mut evidence = any(seed);
        let narrow = replayed(&evidence);
        let one = &mut evidence.series[0];
        one.window_s = 300;
        for (at, _) in &mut one.windows {
            *at = at.floor(300);
        }
        let wide = replayed(&evidence);
        assert_eq!(wide.len(), narrow.len(), "{seed}: {narrow:#?} {wide:#?}");
        for (wide, narrow) in wide.iter().zip(&narrow) {
            assert_eq!(wide.reason, narrow.reason, "{seed}");
            assert!(wide.onset_low <= narrow.onset_high, "{seed}");
            assert!(narrow.onset_low <= wide.onset_high, "{seed}");
        }
    }
}

#[test]
fn a_calm_series_is_calm_at_any_scale() {
    for seed in SEEDS {
        let mut evidence = Story {
            minutes: 8 * DAY,
            traffic: &daily(20.0),
            rate: &|_| 0.01,
            noise: 0.1,
            seed,
        }
        .evidence();
        for factor in [1, 2, 7, 50] {
            let mut scaled = evidence.clone();
            for (_, counts) in &mut scaled.series[0].windows {
                counts.requests *= factor;
                counts.server_errors *= factor;
            }
            assert_eq!(replayed(&scaled), vec![], "{seed} times {factor}");
        }
        // The same share of fewer requests is no other news.
        evidence.series[0]
            .windows
            .retain(|(at, _)| at.secs() / 60 % 3 == 0);
        assert_eq!(
            replayed(&evidence),
            vec![],
            "{seed}, a third of the minutes"
        );
    }
}

#[test]
fn a_healthy_integration_beside_it_changes_nothing() {
    for seed in SEEDS {
        let mut evidence = any(seed);
        let (alone, episodes) = (judged(&evidence), replayed(&evidence));
        evidence.series.push(SeriesHistory {
            integration: "a neighbour".to_owned(),
            ..series(
                None,
                (0..6 * DAY)
                    .map(|minute| (at(minute), counts(9, 0)))
                    .collect(),
            )
        });
        let mut both = judged(&evidence);
        both.retain(|one| one.series.integration == "shop");
        assert_eq!((both, replayed(&evidence)), (alone, episodes), "{seed}");
    }
}

/// However long it lasts, an incident is measured against what was normal before it.
#[test]
fn a_running_incident_never_raises_its_own_baseline() {
    let onset = 8 * DAY + 600;
    let mut evidence = Story {
        minutes: 11 * DAY,
        traffic: &|_| 60.0,
        rate: &step(0.01, 0.06, onset, 99 * DAY),
        noise: 0.0,
        seed: 12,
    }
    .evidence();
    for hours in [1, 5, 20, 30, 55] {
        evidence.watermark = Some(at(onset + hours * HOUR));
        let verdict = judged(&evidence).remove(0);
        assert_eq!(
            verdict.category,
            Category::Two,
            "{hours}: {:?}",
            verdict.why
        );
        let usual = verdict.baseline_rate.expect("known");
        assert!((0.008..0.012).contains(&usual), "{hours}: {usual}");
        assert!(
            verdict
                .onset
                .is_some_and(|start| start.secs_since(at(onset)).abs() <= 180)
        );
        let expected = (hours * HOUR * 60) as f64 * 0.06;
        let counted = verdict.failures as f64;
        assert!(
            (counted / expected - 1.0).abs() < 0.15,
            "{hours}: {counted} of {expected}"
        );
    }
}

/// Damaged input, clocks that jump, weeks without data, nothing but failures: whatever is said, it is said.
#[test]
fn no_counts_make_it_panic() {
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let windows = (0..400).map(|_| odd_window(&mut rng)).collect();
        let mut evidence = evidence(vec![series(None, windows)], 30 * DAY);
        let windows = (0..200).map(|_| odd_window(&mut rng)).collect();
        evidence.series.push(series(Some("GET /x"), windows));
        evidence.series[1].window_s = [60, 300, 7, 86_400][seed as usize % 4];
        judge(&evidence, &Settings::default());
        explain(&evidence, &Settings::default());
    }
}

fn odd_window(rng: &mut Rng) -> (Timestamp, Counts) {
    let count = |rng: &mut Rng| match (rng.uniform() * 6.0) as usize {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << (rng.uniform() * 63.0) as u32,
        _ => (rng.uniform() * 50.0) as u64,
    };
    let minute = match (rng.uniform() * 8.0) as usize {
        0 => (rng.uniform() * 1e7) as usize,
        1 => 20 * DAY,
        _ => (rng.uniform() * 2000.0) as usize,
    };
    let odd = Counts {
        requests: count(rng),
        throttled: count(rng),
        server_errors: count(rng),
        no_response: count(rng),
        client_errors: count(rng),
        throttled_local: count(rng),
        coded: count(rng),
    };
    (at(minute), odd)
}
