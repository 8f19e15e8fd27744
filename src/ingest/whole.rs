//! Bytes that came at once and are read at once: a pushed body.

use crate::attribute::Context;
use crate::ingest::document::walk_document;
use crate::ingest::error::IngestError;
use crate::ingest::feed::Makers;
use crate::ingest::in_order::InOrder;
use crate::ingest::lane::Lane;
use crate::ingest::plan::Plan;
use crate::ingest::rejects::Reject;
use crate::ingest::summary::Summary;
use crate::ingest::worker::{Done, SourceContext, Task, work};
use crate::mask::{MaskCounts, Masked, Masker};
use crate::model::time::Timestamp;
use crate::read::detect::{Detected, SAMPLE_BYTES};
use crate::read::format::Layout;
use crate::read::lines::{Block, Blocks};
use crate::read::skip::Rejected;

/// Rejected lines that are told in full; the others are counted.
const REJECTS_MAX: usize = 20;

/// What came of it.
#[derive(Default)]
pub struct Whole {
    pub masked: Option<Masked>,
    pub summary: Summary,
    pub rejects: Vec<Reject>,
}

/// Names of what is read.
pub struct Named<'n> {
    pub name: &'n str,
    pub id: &'n str,
}

/// Reads all of it; `None` when no format fits.
pub fn read_bytes(
    bytes: &[u8],
    plan: &Plan,
    named: &Named<'_>,
    makers: &Makers,
    now: Timestamp,
) -> Result<Option<Whole>, IngestError> {
    let masker = makers.maskers.current();
    let source = context(plan, named, (makers, &masker), now);
    let head = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let mut whole = Whole {
        summary: Summary::new(),
        ..Whole::default()
    };
    match plan.format.detect(head, &plan.options)? {
        Detected::Unknown { .. } => return Ok(None),
        Detected::Document { format } => {
            let Layout::Document { parse, .. } = &format.layout else {
                return Ok(None);
            };
            let (rows, broken) = walk_document(*parse, format.name, bytes, 0, &source);
            whole.add(rows.done(&Block::default(), false));
            if let Some(error) = broken {
                let line = error.line as u64;
                whole
                    .summary
                    .count_reject(named.name, line, 0, Rejected::BadDocument);
            }
        }
        Detected::Lines { reader, .. } => {
            let mut lane = Lane::new(source.masker);
            whole.read_lines(bytes, |task| {
                work(task, &mut &reader, Some(&mut lane), &source)
            });
        }
        Detected::Sequence { sequence, .. } => {
            let mut in_order = InOrder::new(sequence);
            let blocks = whole.read_lines(bytes, |task| in_order.work(task, &source));
            whole.add(in_order.work(&Task::end(blocks.end()), &source));
        }
    }
    whole.summary.files = 1;
    whole.summary.bytes = bytes.len() as u64;
    Ok(Some(whole))
}

impl Whole {
    fn read_lines<'b>(
        &mut self,
        bytes: &'b [u8],
        mut worker: impl FnMut(&Task) -> Done,
    ) -> Blocks<&'b [u8]> {
        let mut blocks = Blocks::new(bytes);
        // Bytes in memory cannot fail to be read.
        while let Ok(Some(block)) = blocks.next_block() {
            let done = worker(&Task {
                block,
                continued: false,
                cut: false,
                ends: false,
            });
            self.add(done);
        }
        blocks
    }

    pub fn add(&mut self, done: Done) {
        self.add_all(done);
        self.rejects.truncate(REJECTS_MAX);
    }

    /// The same with all rejected lines.
    pub fn add_all(&mut self, done: Done) {
        self.summary.merge(done.summary);
        self.rejects.extend(done.rejects);
        match &mut self.masked {
            Some(masked) => masked.append(done.masked),
            None => self.masked = Some(done.masked),
        }
    }
}

fn context<'s>(
    plan: &'s Plan,
    named: &Named<'s>,
    (makers, masker): (&'s Makers, &'s Masker),
    now: Timestamp,
) -> SourceContext<'s> {
    SourceContext {
        attributor: &makers.attributor,
        masker,
        name: named.name,
        id: named.id,
        context: Context {
            source: named.name,
            integration: plan.integration.as_deref(),
            direction: plan.direction,
        },
        ingested_at: now,
        keep_ok_one_in: makers.keep_ok_one_in,
        keep_rejects: true,
    }
}

/// The first lines of something of which no format is known, masked, as rejected.
pub fn reject_lines(bytes: &[u8], named: &Named<'_>, makers: &Makers) -> Vec<Reject> {
    let mut blocks = Blocks::new(bytes);
    let Ok(Some(block)) = blocks.next_block() else {
        return Vec::new();
    };
    let mut counts = MaskCounts::default();
    let masker = makers.maskers.current();
    block
        .lines()
        .take(REJECTS_MAX)
        .map(|(offset, line, text)| Reject {
            source: named.name.to_owned(),
            source_id: named.id.to_owned(),
            line,
            offset,
            reason: Rejected::NoFormatMatched,
            text: masker.text(&String::from_utf8_lossy(text), &mut counts),
        })
        .collect()
}
