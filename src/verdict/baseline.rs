//! What is normal for a series: its level, its day, and the bursts that come back (see `hours.rs` for the hourly ones).
//!
//! A quasi-Poisson baseline in the spirit of Farrington flexible (Noufaily et al. 2013): the same season of the past,
//! past outbreaks left out, small samples shrunk to the level. It is priced once a slot (five minutes) before that
//! slot's data are seen (see `pricing.rs`), so a running rise never raises its own expectation.

use std::collections::VecDeque;

use crate::verdict::history::{Expected, History, Price};
use crate::verdict::hours::HourPattern;
use crate::verdict::pricing::Pricing;
use crate::verdict::settings::Settings;
use crate::verdict::slots::{Slots, Teaches};
use crate::verdict::thresholds as limits;

/// The estimates of one series.
#[derive(Clone, Debug)]
pub struct Baseline {
    clock: Clock,
    prior_rate: f64,
    slots: Slots,
    /// Failures that the level of each of the latest slots' prices rested on.
    known: VecDeque<f32>,
    /// Slots before this belong to a normal that is over.
    floor: usize,
    level: f64,
    level_failures: f64,
    price: Price,
    hours: HourPattern,
}

/// Which slot a cell lies in.
#[derive(Clone, Copy, Debug)]
struct Clock {
    cell_minutes: usize,
    slot_minutes: usize,
    /// How many cells of slot 0 lie before cell 0.
    lead: usize,
}

impl Clock {
    fn new(cell_minutes: usize, first_cell: i64) -> Self {
        let slot_minutes = cell_minutes.max(limits::SLOT_MINUTES);
        let cells = (slot_minutes / cell_minutes) as i64;
        Self {
            cell_minutes,
            slot_minutes,
            lead: first_cell.rem_euclid(cells) as usize,
        }
    }

    fn slot_of(&self, cell: usize) -> usize {
        if self.cell_minutes == 1 {
            // To divide by a constant takes a tenth of the time, and this is asked all the time.
            return (self.lead + cell) / limits::SLOT_MINUTES;
        }
        (self.lead + cell) / (self.slot_minutes / self.cell_minutes)
    }

    fn slots_a_day(&self) -> usize {
        1440 / self.slot_minutes
    }
}

impl Baseline {
    pub fn new(cell_minutes: usize, first_cell: i64, settings: &Settings) -> Self {
        let clock = Clock::new(cell_minutes, first_cell);
        let rate = settings.prior_rate;
        Self {
            clock,
            prior_rate: rate,
            slots: Slots::new(clock.slot_minutes),
            known: VecDeque::new(),
            floor: 0,
            level: rate,
            level_failures: limits::PRIOR_ERRORS,
            price: Price {
                centre: rate,
                allowed: rate,
                base: rate,
            },
            hours: HourPattern::new(cell_minutes, first_cell),
        }
    }

    pub fn level(&self) -> f64 {
        self.level
    }

    /// Failures that the level rests on, the prior's half failure among them.
    pub fn level_failures(&self) -> f64 {
        self.level_failures
    }

    pub fn price(&self) -> Price {
        self.price
    }

    /// Failures that were known when cell `cell` was priced.
    pub fn known_at(&self, cell: usize) -> f64 {
        let back = self.slots.len().saturating_sub(self.clock.slot_of(cell));
        let at = self.known.len().checked_sub(back.max(1));
        let known = at.or(Some(0)).and_then(|at| self.known.get(at));
        known.map_or(limits::PRIOR_ERRORS, |known| f64::from(*known))
    }

    /// Must be called before the cell's counts are looked at; does most of its work at the start of a slot and of an hour.
    pub fn prepare(&mut self, cell: usize, history: &History, teaches: Teaches, alpha: f64) {
        let slot = self.clock.slot_of(cell);
        while self.slots.len() <= slot {
            let next = self.slots.len();
            self.begin_slot(next, alpha);
            self.slots.push(teaches);
            self.known.push_back(self.level_failures as f32);
            if self.known.len() > limits::KNOWN_SLOTS {
                self.known.pop_front();
            }
        }
        let may_teach = |cell: usize| {
            let slot = self.clock.slot_of(cell);
            slot >= self.floor && self.slots.teaches(slot) == Teaches::Yes
        };
        self.hours.follow(cell, self.level, history, may_teach);
    }

    /// A minute of the hour in which failures are usual is not tested.
    pub fn expected(&self, cell: usize) -> Expected {
        match self.hours.usual_share(cell) {
            Some(share) => Expected::Pattern(share),
            None => Expected::Tested(self.price),
        }
    }

    pub fn pattern_minutes(&self) -> Vec<usize> {
        self.hours.minutes()
    }

    pub fn add(&mut self, n: f64, k: f64) {
        self.slots.add(n, k);
    }

    /// Sets what the cells `from..to` may teach.
    pub fn mark(&mut self, from: usize, to: usize, teaches: Teaches) {
        let (first, last) = (
            self.clock.slot_of(from),
            self.clock.slot_of(to.saturating_sub(1)),
        );
        self.slots.mark(first, last, teaches);
    }

    /// Starts over: what came before `cell` is no longer the normal.
    pub fn forget_before(&mut self, cell: usize) {
        self.floor = self.clock.slot_of(cell);
        self.hours.forget();
        for _ in 0..limits::RAMP_STEPS_MAX {
            self.learn_level(self.slots.len());
        }
    }

    fn begin_slot(&mut self, slot: usize, alpha: f64) {
        let hourly = (60 / self.clock.slot_minutes).max(1);
        let young = slot - self.floor.min(slot) <= self.clock.slots_a_day();
        if young || slot.is_multiple_of(hourly) {
            self.learn_level(slot);
        }
        let before = Pricing::new(&self.slots, slot, self.floor, self.clock.slots_a_day());
        self.price = before.price(self.level, alpha);
    }

    /// `r = (sum k + a0) / (sum n + a0 / pi0)` over a week, each slot's k capped.
    fn learn_level(&mut self, slot: usize) {
        let days = limits::LEVEL_DAYS * self.clock.slots_a_day();
        let from = slot.saturating_sub(days).max(self.floor);
        let known = slot - self.floor.min(slot) > limits::LEVEL_LAG_DAYS * self.clock.slots_a_day();
        let lag = if known {
            limits::LEVEL_LAG_MINUTES / self.clock.slot_minutes
        } else {
            0
        };
        let (mut n, mut k) = (0.0, 0.0);
        let taught = self.slots.range(from, slot - lag);
        for one in taught.filter(|one| one.n > 0.0 && one.teaches == Teaches::Yes) {
            let cap = limits::LEVEL_CAP_FACTOR * self.level * one.n + limits::LEVEL_CAP_FREE;
            n += one.n;
            k += one.k.min(cap);
        }
        self.level_failures = k + limits::PRIOR_ERRORS;
        self.level = self.level_failures / (n + limits::PRIOR_ERRORS / self.prior_rate);
    }

    /// Requests and failures of the slots that cells `from..to` touch, and how many cells those have.
    pub fn around(&self, from: usize, to: usize) -> (f64, f64, usize) {
        let (first, last) = (
            self.clock.slot_of(from),
            self.clock.slot_of(to.saturating_sub(1)),
        );
        let slots = (first..=last).filter_map(|slot| self.slots.get(slot));
        let (n, k) = slots.fold((0.0, 0.0), |sum, one| (sum.0 + one.n, sum.1 + one.k));
        let cells = (last + 1 - first) * self.clock.slot_minutes / self.clock.cell_minutes;
        (n, k, cells.max(1))
    }

    /// Bytes held.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.slots.bytes() + self.known.capacity() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds five-minute cells of 500 requests, `failures` by slot, and returns the baseline before the next slot.
    fn learned(days: usize, failures: impl Fn(usize) -> f64) -> Baseline {
        let mut baseline = Baseline::new(5, 0, &Settings::default());
        let mut history = History::new();
        for cell in 0..days * 288 {
            baseline.prepare(cell, &history, Teaches::Yes, 0.1);
            history.push(500.0, failures(cell), Expected::Tested(baseline.price()));
            baseline.add(500.0, failures(cell));
        }
        baseline.prepare(days * 288, &history, Teaches::Yes, 0.1);
        baseline
    }

    #[test]
    fn the_level_is_the_rate_of_the_week() {
        let level = learned(9, |_| 5.0).level();
        assert!((level - 0.01).abs() < 0.0005, "{level}");
    }

    #[test]
    fn one_spike_neither_raises_the_level_nor_its_slot() {
        let spike = learned(9, |cell| if cell == 8 * 288 { 500.0 } else { 5.0 });
        assert!(spike.level() < 0.0105, "{}", spike.level());
        assert!(spike.price().allowed < 0.012, "{:?}", spike.price());
    }

    #[test]
    fn a_nightly_burst_is_allowed_for_once_it_has_come_twice() {
        let nightly = |cell: usize| if cell.is_multiple_of(288) { 200.0 } else { 5.0 };
        let once = learned(1, nightly).price();
        assert!(once.allowed < 0.2, "{once:?}");
        let twice = learned(3, nightly).price();
        assert!(twice.allowed > 0.35, "{twice:?}");
    }

    #[test]
    fn what_is_marked_does_not_teach() {
        let mut baseline = learned(3, |cell| if cell >= 2 * 288 { 100.0 } else { 5.0 });
        baseline.mark(2 * 288, 3 * 288, Teaches::No);
        baseline.learn_level(3 * 288);
        assert!(
            (baseline.level() - 0.01).abs() < 0.001,
            "{}",
            baseline.level()
        );
    }
}
