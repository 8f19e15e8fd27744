//! Situations in which nobody may be woken: quiet, sporadic, undecided.

use crate::model::evidence::{RetryCounts, RetryHistory};
use crate::model::exchange::Outcome;
use crate::model::verdict::{Category, Class, Reason};
use crate::model::window::Counts;
use crate::verdict::scenarios::stage::{headline, judged, minutes_from, replayed, step, story};
use crate::verdict::simulate::{DAY, HOUR, Story, at, counts, daily, evidence, series};

#[test]
fn calm_traffic_is_quiet_and_says_its_rate() {
    let evidence = story(14, &daily(100.0), &|_| 0.005).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Quiet, "{:?}", verdict.why);
    assert!(verdict.why[0].contains(" %"), "{:?}", verdict.why);
    assert!(
        verdict
            .baseline_rate
            .is_some_and(|rate| (rate - 0.005).abs() < 0.001)
    );
    assert!(replayed(&evidence).is_empty());
}

#[test]
fn a_spike_of_three_minutes_is_category_one() {
    let spike = 9 * DAY + 500;
    let evidence = story(10, &daily(60.0), &step(0.005, 1.0, spike, spike + 3)).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::One, "{:?}", verdict.why);
    assert_eq!(verdict.reason, Reason::Sporadic);
    assert!(minutes_from(spike, verdict.onset).abs() <= 1);
    assert!(minutes_from(spike + 3, verdict.end).abs() <= 1);
    assert!(replayed(&evidence).is_empty());
}

#[test]
fn thin_traffic_is_undecided_and_says_what_is_missing() {
    let evidence = story(3, &|_| 2.0 / 60.0, &|_| 0.1).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Undecided, "{:?}", verdict.why);
    assert!(
        verdict
            .why
            .iter()
            .any(|line| line.contains("requests on, there were")),
        "{:?}",
        verdict.why
    );
    assert!(replayed(&evidence).is_empty());
}

#[test]
fn hourly_bursts_of_429_are_normal_once_they_have_come_back() {
    let rate = |minute: usize| if minute % 60 < 3 { 0.4 } else { 0.001 };
    let mut windows = story(5, &|_| 50.0, &rate).windows();
    for (_, counts) in &mut windows {
        counts.throttled = std::mem::take(&mut counts.server_errors);
    }
    let evidence = evidence(vec![series(None, windows)], 5 * DAY);
    assert_eq!(replayed(&evidence), vec![]);
    let throttled = judged(&evidence)
        .into_iter()
        .find(|one| one.series.class == Class::Throttled);
    let verdict = throttled.expect("judged");
    assert_ne!(verdict.category, Category::Two);
    assert!(
        verdict.why.iter().any(|line| line.contains("minute")),
        "{:?}",
        verdict.why
    );
    // What is usual and what there was are counted over the same minutes, and no sentence mixes the two.
    let (usual, current) = (verdict.baseline_rate, verdict.current_rate);
    let ratio = usual.expect("known") / current.expect("known");
    assert!((0.9..1.1).contains(&ratio), "{usual:?} {current:?}");
    let judged = "outside the minutes in which failures are usual, ";
    let normal = |line: &String| line.starts_with(judged) && line.contains("that is normal here");
    assert!(verdict.why.iter().any(normal), "{:?}", verdict.why);
}

#[test]
fn a_nightly_batch_that_fails_is_normal_after_some_nights() {
    let rate = |minute: usize| {
        if (120..160).contains(&(minute % DAY)) {
            0.2
        } else {
            0.005
        }
    };
    let evidence = story(14, &|_| 100.0, &rate).evidence();
    let late = replayed(&evidence)
        .into_iter()
        .filter(|one| one.onset > Some(at(4 * DAY)));
    assert_eq!(late.count(), 0);
}

#[test]
fn a_fall_in_volume_with_the_same_failures_is_no_incident() {
    let fall = 9 * DAY + 700;
    let traffic = |minute: usize| if minute < fall { 200.0 } else { 20.0 };
    let rate = |minute: usize| if minute < fall { 0.005 } else { 0.05 };
    let evidence = story(10, &traffic, &rate).evidence();
    assert_eq!(replayed(&evidence), vec![]);
    assert_ne!(headline(&evidence).category, Category::Two);
}

#[test]
fn twenty_five_seconds_of_log_are_undecided() {
    let mut evidence = evidence(vec![series(None, vec![(at(0), counts(1500, 75))])], 1);
    evidence.watermark = Some(at(0).plus_secs(25));
    let verdict = headline(&evidence);
    assert_eq!(
        (verdict.category, verdict.reason),
        (Category::Undecided, Reason::TooLittleData)
    );
    let why = verdict.why.join("; ");
    assert!(why.contains("25 seconds of history"), "{why}");
    assert!(why.contains("at least 1 hour"), "{why}");
    assert_eq!(verdict.baseline_rate, None);
}

#[test]
fn no_failure_is_quiet_however_little_was_asked() {
    let evidence = evidence(vec![series(None, vec![(at(0), counts(12, 0))])], 1);
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Quiet);
    assert!(
        verdict.why[0].starts_with("no failure in 12 requests"),
        "{:?}",
        verdict.why
    );
}

#[test]
fn a_few_scattered_failures_within_hours_are_category_one() {
    let mut evidence = Story {
        minutes: 6 * HOUR,
        traffic: &|_| 20.0,
        rate: &|_| 0.002,
        noise: 0.0,
        seed: 5,
    }
    .evidence();
    let verdict = headline(&evidence);
    assert_eq!(
        (verdict.category, verdict.reason),
        (Category::One, Reason::Sporadic)
    );
    let healed = RetryCounts {
        healed: verdict.failures,
        tried: verdict.failures,
    };
    assert_eq!(verdict.retry_success, None, "nothing is known of retries");
    evidence.retries = Some(vec![retried(Outcome::ServerError, healed)]);
    assert_eq!(headline(&evidence).retry_success, Some(healed));
}

fn retried(outcome: Outcome, counts: RetryCounts) -> RetryHistory {
    RetryHistory {
        integration: "shop".to_owned(),
        operation: "GET /x".to_owned(),
        outcome,
        windows: vec![(at(3), counts)],
    }
}

/// 5xx of one operation that healed on retry say nothing about 429s of another that nobody tried again.
#[test]
fn retries_of_other_failures_heal_nothing() {
    let minute = |minute: usize| {
        let spread = minute.is_multiple_of(12);
        let failing = Counts {
            requests: 30,
            throttled: u64::from(spread),
            server_errors: u64::from(spread),
            ..Counts::default()
        };
        (at(minute), failing)
    };
    let mut evidence = evidence(vec![series(None, (0..50).map(minute).collect())], 50);
    let healed = RetryCounts {
        healed: 5,
        tried: 5,
    };
    evidence.retries = Some(vec![retried(Outcome::ServerError, healed)]);
    let verdicts = judged(&evidence);
    let of = |class| {
        let mut all = verdicts.iter();
        all.find(|one| one.series.class == class).expect("judged")
    };
    let (failed, throttled) = (of(Class::ServerError), of(Class::Throttled));
    assert_eq!(failed.category, Category::One, "{:?}", failed.why);
    assert_eq!(
        throttled.category,
        Category::Undecided,
        "{:?}",
        throttled.why
    );
    assert_eq!(throttled.retry_success, Some(RetryCounts::default()));
}

#[test]
fn an_operation_tells_of_its_own_retries() {
    let spike = 9 * DAY + 500;
    let windows = story(10, &daily(60.0), &step(0.005, 1.0, spike, spike + 3)).windows();
    let parts = vec![
        series(None, windows.clone()),
        series(Some("GET /y"), windows),
    ];
    let mut evidence = evidence(parts, 10 * DAY);
    let counts = RetryCounts {
        healed: 9,
        tried: 9,
    };
    let mut elsewhere = retried(Outcome::ServerError, counts);
    elsewhere.windows = vec![(at(spike), counts)];
    evidence.retries = Some(vec![elsewhere]);
    assert_eq!(headline(&evidence).retry_success, Some(counts));
    let verdicts = judged(&evidence);
    let operation = verdicts.iter().find(|one| one.series.operation.is_some());
    let operation = operation.expect("a burst on the operation");
    assert_eq!(operation.retry_success, Some(RetryCounts::default()));
}

#[test]
fn what_our_own_side_throttled_does_not_count() {
    let local = Counts {
        requests: 100,
        throttled_local: 50,
        ..Counts::default()
    };
    let windows = (0..300).map(|minute| (at(minute), local)).collect();
    let verdicts = judged(&evidence(vec![series(None, windows)], 300));
    let throttled = verdicts
        .iter()
        .find(|one| one.series.class == Class::Throttled)
        .expect("judged");
    assert_eq!(
        (throttled.category, throttled.failures),
        (Category::Quiet, 0)
    );
    assert!(
        throttled
            .why
            .iter()
            .any(|line| line.contains("15,000 requests answered by our own side"))
    );
}

/// False alarms on calm series, Poisson and noisy, thin and busy, over 14 days.
///
/// The noise wanders by 20 %: with 40 % the true rate does stay above twice the normal for an hour now and then, which
/// is a rise by definition and no false alarm.
#[test]
fn calm_series_do_not_alert() {
    for seed in 0..10 {
        for (traffic, rate, noise) in [(100.0, 0.005, 0.0), (300.0, 0.01, 0.2), (3.0, 0.02, 0.2)] {
            let evidence = Story {
                minutes: 14 * DAY,
                traffic: &daily(traffic),
                rate: &|_| rate,
                noise,
                seed,
            }
            .evidence();
            let episodes = replayed(&evidence);
            assert!(
                episodes.is_empty(),
                "{seed} {traffic} {rate} {noise}: {episodes:#?}"
            );
        }
    }
}
