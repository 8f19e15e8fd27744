//! Hashes of a source's beginning at the ends of its lines, so that a shorter copy can be told from another source that
//! begins alike: only what is proved to be known is passed over.
//!
//! They stand beside the tables, a file a source, and are no part of a commit: where some are missing, less is proved
//! and more is read. What lies behind the source's position in the store does not count.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use crate::ingest::heads::Heads;
use crate::ingest::prefix::{LineEnd, Prefix};
use crate::ingest::slots::{self, Step};
use crate::read::lines::{Block, Blocks};

/// Sources whose marks are kept; the oldest go first.
const SOURCES_MAX: usize = 20_000;

/// The marks of all sources. Cheap to clone.
#[derive(Clone)]
pub struct Marks {
    dir: Arc<PathBuf>,
    key: u64,
    heads: Heads,
}

/// What is known of what a source begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// So much of it was read before.
    pub bytes: u64,
    pub lines: u64,
    /// Something behind that was not.
    pub differs: bool,
    /// There is nothing behind that.
    pub whole: bool,
    /// Of whole lines behind that it cannot be told.
    pub open_lines: bool,
}

impl Marks {
    /// In the folder of a store. Its hashes are seeded with `key`, which must be the same for as long as the store lives.
    pub fn new(store: &Path, key: u64) -> Self {
        let dir = store.join("marks");
        let marks = Self {
            heads: Heads::new(dir.join("heads"), key),
            dir: Arc::new(dir),
            key,
        };
        settle(marks.tidy());
        marks
    }

    /// Notes that a source begins so.
    pub fn begin(&self, id: &str, head: &[u8]) {
        settle(self.heads.note(id, head));
    }

    /// Sources that may begin so, but have ids of more bytes than these.
    pub fn longer(&self, head: &[u8]) -> Vec<String> {
        self.heads.find(head)
    }

    /// Goes on behind `lines` lines of a source, where the hash of its bytes has this state.
    pub fn marker(&self, id: &str, hash: XxHash3_64, lines: u64) -> Marker {
        let path = self.dir.join(id);
        let step = slots::read(&path).map_or(Step::FIRST, |(step, _)| step);
        if path.exists() {
            // What a killed run has marked and not stored may come differently now.
            settle(slots::cut(&path, step, lines));
        }
        Marker {
            path,
            prefix: Prefix::new(hash, lines, self.key),
            step,
        }
    }

    /// Compares what begins `blocks` with a source of which `known` bytes were read.
    pub fn prove<R: Read>(&self, id: &str, mut blocks: Blocks<R>, known: u64) -> Proof {
        let mut proof = Proof::default();
        let Ok((step, marks)) = slots::read(&self.dir.join(id)) else {
            return proof;
        };
        let mark = |at: &LineEnd<'_>| {
            let mark = marks.get(usize::try_from(step.slot(at.line)?).ok()?);
            mark.copied().filter(|mark| *mark != 0 && at.end <= known)
        };
        let mut prefix = Prefix::new(XxHash3_64::new(), 0, self.key);
        let mut unterminated = false;
        // A failure shows again when it is read.
        while let Ok(Some(block)) = blocks.next_block() {
            prefix.walk(&block, |_| true, &mut |at| proof.see(mark(&at), &at));
            proof.whole = block.end() <= proof.bytes;
            unterminated = block.unterminated;
            if proof.differs {
                return proof;
            }
        }
        if unterminated && !proof.open_lines {
            prefix.complete(&mut |at| {
                if mark(&at) == Some(at.mark()) {
                    (proof.bytes, proof.lines, proof.whole) = (at.end - 1, at.line, true);
                }
            });
        }
        proof
    }

    /// Removes the oldest where there are too many.
    fn tidy(&self) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(&*self.dir) else {
            return Ok(());
        };
        let mut files: Vec<_> = entries
            .flatten()
            .filter(|entry| entry.file_name() != "heads")
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        let over = files.len().saturating_sub(SOURCES_MAX);
        files.sort();
        files
            .iter()
            .take(over)
            .try_for_each(|(_, path)| fs::remove_file(path))
    }
}

impl Proof {
    fn see(&mut self, known: Option<u32>, at: &LineEnd<'_>) {
        match known {
            None => self.open_lines = true,
            Some(mark) if mark == at.mark() => {
                (self.bytes, self.lines) = (at.end, at.line);
                self.open_lines = false;
            }
            Some(_) => self.differs = true,
        }
    }
}

/// Marks the lines of one source as they are read.
pub struct Marker {
    path: PathBuf,
    prefix: Prefix,
    step: Step,
}

impl Marker {
    pub fn pass(&mut self, block: &Block) {
        let mut found = Vec::new();
        let step = self.step;
        let wants = |line| step.slot(line).is_some();
        self.prefix
            .walk(block, wants, &mut |at| found.push((at.line, at.mark())));
        if found.is_empty() {
            return;
        }
        match slots::write(&self.path, step, &found) {
            Ok(step) => self.step = step,
            Err(error) => settle(Err(error)),
        }
    }
}

/// Without marks less can be proved, which is no reason to read nothing.
fn settle(done: io::Result<()>) {
    if let Err(error) = done {
        tracing::debug!(%error, "marks of sources are not kept");
    }
}
