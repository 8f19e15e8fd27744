//! Opening a source, and finding how far it has been read before.
//!
//! A source is passed over only as far as hashes prove that it was read: to the position noted for it, or, where it is
//! shorter than one that begins alike, to the last line that has the same mark.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::ingest::error::IngestError;
use crate::ingest::identity::{self, TWINS_MAX};
use crate::ingest::in_order::waiting_check;
use crate::ingest::inputs::Input;
use crate::ingest::marks::{Marks, Proof};
use crate::read::detect::SAMPLE_BYTES;
use crate::read::lines::{Blocks, Passed};
use crate::read::source::{Packing, Source};
use crate::store::Position;

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
    pub left: Left,
    /// What was passed over was read from a longer source, and of what follows it cannot be told.
    pub shares: bool,
    /// Where it shares: that is more than a line without an end.
    pub has_lines: bool,
}

/// How the reader of a source left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Amid,
    /// It was told that the source ends there.
    AtEnd,
    /// The same, but calls without an answer were left for later.
    Waiting,
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

/// A source that was read before, begins alike and is longer.
struct Longer {
    id: String,
    known: Position,
}

/// Finds the source among those that were read before, and goes to where that ended.
pub fn resume(
    input: &Input,
    opened: Opened,
    marks: Option<&Marks>,
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
    let mut longer = Vec::new();
    let mut fresh = None;
    for len in identity::lengths(&head) {
        for twin in 0..TWINS_MAX {
            let id = identity::source_id(&head, len, twin);
            let Some(known) = position(&id)? else {
                fresh.get_or_insert(id);
                break;
            };
            match compare(open()?, id, known) {
                Ok(resumed) => return Ok(Start::At(Box::new(resumed))),
                Err(found) => longer.extend(found),
            }
        }
    }
    let by_path = identity::path_id(&head, input.path());
    if fresh.is_none()
        && let Some(known) = position(&by_path)?
    {
        match compare(open()?, by_path.clone(), known) {
            Ok(resumed) => return Ok(Start::At(Box::new(resumed))),
            Err(found) => longer.extend(found),
        }
    }
    for id in marks.map(|marks| marks.longer(&head)).unwrap_or_default() {
        longer.extend(position(&id)?.map(|known| Longer { id, known }));
    }
    let shared = match marks {
        Some(marks) => prove(input, &head, marks, &longer)?,
        None => None,
    };
    if let Some((longer, proof)) = shared.as_ref().filter(|(_, proof)| proof.whole) {
        return Ok(Start::CutCopy {
            lines: proof.lines,
            bytes: proof.bytes,
            known: longer.known.offset,
        });
    }
    let mut opened = open()?;
    let proof = shared.map(|(_, proof)| proof);
    let passed = proof.map(|proof| opened.blocks.pass(proof.bytes));
    Ok(Start::At(Box::new(Resumed {
        id: fresh.unwrap_or(by_path),
        opened,
        passed,
        left: Left::Amid,
        shares: proof.is_some(),
        has_lines: proof.is_some_and(|proof| proof.open_lines),
    })))
}

/// The source, if what was read under this id is what this one begins with; or else, that it is shorter.
fn compare(mut opened: Opened, id: String, known: Position) -> Result<Resumed, Option<Longer>> {
    let passed = opened.blocks.pass(known.offset);
    let left = match known.check {
        check if check == passed.check => Some(Left::Amid),
        check if check == passed.check_ended => Some(Left::AtEnd),
        check if check == waiting_check(passed.check_ended) => Some(Left::Waiting),
        _ => None,
    };
    if let Some(left) = left.filter(|_| passed.bytes == known.offset) {
        return Ok(Resumed {
            id,
            opened,
            passed: Some(passed),
            left,
            shares: false,
            has_lines: false,
        });
    }
    let is_longer = passed.bytes < known.offset;
    Err(is_longer.then_some(Longer { id, known }))
}

/// The longer source that holds most of this one for sure, unless something in it is not in that.
fn prove<'l>(
    input: &Input,
    head: &[u8],
    marks: &Marks,
    longer: &'l [Longer],
) -> Result<Option<(&'l Longer, Proof)>, IngestError> {
    let mut best: Option<(&Longer, Proof)> = None;
    for one in longer {
        let known = one.known.offset;
        let proof = match input.opens_again() {
            true => marks.prove(&one.id, Opened::open(input)?.blocks, known),
            // Of a pipe the beginning is held, which may be all of it.
            false if head.len() < SAMPLE_BYTES => marks.prove(&one.id, Blocks::new(head), known),
            false => continue,
        };
        let more = proof.bytes > best.map_or(0, |(_, best)| best.bytes);
        if proof.whole || (more && !proof.differs) {
            best = Some((one, proof));
        }
        if proof.whole {
            break;
        }
    }
    Ok(best)
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
