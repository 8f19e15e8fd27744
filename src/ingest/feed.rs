//! One source that grows: its bytes are handed over as they come, its rows come out as its lines end.

use std::sync::Arc;

use crate::attribute::{Attributor, Context};
use crate::ingest::again::is_reject_file;
use crate::ingest::cutter::Cutter;
use crate::ingest::error::IngestError;
use crate::ingest::identity::fresh_id;
use crate::ingest::in_order::InOrder;
use crate::ingest::inputs::Input;
use crate::ingest::marks::{Marker, Marks};
use crate::ingest::plan::Plan;
use crate::ingest::rejects::Reject;
use crate::ingest::resume::{Opened, Resumed, Start, resume};
use crate::ingest::summary::Summary;
use crate::ingest::worker::{Done, SourceContext, Task, work};
use crate::mask::{Masked, Maskers};
use crate::model::time::Timestamp;
use crate::read::detect::{Detected, SAMPLE_BYTES};
use crate::read::reader::LineReader;
use crate::read::skip::Ignored;
use crate::read::source::Packing;
use crate::store::{Position, SourcePosition};

/// As long as a source has fewer lines, its format may turn out to be another than it seemed.
const SETTLED_LINES: usize = 200;

/// What all sources share.
#[derive(Clone)]
pub struct Makers {
    pub attributor: Arc<Attributor>,
    pub maskers: Maskers,
    pub keep_ok_one_in: u32,
    pub keep_rejects: bool,
    /// What is known of the beginnings of sources.
    pub marks: Option<Marks>,
}

/// Rows and how far their source was read with them.
pub struct Fed {
    pub masked: Masked,
    pub reached: Option<SourcePosition>,
    pub summary: Summary,
    pub rejects: Vec<Reject>,
}

pub struct Feed {
    id: String,
    name: String,
    plan: Arc<Plan>,
    reader: Reader,
    cutter: Cutter,
    marker: Option<Marker>,
    /// The beginning, until the format is settled.
    sample: Option<Sample>,
    /// Something of it was a record, so it is worth noting how far it was read.
    understood: bool,
    /// Its reader was told that it ends.
    ended: bool,
}

enum Reader {
    Lines(LineReader),
    InOrder(InOrder),
}

struct Sample {
    bytes: Vec<u8>,
    /// Its length when the format was looked for last.
    tried: usize,
}

/// What a file turns out to be.
pub enum Looked {
    /// It can be followed; `known` lines of it were read before.
    Feed(Box<Feed>),
    /// A packed file or a document, to be read as a whole when it is complete.
    Unit,
    /// No whole line yet.
    Empty,
    Unknown,
    /// All of it was read before, and more than that.
    CutCopy,
    /// It begins with what was read before, and may go on to be a copy of that or not.
    Partly(Box<Feed>),
    /// It begins like this source, which is followed elsewhere.
    Copy {
        id: String,
        grown: bool,
    },
}

impl Feed {
    /// Looks at a file. `position` tells how far a source was read, `owned` whether it is followed already.
    pub fn look(
        input: &Input,
        plan: &Arc<Plan>,
        position: &dyn Fn(&str) -> Option<Position>,
        owned: &dyn Fn(&str) -> bool,
        marks: Option<&Marks>,
    ) -> Result<Looked, IngestError> {
        let opened = Opened::open(input)?;
        if opened.packing != Packing::Plain {
            return Ok(Looked::Unit);
        }
        if is_reject_file(&opened.head) {
            return Ok(Looked::Unit);
        }
        let whole = memchr::memrchr(b'\n', &opened.head).map_or(0, |at| at + 1);
        if whole == 0 && opened.head.len() < SAMPLE_BYTES {
            return Ok(Looked::Empty);
        }
        let detected = plan.format.detect(&opened.head[..whole], &plan.options)?;
        match detected {
            Detected::Document { .. } => return Ok(Looked::Unit),
            Detected::Unknown { .. } => return Ok(Looked::Unknown),
            Detected::Lines { .. } | Detected::Sequence { .. } => {}
        }
        let head = opened.head.clone();
        match resume(input, opened, marks, |id| Ok(position(id)))? {
            Start::CutCopy { .. } => Ok(Looked::CutCopy),
            // Before its line ends there is nothing to store.
            Start::At(resumed) if resumed.shares && !resumed.has_lines => Ok(Looked::CutCopy),
            Start::At(resumed) if owned(&resumed.id) => Ok(Looked::Copy {
                grown: head.len() as u64 > resumed.passed.map_or(0, |p| p.bytes)
                    || is_longer(input, &resumed),
                id: resumed.id,
            }),
            Start::At(resumed) => {
                let shares = resumed.shares;
                let looked = Self::start(input, plan, *resumed, detected, head, marks)?;
                Ok(match looked {
                    Looked::Feed(feed) if shares => Looked::Partly(feed),
                    looked => looked,
                })
            }
        }
    }

    /// For a file that begins like one that is followed and then differs: goes on behind what they share, as a source
    /// of its own.
    pub fn fork(
        input: &Input,
        plan: &Arc<Plan>,
        position: &dyn Fn(&str) -> Option<Position>,
        marks: Option<&Marks>,
    ) -> Result<Looked, IngestError> {
        let opened = Opened::open(input)?;
        let whole = memchr::memrchr(b'\n', &opened.head).map_or(0, |at| at + 1);
        let detected = plan.format.detect(&opened.head[..whole], &plan.options)?;
        let head = opened.head.clone();
        let Start::At(mut resumed) = resume(input, opened, marks, |id| Ok(position(id)))? else {
            return Ok(Looked::CutCopy);
        };
        resumed.id = fresh_id(&head, input.path(), |id| position(id).is_some());
        Self::start(input, plan, *resumed, detected, head, marks)
    }

    fn start(
        input: &Input,
        plan: &Arc<Plan>,
        mut resumed: Resumed,
        detected: Detected,
        head: Vec<u8>,
        marks: Option<&Marks>,
    ) -> Result<Looked, IngestError> {
        let reader = match detected {
            Detected::Sequence { sequence, .. } => {
                let whole = memchr::memrchr(b'\n', &head).map_or(0, |at| at + 1);
                let again = || {
                    let detected = plan.format.detect(&head[..whole], &plan.options);
                    Ok(detected?.sequence())
                };
                Reader::InOrder(InOrder::resume(sequence, &again, &mut resumed, input)?)
            }
            Detected::Lines { reader, .. } => Reader::Lines(reader),
            Detected::Document { .. } | Detected::Unknown { .. } => return Ok(Looked::Unknown),
        };
        let place = resumed.passed;
        let bytes = place.map_or(0, |p| p.bytes);
        let known = usize::try_from(bytes).unwrap_or(usize::MAX);
        let sample = plan.format.is_open().then(|| Sample {
            tried: known.min(head.len()),
            bytes: head[..known.min(head.len())].to_vec(),
        });
        let name = plan.source_name.clone();
        let marker = marks.map(|marks| {
            marks.begin(&resumed.id, &head);
            let lines = place.map_or(0, |p| p.lines);
            marks.marker(&resumed.id, resumed.opened.blocks.hash(), lines)
        });
        let mut feed = Self {
            marker,
            cutter: Cutter::resume(
                resumed.opened.blocks.hash(),
                bytes,
                place.map_or(0, |p| p.lines),
                place.is_some_and(|p| p.mid_line),
            ),
            name: name.unwrap_or_else(|| input.path().to_string_lossy().into_owned()),
            id: resumed.id,
            plan: Arc::clone(plan),
            reader,
            sample,
            understood: place.is_some(),
            ended: false,
        };
        feed.settle_format();
        Ok(Looked::Feed(Box::new(feed)))
    }

    /// A stream without a file: it is known to nobody and begins now.
    pub fn stream(
        id: String,
        name: String,
        plan: Arc<Plan>,
        head: &[u8],
    ) -> Result<Option<Self>, IngestError> {
        let reader = match plan.format.detect(head, &plan.options)? {
            Detected::Lines { reader, .. } => Reader::Lines(reader),
            Detected::Sequence { sequence, .. } => Reader::InOrder(InOrder::new(sequence)),
            Detected::Document { .. } | Detected::Unknown { .. } => return Ok(None),
        };
        Ok(Some(Self {
            sample: plan.format.is_open().then(|| Sample {
                bytes: Vec::new(),
                tried: 0,
            }),
            marker: None,
            cutter: Cutter::resume(twox_hash::XxHash3_64::new(), 0, 0, false),
            id,
            name,
            plan,
            reader,
            understood: false,
            ended: false,
        }))
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Bytes that were handed over, from the start of the source.
    pub fn taken(&self) -> u64 {
        self.cutter.taken()
    }

    /// Calls that are told over many lines are waited for longer than the end of a line.
    pub fn is_in_order(&self) -> bool {
        matches!(self.reader, Reader::InOrder(_))
    }

    /// Its reader was told that it ends: what comes now is to be read by another.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether something waits for the end of its line, or of its source.
    pub fn holds_something(&self) -> bool {
        self.cutter.holds_something() || (matches!(self.reader, Reader::InOrder(_)) && !self.ended)
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], makers: &Makers, now: Timestamp) -> Vec<Fed> {
        self.ended = false;
        let tasks = self.cutter.push(bytes);
        tasks
            .into_iter()
            .map(|task| self.take(&task, makers, now))
            .collect()
    }

    /// The source has ended, or rests as if it had: takes the line without an end, too. Calls without an answer are
    /// left where they are when answers may still come.
    pub fn finish(&mut self, waits: bool, makers: &Makers, now: Timestamp) -> Vec<Fed> {
        let mut fed = Vec::new();
        if let Reader::InOrder(in_order) = &mut self.reader {
            in_order.set_waits(waits);
        }
        if let Some(task) = self.cutter.rest() {
            fed.push(self.take(&task, makers, now));
        }
        if matches!(self.reader, Reader::InOrder(_)) && !self.ended {
            self.ended = true;
            let task = Task::end(self.cutter.end());
            fed.push(self.take(&task, makers, now));
        }
        fed
    }

    fn take(&mut self, task: &Task, makers: &Makers, now: Timestamp) -> Fed {
        if let Some(marker) = &mut self.marker {
            marker.pass(&task.block);
        }
        let mut done = self.work(task, makers, now);
        if self.may_be_another(task, &done) && self.look_again(task) {
            done = self.work(task, makers, now);
        }
        self.settle_format();
        self.understood |= done.summary.records > 0;
        let position = Position {
            offset: done.end,
            check: done.check,
        };
        Fed {
            reached: (self.understood && !done.held_back).then(|| SourcePosition {
                source_id: self.id.clone(),
                position,
            }),
            masked: done.masked,
            summary: done.summary,
            rejects: done.rejects,
        }
    }

    fn work(&mut self, task: &Task, makers: &Makers, now: Timestamp) -> Done {
        let masker = makers.maskers.current();
        let source = SourceContext {
            attributor: &makers.attributor,
            masker: &masker,
            name: &self.name,
            id: &self.id,
            context: Context {
                source: &self.name,
                integration: self.plan.integration.as_deref(),
                direction: self.plan.direction,
            },
            ingested_at: now,
            keep_ok_one_in: makers.keep_ok_one_in,
            keep_rejects: makers.keep_rejects,
        };
        match &mut self.reader {
            Reader::Lines(reader) => work(task, &mut &*reader, None, &source),
            Reader::InOrder(in_order) => in_order.work(task, &source),
        }
    }

    /// Whether what was read says that the format was taken for the wrong one while little of it was there.
    fn may_be_another(&mut self, task: &Task, done: &Done) -> bool {
        let Some(sample) = &mut self.sample else {
            return false;
        };
        sample.bytes.extend_from_slice(&task.block.bytes);
        let text = done.summary.ignored_by.get(&Ignored::Text).copied();
        let strange = done.summary.rejected + text.unwrap_or_default();
        let grown = sample.bytes.len() > sample.tried + sample.tried / 8;
        strange > 0 && grown
    }

    /// Finds the format anew; says whether it is another.
    fn look_again(&mut self, task: &Task) -> bool {
        let Some(sample) = &mut self.sample else {
            return false;
        };
        sample.tried = sample.bytes.len();
        let detected = self.plan.format.detect(&sample.bytes, &self.plan.options);
        let before = sample.bytes.len() - task.block.bytes.len();
        match (&self.reader, detected) {
            (Reader::Lines(_), Ok(Detected::Lines { reader, .. })) => {
                self.reader = Reader::Lines(reader);
                true
            }
            (Reader::Lines(_), Ok(Detected::Sequence { sequence, .. })) => {
                let mut in_order = InOrder::new(sequence);
                in_order.pass(&sample.bytes[..before]);
                self.reader = Reader::InOrder(in_order);
                true
            }
            _ => false,
        }
    }

    fn settle_format(&mut self) {
        let enough = |sample: &Sample| {
            sample.bytes.len() >= SAMPLE_BYTES
                || memchr::memchr_iter(b'\n', &sample.bytes).count() >= SETTLED_LINES
        };
        if self.sample.as_ref().is_some_and(enough) {
            self.sample = None;
        }
    }
}

fn is_longer(input: &Input, resumed: &Resumed) -> bool {
    let size = std::fs::metadata(input.path()).map_or(0, |found| found.len());
    size > resumed.passed.map_or(0, |p| p.bytes)
}
