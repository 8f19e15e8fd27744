//! By how much the failure rate rose, with an interval.
//!
//! The ratio of observed to normally expected failures over the episode. Its logarithm is taken as normal, with the
//! Poisson variance of the count, the wander of the series at the length of the episode, and the error of the baseline.

use crate::verdict::history::Tally;
use crate::verdict::overdispersion::Overdispersion;
use crate::verdict::thresholds as limits;

/// A factor with the ends of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    pub factor: f64,
    pub low: f64,
    pub high: f64,
    /// What makes up the variance of its logarithm.
    pub variance: Variance,
}

/// The variance of the logarithm of a rise factor, part by part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variance {
    /// Poisson: one by the failures.
    pub count: f64,
    /// The wander of the rate over the length of the episode.
    pub wander: f64,
    /// And from day to day.
    pub daily: f64,
    /// The error of the normal rate.
    pub level: f64,
}

impl Variance {
    pub fn sigma(&self) -> f64 {
        (self.count + self.wander + self.daily + self.level).sqrt()
    }
}

/// `None` when nothing failed or nothing is known of the normal.
pub fn estimate(raised: &Tally, minutes: f64, noise: &Overdispersion, known: f64) -> Option<Rise> {
    if raised.k <= 0.0 || raised.base <= 0.0 {
        return None;
    }
    let variance = Variance {
        count: 1.0 / raised.k,
        wander: noise.alpha_high(window_of(minutes)),
        daily: noise.alpha(limits::WINDOW_DAY) / 3.0,
        level: 1.0 / known.max(limits::PRIOR_ERRORS) + limits::RISE_LEVEL_VARIANCE,
    };
    let factor = raised.k / raised.base;
    let spread = (limits::INTERVAL_SIGMAS * variance.sigma()).exp();
    Some(Rise {
        factor,
        low: factor / spread,
        high: factor * spread,
        variance,
    })
}

/// The longest look-back window that is not longer than the episode: noise depends on the length of time.
pub fn window_of(minutes: f64) -> usize {
    let longer = |window: &limits::Window| window.minutes as f64 > minutes;
    let count = limits::WINDOWS.iter().position(longer);
    count.unwrap_or(limits::WINDOWS.len()).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_failures_and_a_known_baseline_narrow_the_interval() {
        let tally = |k: f64| Tally {
            n: 100.0 * k,
            k,
            base: k / 5.0,
            ..Tally::default()
        };
        let noise = Overdispersion::default();
        let few = estimate(&tally(10.0), 60.0, &noise, 5.0).expect("known");
        let many = estimate(&tally(1000.0), 600.0, &noise, 5000.0).expect("known");
        assert_eq!(few.factor, 5.0);
        assert!(many.high / many.low < few.high / few.low);
        assert_eq!(estimate(&Tally::default(), 1.0, &noise, 1.0), None);
    }
}
