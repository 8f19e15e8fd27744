//! OTLP, OpenTelemetry's protocol: spans and log records, in protobuf or JSON.
//!
//! A span of an HTTP client or server is an exchange by itself; a log record holds a line for the line formats. Both
//! encodings become the same few values first, so that names are known in one place (`span`). Only what is needed is
//! read; fields that are unknown are passed over, as the protocol asks.
//!
//! Sources: open-telemetry/opentelemetry-proto (field numbers, JSON mapping), semantic conventions for HTTP (names).

pub mod answer;
mod attributes;
#[cfg(test)]
mod examples;
pub mod file;
mod json;
mod logs;
mod protobuf;
mod request;
mod span;
mod tries;

pub use request::{Encoding, Spans, decode_logs, read_traces};
