//! Rows waiting for their commit, with the positions that the commit will note.

use std::collections::{BTreeMap, HashMap};

use crate::mask::Masked;
use crate::store::{Position, SourcePosition};

/// So many rows of one block are a sign of many more.
const MANY_ROWS: usize = 1_000;
/// Room is made at once for so many rows at most, whatever the settings say.
const ROOM_ROWS_MAX: usize = 500_000;

#[derive(Default)]
pub struct Pending {
    masked: Option<Masked>,
    reached: BTreeMap<String, Position>,
    /// All positions of this run, committed or not: a second copy may come before the commit of the first.
    known: HashMap<String, Position>,
}

impl Pending {
    /// `commit_rows` is how many rows there will be if many more come.
    pub fn add(&mut self, mut masked: Masked, commit_rows: usize) {
        match &mut self.masked {
            Some(pending) => pending.append(masked),
            None => {
                if masked.rows() >= MANY_ROWS {
                    let rows = commit_rows.min(ROOM_ROWS_MAX);
                    masked.reserve(rows.saturating_sub(masked.rows()));
                }
                self.masked = Some(masked);
            }
        }
    }

    pub fn reach(&mut self, source_id: &str, position: Position) {
        self.reached.insert(source_id.to_owned(), position);
        self.known.insert(source_id.to_owned(), position);
    }

    /// How far this run has read a source.
    pub fn position(&self, source_id: &str) -> Option<Position> {
        self.known.get(source_id).copied()
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
        if masked.rows() == 0 && reached.is_empty() {
            return None;
        }
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
