//! A caller's own question, and its answer as a table in the format asked for.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::json::{ArrayWriter, LineDelimitedWriter};
use datafusion::arrow::util::pretty::pretty_format_batches;

use crate::query::error::QueryError;
use crate::query::session::Session;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
    Markdown,
}

/// An answer whose columns are known only when it is there.
pub struct Table(Vec<RecordBatch>);

impl Session {
    pub async fn run_sql(&self, sql: &str) -> Result<Table, QueryError> {
        self.ask_read_only(sql).await.map(Table)
    }
}

impl Table {
    pub fn rows(&self) -> usize {
        self.0.iter().map(RecordBatch::num_rows).sum()
    }

    pub fn write(&self, format: Format, mut out: impl Write) -> Result<(), QueryError> {
        let failed =
            |error: datafusion::arrow::error::ArrowError| QueryError::Unreadable(error.to_string());
        let io = |error: std::io::Error| QueryError::Unreadable(error.to_string());
        let batches: Vec<&RecordBatch> = self.0.iter().collect();
        match format {
            Format::Json => {
                let mut writer = ArrayWriter::new(&mut out);
                writer
                    .write_batches(&batches)
                    .and_then(|()| writer.finish())
                    .map_err(failed)?;
                writeln!(out).map_err(io)
            }
            Format::Jsonl => {
                let mut writer = LineDelimitedWriter::new(&mut out);
                writer
                    .write_batches(&batches)
                    .and_then(|()| writer.finish())
                    .map_err(failed)
            }
            Format::Csv => {
                let mut writer = WriterBuilder::new().with_header(true).build(&mut out);
                batches
                    .iter()
                    .try_for_each(|batch| writer.write(batch))
                    .map_err(failed)
            }
            Format::Table | Format::Markdown => {
                let text = pretty_format_batches(&self.0).map_err(failed)?.to_string();
                let text = if format == Format::Markdown {
                    markdown(&text)
                } else {
                    text
                };
                writeln!(out, "{text}").map_err(io)
            }
        }
    }
}

/// The drawn table without its top and bottom rule, and with a rule that Markdown knows.
fn markdown(drawn: &str) -> String {
    let lines: Vec<&str> = drawn.lines().collect();
    let inner = lines
        .get(1..lines.len().saturating_sub(1))
        .unwrap_or_default();
    let as_rule = |line: &&str| {
        if line.starts_with('+') {
            line.replace('+', "|")
        } else {
            (*line).to_owned()
        }
    };
    inner.iter().map(as_rule).collect::<Vec<_>>().join("\n")
}
