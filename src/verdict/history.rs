//! The counts of one series so far: the latest cells one by one, older ones as sums.

use std::collections::VecDeque;
use std::ops::{Add, Sub};

use crate::verdict::thresholds as limits;

/// Sums over a stretch of cells. `n`, `k`, `e` and `base` leave out the pattern minutes, which are not tested.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Requests.
    pub n: f64,
    /// Failures.
    pub k: f64,
    /// Failures expected at the rate that tests allow.
    pub e: f64,
    /// Failures expected at the normal rate, which rise factors refer to.
    pub base: f64,
    /// Requests, failures and normally expected failures including pattern minutes.
    pub all_n: f64,
    pub all_k: f64,
    pub all_base: f64,
    /// Failures and expected ones where nothing is allowed for: what teaches how noisy the series is.
    pub plain_k: f64,
    pub plain_e: f64,
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            k: self.k - other.k,
            e: (self.e - other.e).max(0.0),
            base: (self.base - other.base).max(0.0),
            all_n: self.all_n - other.all_n,
            all_k: self.all_k - other.all_k,
            all_base: (self.all_base - other.all_base).max(0.0),
            plain_k: self.plain_k - other.plain_k,
            plain_e: (self.plain_e - other.plain_e).max(0.0),
        }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            k: self.k + other.k,
            e: self.e + other.e,
            base: self.base + other.base,
            all_n: self.all_n + other.all_n,
            all_k: self.all_k + other.all_k,
            all_base: self.all_base + other.all_base,
            plain_k: self.plain_k + other.plain_k,
            plain_e: self.plain_e + other.plain_e,
        }
    }
}

impl Tally {
    pub fn share(&self) -> f64 {
        if self.n > 0.0 { self.k / self.n } else { 0.0 }
    }

    pub fn expected_share(&self) -> f64 {
        if self.n > 0.0 { self.e / self.n } else { 0.0 }
    }
}

/// What a request is expected to fail with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Normal at this time of day.
    pub centre: f64,
    /// The most that is still normal: bursts that come back are allowed for.
    pub allowed: f64,
    /// What rise factors are measured against.
    pub base: f64,
}

impl Price {
    /// Is more allowed for than what is normal at this time of day?
    fn is_plain(&self) -> bool {
        self.allowed <= limits::ALLOW_PARTLY * self.centre
    }

    /// An allowance explains failures and expects none: a burst that does not come leaves no room for others.
    fn explained(&self, most: f64, n: f64, k: f64) -> f64 {
        let normal = n * self.centre;
        k.clamp(normal, normal.max(n * most))
    }
}

/// What is known of a cell before its counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    Tested(Price),
    /// A pattern minute, which is not tested, and the share that usually fails in it.
    Pattern(f64),
}

/// One cell as it is kept: four numbers, and two facts in their signs.
#[derive(Clone, Copy, Debug)]
struct Cell {
    n: f32,
    k: f32,
    /// Negative in a pattern minute, which is not tested.
    e: f32,
    /// Negative where more is allowed for than is normal.
    base: f32,
}

impl Cell {
    fn new(n: f64, k: f64, expected: Expected) -> Self {
        let (e, base) = match expected {
            Expected::Pattern(share) => (-1.0, n * share),
            Expected::Tested(price) => {
                let base = price.explained(price.base, n, k);
                let sign = if price.is_plain() { 1.0 } else { -1.0 };
                (price.explained(price.allowed, n, k), sign * base)
            }
        };
        Self {
            n: n as f32,
            k: k as f32,
            e: e as f32,
            base: base as f32,
        }
    }

    /// Requests, failures and expected failures; none in a pattern minute.
    fn tested(&self) -> (f64, f64, f64) {
        if self.e < 0.0 {
            return (0.0, 0.0, 0.0);
        }
        (self.n.into(), self.k.into(), self.e.into())
    }

    /// Without a branch, because this is most of what judging costs.
    #[inline]
    fn add_to(&self, sum: &mut Tally) {
        let (n, k, base) = (
            f64::from(self.n),
            f64::from(self.k),
            f64::from(self.base.abs()),
        );
        let tested = f64::from(u8::from(self.e >= 0.0));
        let plain = tested * f64::from(u8::from(self.base.is_sign_positive()));
        sum.n += tested * n;
        sum.k += tested * k;
        sum.e += f64::from(self.e.max(0.0));
        sum.base += tested * base;
        sum.all_n += n;
        sum.all_k += k;
        sum.all_base += base;
        sum.plain_k += plain * k;
        sum.plain_e += plain * base;
    }
}

/// A cell with the totals of all before it: moved on from cell to cell, it costs less than summing anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    cell: usize,
    total: Tally,
}

impl Mark {
    pub fn cell(&self) -> usize {
        self.cell
    }
}

/// One entry a cell, empty cells included. The latest are kept one by one, older ones as sums: by chunks of cells, then
/// by days' worth of them, so that a series takes the same room however long it runs.
#[derive(Clone, Debug)]
pub struct History {
    /// The latest cells, from a chunk's beginning on.
    cells: VecDeque<Cell>,
    /// Sums up to the beginning of each chunk that has cells, and of the one under way.
    chunks: VecDeque<Tally>,
    /// Sums up to every so many chunks, from the beginning.
    marks: Vec<Tally>,
    first_chunk: usize,
    total: Tally,
}

impl History {
    pub fn new() -> Self {
        Self {
            cells: VecDeque::new(),
            chunks: VecDeque::new(),
            marks: Vec::new(),
            first_chunk: 0,
            total: Tally::default(),
        }
    }

    pub fn len(&self) -> usize {
        self.first() + self.cells.len()
    }

    /// The first cell that is kept by itself.
    pub fn first(&self) -> usize {
        self.first_chunk * limits::CHUNK_CELLS
    }

    pub fn push(&mut self, n: f64, k: f64, expected: Expected) {
        if self.len().is_multiple_of(limits::CHUNK_CELLS) {
            self.begin_chunk();
        }
        let cell = Cell::new(n, k, expected);
        cell.add_to(&mut self.total);
        self.cells.push_back(cell);
    }

    fn begin_chunk(&mut self) {
        let chunk = self.len() / limits::CHUNK_CELLS;
        if chunk.is_multiple_of(limits::MARK_CHUNKS) {
            self.marks.push(self.total);
        }
        self.chunks.push_back(self.total);
        if self.cells.len() < limits::CELLS_KEPT {
            // Doubling would hold twice the room that is ever needed.
            self.cells.reserve_exact(limits::CHUNK_CELLS);
        }
        if self.cells.len() >= limits::CELLS_KEPT {
            self.cells.drain(..limits::CHUNK_CELLS);
            self.chunks.pop_front();
            self.first_chunk += 1;
        }
    }

    /// The sums over cells `from..to`; what lies outside the history counts as empty, and what is no longer kept by
    /// itself begins and ends where a sum was noted.
    pub fn between(&self, from: usize, to: usize) -> Tally {
        let to = to.min(self.len());
        if from >= to {
            return Tally::default();
        }
        if from >= self.first() && to - from <= limits::CHUNK_CELLS {
            return self.sum(Tally::default(), from, to);
        }
        self.until(to) - self.until(from)
    }

    /// Puts the mark before `cell`.
    pub fn move_mark(&self, mark: &mut Mark, cell: usize) {
        let is_near = (mark.cell..=mark.cell + limits::CHUNK_CELLS).contains(&cell);
        mark.total = if is_near && mark.cell >= self.first() {
            self.sum(mark.total, mark.cell, cell)
        } else {
            self.until(cell)
        };
        mark.cell = cell;
    }

    /// The sums over all cells from the mark on.
    pub fn since(&self, mark: &Mark) -> Tally {
        self.total - mark.total
    }

    pub fn cell(&self, cell: usize) -> Tally {
        let kept = cell.checked_sub(self.first());
        let Some(kept) = kept.and_then(|at| self.cells.get(at)) else {
            return self.between(cell, cell + 1);
        };
        let mut sum = Tally::default();
        kept.add_to(&mut sum);
        sum
    }

    /// All requests and failures of a cell that is kept by itself; nothing of any other.
    pub fn counts(&self, cell: usize) -> (f64, f64) {
        let at = cell.checked_sub(self.first());
        let cell = at.and_then(|at| self.cells.get(at));
        cell.map_or((0.0, 0.0), |cell| (cell.n.into(), cell.k.into()))
    }

    /// Tested requests, failures and expected failures of the cells `from..to`, which must be kept by themselves.
    pub fn tested(
        &self,
        from: usize,
        to: usize,
    ) -> impl DoubleEndedIterator<Item = (f64, f64, f64)> {
        let at = |cell: usize| cell.saturating_sub(self.first()).min(self.cells.len());
        let (from, to) = (at(from), at(to));
        self.cells.range(from.min(to)..to).map(Cell::tested)
    }

    /// The same of several cells together.
    pub fn counts_between(&self, from: usize, to: usize) -> (f64, f64) {
        if to == from + 1 {
            return self.counts(from);
        }
        let cells = (from..to).map(|cell| self.counts(cell));
        cells.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Adds the cells `from..to`, which are kept, to a sum.
    fn sum(&self, mut sum: Tally, from: usize, to: usize) -> Tally {
        let first = self.first();
        let cells = self.cells.range(from - first..to - first);
        cells.for_each(|cell| cell.add_to(&mut sum));
        sum
    }

    fn until(&self, cell: usize) -> Tally {
        let chunk = cell / limits::CHUNK_CELLS;
        if cell == self.len() {
            return self.total;
        }
        match chunk.checked_sub(self.first_chunk) {
            Some(at) => self.sum(self.chunks[at], chunk * limits::CHUNK_CELLS, cell),
            None => self.marks[chunk / limits::MARK_CHUNKS],
        }
    }

    /// Bytes held.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let tallies = self.chunks.capacity() + self.marks.capacity();
        self.cells.capacity() * size_of::<Cell>() + tallies * size_of::<Tally>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_a_difference_and_never_leaves_the_history() {
        let mut history = History::new();
        let price = Price {
            centre: 0.1,
            allowed: 0.2,
            base: 0.1,
        };
        history.push(10.0, 1.0, Expected::Tested(price));
        history.push(10.0, 9.0, Expected::Pattern(0.5));
        let all = history.between(0, 99);
        assert_eq!(
            (all.n, all.k, all.all_n, all.all_k),
            (10.0, 1.0, 20.0, 10.0)
        );
        assert_eq!((all.base, all.all_base), (1.0, 6.0));
        assert_eq!(history.between(5, 3), Tally::default());
    }

    #[test]
    fn an_allowance_explains_failures_and_expects_none() {
        let price = Price {
            centre: 0.1,
            allowed: 0.5,
            base: 0.5,
        };
        let expected = |k: f64| {
            let mut history = History::new();
            history.push(10.0, k, Expected::Tested(price));
            history.cell(0).e
        };
        assert_eq!(
            (expected(0.0), expected(3.0), expected(9.0)),
            (1.0, 3.0, 5.0)
        );
    }

    #[test]
    fn a_mark_that_is_moved_sums_what_it_passes() {
        let mut history = History::new();
        let mut mark = Mark::default();
        for cell in 0..5_000 {
            history.push(10.0, (cell % 7) as f64, Expected::Pattern(0.0));
            for back in [15, 3, 900] {
                let from = (cell + 1_usize).saturating_sub(back);
                history.move_mark(&mut mark, from);
                assert_eq!(history.since(&mark), history.between(from, cell + 1));
            }
        }
    }

    #[test]
    fn the_latest_cells_are_exact_however_long_it_runs() {
        let mut history = History::new();
        let failures = |cell: usize| (cell % 7) as f64;
        for cell in 0..20_000 {
            history.push(10.0, failures(cell), Expected::Pattern(0.0));
        }
        for (from, to) in [(18_500, 20_000), (19_001, 19_777), (19_990, 20_000)] {
            let sum: f64 = (from..to).map(failures).sum();
            assert_eq!(history.between(from, to).all_k, sum);
        }
        assert_eq!(history.between(0, 20_000).all_n, 200_000.0);
        assert!(history.bytes() < 40_000, "{}", history.bytes());
    }
}
