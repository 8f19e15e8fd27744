//! Combinations of what a failing request says of itself.

use std::collections::HashMap;

use crate::model::call::{Calls, Part, TraitId};
use crate::verdict::slices::limits;

/// Up to four traits, ascending.
pub type Slice = Vec<TraitId>;

/// Which traits are about the same thing and so never stand together: two values of one parameter, two sizes; a host
/// and its region.
pub struct Fields(Vec<u32>);

impl Fields {
    pub fn of(calls: &Calls) -> Self {
        let mut ids: HashMap<(Part, &str), u32> = HashMap::new();
        let fields = calls.traits.iter().map(|one| {
            let key = match one.part {
                Part::Host | Part::Region => (Part::Host, ""),
                part => (part, one.name.as_str()),
            };
            let next = ids.len() as u32;
            *ids.entry(key).or_insert(next)
        });
        Self(fields.collect())
    }

    fn clash(&self, slice: &[TraitId], more: TraitId) -> bool {
        let field = self.0[more as usize];
        slice.iter().any(|one| self.0[*one as usize] == field)
    }

    /// Every combination of one to four of `traits`, which ascend.
    pub fn each_slice(&self, traits: &[TraitId], mut take: impl FnMut(&[TraitId])) {
        let mut slice = Vec::with_capacity(limits::TRAITS_MAX);
        self.extend(traits, &mut slice, &mut take);
    }

    fn extend(&self, rest: &[TraitId], slice: &mut Slice, take: &mut impl FnMut(&[TraitId])) {
        for (at, one) in rest.iter().enumerate() {
            if self.clash(slice, *one) {
                continue;
            }
            slice.push(*one);
            take(slice);
            if slice.len() < limits::TRAITS_MAX {
                self.extend(&rest[at + 1..], slice, take);
            }
            slice.pop();
        }
    }
}

/// Does a request with these traits (ascending) lie in the slice?
pub fn has(traits: &[TraitId], slice: &[TraitId]) -> bool {
    slice.iter().all(|one| traits.binary_search(one).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::call::Trait;

    #[test]
    fn combinations_hold_one_trait_of_a_kind() {
        let one = |part, name: &str, value: Option<&str>| Trait {
            part,
            name: name.to_owned(),
            value: value.map(str::to_owned),
        };
        let calls = Calls {
            traits: vec![
                one(Part::Parameter, "currency", None),
                one(Part::Parameter, "currency", Some("JPY")),
                one(Part::Body, "currency", Some("JPY")),
                one(Part::Host, "host", Some("eu.a.b")),
                one(Part::Region, "region", Some("eu")),
            ],
            ..Calls::default()
        };
        let mut found = Vec::new();
        Fields::of(&calls).each_slice(&[0, 1, 2, 3, 4], |slice| found.push(slice.to_vec()));
        assert!(found.contains(&vec![1, 2, 3]) && found.contains(&vec![4]));
        assert!(
            !found
                .iter()
                .any(|slice| has(slice, &[0, 1]) || has(slice, &[3, 4]))
        );
        assert_eq!(found.len(), 17);
    }
}
