//! What one integration's calls look like as a whole: how common each trait is, and how closely was looked.

use std::collections::HashMap;

use crate::model::call::{Call, Calls, Name, Part, TraitId};
use crate::model::verdict::Class;
use crate::verdict::slices::limits;
use crate::verdict::slices::subsets::Fields;
use crate::verdict::thresholds::VOTES_MIN;

/// The calls of one integration, in one class.
pub struct Ground<'a> {
    pub calls: &'a Calls,
    pub own: &'a [Call],
    pub class: Class,
    pub fields: &'a Fields,
    /// Requests with each trait.
    pub frequency: Vec<f64>,
    /// Failures with each trait.
    failing: Vec<f64>,
    total: f64,
    /// Requests that went well for each one whose body was kept.
    pub body_scale: f64,
    one_in: HashMap<Name, u32>,
}

impl<'a> Ground<'a> {
    /// `None` where too little failed for a slice.
    pub fn of(calls: &'a Calls, class: Class, fields: &'a Fields) -> Option<Self> {
        let own = calls.calls.as_slice();
        let failed = own.iter().filter(|call| call.failed == Some(class));
        if failed.count() < VOTES_MIN as usize {
            return None;
        }
        let mut ground = Self {
            calls,
            own,
            class,
            fields,
            frequency: vec![0.0; calls.traits.len()],
            failing: vec![0.0; calls.traits.len()],
            total: 0.0,
            body_scale: body_scale(own),
            one_in: calls
                .looked
                .iter()
                .map(|one| (one.operation, one.one_in))
                .collect(),
        };
        ground.count();
        Some(ground)
    }

    fn count(&mut self) {
        for call in self.own {
            self.total += f64::from(call.weight);
            let failed = call.failed == Some(self.class);
            for one in &call.traits {
                let scale = match failed {
                    true => 1.0,
                    false => self.scale(*one),
                };
                self.frequency[*one as usize] += scale * f64::from(call.weight);
                self.failing[*one as usize] += f64::from(u8::from(failed));
            }
        }
    }

    pub fn is_body(&self, one: TraitId) -> bool {
        self.calls.traits[one as usize].part == Part::Body
    }

    fn scale(&self, one: TraitId) -> f64 {
        if self.is_body(one) {
            self.body_scale
        } else {
            1.0
        }
    }

    /// Successes that stand behind one that is seen in a slice.
    pub fn scale_of(&self, slice: &[TraitId]) -> f64 {
        slice.iter().map(|one| self.scale(*one)).fold(1.0, f64::max)
    }

    pub fn scales(&self) -> Vec<f64> {
        let ids = 0..self.calls.traits.len() as TraitId;
        ids.map(|one| self.scale(one)).collect()
    }

    /// Said by several failures, and not by nearly every request.
    fn tells(&self, one: TraitId) -> bool {
        let at = one as usize;
        self.failing[at] >= f64::from(VOTES_MIN)
            && self.frequency[at] < limits::CONSTANT_SHARE * self.total
    }

    /// The traits that are worth combining, ascending: those that failures have oftener than others first.
    pub fn combined(&self, traits: impl Iterator<Item = TraitId>) -> Vec<TraitId> {
        let mut chosen: Vec<TraitId> = traits.filter(|one| self.tells(*one)).collect();
        let rarity = |one: &TraitId| {
            let at = *one as usize;
            self.failing[at] / self.frequency[at].max(1.0)
        };
        if chosen.len() > limits::TRAITS_COMBINED_MAX {
            chosen.sort_by(|one, other| rarity(other).total_cmp(&rarity(one)).then(one.cmp(other)));
            chosen.truncate(limits::TRAITS_COMBINED_MAX);
        }
        chosen.sort_unstable();
        chosen
    }

    /// One in so many calls of the operation was looked at; without an operation, the worst of all.
    pub fn one_in(&self, operation: Option<Name>) -> u32 {
        match operation {
            Some(name) => self.one_in.get(&name).copied().unwrap_or(1),
            None => self.one_in.values().copied().max().unwrap_or(1),
        }
    }

    /// Does it lie in one operation by its own traits?
    pub fn is_of_operation(&self, slice: &[TraitId]) -> bool {
        let part = |one: &TraitId| self.calls.traits[*one as usize].part;
        slice.iter().any(|one| part(one) == Part::Operation)
    }
}

fn body_scale(own: &[Call]) -> f64 {
    let others = || own.iter().filter(|call| call.failed.is_none());
    let all: f64 = others().map(|call| f64::from(call.weight)).sum();
    let known: f64 = others()
        .filter(|call| call.is_body_known)
        .map(|call| f64::from(call.weight))
        .sum();
    if known > 0.0 {
        (all / known).max(1.0)
    } else {
        1.0
    }
}
