//! One block of lines to masked rows: parse, attribute, mask. Pure work, done by several threads at once.

use crate::attribute::{Attributor, Context};
use crate::ingest::lane::Lane;
use crate::ingest::rejects::Reject;
use crate::ingest::summary::Summary;
use crate::ingest::tally::Tally;
use crate::mask::{Batch, Masked, Masker, Row};
use crate::model::exchange::{Exchange, Outcome};
use crate::model::plain::Plain;
use crate::model::time::Timestamp;
use crate::read::format::{Parsed, Place, Sink};
use crate::read::lines::{Block, text_of};
use crate::read::reader::LineReader;
use crate::read::skip::{Ignored, Rejected};

/// What all blocks of one source share.
#[derive(Clone, Copy)]
pub struct SourceContext<'s> {
    pub attributor: &'s Attributor,
    pub masker: &'s Masker,
    pub name: &'s str,
    pub id: &'s str,
    pub context: Context<'s>,
    pub ingested_at: Timestamp,
    pub keep_ok_one_in: u32,
    /// Whether rejected lines are wanted, masked.
    pub keep_rejects: bool,
}

impl<'s> SourceContext<'s> {
    /// The same with another masker.
    pub fn under<'u>(&self, masker: &'u Masker) -> SourceContext<'u>
    where
        's: 'u,
    {
        SourceContext { masker, ..*self }
    }

    /// What belongs to the row of an exchange that stood at `offset`.
    pub fn row(&self, is_fine: bool, offset: u64) -> Row<'_> {
        Row {
            source: self.name,
            source_id: self.id,
            ingested_at: self.ingested_at,
            keep_content: !is_fine || is_kept(offset, self.keep_ok_one_in),
        }
    }
}

/// What came of one block.
pub struct Done {
    pub masked: Masked,
    pub summary: Summary,
    pub rejects: Vec<Reject>,
    /// Offset behind the last byte that was used.
    pub end: u64,
    pub check: u64,
    /// The last line was cut off and not used: the source may still grow there.
    pub held_back: bool,
}

/// Rows under construction and the counts beside them.
pub struct Rows<'s> {
    source: &'s SourceContext<'s>,
    batch: Batch<'s>,
    /// The line of the last record, and how many records it has so far.
    place: (u64, u32),
    tally: Tally,
    pub summary: Summary,
    pub rejects: Vec<Reject>,
}

impl<'s> Rows<'s> {
    pub fn new(source: &'s SourceContext<'s>) -> Self {
        Self {
            source,
            batch: source.masker.batch(),
            place: (0, 0),
            tally: Tally::default(),
            summary: Summary::new(),
            rejects: Vec::new(),
        }
    }

    /// What came of `block`.
    pub fn done(self, block: &Block, held_back: bool) -> Done {
        let masked = self.batch.finish();
        let mut summary = self.summary;
        self.tally.add_to(&mut summary);
        summary.masked.merge(masked.counts());
        Done {
            masked,
            summary,
            rejects: self.rejects,
            end: block.end(),
            check: block.check,
            held_back,
        }
    }

    /// Takes the attempts of one record or several; each record's last one is final.
    pub fn push_records(&mut self, format: &'static str, attempts: &mut [Exchange<'_>]) {
        self.summary.attempts += attempts.len() as u64;
        let mut records = 0;
        for exchange in attempts {
            if exchange.line != self.place.0 {
                self.place = (exchange.line, 0);
            }
            exchange.record = self.place.1;
            if exchange.is_final {
                self.place.1 += 1;
                records += 1;
                self.count_status(exchange);
            }
            self.source
                .attributor
                .attribute(exchange, &self.source.context);
            self.push(exchange);
        }
        self.summary.records += records;
        self.tally.count_format(format, records);
    }

    /// Takes the one attempt of a plain record. `false` when it has to be read as a whole; then nothing is taken.
    fn push_plain(
        &mut self,
        format: &'static str,
        plain: &Plain<'_>,
        at: Place,
        lane: &mut Lane,
    ) -> bool {
        if !lane.push(plain, at, self.source, &mut self.batch) {
            return false;
        }
        self.place = (at.line, 1);
        self.summary.attempts += 1;
        self.summary.records += 1;
        self.tally.count_format(format, 1);
        self.tally.count_status(Some(plain.status));
        self.summary.see_time(Some(plain.ts));
        true
    }

    fn count_status(&mut self, last: &Exchange<'_>) {
        self.tally.count_status(last.edge_status.or(last.status));
        self.summary.see_time(last.ts);
    }

    /// Counts the fate of a line.
    pub fn settle(&mut self, parsed: Parsed, text: &str, at: Place) {
        match parsed {
            Parsed::Record(_) => self.summary.parsed += 1,
            Parsed::Ignored(reason) => self.ignore(reason),
            Parsed::Rejected(reason) => self.reject(text, at, reason),
        }
    }

    fn push(&mut self, exchange: &Exchange<'_>) {
        let ok = matches!(exchange.outcome, Outcome::Ok | Outcome::Redirect);
        let row = self.source.row(ok, exchange.offset);
        self.batch.push(exchange, &row);
    }

    pub fn ignore(&mut self, reason: Ignored) {
        self.summary.ignored += 1;
        *self.summary.ignored_by.entry(reason).or_default() += 1;
    }

    pub fn reject(&mut self, text: &str, at: Place, reason: Rejected) {
        let Place { offset, line } = at;
        self.summary
            .count_reject(self.source.name, line, offset, reason);
        if self.source.keep_rejects {
            let text = self.source.masker.text(text, &mut self.summary.masked);
            self.rejects.push(Reject {
                source: self.source.name.to_owned(),
                source_id: self.source.id.to_owned(),
                line,
                offset,
                reason,
                text,
            });
        }
    }
}

/// Chosen by place and not by chance, so that reading again keeps the same ones.
fn is_kept(offset: u64, one_in: u32) -> bool {
    let mixed = offset.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    one_in > 0 && mixed.is_multiple_of(u64::from(one_in))
}

/// A block on its way to a worker.
pub struct Task {
    pub block: Block,
    /// The first line is the rest of one that an earlier run took as it was.
    pub continued: bool,
    /// The source broke off here, so the last line is certainly not whole.
    pub cut: bool,
    /// No block, but the end of the source.
    pub ends: bool,
}

impl Task {
    pub fn end(block: Block) -> Self {
        Self {
            block,
            continued: false,
            cut: false,
            ends: true,
        }
    }
}

/// Reads a line and hands over its exchanges.
pub trait ReadLine {
    fn line(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed;

    /// The usual line, read faster; `None` leaves it to `line`.
    fn plain<'t>(&self, _text: &'t str) -> Option<(&'static str, Plain<'t>)> {
        None
    }

    /// Whether what stands in a last line without end was used, so that it must not be read again.
    fn used(&self, parsed: Parsed) -> bool;
}

impl ReadLine for &LineReader {
    fn line(&mut self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        self.read(text, at, found)
    }

    fn plain<'t>(&self, text: &'t str) -> Option<(&'static str, Plain<'t>)> {
        LineReader::plain(self, text)
    }

    fn used(&self, parsed: Parsed) -> bool {
        matches!(parsed, Parsed::Record(_))
    }
}

/// Lines of access logs are mostly as long or longer.
const LINE_BYTES_USUAL: usize = 128;

/// Reads every line of a block. The last line of a source may lack its end: what can be read as a record is taken
/// (closed files often end so), anything else is left where it is, because the source may still grow there.
pub fn work(
    task: &Task,
    reader: &mut dyn ReadLine,
    mut lane: Option<&mut Lane>,
    source: &SourceContext<'_>,
) -> Done {
    let Task {
        block, continued, ..
    } = task;
    let mut rows = Rows::new(source);
    rows.batch.reserve(block.bytes.len() / LINE_BYTES_USUAL);
    let mut held_back = false;
    rows.summary.bytes = block.bytes.len() as u64 + block.dropped;
    let mut lines = block.lines().peekable();
    if *continued && lines.next().is_some() {
        rows.summary.lines += 1;
        rows.ignore(Ignored::Continued);
    }
    while let Some((offset, line, bytes)) = lines.next() {
        rows.summary.lines += 1;
        let at = Place { offset, line };
        let text = text_of(bytes);
        let last = lines.peek().is_none();
        let open = last && block.unterminated && block.dropped == 0;
        if open && task.cut {
            held_back = true;
            rows.reject(&text, at, Rejected::BadArchive);
            continue;
        }
        if let Some(lane) = lane.as_deref_mut()
            && let Some((format, plain)) = reader.plain(&text)
            && rows.push_plain(format, &plain, at, lane)
        {
            rows.summary.parsed += 1;
            held_back = false;
            continue;
        }
        let parsed = reader.line(&text, at, &mut |format, attempts| {
            rows.push_records(format, attempts);
        });
        held_back = open && !reader.used(parsed);
        let parsed = match parsed {
            Parsed::Rejected(_) if held_back => Parsed::Rejected(Rejected::Truncated),
            // What was lost with the tail may have been the record.
            Parsed::Rejected(_) | Parsed::Ignored(Ignored::Text) if last && block.dropped > 0 => {
                Parsed::Rejected(Rejected::TooLong)
            }
            parsed => parsed,
        };
        rows.settle(parsed, &text, at);
    }
    rows.done(block, held_back)
}
