//! One source's lines in order, with what stands between them: the sequence's own lines first, then whatever line
//! format the rest turns out to be.

use crate::read::format::{Parsed, Place, SequenceParser, Sink};
use crate::read::reader::{LineReader, is_aside, looks_like_record, trim};
use crate::read::skip::{Ignored, Rejected};

/// Reads the lines of one source, all of them and in order.
pub struct Sequence {
    name: &'static str,
    parser: Box<dyn SequenceParser>,
    /// For lines of another format in the same file.
    others: Option<LineReader>,
    /// The parser knows every line: what it says is the fate.
    settles: bool,
}

impl Sequence {
    pub fn new(
        name: &'static str,
        parser: Box<dyn SequenceParser>,
        others: Option<LineReader>,
    ) -> Self {
        Self {
            name,
            parser,
            others,
            settles: false,
        }
    }

    /// Of a parser that has a reader for all other lines itself.
    pub fn settled(name: &'static str, parser: Box<dyn SequenceParser>) -> Self {
        Self {
            settles: true,
            ..Self::new(name, parser, None)
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Takes the next line, without its line end.
    pub fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let line = trim(line);
        let parsed = self.parser.line(line, at, found);
        if self.settles {
            return parsed;
        }
        let reason = match parsed {
            Parsed::Rejected(reason) => reason,
            Parsed::Record(_) | Parsed::Ignored(_) => return parsed,
        };
        if line.trim().is_empty() {
            return Parsed::Ignored(Ignored::Blank);
        }
        if reason != Rejected::NoFormatMatched {
            return Parsed::Rejected(reason);
        }
        if let Some(others) = &self.others {
            return others.read(line, at, found);
        }
        match is_aside(line) {
            Some(aside) => Parsed::Ignored(aside),
            None if looks_like_record(line) => Parsed::Rejected(reason),
            None => Parsed::Ignored(Ignored::Text),
        }
    }

    /// The source is over.
    pub fn finish(&mut self, found: &mut Sink<'_>) {
        self.parser.finish(found);
    }
}
