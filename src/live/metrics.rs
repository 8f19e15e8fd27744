//! Counters for whoever watches the service: what came in from where, and what became of it. Names of reasons and kinds
//! only, nothing of a log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ingest::Summary;
use crate::store::Proved;

/// Upper ends of the buckets for the time of a commit, in seconds: from a quick disk to one that is in trouble.
pub const COMMIT_BUCKETS_S: [f64; 11] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// By what way lines come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    File,
    Push,
    Syslog,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Push => "push",
            Self::Syslog => "syslog",
        }
    }
}

/// What came in by one way.
#[derive(Clone, Debug, Default)]
pub struct Came {
    pub bytes: u64,
    pub parsed: u64,
    pub records: u64,
    pub duplicates: u64,
    pub ignored: BTreeMap<&'static str, u64>,
    pub rejected: BTreeMap<&'static str, u64>,
}

/// The commits of this process.
#[derive(Clone, Debug, Default)]
pub struct Commits {
    pub stored: u64,
    pub failed: u64,
    /// Stored ones by bucket, the last for those that took longer than all.
    pub by_time: [u64; COMMIT_BUCKETS_S.len() + 1],
    pub seconds: f64,
    pub last: Option<Instant>,
}

/// Shared by all who count. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    came: Arc<Mutex<BTreeMap<Way, Came>>>,
    commits: Arc<Mutex<Commits>>,
    proved: Arc<Mutex<Proved>>,
    pub files_followed: Arc<AtomicU64>,
    pub syslog_dropped: Arc<AtomicU64>,
}

impl Metrics {
    pub fn count(&self, way: Way, summary: &Summary) {
        let mut came = lock(&self.came);
        let came = came.entry(way).or_default();
        came.bytes += summary.bytes;
        came.parsed += summary.parsed;
        came.records += summary.records;
        came.duplicates += summary.duplicates;
        for (reason, n) in &summary.ignored_by {
            *came.ignored.entry(reason.name()).or_default() += n;
        }
        for reject in &summary.rejects {
            *came.rejected.entry(reject.reason.name()).or_default() += reject.n;
        }
    }

    pub fn count_commit(&self, stored: bool, took: Duration) {
        let mut commits = lock(&self.commits);
        if !stored {
            commits.failed += 1;
            return;
        }
        let seconds = took.as_secs_f64();
        let bucket = COMMIT_BUCKETS_S.iter().position(|end| seconds <= *end);
        commits.by_time[bucket.unwrap_or(COMMIT_BUCKETS_S.len())] += 1;
        commits.stored += 1;
        commits.seconds += seconds;
        commits.last = Some(Instant::now());
    }

    /// What the open store has proved so far.
    pub fn set_proved(&self, proved: &Proved) {
        lock(&self.proved).clone_from(proved);
    }

    pub fn set_files_followed(&self, files: usize) {
        self.files_followed.store(files as u64, Ordering::Relaxed);
    }

    pub fn came(&self) -> BTreeMap<Way, Came> {
        lock(&self.came).clone()
    }

    pub fn commits(&self) -> Commits {
        lock(&self.commits).clone()
    }

    pub fn proved(&self) -> Proved {
        lock(&self.proved).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_fall_into_the_bucket_of_their_time() {
        let metrics = Metrics::default();
        for ms in [10, 11, 400, 60_000] {
            metrics.count_commit(true, Duration::from_millis(ms));
        }
        metrics.count_commit(false, Duration::ZERO);
        let commits = metrics.commits();
        assert_eq!((commits.stored, commits.failed), (4, 1));
        assert_eq!(commits.by_time, [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
        assert!((commits.seconds - 60.421).abs() < 1e-9 && commits.last.is_some());
    }
}
