//! How many requests came when: by cell for the last day, in wider slots before that, and only where there were any.
//!
//! Judging needs no more than sums of failures and requests; but a silence is told by what came at the same time in
//! earlier weeks, and a new kind of error by the requests that came while it occurred.

use std::collections::VecDeque;

/// The latest cells are exact: a day and an hour, so that a day before the watermark is.
const CELL_MINUTES_KEPT: usize = 25 * 60;
/// What is older is kept for three weeks and a day, as the seasonal baseline is.
const SLOT_DAYS_KEPT: usize = 22;

/// Requests of one series.
#[derive(Clone, Debug)]
pub struct Volume {
    cell_minutes: usize,
    cells_a_slot: usize,
    /// Numbers of cells and their requests, ascending.
    cells: VecDeque<(u32, u32)>,
    slots: VecDeque<(u32, u64)>,
}

impl Volume {
    /// Older requests are summed in slots of so many minutes.
    pub fn new(cell_minutes: usize, slot_minutes: usize) -> Self {
        Self {
            cell_minutes,
            cells_a_slot: (slot_minutes / cell_minutes).max(1),
            cells: VecDeque::new(),
            slots: VecDeque::new(),
        }
    }

    /// Takes a cell that comes after all others.
    pub fn push(&mut self, cell: usize, requests: u64) {
        let kept = (CELL_MINUTES_KEPT / self.cell_minutes).max(1);
        while let Some((old, requests)) = self.cells.front().copied()
            && old as usize + kept <= cell
        {
            self.cells.pop_front();
            self.settle(old as usize, requests.into());
        }
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        self.cells
            .push_back((u32::try_from(cell).unwrap_or(u32::MAX), requests));
    }

    fn settle(&mut self, cell: usize, requests: u64) {
        let slot = (cell / self.cells_a_slot) as u32;
        match self.slots.back_mut() {
            Some((last, sum)) if *last == slot => *sum = sum.saturating_add(requests),
            _ => self.slots.push_back((slot, requests)),
        }
        let kept = SLOT_DAYS_KEPT * 1440 / (self.cells_a_slot * self.cell_minutes);
        while let Some((first, _)) = self.slots.front()
            && (*first as usize) + kept <= slot as usize
        {
            self.slots.pop_front();
        }
    }

    pub fn last(&self) -> Option<usize> {
        self.cells.back().map(|(cell, _)| *cell as usize)
    }

    /// Requests of cells `from..to`; of what is kept in slots, only of those that lie inside as a whole.
    pub fn between(&self, from: usize, to: usize) -> u64 {
        let slots = from.div_ceil(self.cells_a_slot)..to / self.cells_a_slot;
        let first = self
            .slots
            .partition_point(|(slot, _)| (*slot as usize) < slots.start);
        let older = self.slots.range(first..);
        let older = older.take_while(|(slot, _)| (*slot as usize) < slots.end);
        let older = older.fold(0, |sum: u64, (_, requests)| sum.saturating_add(*requests));
        let first = self
            .cells
            .partition_point(|(cell, _)| (*cell as usize) < from);
        let latest = self.cells.range(first..);
        let latest = latest.take_while(|(cell, _)| (*cell as usize) < to);
        latest.fold(older, |sum, (_, requests)| {
            sum.saturating_add((*requests).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One request in every cell but each tenth.
    fn volume(cells: usize) -> Volume {
        let mut volume = Volume::new(1, 5);
        for cell in (0..cells).filter(|cell| cell % 10 != 0) {
            volume.push(cell, 1);
        }
        volume
    }

    #[test]
    fn the_last_day_is_exact_and_before_it_only_whole_slots_count() {
        let volume = volume(5_000);
        assert_eq!(volume.between(4_001, 4_014), 12);
        assert_eq!(volume.between(1_000, 1_010), 9);
        assert_eq!(volume.between(1_001, 1_014), 5);
        assert_eq!(volume.between(0, 5_000), 4_500);
        assert_eq!(volume.between(4_999, 9_000), 1);
        assert_eq!(volume.between(7, 7), 0);
    }

    #[test]
    fn it_takes_the_same_room_however_long_it_runs() {
        let volume = volume(100_000);
        assert!(volume.cells.len() <= 1_500);
        assert!(volume.slots.len() <= 22 * 288);
        assert_eq!(volume.between(0, 60_000), 0);
        assert_eq!(volume.last(), Some(99_999));
    }
}
