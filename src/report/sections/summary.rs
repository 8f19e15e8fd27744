//! The verdict and the facts that a case opens with: what, where, since when, by how much, and whether it goes on.

use crate::model::assessment::Sample;
use crate::model::digits::thousands;
use crate::model::evidence::RetryCounts;
use crate::model::time::Timestamp;
use crate::model::verdict::{Category, Reason, State, Verdict};
use crate::report::block::{Block, Fact, Tone};
use crate::report::error::ReportError;
use crate::report::input::ReportInput;
use crate::report::pick::list_failing;
use crate::report::section::{Section, always};
use crate::report::words;

pub const SECTION: Section = Section {
    id: "summary",
    title: "Summary",
    applies: always,
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let mut blocks = vec![callout(input)];
    if let Some(advice) = instead(&input.assessment.headline) {
        blocks.push(Block::Heading("What to do instead".to_owned()));
        blocks.push(Block::List(advice));
    }
    blocks.push(Block::Facts(facts(input)));
    Ok(blocks)
}

fn callout(input: &ReportInput<'_>) -> Block {
    let verdict = &input.assessment.headline;
    let (tone, title, text) = match verdict.category {
        Category::Two => (
            Tone::Act,
            format!("Category 2: {}", words::reason(verdict.reason)),
            case_text(verdict),
        ),
        Category::One => (
            Tone::Calm,
            "Category 1: sporadic, no support case".to_owned(),
            "The errors were few or healed by themselves. An inquiry about them would end without a cause, so none \
             should be opened with this report."
                .to_owned(),
        ),
        Category::Undecided => (
            Tone::Wait,
            "Undecided: too little data to tell a fault from noise".to_owned(),
            "Neither a fault nor its absence is shown. This report is no basis for a case yet.".to_owned(),
        ),
        Category::Quiet => (
            Tone::Calm,
            "Quiet: nothing to report".to_owned(),
            "No failures beyond the normal were seen in this range.".to_owned(),
        ),
    };
    Block::Callout { tone, title, text }
}

fn case_text(verdict: &Verdict) -> String {
    let what = words::class(verdict.series.class);
    let text = match verdict.reason {
        Reason::Reproducible => "This call fails every time or nearly so.",
        Reason::Novel => "This error had never been seen before and keeps occurring.",
        Reason::Silent => "Data that used to arrive do not arrive any more.",
        _ if verdict.state == State::Ended => {
            "The share of failures had clearly risen above its normal level and stayed up until it ended."
        }
        _ => "The share of failures has clearly risen above its normal level and stays up.",
    };
    format!(
        "{text} {}, {}: {}. Please find the cause; request and response pairs with both sides' ids are below.",
        words::series(verdict),
        what,
        words::part_of(verdict.failures, verdict.requests)
    )
}

/// For everything that is no case.
fn instead(verdict: &Verdict) -> Option<Vec<String>> {
    let mut advice = match verdict.category {
        Category::Two => return None,
        Category::One => vec![
            "Retry with exponential backoff and jitter, and honour Retry-After.".to_owned(),
            "Watch the trend: sporadic errors stay few and scattered.".to_owned(),
        ],
        Category::Undecided => vec![
            "Gather more data: a longer range, or the logs of more clients.".to_owned(),
            "Retry what failed and note whether it succeeds.".to_owned(),
        ],
        Category::Quiet => vec!["Nothing needs to be done.".to_owned()],
    };
    advice.extend(
        [&verdict.action]
            .into_iter()
            .filter(|a| !a.is_empty())
            .cloned(),
    );
    advice.push(
        "Open a case when the share of failures is clearly above normal and does not heal, when one operation fails \
         every time, or when an error appears that was never seen before."
            .to_owned(),
    );
    Some(advice)
}

fn facts(input: &ReportInput<'_>) -> Vec<Fact> {
    let verdict = &input.assessment.headline;
    let range = input.assessment.range;
    let mut facts = vec![Fact::code("Integration", &input.assessment.integration)];
    facts.extend(hosts(input).map(|hosts| Fact::code("Host", hosts)));
    facts.push(Fact::code("Operation", words::series(verdict)));
    facts.push(Fact::text("Failing as", words::class(verdict.series.class)));
    facts.push(Fact::text("Tenant or account", "not named in these logs"));
    facts.push(Fact::text("Range examined", span(range.since, range.until)));
    facts.extend(course(verdict));
    facts.extend(extent(verdict));
    let failing = list_failing(input);
    facts.extend(
        failing
            .first()
            .map(|s| Fact::code("First failing call kept", call(s))),
    );
    facts.extend(
        failing
            .last()
            .map(|s| Fact::code("Last failing call kept", call(s))),
    );
    facts
}

/// When it began and whether it goes on.
fn course(verdict: &Verdict) -> Vec<Fact> {
    let Some(onset) = verdict.onset else {
        return Vec::new();
    };
    let interval = match (verdict.onset_low, verdict.onset_high) {
        (Some(low), Some(high)) => format!(
            " (95 % interval: {} to {})",
            words::time(low),
            words::time(high)
        ),
        _ => String::new(),
    };
    let as_of = verdict.watermark.map_or_else(String::new, |at| {
        format!(" (data complete up to {})", words::time(at))
    });
    let end = match (verdict.state, verdict.end) {
        (State::Ongoing, _) => format!("still going on{as_of}"),
        (_, Some(end)) => format!(
            "ended {}, after {}",
            words::time(end),
            words::duration(end.secs_since(onset))
        ),
        (_, None) => format!("ended{as_of}"),
    };
    vec![
        Fact::text("Began", format!("{}{interval}", words::time(onset))),
        Fact::text("Goes on", end),
    ]
}

/// How much it rose, and what helped.
fn extent(verdict: &Verdict) -> Vec<Fact> {
    let since = if verdict.onset.is_some() {
        "since it began"
    } else {
        "in the range"
    };
    let mut facts = vec![Fact::text(
        "Failures",
        format!(
            "{} {since}",
            words::part_of(verdict.failures, verdict.requests)
        ),
    )];
    if let Some(usual) = verdict.baseline_rate.filter(|r| r.is_finite()) {
        let expected = (usual * verdict.requests as f64).round().max(0.0) as u64;
        let text = format!(
            "{} (about {} expected)",
            words::percent(usual),
            thousands(expected)
        );
        facts.push(Fact::text("Usual share", text));
    }
    facts.extend(
        verdict
            .current_rate
            .map(|r| Fact::text("Current share", words::percent(r))),
    );
    facts.extend(
        verdict
            .rise_factor
            .map(|f| Fact::text("Rise", rise(f, verdict))),
    );
    if verdict.reason == Reason::Reproducible {
        let text = words::part_of(verdict.failures, verdict.requests);
        facts.push(Fact::text("Reproducible", text));
    }
    let text = match verdict.retry_success {
        None => words::UNKNOWN.to_owned(),
        Some(RetryCounts { tried: 0, .. }) => "no retry of a failed call is known".to_owned(),
        Some(retries) => words::part_of(retries.healed, retries.tried),
    };
    facts.push(Fact::text("Success on retry", text));
    facts
}

fn rise(factor: f64, verdict: &Verdict) -> String {
    match (verdict.rise_low, verdict.rise_high) {
        (Some(low), Some(high)) => format!(
            "{} (95 % interval: {} to {})",
            words::factor(factor),
            words::factor(low),
            words::factor(high)
        ),
        _ => words::factor(factor),
    }
}

fn span(since: Timestamp, until: Timestamp) -> String {
    format!(
        "{} to {} ({})",
        words::time(since),
        words::time(until),
        words::duration(until.secs_since(since))
    )
}

fn hosts(input: &ReportInput<'_>) -> Option<String> {
    let hosts: std::collections::BTreeSet<&str> = input
        .assessment
        .samples
        .iter()
        .map(|s| s.host.as_str())
        .filter(|host| !host.is_empty())
        .take(5)
        .collect();
    (!hosts.is_empty()).then(|| hosts.into_iter().collect::<Vec<_>>().join(", "))
}

/// One call in a line, with the ids that both sides search by.
fn call(sample: &Sample) -> String {
    let time = sample
        .ts
        .map_or_else(|| words::UNKNOWN.to_owned(), words::time_exact);
    let status = sample
        .status
        .map_or_else(|| sample.outcome.clone(), |s| s.to_string());
    let id = |name: &str, id: &Option<String>| {
        id.as_ref()
            .map_or_else(String::new, |id| format!(", {name} {id}"))
    };
    format!(
        "{time}, {}, {status}{}{}",
        sample.operation,
        id("our id", &sample.request_id),
        id("vendor's id", &sample.vendor_request_id)
    )
}
