//! What lies in each look-back window, followed from cell to cell.
//!
//! Nearly every window of every cell holds no rise. Here that is seen from two running totals; only the few others are
//! cut in blocks and looked into (`sustained.rs`).

use crate::verdict::history::{History, Mark, Tally};
use crate::verdict::thresholds as limits;

/// Where the windows that end at the newest cell begin, as of when each was last looked at.
#[derive(Clone, Debug, Default)]
pub struct Lookback {
    begins: [Mark; limits::WINDOW_COUNT],
}

impl Lookback {
    /// Follows the windows that are looked at after the newest cell; none of them reaches back behind `floor`.
    pub fn follow(&mut self, history: &History, floor: usize, cell_minutes: usize) {
        for window in due(history.len(), cell_minutes) {
            let from = begin_of(window, history.len(), floor, cell_minutes);
            history.move_mark(&mut self.begins[window], from);
        }
    }

    /// Where a window begins, and what lies in it. Totals are rounded otherwise than the sums of a test, and so the
    /// expected failures are a trifle too few: who finds no rise here finds none there.
    pub fn window(&self, window: usize, history: &History) -> (usize, Tally) {
        let begin = &self.begins[window];
        let seen = history.since(begin);
        let e = seen.e * (1.0 - limits::SUMS_AGREE);
        (begin.cell(), Tally { e, ..seen })
    }
}

/// The windows that are looked at when `end` cells have been seen; a longer one only when all shorter ones are.
pub fn due(end: usize, cell_minutes: usize) -> impl Iterator<Item = usize> {
    let is_due = move |window: &usize| {
        let every = limits::WINDOWS[*window].every_minutes;
        every <= cell_minutes || end.is_multiple_of(every / cell_minutes)
    };
    (0..limits::WINDOWS.len()).take_while(is_due)
}

/// Where a window that ends at `end` begins.
pub fn begin_of(window: usize, end: usize, floor: usize, cell_minutes: usize) -> usize {
    let cells = (limits::WINDOWS[window].minutes / cell_minutes).max(1);
    end.saturating_sub(cells).max(floor).min(end)
}
