//! What log shippers push: bodies of their protocols to log lines, and OpenTelemetry's spans to exchanges.
//!
//! Each protocol has one function from a body (already inflated) to its entries, in order. HTTP routes call it and
//! answer as the protocol wants; `saved` and `otlp::file` read the same bodies from files. Nothing here knows HTTP,
//! tokens or where entries are kept.
//!
//! | protocol | function |
//! |---|---|
//! | Splunk HEC | [`hec::decode_events`], [`hec::decode_raw`] |
//! | Loki push | [`loki::decode_json`], [`loki::decode_snappy`] |
//! | Elasticsearch `_bulk` | [`bulk::decode`], which gives an item for each action |
//! | Fluent Bit http, Vector http, Datadog, GELF | [`fluent_bit::decode`], [`vector::decode`], [`datadog::decode`], [`gelf::decode`] |
//! | Firehose, CloudWatch subscription | [`firehose::decode`], [`cloudwatch::decode`] |
//! | OTLP/HTTP | [`otlp::read_traces`], [`otlp::decode_logs`]; [`otlp::answer`] for the way back |
//!
//! Then [`inner::EntryReader`] reads the entries' texts by whatever line format they turn out to have.

pub mod bulk;
pub mod bulk_lines;
pub mod cloudwatch;
pub mod datadog;
mod entry;
#[cfg(test)]
mod examples;
pub mod firehose;
pub mod fluent_bit;
pub mod gelf;
pub mod hec;
pub mod inner;
pub mod journald;
pub mod loki;
pub mod otlp;
mod record;
pub mod saved;
pub mod shapes;
mod values;
pub mod vector;
mod wire;

pub use entry::{BODY_BYTES_MAX, ENTRIES_MAX, Entry, Found, PushError, Reason};
