//! The columns of the tables, and the schema version that a store carries.
//!
//! Version 1. A change adds nullable columns at the end: old files then read as null there, old readers do not see
//! them. Anything else gets a new version, and a store of a newer version is refused with that reason.

use std::sync::Arc;

use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::model::time::MICROS_PER_SECOND;

pub const SCHEMA_VERSION: u32 = 1;

/// The table property that holds the version.
pub const SCHEMA_VERSION_KEY: &str = "tidemark.schemaVersion";

pub const EXCHANGES: &str = "exchanges";
pub const RATES: &str = "rates";

/// Both tables are partitioned by the date of the event.
pub const PARTITION: &str = "date";

fn ts() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind)| Field::new(*name, kind.clone(), true))
        .collect();
    Arc::new(Schema::new(fields))
}

/// One row an attempt; what the columns mean stands in the design's table of `exchanges`.
pub fn exchanges() -> SchemaRef {
    use DataType::{Boolean, Date32, Float32, Int16, Int64, Utf8};
    schema(&[
        ("ts", ts()),
        (PARTITION, Date32),
        ("integration", Utf8),
        ("status", Int16),
        ("operation", Utf8),
        ("outcome", Utf8),
        ("ts_kind", Utf8),
        ("id", Utf8),
        ("call_id", Utf8),
        ("attempt", Int16),
        ("final", Boolean),
        ("direction", Utf8),
        ("tenant", Utf8),
        ("client", Utf8),
        ("principal", Utf8),
        ("method", Utf8),
        ("host", Utf8),
        ("url", Utf8),
        ("status_source", Utf8),
        ("error_code", Utf8),
        ("error_message", Utf8),
        ("fingerprint", Int64),
        ("duration_ms", Float32),
        ("retry_after_s", Float32),
        ("limit_max", Int64),
        ("limit_remaining", Int64),
        ("limit_reset", ts()),
        ("request_id", Utf8),
        ("vendor_request_id", Utf8),
        ("trace_id", Utf8),
        ("idempotency_key", Utf8),
        ("request_bytes", Int64),
        ("response_bytes", Int64),
        ("request_headers", Utf8),
        ("request_body", Utf8),
        ("response_headers", Utf8),
        ("response_body", Utf8),
        ("raw", Utf8),
        ("source", Utf8),
        ("line", Int64),
        ("offset", Int64),
        ("ingested_at", ts()),
    ])
}

/// One row a minute × integration × operation × client × status × whose status × outcome × attempt kind. The same key
/// may stand in several rows (one for each roll-up that saw it); sums over them are right, and compaction joins them.
pub fn rates() -> SchemaRef {
    use DataType::{Binary, Date32, Float64, Int16, Int64, Utf8};
    schema(&[
        ("window_start", ts()),
        (PARTITION, Date32),
        ("integration", Utf8),
        ("operation", Utf8),
        ("client", Utf8),
        ("status", Int16),
        ("status_source", Utf8),
        ("outcome", Utf8),
        // `final`: the caller saw this answer; `retried`: another attempt followed inside the line.
        ("attempt_kind", Utf8),
        ("requests", Int64),
        ("duration_count", Int64),
        ("duration_sum_ms", Float64),
        // Model `Sketch` as bytes; mergeable.
        ("durations", Binary),
    ])
}

/// Ids that are made here, of hashes and numbers: no text of a log is in them.
const MADE_IDS: [&str; 2] = ["id", "call_id"];

/// Columns of ids that logs tell, which stay as they are: support finds a call by them.
const IDS: [&str; 4] = [
    "request_id",
    "vendor_request_id",
    "trace_id",
    "idempotency_key",
];

pub fn is_id(column: &str) -> bool {
    IDS.contains(&column)
}

pub fn is_made_id(column: &str) -> bool {
    MADE_IDS.contains(&column)
}

/// The partition of an instant: days since 1970.
pub fn day(micros: i64) -> i32 {
    let days = micros.div_euclid(86_400 * MICROS_PER_SECOND);
    days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}
