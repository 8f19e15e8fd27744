//! A caller's own question, and its answer as a table in the format asked for.

use std::io::{self, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::writer::{JsonArray, JsonFormat, LineDelimited};
use datafusion::arrow::json::{self, Writer};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::query::error::QueryError;
use crate::query::session::Session;

/// How rows are written for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Jsonl,
    Csv,
}

/// An answer whose columns are known only when it is there; there is one batch at least.
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

    pub fn titles(&self) -> Vec<String> {
        let first = self.0.first().map(RecordBatch::schema);
        let fields = first.iter().flat_map(|schema| schema.fields().iter());
        fields.map(|field| field.name().clone()).collect()
    }

    /// Every cell as text, row by row; as it stands in the table, so whoever shows it must make it harmless.
    pub fn texts(&self) -> Result<Vec<Vec<String>>, QueryError> {
        let failed = |error: ArrowError| QueryError::Unreadable(error.to_string());
        let options = FormatOptions::default();
        let mut rows = Vec::with_capacity(self.rows());
        for batch in &self.0 {
            let columns: Vec<ArrayFormatter<'_>> = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column, &options))
                .collect::<Result<_, _>>()
                .map_err(failed)?;
            let text = |row: usize| columns.iter().map(move |c| c.value(row).to_string());
            rows.extend((0..batch.num_rows()).map(|row| text(row).collect()));
        }
        Ok(rows)
    }

    pub fn write(&self, format: Format, out: impl Write) -> io::Result<()> {
        let mut out = Kept { out, error: None };
        let done = match format {
            Format::Json => self
                .write_json::<JsonArray>(&mut out)
                .and_then(|()| Ok(writeln!(out)?)),
            Format::Jsonl => self.write_json::<LineDelimited>(&mut out),
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().with_header(true).build(&mut out);
                self.0.iter().try_for_each(|batch| writer.write(batch))
            }
        };
        match out.error {
            Some(error) => Err(error),
            None => done.map_err(io::Error::other),
        }
    }

    /// A null is written out: a key that is not there would say that there is no such column.
    fn write_json<F: JsonFormat>(&self, out: impl Write) -> Result<(), ArrowError> {
        let builder = json::WriterBuilder::new().with_explicit_nulls(true);
        let mut writer: Writer<_, F> = builder.build(out);
        self.0.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    }
}

/// Keeps the error of a write as it is; Arrow's writers keep only its text, which cannot tell a closed pipe from a full
/// disk.
struct Kept<W> {
    out: W,
    error: Option<io::Error>,
}

impl<W: Write> Kept<W> {
    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let again = io::Error::from(error.kind());
            self.error = Some(error);
            again
        })
    }
}

impl<W: Write> Write for Kept<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.keep(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.keep(result)
    }
}
