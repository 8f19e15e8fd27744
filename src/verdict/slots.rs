//! Three weeks of five-minute slots in little room: requests and failures of each, and what it may teach.

use std::collections::VecDeque;

use crate::verdict::thresholds as limits;

/// Whether a slot may teach what is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Teaches {
    #[default]
    Yes,
    /// A short episode: only if it comes back.
    IfItComesBack,
    /// An episode that is open, or was long.
    No,
}

/// One slot, unpacked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub n: f64,
    pub k: f64,
    pub teaches: Teaches,
}

impl Slot {
    pub fn empty(teaches: Teaches) -> Self {
        Self {
            n: 0.0,
            k: 0.0,
            teaches,
        }
    }
}

/// A slot in four bytes: the digits of both counts with how far they are shifted, and two bits for what it may teach.
/// Requests are exact up to 2,047 and failures up to 1,023, and beyond to a fifth of a percent.
#[derive(Clone, Copy, Debug, Default)]
struct Packed {
    n: u16,
    k: u16,
}

const N_DIGITS: u32 = 11;
const K_DIGITS: u32 = 10;
const K_SHIFT_MAX: u32 = 15;
const TEACHES_AT: u32 = 14;

impl Packed {
    fn new(slot: Slot) -> Self {
        let teaches = match slot.teaches {
            Teaches::Yes => 0,
            Teaches::IfItComesBack => 1,
            Teaches::No => 2,
        };
        Self {
            n: pack(slot.n, N_DIGITS, 31),
            k: pack(slot.k, K_DIGITS, K_SHIFT_MAX) | (teaches << TEACHES_AT),
        }
    }

    fn slot(self) -> Slot {
        Slot {
            n: unpack(self.n, N_DIGITS),
            k: unpack(self.k & ((1 << TEACHES_AT) - 1), K_DIGITS),
            teaches: self.teaches(),
        }
    }

    fn teaches(self) -> Teaches {
        match self.k >> TEACHES_AT {
            0 => Teaches::Yes,
            1 => Teaches::IfItComesBack,
            _ => Teaches::No,
        }
    }
}

fn pack(count: f64, digits: u32, shift_max: u32) -> u16 {
    let count = count as u64;
    let shift = (64 - count.leading_zeros())
        .saturating_sub(digits)
        .min(shift_max);
    let kept = (count >> shift).min((1 << digits) - 1) as u16;
    ((shift as u16) << digits) | kept
}

fn unpack(packed: u16, digits: u32) -> f64 {
    // Signed, which processors turn into a float in one step.
    let kept = i64::from(packed & ((1 << digits) - 1));
    (kept << (packed >> digits)) as f64
}

/// The latest slots; the last is being filled and is exact.
#[derive(Clone, Debug)]
pub struct Slots {
    kept: VecDeque<Packed>,
    kept_max: usize,
    first: usize,
    /// The last one, before it is packed.
    last: Slot,
}

impl Slots {
    pub fn new(slot_minutes: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            kept_max: limits::SLOT_DAYS_KEPT * 1440 / slot_minutes,
            first: 0,
            last: Slot::empty(Teaches::Yes),
        }
    }

    pub fn len(&self) -> usize {
        self.first + self.kept.len()
    }

    pub fn push(&mut self, teaches: Teaches) {
        if self.kept.len() >= self.kept_max {
            self.kept.pop_front();
            self.first += 1;
        }
        if self.kept.len() == self.kept.capacity() {
            // Doubling would hold twice the room that is ever needed.
            self.kept
                .reserve_exact(self.kept_max / limits::SLOT_DAYS_KEPT);
        }
        self.last = Slot::empty(teaches);
        self.kept.push_back(Packed::new(self.last));
    }

    pub fn add(&mut self, n: f64, k: f64) {
        self.last.n += n;
        self.last.k += k;
        if let Some(last) = self.kept.back_mut() {
            *last = Packed::new(self.last);
        }
    }

    pub fn mark(&mut self, first: usize, last: usize, teaches: Teaches) {
        if last + 1 >= self.len() {
            self.last.teaches = teaches;
        }
        let at = |slot: usize| slot.saturating_sub(self.first);
        let (first, end) = (at(first), at(last + 1).min(self.kept.len()));
        for packed in self.kept.range_mut(first.min(end)..end) {
            *packed = Packed::new(Slot {
                teaches,
                ..packed.slot()
            });
        }
    }

    /// `None` for what is not kept any more, and for what is to come.
    pub fn get(&self, slot: usize) -> Option<Slot> {
        let packed = self.kept.get(slot.checked_sub(self.first)?)?;
        Some(packed.slot())
    }

    /// What a slot may teach; nothing, if it is not kept.
    pub fn teaches(&self, slot: usize) -> Teaches {
        let at = slot.checked_sub(self.first);
        let packed = at.and_then(|at| self.kept.get(at));
        packed.map_or(Teaches::No, |packed| packed.teaches())
    }

    /// Those of the slots `from..to` that are kept, oldest first.
    pub fn range(&self, from: usize, to: usize) -> impl Iterator<Item = Slot> {
        let at = |slot: usize| slot.saturating_sub(self.first).min(self.kept.len());
        let (from, to) = (at(from), at(to));
        self.kept.range(from.min(to)..to).map(|one| one.slot())
    }

    /// Bytes held.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.kept.capacity() * size_of::<Packed>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_exact_and_large_ones_nearly() {
        for count in [0.0, 1.0, 1023.0, 2048.0, 150_000.0, 3e7] {
            for teaches in [Teaches::Yes, Teaches::IfItComesBack, Teaches::No] {
                let slot = Slot {
                    n: count,
                    k: count,
                    teaches,
                };
                let kept = Packed::new(slot).slot();
                assert!((kept.k - count).abs() <= count / 500.0, "{count} {kept:?}");
                assert!((kept.n - count).abs() <= count / 1000.0, "{count} {kept:?}");
                assert!(count > 1023.0 || kept == slot);
                assert_eq!(kept.teaches, teaches);
            }
        }
        assert!(unpack(pack(f64::MAX, N_DIGITS, 31), N_DIGITS) > 1e12);
    }

    #[test]
    fn the_oldest_slots_go() {
        let mut slots = Slots::new(1440);
        for day in 0..30 {
            slots.push(Teaches::Yes);
            slots.add(f64::from(day), 1.0);
        }
        assert_eq!((slots.len(), slots.get(7)), (30, None));
        assert_eq!(slots.get(8).map(|slot| slot.n), Some(8.0));
        slots.mark(0, 8, Teaches::No);
        assert_eq!(slots.get(8).map(|slot| slot.teaches), Some(Teaches::No));
        assert_eq!(slots.get(9).map(|slot| slot.teaches), Some(Teaches::Yes));
    }
}
