//! The one who writes: takes what was handed over, commits it, rolls up, and answers.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::live::Settings;
use crate::live::desk::Desk;
use crate::live::metrics::Metrics;
use crate::live::queue::{Answer, Handed, Queue};
use crate::live::repeats::is_body;
use crate::model::time::Timestamp;
use crate::store::{self, Access, BatchNote, Commit, Extent, Store, StoreError};

/// After a time of quiet the first rows are committed this soon; what came together goes together.
const LINGER: Duration = Duration::from_millis(40);

/// How long to wait for rows before looking whether something else is to be done.
const TICK: Duration = Duration::from_millis(500);

/// Without work for so long, a lock that is held for the moment is given back.
const RELEASED_AFTER: Duration = Duration::from_secs(1);

/// Waits between tries to write what could not be written, from first to longest.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Time between looks whether a store that could not be written can be again.
const PROBED_EVERY: Duration = Duration::from_secs(1);

/// Tries that are made after the process was asked to end.
const LAST_TRIES: u32 = 3;

/// Time between removals of replaced files from the disk.
const REMOVED_EVERY: Duration = Duration::from_secs(600);

/// How long the writer's lock is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// From start to end: something is followed.
    Always,
    /// While batches come in; between them others may write.
    WhileNeeded,
}

pub struct Writer {
    dir: PathBuf,
    runtime: Handle,
    queue: Arc<Queue>,
    metrics: Metrics,
    clock: fn() -> Timestamp,
    hold: Hold,
    settings: Settings,
    store: Option<Store>,
    /// `rates` lacks something that is stored.
    behind: bool,
    used: Instant,
    probed: Instant,
    upkeep: Upkeep,
}

/// Somebody who waits for what becomes of a batch.
type Waiting = Option<oneshot::Sender<Answer>>;

/// A commit that did not succeed.
struct Failed {
    error: StoreError,
    /// It is sure that nothing of it is stored.
    sure: bool,
}

struct Upkeep {
    task: Option<JoinHandle<()>>,
    commits: u64,
    looked: Instant,
    removed: Instant,
}

impl Writer {
    /// `store` is open for writing, or `None` where the lock is only taken when it is needed.
    pub fn new(
        dir: PathBuf,
        store: Option<Store>,
        desk: &Desk,
        settings: Settings,
        runtime: Handle,
    ) -> Self {
        let hold = match store {
            Some(_) => Hold::Always,
            None => Hold::WhileNeeded,
        };
        let now = Instant::now();
        Self {
            dir,
            runtime,
            queue: Arc::clone(&desk.queue),
            metrics: desk.metrics.clone(),
            clock: desk.clock,
            hold,
            settings,
            behind: store.is_some(),
            store,
            used: now,
            probed: now,
            upkeep: Upkeep {
                task: None,
                commits: 0,
                looked: now,
                removed: now,
            },
        }
    }

    /// Works until the queue is closed and empty. `Err` when something that was handed over could not be stored.
    pub fn run(mut self) -> Result<(), StoreError> {
        let interval = Duration::from_millis(self.settings.commit_ms);
        let mut due = Instant::now();
        let mut result = Ok(());
        while result.is_ok() {
            if self.queue.wait(TICK) {
                let items = self.queue.take_all(due.max(Instant::now() + LINGER));
                due = Instant::now() + interval;
                result = self.store_all(items);
            } else if self.queue.is_closed() {
                break;
            }
            self.tick();
        }
        // Nobody takes anything any more; who waits is told so.
        self.queue.close();
        for item in self.queue.take_all(Instant::now()) {
            answer(item.answer, Answer::Refused("the service ends".to_owned()));
        }
        self.roll_up();
        if let Some(task) = self.upkeep.task.take() {
            task.abort();
        }
        result
    }

    fn tick(&mut self) {
        if self.queue.trouble().is_some() && self.probed.elapsed() >= PROBED_EVERY {
            self.probe();
        }
        if self.behind && self.store.is_some() {
            self.roll_up();
        }
        let idle = self.used.elapsed() >= RELEASED_AFTER;
        if self.hold == Hold::WhileNeeded && idle && !self.behind {
            self.store = None;
        }
        self.keep_up();
    }

    /// Nobody pushes while the store cannot be written, so no commit would show that it can be again.
    fn probe(&mut self) {
        let writable = self.open().and_then(|()| store::check_writable(&self.dir));
        self.probed = Instant::now();
        self.see(writable.err().as_ref());
    }

    /// Notes what became of a try to write.
    fn see(&self, error: Option<&StoreError>) {
        match (error, self.queue.trouble().is_some()) {
            // It is somebody else's to write, which is no trouble; who pushes is told.
            (Some(StoreError::Locked { .. }), _) => return self.queue.set_trouble(None),
            (Some(error), false) => {
                tracing::warn!(%error, "the store cannot be written; trying again until it can");
            }
            (None, true) => tracing::warn!("the store can be written again"),
            _ => {}
        }
        self.queue.set_trouble(error.map(StoreError::to_string));
    }

    fn store_all(&mut self, items: Vec<Handed>) -> Result<(), StoreError> {
        self.used = Instant::now();
        if let Err(error) = self.open() {
            self.see(Some(&error));
            let why = error.to_string();
            for item in items {
                answer(item.answer, Answer::Refused(why.clone()));
            }
            // Those who follow files hold the lock from the start, so only batches were refused.
            return Ok(());
        }
        let (mut items, known) = self.sort_out(items);
        let stored = self.commit(&mut items);
        self.roll_up();
        self.used = Instant::now();
        for (waiting, found) in known {
            // The first of two equal batches in one commit decides for both.
            answer(
                waiting,
                match (&stored, found) {
                    (Err(error), Answer::Repeated) => refused(error),
                    (_, found) => found,
                },
            );
        }
        for item in items {
            answer(
                item.answer,
                match &stored {
                    Ok(()) => Answer::Stored,
                    Err(error) => refused(error),
                },
            );
        }
        stored
    }

    fn open(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            let opened = self.runtime.block_on(Store::open(&self.dir, Access::Write));
            self.store = Some(opened?);
            self.behind = true;
        }
        Ok(())
    }

    /// Takes out the batches that were stored before, or that come twice at once.
    fn sort_out(&self, items: Vec<Handed>) -> (Vec<Handed>, Vec<(Waiting, Answer)>) {
        let mut fresh = Vec::with_capacity(items.len());
        let mut known = Vec::new();
        let mut here: HashMap<String, u64> = HashMap::new();
        for mut item in items {
            let Some(batch) = &item.batch else {
                fresh.push(item);
                continue;
            };
            let first = here.get(&batch.batch_id).copied();
            match first.or_else(|| self.hash_of(batch)) {
                Some(hash) if hash == batch.hash => known.push((item.answer, Answer::Repeated)),
                // One commit notes one of those that share a place.
                Some(_) if is_body(batch) && first.is_some() => {
                    item.batch = None;
                    fresh.push(item);
                }
                Some(_) if is_body(batch) => {
                    here.insert(batch.batch_id.clone(), batch.hash);
                    fresh.push(item);
                }
                Some(_) => known.push((item.answer, Answer::Differs)),
                None => {
                    here.insert(batch.batch_id.clone(), batch.hash);
                    fresh.push(item);
                }
            }
        }
        (fresh, known)
    }

    fn hash_of(&self, batch: &BatchNote) -> Option<u64> {
        let store = self.store.as_ref()?;
        let hash = self.runtime.block_on(store.batch_hash(&batch.batch_id));
        hash.ok().flatten()
    }

    /// Commits until it is done. Batches whose senders wait are refused as soon as it is sure that they are not
    /// stored; what was read from files is kept and tried again.
    fn commit(&mut self, items: &mut Vec<Handed>) -> Result<(), StoreError> {
        let (mut pause, mut last_tries) = (RETRY_FIRST, 0);
        loop {
            let all = gather(items, (self.clock)());
            if all.rows.is_empty() && all.reached.is_empty() && all.batches.is_empty() {
                return Ok(());
            }
            let Err(Failed { error, sure }) = self.append(&all) else {
                break;
            };
            self.see(Some(&error));
            if sure {
                refuse_waiting(items, &error);
            }
            last_tries += u32::from(self.queue.is_closed());
            if last_tries > LAST_TRIES {
                return Err(error);
            }
            match self.queue.is_closed() {
                true => std::thread::sleep(RETRY_FIRST),
                false => self.queue.pause(pause),
            }
            pause = (pause * 2).min(RETRY_MAX);
        }
        self.see(None);
        self.behind = true;
        self.upkeep.commits += 1;
        Ok(())
    }

    fn append(&mut self, all: &Commit) -> Result<(), Failed> {
        let began = Instant::now();
        let done = self.try_append(all);
        self.metrics.count_commit(done.is_ok(), began.elapsed());
        if let Some(store) = &self.store {
            self.metrics.set_proved(store.proved());
        }
        done
    }

    fn try_append(&mut self, all: &Commit) -> Result<(), Failed> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let Err(error) = self.runtime.block_on(store.append_all(all)) else {
            return Ok(());
        };
        match self.runtime.block_on(store.find_out()) {
            Ok(true) => Ok(()),
            landed => Err(Failed {
                error,
                sure: landed.is_ok(),
            }),
        }
    }

    fn roll_up(&mut self) {
        let Some(store) = self.store.as_mut().filter(|_| self.behind) else {
            return;
        };
        match self.runtime.block_on(store.roll_up()) {
            Ok(()) => {
                self.behind = false;
                self.queue.set_lag(None);
            }
            Err(error) => {
                if self.queue.lag().is_none() {
                    tracing::warn!(%error, "the newest rows are not in the rates yet; trying again");
                }
                let why = format!("the newest rows are not in the rates yet: {error}");
                self.queue.set_lag(Some(why));
                // A commit by somebody else (files were joined) is seen after that.
                let _ = self.runtime.block_on(store.refresh());
            }
        }
    }

    /// Joins files that have grown too many, beside the writing.
    fn keep_up(&mut self) {
        let upkeep = &mut self.upkeep;
        let every = Duration::from_secs(self.settings.compact_s);
        let running = upkeep.task.as_ref().is_some_and(|task| !task.is_finished());
        let due = upkeep.looked.elapsed() >= every && upkeep.commits > 0;
        if self.settings.compact_s == 0 || running || !due {
            return;
        }
        upkeep.looked = Instant::now();
        upkeep.commits = 0;
        let removes = upkeep.removed.elapsed() >= REMOVED_EVERY;
        if removes {
            upkeep.removed = Instant::now();
        }
        let dir = self.dir.clone();
        upkeep.task = Some(self.runtime.spawn(async move {
            if let Err(error) = store::compact(&dir, Extent::Due).await {
                tracing::warn!(%error, "files of the tables are not joined; trying again later");
            }
            if removes && let Err(error) = store::remove_replaced(&dir).await {
                tracing::warn!(%error, "replaced files are not removed; trying again later");
            }
        }));
    }
}

fn gather(items: &[Handed], now: Timestamp) -> Commit {
    let mut all = Commit {
        made: Some(now),
        ..Commit::default()
    };
    let mut reached = HashMap::new();
    for item in items {
        all.rows.extend(item.rows.clone());
        all.batches.extend(item.batch.clone());
        for one in &item.reached {
            reached.insert(one.source_id.clone(), one.clone());
        }
    }
    all.reached = reached.into_values().collect();
    all.reached.sort_by(|a, b| a.source_id.cmp(&b.source_id));
    all
}

fn refuse_waiting(items: &mut Vec<Handed>, error: &StoreError) {
    items.retain_mut(|item| match item.answer.take() {
        Some(waiting) => {
            answer(Some(waiting), refused(error));
            false
        }
        None => true,
    });
}

fn refused(error: &StoreError) -> Answer {
    match error.is_unproven() {
        true => Answer::Unproven,
        false => Answer::Refused(error.to_string()),
    }
}

/// Who asked may have gone away meanwhile.
fn answer(waiting: Waiting, answer: Answer) {
    if let Some(waiting) = waiting {
        let _ = waiting.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{self, Attributor};
    use crate::catalog::Catalog;
    use crate::ingest::Makers;
    use crate::live::known::Known;
    use crate::mask::{self, MaskKey, Masker, Maskers, Row};
    use crate::model::exchange::Exchange;
    use crate::store::Rows;

    fn makers() -> Makers {
        let catalog = Catalog::embedded().expect("a catalogue");
        let attributor = Attributor::new(catalog.into(), attribute::Settings::default());
        let masker = Masker::new(MaskKey::from_bytes([7; 32]), mask::Settings::default());
        Makers {
            attributor: Arc::new(attributor.expect("an attributor")),
            maskers: Maskers::new(masker.expect("a masker")),
            keep_ok_one_in: 1,
            keep_rejects: false,
            marks: None,
        }
    }

    /// A token that is masked in one record and not in the next.
    fn rows(masker: &Masker) -> Rows {
        let token = "8f14e45fceea167a5a36dedd4bea2543";
        let mut batch = masker.batch();
        for (path, query) in [
            ("/a".to_owned(), Some(format!("api_key={token}"))),
            (format!("/{token}"), None),
        ] {
            let exchange = Exchange {
                path: path.into(),
                query: query.map(Into::into),
                ..Exchange::default()
            };
            let row = Row {
                source: "a",
                source_id: "a",
                ingested_at: Timestamp::from_secs(1),
                keep_content: true,
            };
            batch.push(&exchange, &row);
        }
        Rows::new(batch.finish()).expect("rows")
    }

    /// The answer to the sender, and what the service says of itself after it.
    fn push(healing: bool) -> (Option<Answer>, Option<String>) {
        let dir = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let opened = runtime.block_on(Store::open(dir.path(), Access::Write));
        let mut store = opened.expect("open");
        if !healing {
            store.stop_healing();
        }
        let queue = Arc::new(Queue::new(1 << 20));
        let clock = || Timestamp::from_secs(5);
        let desk = Desk::new(makers(), Arc::clone(&queue), Known::default(), clock, None);
        let (answer, mut answered) = oneshot::channel();
        let handed = Handed {
            rows: Some(rows(&desk.makers.maskers.current())),
            answer: Some(answer),
            ..Handed::default()
        };
        assert!(queue.offer(handed).is_ok());
        queue.close();
        let handle = runtime.handle().clone();
        let writer = Writer::new(
            dir.path().into(),
            Some(store),
            &desk,
            Settings::default(),
            handle,
        );
        assert!(writer.run().is_ok());
        (answered.try_recv().ok(), queue.trouble())
    }

    #[test]
    fn who_pushes_what_is_not_proved_is_told_and_the_service_is_not_ready() {
        let (answer, trouble) = push(false);
        assert_eq!(answer, Some(Answer::Unproven));
        let trouble = trouble.expect("a reason");
        assert!(trouble.contains("still holds a value"), "{trouble}");
        assert_eq!(push(true), (Some(Answer::Stored), None));
    }
}
