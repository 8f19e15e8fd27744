//! Sources whose lines mean something only after those before them: one thread reads them all, in order.

use crate::ingest::error::IngestError;
use crate::ingest::inputs::Input;
use crate::ingest::resume::{Opened, Resumed};
use crate::ingest::worker::{Done, ReadLine, Rows, SourceContext, Task, work};
use crate::read::format::{Parsed, Place, Sink};
use crate::read::lines::{Blocks, text_of};
use crate::read::sequence::Sequence;
use crate::read::skip::Ignored;

/// Reads the tasks of one source as they come.
pub struct InOrder {
    sequence: Sequence,
    /// The last line was left for later, so what is open stays open.
    held_back: bool,
}

impl InOrder {
    pub fn new(sequence: Sequence) -> Self {
        Self {
            sequence,
            held_back: false,
        }
    }

    /// Reads over lines whose records were handed out before.
    pub fn pass(&mut self, bytes: &[u8]) {
        replay(&mut self.sequence, &mut Blocks::new(bytes));
    }

    /// Brings the sequence to where an earlier run stopped, by the lines that it has read.
    pub fn resume(
        mut sequence: Sequence,
        resumed: &Resumed,
        input: &Input,
    ) -> Result<Self, IngestError> {
        if let Some(passed) = resumed.passed {
            let mut again = match input.opens_again() {
                true => Opened::open(input)?.blocks.limit(passed.bytes),
                false => {
                    return Err(IngestError::PipeDiffers {
                        path: input.path().to_owned(),
                    });
                }
            };
            replay(&mut sequence, &mut again);
            if resumed.ended {
                sequence.finish(&mut |_, _| {});
            }
        }
        Ok(Self::new(sequence))
    }

    pub fn work(&mut self, task: &Task, source: &SourceContext<'_>) -> Done {
        if !task.ends {
            let done = work(task, self, None, source);
            self.held_back = done.held_back;
            return done;
        }
        let mut rows = Rows::new(source);
        if !self.held_back {
            self.sequence.finish(&mut |format, attempts| {
                rows.push_records(format, attempts);
            });
        }
        rows.done(&task.block, self.held_back)
    }
}

/// What was handed out then is stored; a failure shows when reading goes on.
fn replay<R: std::io::Read>(sequence: &mut Sequence, blocks: &mut Blocks<R>) {
    while let Ok(Some(block)) = blocks.next_block() {
        for (offset, line, bytes) in block.lines() {
            let text = text_of(bytes);
            sequence.line(&text, Place { offset, line }, &mut |_, _| {});
        }
    }
}

impl ReadLine for InOrder {
    fn line(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        self.sequence.line(text, at, found)
    }

    fn used(&self, parsed: Parsed) -> bool {
        // Half a row may look like text, and is a row when its file has grown.
        !matches!(parsed, Parsed::Rejected(_) | Parsed::Ignored(Ignored::Text))
    }
}
