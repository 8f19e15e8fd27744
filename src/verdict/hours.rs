//! The minutes of the hour in which failures are usual, such as the 429s of jobs that start at the top of the hour.
//!
//! They leave the level, the slots and the tests: a burst that comes back every hour is hygiene on our side, and a
//! vendor's incident shows in the other minutes too.

use crate::verdict::history::History;
use crate::verdict::thresholds as limits;

#[derive(Clone, Debug)]
pub struct HourPattern {
    cell_minutes: usize,
    first_cell: i64,
    /// For each cell of the hour that is marked, the share that usually fails in it; empty when there is no pattern.
    marks: Vec<Option<f64>>,
}

impl HourPattern {
    pub fn new(cell_minutes: usize, first_cell: i64) -> Self {
        Self {
            cell_minutes,
            first_cell,
            marks: Vec::new(),
        }
    }

    pub fn set(&mut self, marks: Vec<Option<f64>>) {
        self.marks = marks;
    }

    /// The share that usually fails in a pattern minute; `None` outside the pattern.
    pub fn usual_share(&self, cell: usize) -> Option<f64> {
        let at = self.cell_of_hour(cell);
        self.marks.get(at).copied().flatten()
    }

    pub fn minutes(&self) -> Vec<usize> {
        let marked = self.marks.iter().enumerate().filter(|(_, on)| on.is_some());
        marked.map(|(cell, _)| cell * self.cell_minutes).collect()
    }

    /// Hours matter only where several cells make one.
    pub fn begins_at(&self, cell: usize) -> bool {
        self.cells_an_hour() >= 4 && self.cell_of_hour(cell) == 0
    }

    /// The marks as of `cell`: positions whose median over the last day is far above the typical one's.
    pub fn find(
        &self,
        cell: usize,
        level: f64,
        history: &History,
        may_teach: impl Fn(usize) -> bool,
    ) -> Vec<Option<f64>> {
        let hour = self.cells_an_hour();
        let Some(step) = self.step(cell, history) else {
            return Vec::new();
        };
        let rates: Vec<f64> = (0..hour)
            .step_by(step)
            .map(|at| self.usual_rate(cell + at, step, history, &may_teach))
            .collect();
        let marks = spread_out(&marked(&rates, level), step, hour);
        let share = |at: usize| self.mean_share(cell + at, history, &may_teach);
        let cells = marks.iter().enumerate();
        cells.map(|(at, on)| on.then(|| share(at))).collect()
    }

    fn cells_an_hour(&self) -> usize {
        60 / self.cell_minutes.min(60)
    }

    fn cell_of_hour(&self, cell: usize) -> usize {
        (self.first_cell + cell as i64).rem_euclid(self.cells_an_hour() as i64) as usize
    }

    /// How many cells are compared together; `None` when there is too little traffic for either.
    fn step(&self, cell: usize, history: &History) -> Option<usize> {
        let day = cell.min(limits::HOUR_PATTERN_HOURS * self.cells_an_hour());
        let seen = history.between(cell - day, cell);
        let traffic = seen.all_n / ((day * self.cell_minutes) as f64).max(1.0);
        if traffic < limits::HOUR_PATTERN_COARSE_TRAFFIC
            || seen.all_k < limits::HOUR_PATTERN_ERRORS_MIN
        {
            return None;
        }
        if traffic >= limits::HOUR_PATTERN_FINE_TRAFFIC {
            return Some(1);
        }
        Some(limits::SLOT_MINUTES.div_ceil(self.cell_minutes))
    }

    /// All failures of one position of the hour by all its requests over the last day: what is to be expected of it, the
    /// hours in which its burst was late or did not come among them.
    fn mean_share(
        &self,
        position: usize,
        history: &History,
        may_teach: impl Fn(usize) -> bool,
    ) -> f64 {
        let (mut n, mut k) = (0.0, 0.0);
        for back in 1..=limits::HOUR_PATTERN_HOURS {
            let Some(from) = position.checked_sub(back * self.cells_an_hour()) else {
                break;
            };
            if may_teach(from) {
                let seen = history.cell(from);
                n += seen.all_n;
                k += seen.all_k;
            }
        }
        if n > 0.0 { k / n } else { 0.0 }
    }

    /// The median failure share of one position of the hour; 0 where there is too little to tell.
    fn usual_rate(
        &self,
        position: usize,
        step: usize,
        history: &History,
        may_teach: impl Fn(usize) -> bool,
    ) -> f64 {
        let mut rates = Vec::with_capacity(limits::HOUR_PATTERN_HOURS);
        let mut failures = 0.0;
        for back in 1..=limits::HOUR_PATTERN_HOURS {
            let Some(from) = position.checked_sub(back * self.cells_an_hour()) else {
                break;
            };
            let seen = history.between(from, from + step);
            if seen.all_n > 0.0 && may_teach(from) {
                rates.push(seen.all_k / seen.all_n);
                failures += seen.all_k;
            }
        }
        let few = rates.len() < limits::HOUR_PATTERN_HOURS_MIN;
        if few || failures < limits::HOUR_PATTERN_ERRORS_MIN {
            return 0.0;
        }
        median(rates)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

fn marked(rates: &[f64], level: f64) -> Vec<bool> {
    let typical = median(rates.to_vec()).max(level);
    let high: Vec<bool> = rates
        .iter()
        .map(|rate| *rate > limits::HOUR_PATTERN_FACTOR * typical)
        .collect();
    let count = high.iter().filter(|on| **on).count();
    if count as f64 > limits::HOUR_PATTERN_SHARE_MAX * high.len() as f64 {
        return vec![false; high.len()];
    }
    high
}

/// Neighbours of a pattern minute belong to it, because bursts are not punctual.
fn spread_out(high: &[bool], step: usize, cells: usize) -> Vec<bool> {
    let wide = high.len();
    let beside = |at: usize| high[(at + 1) % wide] || high[(at + wide - 1) % wide];
    (0..cells)
        .map(|cell| cell / step)
        .map(|at| high[at] || (step == 1 && beside(at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::history::Expected;

    /// `hours` hours of 100 requests a minute with a burst in the first three minutes of each.
    fn bursts(hours: usize) -> History {
        let mut history = History::new();
        for minute in 0..hours * 60 {
            let failures = if minute % 60 < 3 { 40.0 } else { 0.0 };
            history.push(100.0, failures, Expected::Pattern(0.0));
        }
        history
    }

    #[test]
    fn a_burst_that_comes_back_every_hour_is_a_pattern_from_six_hours_on() {
        let pattern = HourPattern::new(1, 0);
        let find = |hours| pattern.find(hours * 60, 0.02, &bursts(hours), |_| true);
        assert!(find(5).iter().all(Option::is_none));
        let marks = find(7);
        let marked = (0..60).filter_map(|minute| Some((minute, marks[minute]?)));
        let bursts = [(0, 0.4), (1, 0.4), (2, 0.4), (3, 0.0), (59, 0.0)];
        assert_eq!(marked.collect::<Vec<_>>(), bursts);
    }

    #[test]
    fn what_may_not_teach_is_no_pattern() {
        let pattern = HourPattern::new(1, 0);
        let marks = pattern.find(600, 0.02, &bursts(10), |_| false);
        assert!(marks.iter().all(Option::is_none));
    }
}
