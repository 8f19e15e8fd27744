//! The life of a Category 2 episode: opened by an alarm, joined when it flaps, closed when the data say so.
//!
//! Closing is a test of its own (a CUSUM of normal against raised), because "no alarm any more" is not recovery. No
//! data is no decision: gaps, nights and weekends keep an episode open and silent.

use crate::verdict::found::{Cause, Ending, Found};
use crate::verdict::history::{History, Tally};
use crate::verdict::onset::Onset;
use crate::verdict::recovery::recovery_nats;
use crate::verdict::thresholds as limits;

#[derive(Clone, Debug)]
pub struct Episode {
    /// Where the alarm saw the start.
    pub from: usize,
    /// No earlier start is possible: an earlier episode, or too little history.
    pub floor: usize,
    /// How many cells had been seen when it would have alerted.
    pub alarm: usize,
    pub cause: Cause,
    pub end: Option<(usize, Ending)>,
    /// How often it came back within the joining time.
    pub returns: u32,
    recovery_nats: f64,
    recovery_from: usize,
    /// Its start, once it has settled, and what has been counted since.
    pub settled: Option<Settled>,
    /// What is to be said of it, once it is over.
    pub found: Option<Found>,
}

/// The start of an episode that went on for some time, and its counts up to a cell.
#[derive(Clone, Debug)]
pub struct Settled {
    pub onset: Onset,
    pub counted: Tally,
    pub until: usize,
}

/// The episodes of one series, oldest first; at most the last is open.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub episodes: Vec<Episode>,
}

impl Book {
    pub fn open_mut(&mut self) -> Option<&mut Episode> {
        self.episodes.last_mut().filter(|last| last.end.is_none())
    }

    pub fn open_now(&self) -> Option<&Episode> {
        self.episodes.last().filter(|last| last.end.is_none())
    }

    pub fn is_open(&self) -> bool {
        self.episodes.last().is_some_and(|last| last.end.is_none())
    }

    /// The cell after the last episode; tests do not look behind it.
    pub fn last_end(&self) -> usize {
        let end = self.episodes.last().and_then(|last| last.end);
        end.map_or(0, |(end, _)| end)
    }

    /// Opens an episode, or goes on with the last one if that ended a short while before.
    pub fn open(
        &mut self,
        from: usize,
        alarm: usize,
        floor: usize,
        cause: Cause,
        cell_minutes: usize,
    ) {
        if let Some(last) = self.episodes.last_mut()
            && let Some((end, Ending::Healed)) = last.end
            && from.saturating_sub(end) * cell_minutes < limits::JOIN_MINUTES
        {
            last.end = None;
            last.found = None;
            last.returns += 1;
            last.reset_recovery(alarm);
            return;
        }
        self.episodes.push(Episode {
            from,
            floor: floor.min(from),
            alarm,
            cause,
            end: None,
            returns: 0,
            recovery_nats: 0.0,
            recovery_from: alarm,
            settled: None,
            found: None,
        });
    }
}

impl Episode {
    fn reset_recovery(&mut self, cell: usize) {
        self.recovery_nats = 0.0;
        self.recovery_from = cell;
    }

    /// Weighs the newest cell, which must have had requests; returns how the episode ended, if it did.
    pub fn follow(&mut self, history: &History, cell_minutes: usize) -> Option<(usize, Ending)> {
        let cell = history.len() - 1;
        self.end = self.weigh(history, cell, cell_minutes);
        self.end
    }

    fn weigh(
        &mut self,
        history: &History,
        cell: usize,
        cell_minutes: usize,
    ) -> Option<(usize, Ending)> {
        let until = self.recovery_from.max(self.from + 1);
        let raised = history.between(self.from.max(history.first()), until);
        self.recovery_nats += recovery_nats(&history.cell(cell), &raised);
        if self.recovery_nats <= 0.0 {
            self.reset_recovery(cell + 1);
        }
        let minutes = (cell + 1 - self.recovery_from) * cell_minutes;
        if self.recovery_nats >= limits::CLOSE_NATS && minutes >= limits::CLOSE_MINUTES {
            return Some((self.recovery_from, Ending::Healed));
        }
        let age = (cell + 1 - self.from) * cell_minutes;
        (age >= limits::EPISODE_MINUTES_MAX).then_some((cell + 1, Ending::NewNormal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::history::{Expected, Price};

    /// Plays `(minutes, requests, failures)` through an episode that began at once.
    fn play(steps: &[(usize, f64, f64)]) -> Option<(usize, Ending)> {
        let price = Price {
            centre: 0.005,
            allowed: 0.005,
            base: 0.005,
        };
        let mut history = History::new();
        let mut book = Book::default();
        book.open(0, 0, 0, Cause::default(), 1);
        for (minutes, n, k) in steps {
            for _ in 0..*minutes {
                history.push(*n, *k, Expected::Tested(price));
                if *n > 0.0
                    && let Some(end) = book.open_mut().and_then(|open| open.follow(&history, 1))
                {
                    return Some(end);
                }
            }
        }
        None
    }

    #[test]
    fn it_ends_at_the_last_raised_minute_after_half_an_hour_of_normal() {
        let end = play(&[(60, 100.0, 10.0), (40, 100.0, 0.0)]);
        assert_eq!(end, Some((60, Ending::Healed)));
        assert_eq!(play(&[(60, 100.0, 10.0), (25, 100.0, 0.0)]), None);
    }

    /// As seen in a gateway's log: six requests in five minutes, one in eight throttled for two hours, then none.
    #[test]
    fn a_thin_series_with_a_tiny_normal_rate_ends_within_hours() {
        let price = Price {
            centre: 0.0003,
            allowed: 0.0003,
            base: 0.0003,
        };
        let mut history = History::new();
        let mut book = Book::default();
        book.open(0, 0, 0, Cause::default(), 5);
        let mut end = None;
        for cell in 0..72 {
            history.push(
                6.0,
                if cell < 24 && cell % 4 != 3 { 1.0 } else { 0.0 },
                Expected::Tested(price),
            );
            end = end.or_else(|| book.open_mut().and_then(|open| open.follow(&history, 5)));
        }
        assert_eq!(end, Some((23, Ending::Healed)));
    }

    #[test]
    fn silence_decides_nothing_and_three_days_make_a_new_normal() {
        assert_eq!(play(&[(60, 100.0, 10.0), (2000, 0.0, 0.0)]), None);
        let long = play(&[(5000, 100.0, 10.0)]);
        assert_eq!(long, Some((4320, Ending::NewNormal)));
    }

    #[test]
    fn coming_back_within_ninety_minutes_is_the_same_episode() {
        let mut book = Book::default();
        book.open(0, 20, 0, Cause::default(), 1);
        book.episodes[0].end = Some((50, Ending::Healed));
        book.open(120, 140, 50, Cause::default(), 1);
        assert_eq!((book.episodes.len(), book.episodes[0].returns), (1, 1));
        book.episodes[0].end = Some((150, Ending::Healed));
        book.open(300, 320, 150, Cause::default(), 1);
        assert_eq!(book.episodes.len(), 2);
    }
}
