//! What a log format is: a name, how to build its parser, and samples that a shared test runs.

use chrono_tz::Tz;

use crate::model::exchange::Exchange;
use crate::model::plain::Plain;
use crate::model::time::Timestamp;
use crate::read::engine::mapping::Mapping;
use crate::read::engine::units::Units;
use crate::read::skip::{Ignored, Rejected, Skip};

/// What became of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The exchanges were appended; the name is the format the line turned out to have.
    Record(&'static str),
    Ignored(Ignored),
    Rejected(Rejected),
}

/// Where a line stands in its unpacked source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Of its first byte.
    pub offset: u64,
    /// 1-based.
    pub line: u64,
}

/// Takes the exchanges of one line, placed, with the name of the format that told of them. Each record ends in a final
/// one. They are borrowed: what a wrapper had to unescape lives no longer than the call.
pub type Sink<'s> = dyn FnMut(&'static str, &mut [Exchange<'_>]) + 's;

/// Reads single lines. One parser serves all worker threads.
pub trait LineParser: Send + Sync {
    /// Appends one exchange for each attempt the line tells of, the last one of each record final. Leaves `raw`,
    /// `line` and `offset` to the caller. Nothing is appended unless the answer is `Parsed::Record`.
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed;

    /// The usual line, read faster: what `parse` would tell of it, with the name of the format. `None` leaves it to
    /// `parse`.
    fn plain<'a>(&self, _line: &'a str) -> Option<(&'static str, Plain<'a>)> {
        None
    }

    /// Whether it would read this line without understanding all of it, so that a more specific format of the same
    /// file is asked first. Must tell by a glance: it is asked for every line of a mixed file.
    fn reads_over(&self, _line: &str) -> bool {
        false
    }
}

/// Reads lines that mean something only after those before them: columns named once, pieces of one line, exchanges
/// told over many lines. Lines come in order, all of them, on one thread. What it remembers must depend on the lines
/// alone: after a crash the known part is read again to build the same memory.
pub trait SequenceParser: Send {
    /// Takes the next line, without its end, and tells its fate: `Record` where it begins or completes a record,
    /// `Ignored(Part)` where it belongs to one. Exchanges go out when they are complete, placed where they began.
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed;

    /// The source is over: hands out what was still waiting for more lines.
    fn finish(&mut self, found: &mut Sink<'_>);
}

/// What the user said about a source beyond its bytes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For times without an offset.
    pub zone: Option<Tz>,
    /// When the source was last written or came in: for times that leave out the year.
    pub now: Option<Timestamp>,
    /// Where a JSON record holds a field; wins over the known shapes.
    pub mapping: Mapping,
    /// Of durations that are written without a unit.
    pub units: Units,
}

/// How a format is laid out in a file.
pub enum Layout {
    /// One record a line.
    Lines(fn(&Options) -> Box<dyn LineParser>),
    /// Lines that are read in order.
    Sequence(fn(&Options) -> Box<dyn SequenceParser>),
    /// One document a file; its entries are the records.
    Document {
        /// Whether the beginning of a file looks like such a document.
        sniff: fn(&[u8]) -> bool,
        parse: DocumentParser,
    },
}

/// Walks a whole document, a byte order mark left out, and hands over each entry's exchange (`Err` for an entry that is
/// none or lacks what it needs).
/// Returns `Err` when the document itself is broken; entries before the break were handed over.
pub type DocumentParser =
    fn(&[u8], &mut dyn FnMut(Result<Exchange<'_>, Skip>)) -> Result<(), DocumentError>;

/// A byte order mark is no part of a document.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document breaks at line {line}, column {column}: {what}")]
pub struct DocumentError {
    pub line: usize,
    pub column: usize,
    pub what: String,
}

/// One entry of the list in `formats/mod.rs`.
pub struct Format {
    pub name: &'static str,
    /// Other names that mean the same parser.
    pub aliases: &'static [&'static str],
    pub title: &'static str,
    /// Where several formats read most lines of a sample, the highest wins (`formats.md` 0.9).
    pub specificity: u8,
    pub layout: Layout,
    /// Lines that this format must read, with the status it must find (`None`: no response).
    pub samples: &'static [(&'static str, Option<u16>)],
}
