//! Rows waiting for their commit, with the positions that the commit will note.

use std::collections::BTreeMap;

use crate::mask::Masked;
use crate::store::{Position, SourcePosition};

#[derive(Default)]
pub struct Pending {
    masked: Option<Masked>,
    reached: BTreeMap<String, Position>,
}

impl Pending {
    pub fn add(&mut self, masked: Masked) {
        match &mut self.masked {
            Some(pending) => pending.append(masked),
            None => self.masked = Some(masked),
        }
    }

    pub fn reach(&mut self, source_id: &str, position: Position) {
        self.reached.insert(source_id.to_owned(), position);
    }

    pub fn rows(&self) -> usize {
        self.masked.as_ref().map_or(0, Masked::rows)
    }

    pub fn bytes(&self) -> usize {
        self.masked.as_ref().map_or(0, Masked::bytes)
    }

    /// Everything so far; nothing when there is nothing to commit.
    pub fn take(&mut self) -> Option<(Masked, Vec<SourcePosition>)> {
        let reached = std::mem::take(&mut self.reached);
        let masked = self.masked.take()?;
        let reached = reached
            .into_iter()
            .map(|(source_id, position)| SourcePosition {
                source_id,
                position,
            })
            .collect();
        Some((masked, reached))
    }
}
