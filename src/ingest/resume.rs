//! Opening a source, and finding how far it has been read before.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::ingest::error::IngestError;
use crate::ingest::identity::{self, TWINS_MAX};
use crate::ingest::inputs::Input;
use crate::read::detect::SAMPLE_BYTES;
use crate::read::lines::{Blocks, Passed};
use crate::read::source::{Packing, Source};
use crate::store::Position;

/// So many equal first bytes hold several times and ids: what is shorter than a source that begins so is a copy of it
/// that was cut, and no other source.
const COPY_BYTES_MIN: usize = 1024;

pub type Stream = io::Chain<io::Cursor<Vec<u8>>, Fused>;

/// An opened source whose beginning was looked at.
pub struct Opened {
    pub head: Vec<u8>,
    pub blocks: Blocks<Stream>,
    pub packing: Packing,
    /// Bytes taken from the file as it lies there.
    pub taken: Arc<AtomicU64>,
}

impl Opened {
    pub fn open(input: &Input) -> Result<Self, IngestError> {
        let source = match input {
            Input::Stdin => Source::stdin()?,
            Input::Embedded { name, bytes } => Source::embedded(name, bytes)?,
            Input::File(path) | Input::Found { file: path, .. } => Source::open(path)?,
        };
        let (taken, packing) = (Arc::clone(&source.taken), source.packing);
        let mut source = Fused::new(source);
        let mut head = Vec::new();
        // A failure inside the beginning comes again when reading gets there.
        let _ = (&mut source)
            .take(SAMPLE_BYTES as u64)
            .read_to_end(&mut head);
        let whole = io::Cursor::new(head.clone()).chain(source);
        Ok(Self {
            head,
            blocks: Blocks::new(whole),
            packing,
            taken,
        })
    }
}

/// A source and where to go on in it.
pub struct Resumed {
    pub id: String,
    pub opened: Opened,
    pub passed: Option<Passed>,
    /// Its reader was told that the source ended there.
    pub ended: bool,
}

pub enum Start {
    At(Box<Resumed>),
    /// All that is there was read before, from a longer copy.
    CutCopy {
        lines: u64,
        bytes: u64,
        known: u64,
    },
}

/// Finds the source among those that were read before, and goes to where that ended.
pub fn resume(
    input: &Input,
    opened: Opened,
    mut position: impl FnMut(&str) -> Result<Option<Position>, IngestError>,
) -> Result<Start, IngestError> {
    let again = || match input.opens_again() {
        true => Opened::open(input),
        false => Err(IngestError::PipeDiffers {
            path: input.path().to_owned(),
        }),
    };
    let head = opened.head.clone();
    let mut unread = Some(opened);
    let mut open = || unread.take().map_or_else(again, Ok);
    let mut fresh = None;
    for len in identity::lengths(&head) {
        for twin in 0..TWINS_MAX {
            let id = identity::source_id(&head, len, twin);
            let Some(Position { offset, check }) = position(&id)? else {
                fresh.get_or_insert(id);
                break;
            };
            let mut opened = open()?;
            let passed = opened.blocks.pass(offset);
            if passed.bytes < offset && len >= COPY_BYTES_MIN {
                return Ok(Start::CutCopy {
                    lines: passed.lines,
                    bytes: passed.bytes,
                    known: offset,
                });
            }
            let ended = passed.check_ended == check;
            if passed.bytes == offset && (ended || passed.check == check) {
                return Ok(Start::At(Box::new(Resumed {
                    id,
                    opened,
                    passed: Some(passed),
                    ended,
                })));
            }
        }
    }
    let id = match fresh {
        Some(id) => id,
        None => {
            let id = identity::path_id(&head, input.path());
            if let Some(known) = position(&id)?
                && let Some(resumed) = confirm(open()?, &id, known)
            {
                return Ok(Start::At(Box::new(resumed)));
            }
            id
        }
    };
    Ok(Start::At(Box::new(Resumed {
        id,
        opened: open()?,
        passed: None,
        ended: false,
    })))
}

/// The source, if what was read of it is what this one begins with.
fn confirm(mut opened: Opened, id: &str, known: Position) -> Option<Resumed> {
    let passed = opened.blocks.pass(known.offset);
    let ended = passed.check_ended == known.check;
    (passed.bytes == known.offset && (ended || passed.check == known.check)).then(|| Resumed {
        id: id.to_owned(),
        opened,
        passed: Some(passed),
        ended,
    })
}

/// Gives a failure of the source again and again, so that it is not lost when it comes inside the beginning.
pub struct Fused {
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
