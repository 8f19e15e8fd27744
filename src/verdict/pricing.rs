//! What a slot is priced at before its data are seen: what the same time on the days before lets expect.

use std::array;

use crate::verdict::history::Price;
use crate::verdict::pool::{Highest, Pool, clear_share};
use crate::verdict::slots::{Slot, Slots, Teaches};
use crate::verdict::thresholds as limits;

/// The slots that one slot is compared with.
pub struct Pricing<'a> {
    slots: &'a Slots,
    slot: usize,
    /// Slots before this belong to a normal that is over.
    floor: usize,
    slots_a_day: usize,
    /// From yesterday back.
    days: [Day; limits::SLOT_DAYS],
}

/// Requests and failures at the slot's time on an earlier day.
#[derive(Default)]
struct Day {
    /// Of the slot and two either side, without what may teach nothing.
    near: [(f64, f64); 5],
    /// Of the slot and one either side, as far as they teach what is normal.
    taught: (f64, f64),
}

impl<'a> Pricing<'a> {
    pub fn new(slots: &'a Slots, slot: usize, floor: usize, slots_a_day: usize) -> Self {
        let mut pricing = Self {
            slots,
            slot,
            floor,
            slots_a_day,
            days: Default::default(),
        };
        pricing.days = array::from_fn(|back| pricing.day(back + 1));
        pricing
    }

    pub fn price(&self, level: f64, alpha: f64) -> Price {
        let centre = self.centre(level);
        let allowed = [
            self.allow_nearby(burst_floor(level, centre)),
            self.allow_week(centre, alpha),
            self.allow_clock(centre),
        ]
        .into_iter()
        .fold(centre, f64::max)
        .min(0.95);
        let base = if allowed > limits::ALLOW_SLOT * centre {
            allowed
        } else {
            centre
        };
        Price {
            centre,
            allowed,
            base,
        }
    }

    fn day(&self, back: usize) -> Day {
        let near: [Slot; 5] = array::from_fn(|at| self.one(back, at as i64 - 2));
        Day {
            near: near.map(returning),
            taught: sum(near[1..=3].iter().copied().map(teaching)),
        }
    }

    /// The same slot (and its neighbours) of the last two weeks, shrunk to the level.
    fn centre(&self, level: f64) -> f64 {
        let mut pool = Pool::default();
        for day in &self.days {
            pool.add(day.taught.0, day.taught.1);
        }
        let sum = if pool.days >= limits::SLOT_DAYS_TRIM {
            pool.without_outlier()
        } else {
            (pool.n, pool.k)
        };
        let prior = limits::SLOT_PRIOR_ERRORS;
        ((sum.1 + prior) / (sum.0 + prior / level)).clamp(1e-12, 0.9)
    }

    /// A burst that is clear in the pooled days, or came at least twice in eight days, two slots either side.
    fn allow_nearby(&self, floor: f64) -> f64 {
        let mut near = self.days.iter().flat_map(|day| &day.near);
        if near.all(|(n, k)| *k <= floor * n) {
            return 0.0;
        }
        let slots = (0..5).map(|at| self.allow_one(at, floor));
        slots.fold(self.allow_wide(floor), f64::max)
    }

    /// The highest day is left out of the pool too: what was seen once has not come back.
    fn allow_one(&self, at: usize, floor: f64) -> f64 {
        let mut days = self.days.iter().map(|day| day.near[at]);
        if days.all(|(n, k)| k <= floor * n) {
            return 0.0;
        }
        let mut pool = Pool::default();
        let mut clear = Highest::new();
        for (back, day) in self.days.iter().enumerate() {
            let (n, k) = day.near[at];
            pool.add(n, k);
            if back < limits::ALLOW_DAYS {
                clear.offer(n, k, floor);
            }
        }
        let (n, k) = pool.without_highest();
        clear_share(n, k, floor).unwrap_or(0.0).max(clear.rank(2))
    }

    /// The same for the five slots together: where requests are few, one slot of a day shows nothing.
    fn allow_wide(&self, floor: f64) -> f64 {
        let mut clear = Highest::new();
        for day in &self.days[..limits::ALLOW_DAYS] {
            let (n, k) = sum(day.near.iter().copied());
            clear.offer(n, k, floor);
        }
        clear.rank(2)
    }

    fn allow_week(&self, centre: f64, alpha: f64) -> f64 {
        let floor = limits::ALLOW_WEEK * centre;
        let mut clear = Highest::new();
        for back in [7, 14] {
            let (n, k) = sum(self.days[back - 1].near[1..=3].iter().copied());
            clear.offer(n, k, floor);
        }
        let (n, k) = sum((-1..=1).map(|shift| returning(self.one(21, shift))));
        clear.offer(n, k, floor);
        let (n, k) = sum((-3..=3).map(|shift| teaching(self.one(7, shift))));
        let last = clear_share(n, k, floor).map_or(0.0, |_| k / n / (1.0 + alpha.sqrt()));
        clear.rank(2).max(if last > floor { last } else { 0.0 })
    }

    fn allow_clock(&self, centre: f64) -> f64 {
        let hour = (self.slots_a_day / 24) as i64;
        if hour == 0 {
            return 0.0;
        }
        let rank_of = |shift: i64| {
            let mut clear = Highest::new();
            for back in 1..=7 {
                let (n, k) = returning(self.one(back, shift));
                clear.offer(n, k, limits::ALLOW_CLOCK * centre);
            }
            clear.rank(3)
        };
        rank_of(hour).max(rank_of(-hour))
    }

    /// A slot so many days ago, and so many slots later; empty where nothing is known of it.
    fn one(&self, back: usize, shift: i64) -> Slot {
        let at = self.slot as i64 - (back * self.slots_a_day) as i64 + shift;
        let known = at >= self.floor as i64;
        let slot = known.then(|| self.slots.get(at as usize)).flatten();
        slot.unwrap_or(Slot::empty(Teaches::No))
    }
}

fn sum(counts: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    counts.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The counts of a slot that teaches what is normal.
fn teaching(slot: Slot) -> (f64, f64) {
    counts(slot, slot.teaches == Teaches::Yes)
}

/// The counts of a slot that may teach what comes back.
fn returning(slot: Slot) -> (f64, f64) {
    counts(slot, slot.teaches != Teaches::No)
}

fn counts(slot: Slot, takes: bool) -> (f64, f64) {
    if takes { (slot.n, slot.k) } else { (0.0, 0.0) }
}

/// Above this a share is a burst: well above the centre; or above it at all, where the slot itself stands out from the
/// level, because then the centre has learned a part of the burst only.
fn burst_floor(level: f64, centre: f64) -> f64 {
    let stands_out = (limits::ALLOW_SLOT * level).max(limits::ALLOW_PARTLY * centre);
    stands_out.min(limits::ALLOW_SLOT * centre)
}
