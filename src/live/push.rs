//! Batches that are pushed: unpacked, read, handed over, and answered when they are stored.

use std::io::Read;
use std::sync::Arc;

use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot};
use twox_hash::XxHash3_64;

use crate::ingest::{
    FormatChoice, IngestError, Named, Plan, Reject, Summary, Whole, read_bytes, reject_lines,
};
use crate::live::Settings;
use crate::live::desk::Desk;
use crate::live::metrics::Way;
use crate::live::queue::{Answer, Full, Handed};
use crate::model::exchange::Direction;
use crate::read::format::Options;
use crate::read::push as wire;
use crate::store::{BatchNote, Rows};

/// Bodies that are unpacked and read at one time: each takes a processor and some times its size of memory.
const READERS: usize = 2;

/// Seconds that a sender is asked to wait when the queue is full; the writer empties it within one.
pub const RETRY_BUSY_S: u32 = 1;

/// Seconds that a sender is asked to wait when the store cannot be written.
pub const RETRY_TROUBLE_S: u32 = 5;

/// Dates of one batch: each is a file in the same commit, for which all others wait.
const DATES_MAX: usize = 1_000;

/// The writer has ended with the batch in hand.
const UNSURE: &str = "the service ended amid this batch, and whether it is stored is not known; with an Idempotency-Key \
                      it can be sent again without harm";

/// Bodies in memory at one time, all together.
const BODIES_BYTES_MAX: usize = 256 << 20;

/// Room for bodies is counted in units of so many bytes.
const ROOM_BYTES: usize = 1 << 10;

/// Memory set aside for one body, until it is dropped.
#[derive(Debug, Default)]
pub struct Room(Option<OwnedSemaphorePermit>);

impl Room {
    fn grow(&mut self, all: &Arc<Semaphore>, bytes: usize) -> Result<(), TryAcquireError> {
        let held = self.0.as_ref().map_or(0, |held| held.num_permits());
        let missing = bytes.div_ceil(ROOM_BYTES).saturating_sub(held);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(all).try_acquire_many_owned(missing)?;
        match &mut self.0 {
            Some(held) => held.merge(more),
            None => self.0 = Some(more),
        }
        Ok(())
    }
}

/// A pushed body and what was said about it.
#[derive(Debug, Default)]
pub struct Request {
    pub body: Vec<u8>,
    /// Held as long as the body is.
    pub room: Option<Room>,
    /// As in `Content-Encoding`.
    pub encoding: Option<String>,
    /// The limit of its protocol, where that is less than ours.
    pub unpacked_mb: Option<u64>,
    pub format: Option<String>,
    pub source: Option<String>,
    pub integration: Option<String>,
    pub direction: Option<Direction>,
    pub zone: Option<Tz>,
    /// The sender's name for the batch: the same again adds nothing.
    pub key: Option<String>,
    /// Tells rows of batches without a name apart.
    pub nonce: u64,
}

/// What was stored, and what the sender may want to know about it.
pub struct Pushed {
    pub summary: Summary,
    /// It was stored before, and nothing was added.
    pub repeated: bool,
}

/// Why a batch is not stored.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("the body is larger than {limit_mb} MB {when}; send it in parts")]
    TooLarge { limit_mb: u64, when: &'static str },
    #[error("the body has records of more than {DATES_MAX} dates; send it in parts")]
    TooManyDates,
    #[error("the content encoding {0:?} is not understood; gzip, zstd, deflate and identity are")]
    Encoding(String),
    #[error("{0}")]
    Bad(String),
    #[error("{why}")]
    NotUnderstood {
        why: &'static str,
        rejects: Vec<Reject>,
    },
    #[error("{0}")]
    Wire(wire::PushError),
    #[error("another batch was stored under the same key")]
    Differs,
    #[error("the queue is full")]
    Busy,
    #[error("{0}")]
    Unavailable(String),
    #[error(
        "the service has a fault that this body brought out, and its log tells where; nothing of it is stored"
    )]
    Broken,
}

/// Takes pushed batches. Cheap to clone.
#[derive(Clone)]
pub struct Pusher {
    desk: Desk,
    settings: Settings,
    readers: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

/// Rows ready to be handed over, with what is answered when they are stored.
pub struct Batch {
    pub rows: Option<Rows>,
    pub summary: Summary,
    pub note: Option<BatchNote>,
}

impl Pusher {
    pub fn new(desk: Desk, settings: Settings) -> Self {
        Self {
            desk: desk.of(Way::Push),
            settings,
            readers: Arc::new(Semaphore::new(READERS)),
            room: Arc::new(Semaphore::new(BODIES_BYTES_MAX / ROOM_BYTES)),
        }
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    pub fn body_bytes_max(&self) -> usize {
        usize::try_from(self.settings.body_mb << 20).unwrap_or(usize::MAX)
    }

    /// An empty room for a body, of this length where that is told; refused at once when it cannot be taken anyway.
    pub fn room(&self, told: Option<usize>) -> Result<Room, PushError> {
        if told.is_some_and(|told| told > self.body_bytes_max()) {
            return Err(self.too_large());
        }
        self.desk.queue.has_room()?;
        Ok(Room::default())
    }

    /// Sets memory aside for `bytes` in all: as a body comes and not before, so that a slow sender holds only what it
    /// has sent.
    pub fn grow(&self, room: &mut Room, bytes: usize) -> Result<(), PushError> {
        if bytes > self.body_bytes_max() {
            return Err(self.too_large());
        }
        room.grow(&self.room, bytes).map_err(|_| PushError::Busy)
    }

    fn too_large(&self) -> PushError {
        PushError::TooLarge {
            limit_mb: self.settings.body_mb,
            when: "as it comes",
        }
    }

    /// Stores a body of lines or a document; the answer comes when that is done.
    pub async fn push(&self, request: Request) -> Result<Pushed, PushError> {
        let (desk, settings) = (self.desk.clone(), self.settings.clone());
        let made = move || Ok((read_batch(&request, &desk, &settings)?, ()));
        let (pushed, ()) = self.push_batch(made).await?;
        Ok(pushed)
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes a batch, aside, and stores it; with it comes what else was found out.
    pub async fn push_batch<T: Send + 'static>(
        &self,
        make: impl FnOnce() -> Result<(Batch, T), PushError> + Send + 'static,
    ) -> Result<(Pushed, T), PushError> {
        self.desk.queue.has_room()?;
        let Ok(turn) = self.readers.acquire().await else {
            return Err(Full::Closed.into());
        };
        let made = tokio::task::spawn_blocking(make).await;
        let (batch, found) = made.map_err(|_| PushError::Broken)??;
        let rows = batch.rows.filter(|rows| !rows.is_empty());
        if rows.as_ref().is_some_and(|rows| rows.dates() > DATES_MAX) {
            return Err(PushError::TooManyDates);
        }
        if rows.is_none() && batch.note.is_none() {
            return Ok((self.counted(batch.summary, false), found));
        }
        let (answer, answered) = oneshot::channel();
        self.desk.queue.offer(Handed {
            rows,
            batch: batch.note,
            answer: Some(answer),
            ..Handed::default()
        })?;
        drop(turn);
        let repeated = match answered.await {
            Ok(Answer::Stored) => false,
            Ok(Answer::Repeated) => true,
            Ok(Answer::Differs) => return Err(PushError::Differs),
            Ok(Answer::Unproven) => return Err(PushError::Broken),
            Ok(Answer::Refused(why)) => return Err(PushError::Unavailable(why)),
            Err(_) => return Err(PushError::Unavailable(UNSURE.to_owned())),
        };
        Ok((self.counted(batch.summary, repeated), found))
    }

    fn counted(&self, summary: Summary, repeated: bool) -> Pushed {
        if !repeated {
            self.desk.count(summary.clone());
        }
        Pushed { summary, repeated }
    }
}

impl From<Full> for PushError {
    fn from(full: Full) -> Self {
        match full {
            Full::Busy => Self::Busy,
            Full::Trouble(why) => Self::Unavailable(why),
            Full::Closed => Self::Unavailable("the service ends".to_owned()),
        }
    }
}

impl From<IngestError> for PushError {
    fn from(error: IngestError) -> Self {
        Self::Bad(error.to_string())
    }
}

fn read_batch(request: &Request, desk: &Desk, settings: &Settings) -> Result<Batch, PushError> {
    let bytes = unpack(request, settings)?;
    let plan = Plan {
        format: FormatChoice::parse(request.format.as_deref(), None)?,
        options: Options {
            zone: request.zone,
            ..Options::default()
        },
        source_name: request.source.clone(),
        integration: request.integration.clone(),
        direction: request.direction,
    };
    let note = batch_note(request.key.as_deref(), &bytes);
    let id = source_id(note.as_ref(), request.nonce);
    let named = Named {
        name: request.source.as_deref().unwrap_or("push"),
        id: &id,
    };
    let none = "no line of it is of a format that is understood; name the format with ?format=";
    let whole = match read_bytes(&bytes, &plan, &named, &desk.makers, desk.now())? {
        Some(whole) => whole,
        None if bytes.iter().all(u8::is_ascii_whitespace) => {
            return Err(PushError::NotUnderstood {
                why: "the body is empty",
                rejects: Vec::new(),
            });
        }
        None => {
            return Err(PushError::NotUnderstood {
                why: none,
                rejects: reject_lines(&bytes, &named, &desk.makers),
            });
        }
    };
    let Whole {
        masked,
        summary,
        rejects,
    } = whole;
    if summary.records == 0 && summary.rejected > 0 {
        return Err(PushError::NotUnderstood { why: none, rejects });
    }
    let rows = masked.map(Rows::new).transpose();
    Ok(Batch {
        rows: rows.map_err(|e| PushError::Bad(e.to_string()))?,
        summary,
        note,
    })
}

pub fn source_id(note: Option<&BatchNote>, nonce: u64) -> String {
    match note {
        Some(note) => format!("b{}", note.batch_id),
        None => format!("p{nonce:016x}"),
    }
}

pub fn batch_note(key: Option<&str>, bytes: &[u8]) -> Option<BatchNote> {
    key.map(|key| BatchNote {
        batch_id: batch_id(key),
        hash: XxHash3_64::oneshot(bytes),
    })
}

/// The sender's name is hashed: it may be long, or tell something.
fn batch_id(key: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    hash.iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The body as it was before its sender packed it.
pub fn unpack(request: &Request, settings: &Settings) -> Result<Vec<u8>, PushError> {
    let body = request.body.as_slice();
    let limit_mb = request.unpacked_mb.unwrap_or(settings.unpacked_mb);
    let encoding = request.encoding.as_deref().unwrap_or("identity");
    let encoding = encoding.trim().to_ascii_lowercase();
    let mut reader: Box<dyn Read + '_> = match encoding.as_str() {
        "" | "identity" => Box::new(body),
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(body)),
        // Meant is zlib; some send the bare stream.
        "deflate" if is_zlib(body) => Box::new(flate2::read::ZlibDecoder::new(body)),
        "deflate" => Box::new(flate2::read::DeflateDecoder::new(body)),
        "zstd" => match zstd::stream::read::Decoder::new(body) {
            Ok(decoder) => Box::new(decoder),
            Err(_) => return Err(PushError::Bad("the body is no zstd".to_owned())),
        },
        _ => return Err(PushError::Encoding(encoding)),
    };
    let limit = limit_mb << 20;
    let mut bytes = Vec::new();
    let read = (&mut reader).take(limit + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > limit {
        return Err(PushError::TooLarge {
            limit_mb,
            when: "unpacked",
        });
    }
    match read {
        Ok(_) => Ok(bytes),
        Err(_) => Err(PushError::Bad(format!(
            "the body cannot be unpacked as {encoding}"
        ))),
    }
}

fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => {
            method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::attribute::{self, Attributor};
    use crate::catalog::Catalog;
    use crate::ingest::Makers;
    use crate::live::guarded::guarded;
    use crate::live::known::Known;
    use crate::live::queue::Queue;
    use crate::mask::{self, MaskKey, Masker, Maskers};
    use crate::model::time::Timestamp;

    fn pusher() -> Pusher {
        let catalog = Arc::new(Catalog::embedded().expect("a catalogue"));
        let attributor = Attributor::new(catalog, attribute::Settings::default());
        let masker = Masker::new(MaskKey::from_bytes([7; 32]), mask::Settings::default());
        let makers = Makers {
            attributor: Arc::new(attributor.expect("an attributor")),
            maskers: Maskers::new(masker.expect("a masker")),
            keep_ok_one_in: 1,
            keep_rejects: false,
            marks: None,
        };
        let queue = Arc::new(Queue::new(1 << 20));
        let clock = || Timestamp::from(chrono::Utc::now());
        let desk = Desk::new(makers, queue, Known::default(), clock, None);
        Pusher::new(desk, Settings::default())
    }

    #[tokio::test]
    async fn a_body_that_brings_out_a_fault_is_not_called_wrong() {
        let pusher = pusher();
        let made = || -> Result<(Batch, ()), PushError> { panic!("a token") };
        let refused = pusher.push_batch(made).await.err();
        assert!(matches!(refused, Some(PushError::Broken)), "{refused:?}");
        // The next one has its turn.
        let nothing = || {
            Ok((
                Batch {
                    rows: None,
                    summary: Summary::new(),
                    note: None,
                },
                (),
            ))
        };
        assert!(pusher.push_batch(nothing).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_for_a_writer_that_dies_is_told() {
        let pusher = pusher();
        let queue = Arc::clone(&pusher.desk().queue);
        std::thread::spawn(move || {
            guarded(&queue, "the writer", || {
                while !queue.wait(std::time::Duration::from_millis(10)) {}
                let _in_hand = queue.take_all(std::time::Instant::now());
                panic!("a token");
            })
        });
        let request = Request {
            body: b"10.0.0.1 - - [22/Nov/2026:03:51:45 +0000] \"GET /x HTTP/1.1\" 200 5\n".to_vec(),
            ..Request::default()
        };
        let refused = pusher.push(request).await.err();
        assert!(
            matches!(refused, Some(PushError::Unavailable(_))),
            "{refused:?}"
        );
        let why = pusher.desk().queue.failed().await;
        assert!(why.starts_with("the writer has ended"), "{why}");
        let refused = pusher.room(None).err().map(|error| error.to_string());
        assert_eq!(refused, Some(why));
    }
}
