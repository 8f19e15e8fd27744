//! Whole situations, each with the verdict it must get.

use crate::model::evidence::{Evidence, FingerprintHistory, RetryCounts, RetryHistory};
use crate::model::time::Timestamp;
use crate::model::verdict::{Category, Class, Reason, State, Verdict};
use crate::model::window::Counts;
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, HOUR, Story, at, counts, daily, evidence, series};
use crate::verdict::{explain, judge, replay};

fn story<'a>(days: usize, traffic: &'a dyn Fn(usize) -> f64, rate: &'a dyn Fn(usize) -> f64) -> Story<'a> {
    Story {
        minutes: days * DAY,
        traffic,
        rate,
        noise: 0.0,
        seed: 7,
    }
}

fn judged(evidence: &Evidence) -> Vec<Verdict> {
    judge(evidence, &Settings::default())
}

fn replayed(evidence: &Evidence) -> Vec<Verdict> {
    replay(evidence, &Settings::default())
}

/// The verdict of the integration's 5xx.
fn headline(evidence: &Evidence) -> Verdict {
    let mut verdicts = judged(evidence).into_iter();
    let is_whole = |verdict: &Verdict| verdict.series.operation.is_none() && verdict.series.class == Class::ServerError;
    verdicts.find(is_whole).expect("every integration is judged")
}

fn minutes_from(minute: usize, time: Option<Timestamp>) -> i64 {
    time.expect("known").secs_since(at(minute)).div_euclid(60)
}

/// `rate` outside `from..to`, `raised` inside.
fn step(rate: f64, raised: f64, from: usize, to: usize) -> impl Fn(usize) -> f64 {
    move |minute| {
        if (from..to).contains(&minute) {
            raised
        } else {
            rate
        }
    }
}

#[test]
fn calm_traffic_is_quiet_and_says_its_rate() {
    let evidence = story(14, &daily(100.0), &|_| 0.005).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Quiet, "{:?}", verdict.why);
    assert!(verdict.why[0].contains(" %"), "{:?}", verdict.why);
    assert!(verdict.baseline_rate.is_some_and(|rate| (rate - 0.005).abs() < 0.001));
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
    assert!(replayed(&evidence).is_empty());
}

#[test]
fn a_fivefold_rise_is_found_soon_with_its_onset_and_size() {
    let onset = 9 * DAY + 10 * HOUR;
    let evidence = story(10, &daily(200.0), &step(0.005, 0.025, onset, 11 * DAY)).evidence();
    let verdict = headline(&evidence);
    assert_eq!((verdict.category, verdict.state), (Category::Two, State::Ongoing));
    assert_eq!(verdict.reason, Reason::SustainedRise);
    assert!(minutes_from(onset, verdict.onset).abs() <= 4, "{:?}", verdict.onset);
    assert!((12..=30).contains(&minutes_from(onset, verdict.alert_time)));
    assert!(verdict.rise_low < Some(5.0) && verdict.rise_high > Some(5.0), "{verdict:?}");
    assert!(verdict.onset_low <= Some(at(onset)) && verdict.onset_high >= Some(at(onset)));
    assert_eq!(replayed(&evidence), vec![verdict]);
}

#[test]
fn recovery_ends_the_episode() {
    let onset = 9 * DAY + 600;
    let evidence = story(10, &daily(200.0), &step(0.005, 0.05, onset, onset + 90)).evidence();
    let verdict = headline(&evidence);
    assert_eq!((verdict.category, verdict.state), (Category::Two, State::Ended));
    assert!(minutes_from(onset + 90, verdict.end).abs() <= 5, "{:?}", verdict.end);
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
    assert!(found.iter().any(|one| one.category == Category::Two && one.series.operation.is_some()));
}

#[test]
fn thin_traffic_is_undecided_and_says_what_is_missing() {
    let evidence = story(3, &|_| 2.0 / 60.0, &|_| 0.1).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.category, Category::Undecided, "{:?}", verdict.why);
    assert!(verdict.why.iter().any(|line| line.contains("requests on, there were")), "{:?}", verdict.why);
    assert!(replayed(&evidence).is_empty());
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
    assert_eq!((verdict.category, verdict.reason), (Category::Two, Reason::Reproducible));
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
fn hourly_bursts_of_429_are_normal_once_they_have_come_back() {
    let rate = |minute: usize| if minute % 60 < 3 { 0.4 } else { 0.001 };
    let mut windows = story(5, &|_| 50.0, &rate).windows();
    for (_, counts) in &mut windows {
        counts.throttled = std::mem::take(&mut counts.server_errors);
    }
    let evidence = evidence(vec![series(None, windows)], 5 * DAY);
    assert_eq!(replayed(&evidence), vec![]);
    let throttled = judged(&evidence).into_iter().find(|one| one.series.class == Class::Throttled);
    let verdict = throttled.expect("judged");
    assert_ne!(verdict.category, Category::Two);
    assert!(verdict.why.iter().any(|line| line.contains("minute")), "{:?}", verdict.why);
}

#[test]
fn a_nightly_batch_that_fails_is_normal_after_some_nights() {
    let rate = |minute: usize| if (120..160).contains(&(minute % DAY)) { 0.2 } else { 0.005 };
    let evidence = story(14, &|_| 100.0, &rate).evidence();
    let late = replayed(&evidence).into_iter().filter(|one| one.onset > Some(at(4 * DAY)));
    assert_eq!(late.count(), 0);
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
fn a_fall_in_volume_with_the_same_failures_is_no_incident() {
    let fall = 9 * DAY + 700;
    let traffic = |minute: usize| if minute < fall { 200.0 } else { 20.0 };
    let rate = |minute: usize| if minute < fall { 0.005 } else { 0.05 };
    let evidence = story(10, &traffic, &rate).evidence();
    assert_eq!(replayed(&evidence), vec![]);
    assert_ne!(headline(&evidence).category, Category::Two);
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
    assert!(verdict.why.iter().any(|line| line.contains("no data in between")), "{:?}", verdict.why);
}

#[test]
fn a_source_that_stops_keeps_its_episode_open_and_says_so() {
    let onset = 9 * DAY;
    let traffic = |minute: usize| if minute > onset + 90 { 0.0 } else { 100.0 };
    let evidence = story(10, &traffic, &step(0.005, 0.05, onset, 10 * DAY)).evidence();
    let verdict = headline(&evidence);
    assert_eq!(verdict.state, State::Ongoing);
    assert!(verdict.why.iter().any(|line| line.starts_with("no request since")));
}

#[test]
fn an_incident_of_three_days_becomes_the_normal() {
    let onset = 9 * DAY;
    let evidence = story(16, &daily(100.0), &step(0.005, 0.03, onset, 20 * DAY)).evidence();
    let episodes = replayed(&evidence);
    assert_eq!(episodes.len(), 1, "{episodes:#?}");
    assert!(minutes_from(onset + 3 * DAY, episodes[0].end).abs() < 30);
    assert!(episodes[0].rise_factor.is_some_and(|rise| (4.5..7.5).contains(&rise)));
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
fn twenty_five_seconds_of_log_are_undecided() {
    let mut evidence = evidence(vec![series(None, vec![(at(0), counts(1500, 75))])], 1);
    evidence.watermark = Some(at(0).plus_secs(25));
    let verdict = headline(&evidence);
    assert_eq!((verdict.category, verdict.reason), (Category::Undecided, Reason::TooLittleData));
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
    assert!(verdict.why[0].starts_with("no failure in 12 requests"), "{:?}", verdict.why);
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
    assert_eq!((verdict.category, verdict.reason), (Category::One, Reason::Sporadic));
    let healed = RetryCounts {
        healed: verdict.failures,
        tried: verdict.failures,
    };
    evidence.retries = vec![RetryHistory {
        integration: "shop".to_owned(),
        windows: vec![(at(3), healed)],
    }];
    assert_eq!(headline(&evidence).retry_success, healed);
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

#[test]
fn what_our_own_side_throttled_does_not_count() {
    let local = Counts {
        requests: 100,
        throttled_local: 50,
        ..Counts::default()
    };
    let windows = (0..300).map(|minute| (at(minute), local)).collect();
    let verdicts = judged(&evidence(vec![series(None, windows)], 300));
    let throttled = verdicts.iter().find(|one| one.series.class == Class::Throttled).expect("judged");
    assert_eq!((throttled.category, throttled.failures), (Category::Quiet, 0));
    assert!(throttled.why.iter().any(|line| line.contains("15,000 requests answered by our own side")));
}

#[test]
fn coarser_windows_find_the_same_outage() {
    for width in [60, 300, 900] {
        let onset = 5 * DAY;
        let mut evidence = story(6, &daily(100.0), &step(0.005, 0.05, onset, onset + 180)).evidence();
        let narrow = std::mem::take(&mut evidence.series[0].windows);
        evidence.series[0].window_s = width;
        evidence.series[0].windows = narrow.into_iter().map(|(at, counts)| (at.floor(width), counts)).collect();
        let episodes = replayed(&evidence);
        assert_eq!(episodes.len(), 1, "{width}: {episodes:#?}");
        assert!(minutes_from(onset, episodes[0].onset).abs() <= 15, "{width}");
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
            assert!(episodes.is_empty(), "{seed} {traffic} {rate} {noise}: {episodes:#?}");
        }
    }
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
        parts.push(series(Some(["GET /a", "GET /b", "POST /c"][index]), windows));
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
        assert_eq!(verdicts.iter().find(same).map(|one| one.onset), Some(episodes[0].onset));
        assert_eq!(headline(&evidence).category, Category::Two);
    }
}

/// `judge` at any instant says what `replay` knows of that instant.
#[test]
fn judge_and_replay_agree_at_every_stage() {
    let onset = 3 * DAY + 600;
    let mut evidence = story(4, &daily(100.0), &step(0.005, 0.05, onset, onset + 120)).evidence();
    let whole = replayed(&evidence);
    let alert = whole[0].alert_time;
    for minute in (onset..onset + 240).step_by(7) {
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
    let doubled = windows.iter_mut().find(|(_, counts)| counts.requests > 1).expect("some");
    let (at, counts) = *doubled;
    doubled.1 = Counts::default();
    windows.push((at, counts));
    assert_eq!(judged(&evidence), straight);
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
            assert!(minutes_from(onset, episodes[0].alert_time) <= 60, "{seed} {traffic}");
            assert!(minutes_from(onset, episodes[0].onset).abs() <= 20, "{seed} {traffic}");
        }
    }
}
