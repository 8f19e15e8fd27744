//! Why the verdict is what it is, and whether it could be our own doing: the numbers before and since, side by side.

use crate::model::digits::thousands;
use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::Verdict;
use crate::model::window::{Counts, RateRow};
use crate::report::block::{Block, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::{ROWS_MAX, ReportInput};
use crate::report::section::{Section, always};
use crate::report::words;

pub const SECTION: Section = Section {
    id: "why",
    title: "Why this verdict, and what was ruled out",
    applies: always,
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let verdict = &input.assessment.headline;
    let mut blocks = Vec::new();
    if !verdict.why.is_empty() {
        blocks.push(Block::List(verdict.why.clone()));
    }
    if let Some(clears) = &verdict.clears_when {
        blocks.push(Block::Paragraph(format!(
            "What would change this verdict: {clears}"
        )));
    }
    blocks.extend(before_and_since(input));
    if input.assessment.verdicts.len() > 1 {
        blocks.push(Block::Table(all_verdicts(&input.assessment.verdicts)));
    }
    Ok(blocks)
}

/// Our burst, our own throttling, our wrong calls: each has a row whose two numbers a reader can compare.
fn before_and_since(input: &ReportInput<'_>) -> Vec<Block> {
    let range = input.assessment.range;
    let Some(onset) = input
        .assessment
        .headline
        .onset
        .filter(|at| range.contains(*at))
    else {
        return Vec::new();
    };
    let end = input
        .assessment
        .headline
        .end
        .unwrap_or(range.until)
        .min(range.until);
    let rows = &input.assessment.trend;
    // The window in which it began belongs to what came since.
    let (old, new): (Vec<&RateRow>, Vec<&RateRow>) = rows.iter().partition(|r| end_of(r) <= onset);
    let before = Side::new(&old, range);
    let since = Side::new(
        &new,
        TimeRange {
            until: end,
            ..range
        },
    );
    if before.counts.requests == 0 || since.counts.requests == 0 {
        return Vec::new();
    }
    let text = "Could it be ourselves? A burst of calls, a hop of ours that throttles, or wrong calls (4xx: an expired \
                token, say) would show here. Not examined here: other vendors in the same minutes.";
    vec![
        Block::Paragraph(text.to_owned()),
        Block::Table(compare(&before, &since)),
    ]
}

struct Side {
    counts: Counts,
    minutes: f64,
}

fn end_of(row: &RateRow) -> Timestamp {
    row.window_start.plus_secs(i64::from(row.window_s))
}

impl Side {
    fn new(rows: &[&RateRow], range: TimeRange) -> Self {
        let (mut counts, mut secs) = (Counts::default(), 0);
        let within = |row: &&&RateRow| range.overlaps(row.window_start, row.window_s);
        for row in rows.iter().filter(within) {
            counts += row.counts();
            let from = row.window_start.max(range.since);
            secs += end_of(row).min(range.until).secs_since(from);
        }
        Self {
            counts,
            minutes: (secs as f64 / 60.0).max(1.0),
        }
    }

    fn calls_per_minute(&self) -> String {
        format!("{:.1}", self.counts.requests as f64 / self.minutes)
    }
}

fn compare(before: &Side, since: &Side) -> Table {
    let row = |name: &str, part: fn(&Counts) -> u64| {
        let word = |side: &Side| words::part_of(part(&side.counts), side.counts.requests);
        vec![name.to_owned(), word(before), word(since)]
    };
    let local = |side: &Side| thousands(side.counts.throttled_local);
    Table {
        caption: "Before it began, and since".to_owned(),
        columns: vec![
            ("", Kind::Text),
            ("before", Kind::Number),
            ("since", Kind::Number),
        ],
        rows: vec![
            vec![
                "calls per minute".to_owned(),
                before.calls_per_minute(),
                since.calls_per_minute(),
            ],
            row("5xx", |c| c.server_errors),
            row("429 by the vendor", |c| c.throttled),
            row("no answer", |c| c.no_response),
            row("other 4xx", |c| c.client_errors),
            vec![
                "throttled by a hop of ours (not counted above)".to_owned(),
                local(before),
                local(since),
            ],
        ],
        rows_left_out: 0,
    }
}

fn all_verdicts(verdicts: &[Verdict]) -> Table {
    Table {
        caption: "Every series judged, as of the end of the range".to_owned(),
        columns: vec![
            ("series", Kind::Code),
            ("failing as", Kind::Text),
            ("verdict", Kind::Text),
            ("failures", Kind::Number),
            ("usual", Kind::Number),
            ("rise", Kind::Number),
        ],
        rows: verdicts.iter().take(ROWS_MAX).map(verdict_row).collect(),
        rows_left_out: verdicts.len().saturating_sub(ROWS_MAX),
    }
}

fn verdict_row(verdict: &Verdict) -> Vec<String> {
    let dash = || "–".to_owned();
    vec![
        words::series(verdict),
        verdict.series.class.name().to_owned(),
        verdict_words(verdict),
        words::part_of(verdict.failures, verdict.requests),
        verdict.baseline_rate.map_or_else(dash, words::percent),
        verdict.rise_factor.map_or_else(dash, words::factor),
    ]
}

fn verdict_words(verdict: &Verdict) -> String {
    let (category, reason) = (verdict.category.title(), words::reason(verdict.reason));
    if category == reason {
        return category.to_owned();
    }
    format!("{category} ({reason})")
}
