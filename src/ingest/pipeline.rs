//! The flow of one ingest: source by source, block by block, commit by commit.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use twox_hash::XxHash3_64;

use crate::attribute::{Attributor, Context};
use crate::ingest::Settings;
use crate::ingest::again::{group, is_reject_file};
use crate::ingest::batch::Pending;
use crate::ingest::document::{count_entries, read_whole, walk_document};
use crate::ingest::error::IngestError;
use crate::ingest::in_order::InOrder;
use crate::ingest::inputs::Input;
use crate::ingest::keep::Keep;
use crate::ingest::keeper::Keeper;
use crate::ingest::marks::Marks;
use crate::ingest::plan::Plan;
use crate::ingest::progress::Progress;
use crate::ingest::reading::Reading;
use crate::ingest::rejects::RejectFile;
use crate::ingest::resume::{Opened, Resumed, Start, resume};
use crate::ingest::summary::{IS_EMPTY, Summary};
use crate::ingest::turn::Turn;
use crate::ingest::whole::Whole;
use crate::ingest::worker::{Done, SourceContext, Task, work};
use crate::mask::Maskers;
use crate::model::time::Timestamp;
use crate::read::detect::Detected;
use crate::read::format::{Format, Layout, Options};
use crate::read::skip::Rejected;
use crate::read::source::Packing;
use crate::store::Position;

/// Blocks in flight for each worker: enough to keep it busy, few enough to keep memory flat.
const BLOCKS_PER_WORKER: usize = 2;

/// More workers than this only wait for the one that reads.
const WORKERS_MAX: usize = 16;

/// One run over some inputs. Blocks its thread.
pub struct Ingest<'i> {
    pub plan: &'i Plan,
    pub settings: &'i Settings,
    pub attributor: &'i Attributor,
    /// What is rotated while it runs holds from the next block on.
    pub maskers: &'i Maskers,
    /// `None` counts and stores nothing (`--dry-run`).
    pub keep: Option<&'i mut dyn Keep>,
    /// Sources go on growing: a last line without an end is left for whoever follows them.
    pub growing: bool,
    pub rejects: Option<&'i Path>,
    pub now: Timestamp,
    pub progress: &'i Progress,
    /// Set from outside to end early; what was committed stays.
    pub stop: &'i AtomicBool,
}

/// What sources add to and commits take from.
struct Hand<'k> {
    pending: Pending,
    rejects: Option<RejectFile>,
    marks: Option<Marks>,
    keeper: Option<Keeper<'k>>,
}

impl Hand<'_> {
    fn position(&mut self, id: &str) -> Result<Option<Position>, IngestError> {
        match (self.pending.position(id), &mut self.keeper) {
            (None, Some(keeper)) => keeper.position(id),
            (known, _) => Ok(known),
        }
    }

    fn commit(&mut self) -> Result<(), IngestError> {
        match (self.pending.take(), &mut self.keeper) {
            (Some((masked, reached)), Some(keeper)) => keeper.append(masked, reached),
            _ => Ok(()),
        }
    }

    /// Commits what is there and brings `rates` up to date.
    fn settle(&mut self) -> Result<(), IngestError> {
        self.commit()?;
        self.keeper.as_mut().map_or(Ok(()), Keeper::settle)
    }
}

impl Ingest<'_> {
    pub fn run(mut self, inputs: &[Input]) -> Result<Summary, IngestError> {
        let rejects = self.rejects.map(|path| RejectFile::create(path, inputs));
        let rejects = rejects.transpose()?;
        let keep = self.keep.take();
        thread::scope(|scope| {
            let mut hand = Hand {
                pending: Pending::default(),
                rejects,
                marks: keep.as_ref().and_then(|keep| keep.marks()),
                keeper: keep.map(|keep| Keeper::start(scope, keep)),
            };
            self.read_all(inputs, &mut hand)
        })
    }

    fn read_all(&mut self, inputs: &[Input], hand: &mut Hand<'_>) -> Result<Summary, IngestError> {
        let started = Instant::now();
        let mut total = Summary::new();
        self.progress
            .bytes_total
            .store(packed_size(inputs), Ordering::Relaxed);
        // A writer that died may have left rows that `rates` does not know, and the log that tells of them is not kept
        // for ever.
        hand.settle()?;
        for input in inputs {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let outcome = self.read_input(input, hand);
            match outcome {
                Ok(summary) => total.merge(summary),
                // What is in hand is worth keeping when a later source fails, unless the store itself is the trouble.
                Err(error @ IngestError::Store(_)) => return Err(error),
                Err(error) => {
                    hand.settle()?;
                    return Err(error);
                }
            }
        }
        hand.settle()?;
        total.seconds = started.elapsed().as_secs_f64();
        Ok(total)
    }

    fn read_input(&mut self, input: &Input, hand: &mut Hand<'_>) -> Result<Summary, IngestError> {
        let mut summary = Summary::new();
        let named = !matches!(input, Input::Found { .. });
        let opened = match Opened::open(input) {
            Ok(opened) => opened,
            Err(error) if named => return Err(error),
            // One file that cannot be read does not keep the others of its folder out.
            Err(error) => {
                summary.pass_over(input.path(), format!("is left out: {error}"), false);
                return Ok(summary);
            }
        };
        let options = Options {
            now: input.modified().or(Some(self.now)),
            ..self.plan.options.clone()
        };
        if is_reject_file(&opened.head) {
            return self.read_again(input, opened, &options, hand);
        }
        let detected = self.plan.format.detect(&opened.head, &options)?;
        let why = match &detected {
            Detected::Unknown { empty: true, .. } => Some(IS_EMPTY),
            Detected::Unknown { binary: true, .. } => Some("is binary data, not a log"),
            Detected::Unknown { .. } => Some("has no line of a format that is understood"),
            _ => None,
        };
        if let Some(why) = why {
            summary.pass_over(input.path(), why.to_owned(), named);
            return Ok(summary);
        }
        let name = self
            .plan
            .source_name
            .clone()
            .unwrap_or_else(|| input.path().to_string_lossy().into_owned());
        let marks = hand.marks.clone();
        let mut resumed = match resume(input, opened, marks.as_ref(), |id| hand.position(id))? {
            Start::At(resumed) => *resumed,
            Start::CutCopy {
                lines,
                bytes,
                known,
            } => {
                summary.files = 1;
                summary.duplicates = lines;
                summary.warnings.push(format!(
                    "{name}: {bytes} bytes of it can be read and {known} were read before, so it is taken for a copy \
                     that was cut short; nothing was added"
                ));
                return Ok(summary);
            }
        };
        let id = resumed.id.clone();
        if let Some(marks) = &hand.marks {
            marks.begin(&id, &resumed.opened.head);
        }
        if resumed.shares {
            summary.warnings.push(format!(
                "{name}: it begins with what was read before of a longer source, and what follows may be a copy too or \
                 not; it was read, so that nothing is lost"
            ));
        }
        let (maskers, masker) = (self.maskers, self.maskers.current());
        let source = SourceContext {
            attributor: self.attributor,
            masker: &masker,
            name: &name,
            id: &id,
            context: Context {
                source: &name,
                integration: self.plan.integration.as_deref(),
                direction: self.plan.direction,
            },
            ingested_at: self.now,
            keep_ok_one_in: self.settings.keep_ok_one_in,
            keep_rejects: hand.rejects.is_some(),
        };
        summary.files = 1;
        match detected {
            Detected::Document { format } => {
                let read = self.read_document(format, resumed, input, &source, &mut summary, hand);
                match read {
                    Err(IngestError::Unreadable { what, .. }) if !named => {
                        summary.pass_over(input.path(), what, false);
                    }
                    read => read?,
                }
            }
            Detected::Sequence { sequence, .. } => {
                let head = resumed.opened.head.clone();
                let again = || Ok(self.plan.format.detect(&head, &options)?.sequence());
                let waits = input.is_growing(self.now) && resumed.opened.packing == Packing::Plain;
                let mut in_order =
                    InOrder::resume(sequence, &again, &mut resumed, input)?.waits(waits);
                let worker = |task: &Task| in_order.work(task, &source.under(&maskers.current()));
                self.read_lines(resumed, vec![worker], true, &source, &mut summary, hand)?;
            }
            Detected::Lines { reader, .. } => {
                let workers = (0..worker_count())
                    .map(|_| {
                        let mut turn = Turn::new(Arc::clone(&masker));
                        let (reader, source) = (&reader, &source);
                        move |task: &Task| {
                            let (masker, lane) = turn.next(maskers);
                            work(task, &mut &*reader, Some(lane), &source.under(masker))
                        }
                    })
                    .collect();
                self.read_lines(resumed, workers, false, &source, &mut summary, hand)?;
            }
            Detected::Unknown { .. } => {}
        }
        Ok(summary)
    }

    /// A reject file is one unit, too: the lines of all its sources and its position are committed together.
    fn read_again(
        &mut self,
        input: &Input,
        opened: Opened,
        options: &Options,
        hand: &mut Hand<'_>,
    ) -> Result<Summary, IngestError> {
        let mut summary = Summary::new();
        summary.files = 1;
        let marks = hand.marks.clone();
        let resumed = match resume(input, opened, marks.as_ref(), |id| hand.position(id))? {
            Start::At(resumed) => *resumed,
            Start::CutCopy { lines, .. } => {
                summary.duplicates = lines;
                return Ok(summary);
            }
        };
        let Resumed {
            id,
            mut opened,
            passed,
            ..
        } = resumed;
        summary.duplicates = passed.map_or(0, |p| p.lines);
        let marker = marks.map(|marks| {
            marks.begin(&id, &opened.head);
            marks.marker(&id, opened.blocks.hash(), summary.duplicates)
        });
        let name = input.path().to_string_lossy();
        let block = read_whole(&mut opened, &name)?;
        marker
            .into_iter()
            .for_each(|mut marker| marker.pass(&block));
        let (groups, strange) = group(&block);
        let masker = self.maskers.current();
        let mut whole = Whole::default();
        for group in &groups {
            let name = self.plan.source_name.as_deref().unwrap_or(&group.name);
            let source = SourceContext {
                attributor: self.attributor,
                masker: &masker,
                name,
                id: &group.id,
                context: Context {
                    source: name,
                    integration: self.plan.integration.as_deref(),
                    direction: self.plan.direction,
                },
                ingested_at: self.now,
                keep_ok_one_in: self.settings.keep_ok_one_in,
                keep_rejects: hand.rejects.is_some(),
            };
            let rows = group.read(&self.plan.format, options, &source)?;
            whole.add_all(rows.done(&block, false));
        }
        summary.bytes = block.bytes.len() as u64;
        summary.lines = strange.len() as u64;
        for at in strange {
            summary.count_reject(&name, at.line, at.offset, Rejected::NoFormatMatched);
        }
        let done = Done {
            masked: whole.masked.unwrap_or_else(|| masker.batch().finish()),
            summary: whole.summary,
            rejects: whole.rejects,
            end: block.end(),
            check: block.check,
            held_back: false,
        };
        self.take(done, &id, &mut summary, hand)?;
        Ok(summary)
    }

    /// Each worker does the tasks that come to it, on a thread of its own.
    fn read_lines(
        &mut self,
        resumed: Resumed,
        workers: Vec<impl FnMut(&Task) -> Done + Send>,
        tells_end: bool,
        source: &SourceContext<'_>,
        summary: &mut Summary,
        hand: &mut Hand<'_>,
    ) -> Result<(), IngestError> {
        let in_flight = workers.len() * BLOCKS_PER_WORKER;
        summary.duplicates += resumed.passed.map_or(0, |p| p.lines);
        let (hash, lines) = (
            resumed.opened.blocks.hash(),
            resumed.passed.map_or(0, |p| p.lines),
        );
        let mut reading = Reading {
            marker: hand
                .marks
                .as_ref()
                .map(|marks| marks.marker(source.id, hash, lines)),
            opened: resumed.opened,
            passed: resumed.passed,
            progress: self.progress,
            stop: self.stop,
            tells_end: tells_end && !self.growing,
            growing: self.growing,
        };
        let failure = thread::scope(|scope| {
            let (to_work, work_queue) = sync_channel(in_flight);
            let (to_collect, results) = sync_channel(in_flight);
            let (permit, permits) = sync_channel(in_flight);
            for _ in 0..in_flight {
                let _ = permit.send(Vec::new());
            }
            let reader = scope.spawn(move || reading.read_blocks(&permits, &to_work));
            let work_queue = Arc::new(Mutex::new(work_queue));
            for mut worker in workers {
                let (work_queue, to_collect) = (Arc::clone(&work_queue), to_collect.clone());
                scope.spawn(move || run_worker(&work_queue, &to_collect, &mut worker));
            }
            drop((work_queue, to_collect));
            let mut waiting = BTreeMap::new();
            let mut next = 0;
            for (number, done) in results {
                waiting.insert(number, done);
                while let Some((done, room)) = waiting.remove(&next) {
                    next += 1;
                    self.take(done, source.id, summary, hand)?;
                    // The reader may have ended already.
                    let _ = permit.send(room);
                }
            }
            let ended = reader.join();
            Ok::<_, IngestError>(ended.unwrap_or_else(|panicked| resume_unwind(panicked)))
        })?;
        if let Some(failure) = failure {
            failure.count(source.name, summary);
        }
        Ok(())
    }

    fn take(
        &mut self,
        done: Done,
        source_id: &str,
        summary: &mut Summary,
        hand: &mut Hand<'_>,
    ) -> Result<(), IngestError> {
        self.progress
            .lines
            .fetch_add(done.summary.lines, Ordering::Relaxed);
        self.progress
            .rejected
            .fetch_add(done.summary.rejected, Ordering::Relaxed);
        summary.merge(done.summary);
        if let Some(file) = &mut hand.rejects {
            file.write(&done.rejects)?;
        }
        let pending = &mut hand.pending;
        pending.add(done.masked, self.settings.commit_rows);
        // A source of which nothing was understood yet is not known: with the right format it is read from its start.
        if !done.held_back && summary.understood() {
            pending.reach(
                source_id,
                Position {
                    offset: done.end,
                    check: done.check,
                },
            );
        }
        if pending.rows() >= self.settings.commit_rows
            || pending.bytes() >= self.settings.commit_bytes
        {
            hand.commit()?;
        }
        Ok(())
    }

    /// A document is one unit: all its entries and its position are committed together.
    fn read_document(
        &mut self,
        format: &'static Format,
        resumed: Resumed,
        input: &Input,
        source: &SourceContext<'_>,
        summary: &mut Summary,
        hand: &mut Hand<'_>,
    ) -> Result<(), IngestError> {
        let Layout::Document { parse, .. } = &format.layout else {
            return Ok(());
        };
        let Resumed {
            mut opened, passed, ..
        } = resumed;
        let mut whole = read_whole(&mut opened, source.name)?;
        let mut known = 0;
        if let Some(passed) = passed {
            if whole.bytes.is_empty() {
                summary.duplicates += passed.lines.max(1);
                return Ok(());
            }
            // It was not whole when it was read before.
            if !input.opens_again() {
                return Err(IngestError::PipeDiffers {
                    path: input.path().to_owned(),
                });
            }
            whole = read_whole(&mut Opened::open(input)?, source.name)?;
            let before = usize::try_from(passed.bytes).unwrap_or(usize::MAX);
            known = count_entries(*parse, &whole.bytes[..before.min(whole.bytes.len())]);
            summary.duplicates += known;
        }
        if let Some(marks) = &hand.marks {
            marks.marker(source.id, XxHash3_64::new(), 0).pass(&whole);
        }
        let (rows, broken) = walk_document(*parse, format.name, &whole.bytes, known, source);
        let done = rows.done(&whole, false);
        summary.bytes += whole.bytes.len() as u64;
        if let Some(error) = broken {
            summary.count_reject(source.name, error.line as u64, 0, Rejected::BadDocument);
            summary.warnings.push(format!(
                "{}: {error}; the entries before it were read",
                source.name
            ));
        }
        self.take(done, source.id, summary, hand)
    }
}

fn run_worker(
    work_queue: &Mutex<Receiver<(u64, Task)>>,
    to_collect: &SyncSender<(u64, (Done, Vec<u8>))>,
    worker: &mut impl FnMut(&Task) -> Done,
) {
    loop {
        let next = work_queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((number, task)) = next else {
            return;
        };
        let done = worker(&task);
        if to_collect.send((number, (done, task.block.bytes))).is_err() {
            return;
        }
    }
}

fn worker_count() -> usize {
    thread::available_parallelism()
        .map_or(1, usize::from)
        .min(WORKERS_MAX)
}

fn packed_size(inputs: &[Input]) -> u64 {
    inputs
        .iter()
        .filter_map(|input| std::fs::metadata(input.path()).ok())
        .map(|m| m.len())
        .sum()
}
