//! Saved bodies of the push protocols as formats: a body a line, or a file that is one.

use std::borrow::Cow;

use crate::model::exchange::Exchange;
use crate::read::detect::SAMPLE_BYTES;
use crate::read::format::{DocumentError, Options, Parsed, Place, SequenceParser, Sink};
use crate::read::push::entry::{Entry, Found, PushError, Reason};
use crate::read::push::inner::EntryReader;
use crate::read::push::shapes::{Shape, shape_of};
use crate::read::skip::{Ignored, Rejected, Skip};

/// A body's function, as the protocols have it.
pub type Decode = fn(&[u8], &mut Found<'_>) -> Result<usize, PushError>;

/// Lines of the first body that are looked at.
const SAMPLE_ENTRIES: usize = 200;

/// Bodies that stand one a line.
pub struct SavedLines {
    shape: &'static Shape,
    inner: EntryReader,
}

impl SavedLines {
    pub fn new(shape: &'static Shape, options: &Options) -> Self {
        Self {
            shape,
            inner: EntryReader::new(options),
        }
    }
}

impl SequenceParser for SavedLines {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        if !self.shape.is_body(line) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let body = line.as_bytes();
        learn(&mut self.inner, self.shape.decode, body);
        let mut fate = Fate::default();
        let read = (self.shape.decode)(body, &mut |entry| {
            fate.see(self.inner.read(&entry, at, found));
        });
        fate.of_line(self.shape.name, read.is_ok())
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        self.inner.finish(found);
    }
}

/// What a line with many entries came to.
#[derive(Default)]
pub struct Fate {
    records: bool,
    rejected: Option<Rejected>,
    ignored: Option<Ignored>,
}

impl Fate {
    pub fn see(&mut self, parsed: Parsed) {
        match parsed {
            Parsed::Record(_) => self.records = true,
            Parsed::Rejected(reason) => {
                self.rejected.get_or_insert(reason);
            }
            Parsed::Ignored(reason) => {
                self.ignored.get_or_insert(reason);
            }
        }
    }

    /// A record counts most, then what could not be read.
    pub fn of_line(self, name: &'static str, is_whole: bool) -> Parsed {
        match (self.rejected, is_whole) {
            _ if self.records => Parsed::Record(name),
            (Some(reason), _) => Parsed::Rejected(reason),
            (None, false) => Parsed::Rejected(Rejected::BadJson),
            (None, true) => Parsed::Ignored(self.ignored.unwrap_or(Ignored::NotHttp)),
        }
    }
}

/// Looks at the entries of a body, if none were looked at so far.
pub fn learn(inner: &mut EntryReader, decode: Decode, body: &[u8]) {
    if !inner.is_new() {
        return;
    }
    let mut sample: Vec<String> = Vec::new();
    let mut bytes = 0;
    // What is wrong with the body is told when it is read.
    let _ = decode(body, &mut |entry: Entry<'_>| {
        if sample.len() < SAMPLE_ENTRIES && bytes < SAMPLE_BYTES {
            bytes += entry.text.len();
            sample.push(entry.text.into_owned());
        }
    });
    if !sample.is_empty() {
        let lines: Vec<&str> = sample.iter().map(String::as_str).collect();
        inner.learn(&lines);
    }
}

/// Takes the exchanges of a document's entries.
pub type Entries<'s> = dyn FnMut(Result<Exchange<'_>, Skip>) + 's;

/// Reads a file that is one body of any protocol.
pub fn parse_document(body: &[u8], sink: &mut Entries<'_>) -> Result<(), DocumentError> {
    let head = &body[..body.len().min(SAMPLE_BYTES)];
    match shape_of(head) {
        Some(shape) => read_document(shape.decode, body, sink),
        None => Err(broken(Reason::InvalidFormat.at(0))),
    }
}

/// Reads a file that is one body of a protocol.
pub fn read_document(
    decode: Decode,
    body: &[u8],
    sink: &mut Entries<'_>,
) -> Result<(), DocumentError> {
    let mut inner = EntryReader::new(&Options::default());
    learn(&mut inner, decode, body);
    let read = decode(body, &mut |entry| {
        let parsed = inner.read(&entry, Place::default(), &mut |_, exchanges| {
            hand_over(exchanges, sink);
        });
        match parsed {
            Parsed::Record(_) => {}
            Parsed::Ignored(reason) => sink(Err(Skip::Ignored(reason))),
            Parsed::Rejected(reason) => sink(Err(Skip::Rejected(reason))),
        }
    });
    inner.finish(&mut |_, exchanges| hand_over(exchanges, sink));
    read.map(|_| ()).map_err(broken)
}

fn hand_over(exchanges: &mut [Exchange<'_>], sink: &mut Entries<'_>) {
    for exchange in exchanges {
        sink(Ok(std::mem::take(exchange)));
    }
}

/// The place is that of the entry, counted from 1: bodies are seldom read by people line by line.
pub fn broken(error: PushError) -> DocumentError {
    DocumentError {
        line: error.index + 1,
        column: 1,
        what: error.reason.to_string(),
    }
}

/// Whether the first line of a head is a whole JSON value, so that the file is read by lines.
pub fn is_by_lines(head: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', head) else {
        return head.len() < SAMPLE_BYTES;
    };
    let line = String::from_utf8_lossy(&head[..end]);
    let mut values = serde_json::Deserializer::from_str(&line).into_iter::<serde::de::IgnoredAny>();
    !line.trim().is_empty() && values.all(|value| value.is_ok())
}

/// The beginning of a file, as text.
pub fn head_text(head: &[u8]) -> Cow<'_, str> {
    const LOOKED_AT: usize = 4 * 1024;
    String::from_utf8_lossy(&head[..head.len().min(LOOKED_AT)])
}
