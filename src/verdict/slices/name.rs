//! Which of many slices that hold the same failures names them: the widest that still fails nearly always.

use std::cmp::Ordering;

use crate::model::call::{Part, TraitId};
use crate::model::time::Timestamp;
use crate::verdict::slices::ground::Ground;
use crate::verdict::slices::limits;
use crate::verdict::slices::subsets::{Slice, has};
use crate::verdict::slices::tracker::{Run, Sum, gain, normal_rate};
use crate::verdict::slices::walk::Incident;
use crate::verdict::thresholds as votes;

/// Is the one run a better name than the other?
pub fn is_better_name(ground: &Ground<'_>, all: Sum, one: &Run, other: &Run) -> bool {
    compare_names(ground, all, one, other) == Ordering::Greater
}

/// The better name is the greater.
pub fn compare_names(ground: &Ground<'_>, all: Sum, one: &Run, other: &Run) -> Ordering {
    let worth = |run: &Run| {
        run.failed.len() as f64 * gain(run.normal(all))
            - limits::NAME_SUCCESS * (run.successes + run.healed)
    };
    rank(ground, worth(one), &one.slice, worth(other), &other.slice)
}

/// More worth, then fewer traits, then those that say most: an operation before a parameter before a host.
fn rank(
    ground: &Ground<'_>,
    worth: f64,
    slice: &[TraitId],
    other_worth: f64,
    other: &[TraitId],
) -> Ordering {
    let parts = |slice: &[TraitId]| {
        let mut parts: Vec<_> = slice.iter().map(|one| telling(ground, *one)).collect();
        parts.sort_unstable();
        parts
    };
    // Rounded, so that sums in another order are equal, and the order is one.
    let rounded = |worth: f64| (worth * 1e6).round();
    rounded(worth)
        .total_cmp(&rounded(other_worth))
        .then(other.len().cmp(&slice.len()))
        .then_with(|| parts(other).cmp(&parts(slice)))
}

/// A value says more than that its name is there.
fn telling(ground: &Ground<'_>, one: TraitId) -> (Part, bool, TraitId) {
    let known = &ground.calls.traits[one as usize];
    (known.part, known.value.is_none(), one)
}

/// Calls of a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Failed for good, went well, and failed at first but were healed.
    pub failures: f64,
    pub successes: f64,
    pub healed: f64,
    /// Attempts that failed.
    pub attempts: f64,
    /// Calls that went well and whose body was looked at.
    pub bodies: f64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.failures += other.failures;
        self.successes += other.successes;
        self.healed += other.healed;
        self.attempts += other.attempts;
        self.bodies += other.bodies;
    }

    pub fn requests(&self) -> f64 {
        self.failures + self.successes + self.healed
    }

    fn sum(&self) -> Sum {
        Sum {
            n: self.requests(),
            k: self.failures,
        }
    }

    pub fn share(&self) -> f64 {
        self.sum().share()
    }
}

/// The calls of a stretch of time by which of a few traits they have.
pub struct Crossed {
    traits: Vec<TraitId>,
    by_mask: Vec<Tally>,
    pub all: Tally,
    /// The share that failed before it.
    before: Sum,
}

impl Crossed {
    /// Crosses the traits that most of an incident's failures have.
    pub fn of(ground: &Ground<'_>, incident: &Incident, until: Timestamp) -> Self {
        let traits = shared_traits(ground, incident);
        let mut crossed = Self {
            by_mask: vec![Tally::default(); 1 << traits.len()],
            traits,
            all: Tally::default(),
            before: Sum::default(),
        };
        for call in ground.own {
            let failed = match call.failed {
                None => false,
                Some(class) if class == ground.class => true,
                Some(_) => continue,
            };
            if call.at < incident.from {
                let weight = f64::from(call.weight);
                crossed.before.n += weight;
                crossed.before.k += if failed && call.healed.is_none() {
                    weight
                } else {
                    0.0
                };
                continue;
            }
            if call.at > until {
                break;
            }
            let tally = tally(call, failed, until);
            let mask = crossed.mask(&call.traits);
            crossed.by_mask[mask].add(tally);
            crossed.all.add(tally);
        }
        crossed
    }

    fn mask(&self, traits: &[TraitId]) -> usize {
        let bits = self.traits.iter().enumerate();
        bits.filter(|(_, one)| traits.binary_search(one).is_ok())
            .fold(0, |mask, (bit, _)| mask | (1 << bit))
    }

    /// The calls in a slice; of bodies only those that were looked at, with what they stand for.
    pub fn within(&self, ground: &Ground<'_>, slice: &[TraitId]) -> Tally {
        let wanted = self.mask(slice);
        let masks = self.by_mask.iter().enumerate();
        let mut sum = Tally::default();
        for (_, tally) in masks.filter(|(mask, _)| mask & wanted == wanted) {
            sum.add(*tally);
        }
        if slice.iter().any(|one| ground.is_body(*one)) {
            sum.successes = sum.bodies * ground.body_scale;
        }
        sum
    }

    pub fn outside(&self, ground: &Ground<'_>, slice: &[TraitId]) -> Sum {
        self.all.sum().minus(self.within(ground, slice).sum())
    }

    fn worth(&self, ground: &Ground<'_>, slice: &[TraitId]) -> f64 {
        let tally = self.within(ground, slice);
        let normal = normal_rate(self.outside(ground, slice), self.before);
        tally.failures * gain(normal) - limits::NAME_SUCCESS * (tally.successes + tally.healed)
    }

    /// The best name; `None` where everything fails, and no slice is to blame.
    pub fn best(&self, ground: &Ground<'_>, incident: &Incident) -> Option<Slice> {
        if self.all.share() >= votes::VOTE_RATE {
            return None;
        }
        let mut best = incident.slice.clone();
        let known = has(&self.traits, &best);
        let mut worth = if known {
            self.worth(ground, &best)
        } else {
            f64::NEG_INFINITY
        };
        ground.fields.each_slice(&self.traits, |slice| {
            let other = self.worth(ground, slice);
            if rank(ground, other, slice, worth, &best) == Ordering::Greater {
                (best, worth) = (slice.to_vec(), other);
            }
        });
        Some(best)
    }

    pub fn traits(&self) -> &[TraitId] {
        &self.traits
    }
}

fn tally(call: &crate::model::call::Call, failed: bool, until: Timestamp) -> Tally {
    let weight = f64::from(call.weight);
    if !failed {
        return Tally {
            successes: weight,
            bodies: if call.is_body_known { weight } else { 0.0 },
            ..Tally::default()
        };
    }
    let healed = call.healed.is_some_and(|at| at <= until);
    Tally {
        failures: if healed { 0.0 } else { weight },
        healed: if healed { weight } else { 0.0 },
        attempts: weight * f64::from(call.failures),
        ..Tally::default()
    }
}

/// What most of the incident's failures say, and the traits of its slice.
fn shared_traits(ground: &Ground<'_>, incident: &Incident) -> Vec<TraitId> {
    let mut counts: Vec<(TraitId, usize)> = Vec::new();
    for call in &incident.failed {
        for one in &ground.own[*call as usize].traits {
            match counts.binary_search_by_key(one, |(id, _)| *id) {
                Ok(at) => counts[at].1 += 1,
                Err(at) => counts.insert(at, (*one, 1)),
            }
        }
    }
    let most = limits::NAME_COVER * incident.failed.len() as f64;
    let shared = counts.iter().filter(|(_, count)| *count as f64 >= most);
    let mut traits = ground.combined(shared.map(|(one, _)| *one));
    traits.extend(
        incident
            .slice
            .iter()
            .filter(|one| !traits.contains(one))
            .copied()
            .collect::<Vec<_>>(),
    );
    traits.sort_unstable();
    traits
}
