//! The running scores of slices: a CUSUM each, which failing requests start and successes end.
//!
//! Only what failing requests say of themselves is followed, and a success touches only slices it lies in: each slice
//! is found by the rarest of its traits.

use std::collections::HashMap;

use crate::model::call::TraitId;
use crate::model::time::Timestamp;
use crate::verdict::slices::limits;
use crate::verdict::slices::subsets::{Slice, has};
use crate::verdict::thresholds as votes;

/// Calls of an integration so far: all, and those that failed for good.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    pub n: f64,
    pub k: f64,
}

impl Sum {
    pub fn share(&self) -> f64 {
        if self.n > 0.0 { self.k / self.n } else { 0.0 }
    }

    pub fn minus(self, other: Self) -> Self {
        Self {
            n: (self.n - other.n).max(0.0),
            k: (self.k - other.k).max(0.0),
        }
    }
}

/// One slice since its score left zero.
#[derive(Clone, Debug)]
pub struct Run {
    pub slice: Slice,
    /// The calls that failed and were not healed, by number, ascending.
    pub failed: Vec<u32>,
    pub first: Timestamp,
    pub last: Timestamp,
    /// Requests that failed, went well, and were healed, with their weights.
    pub failures: f64,
    pub successes: f64,
    pub healed: f64,
    /// Successes that one of them stands for: few bodies of requests that went well are kept.
    scale: f64,
    /// The integration when the run began.
    pub before: Sum,
}

impl Run {
    fn own(&self) -> Sum {
        Sum {
            n: self.failures + self.successes + self.healed,
            k: self.failures,
        }
    }

    /// What the rest of the integration did meanwhile.
    pub fn outside(&self, all: Sum) -> Sum {
        all.minus(self.before).minus(self.own())
    }

    /// What a healthy slice is thought to fail with: twice what fails elsewhere, or failed before.
    pub fn normal(&self, all: Sum) -> f64 {
        normal_rate(self.outside(all), self.before)
    }

    /// The log-likelihood ratio of "fails 85 % of the time" against that.
    pub fn score(&self, all: Sum) -> f64 {
        self.score_against(self.normal(all))
    }

    /// The same against another normal rate.
    pub fn score_against(&self, normal: f64) -> f64 {
        self.failed.len() as f64 * gain(normal.min(votes::VOTE_RATE))
            - votes::VOTE_SUCCESS * self.successes
            - limits::HEALED * self.healed
    }
}

/// Few requests elsewhere say little: half a failure in one request more is added to them.
pub fn normal_rate(outside: Sum, before: Sum) -> f64 {
    let elsewhere = (outside.k + 0.5) / (outside.n + 1.0);
    votes::VOTE_NORMAL_MIN
        .max(2.0 * elsewhere)
        .max(2.0 * before.share())
        .min(votes::VOTE_RATE)
}

pub fn gain(normal: f64) -> f64 {
    (votes::VOTE_RATE / normal).ln().max(0.0)
}

/// All runs of one integration and class.
pub struct Tracker {
    pub all: Sum,
    runs: HashMap<Slice, usize>,
    slots: Vec<Option<Run>>,
    free: Vec<usize>,
    /// Slots by the rarest trait of their slice.
    by_rarest: HashMap<TraitId, Vec<usize>>,
    /// How common each trait is, and how many successes stand behind one that is seen with it.
    frequency: Vec<f64>,
    scales: Vec<f64>,
    /// Runs with several failures by which calls those are: combinations of the same calls are one thing that was tried.
    tried: HashMap<u64, u32>,
    pub dropped: u64,
}

impl Tracker {
    pub fn new(frequency: Vec<f64>, scales: Vec<f64>) -> Self {
        Self {
            all: Sum::default(),
            runs: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            by_rarest: HashMap::new(),
            frequency,
            scales,
            tried: HashMap::new(),
            dropped: 0,
        }
    }

    /// How many things are being tried.
    pub fn tried(&self) -> usize {
        self.tried.len()
    }

    pub fn run(&self, slice: &[TraitId]) -> Option<&Run> {
        self.slots[*self.runs.get(slice)?].as_ref()
    }

    /// A call in the slice failed.
    pub fn fail(&mut self, slice: &[TraitId], call: u32, at: Timestamp, weight: f64) {
        let known = self.runs.get(slice).copied();
        let alive = known.filter(|slot| self.is_alive(*slot));
        let slot = match (alive, known) {
            (Some(slot), _) => slot,
            (None, Some(dead)) => {
                self.drop_run(dead);
                self.start(slice, at)
            }
            (None, None) => self.start(slice, at),
        };
        self.change(slot, |run| {
            run.failed.push(call);
            run.failures += weight;
            run.last = at;
        });
    }

    fn is_alive(&self, slot: usize) -> bool {
        self.slots[slot]
            .as_ref()
            .is_some_and(|run| run.score(self.all) > 0.0)
    }

    fn start(&mut self, slice: &[TraitId], at: Timestamp) -> usize {
        let run = Run {
            slice: slice.to_vec(),
            failed: Vec::new(),
            first: at,
            last: at,
            failures: 0.0,
            successes: 0.0,
            healed: 0.0,
            scale: slice
                .iter()
                .map(|one| self.scales[*one as usize])
                .fold(1.0, f64::max),
            before: self.all,
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(run);
        self.runs.insert(slice.to_vec(), slot);
        let rarest = self.rarest(slice);
        self.by_rarest.entry(rarest).or_default().push(slot);
        slot
    }

    fn rarest(&self, slice: &[TraitId]) -> TraitId {
        let by_frequency = |one: &&TraitId| self.frequency[**one as usize];
        let rarest = slice
            .iter()
            .min_by(|one, other| by_frequency(one).total_cmp(&by_frequency(other)));
        rarest.copied().unwrap_or_default()
    }

    /// A call with these traits went well.
    pub fn succeed(&mut self, traits: &[TraitId], weight: f64) {
        for one in traits {
            let Some(slots) = self.by_rarest.get(one) else {
                continue;
            };
            let touched: Vec<usize> = slots
                .iter()
                .copied()
                .filter(|slot| {
                    let run = self.slots[*slot].as_ref();
                    run.is_some_and(|run| has(traits, &run.slice))
                })
                .collect();
            for slot in touched {
                self.change(slot, |run| run.successes += weight * run.scale);
                if !self.is_alive(slot) {
                    self.drop_run(slot);
                }
            }
        }
    }

    /// A call that had failed was healed on retry.
    pub fn heal(&mut self, slice: &[TraitId], call: u32, weight: f64) {
        let Some(slot) = self.runs.get(slice).copied() else {
            return;
        };
        self.change(slot, |run| {
            if let Ok(at) = run.failed.binary_search(&call) {
                run.failed.remove(at);
                run.failures -= weight;
                run.healed += weight;
            }
        });
        if !self.is_alive(slot) {
            self.drop_run(slot);
        }
    }

    fn change(&mut self, slot: usize, with: impl Fn(&mut Run)) {
        let Some(run) = &mut self.slots[slot] else {
            return;
        };
        let old = signature(&run.failed);
        with(run);
        let new = signature(&run.failed);
        if old != new {
            self.forget_try(old);
            if let Some(new) = new {
                *self.tried.entry(new).or_default() += 1;
            }
        }
    }

    fn forget_try(&mut self, signature: Option<u64>) {
        let Some(signature) = signature else {
            return;
        };
        if let Some(count) = self.tried.get_mut(&signature) {
            *count -= 1;
            if *count == 0 {
                self.tried.remove(&signature);
            }
        }
    }

    fn drop_run(&mut self, slot: usize) {
        let Some(run) = self.slots[slot].take() else {
            return;
        };
        self.forget_try(signature(&run.failed));
        let rarest = self.rarest(&run.slice);
        if let Some(slots) = self.by_rarest.get_mut(&rarest) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.by_rarest.remove(&rarest);
            }
        }
        self.runs.remove(&run.slice);
        self.free.push(slot);
    }

    /// Drops what `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&Run) -> bool) {
        let unwanted: Vec<usize> = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, run)| run.as_ref().is_some_and(|run| !keep(run)))
            .map(|(slot, _)| slot)
            .collect();
        for slot in unwanted {
            self.drop_run(slot);
        }
    }

    /// Keeps the number of runs bounded: what failed once and long ago goes first, then what failed once.
    pub fn make_room(&mut self, now: Timestamp) {
        for stale in [limits::STALE_SECONDS, 0] {
            let before = self.runs.len();
            if before <= limits::TRACKED_MAX {
                return;
            }
            let old = now.plus_secs(-stale);
            self.retain(|run| run.failed.len() > 1 || run.last > old);
            self.dropped += (before - self.runs.len()) as u64;
        }
    }
}

/// Which calls, as far as several failed.
fn signature(failed: &[u32]) -> Option<u64> {
    let (first, last) = (failed.first()?, failed.last()?);
    (failed.len() > 1)
        .then(|| (u64::from(*first) << 40) ^ (u64::from(*last) << 16) ^ failed.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_secs(minute * 60)
    }

    fn tracker() -> Tracker {
        let mut tracker = Tracker::new(vec![0.5, 0.1], vec![1.0, 1.0]);
        tracker.all = Sum { n: 1000.0, k: 2.0 };
        tracker
    }

    #[test]
    fn failures_start_a_run_and_successes_end_it() {
        let mut tracker = tracker();
        for call in 0..3 {
            tracker.fail(&[0, 1], call, at(call.into()), 1.0);
            tracker.all.n += 101.0;
            tracker.all.k += 1.0;
        }
        let score = tracker.run(&[0, 1]).map(|run| run.score(tracker.all));
        assert!(
            score.is_some_and(|score| (11.0..11.5).contains(&score)),
            "{score:?}"
        );
        assert_eq!(tracker.tried(), 1);
        tracker.succeed(&[0], 1.0);
        assert_eq!(tracker.run(&[0, 1]).map(|run| run.successes), Some(0.0));
        tracker.heal(&[0, 1], 1, 1.0);
        tracker.succeed(&[0, 1], 3.0);
        assert!(tracker.run(&[0, 1]).is_none());
        assert_eq!((tracker.tried(), tracker.by_rarest.len()), (0, 0));
    }

    #[test]
    fn where_everything_fails_a_slice_gains_nothing() {
        let mut tracker = tracker();
        for call in 0..50 {
            tracker.all.n += 10.0;
            tracker.all.k += 10.0;
            tracker.fail(&[1], call, at(call.into()), 1.0);
        }
        let score = tracker.run(&[1]).map(|run| run.score(tracker.all));
        assert!(score.is_none_or(|score| score < 1.0), "{score:?}");
    }
}
