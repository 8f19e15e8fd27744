//! How much failed: the counts, what is usual, by how much it rose, and what helped.
//!
//! A case is counted from its onset. Everything else is told by the range that the reader asked for, and beside it by
//! the last hours of that range, which are what is judged.

use crate::model::assessment::Assessment;
use crate::model::digits::thousands;
use crate::model::evidence::RetryCounts;
use crate::model::verdict::{Category, Reason, State, Verdict};
use crate::model::window::Counts;
use crate::report::block::Fact;
use crate::report::words;

/// An episode has its own counts; those of a burst are of all the hours that were judged.
pub fn is_case(verdict: &Verdict) -> bool {
    verdict.category == Category::Two && verdict.onset.is_some()
}

pub fn extent(assessment: &Assessment) -> Vec<Fact> {
    let verdict = &assessment.headline;
    let mut facts = failures(assessment);
    facts.extend(usual(verdict).map(|text| Fact::text("Usual share", text)));
    facts.extend(
        verdict
            .current_rate
            .map(|r| Fact::text(current(verdict), words::percent(r))),
    );
    facts.extend(rise(verdict).map(|text| Fact::text("Rise", text)));
    if verdict.reason == Reason::Reproducible {
        let text = words::part_of(verdict.failures, verdict.requests);
        facts.push(Fact::text("Reproducible", text));
    }
    facts.push(Fact::text("Success on retry", retries(verdict)));
    facts
}

fn failures(assessment: &Assessment) -> Vec<Fact> {
    let verdict = &assessment.headline;
    let judged = words::part_of(verdict.failures, verdict.requests);
    if is_case(verdict) {
        let since = match verdict.state {
            State::Ended => "from when it began until it ended",
            _ => "since it began",
        };
        return vec![Fact::text("Failures", format!("{judged} {since}"))];
    }
    let counts = in_range(assessment);
    let failed = verdict.series.class.failures(&counts);
    let all = words::part_of(failed, counts.requests);
    vec![
        Fact::text("Failures in the range", all),
        Fact::text("Failures in the hours judged", judged),
    ]
}

/// What happened to the headline's series in the whole range.
fn in_range(assessment: &Assessment) -> Counts {
    let mut sum = Counts::default();
    let Some(name) = &assessment.headline.series.operation else {
        for row in &assessment.trend {
            sum += row.counts();
        }
        return sum;
    };
    for own in assessment
        .operations
        .iter()
        .filter(|one| one.operation == *name)
    {
        sum += Counts {
            requests: own.requests,
            throttled: own.throttled,
            server_errors: own.server_errors,
            no_response: own.no_response,
            ..Counts::default()
        };
    }
    sum
}

fn usual(verdict: &Verdict) -> Option<String> {
    let usual = verdict.baseline_rate.filter(|r| r.is_finite())?;
    let expected = (usual * verdict.requests as f64).round().max(0.0) as u64;
    let expected = thousands(expected);
    Some(format!(
        "{} (about {expected} expected)",
        words::percent(usual)
    ))
}

fn current(verdict: &Verdict) -> &'static str {
    match (is_case(verdict), verdict.state) {
        (true, State::Ended) => "Share while it lasted",
        _ => "Current share",
    }
}

/// The factor, with its interval where there is one.
pub fn rise(verdict: &Verdict) -> Option<String> {
    let factor = words::factor(verdict.rise_factor?);
    Some(match (verdict.rise_low, verdict.rise_high) {
        (Some(low), Some(high)) => format!(
            "{factor} (95 % interval: {} to {})",
            words::factor(low),
            words::factor(high)
        ),
        _ => factor,
    })
}

fn retries(verdict: &Verdict) -> String {
    match verdict.retry_success {
        None => words::UNKNOWN.to_owned(),
        Some(RetryCounts { tried: 0, .. }) => "no retry of a failed call is known".to_owned(),
        Some(retries) => words::part_of(retries.healed, retries.tried),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn said(assessment: &Assessment) -> String {
        let facts = extent(assessment);
        let lines = facts.iter().map(|fact| format!("{fact:?}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_case_is_counted_from_its_onset() {
        let mut assessment = example::category_two();
        assert!(said(&assessment).contains("312 of 4,020 (7.8 %) since it began"));
        assessment.headline.state = State::Ended;
        assert!(said(&assessment).contains("from when it began until it ended"));
    }

    /// A burst has an onset too, but what is judged are hours of which it was a part.
    #[test]
    fn a_burst_is_told_by_the_range() {
        let mut assessment = example::with_category(Category::One);
        assert!(assessment.headline.onset.is_some());
        let failed: u64 = assessment.trend.iter().map(|row| row.server_errors).sum();
        assessment.headline.series.operation = None;
        let said = said(&assessment);
        assert!(!said.contains("since it began"), "{said}");
        assert!(
            said.contains(&format!("{} of 13,680", thousands(failed))),
            "{said}"
        );
    }
}
