//! What the situations share: a story by days, and its verdicts with the default settings.

use crate::model::evidence::Evidence;
use crate::model::time::Timestamp;
use crate::model::verdict::{Class, Verdict};
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, Story, at};
use crate::verdict::verdicts::judge;

pub fn story<'a>(
    days: usize,
    traffic: &'a dyn Fn(usize) -> f64,
    rate: &'a dyn Fn(usize) -> f64,
) -> Story<'a> {
    Story {
        minutes: days * DAY,
        traffic,
        rate,
        noise: 0.0,
        seed: 7,
    }
}

pub fn judged(evidence: &Evidence) -> Vec<Verdict> {
    judge(evidence, &Settings::default()).standing
}

pub fn replayed(evidence: &Evidence) -> Vec<Verdict> {
    judge(evidence, &Settings::default()).episodes
}

/// The verdict of the integration's 5xx.
pub fn headline(evidence: &Evidence) -> Verdict {
    let mut verdicts = judged(evidence).into_iter();
    let is_whole = |verdict: &Verdict| {
        verdict.series.operation.is_none() && verdict.series.class == Class::ServerError
    };
    verdicts
        .find(is_whole)
        .expect("every integration is judged")
}

pub fn minutes_from(minute: usize, time: Option<Timestamp>) -> i64 {
    time.expect("known").secs_since(at(minute)).div_euclid(60)
}

/// `rate` outside `from..to`, `raised` inside.
pub fn step(rate: f64, raised: f64, from: usize, to: usize) -> impl Fn(usize) -> f64 {
    move |minute| {
        if (from..to).contains(&minute) {
            raised
        } else {
            rate
        }
    }
}
