//! How far each source was read by this process, committed or not.

use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use twox_hash::XxHash3_64;

use crate::store::{Position, SourcePosition};

/// Starts with what the store knows. While the writer's lock is held nobody else adds to that.
#[derive(Clone, Default)]
pub struct Known(Arc<Mutex<HashMap<String, Position>>>);

impl Known {
    pub fn new(stored: HashMap<String, Position>) -> Self {
        Self(Arc::new(Mutex::new(stored)))
    }

    pub fn position(&self, source_id: &str) -> Option<Position> {
        self.map().get(source_id).copied()
    }

    pub fn reach(&self, reached: &SourcePosition) {
        self.map()
            .insert(reached.source_id.clone(), reached.position);
    }

    /// Takes an id before anything was read under it, so that a file that begins alike does not take it too.
    pub fn claim(&self, source_id: &str) {
        self.map()
            .entry(source_id.to_owned())
            .or_insert_with(nothing);
    }

    /// Gives an id back under which nothing was read.
    pub fn release(&self, source_id: &str) {
        let mut map = self.map();
        if map.get(source_id) == Some(&nothing()) {
            map.remove(source_id);
        }
    }

    fn map(&self) -> MutexGuard<'_, HashMap<String, Position>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nothing() -> Position {
    Position {
        offset: 0,
        check: XxHash3_64::new().finish(),
    }
}
