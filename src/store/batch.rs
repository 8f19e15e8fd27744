//! Masked columns to an Arrow batch, without copying texts.

use std::sync::Arc;

use deltalake::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float32Array, Int16Array, Int64Array, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use deltalake::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use deltalake::arrow::datatypes::DataType;
use deltalake::arrow::error::ArrowError;
use deltalake::arrow::record_batch::RecordBatch;

use crate::mask::{Columns, Masked, TextColumn};
use crate::store::schema;

/// The batch of `exchanges`, with the partition column computed.
pub fn exchanges(masked: Masked) -> Result<RecordBatch, ArrowError> {
    let columns = masked.into_columns();
    let schema = schema::exchanges();
    let arrays = arrays(columns)?;
    // By name, so that the order of the schema is free.
    let ordered = schema
        .fields()
        .iter()
        .map(|field| take(&arrays, field.name()))
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema, ordered)
}

fn take(arrays: &[(&str, ArrayRef)], name: &str) -> Result<ArrayRef, ArrowError> {
    arrays
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, array)| Arc::clone(array))
        .ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))
}

fn arrays(c: Columns) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
    let (ids, calls) = c.ids();
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
        ("integration", text(c.integration)?),
        ("tenant", text(c.tenant)?),
        ("client", text(c.client)?),
        ("principal", text(c.principal)?),
        ("method", text(c.method)?),
        ("host", text(c.host)?),
        ("operation", text(c.operation)?),
        ("url", text(c.url)?),
        ("status", Arc::new(Int16Array::from(c.status))),
        (
            "status_source",
            names(c.status_source.iter().map(|source| source.name())),
        ),
        (
            "outcome",
            names(c.outcome.iter().map(|outcome| outcome.name())),
        ),
        ("error_code", text(c.error_code)?),
        ("error_message", text(c.error_message)?),
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

fn names<'n>(names: impl Iterator<Item = &'n str>) -> ArrayRef {
    Arc::new(names.map(Some).collect::<StringArray>())
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
