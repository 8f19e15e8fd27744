//! The thread that reads a source and cuts it into blocks for the workers.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use crate::ingest::marks::Marker;
use crate::ingest::progress::Progress;
use crate::ingest::resume::Opened;
use crate::ingest::summary::Summary;
use crate::ingest::worker::Task;
use crate::read::lines::Passed;
use crate::read::skip::Rejected;

/// Why reading stopped before the end.
pub struct Failure {
    error: io::Error,
    line: u64,
    offset: u64,
    /// The beginning of a line stood before the break; it is rejected where it stands.
    amid_line: bool,
}

impl Failure {
    /// What is behind the break counts as one line that cannot be read.
    pub fn count(self, name: &str, summary: &mut Summary) {
        let Self {
            error,
            line,
            offset,
            amid_line,
        } = self;
        if !amid_line {
            summary.lines += 1;
            summary.count_reject(name, line, offset, Rejected::BadArchive);
        }
        summary.warnings.push(format!(
            "{name}: {error} at byte {offset}; what stood before it was read"
        ));
    }
}

/// The thread that reads one source.
pub struct Reading<'r> {
    pub opened: Opened,
    pub passed: Option<Passed>,
    pub marker: Option<Marker>,
    pub progress: &'r Progress,
    pub stop: &'r AtomicBool,
    /// Whether the end of the source is a task of its own.
    pub tells_end: bool,
    /// The last line may still get its end: it is not read without one.
    pub growing: bool,
}

impl Reading<'_> {
    /// Cuts the source into blocks until it ends, fails or is stopped. Each block needs a permit, so that one slow
    /// block cannot make all that follow wait in memory; a permit is the room of a block before.
    pub fn read_blocks(
        &mut self,
        permits: &Receiver<Vec<u8>>,
        to_work: &SyncSender<(u64, Task)>,
    ) -> Option<Failure> {
        let mut continued = self.passed.is_some_and(|p| p.mid_line);
        let mut place = self.passed.map_or((1, 0), |p| (p.lines + 1, p.bytes));
        let mut failure = None;
        let mut taken = 0;
        for number in 0.. {
            let Ok(room) = permits.recv() else { break };
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            self.opened.blocks.reuse(room);
            let block = match self.opened.blocks.next_block() {
                Ok(Some(block)) if block.unterminated && self.growing => break,
                Ok(Some(block)) => block,
                Ok(None) => {
                    if self.tells_end {
                        let _ = to_work.send((number, Task::end(self.opened.blocks.end())));
                    }
                    break;
                }
                Err(error) => {
                    let rest = self.opened.blocks.next_block().ok().flatten();
                    let (line, offset) = place;
                    failure = Some(Failure {
                        error,
                        line,
                        offset,
                        amid_line: rest.is_some(),
                    });
                    match rest {
                        Some(rest) => rest,
                        None => break,
                    }
                }
            };
            if let Some(marker) = &mut self.marker {
                marker.pass(&block);
            }
            let now = self.opened.taken.load(Ordering::Relaxed);
            let fresh = now - std::mem::replace(&mut taken, now);
            self.progress
                .bytes_taken
                .fetch_add(fresh, Ordering::Relaxed);
            place = self.opened.blocks.place();
            let task = Task {
                block,
                continued: std::mem::take(&mut continued),
                cut: failure.is_some(),
                ends: false,
            };
            if to_work.send((number, task)).is_err() || failure.is_some() {
                break;
            }
        }
        failure
    }
}
