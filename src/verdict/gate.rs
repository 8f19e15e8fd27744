//! Did the failures rise, or only their share of a volume that fell?

use crate::verdict::ground::Ground;
use crate::verdict::tail::chance;
use crate::verdict::thresholds as limits;

/// Did the failures per minute rise as well, against the hour before, yesterday and a week ago?
///
/// A fall of volume with a constant trickle of failures raises the share and is no incident. When at least half of
/// everything fails, the count cannot show it; then a great fall in volume may be successes that come in late.
pub fn counts_rose(ground: &Ground, from: usize, end: usize, minutes: usize) -> bool {
    let references = references(ground, from, end, minutes);
    let since = ground.history.between(from, end);
    let cells = (end - from).max(1) as f64;
    let pace = |value: fn(&Reference) -> f64| {
        let all = references.iter();
        all.map(move |one| value(one) / one.cells as f64 * cells)
    };
    let usual = pace(|one| one.n).fold(0.0, f64::max);
    if since.n >= limits::GATE_FELL * usual {
        return true;
    }
    let smallest = |value| pace(value).fold(f64::INFINITY, f64::min);
    let failures = smallest(|one| one.k);
    if since.share() < limits::GATE_SHARE {
        let known = references
            .iter()
            .map(|one| one.k)
            .fold(f64::INFINITY, f64::min);
        let alpha = ground.noise.alpha_for_test(limits::WINDOW_SHORT, known);
        return since.k >= limits::GATE_RISE * failures
            && chance(since.k, failures, alpha) <= limits::GATE_CHANCE;
    }
    let fell = since.n < limits::GATE_VOLUME * smallest(|one| one.n);
    let late = fell && since.k < limits::GATE_COUNT * failures;
    !late || (end - from) * ground.cell_minutes >= limits::GATE_WAIT_MINUTES
}

/// Requests and failures of a stretch to compare with.
struct Reference {
    n: f64,
    k: f64,
    cells: usize,
}

/// The time before, yesterday and a week ago, as far as they are known.
fn references(ground: &Ground, from: usize, end: usize, minutes: usize) -> Vec<Reference> {
    let before = minutes.max(limits::GATE_BEFORE_MINUTES) / ground.cell_minutes;
    let around = limits::GATE_AROUND_MINUTES / ground.cell_minutes;
    let day = 1440 / ground.cell_minutes;
    let slots = |first: usize, last: usize| {
        let (n, k, cells) = ground.baseline.around(first, last);
        Reference { n, k, cells }
    };
    let mut found = Vec::with_capacity(3);
    if before > 0 && from >= before {
        found.push(slots(from - before, from));
    }
    for back in [day, 7 * day] {
        if from >= back + around {
            let (first, last) = (from - back - around, (end + around - back).min(from));
            found.push(slots(first, last));
        }
    }
    found
}
