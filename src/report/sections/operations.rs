//! Where it fails: the totals of each operation, most failures first.

use crate::model::assessment::OperationSummary;
use crate::model::digits::thousands;
use crate::report::block::{Block, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::{ROWS_MAX, ReportInput};
use crate::report::section::Section;
use crate::report::words;

pub const SECTION: Section = Section {
    id: "operations",
    title: "Operations",
    applies: |input| !input.assessment.operations.is_empty(),
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let mut operations: Vec<&OperationSummary> = input.assessment.operations.iter().collect();
    operations.sort_by(|a, b| {
        (failures(b), b.requests, &a.operation).cmp(&(failures(a), a.requests, &b.operation))
    });
    Ok(vec![Block::Table(Table {
        caption: "Totals in the range examined".to_owned(),
        columns: vec![
            ("operation", Kind::Code),
            ("calls", Kind::Number),
            ("5xx", Kind::Number),
            ("429", Kind::Number),
            ("no answer", Kind::Number),
            ("p95", Kind::Number),
        ],
        rows_left_out: operations.len().saturating_sub(ROWS_MAX),
        rows: operations.into_iter().take(ROWS_MAX).map(row).collect(),
    })])
}

fn failures(operation: &OperationSummary) -> u64 {
    operation
        .server_errors
        .saturating_add(operation.throttled)
        .saturating_add(operation.no_response)
}

fn row(operation: &OperationSummary) -> Vec<String> {
    let part = |n| words::part(n, operation.requests);
    vec![
        operation.operation.clone(),
        thousands(operation.requests),
        part(operation.server_errors),
        part(operation.throttled),
        part(operation.no_response),
        operation
            .duration_p95_ms
            .map_or_else(|| "–".to_owned(), words::millis),
    ]
}
