//! Where rows go: straight into the store, or to the one who writes for several sources.

use tokio::runtime::Handle;

use crate::ingest::error::IngestError;
use crate::ingest::marks::Marks;
use crate::mask::Masked;
use crate::store::{Position, SourcePosition, Store};

/// Takes rows with the positions they reach, both or neither.
pub trait Keep: Send {
    /// How far a source was read.
    fn position(&self, source_id: &str) -> Result<Option<Position>, IngestError>;

    fn append(&mut self, masked: Masked, reached: Vec<SourcePosition>) -> Result<(), IngestError>;

    /// What is known of the beginnings of sources.
    fn marks(&self) -> Option<Marks>;

    /// Everything was handed over for now.
    fn settle(&mut self) -> Result<(), IngestError>;
}

/// Commits as soon as it is asked to.
pub struct IntoStore<'s> {
    pub store: &'s mut Store,
    pub marks: Marks,
    pub runtime: Handle,
}

impl Keep for IntoStore<'_> {
    fn position(&self, source_id: &str) -> Result<Option<Position>, IngestError> {
        Ok(self.runtime.block_on(self.store.position(source_id))?)
    }

    fn marks(&self) -> Option<Marks> {
        Some(self.marks.clone())
    }

    fn append(&mut self, masked: Masked, reached: Vec<SourcePosition>) -> Result<(), IngestError> {
        self.runtime.block_on(self.store.append(masked, &reached))?;
        if self.store.wants_roll_up() {
            self.settle()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), IngestError> {
        Ok(self.runtime.block_on(self.store.roll_up())?)
    }
}
