//! Are successes suspiciously absent? Logs of what went well may arrive later than logs of what failed.

use std::collections::BTreeMap;

use crate::model::time::Timestamp;
use crate::verdict::slices::limits;

const DAY: i64 = 86_400;
/// Successes are counted in stretches of this length.
const STEP: i64 = 600;

/// Successes of an integration so far, by ten minutes.
#[derive(Default)]
pub struct Successes {
    steps: BTreeMap<i64, f64>,
    first: Option<Timestamp>,
}

impl Successes {
    pub fn add(&mut self, at: Timestamp, weight: f64) {
        self.first = self.first.or(Some(at));
        *self.steps.entry(at.secs().div_euclid(STEP)).or_default() += weight;
    }

    /// Far fewer in the 40 minutes before `now` than is usual at this time of day.
    pub fn are_absent(&self, now: Timestamp) -> bool {
        let mut usual: Vec<f64> = (1..=limits::ABSENT_DAYS)
            .map(|days| now.plus_secs(-days * DAY))
            .filter(|at| self.is_known(*at))
            .map(|at| self.before(at))
            .collect();
        if usual.len() < limits::ABSENT_DAYS_MIN {
            return false;
        }
        usual.sort_by(f64::total_cmp);
        let median = usual[usual.len() / 2];
        median >= limits::ABSENT_USUAL_MIN && self.before(now) < limits::ABSENT_SHARE * median
    }

    fn is_known(&self, at: Timestamp) -> bool {
        let from = at.plus_secs(-limits::ABSENT_SECONDS);
        self.first.is_some_and(|first| first <= from)
    }

    fn before(&self, at: Timestamp) -> f64 {
        let end = at.secs().div_euclid(STEP);
        let from = end - limits::ABSENT_SECONDS / STEP;
        self.steps.range(from..=end).map(|(_, n)| n).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_successes_are_suspicious_only_where_there_are_usually_many() {
        let mut successes = Successes::default();
        let (day, noon) = (DAY, 12 * 3600);
        for minute in 0..3 * 24 * 60 {
            successes.add(Timestamp::from_secs(minute * 60), 1.0);
        }
        let after = |seconds| Timestamp::from_secs(3 * day + seconds);
        assert!(!successes.are_absent(after(0)));
        assert!(successes.are_absent(after(noon)));
        let mut rare = Successes::default();
        for hour in 0..72 {
            rare.add(Timestamp::from_secs(hour * 3600), 1.0);
        }
        assert!(!rare.are_absent(after(noon)));
    }
}
