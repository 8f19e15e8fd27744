//! Did the failures rise, or only their share of a volume that fell?

use crate::verdict::ground::Ground;
use crate::verdict::tail::chance;
use crate::verdict::thresholds as limits;

/// Did the failures per minute rise as well, against the hour before, yesterday and a week ago?
///
/// A fall of volume with a constant trickle of failures raises the share and is no incident. When at least half of
/// everything fails, the count cannot show it; then a great fall in volume may be successes that come in late.
pub fn counts_rose(ground: &Ground, from: usize, end: usize, minutes: usize) -> bool {
    let since = ground.history.between(from, end);
    let usual = usual(ground, from, end, minutes);
    if since.n >= limits::GATE_FELL * usual.requests_most {
        return true;
    }
    if since.share() < limits::GATE_SHARE {
        let alpha = ground
            .noise
            .alpha_for_test(limits::WINDOW_SHORT, usual.known);
        return since.k >= limits::GATE_RISE * usual.failures_least
            && chance(since.k, usual.failures_least, alpha) <= limits::GATE_CHANCE;
    }
    let fell = since.n < limits::GATE_VOLUME * usual.requests_least;
    let late = fell && since.k < limits::GATE_COUNT * usual.failures_least;
    !late || (end - from) * ground.cell_minutes >= limits::GATE_WAIT_MINUTES
}

/// What a stretch so long usually has, by the hour before, yesterday and a week ago.
pub struct Usual {
    pub requests_most: f64,
    pub requests_least: f64,
    pub failures_least: f64,
    /// The fewest failures that any of them rests on.
    pub known: f64,
}

pub fn usual(ground: &Ground, from: usize, end: usize, minutes: usize) -> Usual {
    let references = references(ground, from, end, minutes);
    let cells = (end - from).max(1) as f64;
    let pace = |value: fn(&Reference) -> f64| {
        let all = references.iter();
        all.map(move |one| value(one) / one.cells as f64 * cells)
    };
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    Usual {
        requests_most: pace(|one| one.n).fold(0.0, f64::max),
        requests_least: least(&mut pace(|one| one.n)),
        failures_least: least(&mut pace(|one| one.k)),
        known: least(&mut references.iter().map(|one| one.k)),
    }
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
