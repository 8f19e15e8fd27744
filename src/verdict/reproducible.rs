//! Detector B: does one operation fail (nearly) every time?
//!
//! A CUSUM of votes, one a cell with traffic: failing when at least 80 % failed. It needs no history, works on two
//! requests an hour, and weighs a failure by how rare it is elsewhere, so that an outage of the whole integration is
//! not reported once for each operation.

use crate::verdict::history::Tally;
use crate::verdict::settings::Settings;
use crate::verdict::thresholds as limits;

/// The integration outside the series, since the history began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outside {
    /// Requests and failures.
    pub n: f64,
    pub k: f64,
    /// How many operations have been seen, for the chance of a false alarm in one of them.
    pub operations: usize,
}

/// The running votes of one series.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    failing: u32,
    succeeding: u32,
    from: usize,
    last_failing: usize,
    counted: Tally,
    before: Outside,
    outside: Outside,
    /// The normal failure share when the run began: a run never raises its own.
    normal: f64,
}

impl Votes {
    /// Counts the votes of `cell`.
    pub fn cast(
        &mut self,
        cell: usize,
        counts: &Tally,
        outside: Outside,
        normal: f64,
        minutes: usize,
    ) {
        if counts.n <= 0.0 {
            return;
        }
        let fails = counts.k >= limits::VOTE_SHARE * counts.n;
        if self.failing == 0 || self.score() <= 0.0 {
            if !fails {
                return;
            }
            self.restart(cell, outside, normal);
        }
        let votes = counts.n.min((minutes / limits::VOTE_MINUTES).max(1) as f64) as u32;
        if fails {
            self.failing = self.failing.saturating_add(votes);
            self.last_failing = cell;
        } else {
            self.succeeding = self.succeeding.saturating_add(votes);
        }
        self.counted.n += counts.n;
        self.counted.k += counts.k;
        self.outside = outside;
    }

    fn restart(&mut self, cell: usize, outside: Outside, normal: f64) {
        *self = Self {
            from: cell,
            before: outside,
            normal,
            ..Self::default()
        };
    }

    /// The log-likelihood ratio of "fails 85 % of the time" against the failure share outside.
    pub fn score(&self) -> f64 {
        let gain = (limits::VOTE_RATE / self.normal_rate()).ln().max(0.0);
        f64::from(self.failing) * gain - f64::from(self.succeeding) * limits::VOTE_SUCCESS
    }

    /// What a healthy series is thought to fail with: twice what is seen outside the run, at least 2 %.
    pub fn normal_rate(&self) -> f64 {
        let n = self.outside.n - self.before.n;
        let k = self.outside.k - self.before.k;
        let outside = if n > 0.0 { k / n } else { 0.0 };
        limits::VOTE_NORMAL_MIN
            .max(2.0 * outside)
            .max(2.0 * self.normal)
            .min(limits::VOTE_RATE)
    }

    pub fn failing(&self) -> u32 {
        self.failing
    }

    pub fn succeeding(&self) -> u32 {
        self.succeeding
    }

    /// The share of the run's requests that failed.
    pub fn share(&self) -> f64 {
        self.counted.share()
    }

    /// How many cells the run spans, up to its last failing one.
    pub fn cells(&self) -> usize {
        self.last_failing + 1 - self.from.min(self.last_failing)
    }

    /// The start of the run, when it is long, pure and improbable enough to be called reproducible.
    pub fn alarm(
        &self,
        operations: usize,
        cell_minutes: usize,
        settings: &Settings,
    ) -> Option<usize> {
        let cells = self.cells();
        let held = (cells * cell_minutes) as u64 >= settings.hold_minutes
            && (cell_minutes == 1 || cells >= limits::HOLD_CELLS);
        let sure = self.failing >= limits::VOTES_MIN
            && self.score() >= threshold(operations)
            && self.counted.k >= limits::VOTE_RATE * self.counted.n;
        (held && sure).then_some(self.from)
    }
}

/// `ln(m / 1e-4)` for m things tried, a hundred more for those that were dropped.
pub fn threshold(operations: usize) -> f64 {
    ((operations as f64 + limits::VOTE_SLICES_FREE) / limits::VOTE_FALSE).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(votes: &mut Votes, cell: usize, n: f64, k: f64, outside: Outside) {
        let counts = Tally {
            n,
            k,
            ..Tally::default()
        };
        votes.cast(cell, &counts, outside, 0.005, 1);
    }

    fn alarm(votes: &Votes) -> Option<usize> {
        votes.alarm(5, 1, &Settings::default())
    }

    #[test]
    fn four_failures_over_ten_minutes_suffice_three_do_not() {
        let mut votes = Votes::default();
        for cell in [10, 20, 30] {
            cast(&mut votes, cell, 1.0, 1.0, Outside::default());
            assert_eq!(alarm(&votes), None);
        }
        cast(&mut votes, 40, 1.0, 1.0, Outside::default());
        assert_eq!(alarm(&votes), Some(10));
    }

    #[test]
    fn a_mixed_operation_and_a_short_burst_are_not_reproducible() {
        let mut mixed = Votes::default();
        for cell in 0..100 {
            cast(
                &mut mixed,
                cell * 7,
                1.0,
                f64::from(u8::from(cell % 2 == 0)),
                Outside::default(),
            );
        }
        assert_eq!(alarm(&mixed), None);
        let mut burst = Votes::default();
        for cell in 0..8 {
            cast(&mut burst, cell, 10.0, 10.0, Outside::default());
        }
        assert_eq!(alarm(&burst), None);
    }

    #[test]
    fn where_everything_fails_no_single_operation_is_to_blame() {
        let mut votes = Votes::default();
        for cell in 0..60 {
            let all = 100.0 * cell as f64;
            cast(
                &mut votes,
                cell,
                1.0,
                1.0,
                Outside {
                    n: all,
                    k: all,
                    operations: 5,
                },
            );
        }
        assert_eq!(alarm(&votes), None);
    }
}
