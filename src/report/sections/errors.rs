//! What the failures say: one row a kind of error, with its first and last sight.

use crate::model::assessment::ErrorKind;
use crate::model::digits::thousands;
use crate::report::block::{Block, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::{ROWS_MAX, ReportInput};
use crate::report::section::Section;
use crate::report::words;

pub const SECTION: Section = Section {
    id: "errors",
    title: "Errors",
    applies: |input| !input.assessment.errors.is_empty(),
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let errors = &input.assessment.errors;
    Ok(vec![Block::Table(Table {
        caption: "Kinds of error, told apart by status, code and the wording of the message"
            .to_owned(),
        columns: vec![
            ("error", Kind::Code),
            ("operation", Kind::Code),
            ("count", Kind::Number),
            ("share of failures", Kind::Number),
            ("first seen", Kind::Text),
            ("last seen", Kind::Text),
            ("new", Kind::Text),
        ],
        rows: errors.iter().take(ROWS_MAX).map(row).collect(),
        rows_left_out: errors.len().saturating_sub(ROWS_MAX),
    })])
}

fn row(error: &ErrorKind) -> Vec<String> {
    vec![
        name(error),
        error.operation.clone(),
        thousands(error.count),
        error.share.map_or_else(|| "–".to_owned(), words::percent),
        words::time(error.first_seen),
        words::time(error.last_seen),
        if error.new { "NEW" } else { "" }.to_owned(),
    ]
}

fn name(error: &ErrorKind) -> String {
    let status = error
        .status
        .map_or_else(|| "no status".to_owned(), |s| s.to_string());
    [
        Some(status),
        error.error_code.clone(),
        error.template.clone(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}
