//! What judging costs. It asserts nothing about time; the figures are kept in `benches/runs/`.
//!
//! ```sh
//! cargo test --release --lib verdict::scenarios::cost -- --ignored --nocapture --test-threads 1
//! ```

use std::fs;
use std::time::Instant;

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::verdict::engine::Track;
use crate::verdict::keeper::Keeper;
use crate::verdict::reproducible::Outside;
use crate::verdict::scenarios::stage::step;
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, HOUR, Rng, Story, at, counts, daily};
use crate::verdict::verdicts::judge;

const SERIES: usize = 500;
const DAYS: usize = 8;
/// Three weeks of minutes are what a restart reads.
const MINUTES: usize = 21 * DAY;
const REBUILT: usize = 1000;
/// So many series are in memory at a time.
const AT_ONCE: usize = 100;
const ROUNDS: usize = 20;

/// One kind of series: requests a minute, the share that fails, and how restless that is.
struct Kind {
    name: &'static str,
    traffic: Box<dyn Fn(usize) -> f64>,
    rate: Box<dyn Fn(usize) -> f64>,
    noise: f64,
}

impl Kind {
    fn new(
        name: &'static str,
        traffic: impl Fn(usize) -> f64 + 'static,
        rate: impl Fn(usize) -> f64 + 'static,
    ) -> Self {
        Self {
            name,
            traffic: Box::new(traffic),
            rate: Box::new(rate),
            noise: 0.2,
        }
    }

    fn evidence(&self, seed: u64) -> Evidence {
        Story {
            minutes: MINUTES,
            traffic: &self.traffic,
            rate: &self.rate,
            noise: self.noise,
            seed,
        }
        .evidence()
    }
}

fn kinds() -> Vec<Kind> {
    let quarter_fails = |minute: usize| if minute % 60 < 3 { 0.25 } else { 0.005 };
    vec![
        Kind::new("ordinary", daily(100.0), |_| 0.005),
        Kind::new("bursts each hour", daily(100.0), quarter_fails),
        Kind::new("volume falls, a poller keeps failing", falling, |minute| {
            0.5 / falling(minute)
        }),
        Kind::new("500 requests a second", daily(30_000.0), |_| 0.005),
        Kind {
            noise: 1.0,
            ..Kind::new("noisy", daily(100.0), |_| 0.01)
        },
        Kind::new("raised for days", daily(100.0), |minute| {
            step(0.005, 0.05, 4 * DAY, 7 * DAY - 60)(minute % (8 * DAY))
        }),
        Kind::new("flapping", daily(100.0), |minute| {
            if minute % 75 < 25 { 0.2 } else { 0.005 }
        }),
        Kind::new("2 requests an hour", |_| 1.0 / 30.0, |_| 0.02),
        Kind::new("many gaps", gaps, |_| 0.01),
        Kind::new("nothing fails", daily(100.0), |_| 0.0),
    ]
}

/// A tenth of the volume, five hours of each second day.
fn falling(minute: usize) -> f64 {
    let fallen = (10 * HOUR..15 * HOUR).contains(&(minute % (2 * DAY)));
    daily(if fallen { 10.0 } else { 100.0 })(minute) + 0.5
}

/// Twenty minutes of each hour and a half have no data.
fn gaps(minute: usize) -> f64 {
    if minute % 90 < 20 { 0.0 } else { 50.0 }
}

#[test]
#[ignore = "measures"]
fn what_each_kind_costs() {
    for kind in kinds() {
        let evidence = kind.evidence(1);
        let all = cpu_ms(|| {
            for _ in 0..ROUNDS {
                judge(&evidence, &Settings::default());
            }
        });
        println!("{}: {:.1} ms for 21 days", kind.name, all / ROUNDS as f64);
    }
}

/// A tenth is busy with bursts, a tenth has ten requests a minute, a tenth never fails, the rest is thin.
fn mix() -> Vec<Kind> {
    let mut kinds = kinds();
    kinds.retain(|kind| kind.name == "bursts each hour");
    kinds.push(Kind::new("some", daily(10.0), |_| 0.01));
    kinds.push(Kind::new("nothing fails", daily(20.0), |_| 0.0));
    for pace in [1.0, 1.0, 0.2, 0.2, 0.2, 0.03, 0.03] {
        kinds.push(Kind::new("thin", daily(pace), |_| 0.02));
    }
    kinds
}

#[test]
#[ignore = "measures"]
fn what_rebuilding_a_thousand_series_costs() {
    let kinds = mix();
    let (mut wall, mut cpu) = (0.0, 0.0);
    for first in (0..REBUILT).step_by(AT_ONCE) {
        let evidence = side_by_side(&kinds, first);
        let start = Instant::now();
        cpu += cpu_ms(|| drop(judge(&evidence, &Settings::default())));
        wall += start.elapsed().as_secs_f64();
    }
    println!(
        "{REBUILT} series of 21 days: {wall:.1} s, {:.1} ms of work each",
        cpu / REBUILT as f64
    );
}

/// Integrations of all kinds in turn.
fn side_by_side(kinds: &[Kind], first: usize) -> Evidence {
    let mut whole = Evidence::default();
    for number in first..first + AT_ONCE {
        let mut one = kinds[number % kinds.len()].evidence(number as u64);
        one.series[0].integration = format!("integration {number}");
        whole.watermark = one.watermark;
        whole.series.append(&mut one.series);
    }
    whole
}

#[test]
#[ignore = "measures"]
fn what_a_minute_costs() {
    let new = |_| Track::new(&Settings::default(), 1, 0);
    let mut tracks: Vec<Track> = (0..SERIES).map(new).collect();
    let mut rng = Rng::new(1);
    let mut minutes: Vec<f64> = Vec::new();
    for minute in 0..DAYS * DAY {
        let counts = (0..SERIES).map(|number| draw(&mut rng, number, minute));
        let counts: Vec<(f64, f64)> = counts.collect();
        let start = Instant::now();
        for (track, (n, k)) in tracks.iter_mut().zip(&counts) {
            track.push(*n, *k, Outside::default());
        }
        minutes.push(start.elapsed().as_secs_f64() * 1e3 * 10_000.0 / SERIES as f64);
    }
    let last = &minutes[(DAYS - 1) * DAY..];
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    println!("10,000 series, a minute on the average of the last day: {mean:.0} ms");
    println!(
        "the dearest minute of the hour, the median of a day: {:.0} ms",
        dearest(last)
    );
    println!("{} bytes a series", tracks[0].bytes());
}

/// The same through all that a service does with a new minute: windows in, verdicts with their sentences out.
#[test]
#[ignore = "measures"]
fn what_a_minute_costs_a_service() {
    let mut rng = Rng::new(1);
    let begin = 2 * DAY;
    let mut series: Vec<SeriesHistory> = (0..SERIES)
        .map(|number| named(&format!("i{number}")))
        .collect();
    for minute in 0..begin + HOUR {
        for (number, one) in series.iter_mut().enumerate() {
            let (n, k) = draw(&mut rng, number, minute);
            one.windows.push((at(minute), counts(n as u64, k as u64)));
        }
    }
    let evidence = |since: Timestamp, until: usize| Evidence {
        series: series
            .iter()
            .map(|one| between(one, since, at(until)))
            .collect(),
        watermark: Some(at(until)),
        ..Evidence::default()
    };
    let mut keeper = Keeper::new(&Settings::default());
    keeper.begin(&evidence(at(0), begin));
    let (mut taken, mut told) = (Vec::new(), Vec::new());
    for minute in begin + 1..=begin + HOUR {
        let next = evidence(keeper.final_until().expect("begun"), minute);
        let start = Instant::now();
        assert!(keeper.go_on(&next).is_empty());
        taken.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        assert!(keeper.judgement().standing.len() >= SERIES);
        told.push(start.elapsed().as_secs_f64());
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2] * 1e3 * 10_000.0 / SERIES as f64
    };
    println!(
        "10,000 series: windows in {:.0} ms, verdicts out {:.0} ms",
        median(taken),
        median(told)
    );
}

fn named(integration: &str) -> SeriesHistory {
    SeriesHistory {
        integration: integration.to_owned(),
        operation: None,
        window_s: 60,
        windows: Vec::new(),
    }
}

fn between(series: &SeriesHistory, since: Timestamp, until: Timestamp) -> SeriesHistory {
    let windows = series.windows.iter();
    let within = windows.filter(|(at, _)| *at >= since && *at < until);
    SeriesHistory {
        windows: within.copied().collect(),
        ..named(&series.integration)
    }
}

/// Series from 1 request in two minutes to 500 in one, with a burst at the top of the hour.
fn draw(rng: &mut Rng, number: usize, minute: usize) -> (f64, f64) {
    let requests = rng.poisson(0.5 + number as f64);
    let rate = if minute % 60 < 2 { 0.1 } else { 0.01 };
    let failures = rng.poisson(requests as f64 * rate).min(requests);
    (requests as f64, failures as f64)
}

/// Each minute of the hour is told by its median over a day, or one hiccup of the machine would tell of nothing else.
fn dearest(day: &[f64]) -> f64 {
    let median = |minute: usize| {
        let mut hours: Vec<f64> = day.iter().skip(minute).step_by(HOUR).copied().collect();
        hours.sort_by(f64::total_cmp);
        hours[hours.len() / 2]
    };
    (0..HOUR).map(median).fold(0.0, f64::max)
}

/// How long processors are at work on it, on whatever threads; the waiting for a busy machine is left out.
fn cpu_ms(work: impl FnOnce()) -> f64 {
    let before = cpu_ticks();
    work();
    (cpu_ticks() - before) * 10.0
}

/// Hundredths of a second that this process has been at work, as Linux tells: the 14th and 15th field.
fn cpu_ticks() -> f64 {
    let told = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = told.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks = fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>());
    ticks.map(|ticks| ticks.expect("a number")).sum()
}
