//! The way in: read, attribute, mask, store; bounded and counted.
//!
//! One thread reads and cuts blocks, workers parse, name and mask them, the caller's thread puts them in order and
//! commits. Every hand-over is bounded, so memory does not depend on the size of the input. What a commit holds and how
//! far its sources were read stand in the same commit, so a process killed at any moment loses and doubles nothing.

mod again;
mod batch;
mod cutter;
mod document;
mod entries;
mod error;
mod feed;
mod heads;
mod identity;
mod in_order;
mod inputs;
mod keep;
mod keeper;
mod lane;
mod marks;
mod memory;
mod operations;
mod pipeline;
mod plan;
mod prefix;
mod progress;
mod reading;
mod rejects;
mod resume;
mod slots;
mod summary;
mod tally;
mod turn;
mod usual;
mod whole;
mod worker;

pub use entries::{Reading, Told, read_entries, read_exchanges};
pub use error::IngestError;
pub use feed::{Fed, Feed, Looked, Makers};
pub use inputs::{Input, gather};
pub use keep::{IntoStore, Keep};
pub use marks::Marks;
pub use pipeline::Ingest;
pub use plan::{FormatChoice, Plan};
pub use progress::Progress;
pub use rejects::{Reject, RejectFile};
pub use summary::{PassedOver, RejectCount, Summary};
pub use whole::{Named, Whole, read_bytes, reject_lines};

use serde::{Deserialize, Serialize};

/// How much is held and how much is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Rows that make a commit; larger commits are fewer files and less waiting, smaller ones lose less work to a
    /// crash.
    pub commit_rows: usize,
    /// Bytes of masked columns that make a commit, whatever the rows.
    pub commit_bytes: usize,
    /// One in this many successful exchanges keeps its headers, bodies and raw line, so that a report can show a
    /// success beside a failure. Failures always keep them.
    pub keep_ok_one_in: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            commit_rows: 250_000,
            commit_bytes: 256 << 20,
            keep_ok_one_in: 32,
        }
    }
}
