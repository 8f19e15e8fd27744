//! What is known of a thing by a number or a name, and that something has to go the whole way.

use std::sync::Arc;

use crate::mask::Part;

/// Why a row cannot be put together.
pub enum Miss {
    /// Something in it was not seen before.
    Unknown,
    /// It has to be named and masked as a whole.
    Whole,
}

/// What a request line is called, by the number of how it is named. Nearly all ways give the same operation, so that is
/// where it is found first.
#[derive(Default)]
pub struct Operations {
    pub first: Option<Arc<Part>>,
    /// That one was found without a template.
    pub untemplated: bool,
    /// One bit for each number below 64 that names it so.
    same: u64,
    /// `None` where a row of it cannot be put together.
    others: Vec<(usize, Option<Arc<Part>>)>,
}

impl Operations {
    pub fn find(&self, names: usize) -> Result<&Part, Miss> {
        match &self.first {
            Some(first) if self.same & bit(names) != 0 => Ok(first),
            _ => known(&self.others, &names).map(|operation| &**operation),
        }
    }

    pub fn are_unknown(&self, names: usize) -> bool {
        matches!(self.find(names), Err(Miss::Unknown))
    }

    pub fn add(&mut self, names: usize, operation: Option<Arc<Part>>) {
        self.first = self.first.take().or_else(|| operation.clone());
        let is_first = operation.as_ref().zip(self.first.as_ref());
        match is_first.is_some_and(|(operation, first)| Arc::ptr_eq(operation, first)) {
            true if bit(names) != 0 => self.same |= bit(names),
            _ => self.others.push((names, operation)),
        }
    }
}

fn bit(number: usize) -> u64 {
    1_u64.checked_shl(number as u32).unwrap_or_default()
}

/// What a list knows of a key; `None` there stands for what has to go the whole way.
pub fn known<'k, K: PartialEq, T>(list: &'k [(K, Option<T>)], key: &K) -> Result<&'k T, Miss> {
    let found = list.iter().find(|(known, _)| known == key);
    let (_, value) = found.ok_or(Miss::Unknown)?;
    value.as_ref().ok_or(Miss::Whole)
}
