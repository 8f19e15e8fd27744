//! The bounded way from sources to the writer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use crate::store::{BatchNote, Rows, SourcePosition};

/// Cost of an item besides its rows, so that many empty ones fill the queue too.
const ITEM_BYTES: usize = 1024;

/// Rows with what becomes visible together with them.
#[derive(Default)]
pub struct Handed {
    pub rows: Option<Rows>,
    pub reached: Vec<SourcePosition>,
    pub batch: Option<BatchNote>,
    /// Somebody waits for the commit. Without, the rows are kept until they can be stored.
    pub answer: Option<oneshot::Sender<Answer>>,
}

/// Nothing is taken any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl Handed {
    fn bytes(&self) -> usize {
        ITEM_BYTES + self.rows.as_ref().map_or(0, Rows::bytes)
    }
}

/// What became of a pushed batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Stored,
    /// The same batch was stored before; nothing was added.
    Repeated,
    /// Another batch was stored under this name.
    Differs,
    /// It is not stored, and why.
    Refused(String),
    /// It would have left something unmasked on the disk, which is a fault; nothing of it is stored.
    Unproven,
}

/// Why nothing can be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Full {
    /// Others wait already.
    Busy,
    /// The store cannot be written.
    Trouble(String),
    /// The service ends.
    Closed,
}

pub struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
    bytes_max: usize,
    failure: watch::Sender<Option<String>>,
}

#[derive(Default)]
struct State {
    items: VecDeque<Handed>,
    bytes: usize,
    closed: bool,
    /// This process cannot prepare what it takes.
    refusal: Option<String>,
    /// The last commit failed.
    trouble: Option<String>,
    /// What is stored is not in the rates.
    lag: Option<String>,
    /// The masking key cannot be read anew.
    key_trouble: Option<String>,
}

impl Queue {
    pub fn new(bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
            bytes_max,
            failure: watch::Sender::new(None),
        }
    }

    /// Hands over at once or not at all.
    pub fn offer(&self, item: Handed) -> Result<(), Full> {
        let mut state = self.state();
        self.check(&state)?;
        self.add(&mut state, item);
        Ok(())
    }

    /// Whether something could be handed over: asked before the work of preparing it.
    pub fn has_room(&self) -> Result<(), Full> {
        self.check(&self.state())
    }

    /// Waits for room. `Err` when the queue was closed meanwhile; the item is gone then.
    pub fn put(&self, item: Handed) -> Result<(), Closed> {
        let mut state = self.state();
        while state.bytes >= self.bytes_max && !state.items.is_empty() && !state.closed {
            state = self
                .emptied
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(Closed);
        }
        self.add(&mut state, item);
        Ok(())
    }

    /// Waits for the first item; false when none came in time.
    pub fn wait(&self, patience: Duration) -> bool {
        let state = self.state();
        let empty = |state: &mut State| state.items.is_empty() && !state.closed;
        let (state, _) = self
            .filled
            .wait_timeout_while(state, patience, empty)
            .unwrap_or_else(PoisonError::into_inner);
        !state.items.is_empty()
    }

    /// Waits until more items are no longer worth waiting for: at `until`, when half of the room is taken, or when the
    /// queue is closed. Then takes all.
    pub fn take_all(&self, until: Instant) -> Vec<Handed> {
        let state = self.state();
        let patience = until.saturating_duration_since(Instant::now());
        let more = |state: &mut State| state.bytes * 2 < self.bytes_max && !state.closed;
        let (mut state, _) = self
            .filled
            .wait_timeout_while(state, patience, more)
            .unwrap_or_else(PoisonError::into_inner);
        state.bytes = 0;
        self.emptied.notify_all();
        state.items.drain(..).collect()
    }

    /// Nothing more is taken; what is in it still is stored.
    pub fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
        self.emptied.notify_all();
    }

    /// Closes for ever: somebody without whom nothing can be stored has ended, and why.
    pub fn fail(&self, why: String) {
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            failure.get_or_insert(why);
            first
        });
        self.close();
    }

    /// Waits until `fail` was called.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        failed.ok().and_then(|why| why.clone()).unwrap_or_default()
    }

    pub fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Sleeps, but not beyond the closing.
    pub fn pause(&self, length: Duration) {
        let state = self.state();
        let open = |state: &mut State| !state.closed;
        let _ = self.emptied.wait_timeout_while(state, length, open);
    }

    /// Says why nothing can be pushed here, or that it can be.
    pub fn set_refusal(&self, refusal: Option<String>) {
        self.state().refusal = refusal;
    }

    pub fn refusal(&self) -> Option<String> {
        self.state().refusal.clone()
    }

    /// Says why the masking key cannot be read anew, or that it can be. Everything is taken all the same.
    pub fn set_key_trouble(&self, trouble: Option<String>) {
        self.state().key_trouble = trouble;
    }

    pub fn key_trouble(&self) -> Option<String> {
        self.state().key_trouble.clone()
    }

    /// Says why the rates cannot be written, or that they can be. Pushes are taken all the same.
    pub fn set_lag(&self, lag: Option<String>) {
        self.state().lag = lag;
    }

    pub fn lag(&self) -> Option<String> {
        self.state().lag.clone()
    }

    /// Says why the store cannot be written, or that it can be.
    pub fn set_trouble(&self, trouble: Option<String>) {
        self.state().trouble = trouble;
    }

    pub fn trouble(&self) -> Option<String> {
        self.failure().or_else(|| self.state().trouble.clone())
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub fn items(&self) -> usize {
        self.state().items.len()
    }

    fn check(&self, state: &State) -> Result<(), Full> {
        if let Some(failure) = self.failure() {
            return Err(Full::Trouble(failure));
        }
        match (
            state.trouble.as_ref().or(state.refusal.as_ref()),
            state.closed,
        ) {
            (_, true) => Err(Full::Closed),
            (Some(trouble), _) => Err(Full::Trouble(trouble.clone())),
            (None, _) if state.bytes >= self.bytes_max => Err(Full::Busy),
            (None, _) => Ok(()),
        }
    }

    fn add(&self, state: &mut State, item: Handed) {
        state.bytes += item.bytes();
        state.items.push_back(item);
        self.filled.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_and_has_room_when_it_was_emptied() {
        let queue = Queue::new(2 * ITEM_BYTES);
        assert_eq!(queue.offer(Handed::default()), Ok(()));
        assert_eq!(queue.offer(Handed::default()), Ok(()));
        assert_eq!(queue.offer(Handed::default()), Err(Full::Busy));
        assert_eq!(queue.take_all(Instant::now()).len(), 2);
        assert_eq!(queue.offer(Handed::default()), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_is_in_it_and_takes_nothing() {
        let queue = Queue::new(10 * ITEM_BYTES);
        assert_eq!(queue.offer(Handed::default()), Ok(()));
        queue.close();
        assert_eq!(queue.offer(Handed::default()), Err(Full::Closed));
        assert!(queue.put(Handed::default()).is_err());
        assert!(queue.wait(Duration::ZERO));
        assert_eq!(
            queue
                .take_all(Instant::now() + Duration::from_secs(60))
                .len(),
            1
        );
    }

    #[test]
    fn trouble_is_told_to_those_who_push() {
        let queue = Queue::new(ITEM_BYTES);
        queue.set_trouble(Some("the disk is full".to_owned()));
        let refused = Full::Trouble("the disk is full".to_owned());
        assert_eq!(queue.offer(Handed::default()), Err(refused));
        queue.set_trouble(None);
        assert_eq!(queue.offer(Handed::default()), Ok(()));
    }
}
