//! The minutes of the hour in which failures are usual, such as the 429s of jobs that start at the top of the hour.
//!
//! They leave the level, the slots and the tests: a burst that comes back every hour is hygiene on our side, and a
//! vendor's incident shows in the other minutes too.

use crate::verdict::history::History;
use crate::verdict::thresholds as limits;

#[derive(Clone, Debug, Default)]
pub struct HourPattern {
    cell_minutes: usize,
    /// How many cells an hour has, and how many of its first hour lie before cell 0.
    hour: usize,
    lead: usize,
    /// How many cells are compared together; `None` while there is too little traffic for either.
    step: Option<usize>,
    /// The usual share of each position of the hour, as of its last end.
    rates: Vec<f64>,
    /// For each cell of the hour that is marked, the share that usually fails in it; empty when there is no pattern.
    marks: Vec<Option<f64>>,
}

impl HourPattern {
    pub fn new(cell_minutes: usize, first_cell: i64) -> Self {
        let hour = 60 / cell_minutes.min(60);
        Self {
            cell_minutes,
            hour,
            lead: first_cell.rem_euclid(hour as i64) as usize,
            ..Self::default()
        }
    }

    /// Nothing is usual any more.
    pub fn forget(&mut self) {
        self.marks.clear();
        self.step = None;
    }

    /// The share that usually fails in a pattern minute; `None` outside the pattern.
    pub fn usual_share(&self, cell: usize) -> Option<f64> {
        if self.marks.is_empty() {
            return None;
        }
        let at = self.cell_of_hour(cell);
        self.marks.get(at).copied().flatten()
    }

    pub fn minutes(&self) -> Vec<usize> {
        let marked = self.marks.iter().enumerate().filter(|(_, on)| on.is_some());
        marked.map(|(cell, _)| cell * self.cell_minutes).collect()
    }

    /// Takes note of the cell before `cell`, and at the beginning of an hour marks the positions whose median over the
    /// last day is far above the typical one's. A position is looked at when it ends, so that no cell costs more than
    /// another.
    pub fn follow(
        &mut self,
        cell: usize,
        level: f64,
        history: &History,
        may_teach: impl Fn(usize) -> bool,
    ) {
        if self.hour < 4 || cell == 0 {
            return;
        }
        self.note(cell - 1, history, &may_teach);
        if self.cell_of_hour(cell) == 0 {
            self.mark(cell, level, history, &may_teach);
        }
    }

    fn note(&mut self, over: usize, history: &History, may_teach: &impl Fn(usize) -> bool) {
        let Some(step) = self.step else {
            return;
        };
        let (at, next) = (self.cell_of_hour(over), over + self.hour);
        if (at + 1).is_multiple_of(step) {
            let from = next + 1 - step;
            self.rates[at / step] = self.usual_rate(from, step, history, may_teach);
        }
    }

    fn mark(
        &mut self,
        cell: usize,
        level: f64,
        history: &History,
        may_teach: &impl Fn(usize) -> bool,
    ) {
        let (hour, step) = (self.hour, self.step(cell, history));
        if step != self.step {
            self.step = step;
            self.rates = vec![0.0; step.map_or(0, |step| hour / step)];
            for over in cell.saturating_sub(hour)..cell {
                self.note(over, history, may_teach);
            }
        }
        let Some(step) = step else {
            return self.marks.clear();
        };
        let minutes = step * self.cell_minutes;
        let marks = spread_out(&marked(&self.rates, level), step, minutes, hour);
        let share = |at: usize| self.mean_share(cell + at, history, may_teach);
        let cells = marks.iter().enumerate();
        self.marks = cells.map(|(at, on)| on.then(|| share(at))).collect();
    }

    fn cell_of_hour(&self, cell: usize) -> usize {
        (self.lead + cell) % self.hour
    }

    /// How many cells are compared together; `None` when there is too little traffic for either.
    fn step(&self, cell: usize, history: &History) -> Option<usize> {
        let day = cell.min(limits::HOUR_PATTERN_HOURS * self.hour);
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
        for from in self.hours_before(position).filter(|from| may_teach(*from)) {
            let seen = history.counts(from);
            n += seen.0;
            k += seen.1;
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
        let mut hours = [(0.0, 0.0); limits::HOUR_PATTERN_HOURS];
        let mut seen = 0;
        for from in self.hours_before(position) {
            hours[seen] = history.counts_between(from, from + step);
            seen += usize::from(hours[seen].0 > 0.0 && may_teach(from));
        }
        median_share(&hours[..seen])
    }

    /// The same position of the hours of the last day, the latest first.
    fn hours_before(&self, position: usize) -> impl Iterator<Item = usize> {
        let hour = self.hour;
        (1..=limits::HOUR_PATTERN_HOURS).map_while(move |back| position.checked_sub(back * hour))
    }
}

/// The median failure share of these requests and failures; 0 where there is too little to tell.
fn median_share(hours: &[(f64, f64)]) -> f64 {
    let failures: f64 = hours.iter().map(|(_, k)| k).sum();
    if hours.len() < limits::HOUR_PATTERN_HOURS_MIN || failures < limits::HOUR_PATTERN_ERRORS_MIN {
        return 0.0;
    }
    let calm = hours.iter().filter(|(_, k)| *k == 0.0).count();
    if calm > hours.len() / 2 {
        return 0.0;
    }
    median(hours.iter().map(|(n, k)| k / n).collect())
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

/// Neighbours of a pattern minute belong to it, because bursts are not punctual. In five minutes they are punctual
/// enough, and bursts each quarter of an hour would leave nothing to test.
fn spread_out(high: &[bool], step: usize, minutes: usize, cells: usize) -> Vec<bool> {
    let wide = high.len();
    let beside = |at: usize| high[(at + 1) % wide] || high[(at + wide - 1) % wide];
    (0..cells)
        .map(|cell| cell / step)
        .map(|at| high[at] || (minutes == 1 && beside(at)))
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

    fn found(history: &History, cell: usize, may_teach: bool) -> Vec<Option<f64>> {
        let mut pattern = HourPattern::new(1, 0);
        pattern.follow(cell, 0.02, history, |_| may_teach);
        pattern.marks
    }

    /// Looked at cell by cell, it is the same pattern.
    #[test]
    fn following_finds_what_looking_at_all_at_once_finds() {
        let mut pattern = HourPattern::new(1, 0);
        let mut history = History::new();
        for cell in 0..30 * 60 {
            pattern.follow(cell, 0.02, &history, |_| true);
            let failures = if cell % 60 < 3 { 40.0 } else { 0.0 };
            history.push(100.0, failures, Expected::Pattern(0.0));
        }
        pattern.follow(30 * 60, 0.02, &history, |_| true);
        assert_eq!(pattern.marks, found(&history, 30 * 60, true));
    }

    #[test]
    fn a_burst_that_comes_back_every_hour_is_a_pattern_from_six_hours_on() {
        let find = |hours| found(&bursts(hours), hours * 60, true);
        assert!(find(5).iter().all(Option::is_none));
        let marks = find(7);
        let marked = (0..60).filter_map(|minute| Some((minute, marks[minute]?)));
        let bursts = [(0, 0.4), (1, 0.4), (2, 0.4), (3, 0.0), (59, 0.0)];
        assert_eq!(marked.collect::<Vec<_>>(), bursts);
    }

    /// Counts of a log come in five minutes where operations are told apart.
    #[test]
    fn bursts_each_quarter_of_an_hour_leave_the_other_five_minutes_to_be_tested() {
        let mut history = History::new();
        for cell in 0..10 * 12 {
            let failures = if cell % 3 == 0 { 40.0 } else { 0.0 };
            history.push(500.0, failures, Expected::Pattern(0.0));
        }
        let mut pattern = HourPattern::new(5, 0);
        pattern.follow(10 * 12, 0.02, &history, |_| true);
        assert_eq!(pattern.minutes(), [0, 15, 30, 45]);
    }

    #[test]
    fn what_may_not_teach_is_no_pattern() {
        let marks = found(&bursts(10), 600, false);
        assert!(marks.iter().all(Option::is_none));
    }
}
