//! The verdict and the facts that a case opens with: what, where, since when, by how much, and whether it goes on.

use std::collections::BTreeSet;

use crate::model::assessment::Sample;
use crate::model::time::Timestamp;
use crate::model::verdict::{Category, Reason, State, Verdict};
use crate::report::block::{Block, Fact, Kind, Table, Tone};
use crate::report::error::ReportError;
use crate::report::extent::{extent, is_case, rise};
use crate::report::input::{ROWS_MAX, ReportInput};
use crate::report::pick::list_failing;
use crate::report::section::{Section, always};
use crate::report::words;

/// Hosts or accounts named in one fact.
const NAMES_MAX: usize = 5;

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
    blocks.extend(others(input).map(Block::Table));
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
            "No episode of failures that lasted lies in this range, and at its end no more calls fail than is normal here."
                .to_owned(),
        ),
    };
    Block::Callout { tone, title, text }
}

fn case_text(verdict: &Verdict) -> String {
    let what = words::class(verdict.series.class);
    let ended = verdict.state == State::Ended;
    let text = match (verdict.reason, ended) {
        (Reason::Reproducible, false) => "It fails every time or nearly so.",
        (Reason::Reproducible, true) => "It failed every time or nearly so until it ended.",
        (Reason::Novel, false) => "This error had never been seen before and keeps occurring.",
        (Reason::Novel, true) => {
            "This error had never been seen before, and has not come back since it ended."
        }
        (Reason::Silent, _) => "Data that used to arrive do not arrive any more.",
        (_, true) => {
            "The share of failures had clearly risen above its normal level and stayed up until it ended."
        }
        (_, false) => {
            "The share of failures has clearly risen above its normal level and stays up."
        }
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
    let hosts = named(input, |sample| Some(sample.host.as_str()));
    facts.extend(hosts.map(|hosts| Fact::code("Host", hosts)));
    facts.push(Fact::code("Operation", words::series(verdict)));
    facts.push(Fact::text("Failing as", words::class(verdict.series.class)));
    let tenants = named(input, |sample| sample.tenant.as_deref());
    facts.push(match tenants {
        Some(tenants) => Fact::code("Tenant or account", tenants),
        None => Fact::text("Tenant or account", words::UNKNOWN),
    });
    facts.push(Fact::text("Range examined", span(range.since, range.until)));
    facts.extend(course(verdict));
    facts.extend(extent(input.assessment));
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
    // What healed by itself was a burst, the latest of perhaps several.
    let began = if is_case(verdict) {
        "Began"
    } else {
        "Latest burst began"
    };
    vec![
        Fact::text(began, format!("{}{interval}", words::time(onset))),
        Fact::text("Goes on", end),
    ]
}

/// The episodes of the range that the headline does not tell of.
fn others(input: &ReportInput<'_>) -> Option<Table> {
    let assessment = input.assessment;
    let all = assessment.episodes.iter();
    let others: Vec<&Verdict> = all.filter(|one| **one != assessment.headline).collect();
    (!others.is_empty()).then(|| Table {
        caption: "Other Category 2 episodes in the range".to_owned(),
        columns: vec![
            ("began", Kind::Text),
            ("ended", Kind::Text),
            ("series", Kind::Code),
            ("failing as", Kind::Text),
            ("reason", Kind::Text),
            ("failures", Kind::Number),
            ("rise", Kind::Number),
        ],
        rows_left_out: others.len().saturating_sub(ROWS_MAX),
        rows: others.into_iter().take(ROWS_MAX).map(other).collect(),
    })
}

fn other(episode: &Verdict) -> Vec<String> {
    let time = |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), words::time);
    vec![
        time(episode.onset, words::UNKNOWN),
        time(episode.end, "still going on"),
        words::series(episode),
        episode.series.class.name().to_owned(),
        words::reason(episode.reason).to_owned(),
        words::part_of(episode.failures, episode.requests),
        rise(episode).unwrap_or_else(|| "–".to_owned()),
    ]
}

fn span(since: Timestamp, until: Timestamp) -> String {
    format!(
        "{} to {} ({})",
        words::time(since),
        words::time(until),
        words::duration(until.secs_since(since))
    )
}

/// What the samples name, each name once.
fn named(input: &ReportInput<'_>, name: impl Fn(&Sample) -> Option<&str>) -> Option<String> {
    let samples = input.assessment.samples.iter();
    let names: BTreeSet<&str> = samples
        .filter_map(name)
        .filter(|name| !name.is_empty())
        .collect();
    (!names.is_empty()).then(|| {
        names
            .into_iter()
            .take(NAMES_MAX)
            .collect::<Vec<_>>()
            .join(", ")
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn what_has_ended_is_told_as_over() {
        let mut verdict = example::category_two().headline;
        verdict.state = State::Ended;
        for (reason, wrong) in [
            (Reason::Reproducible, "fails every time"),
            (Reason::Novel, "keeps occurring"),
            (Reason::SustainedRise, "stays up."),
        ] {
            verdict.reason = reason;
            let text = case_text(&verdict);
            assert!(text.contains("ended") && !text.contains(wrong), "{text}");
        }
    }

    #[test]
    fn a_tenant_is_named_where_it_is_known() {
        let mut assessment = example::category_two();
        let tenant = |assessment: &_| {
            let all = facts(&example::input(assessment, &[]));
            let fact = all
                .into_iter()
                .find(|fact| fact.label == "Tenant or account");
            fact.expect("said").value
        };
        assert_eq!(tenant(&assessment), "acct-42");
        for sample in &mut assessment.samples {
            sample.tenant = None;
        }
        assert_eq!(tenant(&assessment), "unknown");
    }

    #[test]
    fn every_episode_of_the_range_is_listed() {
        let mut assessment = example::category_two();
        assert_eq!(others(&example::input(&assessment, &[])), None);
        let earlier = Verdict {
            onset: assessment.headline.onset.map(|at| at.plus_secs(-9_000)),
            end: assessment.headline.onset.map(|at| at.plus_secs(-3_600)),
            ..assessment.headline.clone()
        };
        assessment.episodes.insert(0, earlier);
        let table = others(&example::input(&assessment, &[])).expect("another");
        assert_eq!(table.rows.len(), 1);
    }
}
