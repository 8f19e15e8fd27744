//! Follows files: finds them, reads what is written to them, and stays with them when they are rotated.
//!
//! Files are looked at again and again, which works on every file system. A file is known by its number, so a new name
//! is no new file; what is in it is known by its content, so a copy adds nothing.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::ingest::{Feed, Input, Looked, Plan, gather};
use crate::live::Settings;
use crate::live::desk::Desk;
use crate::live::guarded::guarded;
use crate::live::place::{FileKey, Place, Stamp};
use crate::live::tail::{Tail, Turn};
use crate::live::units::{Job, JobDone, run_jobs};

/// Files held open; the others are opened when something was written to them.
const FILES_OPEN_MAX: usize = 256;

/// More than this in a file that is found is read by all processors, before the file is followed.
const BACKLOG_BYTES: u64 = 16 << 20;

/// A packed file or a document is complete when nothing was written to it for so long.
const COMPLETE_AFTER: Duration = Duration::from_secs(2);

/// A file that could not be read is tried again after this time.
const RETRIED_AFTER: Duration = Duration::from_secs(2);

/// A file that was short when it was seen first is looked at once more before it is taken for a source of its own: it
/// may be a copy that is being written.
const SHORT_BYTES: u64 = 4096;

/// Files that are looked at in one turn: that reads the head of each, and those that are followed wait meanwhile.
const LOOKS_A_TURN: usize = 32;

/// Bytes taken in one turn from all files together, and the least of one, so that a turn ends soon also when thousands
/// of files have more.
const TURN_BYTES: usize = 64 << 20;
const TAIL_BYTES_MIN: usize = 64 << 10;
const TAIL_BYTES_MAX: usize = 4 << 20;

/// Tails that one thread turns; more are shared out.
const TAILS_A_THREAD: usize = 64;

/// Files to follow and how to read them.
#[derive(Clone)]
pub struct Spec {
    pub paths: Vec<PathBuf>,
    pub plan: Arc<Plan>,
}

pub struct Follower {
    desk: Desk,
    specs: Vec<Spec>,
    settings: Settings,
    tails: HashMap<FileKey, Tail>,
    candidates: HashMap<FileKey, Candidate>,
    complaints: HashSet<PathBuf>,
    jobs: Sender<Job>,
    jobs_done: Receiver<JobDone>,
}

/// A file that is not followed, or not yet.
struct Candidate {
    path: PathBuf,
    plan: Arc<Plan>,
    stamp: Stamp,
    changed: Instant,
    tried: Instant,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Seen for the first time.
    New,
    /// To be looked at when it is different from this.
    Waiting(Stamp),
    /// The same, and not often: to look at it costs much.
    Resting(Stamp),
    /// It could not be read, which may be mended without a change.
    Failed,
    /// To be read as a whole when it is complete.
    Unit,
    /// Being read as a whole.
    Busy,
    /// All of it may have been read before: looked at again after a while.
    Partly,
    /// It begins like a followed file and has more than that; looked at once since then.
    Copy,
}

impl Follower {
    pub fn new(desk: Desk, specs: Vec<Spec>, settings: Settings) -> Self {
        let (jobs, to_do) = channel();
        let (done, jobs_done) = channel();
        let workers_desk = desk.clone();
        thread::spawn(move || {
            let work = || run_jobs(&workers_desk, &to_do, &done);
            guarded(&workers_desk.queue, "the reading of whole files", work)
        });
        Self {
            desk,
            specs,
            settings,
            tails: HashMap::new(),
            candidates: HashMap::new(),
            complaints: HashSet::new(),
            jobs,
            jobs_done,
        }
    }

    /// Follows until the process is asked to end.
    pub fn run(mut self) {
        let poll = Duration::from_millis(self.settings.poll_ms);
        let look = Duration::from_millis(self.settings.look_ms);
        let mut looked = None;
        while !self.desk.is_stopping() {
            let began = Instant::now();
            let changed = self.turn_tails();
            if changed.names || looked.is_none_or(|at: Instant| at.elapsed() >= look) {
                looked = Some(Instant::now());
                self.look();
            }
            let more = self.settle_candidates();
            self.desk.metrics.set_files_followed(self.tails.len());
            if !changed.more && !more {
                thread::sleep(poll.saturating_sub(began.elapsed()));
            }
        }
        for tail in self.tails.values_mut() {
            tail.stop(&self.desk);
        }
    }

    /// Gives every tail its turn, on several threads where there are many.
    fn turn_tails(&mut self) -> Changed {
        let mut tails: Vec<&mut Tail> = self.tails.values_mut().collect();
        let mut free = FILES_OPEN_MAX;
        // Those that hold a file keep it; a lost one needs it most.
        tails.sort_by_key(|tail| !tail.holds_file());
        let may_hold: Vec<bool> = tails
            .iter()
            .map(|_| {
                free = free.saturating_sub(1);
                free > 0
            })
            .collect();
        let mut work: Vec<(&mut Tail, bool)> = tails.into_iter().zip(may_hold).collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let part = work.len().div_ceil(threads).max(TAILS_A_THREAD);
        let busy = work.iter().filter(|(tail, _)| tail.is_behind()).count();
        let bytes = (TURN_BYTES / busy.max(1)).clamp(TAIL_BYTES_MIN, TAIL_BYTES_MAX);
        let desk = &self.desk;
        let turns: Vec<(FileKey, Turn, bool)> = thread::scope(|scope| {
            let parts: Vec<_> = work
                .chunks_mut(part)
                .map(|part| scope.spawn(move || turn_part(part, desk, bytes)))
                .collect();
            parts
                .into_iter()
                // What such a part had read is not all handed over: to go on would leave it out.
                .flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        self.settle_turns(&turns)
    }

    fn settle_turns(&mut self, turns: &[(FileKey, Turn, bool)]) -> Changed {
        let mut changed = Changed::default();
        for (key, turn, lost) in turns {
            changed.names |= lost;
            match turn {
                Turn::Read { more } => changed.more |= more,
                Turn::Anew | Turn::Over => {
                    changed.names = true;
                    if let Some(tail) = self.tails.remove(key) {
                        self.desk.known.release(tail.id());
                    }
                }
                Turn::Quiet | Turn::Stopped => {}
            }
        }
        changed
    }

    /// Finds the files that are there.
    fn look(&mut self) {
        let mut seen = HashSet::new();
        for (path, plan) in self.list() {
            let Some(place) = Place::of(&path) else {
                continue;
            };
            seen.insert(place.key);
            if let Some(tail) = self.tails.get_mut(&place.key) {
                tail.found(&path);
                continue;
            }
            self.consider(path, plan, place);
        }
        self.find_lost(&seen);
        self.candidates
            .retain(|key, candidate| seen.contains(key) || candidate.state == State::Busy);
    }

    fn list(&mut self) -> Vec<(PathBuf, Arc<Plan>)> {
        let mut found = Vec::new();
        for spec in &self.specs {
            for path in &spec.paths {
                match gather(std::slice::from_ref(path)) {
                    Ok(inputs) => {
                        self.complaints.remove(path);
                        found.extend(
                            inputs
                                .into_iter()
                                .map(|input| (input.path().to_owned(), Arc::clone(&spec.plan))),
                        );
                    }
                    Err(error) if self.complaints.insert(path.clone()) => {
                        tracing::warn!(%error, "nothing to follow there yet");
                    }
                    Err(_) => {}
                }
            }
        }
        found
    }

    fn consider(&mut self, path: PathBuf, plan: Arc<Plan>, place: Place) {
        let candidate = self
            .candidates
            .entry(place.key)
            .or_insert_with(|| Candidate {
                path: path.clone(),
                plan,
                stamp: place.stamp,
                changed: Instant::now(),
                tried: Instant::now(),
                state: State::New,
            });
        candidate.path = path;
        if candidate.stamp != place.stamp {
            candidate.stamp = place.stamp;
            candidate.changed = Instant::now();
        }
    }

    /// A rotated file that is not held open is looked for beside its old name.
    fn find_lost(&mut self, seen: &HashSet<FileKey>) {
        let lost: HashMap<FileKey, PathBuf> = self
            .tails
            .values()
            .filter(|tail| tail.lost && !tail.holds_file() && !seen.contains(&tail.key))
            .map(|tail| (tail.key, tail.path.clone()))
            .collect();
        let folders: HashSet<&Path> = lost.values().filter_map(|path| path.parent()).collect();
        for folder in folders {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let Some(place) = Place::of(&path) else {
                    continue;
                };
                if lost.contains_key(&place.key)
                    && let Some(tail) = self.tails.get_mut(&place.key)
                {
                    tail.found(&path);
                }
            }
        }
    }

    /// Looks at those candidates whose time has come, as many as fit into a turn. Says whether some are left, or are
    /// followed and not read yet.
    fn settle_candidates(&mut self) -> bool {
        while let Ok(done) = self.jobs_done.try_recv() {
            let state = match done.follows {
                true => State::New,
                false => State::Waiting(done.stamp),
            };
            self.set_state(done.key, state);
        }
        let mut keys: Vec<(PathBuf, FileKey)> = self
            .candidates
            .iter()
            .filter(|(_, candidate)| candidate.is_due())
            .map(|(key, candidate)| (candidate.path.clone(), *key))
            .collect();
        // In the order of names, so that the same files give the same ids.
        keys.sort();
        let followed = self.tails.len();
        for (_, key) in keys.iter().take(LOOKS_A_TURN) {
            if self.desk.is_stopping() {
                return false;
            }
            self.look_at(*key);
        }
        keys.len() > LOOKS_A_TURN || self.tails.len() > followed
    }

    fn look_at(&mut self, key: FileKey) {
        let Some(candidate) = self.candidates.get(&key) else {
            return;
        };
        let input = Input::Found {
            file: candidate.path.clone(),
            under: candidate.path.clone(),
        };
        let (plan, stamp) = (Arc::clone(&candidate.plan), candidate.stamp);
        let job = |growing| Job {
            key,
            stamp,
            input: input.clone(),
            plan: Arc::clone(&plan),
            growing,
        };
        if candidate.state == State::Unit {
            let state = match self.jobs.send(job(false)) {
                Ok(()) => State::Busy,
                Err(_) => State::Waiting(stamp),
            };
            self.set_state(key, state);
            return;
        }
        let (known, marks) = (&self.desk.known, self.desk.makers.marks.as_ref());
        let position = |id: &str| known.position(id);
        let owner = |id: &str| self.tails.values().find(|tail| tail.id() == id);
        let owned = |id: &str| owner(id).is_some();
        let mut looked = Feed::look(&input, &plan, &position, &owned, marks);
        // Its like was read to its end meanwhile and this still has more: it is no copy.
        if let Ok(Looked::Copy { grown: true, id }) = &looked
            && candidate.state == State::Copy
            && owner(id).is_none_or(|owner| !owner.is_behind())
        {
            looked = Feed::fork(&input, &plan, &position, marks);
        }
        let is_quiet = candidate.changed.elapsed() >= COMPLETE_AFTER;
        let state = match looked {
            // It may be a copy that is being written.
            Ok(Looked::Partly(_)) if !is_quiet => State::Partly,
            Ok(Looked::Feed(feed) | Looked::Partly(feed)) => {
                let backlog = stamp.size.saturating_sub(feed.taken());
                if backlog <= BACKLOG_BYTES {
                    self.follow(key, *feed);
                    return;
                }
                match self.jobs.send(job(true)) {
                    Ok(()) => State::Busy,
                    Err(_) => State::Waiting(stamp),
                }
            }
            Ok(Looked::Unit) => State::Unit,
            Ok(Looked::Copy { grown: true, .. }) => State::Copy,
            Ok(Looked::Empty | Looked::Copy { .. }) => State::Waiting(stamp),
            Ok(Looked::CutCopy) => State::Resting(stamp),
            Ok(Looked::Unknown) => {
                self.complain(key, "has no line of a format that is understood, so far");
                State::Waiting(stamp)
            }
            Err(error) => {
                self.complain(key, &format!("cannot be followed: {error}"));
                State::Failed
            }
        };
        self.set_state(key, state);
    }

    fn follow(&mut self, key: FileKey, feed: Feed) {
        let Some(candidate) = self.candidates.remove(&key) else {
            return;
        };
        // It may have been given another name while it was looked at.
        if Place::of(&candidate.path).is_none_or(|place| place.key != key) {
            return;
        }
        self.complaints.remove(&candidate.path);
        self.desk.known.claim(feed.id());
        tracing::info!(path = %candidate.path.display(), "following");
        let mut tail = Tail::new(key, candidate.path, feed);
        // A little at once, so that the next ones that begin like it are seen as what they are.
        let keeps_open = self.tails.len() < FILES_OPEN_MAX;
        tail.turn(&self.desk, keeps_open, TAIL_BYTES_MIN);
        self.tails.insert(key, tail);
    }

    fn set_state(&mut self, key: FileKey, state: State) {
        if let Some(candidate) = self.candidates.get_mut(&key) {
            candidate.state = state;
            candidate.tried = Instant::now();
        }
    }

    /// Once a file.
    fn complain(&mut self, key: FileKey, why: &str) {
        let Some(candidate) = self.candidates.get(&key) else {
            return;
        };
        if self.complaints.insert(candidate.path.clone()) {
            tracing::warn!("{} {why}", candidate.path.display());
        }
    }
}

/// What the turns of all tails have shown.
#[derive(Clone, Copy, Debug, Default)]
struct Changed {
    /// Some name leads to another file, or to none.
    names: bool,
    /// Something is left to read at once.
    more: bool,
}

fn turn_part(
    part: &mut [(&mut Tail, bool)],
    desk: &Desk,
    bytes: usize,
) -> Vec<(FileKey, Turn, bool)> {
    part.iter_mut()
        .map(|(tail, may_hold)| {
            let was_lost = tail.lost;
            let turn = tail.turn(desk, *may_hold, bytes);
            (tail.key, turn, tail.lost && !was_lost)
        })
        .collect()
}

impl Candidate {
    fn is_due(&self) -> bool {
        let quiet = self.changed.elapsed();
        match self.state {
            State::New => self.stamp.size >= SHORT_BYTES || quiet >= Duration::from_millis(100),
            State::Waiting(stamp) => stamp != self.stamp,
            State::Resting(stamp) => stamp != self.stamp && self.tried.elapsed() >= COMPLETE_AFTER,
            State::Failed | State::Partly => self.tried.elapsed() >= RETRIED_AFTER,
            State::Unit => quiet >= COMPLETE_AFTER,
            State::Copy => true,
            State::Busy => false,
        }
    }
}
