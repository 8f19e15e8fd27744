//! Exchanges to rates, version by version.
//!
//! Each roll-up commit notes the version of `exchanges` that it reaches, in the same commit, so after any crash the
//! next roll-up goes on exactly there. It adds the files that a version added; compaction adds none that count.

use std::collections::HashMap;
use std::sync::Arc;

use deltalake::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Date32Array, DictionaryArray, Float64Array, Int16Array,
    Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{
    DataType, Float32Type, Int16Type, TimestampMicrosecondType, UInt32Type,
};
use deltalake::arrow::error::ArrowError;
use deltalake::kernel::Action;
use deltalake::logstore::get_actions;
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::{DeltaTable, DeltaTableError, ObjectStoreError, Path};
use foldhash::fast::RandomState;
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

/// Texts as the rows in hand have them.
fn numbered() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8))
}

/// Sums that are enough for one commit; those of one more version of `exchanges` may come on top.
const KEYS_MAX: usize = 250_000;

/// What one commit of `rates` adds.
pub struct Step {
    /// `None` when the versions hold nothing that has a time.
    pub rates: Option<RecordBatch>,
    /// The version of `exchanges` up to which it goes.
    pub reached: u64,
}

/// Sums of commits that this process made, taken while their rows were in hand.
#[derive(Debug)]
pub struct Fresh {
    /// The version of `exchanges` behind which it begins.
    pub from: u64,
    pub reached: u64,
    sums: Sums,
}

impl Fresh {
    pub fn new(from: u64) -> Self {
        Self {
            from,
            reached: from,
            sums: Sums::default(),
        }
    }

    /// `None` for a commit without rows.
    pub fn add(&mut self, version: u64, batch: Option<&RecordBatch>) -> Result<(), ArrowError> {
        self.reached = version;
        batch.map_or(Ok(()), |batch| self.sums.add(batch))
    }

    pub fn is_full(&self) -> bool {
        self.sums.rows.len() >= KEYS_MAX
    }

    /// Nobody rolls up; what is let go of is read again from the files.
    pub fn is_overfull(&self) -> bool {
        self.sums.rows.len() >= 4 * KEYS_MAX
    }

    pub fn into_step(self) -> Result<Step, ArrowError> {
        Ok(Step {
            rates: self.sums.into_rates()?,
            reached: self.reached,
        })
    }
}

/// Sums the versions behind `done`, as many as make one commit.
pub async fn summarise(
    table: &DeltaTable,
    done: u64,
    current: u64,
) -> Result<Step, DeltaTableError> {
    let mut sums = Sums::default();
    let mut reached = done;
    while reached < current && sums.rows.len() < KEYS_MAX {
        let next = reached + 1;
        match added_files(table, next).await? {
            Some(files) => {
                sums.add_files(table, &files).await?;
                reached = next;
            }
            // The log keeps entries for a month at least, and checkpoints hold what came before. Nothing is summed yet
            // of an older table, or `rates` would know.
            None if done == 0 && sums.rows.is_empty() => {
                sums.add_files(table, &active_files(table)?).await?;
                reached = current;
            }
            None => {
                return Err(DeltaTableError::generic(format!(
                    "version {next} is missing in the log of exchanges, and rates need it"
                )));
            }
        }
    }
    let rates = sums.into_rates()?;
    Ok(Step { rates, reached })
}

/// Files that a version of the table added; `None` when its log entry is gone.
async fn added_files(
    table: &DeltaTable,
    version: u64,
) -> Result<Option<Vec<Path>>, DeltaTableError> {
    let Some(bytes) = table.log_store().read_commit_entry(version).await? else {
        return Ok(None);
    };
    let mut files = Vec::new();
    for action in get_actions(version, &bytes)? {
        if let Action::Add(add) = action
            && add.data_change
        {
            files.push(Path::from_url_path(&add.path).map_err(ObjectStoreError::from)?);
        }
    }
    Ok(Some(files))
}

fn active_files(table: &DeltaTable) -> Result<Vec<Path>, DeltaTableError> {
    Ok(table
        .snapshot()?
        .log_data()
        .iter()
        .map(|file| file.object_store_path())
        .collect())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    window_start: i64,
    /// integration, operation, client, status source, outcome: numbers in `Sums::texts`.
    texts: [u32; 5],
    status: Option<i16>,
    is_final: bool,
}

#[derive(Debug, Default)]
struct Sum {
    requests: i64,
    duration_sum_ms: f64,
    duration_count: i64,
    durations: Sketch,
}

#[derive(Debug, Default)]
struct Sums {
    rows: HashMap<Key, Sum, RandomState>,
    texts: Texts,
}

/// Texts as numbers, so that a key is small and equal texts are compared once.
#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<String, u32, RandomState>,
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

    /// The number of each row's text; a missing one counts as empty.
    fn numbers_of(&mut self, column: &ArrayRef) -> Result<Vec<u32>, ArrowError> {
        let column = cast(column, &numbered())?;
        let column = column.as_dictionary::<UInt32Type>();
        let texts = column.values().as_string::<i32>();
        let mut known = vec![None; texts.len()];
        let none = self.number("");
        let keys = column.keys().iter();
        Ok(keys
            .map(|key| match key.map(|key| key as usize) {
                None => none,
                Some(at) => *known[at].get_or_insert_with(|| self.number(texts.value(at))),
            })
            .collect())
    }

    /// The place of each number in the order of the texts.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.list.len() as u32).collect();
        order.sort_unstable_by_key(|number| &self.list[*number as usize]);
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0..).zip(order) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

impl Sums {
    async fn add_files(
        &mut self,
        table: &DeltaTable,
        files: &[Path],
    ) -> Result<(), DeltaTableError> {
        let store = table.object_store();
        for file in files {
            let bytes = store.get(file).await?.bytes().await?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
            let wanted = READ.iter().chain([&DURATION]).copied();
            let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
            for batch in builder.with_projection(mask).build()? {
                self.add(&batch?)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| ArrowError::SchemaError(format!("a file of exchanges lacks {name}")))
        };
        let ts = column("ts")?.as_primitive::<TimestampMicrosecondType>();
        let texts = [
            self.texts.numbers_of(column("integration")?)?,
            self.texts.numbers_of(column("operation")?)?,
            self.texts.numbers_of(column("client")?)?,
            self.texts.numbers_of(column("status_source")?)?,
            self.texts.numbers_of(column("outcome")?)?,
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
                texts: std::array::from_fn(|at| texts[at][row]),
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

    fn into_rates(self) -> Result<Option<RecordBatch>, ArrowError> {
        match self.rows.is_empty() {
            true => Ok(None),
            false => self.into_batch().map(Some),
        }
    }

    /// Sorted, so that the same exchanges always give the same bytes.
    fn into_batch(self) -> Result<RecordBatch, ArrowError> {
        let mut rows: Vec<(Key, Sum)> = self.rows.into_iter().collect();
        let ranks = self.texts.ranks();
        let rank = |number: u32| ranks[number as usize];
        rows.sort_unstable_by_key(|(k, _)| {
            (k.window_start, k.texts.map(rank), k.status, k.is_final)
        });
        let names: ArrayRef = Arc::new(StringArray::from_iter_values(&self.texts.list));
        let text = |at: usize| -> ArrayRef {
            let keys = rows.iter().map(|(k, _)| k.texts[at]);
            Arc::new(DictionaryArray::new(
                UInt32Array::from_iter_values(keys),
                Arc::clone(&names),
            ))
        };
        let windows = rows.iter().map(|(k, _)| k.window_start);
        let kinds: ArrayRef = Arc::new(DictionaryArray::new(
            UInt32Array::from_iter_values(rows.iter().map(|(k, _)| u32::from(k.is_final))),
            Arc::new(StringArray::from_iter_values(["retried", "final"])),
        ));
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
            kinds,
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
        let rates = schema::rates();
        let names = rates.fields().iter().map(|field| field.name());
        RecordBatch::try_from_iter_with_nullable(
            names.zip(arrays).map(|(name, array)| (name, array, true)),
        )
    }
}
