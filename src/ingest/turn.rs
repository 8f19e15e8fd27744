//! What one worker has in hand: a masker, and what it remembers of what that came to.

use std::sync::Arc;

use crate::ingest::lane::Lane;
use crate::mask::{Masker, Maskers};

/// A block is masked as a whole under the key that is in force when it is begun.
pub struct Turn {
    masker: Arc<Masker>,
    lane: Lane,
}

impl Turn {
    pub fn new(masker: Arc<Masker>) -> Self {
        Self {
            lane: Lane::new(&masker),
            masker,
        }
    }

    /// The masker for the next block, and a lane that remembers nothing of another key.
    pub fn next(&mut self, maskers: &Maskers) -> (&Masker, &mut Lane) {
        let masker = maskers.current();
        if !Arc::ptr_eq(&masker, &self.masker) {
            *self = Self::new(masker);
        }
        (&self.masker, &mut self.lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attributor, Context, Settings};
    use crate::ingest::worker::{SourceContext, Task, work};
    use crate::mask::{self, Code, MaskKey};
    use crate::model::time::Timestamp;
    use crate::read::format::{Layout, Options};
    use crate::read::formats;
    use crate::read::lines::Blocks;
    use crate::read::reader::LineReader;

    const LINE: &str = "203.0.113.9 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges?api_key=hunter2hunter2 HTTP/1.1\" \
                        200 5 \"-\" \"jane@example.com\"\n";

    /// All texts that come of some lines, in the turn of a worker.
    fn texts(turn: &mut Turn, maskers: &Maskers) -> String {
        let catalog = crate::catalog::Catalog::embedded().expect("embedded facts load");
        let attributor = Attributor::new(catalog.into(), Settings::default()).expect("valid");
        let Some(Layout::Lines(build)) = formats::find("combined").map(|f| &f.layout) else {
            panic!("no lines");
        };
        let reader = LineReader::new("combined", build(&Options::default()), Vec::new());
        let log = LINE.repeat(3);
        let block = Blocks::new(log.as_bytes()).next_block();
        let task = Task {
            block: block.expect("readable").expect("lines"),
            continued: false,
            cut: false,
            ends: false,
        };
        let (masker, lane) = turn.next(maskers);
        let source = SourceContext {
            attributor: &attributor,
            masker,
            name: "a.log",
            id: "s1",
            context: Context::default(),
            ingested_at: Timestamp::from_secs(5),
            keep_ok_one_in: 1,
            keep_rejects: false,
        };
        let masked = work(&task, &mut &reader, Some(lane), &source).masked;
        assert_eq!(masked.rows(), 3);
        let (columns, lexicon) = masked.into_columns();
        let all: Vec<Code> = (1..=lexicon.highest()).collect();
        format!("{:?} {:?}", lexicon.texts(&all).0, columns.raw)
    }

    #[test]
    fn what_was_remembered_under_the_former_key_does_not_come_back() {
        let masker = mask::Masker::new(MaskKey::from_bytes([1; 32]), mask::Settings::default());
        let maskers = Maskers::new(masker.expect("a masker"));
        let mut turn = Turn::new(maskers.current());
        let first = maskers.current().key_id();
        assert!(texts(&mut turn, &maskers).contains(&first));
        assert!(texts(&mut turn, &maskers).contains(&first));
        assert!(maskers.rotate(MaskKey::from_bytes([2; 32])));
        let second = maskers.current().key_id();
        let after = texts(&mut turn, &maskers);
        assert!(
            after.contains(&second) && !after.contains(&first),
            "{after}"
        );
    }
}
