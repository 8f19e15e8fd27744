//! Detector A: has the failure rate clearly risen, and does it not heal?
//!
//! For several look-back windows, counts are tested against the baseline (a scan statistic with a negative binomial
//! tail). Then four questions separate a sustained rise from a spike: is it old enough, is it raised right now, is it
//! raised nearly all the time since it began, and did the number of failures rise, not only their share?

use crate::verdict::ground::Ground;
use crate::verdict::history::Tally;
use crate::verdict::lookback::{Lookback, begin_of, due};
use crate::verdict::onset::{best_end, best_suffix};
use crate::verdict::span::{Checks, Span, has_effect};
use crate::verdict::tail::surprise;
use crate::verdict::thresholds as limits;
use crate::verdict::winsor::winsorised;

/// One window's test, kept whole so that it can be explained.
#[derive(Clone, Debug)]
pub struct Test {
    pub window: usize,
    pub counted: Tally,
    pub alpha: f64,
    pub surprise: f64,
    /// The rise that the window holds, if there is any worth a look.
    pub checks: Option<Checks>,
}

impl Test {
    /// The start of the rise, if it is a sustained one.
    pub fn alarm(&self) -> Option<usize> {
        let checks = self.checks.filter(|checks| checks.spread)?;
        Some(checks.from)
    }
}

/// Looks at the windows that are due and returns the first that finds a sustained rise.
pub fn find_rise(ground: &Ground, lookback: &Lookback) -> Option<Test> {
    let end = ground.history.len();
    due(end, ground.cell_minutes)
        .filter(|window| may_have_risen(ground, *window, lookback))
        .filter_map(|window| test(ground, window, end))
        .find(|test| test.alarm().is_some())
}

/// A no is sure, since to limit the blocks of a window only lowers its count.
fn may_have_risen(ground: &Ground, window: usize, lookback: &Lookback) -> bool {
    let (from, seen) = lookback.window(window, ground.history);
    if !has_effect(ground, &seen, limits::WORTH_A_LOOK_RISE) {
        return false;
    }
    // The exact tail of few requests costs more than the blocks.
    seen.n < limits::EXACT_BELOW_REQUESTS
        || surprise(seen.k, seen.n, seen.e, alpha(ground, window, from))
            >= limits::WORTH_A_LOOK_NATS
}

fn alpha(ground: &Ground, window: usize, from: usize) -> f64 {
    let known = ground.baseline.known_at(from);
    ground.noise.alpha_for_test(window, known)
}

/// Tests one window that ends at `end`; `None` where it is too short here to be cut in blocks.
pub fn test(ground: &Ground, window: usize, end: usize) -> Option<Test> {
    let cells = limits::WINDOWS[window].minutes / ground.cell_minutes;
    let from = begin_of(window, end, ground.from, ground.cell_minutes);
    if end < from + limits::HOLD_CELLS.max(cells.div_ceil(2)) {
        return None;
    }
    let plain = ground.history.between(from, end);
    if !has_effect(ground, &plain, limits::WORTH_A_LOOK_RISE) {
        // Limiting blocks only lowers the count, so there is no need to cut them.
        return Some(not_risen(window, plain));
    }
    let counted = winsorised(ground.history, from, end, limits::WINDOWS[window].blocks);
    let alpha = alpha(ground, window, from);
    let surprise = surprise(counted.k, counted.n, counted.e, alpha);
    let look = surprise >= limits::WORTH_A_LOOK_NATS;
    Some(Test {
        window,
        counted,
        alpha,
        surprise,
        checks: look.then(|| check(ground, window, end, &counted)).flatten(),
    })
}

fn not_risen(window: usize, counted: Tally) -> Test {
    Test {
        window,
        counted,
        alpha: f64::NAN,
        surprise: 0.0,
        checks: None,
    }
}

/// Looks for the start of the rise. Where a burst lies before it, the likeliest start is that of the burst, and the time
/// between is not raised; then the start is sought behind the burst.
fn check(ground: &Ground, window: usize, end: usize, counted: &Tally) -> Option<Checks> {
    let minutes = limits::WINDOWS[window].minutes;
    let reach = (4 * minutes).max(limits::ONSET_SEARCH_MINUTES_MIN) / ground.cell_minutes;
    let reachable = ground.from.max(ground.history.first());
    let mut low = end.saturating_sub(reach).max(reachable);
    let rise = (counted.k / counted.e.max(1e-9)).clamp(limits::RISE_MIN, 1000.0);
    let mut first = None;
    for _ in 0..limits::STARTS_MAX {
        let Some(start) = best_suffix(ground.history, low, end, rise) else {
            break;
        };
        let span = Span {
            ground,
            from: start.from,
            end,
            minutes,
        };
        let checks = span.check(start.latest);
        if checks.spread {
            return Some(checks);
        }
        first = first.or(Some(checks));
        low = best_end(ground.history, start.from, end, rise);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::engine::Track;
    use crate::verdict::reproducible::Outside;
    use crate::verdict::settings::Settings;
    use crate::verdict::simulate::{DAY, Rng};

    /// What `find_rise` gives when each window is tested in full.
    fn find_in_full(ground: &Ground, end: usize) -> Option<usize> {
        due(end, ground.cell_minutes)
            .filter_map(|window| test(ground, window, end))
            .find(|test| test.alarm().is_some())
            .map(|test| test.window)
    }

    #[test]
    fn no_window_that_holds_a_rise_is_passed_over() {
        let mut rises = 0;
        for (seed, mean) in [(1, 0.3), (2, 5.0), (3, 80.0), (4, 20_000.0)] {
            let mut rng = Rng::new(seed);
            let mut lookback = Lookback::default();
            let mut track = Track::new(&Settings::default(), 1, 0);
            for minute in 0..3 * DAY {
                let raised = minute > DAY && minute % 700 < 200;
                let n = rng.poisson(if minute % 500 < 40 { 0.0 } else { mean });
                let k = rng.poisson(n as f64 * if raised { 0.05 } else { 0.01 });
                track.push(n as f64, k.min(n) as f64, Outside::default());
                let ground = track.ground();
                lookback.follow(ground.history, ground.from, 1);
                let found = find_rise(&ground, &lookback).map(|test| test.window);
                assert_eq!(found, find_in_full(&ground, minute + 1), "{seed} {minute}");
                rises += usize::from(found.is_some());
            }
        }
        assert!(rises > 100, "{rises}");
    }
}
