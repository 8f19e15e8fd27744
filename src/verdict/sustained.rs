//! Detector A: has the failure rate clearly risen, and does it not heal?
//!
//! For several look-back windows, counts are tested against the baseline (a scan statistic with a negative binomial
//! tail). Then four questions separate a sustained rise from a spike: is it old enough, is it raised right now, is it
//! raised nearly all the time since it began, and did the number of failures rise, not only their share?

use crate::verdict::baseline::Baseline;
use crate::verdict::history::{History, Tally};
use crate::verdict::onset::{best_end, best_suffix};
use crate::verdict::overdispersion::Overdispersion;
use crate::verdict::recovery::recovery_nats;
use crate::verdict::rise::window_of;
use crate::verdict::settings::Settings;
use crate::verdict::tail::{chance, surprise};
use crate::verdict::thresholds as limits;
use crate::verdict::winsor::winsorised;

/// What the tests look at.
pub struct Ground<'a> {
    pub history: &'a History,
    pub baseline: &'a Baseline,
    pub noise: &'a Overdispersion,
    pub settings: &'a Settings,
    pub cell_minutes: usize,
    /// Windows may reach back to here: enough history lies before it, and no earlier episode behind it.
    pub from: usize,
    /// Has a whole day been seen? Before that the daily cycle is unknown.
    pub day_known: bool,
}

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

/// The questions about a supposed rise, in the order in which they are asked; after a no, the others are not.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    pub from: usize,
    /// Raised by the factor that counts, and old enough.
    pub held: bool,
    pub counted_up: bool,
    /// Of what has been counted since the start.
    pub surprise: f64,
    pub significant: bool,
    pub burning: bool,
    pub spread: bool,
}

impl Checks {
    /// Each answer with its name, up to the first no.
    pub fn answers(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let all = [
            ("risen and held", self.held),
            ("count rose", self.counted_up),
            ("significant", self.significant),
            ("burning, and no burst", self.burning),
            ("spread", self.spread),
        ];
        let first_no = all.iter().position(|(_, yes)| !yes);
        all.into_iter()
            .take(first_no.map_or(all.len(), |at| at + 1))
    }
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

/// `-ln` of the chance at which a window counts as risen: each has the same share of false alarms, and a longer one has
/// fewer independent positions in a month.
pub fn significance(window: usize) -> f64 {
    let minutes = limits::WINDOWS[window].minutes as f64;
    let looks = limits::CHANCE_OVERLAP * 30.0 * 1440.0 / minutes;
    (looks / limits::CHANCE_A_MONTH).ln()
}

/// What is left must be raised by more than chance, given how often bursts come and where the rise may start before one.
fn burst_rest_nats() -> f64 {
    (limits::BURSTS_A_MONTH * limits::BURST_STARTS / limits::CHANCE_A_MONTH).ln()
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

fn has_effect(ground: &Ground, counted: &Tally, rise: f64) -> bool {
    let floor = ground.settings.failures_min as f64;
    counted.k >= floor && counted.k - counted.e >= floor && counted.k >= rise * counted.e
}

fn rise_min(ground: &Ground) -> f64 {
    if ground.day_known {
        ground.settings.rise_min
    } else {
        ground.settings.rise_min.max(limits::RISE_MIN_FIRST_DAY)
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

/// A supposed rise: since `from`, seen in a window of `minutes`.
struct Span<'a> {
    ground: &'a Ground<'a>,
    from: usize,
    end: usize,
    minutes: usize,
}

impl Span<'_> {
    /// The cheapest question first, and none after the first no.
    fn check(&self, latest: usize) -> Checks {
        let held = self.is_risen() && self.has_held(latest);
        let counted_up = held && counts_rose(self.ground, self.from, self.end, self.minutes);
        let surprise = if counted_up { self.surprise() } else { 0.0 };
        let significant = counted_up && surprise >= significance(self.window());
        let burning = significant && self.is_burning() && self.is_more_than_a_burst();
        Checks {
            from: self.from,
            held,
            counted_up,
            surprise,
            significant,
            burning,
            spread: burning && self.is_spread(),
        }
    }

    fn since(&self) -> Tally {
        self.ground.history.between(self.from, self.end)
    }

    fn is_risen(&self) -> bool {
        has_effect(self.ground, &self.since(), rise_min(self.ground))
    }

    /// The window whose noise and number of looks are those of a rise so long.
    fn window(&self) -> usize {
        window_of(((self.end - self.from) * self.ground.cell_minutes) as f64)
    }

    fn surprise(&self) -> f64 {
        let window = self.window();
        let blocks = limits::WINDOWS[window].blocks;
        let counted = winsorised(self.ground.history, self.from, self.end, blocks);
        let known = self.ground.baseline.known_at(self.from);
        let alpha = self.ground.noise.alpha_for_test(window, known);
        surprise(counted.k, counted.n, counted.e, alpha)
    }

    fn has_held(&self, latest: usize) -> bool {
        let cells = self.end - latest;
        let minutes = (cells * self.ground.cell_minutes) as u64;
        minutes >= self.ground.settings.hold_minutes
            && (self.ground.cell_minutes == 1 || cells >= limits::HOLD_CELLS)
    }

    /// The failure share since the start, at least twice the normal.
    fn raised_rate(&self) -> f64 {
        let since = self.ground.history.between(self.from, self.end);
        since.share().max(2.0 * since.expected_share())
    }

    /// How many cells "right now" is: the shortest stretch that expects enough failures.
    fn now_cells(&self) -> usize {
        let most = (self.minutes / 2).max(self.ground.cell_minutes);
        let cells = |minutes: usize| minutes.div_ceil(self.ground.cell_minutes);
        let enough = |minutes: &usize| {
            let stretch = self.recent(cells(*minutes));
            stretch.n * self.raised_rate() >= limits::BURNING_ERRORS
        };
        let found = limits::BURNING_MINUTES
            .into_iter()
            .filter(|minutes| *minutes <= most)
            .find(enough);
        cells(found.unwrap_or(most))
    }

    fn recent(&self, cells: usize) -> Tally {
        self.ground
            .history
            .between(self.end.saturating_sub(cells), self.end)
    }

    fn is_burning(&self) -> bool {
        let recent = self.recent(self.now_cells());
        recent.n > 0.0
            && recent.k >= limits::BURNING_SHARE * self.raised_rate() * recent.n
            && recent.k >= limits::BURNING_RISE * recent.e
    }

    /// Without the worst stretch that a burst may last, is what is left raised still? Where the rise paused, that may
    /// have been two bursts, and both are left out.
    fn is_more_than_a_burst(&self) -> bool {
        let bursts = if self.has_paused() { 2 } else { 1 };
        let Some(rest) = self.without_bursts(bursts) else {
            return false;
        };
        let known = self.ground.baseline.known_at(self.from);
        let alpha = self
            .ground
            .noise
            .alpha_for_test(limits::WINDOW_SHORT, known);
        let still = rest.k >= limits::BURNING_SHARE * self.raised_rate() * rest.n;
        still && surprise(rest.k, rest.n, rest.e, alpha) >= burst_rest_nats()
    }

    /// Does any stretch since the start say that the rate was normal again?
    fn has_paused(&self) -> bool {
        let (history, since) = (self.ground.history, self.since());
        let mut nats: f64 = 0.0;
        (self.from..self.end).any(|cell| {
            nats = (nats + recovery_nats(&history.cell(cell), &since)).max(0.0);
            nats >= limits::PAUSE_NATS
        })
    }

    /// What is left without so many stretches, each the worst of those that do not touch the others; `None` when there
    /// is nothing left.
    fn without_bursts(&self, bursts: usize) -> Option<Tally> {
        let history = self.ground.history;
        let cells = limits::BURST_MINUTES.div_ceil(self.ground.cell_minutes);
        let mut rest = self.since();
        let mut out: Vec<usize> = Vec::with_capacity(bursts);
        for _ in 0..bursts {
            let last = self
                .end
                .checked_sub(cells)
                .filter(|last| *last > self.from)?;
            let apart = |from: &usize| out.iter().all(|other| from.abs_diff(*other) >= cells);
            let worst = (self.from..=last).filter(apart).max_by(|a, b| {
                let excess = |from: usize| {
                    let burst = history.between(from, from + cells);
                    burst.k - burst.e
                };
                excess(*a).total_cmp(&excess(*b))
            })?;
            rest = rest - history.between(worst, worst + cells);
            out.push(worst);
        }
        Some(rest)
    }

    fn is_spread(&self) -> bool {
        let rate = self.raised_rate();
        let (mut raised, mut seen) = (0, 0);
        let step = self.block_cells(rate);
        let mut end = self.end;
        while end > self.from {
            let block = self
                .ground
                .history
                .between(end.saturating_sub(step).max(self.from), end);
            if block.n > 0.0 {
                seen += 1;
                let floor =
                    (limits::SPREAD_RISE * block.e).max(limits::SPREAD_RATE * rate * block.n);
                raised += usize::from(block.k >= floor);
            }
            end = end.saturating_sub(step);
        }
        raised as f64 >= limits::SPREAD_SHARE * seen as f64
    }

    /// The shortest block that expects enough failures at the raised rate, at most what "right now" is.
    fn block_cells(&self, rate: f64) -> usize {
        let since = self.ground.history.between(self.from, self.end);
        let per_cell = since.n * rate / (self.end - self.from).max(1) as f64;
        let most = self.now_cells();
        limits::SPREAD_BLOCKS
            .into_iter()
            .map(|minutes| minutes.div_ceil(self.ground.cell_minutes))
            .find(|cells| *cells as f64 * per_cell >= limits::BURNING_ERRORS)
            .unwrap_or(most)
            .clamp(1, most)
    }
}

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
