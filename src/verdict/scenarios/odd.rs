//! Odd input, odd shapes, and agreement between the ways to ask.

use crate::model::evidence::Evidence;
use crate::model::time::Timestamp;
use crate::model::verdict::Category;
use crate::model::window::Counts;
use crate::verdict::engine::Track;
use crate::verdict::explain::explain;
use crate::verdict::reproducible::Outside;
use crate::verdict::scenarios::stage::{headline, judged, minutes_from, replayed, step, story};
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, at, counts, daily, evidence, series};

#[test]
fn coarser_windows_find_the_same_outage() {
    for width in [60, 300, 900] {
        let onset = 5 * DAY;
        let mut evidence =
            story(6, &daily(100.0), &step(0.005, 0.05, onset, onset + 180)).evidence();
        let narrow = std::mem::take(&mut evidence.series[0].windows);
        evidence.series[0].window_s = width;
        evidence.series[0].windows = narrow
            .into_iter()
            .map(|(at, counts)| (at.floor(width), counts))
            .collect();
        let episodes = replayed(&evidence);
        assert_eq!(episodes.len(), 1, "{width}: {episodes:#?}");
        assert!(
            minutes_from(onset, episodes[0].onset).abs() <= 15,
            "{width}"
        );
        assert!(minutes_from(onset, episodes[0].alert_time) <= 45, "{width}");
    }
}

#[test]
fn hostile_counts_neither_panic_nor_take_long() {
    let huge = Counts {
        requests: u64::MAX,
        throttled: u64::MAX,
        server_errors: u64::MAX,
        no_response: u64::MAX,
        client_errors: u64::MAX,
        throttled_local: u64::MAX,
        coded: u64::MAX,
    };
    let more = counts(1, 9);
    let windows = vec![
        (Timestamp::from_micros(i64::MAX), huge),
        (Timestamp::from_micros(i64::MIN), huge),
        (at(5), more),
        (at(1), huge),
        (at(1), huge),
        (at(900), counts(0, 5)),
        (at(30_000_000), huge),
        (at(30_000_009), more),
    ];
    for width in [0, 1, 60, 77, 4000, 90_000, u32::MAX] {
        let mut one = series(None, windows.clone());
        one.window_s = width;
        let mut evidence = evidence(vec![one.clone(), one], 40_000_000);
        judged(&evidence);
        replayed(&evidence);
        explain(&evidence, &Settings::default());
        evidence.watermark = None;
        judged(&evidence);
        evidence.watermark = Some(Timestamp::from_micros(i64::MIN));
        judged(&evidence);
    }
    assert!(judged(&Evidence::default()).is_empty());
}

#[test]
fn explanations_serialise_and_name_their_tests() {
    let evidence = story(2, &daily(100.0), &|_| 0.01).evidence();
    let all = explain(&evidence, &Settings::default());
    assert!(all.iter().any(|one| one.test.starts_with("sustained rise")));
    assert!(serde_json::to_string(&all).is_ok());
}

/// `judge` at any instant says what `replay` knows of that instant.
#[test]
fn judge_and_replay_agree_at_every_stage() {
    let onset = 3 * DAY + 600;
    let mut evidence = story(4, &daily(100.0), &step(0.005, 0.05, onset, onset + 120)).evidence();
    let whole = replayed(&evidence);
    let alert = whole[0].alert_time;
    for minute in (onset..onset + 240).step_by(19) {
        evidence.watermark = Some(at(minute));
        let verdict = headline(&evidence);
        let alerted = alert.is_some_and(|alert| at(minute) >= alert);
        assert_eq!(verdict.category == Category::Two, alerted, "{minute}");
        if alerted {
            assert_eq!(verdict.alert_time, alert);
            assert_eq!(replayed(&evidence), vec![verdict]);
        }
    }
}

#[test]
fn order_and_duplicates_of_windows_do_not_matter() {
    let mut evidence = story(2, &daily(50.0), &step(0.005, 0.2, 2000, 2100)).evidence();
    let straight = judged(&evidence);
    let windows = &mut evidence.series[0].windows;
    windows.reverse();
    let doubled = windows
        .iter_mut()
        .find(|(_, counts)| counts.requests > 1)
        .expect("some");
    let (at, counts) = *doubled;
    doubled.1 = Counts::default();
    windows.push((at, counts));
    assert_eq!(judged(&evidence), straight);
}

/// What a busy series holds does not grow with the length of its history, and stays below 64 KB.
#[test]
fn a_busy_series_takes_little_room_however_long_it_runs() {
    let mut track = Track::new(&Settings::default(), 1, 0);
    let mut bytes = Vec::new();
    for minute in 0..50 * DAY {
        let failures = if minute % 3 == 0 { 200.0 } else { 100.0 };
        track.push(30_000.0, failures, Outside::default());
        if minute % (10 * DAY) == 0 {
            bytes.push(track.bytes());
        }
    }
    assert!(track.bytes() < 64 * 1024, "{bytes:?}");
}
