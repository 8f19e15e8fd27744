//! Exchanges to rates, version by version.
//!
//! Each roll-up commit notes the version of `exchanges` that it reaches, in the same commit, so after any crash the
//! next roll-up goes on exactly there. It adds the files that a version added; compaction adds none that count.

use std::collections::HashMap;
use std::sync::Arc;

use deltalake::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Date32Array, Float64Array, Int16Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use deltalake::arrow::datatypes::{Float32Type, Int16Type, TimestampMicrosecondType};
use deltalake::arrow::error::ArrowError;
use deltalake::kernel::Action;
use deltalake::logstore::get_actions;
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::{DeltaTable, DeltaTableError, ObjectStoreError, Path};
use object_store::ObjectStoreExt as _;

use crate::model::sketch::Sketch;
use crate::model::time::Timestamp;
use crate::model::window::BASE_WINDOW_S;
use crate::store::schema;

/// The columns of `exchanges` that a roll-up reads.
const READ: [&str; 8] = [
    "ts",
    "integration",
    "operation",
    "client",
    "status",
    "status_source",
    "outcome",
    "final",
];
const DURATION: &str = "duration_ms";

/// Files that versions `after + 1 ..= until` of the table added; all active ones when nothing was rolled up yet.
pub async fn added_files(
    table: &DeltaTable,
    after: Option<i64>,
    until: u64,
) -> Result<Vec<Path>, DeltaTableError> {
    let Some(after) = after else {
        return active_files(table);
    };
    let mut files = Vec::new();
    for version in (after as u64 + 1)..=until {
        let Some(bytes) = table.log_store().read_commit_entry(version).await? else {
            continue;
        };
        for action in get_actions(version, &bytes)? {
            if let Action::Add(add) = action
                && add.data_change
            {
                files.push(Path::from_url_path(&add.path).map_err(ObjectStoreError::from)?);
            }
        }
    }
    Ok(files)
}

fn active_files(table: &DeltaTable) -> Result<Vec<Path>, DeltaTableError> {
    Ok(table
        .snapshot()?
        .log_data()
        .iter()
        .map(|file| file.object_store_path())
        .collect())
}

/// Reads the files and sums them into one batch of `rates`; `None` when they hold nothing that has a time.
pub async fn summarise(
    table: &DeltaTable,
    files: &[Path],
) -> Result<Option<RecordBatch>, DeltaTableError> {
    let mut sums = Sums::default();
    let store = table.object_store();
    for file in files {
        let bytes = store.get(file).await?.bytes().await?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
        let wanted = READ.iter().chain([&DURATION]).copied();
        let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
        for batch in builder.with_projection(mask).build()? {
            sums.add(&batch?)?;
        }
    }
    if sums.rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(sums.into_batch()?))
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    window_start: i64,
    /// integration, operation, client, status source, outcome: numbers in `Sums::texts`.
    texts: [u32; 5],
    status: Option<i16>,
    is_final: bool,
}

#[derive(Default)]
struct Sum {
    requests: i64,
    duration_sum_ms: f64,
    duration_count: i64,
    durations: Sketch,
}

#[derive(Default)]
struct Sums {
    rows: HashMap<Key, Sum>,
    texts: Texts,
}

/// Texts as numbers, so that a key is small and equal texts are compared once.
#[derive(Default)]
struct Texts {
    numbers: HashMap<String, u32>,
    list: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.list.len() as u32;
        self.list.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

impl Sums {
    fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| ArrowError::SchemaError(format!("a file of exchanges lacks {name}")))
        };
        let ts = column("ts")?.as_primitive::<TimestampMicrosecondType>();
        let texts = [
            column("integration")?.as_string::<i32>(),
            column("operation")?.as_string::<i32>(),
            column("client")?.as_string::<i32>(),
            column("status_source")?.as_string::<i32>(),
            column("outcome")?.as_string::<i32>(),
        ];
        let status = column("status")?.as_primitive::<Int16Type>();
        let is_final = column("final")?.as_boolean();
        let duration = column(DURATION)?.as_primitive::<Float32Type>();
        for row in 0..batch.num_rows() {
            if ts.is_null(row) {
                continue;
            }
            let key = Key {
                window_start: Timestamp::from_micros(ts.value(row))
                    .floor(BASE_WINDOW_S)
                    .micros(),
                texts: texts.map(|t| {
                    self.texts
                        .number(if t.is_null(row) { "" } else { t.value(row) })
                }),
                status: status.is_valid(row).then(|| status.value(row)),
                is_final: is_final.value(row),
            };
            let sum = self.rows.entry(key).or_default();
            sum.requests += 1;
            if duration.is_valid(row) {
                let ms = f64::from(duration.value(row));
                sum.duration_count += 1;
                sum.duration_sum_ms += ms;
                sum.durations.add(ms);
            }
        }
        Ok(())
    }

    /// Sorted, so that the same exchanges always give the same bytes.
    fn into_batch(self) -> Result<RecordBatch, ArrowError> {
        let mut rows: Vec<(Key, Sum)> = self.rows.into_iter().collect();
        let list = &self.texts.list;
        let name = |number: u32| list[number as usize].as_str();
        rows.sort_by(|(a, _), (b, _)| {
            let order = |k: &Key| (k.window_start, k.texts.map(name), k.status, k.is_final);
            order(a).cmp(&order(b))
        });
        let text = |at: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(
                rows.iter().map(|(k, _)| name(k.texts[at])),
            ))
        };
        let windows = rows.iter().map(|(k, _)| k.window_start);
        let kind = |k: &Key| if k.is_final { "final" } else { "retried" };
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(windows.clone()).with_timezone("UTC"),
            ),
            Arc::new(Date32Array::from_iter_values(windows.map(schema::day))),
            text(0),
            text(1),
            text(2),
            Arc::new(Int16Array::from_iter(rows.iter().map(|(k, _)| k.status))),
            text(3),
            text(4),
            Arc::new(StringArray::from_iter_values(
                rows.iter().map(|(k, _)| kind(k)),
            )),
            Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|(_, s)| s.requests),
            )),
            Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|(_, s)| s.duration_count),
            )),
            Arc::new(Float64Array::from_iter_values(
                rows.iter().map(|(_, s)| s.duration_sum_ms),
            )),
            Arc::new(BinaryArray::from_iter(rows.iter().map(|(_, s)| {
                (!s.durations.is_empty()).then(|| s.durations.to_bytes())
            }))),
        ];
        RecordBatch::try_new(schema::rates(), arrays)
    }
}
