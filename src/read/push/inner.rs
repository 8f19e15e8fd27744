//! The line formats inside an envelope: found by looking at its lines, and looked for again when a line comes that none
//! of them reads, because one sender ships many files.

use crate::model::exchange::Exchange;
use crate::read::choose::{Chosen, choose};
use crate::read::format::{Options, Parsed, Place, Sink};
use crate::read::push::entry::Entry;
use crate::read::reader::{LineReader, clean};
use crate::read::sequence::Sequence;
use crate::read::skip::{Ignored, Rejected};
use crate::read::trial::inner_readings;

/// Formats kept for one sender; each one is tried on a line that those before it cannot read.
const READERS_MAX: usize = 8;

/// A look costs as much as many hundred lines, so that lines which nobody reads must not have one each.
const LOOKS_MAX: usize = 24;

/// Reads the texts of entries. What it has learned depends on the entries alone.
pub struct EntryReader {
    options: Options,
    readers: Vec<Inner>,
    looks_left: usize,
}

enum Inner {
    Lines(Box<LineReader>),
    Ordered(Box<Sequence>),
}

impl EntryReader {
    pub fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            readers: Vec::new(),
            looks_left: LOOKS_MAX,
        }
    }

    /// Nothing was looked at so far.
    pub fn is_new(&self) -> bool {
        self.looks_left == LOOKS_MAX
    }

    /// Looks at a sample of lines; the more, the surer. Says whether they are of a format not yet known.
    pub fn learn(&mut self, lines: &[&str]) -> bool {
        if self.looks_left == 0 || self.readers.len() >= READERS_MAX {
            return false;
        }
        self.looks_left -= 1;
        let lines: Vec<&str> = lines.iter().map(|line| clean(line)).collect();
        let learned = match choose(&lines, &inner_readings(), &self.options).chosen {
            Some(Chosen::Lines(reader)) => Inner::Lines(Box::new(reader)),
            Some(Chosen::Sequence(sequence)) => Inner::Ordered(Box::new(sequence)),
            None => return false,
        };
        self.readers.push(learned);
        true
    }

    /// Hands over the exchanges of one entry. `at` is where its envelope stands; the entry's own offset is that many
    /// bytes behind as there are entries before it, so that no two entries share one. An exchange without a time gets
    /// the envelope's.
    pub fn read(&mut self, entry: &Entry<'_>, at: Place, found: &mut Sink<'_>) -> Parsed {
        let at = Place {
            offset: at.offset.saturating_add(entry.index as u64),
            ..at
        };
        let mut dated = |format: &'static str, exchanges: &mut [Exchange<'_>]| {
            for exchange in exchanges.iter_mut() {
                exchange.ts = exchange.ts.or(entry.ts);
            }
            found(format, exchanges);
        };
        let parsed = self.read_known(&entry.text, at, &mut dated);
        if is_settled(parsed) || !self.learn(&[&entry.text]) {
            return parsed;
        }
        match self.readers.last_mut() {
            Some(reader) => reader.read(&entry.text, at, &mut dated),
            None => parsed,
        }
    }

    /// What is still open in formats that tell one exchange over several lines.
    pub fn finish(&mut self, found: &mut Sink<'_>) {
        for reader in &mut self.readers {
            if let Inner::Ordered(sequence) = reader {
                sequence.finish(found);
            }
        }
    }

    fn read_known(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let mut first = None;
        for reader in &mut self.readers {
            let parsed = reader.read(text, at, found);
            if is_settled(parsed) {
                return parsed;
            }
            first.get_or_insert(parsed);
        }
        first.unwrap_or(Parsed::Rejected(Rejected::NoFormatMatched))
    }
}

impl Inner {
    fn read(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        match self {
            Self::Lines(reader) => reader.read(text, at, found),
            Self::Ordered(sequence) => sequence.line(text, at, found),
        }
    }
}

/// Free text of one format may be a record of another.
fn is_settled(parsed: Parsed) -> bool {
    !matches!(parsed, Parsed::Rejected(_) | Parsed::Ignored(Ignored::Text))
}
