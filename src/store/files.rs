//! Rows of one date to a Parquet file in the table, and what the log says of it.
//!
//! Columns are encoded side by side by as many threads as there are; those of texts and numbers that come again by
//! `coded`, all others by the library's own writers. The library's table writer does the same for plain columns, but knows no numbered ones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use deltalake::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use deltalake::arrow::compute::{max, max_string, min, min_string};
use deltalake::arrow::datatypes::{
    DataType, Field, Int16Type, Schema, SchemaRef, TimestampMicrosecondType, UInt32Type,
};
use deltalake::kernel::Add;
use deltalake::parquet::arrow::ArrowSchemaConverter;
use deltalake::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use deltalake::parquet::basic::Compression;
use deltalake::parquet::errors::{ParquetError, Result};
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use deltalake::parquet::schema::types::ColumnDescPtr;
use deltalake::{DeltaTable, DeltaTableError, Path};
use object_store::ObjectStoreExt as _;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::model::share::{share, threads_for};
use crate::store::coded::{Chunk, Dense};
use crate::store::proof::{Found, Search};
use crate::store::schema;

/// Columns whose bounds the log tells, so that files are skipped.
const BOUNDED: [&str; 4] = ["ts", "window_start", "integration", "status"];

/// The name of the folder of rows without a date, as in every table that is partitioned this way.
const NO_DATE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A file that has not been written yet.
pub struct File {
    bytes: Bytes,
    add: Add,
}

impl File {
    /// Every original that a reader of it, or of what the log says of it, would find.
    pub fn search(&self, search: &Search<'_>) -> Result<BTreeSet<Found>> {
        let mut found = search.of_file(&self.bytes)?;
        found.append(&mut search.of_log(&self.add));
        Ok(found)
    }

    pub async fn write(self, table: &DeltaTable) -> std::result::Result<Add, DeltaTableError> {
        let path = Path::from(self.add.path.as_str());
        table.object_store().put(&path, self.bytes.into()).await?;
        Ok(self.add)
    }
}

/// The rows, all of one date, as one file of the table.
pub fn make(rows: &RecordBatch, properties: &WriterProperties) -> Result<File> {
    let dates = rows.column_by_name(schema::PARTITION);
    let date = dates.and_then(date_of);
    let file = without_date(rows)?;
    let bytes = Bytes::from(encode(&file, properties)?);
    let size = bytes.len() as i64;
    let folder = date.as_deref().unwrap_or(NO_DATE);
    let path = format!(
        "{}={folder}/part-{}.zstd.parquet",
        schema::PARTITION,
        Uuid::new_v4()
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let add = Add {
        path,
        size,
        partition_values: [(schema::PARTITION.to_owned(), date)].into_iter().collect(),
        modification_time: now.map_or(0, |now| now.as_millis() as i64),
        data_change: true,
        stats: Some(stats(&file).to_string()),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    };
    Ok(File { bytes, add })
}

fn date_of(dates: &ArrayRef) -> Option<String> {
    let days = dates.as_primitive::<deltalake::arrow::datatypes::Date32Type>();
    let day = days.iter().next()??;
    let date = DateTime::from_timestamp(i64::from(day) * 86_400, 0)?;
    Some(date.format("%Y-%m-%d").to_string())
}

/// The date stands in the path.
fn without_date(rows: &RecordBatch) -> Result<RecordBatch> {
    let mut rows = rows.clone();
    if let Ok(at) = rows.schema().index_of(schema::PARTITION) {
        rows.remove_column(at);
    }
    Ok(rows)
}

/// The schema that readers see: numbered texts are texts.
fn as_written(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Dictionary(_, values) => Field::new(field.name(), (**values).clone(), true),
        _ => field.as_ref().clone(),
    };
    Arc::new(Schema::new(
        schema.fields().iter().map(field).collect::<Vec<_>>(),
    ))
}

fn encode(rows: &RecordBatch, properties: &WriterProperties) -> Result<Vec<u8>> {
    let schema = as_written(&rows.schema());
    let parquet = ArrowSchemaConverter::new().convert(&schema)?;
    let properties = Arc::new(properties.clone());
    let mut file = SerializedFileWriter::new(
        Vec::new(),
        parquet.root_schema_ptr(),
        Arc::clone(&properties),
    )?;
    let factory = ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema));
    let writers = factory.create_column_writers(0)?;
    let columns = writers.into_iter().zip(rows.columns()).enumerate();
    let columns: Vec<Column<'_>> = columns
        .map(|(at, (writer, array))| Column {
            field: &schema.fields()[at],
            descr: parquet.column(at),
            array,
            writer,
        })
        .collect();
    let encoded = share(columns, threads_for(rows.num_rows()), |column| {
        column.encode(&properties)
    });
    let mut group = file.next_row_group()?;
    for column in encoded {
        column?.append_to(&mut group)?;
    }
    group.close()?;
    file.into_inner()
}

struct Column<'c> {
    field: &'c Arc<Field>,
    descr: ColumnDescPtr,
    array: &'c ArrayRef,
    writer: ArrowColumnWriter,
}

enum Encoded {
    Coded(Box<Chunk>),
    Plain(Box<ArrowColumnChunk>),
}

impl Encoded {
    fn append_to(self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<()> {
        match self {
            Self::Coded(chunk) => group.append_column(&chunk.bytes, chunk.close),
            Self::Plain(chunk) => chunk.append_to_row_group(group),
        }
    }
}

impl Column<'_> {
    fn encode(mut self, properties: &WriterProperties) -> Result<Encoded> {
        if let Some(dense) = self.dense(properties) {
            let Compression::ZSTD(level) = properties.compression(self.descr.path()) else {
                return Err(ParquetError::General(
                    "columns with a dictionary are written by zstd".to_owned(),
                ));
            };
            let chunk = dense.write(self.array.len(), self.array.nulls(), self.descr, level)?;
            return Ok(Encoded::Coded(Box::new(chunk)));
        }
        for leaf in compute_leaves(self.field, self.array)? {
            self.writer.write(&leaf)?;
        }
        Ok(Encoded::Plain(Box::new(self.writer.close()?)))
    }
}

impl Column<'_> {
    /// Its dictionary, where that is the way to write it.
    fn dense(&self, properties: &WriterProperties) -> Option<Dense> {
        if let Some(texts) = self.array.as_dictionary_opt::<UInt32Type>() {
            return Some(Dense::of_texts(texts));
        }
        let wanted = properties.dictionary_enabled(self.descr.path());
        wanted.then(|| Dense::of_numbers(self.array)).flatten()
    }
}

/// Rows, bounds and missing values, in the log's form.
fn stats(rows: &RecordBatch) -> Value {
    let (mut least, mut greatest, mut missing) = (Map::new(), Map::new(), Map::new());
    for name in BOUNDED {
        let Some(array) = rows.column_by_name(name) else {
            continue;
        };
        missing.insert(name.to_owned(), json!(array.null_count()));
        if let Some((low, high)) = bounds(array) {
            least.insert(name.to_owned(), low);
            greatest.insert(name.to_owned(), high);
        }
    }
    json!({
        "numRecords": rows.num_rows(),
        "minValues": least,
        "maxValues": greatest,
        "nullCount": missing,
    })
}

fn bounds(array: &ArrayRef) -> Option<(Value, Value)> {
    match array.data_type() {
        DataType::Int16 => {
            let numbers = array.as_primitive::<Int16Type>();
            Some((json!(min(numbers)?), json!(max(numbers)?)))
        }
        DataType::Timestamp(..) => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            Some((json!(instant(min(times)?)?), json!(instant(max(times)?)?)))
        }
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Some((json!(min_string(texts)?), json!(max_string(texts)?)))
        }
        DataType::Dictionary(..) => {
            let coded = array.as_dictionary::<UInt32Type>();
            let texts = coded.values().as_string::<i32>();
            let mut used = vec![false; texts.len()];
            coded
                .keys()
                .iter()
                .flatten()
                .for_each(|key| used[key as usize] = true);
            let all = || {
                (0..texts.len())
                    .filter(|at| used[*at])
                    .map(|at| texts.value(at))
            };
            Some((json!(all().min()?), json!(all().max()?)))
        }
        _ => None,
    }
}

fn instant(micros: i64) -> Option<String> {
    let at = DateTime::from_timestamp_micros(micros)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deltalake::arrow::array::{DictionaryArray, Int64Array, StringArray, UInt32Array};
    use deltalake::arrow::compute::{cast, concat_batches};
    use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use crate::store::table::exchange_properties;

    fn read(bytes: Vec<u8>) -> RecordBatch {
        let file = bytes::Bytes::from(bytes);
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
        let reader = reader.build().expect("readable");
        let batches: Vec<_> = reader.map(|batch| batch.expect("readable")).collect();
        concat_batches(&batches[0].schema(), &batches).expect("one schema")
    }

    /// Rows with a column of numbered texts, of which every seventh is missing, and one of numbers.
    fn rows(rows: u32, texts: u32) -> RecordBatch {
        let names = (0..texts).map(|n| format!("text {}", (n * 7_919) % texts));
        let names: ArrayRef = Arc::new(StringArray::from_iter_values(names));
        let key = |row: u32| (row % 7 != 3).then_some(row.wrapping_mul(2_654_435_761) % texts);
        let coded = DictionaryArray::new(UInt32Array::from_iter((0..rows).map(key)), names);
        let lines = Int64Array::from_iter_values((0..rows).map(i64::from));
        let columns: [(&str, ArrayRef, bool); 2] = [
            ("operation", Arc::new(coded), true),
            ("line", Arc::new(lines), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).expect("equal lengths")
    }

    #[test]
    fn numbered_texts_are_read_back_as_texts() {
        for (count, texts) in [(1, 1), (5, 1), (1_000, 2), (1_000, 900), (200_000, 40_000)] {
            let rows = rows(count, texts);
            let back = read(encode(&rows, &exchange_properties()).expect("encoded"));
            let expected = cast(rows.column(0), &DataType::Utf8).expect("texts");
            assert_eq!(back.column(0), &expected, "{count} {texts}");
            assert_eq!(back.column(1), rows.column(1), "{count} {texts}");
        }
    }

    #[test]
    fn numbers_that_come_again_are_read_back() {
        use deltalake::arrow::array::{Float64Array, Int16Array, TimestampMicrosecondArray};
        for (count, distinct) in [(1, 1), (1_000, 3), (1_000, 900), (150_000, 4_000)] {
            let number = |row: i64| (row * 7_919) % distinct - distinct / 2;
            let some = |row: i64| (row % 5 != 2).then(|| number(row));
            let rows = || 0..count;
            let times = TimestampMicrosecondArray::from_iter(rows().map(|n| some(n / 100)));
            let columns: [(&str, ArrayRef); 6] = [
                (
                    "status",
                    Arc::new(Int16Array::from_iter(rows().map(|n| Some(n as i16 % 6)))),
                ),
                (
                    "requests",
                    Arc::new(Int64Array::from_iter_values(rows().map(number))),
                ),
                (
                    "response_bytes",
                    Arc::new(Int64Array::from_iter(rows().map(some))),
                ),
                (
                    "limit_max",
                    Arc::new(Int64Array::from_iter(rows().map(|_| None::<i64>))),
                ),
                (
                    "duration_sum_ms",
                    Arc::new(Float64Array::from_iter_values(
                        rows().map(|n| number(n) as f64),
                    )),
                ),
                ("window_start", Arc::new(times.with_timezone("UTC"))),
            ];
            let columns = columns.map(|(name, column)| (name, column, true));
            let rows = RecordBatch::try_from_iter_with_nullable(columns).expect("equal lengths");
            let back = read(encode(&rows, &exchange_properties()).expect("encoded"));
            for (at, column) in rows.columns().iter().enumerate() {
                let back = cast(back.column(at), column.data_type()).expect("of one kind");
                assert_eq!(&back, column, "{count} {distinct} column {at}");
            }
        }
    }

    #[test]
    fn a_slice_is_written_without_the_rest() {
        let rows = rows(1_000, 900).slice(990, 10);
        let bytes = encode(&rows, &exchange_properties()).expect("encoded");
        assert!(bytes.len() < 2_000, "{}", bytes.len());
        let expected = cast(rows.column(0), &DataType::Utf8).expect("texts");
        assert_eq!(read(bytes).column(0), &expected);
    }

    #[test]
    fn the_log_tells_bounds() {
        let stats = stats(&rows(10, 3));
        assert_eq!(stats["numRecords"], 10);
        let named =
            RecordBatch::try_from_iter([("integration", Arc::clone(rows(10, 3).column(0)))]);
        let bounds = bounds(named.expect("one column").column(0)).expect("has texts");
        assert_eq!(bounds, (json!("text 0"), json!("text 2")));
    }
}
