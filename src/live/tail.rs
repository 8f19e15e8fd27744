//! One followed file: what was written to it since, whatever its name is meanwhile.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::ingest::Feed;
use crate::live::desk::Desk;
use crate::live::place::{FileKey, Place, Stamp};

/// Bytes read at a time.
const READ_BYTES: usize = 1 << 20;

/// So much of the beginning, and of what stood before the place where reading goes on, is looked at again: when it
/// differs, the file was written anew.
const WITNESS_BYTES: usize = 256;

/// A line without an end is taken when its file was rotated away and has been quiet for so long.
pub const QUIET: Duration = Duration::from_secs(2);

/// A file without a name that is followed is left when it has been quiet for so long: a server writes on to the old
/// file until it is told to open the new one.
const LEFT_AFTER: Duration = Duration::from_secs(60);

/// A deleted file takes room on the disk as long as it is held open.
const DELETED_LEFT_AFTER: Duration = Duration::from_secs(5);

pub struct Tail {
    pub key: FileKey,
    /// Where it was seen last.
    pub path: PathBuf,
    /// That path leads to another file or to none.
    pub lost: bool,
    /// It is still under the name under which it was found; other names are those of rotated files.
    first_path: PathBuf,
    feed: Feed,
    file: Option<File>,
    seen: Option<Stamp>,
    head: Vec<u8>,
    last: Vec<u8>,
    changed: Instant,
    finished: bool,
    /// Its end was not reached yet.
    behind: bool,
}

/// What a turn has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Quiet,
    /// `more` is waiting.
    Read {
        more: bool,
    },
    /// It was written anew: what is in it now is another source.
    Anew,
    /// It is gone, and all of it was read.
    Over,
    /// Nothing is taken any more.
    Stopped,
}

impl Tail {
    pub fn new(key: FileKey, path: PathBuf, feed: Feed) -> Self {
        let mut tail = Self {
            key,
            first_path: path.clone(),
            path,
            lost: false,
            feed,
            file: None,
            seen: None,
            head: Vec::new(),
            last: Vec::new(),
            changed: Instant::now(),
            finished: false,
            behind: true,
        };
        // Without witnesses only its size could tell that it was written anew.
        if let Err(error) = tail.call_witnesses() {
            tracing::debug!(path = %tail.path.display(), %error, "a followed file cannot be read");
        }
        tail
    }

    /// Reads again what is compared later, of a file that was read before.
    fn call_witnesses(&mut self) -> io::Result<()> {
        let taken = self.feed.taken();
        let length = taken.min(WITNESS_BYTES as u64);
        let mut file = File::open(&self.path)?;
        (&mut file).take(length).read_to_end(&mut self.head)?;
        file.seek(SeekFrom::Start(taken - length))?;
        file.take(length).read_to_end(&mut self.last)?;
        Ok(())
    }

    pub fn id(&self) -> &str {
        self.feed.id()
    }

    pub fn holds_file(&self) -> bool {
        self.file.is_some()
    }

    /// Something of it waits to be read, as far as is known.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// It is found under this path.
    pub fn found(&mut self, path: &Path) {
        if self.path != path {
            path.clone_into(&mut self.path);
        }
        self.lost = false;
    }

    /// Reads what is new, up to about `bytes`. `keeps_open` allows to hold the file open, so that it can be read to its
    /// end without its name.
    pub fn turn(&mut self, desk: &Desk, keeps_open: bool, bytes: usize) -> Turn {
        let turn = self.try_turn(desk, bytes).unwrap_or_else(|error| {
            tracing::debug!(path = %self.path.display(), %error, "a followed file cannot be read");
            self.file = None;
            self.rest(desk, false)
        });
        if !keeps_open {
            self.file = None;
        }
        self.behind = turn == (Turn::Read { more: true });
        turn
    }

    fn try_turn(&mut self, desk: &Desk, bytes: usize) -> io::Result<Turn> {
        let named = Place::of(&self.path).filter(|place| place.key == self.key);
        self.lost = named.is_none();
        let place = match (named, &self.file) {
            (Some(place), _) => place,
            (None, Some(file)) => Place::of_open(file, &self.path)?,
            (None, None) => return Ok(self.rest(desk, true)),
        };
        if self.seen == Some(place.stamp) && place.stamp.size <= self.feed.taken() {
            return Ok(self.rest(desk, place.deleted));
        }
        if place.stamp.size < self.feed.taken() {
            return Ok(Turn::Anew);
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        // Between the look and the opening the name may have been given to another file.
        if Place::of_open(&file, &self.path)?.key != self.key {
            self.lost = true;
            return Ok(Turn::Quiet);
        }
        let grew = place.stamp.size > self.feed.taken();
        if !self.is_same(&mut file)? || (grew && self.feed.has_ended()) {
            return Ok(Turn::Anew);
        }
        let turn = self.read_on(&mut file, desk, bytes)?;
        self.file = Some(file);
        if turn != (Turn::Read { more: true }) {
            self.seen = Some(place.stamp);
        }
        Ok(turn)
    }

    fn read_on(&mut self, file: &mut File, desk: &Desk, bytes: usize) -> io::Result<Turn> {
        file.seek(SeekFrom::Start(self.feed.taken()))?;
        let mut buffer = vec![0; READ_BYTES.min(bytes)];
        let mut total = 0;
        while total < bytes {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            total += n;
            self.remember(&buffer[..n]);
            for fed in self.feed.push(&buffer[..n], &desk.makers, desk.now()) {
                if !desk.hand(fed) {
                    return Ok(Turn::Stopped);
                }
            }
        }
        if total == 0 {
            return Ok(self.rest(desk, false));
        }
        self.changed = Instant::now();
        self.finished = false;
        Ok(Turn::Read {
            more: total >= bytes,
        })
    }

    /// Nothing is new. A rotated file has got its last line by now; one that is gone can be left.
    fn rest(&mut self, desk: &Desk, gone: bool) -> Turn {
        let quiet = self.changed.elapsed();
        let rotated = self.lost || self.path != self.first_path;
        let left_after = match gone {
            true => DELETED_LEFT_AFTER,
            false => LEFT_AFTER,
        };
        let finished_after = match self.feed.is_in_order() {
            true => left_after,
            false => QUIET,
        };
        if rotated && quiet >= finished_after && !self.finished && !self.finish(desk, false) {
            return Turn::Stopped;
        }
        match self.lost && quiet >= left_after {
            true => Turn::Over,
            false => Turn::Quiet,
        }
    }

    /// Takes the line without an end, and what waits for the end of the source. False when nothing is taken any more.
    fn finish(&mut self, desk: &Desk, waits: bool) -> bool {
        self.finished = true;
        let fed = self.feed.finish(waits, &desk.makers, desk.now());
        fed.into_iter().all(|fed| desk.hand(fed))
    }

    /// The process ends: what has been quiet for long enough will not get another end.
    pub fn stop(&mut self, desk: &Desk) {
        let quiet = self.changed.elapsed();
        if self.feed.holds_something() && quiet >= QUIET && !self.finished {
            self.finish(desk, quiet < LEFT_AFTER);
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        let missing = WITNESS_BYTES.saturating_sub(self.head.len());
        if self.feed.taken() == self.head.len() as u64 {
            self.head
                .extend_from_slice(&bytes[..missing.min(bytes.len())]);
        }
        self.last
            .extend_from_slice(&bytes[bytes.len().saturating_sub(WITNESS_BYTES)..]);
        let over = self.last.len().saturating_sub(WITNESS_BYTES);
        self.last.drain(..over);
    }

    /// Whether what was read still stands there.
    fn is_same(&mut self, file: &mut File) -> io::Result<bool> {
        let behind = self.feed.taken();
        Ok(stands(file, 0, &self.head)?
            && stands(file, behind - self.last.len() as u64, &self.last)?)
    }
}

fn stands(file: &mut File, at: u64, expected: &[u8]) -> io::Result<bool> {
    if expected.is_empty() {
        return Ok(true);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut found = Vec::with_capacity(expected.len());
    file.take(expected.len() as u64).read_to_end(&mut found)?;
    Ok(found == expected)
}
