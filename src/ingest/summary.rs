//! What an ingest did, in the shape of the contract.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::mask::MaskCounts;
use crate::model::time::Timestamp;
use crate::read::skip::{Ignored, Rejected};
use crate::store::Proved;

/// Totals of one ingest. `lines = parsed + ignored + rejected`; where a line is a record, `parsed = records`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    pub schema: &'static str,
    pub files: u64,
    /// Unpacked bytes read for the first time.
    pub bytes: u64,
    /// Lines read for the first time (entries, for documents).
    pub lines: u64,
    /// Lines that told of records; one line may hold many, and one record many lines.
    pub parsed: u64,
    /// HTTP calls found.
    pub records: u64,
    /// At least `records`: a line may tell of several tries.
    pub attempts: u64,
    pub ignored: u64,
    pub rejected: u64,
    /// Lines that an earlier ingest had read already.
    pub duplicates: u64,
    /// Records without a time: stored, but in no window.
    pub untimed: u64,
    pub masked: MaskCounts,
    pub rejects: Vec<RejectCount>,
    pub ignored_by: BTreeMap<Ignored, u64>,
    /// Files that hold no log.
    pub passed_over: Vec<PassedOver>,
    /// What was wrong with sources that were read all the same.
    pub warnings: Vec<String>,
    pub by_format: BTreeMap<&'static str, u64>,
    /// Records by the status that the caller saw; `none` without an answer.
    pub by_status: BTreeMap<String, u64>,
    pub first_ts: Option<Timestamp>,
    pub last_ts: Option<Timestamp>,
    pub seconds: f64,
    /// What was proved of the files that were written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proved>,
}

/// Rejected lines of one source for one reason, with the place of the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectCount {
    pub source: String,
    pub line: u64,
    pub offset: u64,
    pub reason: Rejected,
    pub n: u64,
}

/// Why a file gave nothing that has nothing.
pub const IS_EMPTY: &str = "is empty";

/// A file that gave nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    pub source: String,
    pub why: String,
    #[serde(skip)]
    pub empty: bool,
    /// The user named this very file, so it is an error and no matter of course.
    pub named: bool,
}

impl Summary {
    pub fn new() -> Self {
        Self {
            schema: "tidemark.ingest/1",
            ..Self::default()
        }
    }

    /// Rejected lines per hundred of those that looked like records.
    pub fn reject_pct(&self) -> f64 {
        match self.records + self.rejected {
            0 => 0.0,
            all => 100.0 * self.rejected as f64 / all as f64,
        }
    }

    pub fn understood(&self) -> bool {
        self.records + self.duplicates > 0
    }

    pub(super) fn pass_over(&mut self, path: &Path, why: String, named: bool) {
        self.passed_over.push(PassedOver {
            source: path.to_string_lossy().into_owned(),
            empty: why == IS_EMPTY,
            why,
            named,
        });
    }

    pub(super) fn count_reject(&mut self, source: &str, line: u64, offset: u64, reason: Rejected) {
        self.rejected += 1;
        self.add_reject(RejectCount {
            source: source.to_owned(),
            line,
            offset,
            reason,
            n: 1,
        });
    }

    fn add_reject(&mut self, reject: RejectCount) {
        let same = |known: &&mut RejectCount| {
            known.reason == reject.reason && known.source == reject.source
        };
        match self.rejects.iter_mut().find(same) {
            Some(known) => known.n += reject.n,
            None => self.rejects.push(reject),
        }
    }

    pub(super) fn see_time(&mut self, ts: Option<Timestamp>) {
        let Some(ts) = ts else {
            self.untimed += 1;
            return;
        };
        self.first_ts = Some(self.first_ts.map_or(ts, |first| first.min(ts)));
        self.last_ts = Some(self.last_ts.map_or(ts, |last| last.max(ts)));
    }

    pub fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.parsed += other.parsed;
        self.records += other.records;
        self.attempts += other.attempts;
        self.ignored += other.ignored;
        self.rejected += other.rejected;
        self.duplicates += other.duplicates;
        self.untimed += other.untimed;
        self.masked.merge(&other.masked);
        self.passed_over.extend(other.passed_over);
        self.warnings.extend(other.warnings);
        other
            .rejects
            .into_iter()
            .for_each(|reject| self.add_reject(reject));
        add_all(&mut self.ignored_by, other.ignored_by);
        add_all(&mut self.by_format, other.by_format);
        add_all(&mut self.by_status, other.by_status);
        self.first_ts = [self.first_ts, other.first_ts].into_iter().flatten().min();
        self.last_ts = [self.last_ts, other.last_ts].into_iter().flatten().max();
    }
}

fn add_all<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, n) in from {
        *into.entry(key).or_default() += n;
    }
}
