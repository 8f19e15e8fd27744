//! Detector A: has the failure rate clearly risen, and does it not heal?
//!
//! For several look-back windows, counts are tested against the baseline (a scan statistic with a negative binomial
//! tail). Then four questions separate a sustained rise from a spike: is it old enough, is it raised right now, is it
//! raised nearly all the time since it began, and did the number of failures rise, not only their share?

use crate::verdict::ground::Ground;
use crate::verdict::history::Tally;
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

/// Looks at the windows that are due at `end` and returns the first that finds a sustained rise.
pub fn find_rise(ground: &Ground, end: usize) -> Option<Test> {
    // Each window holds the shorter ones, whose cells need not be summed again.
    let (mut begin, mut sum) = (end, Tally::default());
    for window in 0..limits::WINDOWS.len() {
        if !is_due(ground, window, end) {
            continue;
        }
        let from = begin_of(ground, window, end);
        sum = sum + ground.history.between(from, begin);
        begin = from;
        let test = test_sum(ground, window, end, sum);
        if test.as_ref().is_some_and(|test| test.alarm().is_some()) {
            return test;
        }
    }
    None
}

/// Where a window that ends at `end` begins.
fn begin_of(ground: &Ground, window: usize, end: usize) -> usize {
    let cells = limits::WINDOWS[window].minutes / ground.cell_minutes;
    end.saturating_sub(cells).max(ground.from).min(end)
}

fn is_due(ground: &Ground, window: usize, end: usize) -> bool {
    let every = limits::WINDOWS[window].every_minutes / ground.cell_minutes;
    every <= 1 || end.is_multiple_of(every)
}

/// Tests one window that ends at `end`; `None` where it is too short here to be cut in blocks.
pub fn test(ground: &Ground, window: usize, end: usize) -> Option<Test> {
    let from = begin_of(ground, window, end);
    test_sum(ground, window, end, ground.history.between(from, end))
}

fn test_sum(ground: &Ground, window: usize, end: usize, plain: Tally) -> Option<Test> {
    let cells = limits::WINDOWS[window].minutes / ground.cell_minutes;
    let from = begin_of(ground, window, end);
    if end < from + limits::HOLD_CELLS.max(cells.div_ceil(2)) {
        return None;
    }
    if !has_effect(ground, &plain, limits::WORTH_A_LOOK_RISE) {
        // Limiting blocks only lowers the count, so there is no need to cut them.
        return Some(not_risen(window, plain));
    }
    let counted = winsorised(ground.history, from, end, limits::WINDOWS[window].blocks);
    let alpha = ground
        .noise
        .alpha_for_test(window, ground.baseline.known_at(from));
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
