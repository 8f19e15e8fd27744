//! What has come of a series so far, walked or not.

use crate::model::verdict::Class;
use crate::model::window::Counts;
use crate::verdict::grid::{Lane, failures};
use crate::verdict::volume::Volume;

/// The classes every integration is judged for; the latter two only where there is any.
pub const CLASSES: [Class; 4] = [
    Class::ServerError,
    Class::Throttled,
    Class::NoResponse,
    Class::ErrorCode,
];

/// Requests of an integration are kept in slots as narrow as a silence needs; of an operation only new kinds of errors
/// ask.
const SLOT_MINUTES: usize = 5;
const OPERATION_SLOT_MINUTES: usize = 60;

#[derive(Clone, Debug)]
pub struct Flow {
    /// The grid's cell in which the first request came.
    pub first: usize,
    pub volume: Volume,
    pub requests: u64,
    pub throttled_local: u64,
    /// The grid's cell in which an error came last, of whatever kind.
    pub last_error: Option<usize>,
    /// By class, as in `CLASSES`.
    failed: [u64; CLASSES.len()],
}

impl Flow {
    pub fn new(lane: &Lane, cell_minutes: usize) -> Self {
        let slot_minutes = match lane.operation {
            Some(_) => OPERATION_SLOT_MINUTES,
            None => SLOT_MINUTES,
        };
        Self {
            first: lane.cells.first().map_or(0, |(cell, _)| *cell),
            volume: Volume::new(cell_minutes, slot_minutes),
            requests: 0,
            throttled_local: 0,
            last_error: None,
            failed: [0; CLASSES.len()],
        }
    }

    pub fn push(&mut self, cells: &[(usize, Counts)]) {
        for (cell, counts) in cells {
            self.volume.push(*cell, counts.requests);
            self.requests = self.requests.saturating_add(counts.requests);
            self.throttled_local = self.throttled_local.saturating_add(counts.throttled_local);
            if counts.has_errors() {
                self.last_error = Some(*cell);
            }
            for (sum, class) in self.failed.iter_mut().zip(CLASSES) {
                *sum = sum.saturating_add(failures(counts, class));
            }
        }
    }

    pub fn failed(&self, class: Class) -> u64 {
        let at = CLASSES.iter().position(|one| *one == class);
        at.map_or(0, |at| self.failed[at])
    }

    pub fn has_failed(&self) -> bool {
        self.failed.iter().any(|failed| *failed > 0)
    }
}
