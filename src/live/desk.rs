//! What every source of a process shares: how rows are made, where they go, and what was counted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::ingest::{Fed, Makers, RejectFile, Summary};
use crate::live::known::Known;
use crate::live::metrics::{Metrics, Way};
use crate::live::queue::{Handed, Queue};
use crate::mask::Masked;
use crate::model::time::Timestamp;
use crate::store::{Rows, SourcePosition};

/// Places of rejects, files that were passed over, and warnings that are told of one run, each; beyond, they are in the
/// counts alone.
const TOLD_MAX: usize = 1_000;

/// Handles, cheap to clone.
#[derive(Clone)]
pub struct Desk {
    pub makers: Makers,
    pub queue: Arc<Queue>,
    pub known: Known,
    /// The wall clock.
    pub clock: fn() -> Timestamp,
    /// Set when the process is to end.
    pub stop: Arc<AtomicBool>,
    pub metrics: Metrics,
    /// By what way comes what this handle hands in.
    way: Way,
    summary: Arc<Mutex<Summary>>,
    rejects: Arc<Mutex<Option<RejectFile>>>,
}

/// What a service has taken in since it began.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    pub bytes: u64,
    pub lines: u64,
    pub records: u64,
    pub attempts: u64,
    pub ignored: u64,
    pub rejected: u64,
    /// Lines that were known already.
    pub duplicates: u64,
    pub queue_bytes: u64,
    /// Why the store cannot be written.
    pub trouble: Option<String>,
    /// The id of the masking key in use, which stands in all stand-ins that are made; none while nothing can be masked.
    pub key: Option<String>,
    /// Why the masking key cannot be read anew; the one in use stays in use.
    pub key_trouble: Option<String>,
}

impl Desk {
    pub fn new(
        makers: Makers,
        queue: Arc<Queue>,
        known: Known,
        clock: fn() -> Timestamp,
        rejects: Option<RejectFile>,
    ) -> Self {
        Self {
            makers,
            queue,
            known,
            clock,
            stop: Arc::new(AtomicBool::new(false)),
            metrics: Metrics::default(),
            way: Way::File,
            summary: Arc::new(Mutex::new(Summary::new())),
            rejects: Arc::new(Mutex::new(rejects)),
        }
    }

    /// The same desk for what comes by another way.
    pub fn of(&self, way: Way) -> Self {
        let mut desk = self.clone();
        desk.way = way;
        desk
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Hands rows to the writer and waits for room; false when nothing is taken any more.
    pub fn hand(&self, fed: Fed) -> bool {
        self.count(fed.summary);
        if let Some(file) = &mut *lock(&self.rejects)
            && let Err(error) = file.write(&fed.rejects)
        {
            tracing::warn!(%error, "rejected lines are not noted");
        }
        if fed.masked.rows() == 0 && fed.reached.is_none() {
            return true;
        }
        self.hand_rows(fed.masked, fed.reached.into_iter().collect())
    }

    pub fn hand_rows(&self, masked: Masked, reached: Vec<SourcePosition>) -> bool {
        let rows = match Rows::new(masked) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "rows cannot be stored");
                return false;
            }
        };
        let handed = Handed {
            rows: Some(rows).filter(|rows| !rows.is_empty()),
            reached: reached.clone(),
            ..Handed::default()
        };
        if self.queue.put(handed).is_err() {
            return false;
        }
        reached.iter().for_each(|reached| self.known.reach(reached));
        true
    }

    pub fn count(&self, mut summary: Summary) {
        self.metrics.count(self.way, &summary);
        // Senders choose the names of what they push, and a service runs for long.
        if self.way == Way::Push {
            let names = summary.rejects.iter_mut();
            names.for_each(|reject| reject.source = self.way.name().to_owned());
        }
        let mut all = lock(&self.summary);
        all.merge(summary);
        all.rejects.truncate(TOLD_MAX);
        all.passed_over.truncate(TOLD_MAX);
        all.warnings.truncate(TOLD_MAX);
    }

    /// All that was counted so far.
    pub fn summary(&self) -> Summary {
        lock(&self.summary).clone()
    }

    pub fn figures(&self) -> Figures {
        let summary = lock(&self.summary);
        Figures {
            bytes: summary.bytes,
            lines: summary.lines,
            records: summary.records,
            attempts: summary.attempts,
            ignored: summary.ignored,
            rejected: summary.rejected,
            duplicates: summary.duplicates,
            queue_bytes: self.queue.bytes() as u64,
            trouble: self.queue.trouble(),
            key: match self.queue.refusal() {
                Some(_) => None,
                None => Some(self.makers.maskers.current().key_id()),
            },
            key_trouble: self.queue.key_trouble(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
