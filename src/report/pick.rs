//! Which of the stored samples a reader gets: failing calls from different minutes, and the nearest that succeeded.

use std::collections::BTreeSet;

use crate::model::assessment::Sample;
use crate::model::time::Timestamp;
use crate::report::input::{ReportInput, SAMPLES_MAX};

/// Successes shown beside the failures.
const SUCCESSES_MAX: usize = 2;

pub struct Picked<'a> {
    pub failing: Vec<&'a Sample>,
    /// Nearest first.
    pub succeeded: Vec<&'a Sample>,
    /// Different minutes among the failing ones.
    pub minutes: usize,
}

pub fn is_failing(sample: &Sample) -> bool {
    !matches!(sample.outcome.as_str(), "ok" | "redirect")
}

/// The failing calls that the verdict is about, by time; all of them when none is after the onset.
pub fn list_failing<'a>(input: &ReportInput<'a>) -> Vec<&'a Sample> {
    let verdict = &input.assessment.headline;
    let from = verdict.onset_low.or(verdict.onset);
    let mut failing: Vec<&Sample> = input
        .assessment
        .samples
        .iter()
        .filter(|s| is_failing(s))
        .collect();
    failing.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
    if failing.iter().any(|s| s.ts >= from) {
        failing.retain(|s| s.ts >= from);
    }
    failing
}

pub fn pick<'a>(input: &ReportInput<'a>) -> Picked<'a> {
    let all = list_failing(input);
    let failing = spread(&all, input.samples_max.min(SAMPLES_MAX));
    let succeeded = nearest_successes(input, &failing);
    let minutes = failing
        .iter()
        .map(|s| minute_of(s))
        .collect::<BTreeSet<_>>();
    Picked {
        minutes: minutes.len(),
        failing,
        succeeded,
    }
}

fn minute_of(sample: &Sample) -> Option<Timestamp> {
    sample.ts.map(|ts| ts.floor(60))
}

/// The first and the last and others evenly between them; one a minute first, more of a minute only to fill up.
fn spread<'a>(all: &[&'a Sample], wanted: usize) -> Vec<&'a Sample> {
    let mut seen = BTreeSet::new();
    let (firsts, others): (Vec<&Sample>, Vec<&Sample>) =
        all.iter().partition(|s| seen.insert(minute_of(s)));
    let mut picked = evenly(&firsts, wanted);
    let missing = wanted - picked.len();
    picked.extend(evenly(&others, missing));
    picked.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
    picked
}

fn evenly<'a>(all: &[&'a Sample], wanted: usize) -> Vec<&'a Sample> {
    if wanted == 0 || all.len() <= wanted {
        return all.iter().take(wanted).copied().collect();
    }
    let last = all.len() - 1;
    let steps = (wanted - 1).max(1);
    (0..wanted).map(|i| all[i * last / steps]).collect()
}

fn nearest_successes<'a>(input: &ReportInput<'a>, failing: &[&Sample]) -> Vec<&'a Sample> {
    let mut good: Vec<&Sample> = input
        .assessment
        .samples
        .iter()
        .filter(|s| !is_failing(s))
        .collect();
    good.sort_by_key(|s| {
        let other = !failing.iter().any(|f| f.operation == s.operation);
        (other, distance(s, failing), s.id.clone())
    });
    good.truncate(SUCCESSES_MAX);
    good
}

/// Microseconds to the nearest failing call.
fn distance(sample: &Sample, failing: &[&Sample]) -> u64 {
    failing
        .iter()
        .filter_map(|f| Some(f.ts?.micros().abs_diff(sample.ts?.micros())))
        .min()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn failing_calls_come_from_different_minutes() {
        let assessment = example::category_two();
        let note = [];
        let input = example::input(&assessment, &note);
        let picked = pick(&input);
        assert!(picked.minutes >= 3, "{}", picked.minutes);
        assert!(picked.succeeded.iter().all(|s| s.outcome == "ok"));
    }

    #[test]
    fn any_wish_is_met_with_what_there_is() {
        let assessment = example::category_two();
        let note = [];
        for wanted in [0, 1, 2, 3, usize::MAX] {
            let mut input = example::input(&assessment, &note);
            input.samples_max = wanted;
            assert!(pick(&input).failing.len() <= wanted);
        }
    }
}
