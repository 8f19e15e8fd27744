//! The course of it: the chart, and the same in a table of a dozen steps for those who get the Markdown.

use crate::chart::{Mark, Point, Theme, TrendSpec, merge_rows, render_svg};
use crate::model::digits::thousands;
use crate::report::block::{Block, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::ReportInput;
use crate::report::section::{Section, always};
use crate::report::words;

/// Rows of the table: enough to see before and after, few enough to paste.
const STEPS_MAX: usize = 16;

pub const SECTION: Section = Section {
    id: "trend",
    title: "Trend",
    applies: always,
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let assessment = input.assessment;
    let title = format!("{}: share of failed calls", assessment.integration);
    let svg = render_svg(&TrendSpec {
        title: &title,
        rows: &assessment.trend,
        range: assessment.range,
        mark: Mark::of(&assessment.headline),
        width: 960,
        height: 380,
        theme: Theme::Light,
    })?;
    let points = merge_rows(&assessment.trend, assessment.range, STEPS_MAX);
    let mut blocks = vec![Block::Picture(svg)];
    if points.is_empty() {
        blocks.push(Block::Paragraph("No data in this range.".to_owned()));
    } else {
        blocks.push(Block::Table(table(&points)));
    }
    Ok(blocks)
}

fn table(points: &[Point]) -> Table {
    let step = points.first().map_or(0, |p| p.step_s);
    let shown = points.len().min(2 * STEPS_MAX);
    Table {
        caption: format!("Calls in steps of {}", words::duration(step.into())),
        columns: vec![
            ("from", Kind::Text),
            ("calls", Kind::Number),
            ("5xx", Kind::Number),
            ("429", Kind::Number),
            ("no answer", Kind::Number),
        ],
        rows: points.iter().take(shown).map(row).collect(),
        rows_left_out: points.len() - shown,
    }
}

fn row(point: &Point) -> Vec<String> {
    vec![
        words::time(point.start),
        thousands(point.requests),
        words::part(point.server_errors, point.requests),
        words::part(point.throttled, point.requests),
        words::part(point.no_response, point.requests),
    ]
}
