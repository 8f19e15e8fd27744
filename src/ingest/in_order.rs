//! Sources whose lines mean something only after those before them: one thread reads them all, in order.
//!
//! At the end of a source, calls that are still open are handed out as they are. The source may grow all the same: the
//! next run reads it again to the same state, as if it had not ended, and leaves out what was handed out then.

use std::collections::HashSet;

use twox_hash::XxHash3_64;

use crate::ingest::error::IngestError;
use crate::ingest::inputs::Input;
use crate::ingest::resume::{Left, Opened, Resumed};
use crate::ingest::usual::Usual;
use crate::ingest::worker::{Done, ReadLine, Rows, SourceContext, Task, work};
use crate::model::exchange::{Exchange, Outcome};
use crate::read::format::{Parsed, Place, Sink};
use crate::read::lines::{Blocks, text_of};
use crate::read::sequence::Sequence;
use crate::read::skip::{Ignored, Rejected};

/// Makes the same sequence anew.
pub type Again<'a> = dyn Fn() -> Result<Option<Sequence>, IngestError> + 'a;

/// Reads the tasks of one source as they come.
pub struct InOrder {
    sequence: Sequence,
    usual: Usual,
    /// Lines at which calls began that were handed out at an end which was none.
    told: HashSet<u64>,
    /// The last line was left for later, so what is open stays open.
    held_back: bool,
    /// Answers may still come: calls without one are left for later.
    waits: bool,
    /// The line at hand has no end yet.
    amid_line: bool,
    /// Lines at which calls began that were left for later.
    waiting: Vec<u64>,
}

impl InOrder {
    pub fn new(sequence: Sequence) -> Self {
        Self {
            sequence,
            usual: Usual::default(),
            told: HashSet::new(),
            held_back: false,
            waits: false,
            amid_line: false,
            waiting: Vec::new(),
        }
    }

    /// Reads over lines whose records were handed out before.
    pub fn pass(&mut self, bytes: &[u8]) {
        let (sequence, usual) = (&mut self.sequence, &mut self.usual);
        replay(sequence, usual, &mut Blocks::new(bytes), &mut |_, _| {});
    }

    /// Whether answers may still come at the end.
    pub fn waits(mut self, waits: bool) -> Self {
        self.set_waits(waits);
        self
    }

    pub fn set_waits(&mut self, waits: bool) {
        self.waits = waits;
    }

    /// Brings the sequence to where an earlier run stopped, by the lines that it has read. A line that had no end then
    /// is read again, because it may have got one.
    pub fn resume(
        mut sequence: Sequence,
        again: &Again<'_>,
        resumed: &mut Resumed,
        input: &Input,
    ) -> Result<Self, IngestError> {
        let Some(passed) = resumed.passed else {
            return Ok(Self::new(sequence));
        };
        if !input.opens_again() {
            return Err(IngestError::PipeDiffers {
                path: input.path().to_owned(),
            });
        }
        let before = |bytes| Ok::<_, IngestError>(Opened::open(input)?.blocks.limit(bytes));
        let (mut known, mut told) = (passed.bytes, HashSet::new());
        if resumed.left != Left::Amid
            && let Some(mut ended) = again()?
        {
            let (usual, before) = (&mut Usual::default(), &mut before(known)?);
            known = replay(&mut ended, usual, before, &mut |_, attempts| {
                let all = resumed.left == Left::AtEnd;
                let kept = attempts.iter().filter(|call| all || has_status(call));
                told.extend(kept.map(|call| call.line));
            });
            ended.finish(&mut |_, attempts| {
                let all = resumed.left == Left::AtEnd;
                let kept = attempts.iter().filter(|call| all || has_ended(call));
                told.extend(kept.map(|call| call.line));
            });
        }
        if known < passed.bytes {
            resumed.opened = Opened::open(input)?;
            resumed.passed = Some(resumed.opened.blocks.pass(known));
        }
        let mut usual = Usual::default();
        let before = &mut before(known)?;
        replay(&mut sequence, &mut usual, before, &mut |_, _| {});
        Ok(Self {
            usual,
            told,
            ..Self::new(sequence)
        })
    }

    pub fn work(&mut self, task: &Task, source: &SourceContext<'_>) -> Done {
        if !task.ends {
            self.amid_line = task.block.unterminated;
            let done = work(task, self, None, source);
            self.held_back = done.held_back;
            return done;
        }
        let mut rows = Rows::new(source);
        if self.held_back {
            if self.waits {
                rows.summary.warnings.push(format!(
                    "{}: its last line has no end and may be half a line; it is read when it has one, or when the file \
                     is read again a minute after it was written last",
                    source.name
                ));
            }
            return rows.done(&task.block, true);
        }
        let (told, waiting, waits) = (&self.told, &mut self.waiting, self.waits);
        self.sequence.finish(
            &mut |format, attempts| match waits && !attempts.iter().all(has_ended) {
                true => waiting.extend(attempts.first().map(|call| call.line)),
                false => hand_out(told, attempts, &mut |attempts| {
                    rows.push_records(format, attempts);
                }),
            },
        );
        let waiting = std::mem::take(waiting);
        rows.summary
            .warnings
            .extend(say_waiting(source.name, &waiting));
        let mut done = rows.done(&task.block, false);
        if !waiting.is_empty() {
            done.check = waiting_check(done.check);
        }
        done
    }
}

fn say_waiting(name: &str, waiting: &[u64]) -> Option<String> {
    let first = waiting.iter().min()?;
    Some(format!(
        "{name}: {} calls at its end have no answer yet (the first began at line {first}); they are stored when an \
         answer comes, or when the file is read again a minute after it was written last",
        waiting.len()
    ))
}

/// The check of a position at the end of a source where calls wait for answers, from that of the end itself.
pub fn waiting_check(check_ended: u64) -> u64 {
    XxHash3_64::oneshot_with_seed(check_ended, b"waiting")
}

/// Whether a call that is open at the end can be handed out though answers may still come.
fn has_ended(call: &Exchange<'_>) -> bool {
    has_status(call) || call.error_message.is_some() || call.outcome == Outcome::ClientGone
}

fn has_status(call: &Exchange<'_>) -> bool {
    call.status.or(call.edge_status).is_some()
}

/// Hands out what was not handed out at an earlier end.
fn hand_out(
    told: &HashSet<u64>,
    attempts: &mut [Exchange<'_>],
    found: &mut dyn FnMut(&mut [Exchange<'_>]),
) {
    if !attempts.iter().all(|call| told.contains(&call.line)) {
        found(attempts);
    }
}

/// What was handed out then is stored; a failure shows when reading goes on. Shows what a line without an end gave, and
/// gives the end of the last whole line.
fn replay<R: std::io::Read>(
    sequence: &mut Sequence,
    usual: &mut Usual,
    blocks: &mut Blocks<R>,
    unended: &mut Sink<'_>,
) -> u64 {
    let mut whole = 0;
    while let Ok(Some(block)) = blocks.next_block() {
        for (offset, line, bytes) in block.lines() {
            let (text, at) = (text_of(bytes), Place { offset, line });
            match block.unterminated {
                true => drop(sequence.line(&text, at, unended)),
                false => usual.see(&text, sequence.line(&text, at, &mut |_, _| {})),
            }
        }
        whole = match block.unterminated {
            true => block.start,
            false => block.end(),
        };
    }
    whole
}

impl ReadLine for InOrder {
    fn line(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let (told, waiting) = (&self.told, &mut self.waiting);
        let waits = self.waits && self.amid_line;
        // It would be stored with half a value, which cannot be taken back when the other half comes.
        if waits && self.usual.is_cut(text) {
            return Parsed::Rejected(Rejected::Truncated);
        }
        let parsed = self.sequence.line(text, at, &mut |format, attempts| {
            if waits && !attempts.iter().all(has_status) {
                waiting.extend(attempts.first().map(|call| call.line));
                return;
            }
            hand_out(told, attempts, &mut |attempts| found(format, attempts));
        });
        if !self.amid_line {
            self.usual.see(text, parsed);
        }
        parsed
    }

    fn used(&self, parsed: Parsed) -> bool {
        // Half a row may look like text, and is a row when its file has grown.
        !matches!(parsed, Parsed::Rejected(_) | Parsed::Ignored(Ignored::Text))
    }
}
