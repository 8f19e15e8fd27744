//! Masked columns to an Arrow batch, without copying texts.

use std::sync::Arc;

use deltalake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Float32Array, Int16Array,
    Int64Array, StringArray, TimestampMicrosecondArray, UInt32Array, new_null_array,
};
use deltalake::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use deltalake::arrow::datatypes::{DataType, UInt32Type};
use deltalake::arrow::error::ArrowError;
use deltalake::arrow::record_batch::RecordBatch;

use crate::mask::{Code, Coded, Columns, Lexicon, MISSING, Masked, TextColumn};
use crate::store::schema;

/// The batch of `exchanges`, with the partition column computed. Texts that come again are numbered, so its schema is
/// not quite that of the table.
pub fn exchanges(masked: Masked) -> Result<RecordBatch, ArrowError> {
    let (columns, lexicon) = masked.into_columns();
    let arrays = arrays(columns, &lexicon)?;
    // By name, so that the order of the schema is free.
    let fields = schema::exchanges();
    let ordered = fields.fields().iter().map(|field| {
        let array = take(&arrays, field.name())?;
        Ok((field.name(), array, true))
    });
    let ordered = ordered.collect::<Result<Vec<_>, ArrowError>>()?;
    RecordBatch::try_from_iter_with_nullable(ordered)
}

/// Approximate size on the heap. The columns of numbered texts share their texts, which count once.
pub fn bytes(batch: &RecordBatch) -> usize {
    let mut texts = 0;
    let mut columns = 0;
    for column in batch.columns() {
        columns += match column.as_dictionary_opt::<UInt32Type>() {
            Some(numbered) => {
                texts = texts.max(numbered.values().get_array_memory_size());
                numbered.keys().get_array_memory_size()
            }
            None => column.get_array_memory_size(),
        };
    }
    columns + texts
}

fn take(arrays: &[(&str, ArrayRef)], name: &str) -> Result<ArrayRef, ArrowError> {
    arrays
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, array)| Arc::clone(array))
        .ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))
}

fn arrays(c: Columns, lexicon: &Lexicon) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
    let (ids, calls) = c.ids();
    let used = Used::new(&c, lexicon)?;
    let date = Date32Array::from_iter(c.ts.iter().map(|ts| ts.map(schema::day)));
    Ok(vec![
        ("ts", times(c.ts)),
        (schema::PARTITION, Arc::new(date)),
        ("ts_kind", names(c.ts_kind.iter().map(|kind| kind.name()))),
        ("id", text(ids)?),
        ("call_id", text(calls)?),
        ("attempt", Arc::new(Int16Array::from(c.attempt))),
        ("final", Arc::new(BooleanArray::from(c.final_))),
        ("direction", names(c.direction.iter().map(|d| d.name()))),
        ("integration", used.column(&c.integration)?),
        ("tenant", used.column(&c.tenant)?),
        ("client", used.column(&c.client)?),
        ("principal", used.column(&c.principal)?),
        ("method", used.column(&c.method)?),
        ("host", used.column(&c.host)?),
        ("operation", used.column(&c.operation)?),
        ("url", used.column(&c.url)?),
        ("status", Arc::new(Int16Array::from(c.status))),
        (
            "status_source",
            names(c.status_source.iter().map(|source| source.name())),
        ),
        (
            "outcome",
            names(c.outcome.iter().map(|outcome| outcome.name())),
        ),
        ("error_code", used.column(&c.error_code)?),
        ("error_message", used.column(&c.error_message)?),
        (
            "fingerprint",
            Arc::new(Int64Array::from(c.fingerprint.into_values())),
        ),
        (
            "duration_ms",
            Arc::new(Float32Array::from(c.duration_ms.into_values())),
        ),
        (
            "retry_after_s",
            Arc::new(Float32Array::from(c.retry_after_s.into_values())),
        ),
        (
            "limit_max",
            Arc::new(Int64Array::from(c.limit_max.into_values())),
        ),
        (
            "limit_remaining",
            Arc::new(Int64Array::from(c.limit_remaining.into_values())),
        ),
        ("limit_reset", times(c.limit_reset.into_values())),
        ("request_id", text(c.request_id)?),
        ("vendor_request_id", text(c.vendor_request_id)?),
        ("trace_id", text(c.trace_id)?),
        ("idempotency_key", text(c.idempotency_key)?),
        (
            "request_bytes",
            Arc::new(Int64Array::from(c.request_bytes.into_values())),
        ),
        (
            "response_bytes",
            Arc::new(Int64Array::from(c.response_bytes.into_values())),
        ),
        ("request_headers", text(c.request_headers)?),
        ("request_body", text(c.request_body)?),
        ("response_headers", text(c.response_headers)?),
        ("response_body", text(c.response_body)?),
        ("raw", text(c.raw)?),
        ("source", names(c.source.iter().map(|source| &**source))),
        ("line", Arc::new(Int64Array::from(c.line))),
        ("offset", Arc::new(Int64Array::from(c.offset))),
        (
            "ingested_at",
            times(c.ingested_at.iter().copied().map(Some).collect()),
        ),
    ])
}

fn times(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
}

/// Stands for a text that no row uses.
const UNUSED: u32 = u32::MAX;

/// The texts that the rows use of a lexicon, and their numbers among these.
struct Used {
    numbers: Vec<u32>,
    texts: ArrayRef,
}

impl Used {
    fn new(columns: &Columns, lexicon: &Lexicon) -> Result<Self, ArrowError> {
        let mut numbers = vec![UNUSED; lexicon.highest() as usize + 1];
        let mut used: Vec<Code> = Vec::new();
        for code in columns.coded().into_iter().flat_map(Coded::iter) {
            let number = &mut numbers[code as usize];
            if *number == UNUSED && code != MISSING {
                *number = used.len() as u32;
                used.push(code);
            }
        }
        let (bytes, ends) = lexicon.texts(&used);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        let texts = StringArray::try_new(offsets, Buffer::from_vec(bytes.into_bytes()), None)?;
        Ok(Self {
            numbers,
            texts: Arc::new(texts),
        })
    }

    fn column(&self, column: &Coded) -> Result<ArrayRef, ArrowError> {
        // A missing one has no number, and what its place holds is never looked at.
        let number = |code: Code| match self.numbers[code as usize] {
            UNUSED => 0,
            number => number,
        };
        let keys: Vec<u32> = column.iter().map(number).collect();
        let some_missing = column.iter().any(|code| code == MISSING);
        let nulls = some_missing.then(|| column.iter().map(|code| code != MISSING).collect());
        let keys = UInt32Array::new(keys.into(), nulls);
        Ok(Arc::new(DictionaryArray::try_new(
            keys,
            Arc::clone(&self.texts),
        )?))
    }
}

/// Of a few names, each row's. Equal ones mostly follow each other.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> ArrayRef {
    let mut known: Vec<&str> = Vec::new();
    let mut last = 0;
    let keys = names.map(|name| {
        if !known
            .get(last)
            .is_some_and(|known| std::ptr::eq(*known, name))
        {
            last = known
                .iter()
                .position(|known| *known == name)
                .unwrap_or(known.len());
            if last == known.len() {
                known.push(name);
            }
        }
        last as u32
    });
    let keys = UInt32Array::from_iter_values(keys);
    Arc::new(DictionaryArray::new(
        keys,
        Arc::new(StringArray::from_iter_values(known)),
    ))
}

fn text(column: TextColumn) -> Result<ArrayRef, ArrowError> {
    if column.is_missing() {
        return Ok(new_null_array(&DataType::Utf8, column.len()));
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(column.ends));
    let nulls = column.valid.map(NullBuffer::from);
    Ok(Arc::new(StringArray::try_new(
        offsets,
        Buffer::from_vec(column.bytes),
        nulls,
    )?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{MaskKey, Masker, Row, Settings};
    use crate::model::exchange::Exchange;
    use crate::model::time::Timestamp;

    #[test]
    fn a_small_batch_is_small_whatever_was_masked_before() {
        let masker = Masker::new(MaskKey::from_bytes([9; 32]), Settings::default());
        let masker = masker.expect("valid settings");
        let bytes_of = |rows: u32| {
            let mut batch = masker.batch();
            let row = Row {
                source: "a",
                source_id: "s",
                ingested_at: Timestamp::from_secs(5),
                keep_content: false,
            };
            for n in 0..rows {
                let path = format!("/long/enough/to/weigh/something/{rows}/{n}");
                let exchange = Exchange {
                    path: path.into(),
                    ..Exchange::default()
                };
                batch.push(&exchange, &row);
            }
            bytes(&exchanges(batch.finish()).expect("a batch"))
        };
        let one = bytes_of(1);
        assert!(bytes_of(20_000) > 2_000_000);
        assert!(bytes_of(1) <= one + 100, "{one} and {}", bytes_of(1));
    }
}
