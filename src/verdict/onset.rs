//! When a rise began: by likelihood, with an interval.
//!
//! Two uses of the same idea. While detecting, the best suffix of the log-likelihood ratio (Page's CUSUM read
//! backwards) says how old the rise is. For the report, the generalised likelihood ratio over all starts (Poisson, as
//! in FOCuS, Romano et al. 2023) gives the most likely start and all starts that explain the data nearly as well.

use crate::verdict::history::{History, Tally};
use crate::verdict::overdispersion::Overdispersion;
use crate::verdict::rise::window_of;
use crate::verdict::tail::surprise;
use crate::verdict::thresholds as limits;
use crate::verdict::winsor::winsorised;

/// The suffix of the data that speaks most for a rise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suffix {
    pub nats: f64,
    pub from: usize,
    /// The latest start that explains the data nearly as well.
    pub latest: usize,
}

/// Searches `low..end` for the start from which a rate `rise` times the normal explains the data best.
pub fn best_suffix(history: &History, low: usize, end: usize, rise: f64) -> Option<Suffix> {
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(end.saturating_sub(low));
    let mut best = (0.0, end);
    for (at, cell) in (low..end).rev().zip(history.tested(low, end).rev()) {
        sum += cell_nats(cell, rise);
        sums.push(sum);
        if sum > best.0 {
            best = (sum, at);
        }
    }
    if best.1 == end {
        return None;
    }
    let close = |sum: &f64| *sum >= best.0 - limits::HOLD_NATS;
    let latest = sums
        .iter()
        .position(close)
        .map_or(best.1, |back| end - 1 - back);
    Some(Suffix {
        nats: best.0,
        from: best.1,
        latest,
    })
}

/// The end of the stretch from `from` that speaks most for a rise.
pub fn best_end(history: &History, from: usize, end: usize, rise: f64) -> usize {
    let mut sum = 0.0;
    let mut best = (0.0, from + 1);
    for (at, cell) in (from..end).zip(history.tested(from, end)) {
        sum += cell_nats(cell, rise);
        if sum > best.0 {
            best = (sum, at + 1);
        }
    }
    best.1
}

/// The log-likelihood ratio of one cell, raised against normal, with what a single cell may say capped.
fn cell_nats((n, k, e): (f64, f64, f64), rise: f64) -> f64 {
    if n <= 0.0 || e <= 0.0 {
        return 0.0;
    }
    let normal = (e / n).clamp(1e-12, 0.95);
    let raised = (rise * normal).min(0.5 + 0.5 * normal);
    let cap = limits::LIKELIHOOD_CAP_FACTOR * n * raised + limits::LIKELIHOOD_CAP_FREE;
    let k = k.min(cap).min(n);
    let succeeded = (n - k) * ((1.0 - raised) / (1.0 - normal)).ln();
    if k > 0.0 {
        k * (raised / normal).ln() + succeeded
    } else {
        succeeded
    }
}

/// The stated start, in cells, with the ends of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    pub at: usize,
    pub low: usize,
    pub high: usize,
    /// Where the data before the start end, if a hole lies between them and the start.
    pub hole_from: Option<usize>,
    /// How much likelier than no rise the start is, and what its interval is widened by.
    pub nats: f64,
    pub dispersion: f64,
}

/// What is known when the start is estimated.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// No start before this cell.
    pub low: usize,
    /// No start after this cell.
    pub high: usize,
    /// The data up to here count.
    pub end: usize,
    pub cell_minutes: usize,
    /// What wanders by itself is no ramp.
    pub noise: &'a Overdispersion,
    /// Failures that the normal rate rests on.
    pub known: f64,
}

/// The most likely start: `L(t) = K ln(K/E) - (K - E)` over `[t, end)` is greatest; of equals, as in a hole, the latest.
pub fn estimate(history: &History, search: Search) -> Onset {
    let gain = |from: usize| start_nats(&history.between(from, search.end));
    let low = search.low.min(search.end);
    let search = Search { low, ..search };
    let high = search.high.clamp(search.low, search.end);
    let (at, best) = (search.low..=high).fold((high, gain(high)), |best, from| {
        let nats = gain(from);
        if nats >= best.1 { (from, nats) } else { best }
    });
    let dispersion = dispersion(history, at, search);
    let near = |from: &usize| gain(*from) >= best - limits::ONSET_NATS * dispersion;
    let low = (search.low..=at).find(near).unwrap_or(at);
    let late = (at..=high).rev().find(near).unwrap_or(at);
    let start = before_the_ramp(history, at, search);
    // The foot of a ramp is below what can be seen: it may lie as far again before the part that can.
    let low = low.min(start.saturating_sub(at - start)).max(search.low);
    let onset = Onset {
        at: start,
        low,
        high: late,
        hole_from: None,
        nats: best,
        dispersion,
    };
    with_hole(history, onset, search)
}

fn start_nats(raised: &Tally) -> f64 {
    if raised.k <= raised.e || raised.e <= 0.0 {
        return 0.0;
    }
    raised.k * (raised.k / raised.e).ln() - (raised.k - raised.e)
}

/// Pearson's dispersion of ten-minute sums around the raised level; never below 1.
fn dispersion(history: &History, at: usize, search: Search) -> f64 {
    let whole = history.between(at, search.end);
    if whole.e <= 0.0 || whole.k <= 0.0 {
        return 1.0;
    }
    let step = limits::ONSET_BLOCK_MINUTES.div_ceil(search.cell_minutes);
    let mut sum = 0.0;
    let mut blocks = 0.0;
    for from in (at..search.end).step_by(step) {
        let block = history.between(from, (from + step).min(search.end));
        let fitted = block.e * whole.k / whole.e;
        if fitted > 0.0 {
            sum += (block.k - fitted).powi(2) / fitted;
            blocks += 1.0;
        }
    }
    if blocks < 3.0 {
        return 1.0;
    }
    (sum / (blocks - 1.0)).clamp(1.0, limits::ONSET_DISPERSION_MAX)
}

/// Goes back step by step while what lies just before is raised too, though less.
fn before_the_ramp(history: &History, at: usize, search: Search) -> usize {
    let reach = limits::RAMP_MINUTES_MAX / search.cell_minutes;
    let mut start = at;
    for _ in 0..limits::RAMP_STEPS_MAX {
        let low = search.low.max(start.saturating_sub(reach));
        match best_suffix(history, low, start, limits::RAMP_RISE) {
            Some(earlier) if is_raised(history, earlier.from, start, search) => {
                start = earlier.from
            }
            _ => break,
        }
    }
    start
}

/// More failures than the noise of the series over such a time explains, however the worst minutes are limited.
fn is_raised(history: &History, from: usize, end: usize, search: Search) -> bool {
    let minutes = (end - from) * search.cell_minutes;
    let alpha = search
        .noise
        .alpha_for_test(window_of(minutes as f64), search.known);
    let counted = winsorised(history, from, end, limits::RAMP_BLOCKS);
    surprise(counted.k, counted.n, counted.e, alpha) >= limits::RAMP_NATS
}

/// A start just behind a hole may lie anywhere in the hole.
fn with_hole(history: &History, onset: Onset, search: Search) -> Onset {
    let at = onset.at;
    let empty = |cell: usize| history.cell(cell).all_n <= 0.0;
    let mut from = at;
    while from > search.low && empty(from - 1) {
        from -= 1;
    }
    let hole = (at - from) * search.cell_minutes >= limits::ONSET_HOLE_MINUTES;
    Onset {
        low: if hole { onset.low.min(from) } else { onset.low },
        hole_from: hole.then_some(from),
        ..onset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::history::{Expected, Price};

    fn history(rates: &[(usize, f64, f64)]) -> History {
        let price = Price {
            centre: 0.01,
            allowed: 0.01,
            base: 0.01,
        };
        let mut history = History::new();
        for (minutes, n, k) in rates {
            for _ in 0..*minutes {
                history.push(*n, *k, Expected::Tested(price));
            }
        }
        history
    }

    fn search(noise: &Overdispersion, end: usize) -> Search<'_> {
        Search {
            low: 0,
            high: end,
            end,
            cell_minutes: 1,
            noise,
            known: 100.0,
        }
    }

    #[test]
    fn the_start_of_a_step_is_found_with_a_narrow_interval() {
        let steps = history(&[(100, 100.0, 1.0), (40, 100.0, 5.0)]);
        let onset = estimate(&steps, search(&Overdispersion::default(), 140));
        assert_eq!(onset.at, 100);
        assert!(onset.low >= 98 && onset.high <= 102, "{onset:?}");
    }

    #[test]
    fn a_start_behind_a_hole_says_so() {
        let hole = history(&[(60, 100.0, 1.0), (120, 0.0, 0.0), (40, 100.0, 9.0)]);
        let onset = estimate(&hole, search(&Overdispersion::default(), 220));
        assert_eq!(onset.hole_from, Some(60));
        assert_eq!(onset.low, 60);
    }

    #[test]
    fn an_accidental_error_does_not_age_a_spike() {
        let spike = history(&[
            (50, 100.0, 1.0),
            (1, 100.0, 4.0),
            (20, 100.0, 1.0),
            (3, 100.0, 90.0),
        ]);
        let suffix = best_suffix(&spike, 0, 74, 5.0).expect("a rise");
        assert!(suffix.latest >= 71, "{suffix:?}");
    }
}
