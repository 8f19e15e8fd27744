//! Sums of exchanges by the key of `rates`.
//!
//! Logs come nearly in the order of time, so the sums of the window in hand are few and stay in the processor's cache,
//! and sorting is done window by window.

use std::collections::BTreeMap;
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
use foldhash::fast::RandomState;

use crate::model::sketch::Sketch;
use crate::model::time::Timestamp;
use crate::model::window::BASE_WINDOW_S;
use crate::store::schema;

/// The columns of `exchanges` that are read.
pub const READ: [&str; 9] = [
    "ts",
    "integration",
    "operation",
    "client",
    "status",
    "status_source",
    "outcome",
    "final",
    "duration_ms",
];

/// A window begins with room for as many sums as the one before had, up to this many.
const USUAL_MAX: usize = 1_024;

/// The key inside its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// integration, operation, client, status source, outcome: numbers in `Sums::texts`.
    texts: [u32; 5],
    status: Option<i16>,
    is_final: bool,
}

impl Key {
    /// Sorts by the texts in the order of the columns, then by status and kind. `ranks` are those of the texts.
    fn order(&self, ranks: &[u32]) -> (u128, u64) {
        let [a, b, c, d, e] = self.texts.map(|number| ranks[number as usize]);
        let texts = [a, b, c, d].into_iter();
        let texts = texts.fold(0, |all, rank| all << 32 | u128::from(rank));
        // From no status on, in the order of numbers.
        let status = self.status.map_or(0, |status| {
            (i32::from(status) - i32::from(i16::MIN) + 1) as u64
        });
        (
            texts,
            u64::from(e) << 32 | status << 1 | u64::from(self.is_final),
        )
    }
}

/// Small, because many logs have as many keys as lines.
#[derive(Debug, Default)]
struct Sum {
    requests: i64,
    took: Option<Box<Took>>,
}

/// What the log tells of durations, if it does.
#[derive(Debug, Default)]
struct Took {
    sum_ms: f64,
    count: i64,
    durations: Sketch,
}

type Window = HashMap<Key, Sum, RandomState>;

#[derive(Debug, Default)]
pub struct Sums {
    /// By the window's start, in microseconds since 1970.
    windows: BTreeMap<i64, Window>,
    /// Sums in all windows, and in the last one that was added to.
    count: usize,
    usual: usize,
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
        let numbered = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8));
        let column = cast(column, &numbered)?;
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
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
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
        let duration = column("duration_ms")?.as_primitive::<Float32Type>();
        let window_of = |row| Timestamp::from_micros(ts.value(row)).floor(BASE_WINDOW_S);
        let mut row = 0;
        while row < batch.num_rows() {
            if ts.is_null(row) {
                row += 1;
                continue;
            }
            // The rows of one window mostly follow each other.
            let start = window_of(row);
            let usual = self.usual;
            let new = || Window::with_capacity_and_hasher(usual, RandomState::default());
            let window = self.windows.entry(start.micros()).or_insert_with(new);
            let before = window.len();
            while row < batch.num_rows() && ts.is_valid(row) && window_of(row) == start {
                let key = Key {
                    texts: std::array::from_fn(|at| texts[at][row]),
                    status: status.is_valid(row).then(|| status.value(row)),
                    is_final: is_final.value(row),
                };
                let took = duration.is_valid(row).then(|| duration.value(row));
                window.entry(key).or_default().add(took);
                row += 1;
            }
            self.count += window.len() - before;
            self.usual = window.len().min(USUAL_MAX);
        }
        Ok(())
    }

    /// `None` when there is nothing to tell.
    pub fn into_rates(self) -> Result<Option<RecordBatch>, ArrowError> {
        match self.count {
            0 => Ok(None),
            _ => self.into_batch().map(Some),
        }
    }

    /// Sorted, so that the same exchanges always give the same bytes.
    fn into_batch(self) -> Result<RecordBatch, ArrowError> {
        let ranks = self.texts.ranks();
        let mut rows: Vec<(i64, Key, Sum)> = Vec::with_capacity(self.count);
        let mut window = Vec::new();
        for (start, sums) in self.windows {
            window.extend(
                sums.into_iter()
                    .map(|(key, sum)| (key.order(&ranks), key, sum)),
            );
            window.sort_unstable_by_key(|(order, ..)| *order);
            rows.extend(window.drain(..).map(|(_, key, sum)| (start, key, sum)));
        }
        let texts = Arc::new(StringArray::from_iter_values(&self.texts.list));
        let text = |at: usize| numbered(rows.iter().map(|(_, k, _)| k.texts[at]), &texts);
        let kinds = Arc::new(StringArray::from_iter_values(["retried", "final"]));
        let starts = rows.iter().map(|(start, ..)| *start);
        let sums = || rows.iter().map(|(.., sum)| sum);
        let took = || sums().map(|sum| sum.took.as_deref());
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(starts.clone()).with_timezone("UTC"),
            ),
            Arc::new(Date32Array::from_iter_values(starts.map(schema::day))),
            text(0),
            text(1),
            text(2),
            Arc::new(Int16Array::from_iter(rows.iter().map(|(_, k, _)| k.status))),
            text(3),
            text(4),
            numbered(rows.iter().map(|(_, k, _)| u32::from(k.is_final)), &kinds),
            Arc::new(Int64Array::from_iter_values(sums().map(|s| s.requests))),
            Arc::new(Int64Array::from_iter_values(
                took().map(|took| took.map_or(0, |took| took.count)),
            )),
            Arc::new(Float64Array::from_iter_values(
                took().map(|took| took.map_or(0.0, |took| took.sum_ms)),
            )),
            Arc::new(BinaryArray::from_iter(
                took().map(|took| took.map(|took| took.durations.to_bytes())),
            )),
        ];
        let rates = schema::rates();
        let names = rates.fields().iter().map(|field| field.name());
        RecordBatch::try_from_iter_with_nullable(
            names.zip(arrays).map(|(name, array)| (name, array, true)),
        )
    }
}

impl Sum {
    fn add(&mut self, duration_ms: Option<f32>) {
        self.requests += 1;
        if let Some(ms) = duration_ms.map(f64::from) {
            let took = self.took.get_or_insert_default();
            took.count += 1;
            took.sum_ms += ms;
            took.durations.add(ms);
        }
    }
}

fn numbered(keys: impl Iterator<Item = u32>, texts: &Arc<StringArray>) -> ArrayRef {
    let texts: ArrayRef = Arc::<StringArray>::clone(texts);
    Arc::new(DictionaryArray::new(
        UInt32Array::from_iter_values(keys),
        texts,
    ))
}
