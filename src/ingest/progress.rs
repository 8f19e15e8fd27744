//! How far an ingest is, for whoever shows it.

use std::sync::atomic::AtomicU64;

/// What a progress line shows; written by the pipeline, read by whoever draws it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes_taken: AtomicU64,
    pub bytes_total: AtomicU64,
    pub lines: AtomicU64,
    pub rejected: AtomicU64,
}
