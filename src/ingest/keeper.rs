//! The thread that commits: while it writes one batch, the next one is read.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use crate::ingest::error::IngestError;
use crate::ingest::keep::Keep;
use crate::mask::Masked;
use crate::store::{Position, SourcePosition};

enum Request {
    Append(Box<Masked>, Vec<SourcePosition>),
    Position(String, SyncSender<Option<Position>>),
    Settle(SyncSender<()>),
}

/// Hands requests to the thread, one at a time: what waits is in memory.
pub struct Keeper<'s> {
    requests: Option<SyncSender<Request>>,
    thread: Option<ScopedJoinHandle<'s, Result<(), IngestError>>>,
}

impl<'s> Keeper<'s> {
    pub fn start(scope: &'s Scope<'s, '_>, keep: &'s mut dyn Keep) -> Self {
        let (requests, inbox) = sync_channel(0);
        Self {
            requests: Some(requests),
            thread: Some(scope.spawn(move || answer(keep, &inbox))),
        }
    }

    /// Returns when the thread has taken the rows; whether they were stored shows with the next request.
    pub fn append(
        &mut self,
        masked: Masked,
        reached: Vec<SourcePosition>,
    ) -> Result<(), IngestError> {
        self.send(Request::Append(Box::new(masked), reached))
    }

    pub fn position(&mut self, source_id: &str) -> Result<Option<Position>, IngestError> {
        let (reply, answer) = sync_channel(1);
        self.send(Request::Position(source_id.to_owned(), reply))?;
        answer.recv().or_else(|_| self.end().map(|()| None))
    }

    /// Returns when everything is stored.
    pub fn settle(&mut self) -> Result<(), IngestError> {
        let (reply, answer) = sync_channel(1);
        self.send(Request::Settle(reply))?;
        answer.recv().or_else(|_| self.end())
    }

    fn send(&mut self, request: Request) -> Result<(), IngestError> {
        let taken = self.requests.as_ref().map(|queue| queue.send(request));
        match taken {
            Some(Ok(())) => Ok(()),
            // It has ended, and says why.
            Some(Err(_)) | None => self.end().and(Err(IngestError::Ended)),
        }
    }

    /// Waits for the last request; the error that ended the thread, if one did.
    pub fn end(&mut self) -> Result<(), IngestError> {
        self.requests = None;
        let ended = self.thread.take().map(ScopedJoinHandle::join);
        ended.map_or(Ok(()), |ended| {
            ended.unwrap_or_else(|panicked| resume_unwind(panicked))
        })
    }
}

fn answer(keep: &mut dyn Keep, inbox: &Receiver<Request>) -> Result<(), IngestError> {
    for request in inbox {
        match request {
            Request::Append(masked, reached) => keep.append(*masked, reached)?,
            Request::Position(source_id, reply) => {
                let _ = reply.send(keep.position(&source_id)?);
            }
            Request::Settle(reply) => {
                keep.settle()?;
                let _ = reply.send(());
            }
        }
    }
    Ok(())
}
