//! A supposed rise, and the questions that separate a sustained one from a spike.

use crate::verdict::gate::counts_rose;
use crate::verdict::ground::Ground;
use crate::verdict::history::Tally;
use crate::verdict::recovery::recovery_nats;
use crate::verdict::rise::window_of;
use crate::verdict::tail::surprise;
use crate::verdict::thresholds as limits;
use crate::verdict::winsor::winsorised;

/// The questions about a supposed rise, in the order in which they are asked; after a no, the others are not.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    pub from: usize,
    /// The latest start that explains the data nearly as well: what counts as its age.
    pub latest: usize,
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

/// A supposed rise: since `from`, seen in a window of `minutes`.
pub struct Span<'a> {
    pub ground: &'a Ground<'a>,
    pub from: usize,
    pub end: usize,
    pub minutes: usize,
}

impl Span<'_> {
    /// The cheapest question first, and none after the first no.
    pub fn check(&self, latest: usize) -> Checks {
        let held = self.is_risen() && self.has_held(latest);
        let counted_up = held && counts_rose(self.ground, self.from, self.end, self.minutes);
        let surprise = if counted_up { self.surprise() } else { 0.0 };
        let significant = counted_up && surprise >= significance(self.window());
        let burning = significant && self.is_burning() && self.is_more_than_a_burst();
        Checks {
            from: self.from,
            latest,
            held,
            counted_up,
            surprise,
            significant,
            burning,
            spread: burning && self.is_spread(),
        }
    }

    pub fn since(&self) -> Tally {
        self.ground.history.between(self.from, self.end)
    }

    fn is_risen(&self) -> bool {
        has_effect(self.ground, &self.since(), rise_min(self.ground))
    }

    /// The window whose noise and number of looks are those of a rise so long.
    pub fn window(&self) -> usize {
        window_of(((self.end - self.from) * self.ground.cell_minutes) as f64)
    }

    fn surprise(&self) -> f64 {
        let (counted, alpha) = (self.limited(), self.alpha(self.window()));
        surprise(counted.k, counted.n, counted.e, alpha)
    }

    /// The counts since the start in which no minute contributes what it likes.
    pub fn limited(&self) -> Tally {
        let blocks = limits::WINDOWS[self.window()].blocks;
        winsorised(self.ground.history, self.from, self.end, blocks)
    }

    pub fn alpha(&self, window: usize) -> f64 {
        let known = self.ground.baseline.known_at(self.from);
        self.ground.noise.alpha_for_test(window, known)
    }

    fn has_held(&self, latest: usize) -> bool {
        let cells = self.end - latest;
        let minutes = (cells * self.ground.cell_minutes) as u64;
        minutes >= self.ground.settings.hold_minutes
            && (self.ground.cell_minutes == 1 || cells >= limits::HOLD_CELLS)
    }

    /// The failure share since the start, at least twice the normal.
    pub fn raised_rate(&self) -> f64 {
        let since = self.ground.history.between(self.from, self.end);
        since.share().max(2.0 * since.expected_share())
    }

    /// How many cells "right now" is: the shortest stretch that expects enough failures.
    pub fn now_cells(&self) -> usize {
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

    pub fn recent(&self, cells: usize) -> Tally {
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
        let Some(rest) = self.without_bursts(self.bursts()) else {
            return false;
        };
        let alpha = self.alpha(limits::WINDOW_SHORT);
        let still = rest.k >= limits::BURNING_SHARE * self.raised_rate() * rest.n;
        still && surprise(rest.k, rest.n, rest.e, alpha) >= burst_rest_nats()
    }

    /// How many bursts the rise might be.
    pub fn bursts(&self) -> usize {
        if self.has_paused() { 2 } else { 1 }
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
    pub fn without_bursts(&self, bursts: usize) -> Option<Tally> {
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
        let (raised, seen) = self.raised_blocks();
        raised as f64 >= limits::SPREAD_SHARE * seen as f64
    }

    /// How many blocks since the start are raised, of how many with requests.
    pub fn raised_blocks(&self) -> (usize, usize) {
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
        (raised, seen)
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

/// `-ln` of the chance at which a window counts as risen: each has the same share of false alarms, and a longer one has
/// fewer independent positions in a month.
pub fn significance(window: usize) -> f64 {
    let minutes = limits::WINDOWS[window].minutes as f64;
    let looks = limits::CHANCE_OVERLAP * 30.0 * 1440.0 / minutes;
    (looks / limits::CHANCE_A_MONTH).ln()
}

/// What is left must be raised by more than chance, given how often bursts come and where the rise may start before one.
pub fn burst_rest_nats() -> f64 {
    (limits::BURSTS_A_MONTH * limits::BURST_STARTS / limits::CHANCE_A_MONTH).ln()
}

pub fn has_effect(ground: &Ground, counted: &Tally, rise: f64) -> bool {
    let floor = ground.settings.failures_min as f64;
    counted.k >= floor && counted.k - counted.e >= floor && counted.k >= rise * counted.e
}

pub fn rise_min(ground: &Ground) -> f64 {
    if ground.day_known {
        ground.settings.rise_min
    } else {
        ground.settings.rise_min.max(limits::RISE_MIN_FIRST_DAY)
    }
}
