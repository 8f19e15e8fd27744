//! Files that are read as a whole when they are complete: packed logs, documents, and what a large file had in it before
//! it is followed. One after the other on a thread of its own, so that followed files do not wait.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use crate::ingest::{Ingest, IngestError, Input, Keep, Marks, Plan, Progress, Settings};
use crate::live::desk::Desk;
use crate::live::place::{FileKey, Stamp};
use crate::mask::Masked;
use crate::store::{Position, SourcePosition};

/// Rows handed over at a time: the queue counts bytes and must not be filled by one item.
const ROWS: usize = 20_000;
const BYTES: usize = 8 << 20;

pub struct Job {
    pub key: FileKey,
    pub stamp: Stamp,
    pub input: Input,
    pub plan: Arc<Plan>,
    /// It is followed afterwards.
    pub growing: bool,
}

pub struct JobDone {
    pub key: FileKey,
    pub stamp: Stamp,
    /// It was read so far that it can be followed.
    pub follows: bool,
}

/// Does the jobs until there are no more.
pub fn run_jobs(desk: &Desk, jobs: &Receiver<Job>, done: &Sender<JobDone>) {
    while let Ok(job) = jobs.recv() {
        if desk.is_stopping() {
            return;
        }
        let read = read(desk, &job);
        if let Err(error) = &read {
            tracing::warn!(%error, "a file is left out until it changes");
        }
        let job_done = JobDone {
            key: job.key,
            stamp: job.stamp,
            follows: job.growing && read.is_ok(),
        };
        if done.send(job_done).is_err() {
            return;
        }
    }
}

fn read(desk: &Desk, job: &Job) -> Result<(), IngestError> {
    let settings = Settings {
        commit_rows: ROWS,
        commit_bytes: BYTES,
        keep_ok_one_in: desk.makers.keep_ok_one_in,
    };
    let mut keep = ToDesk { desk };
    let ingest = Ingest {
        plan: &job.plan,
        settings: &settings,
        attributor: &desk.makers.attributor,
        maskers: &desk.makers.maskers,
        keep: Some(&mut keep),
        growing: job.growing,
        rejects: None,
        now: desk.now(),
        progress: &Progress::default(),
        stop: &desk.stop,
    };
    let summary = ingest.run(std::slice::from_ref(&job.input))?;
    for warning in &summary.warnings {
        tracing::warn!("{warning}");
    }
    desk.count(summary);
    Ok(())
}

struct ToDesk<'d> {
    desk: &'d Desk,
}

impl Keep for ToDesk<'_> {
    fn position(&self, source_id: &str) -> Result<Option<Position>, IngestError> {
        Ok(self.desk.known.position(source_id))
    }

    fn marks(&self) -> Option<Marks> {
        self.desk.makers.marks.clone()
    }

    fn append(&mut self, masked: Masked, reached: Vec<SourcePosition>) -> Result<(), IngestError> {
        match self.desk.hand_rows(masked, reached) {
            true => Ok(()),
            false => Err(IngestError::Ended),
        }
    }

    fn settle(&mut self) -> Result<(), IngestError> {
        Ok(())
    }
}
