//! Situations that are Category 2, with their onset, end, size and reason.

use crate::model::evidence::{Evidence, FingerprintHistory};
use crate::model::verdict::{Category, Class, Reason, State, Verdict};
use crate::verdict::scenarios::stage::{headline, judged, minutes_from, replayed, step, story};
use crate::verdict::simulate::{DAY, HOUR, Story, at, counts, daily, evidence, series};

#[test]
fn a_fivefold_rise_is_found_soon_with_its_onset_and_size() {
    let onset = 9 * DAY + 10 * HOUR;
    let evidence = story(10, &daily(200.0), &step(0.005, 0.025, onset, 11 * DAY)).evidence();
    let verdict = headline(&evidence);
    assert_eq!(
        (verdict.category, verdict.state),
        (Category::Two, State::Ongoing)
    );
    assert_eq!(verdict.reason, Reason::SustainedRise);
    assert!(
        minutes_from(onset, verdict.onset).abs() <= 4,
        "{:?}",
        verdict.onset
    );
    assert!((10..=20).contains(&minutes_from(onset, verdict.alert_time)));
    assert!(
        verdict.rise_low < Some(5.0) && verdict.rise_high > Some(5.0),
        "{verdict:?}"
    );
    assert!(verdict.onset_low <= Some(at(onset)) && verdict.onset_high >= Some(at(onset)));
    assert_eq!(replayed(&evidence), vec![verdict]);
}

#[test]
fn recovery_ends_the_episode() {
    let onset = 9 * DAY + 600;
    let evidence = story(10, &daily(200.0), &step(0.005, 0.05, onset, onset + 90)).evidence();
    let verdict = headline(&evidence);
    assert_eq!(
        (verdict.category, verdict.state),
        (Category::Two, State::Ended)
    );
    assert!(
        minutes_from(onset + 90, verdict.end).abs() <= 5,
        "{:?}",
        verdict.end
    );
    assert_eq!(verdict.clears_when, None);
}

#[test]
fn an_operation_that_always_fails_is_reproducible_at_six_requests_an_hour() {
    let begin = 2 * DAY + 300;
    let minutes = 3 * DAY;
    let good = Story {
        noise: 0.0,
        minutes,
        traffic: &|_| 20.0,
        rate: &|_| 0.004,
        seed: 3,
    };
    let failing = Story {
        traffic: &|minute| f64::from(u8::from(minute > begin)) * 0.1,
        rate: &|_| 1.0,
        seed: 4,
        ..good
    };
    let mut all = good.windows();
    all.extend(failing.windows());
    let parts = vec![
        series(None, all),
        series(Some("GET /items"), good.windows()),
        series(Some("POST /pay"), failing.windows()),
    ];
    let evidence = evidence(parts, minutes);
    let episodes = replayed(&evidence);
    assert_eq!(episodes.len(), 1, "{episodes:?}");
    assert_eq!(episodes[0].reason, Reason::Reproducible);
    assert_eq!(episodes[0].series.operation.as_deref(), Some("POST /pay"));
    assert!(minutes_from(begin, episodes[0].alert_time) <= 80);
    let found = judged(&evidence);
    assert!(
        found
            .iter()
            .any(|one| one.category == Category::Two && one.series.operation.is_some())
    );
}

#[test]
fn thin_traffic_that_always_fails_takes_four_failures() {
    let mut windows: Vec<_> = (0..200).map(|hour| (at(hour * 30), counts(1, 0))).collect();
    windows.extend((200..203).map(|half| (at(half * 30), counts(1, 1))));
    let three = evidence(vec![series(None, windows.clone())], 203 * 30);
    assert_eq!(headline(&three).category, Category::Undecided);
    windows.push((at(203 * 30), counts(1, 1)));
    let four = evidence(vec![series(None, windows)], 204 * 30);
    let verdict = headline(&four);
    assert_eq!(
        (verdict.category, verdict.reason),
        (Category::Two, Reason::Reproducible)
    );
    assert_eq!(verdict.onset, Some(at(200 * 30)));
}

#[test]
fn a_slow_ramp_is_found() {
    let from = 9 * DAY;
    let rate = |minute: usize| {
        let hours = minute.saturating_sub(from) as f64 / 60.0;
        0.005 * (1.0 + hours / 4.0)
    };
    let evidence = story(10, &daily(200.0), &rate).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Two, "{:?}", verdict.why);
    assert!(minutes_from(from, verdict.alert_time) <= 10 * 60);
}

#[test]
fn flapping_is_one_episode() {
    let begin = 5 * DAY;
    let rate = |minute: usize| {
        let on = (begin..begin + 5 * HOUR).contains(&minute) && (minute - begin) % 75 < 25;
        if on { 0.3 } else { 0.005 }
    };
    let evidence = story(6, &|_| 100.0, &rate).evidence();
    let episodes = replayed(&evidence);
    assert_eq!(episodes.len(), 1, "{episodes:#?}");
    assert!(minutes_from(begin + 4 * HOUR, episodes[0].end) > 0);
}

#[test]
fn a_gap_is_neither_failure_nor_recovery() {
    let onset = 9 * DAY;
    let gap = onset + 60..onset + 400;
    let traffic = |minute: usize| if gap.contains(&minute) { 0.0 } else { 100.0 };
    let evidence = story(10, &traffic, &step(0.005, 0.05, onset, onset + 500)).evidence();
    let episodes = replayed(&evidence);
    assert_eq!(episodes.len(), 1, "{episodes:#?}");
    assert!(minutes_from(onset + 500, episodes[0].end).abs() <= 5);
}

#[test]
fn an_onset_behind_a_gap_is_given_as_the_gap() {
    let onset = 9 * DAY + 400;
    let gap = onset - 165..onset;
    let traffic = |minute: usize| if gap.contains(&minute) { 0.0 } else { 100.0 };
    let evidence = story(10, &traffic, &step(0.005, 0.05, onset - 60, onset + 900)).evidence();
    let verdict = headline(&evidence);
    assert!((155..=175).contains(&-minutes_from(onset, verdict.onset_low)));
    assert!(
        verdict
            .why
            .iter()
            .any(|line| line.contains("no data in between")),
        "{:?}",
        verdict.why
    );
}

#[test]
fn a_source_that_stops_keeps_its_episode_open_and_says_so() {
    let onset = 9 * DAY;
    let traffic = |minute: usize| if minute > onset + 90 { 0.0 } else { 100.0 };
    let evidence = story(10, &traffic, &step(0.005, 0.05, onset, 10 * DAY)).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.state, State::Ongoing);
    assert!(
        verdict
            .why
            .iter()
            .any(|line| line.starts_with("no request since"))
    );
}

#[test]
fn an_incident_of_three_days_becomes_the_normal() {
    let onset = 9 * DAY;
    let evidence = story(16, &daily(100.0), &step(0.005, 0.03, onset, 20 * DAY)).evidence();
    let episodes = replayed(&evidence);
    assert_eq!(episodes.len(), 1, "{episodes:#?}");
    assert!(minutes_from(onset + 3 * DAY, episodes[0].end).abs() < 30);
    assert!(
        episodes[0]
            .rise_factor
            .is_some_and(|rise| (4.5..7.5).contains(&rise))
    );
    assert_ne!(headline(&evidence).category, Category::Two);
}

#[test]
fn a_new_kind_of_error_is_novel() {
    let kind = |fingerprint, template: &str, windows: Vec<usize>| FingerprintHistory {
        integration: "shop".to_owned(),
        operation: Some("POST /pay".to_owned()),
        fingerprint,
        status: Some(500),
        error_code: None,
        template: Some(template.to_owned()),
        windows: windows.into_iter().map(|minute| (at(minute), 1)).collect(),
    };
    let mut evidence = story(3, &|_| 30.0, &|_| 0.002).evidence();
    evidence.fingerprints = vec![
        kind(1, "timeout", (0..70).map(|hour| hour * 60).collect()),
        kind(2, "ledger locked", vec![4200, 4206, 4215, 4300]),
    ];
    let novel = |verdict: &&Verdict| verdict.reason == Reason::Novel;
    let verdicts = judged(&evidence);
    let verdict = verdicts.iter().find(novel).expect("novel");
    assert_eq!(verdict.series.class, Class::ErrorCode);
    assert_eq!(verdict.onset, Some(at(4200)));
    assert_eq!(replayed(&evidence).iter().filter(novel).count(), 1);
}

#[test]
fn an_outage_in_a_short_log_is_found_after_an_hour_of_normal() {
    let evidence = Story {
        minutes: 4 * HOUR,
        traffic: &|_| 30.0,
        rate: &step(0.003, 0.4, 150, 999),
        noise: 0.0,
        seed: 5,
    }
    .evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Two, "{:?}", verdict.why);
    assert!(minutes_from(150, verdict.onset).abs() <= 1);
}

/// An integration of three operations; `rates` are theirs during `5 * DAY + 600` to `+ 690`.
fn three_operations(rates: [f64; 3]) -> Evidence {
    let (from, minutes) = (5 * DAY + 600, 6 * DAY);
    let mut parts = Vec::new();
    let mut all = Vec::new();
    for (index, raised) in rates.into_iter().enumerate() {
        let windows = Story {
            minutes,
            traffic: &daily(20.0),
            rate: &step(0.005, raised, from, from + 90),
            noise: 0.0,
            seed: 90 + index as u64,
        }
        .windows();
        all.extend(windows.iter().copied());
        parts.push(series(
            Some(["GET /a", "GET /b", "POST /c"][index]),
            windows,
        ));
    }
    parts.push(series(None, all));
    evidence(parts, minutes)
}

#[test]
fn an_outage_of_everything_is_one_incident_of_the_integration() {
    let episodes = replayed(&three_operations([1.0, 1.0, 1.0]));
    assert_eq!(episodes.len(), 1, "{episodes:#?}");
    assert_eq!(episodes[0].series.operation, None);
    assert_eq!(episodes[0].reason, Reason::SustainedRise);
}

#[test]
fn a_rise_on_one_operation_is_one_incident_of_that_operation() {
    for (raised, reason) in [(0.3, Reason::SustainedRise), (1.0, Reason::Reproducible)] {
        let evidence = three_operations([0.005, 0.005, raised]);
        let episodes = replayed(&evidence);
        assert_eq!(episodes.len(), 1, "{episodes:#?}");
        assert_eq!(episodes[0].series.operation.as_deref(), Some("POST /c"));
        assert_eq!(episodes[0].reason, reason);
        let same = |one: &&Verdict| one.series == episodes[0].series;
        let verdicts = judged(&evidence);
        assert_eq!(
            verdicts.iter().find(same).map(|one| one.onset),
            Some(episodes[0].onset)
        );
        assert_eq!(headline(&evidence).category, Category::Two);
    }
}

/// A fourfold rise of 45 minutes with at least five failures in 15 minutes is found.
#[test]
fn fourfold_rises_are_found() {
    for seed in 0..20 {
        for (traffic, rate) in [(100.0, 0.005), (20.0, 0.02)] {
            let onset = 3 * DAY + 11 * HOUR;
            let evidence = Story {
                minutes: 4 * DAY,
                traffic: &daily(traffic),
                rate: &step(rate, 4.0 * rate, onset, onset + 60),
                noise: 0.0,
                seed,
            }
            .evidence();
            let episodes = replayed(&evidence);
            assert_eq!(episodes.len(), 1, "{seed} {traffic}");
            assert!(
                minutes_from(onset, episodes[0].alert_time) <= 60,
                "{seed} {traffic}"
            );
            assert!(
                minutes_from(onset, episodes[0].onset).abs() <= 20,
                "{seed} {traffic}"
            );
        }
    }
}
