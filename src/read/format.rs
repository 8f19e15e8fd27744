//! What a log format is: a name, how to build its parser, and samples that a shared test runs.

use chrono_tz::Tz;

use crate::model::exchange::Exchange;
use crate::read::engine::mapping::Mapping;
use crate::read::skip::{Ignored, Rejected, Skip};

/// What became of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The exchanges were appended; the name is the format the line turned out to have.
    Record(&'static str),
    Ignored(Ignored),
    Rejected(Rejected),
}

/// Reads single lines. One parser serves all worker threads.
pub trait LineParser: Send + Sync {
    /// Appends one exchange for each attempt the line tells of, the last one final. Leaves `raw`, `line` and
    /// `offset` to the caller. Nothing is appended unless the answer is `Parsed::Record`.
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed;
}

/// What the user said about a source beyond its bytes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For times without an offset.
    pub zone: Option<Tz>,
    /// Where a JSON record holds a field; wins over the known shapes.
    pub mapping: Mapping,
}

/// How a format is laid out in a file.
pub enum Layout {
    /// One record a line.
    Lines(fn(&Options) -> Box<dyn LineParser>),
    /// One document a file; its entries are the records.
    Document {
        /// Whether the beginning of a file looks like such a document.
        sniff: fn(&str) -> bool,
        parse: DocumentParser,
    },
}

/// Walks a whole document and hands over each entry's exchange (`Err` for an entry that is none or lacks
/// what it needs).
/// Returns `Err` when the document itself is broken; entries before the break were handed over.
pub type DocumentParser =
    for<'a> fn(&'a str, &mut dyn FnMut(Result<Exchange<'a>, Skip>)) -> Result<(), DocumentError>;

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
