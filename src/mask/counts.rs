//! How many values of each kind were masked; safe to print, log and send.

use std::collections::BTreeMap;

use serde::Serialize;

/// Masked values by kind, in the order of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MaskCounts(BTreeMap<&'static str, u64>);

impl MaskCounts {
    pub fn add(&mut self, kind: &'static str, n: u64) {
        if n > 0 {
            *self.0.entry(kind).or_default() += n;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (kind, n) in other.iter() {
            self.add(kind, n);
        }
    }

    /// How many of one kind; zero for a kind that did not occur.
    pub fn get(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or_default()
    }

    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(kind, n)| (*kind, *n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_show_as_a_map() {
        let mut counts = MaskCounts::default();
        counts.add("jwt", 2);
        counts.add("card", 0);
        let mut more = MaskCounts::default();
        more.add("jwt", 1);
        more.add("email", 4);
        counts.merge(&more);
        assert_eq!(counts.total(), 7);
        assert_eq!(
            serde_json::to_string(&counts).expect("a map"),
            r#"{"email":4,"jwt":3}"#
        );
    }
}
