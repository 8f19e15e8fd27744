//! The flow of one ingest: source by source, block by block, commit by commit.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::runtime::Handle;

use crate::attribute::{Attributor, Context};
use crate::ingest::Settings;
use crate::ingest::batch::Pending;
use crate::ingest::error::IngestError;
use crate::ingest::identity::{self, TWINS_MAX};
use crate::ingest::inputs::Input;
use crate::ingest::plan::Plan;
use crate::ingest::rejects::RejectFile;
use crate::ingest::summary::Summary;
use crate::ingest::worker::{Done, Rows, SourceContext, Task, work};
use crate::mask::Masker;
use crate::model::time::Timestamp;
use crate::read::detect::{Detected, SAMPLE_BYTES};
use crate::read::format::{DocumentParser, Format, Layout};
use crate::read::lines::{Block, Blocks, DOCUMENT_BYTES_MAX, Passed};
use crate::read::skip::Rejected;
use crate::read::source::{Source, SourceError};
use crate::store::{Position, Store};

/// Blocks in flight for each worker: enough to keep it busy, few enough to keep memory flat.
const BLOCKS_PER_WORKER: usize = 2;

/// More workers than this only wait for the one that reads.
const WORKERS_MAX: usize = 16;

/// What a progress line shows; written by the pipeline, read by whoever draws it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes_taken: AtomicU64,
    pub bytes_total: AtomicU64,
    pub lines: AtomicU64,
    pub rejected: AtomicU64,
}

/// One run over some inputs. Blocks its thread; the store's futures run on `runtime`.
pub struct Ingest<'i> {
    pub plan: &'i Plan,
    pub settings: &'i Settings,
    pub attributor: &'i Attributor,
    pub masker: &'i Masker,
    /// `None` counts and stores nothing (`--dry-run`).
    pub store: Option<&'i mut Store>,
    pub rejects: Option<&'i Path>,
    pub now: Timestamp,
    pub runtime: Handle,
    pub progress: &'i Progress,
    /// Set from outside to end early; what was committed stays.
    pub stop: &'i AtomicBool,
}

type Stream = io::Chain<io::Cursor<Vec<u8>>, Fused>;

/// An opened source whose beginning was looked at.
struct Opened {
    head: Vec<u8>,
    blocks: Blocks<Stream>,
}

/// Where to go on in a source.
struct Resumed {
    id: String,
    blocks: Blocks<Stream>,
    passed: Option<Passed>,
}

impl Ingest<'_> {
    pub fn run(mut self, inputs: &[Input]) -> Result<Summary, IngestError> {
        let started = Instant::now();
        let mut reject_file = self.rejects.map(RejectFile::create).transpose()?;
        let mut pending = Pending::default();
        let mut total = Summary::new();
        self.progress
            .bytes_total
            .store(packed_size(inputs), Ordering::Relaxed);
        for input in inputs {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let outcome = self.read_input(input, &mut pending, &mut reject_file);
            match outcome {
                Ok(summary) => total.merge(summary),
                // What is in hand is worth keeping when a later source fails, unless the store itself is the trouble.
                Err(error @ IngestError::Store(_)) => return Err(error),
                Err(error) => {
                    self.commit(&mut pending)?;
                    return Err(error);
                }
            }
        }
        self.commit(&mut pending)?;
        if let Some(store) = self.store.as_deref_mut() {
            self.runtime.block_on(store.roll_up())?;
        }
        total.seconds = started.elapsed().as_secs_f64();
        Ok(total)
    }

    fn read_input(
        &mut self,
        input: &Input,
        pending: &mut Pending,
        rejects: &mut Option<RejectFile>,
    ) -> Result<Summary, IngestError> {
        let mut summary = Summary::new();
        let opened = match self.open(input) {
            Ok(opened) => opened,
            Err(IngestError::Source(SourceError::Packing { kind, .. }))
                if matches!(input, Input::Found { .. }) =>
            {
                summary.pass_over(input.path(), format!("packed as {kind}"), false);
                return Ok(summary);
            }
            Err(error) => return Err(error),
        };
        let named = !matches!(input, Input::Found { .. });
        let detected = self.plan.format.detect(&opened.head, &self.plan.options)?;
        let why = match &detected {
            Detected::Unknown { empty: true, .. } => Some("is empty"),
            Detected::Unknown { binary: true, .. } => Some("is binary data, not a log"),
            Detected::Unknown { .. } => Some("has no line of a format that is understood"),
            _ => None,
        };
        if let Some(why) = why {
            summary.pass_over(input.path(), why.to_owned(), named);
            return Ok(summary);
        }
        let resumed = self.resume(input, opened)?;
        let name = self
            .plan
            .source_name
            .clone()
            .unwrap_or_else(|| input.path().to_string_lossy().into_owned());
        let reader = match &detected {
            Detected::Lines { reader, .. } => Some(reader),
            _ => None,
        };
        let id = resumed.id.clone();
        let source = SourceContext {
            reader,
            attributor: self.attributor,
            masker: self.masker,
            name: &name,
            id: &id,
            context: Context {
                source: &name,
                integration: self.plan.integration.as_deref(),
                direction: self.plan.direction,
            },
            ingested_at: self.now,
            keep_ok_one_in: self.settings.keep_ok_one_in,
            keep_rejects: rejects.is_some(),
        };
        summary.files = 1;
        match &detected {
            Detected::Document { format } => {
                self.read_document(format, resumed, &source, &mut summary, pending, rejects)?;
            }
            _ => self.read_lines(resumed, &source, &mut summary, pending, rejects)?,
        }
        Ok(summary)
    }

    fn open(&self, input: &Input) -> Result<Opened, IngestError> {
        let mut source = Fused::new(match input {
            Input::Stdin => Source::stdin()?,
            Input::Embedded { name, bytes } => Source::embedded(name, bytes)?,
            Input::File(path) | Input::Found { file: path, .. } => Source::open(path)?,
        });
        let mut head = Vec::new();
        // A failure inside the beginning comes again when reading gets there.
        let _ = (&mut source)
            .take(SAMPLE_BYTES as u64)
            .read_to_end(&mut head);
        let whole = io::Cursor::new(head.clone()).chain(source);
        Ok(Opened {
            head,
            blocks: Blocks::new(whole),
        })
    }

    /// Finds how far an earlier run has read this source, and goes there.
    fn resume(&self, input: &Input, opened: Opened) -> Result<Resumed, IngestError> {
        let Opened { head, blocks } = opened;
        let mut fresh = None;
        let mut blocks = Some(blocks);
        for len in identity::lengths(&head) {
            for twin in 0..TWINS_MAX {
                let id = identity::source_id(&head, len, twin);
                let Some(position) = self.position(&id)? else {
                    fresh.get_or_insert(id);
                    break;
                };
                let mut candidate = match blocks.take() {
                    Some(blocks) => blocks,
                    None if *input == Input::Stdin => return Err(IngestError::StdinDiffers),
                    None => self.open(input)?.blocks,
                };
                let passed = candidate.pass(position.offset);
                if passed
                    .as_ref()
                    .is_ok_and(|p| p.bytes == position.offset && p.check == position.check)
                {
                    return Ok(Resumed {
                        id,
                        blocks: candidate,
                        passed: passed.ok(),
                    });
                }
            }
        }
        let blocks = match blocks {
            Some(blocks) => blocks,
            None if *input == Input::Stdin => return Err(IngestError::StdinDiffers),
            None => self.open(input)?.blocks,
        };
        let id = fresh.unwrap_or_else(|| identity::source_id(&head, head.len(), TWINS_MAX));
        Ok(Resumed {
            id,
            blocks,
            passed: None,
        })
    }

    fn position(&self, id: &str) -> Result<Option<Position>, IngestError> {
        match &self.store {
            Some(store) => Ok(self.runtime.block_on(store.position(id))?),
            None => Ok(None),
        }
    }

    fn read_lines(
        &mut self,
        resumed: Resumed,
        source: &SourceContext<'_>,
        summary: &mut Summary,
        pending: &mut Pending,
        rejects: &mut Option<RejectFile>,
    ) -> Result<(), IngestError> {
        let workers = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(WORKERS_MAX);
        summary.duplicates += resumed.passed.map_or(0, |p| p.lines);
        let (progress, stop) = (self.progress, self.stop);
        let Resumed {
            mut blocks, passed, ..
        } = resumed;
        let failure = thread::scope(|scope| {
            let (to_work, work_queue) = sync_channel(workers * BLOCKS_PER_WORKER);
            let (to_collect, results) = sync_channel(workers * BLOCKS_PER_WORKER);
            let reader =
                scope.spawn(move || read_blocks(&mut blocks, passed, to_work, progress, stop));
            let work_queue = Arc::new(Mutex::new(work_queue));
            for _ in 0..workers {
                let (work_queue, to_collect) = (Arc::clone(&work_queue), to_collect.clone());
                scope.spawn(move || run_worker(&work_queue, &to_collect, source));
            }
            drop((work_queue, to_collect));
            self.collect(results, source.id, summary, pending, rejects)?;
            Ok::<_, IngestError>(reader.join().unwrap_or(None))
        })?;
        if let Some(Failure {
            error,
            line,
            offset,
        }) = failure
        {
            summary.count_reject(source.name, line, offset, Rejected::BadArchive);
            summary.warnings.push(format!(
                "{}: {error} at byte {offset}; what stood before it was read",
                source.name
            ));
        }
        Ok(())
    }

    /// Puts results in order and commits when enough is there.
    fn collect(
        &mut self,
        results: Receiver<(u64, Done)>,
        source_id: &str,
        summary: &mut Summary,
        pending: &mut Pending,
        rejects: &mut Option<RejectFile>,
    ) -> Result<(), IngestError> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, done) in results {
            waiting.insert(number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                self.take(done, source_id, summary, pending, rejects)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        done: Done,
        source_id: &str,
        summary: &mut Summary,
        pending: &mut Pending,
        rejects: &mut Option<RejectFile>,
    ) -> Result<(), IngestError> {
        self.progress
            .lines
            .fetch_add(done.summary.lines, Ordering::Relaxed);
        self.progress
            .rejected
            .fetch_add(done.summary.rejected, Ordering::Relaxed);
        summary.merge(done.summary);
        if let Some(file) = rejects {
            file.write(&done.rejects)?;
        }
        pending.add(done.masked);
        if !done.held_back {
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
            self.commit(pending)?;
        }
        Ok(())
    }

    fn commit(&mut self, pending: &mut Pending) -> Result<(), IngestError> {
        if let (Some((masked, reached)), Some(store)) = (pending.take(), self.store.as_deref_mut())
        {
            self.runtime.block_on(store.append(masked, &reached))?;
        }
        Ok(())
    }

    /// A document is one unit: all its entries and its position are committed together.
    fn read_document(
        &mut self,
        format: &'static Format,
        resumed: Resumed,
        source: &SourceContext<'_>,
        summary: &mut Summary,
        pending: &mut Pending,
        rejects: &mut Option<RejectFile>,
    ) -> Result<(), IngestError> {
        let Layout::Document { parse, .. } = &format.layout else {
            return Ok(());
        };
        if let Some(passed) = resumed.passed {
            summary.duplicates += passed.lines.max(1);
            return Ok(());
        }
        let Block { bytes, check, .. } = read_whole(resumed.blocks, source.name)?;
        let text = String::from_utf8_lossy(&bytes);
        let (rows, broken) = walk_document(
            *parse,
            format.name,
            text.trim_start_matches('\u{feff}'),
            source,
        );
        let (masked, counted, rejected) = rows.finish();
        let done = Done {
            masked,
            summary: counted,
            rejects: rejected,
            end: bytes.len() as u64,
            check,
            held_back: broken.is_some(),
        };
        summary.bytes += bytes.len() as u64;
        if let Some(error) = broken {
            summary.count_reject(source.name, error.line as u64, 0, Rejected::BadDocument);
            summary.warnings.push(format!(
                "{}: {error}; the entries before it were read",
                source.name
            ));
        }
        self.take(done, source.id, summary, pending, rejects)
    }
}

fn walk_document<'s>(
    parse: DocumentParser,
    format: &'static str,
    text: &str,
    source: &'s SourceContext<'s>,
) -> (Rows<'s>, Option<crate::read::format::DocumentError>) {
    let mut rows = Rows::new(source);
    let mut number = 0;
    let result = parse(text, &mut |entry| {
        number += 1;
        rows.summary.lines += 1;
        match entry {
            Ok(mut exchange) => {
                exchange.line = number;
                exchange.offset = number;
                rows.push_record(format, std::slice::from_mut(&mut exchange));
            }
            Err(reason) => rows.reject("", number, number, reason),
        }
    });
    (rows, result.err())
}

fn read_whole(mut blocks: Blocks<Stream>, name: &str) -> Result<Block, IngestError> {
    let unreadable = |what: String| IngestError::Unreadable {
        path: name.into(),
        what,
    };
    let read = blocks.rest(DOCUMENT_BYTES_MAX);
    let whole = read.map_err(|e| unreadable(format!("cannot be read: {e}")))?;
    whole.ok_or_else(|| {
        unreadable(format!(
            "is one document of more than {} MB; split it",
            DOCUMENT_BYTES_MAX >> 20
        ))
    })
}

/// Why reading stopped before the end.
struct Failure {
    error: io::Error,
    line: u64,
    offset: u64,
}

/// Cuts the source into blocks until it ends, fails or is stopped.
fn read_blocks(
    blocks: &mut Blocks<Stream>,
    passed: Option<Passed>,
    to_work: SyncSender<(u64, Task)>,
    progress: &Progress,
    stop: &AtomicBool,
) -> Option<Failure> {
    let mut failure = None;
    let mut continued = passed.is_some_and(|p| p.mid_line);
    let mut place = (
        passed.map_or(1, |p| p.lines + 1),
        passed.map_or(0, |p| p.bytes),
    );
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return failure;
        }
        let mut cut = false;
        let block = match blocks.next_block() {
            Ok(Some(block)) => block,
            Ok(None) => return failure,
            Err(error) => {
                failure = Some(Failure {
                    error,
                    line: place.0,
                    offset: place.1,
                });
                cut = true;
                match blocks.next_block() {
                    Ok(Some(block)) => block,
                    _ => return failure,
                }
            }
        };
        progress
            .bytes_taken
            .fetch_add(block.bytes.len() as u64, Ordering::Relaxed);
        place = (block.first_line + block.lines().count() as u64, block.end());
        let task = Task {
            block,
            continued: std::mem::take(&mut continued),
            cut,
        };
        if to_work.send((number, task)).is_err() {
            return failure;
        }
    }
    failure
}

fn run_worker(
    work_queue: &Mutex<Receiver<(u64, Task)>>,
    to_collect: &SyncSender<(u64, Done)>,
    source: &SourceContext<'_>,
) {
    loop {
        let next = work_queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((number, task)) = next else {
            return;
        };
        if to_collect.send((number, work(&task, source))).is_err() {
            return;
        }
    }
}

fn packed_size(inputs: &[Input]) -> u64 {
    inputs
        .iter()
        .filter_map(|input| std::fs::metadata(input.path()).ok())
        .map(|m| m.len())
        .sum()
}

/// Gives a failure of the source again and again, so that it is not lost when it comes inside the beginning.
struct Fused {
    source: Source,
    failed: Option<(io::ErrorKind, String)>,
}

impl Fused {
    fn new(source: Source) -> Self {
        Self {
            source,
            failed: None,
        }
    }
}

impl Read for Fused {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, text)) = &self.failed {
            return Err(io::Error::new(*kind, text.clone()));
        }
        self.source.read(out).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some((error.kind(), error.to_string()));
            }
        })
    }
}
