//! What a shipper's body tells of, entry by entry: lines in envelopes, and spans that are exchanges by themselves.

use std::collections::BTreeMap;

use crate::attribute::Context;
use crate::ingest::feed::Makers;
use crate::ingest::plan::Plan;
use crate::ingest::summary::Summary;
use crate::ingest::whole::{Named, Whole};
use crate::ingest::worker::{Done, Rows, SourceContext};
use crate::mask::Masker;
use crate::model::exchange::Exchange;
use crate::model::time::Timestamp;
use crate::read::format::Place;
use crate::read::lines::Block;
use crate::read::push::inner::EntryReader;
use crate::read::push::{Entry, Found, PushError};
use crate::read::skip::Skip;

/// Entries of one source that are looked at to find their format.
const SAMPLE_ENTRIES: usize = 200;

/// What is told and how far the telling went.
pub struct Told {
    pub whole: Whole,
    /// How many entries there were; an error tells of the first that is wrong, those before it are read.
    pub told: Result<usize, PushError>,
    /// What is in it cannot have happened twice: it has ids, or times finer than a second.
    pub unique: bool,
}

/// What all entries of a body share.
pub struct Reading<'r> {
    pub plan: &'r Plan,
    pub named: Named<'r>,
    pub makers: &'r Makers,
    /// One for all that a body holds.
    pub masker: &'r Masker,
    pub now: Timestamp,
}

/// Reads the entries that `decode` hands over. Each sender's file or stream is a source with a format of its own.
pub fn read_entries(
    reading: &Reading<'_>,
    decode: impl FnOnce(&mut Found<'_>) -> Result<usize, PushError>,
) -> Told {
    let mut by_source: BTreeMap<String, Vec<Entry<'static>>> = BTreeMap::new();
    let (mut dated, mut finely) = (true, false);
    let told = decode(&mut |entry| {
        dated &= entry.ts.is_some();
        finely |= entry.ts.is_some_and(|ts| ts.micros() % 1_000_000 != 0);
        let source = entry.source.as_deref().unwrap_or(reading.named.name);
        by_source.entry(source.to_owned()).or_default().push(Entry {
            index: entry.index,
            text: entry.text.into_owned().into(),
            ts: entry.ts,
            source: None,
        });
    });
    let mut whole = Whole {
        summary: Summary::new(),
        ..Whole::default()
    };
    for (name, entries) in by_source {
        // What the sender of the request says stands above what its entries say.
        let name = reading.plan.source_name.as_deref().unwrap_or(&name);
        let context = reading.context(name);
        whole.add(read_source(reading, &context, &entries));
    }
    Told {
        whole,
        told,
        unique: dated && finely,
    }
}

fn read_source<'s>(
    reading: &Reading<'_>,
    context: &'s SourceContext<'s>,
    entries: &[Entry<'_>],
) -> Done {
    let mut rows = Rows::new(context);
    let mut reader = EntryReader::new(&reading.plan.options);
    let sample = entries.iter().take(SAMPLE_ENTRIES);
    reader.learn(&sample.map(|entry| &*entry.text).collect::<Vec<_>>());
    for entry in entries {
        let at = Place {
            offset: 0,
            line: entry.index as u64 + 1,
        };
        rows.summary.lines += 1;
        rows.summary.bytes += entry.text.len() as u64;
        let parsed = reader.read(entry, at, &mut |format, attempts| {
            rows.push_records(format, attempts);
        });
        rows.settle(parsed, &entry.text, at);
    }
    reader.finish(&mut |format, attempts| rows.push_records(format, attempts));
    rows.done(&Block::default(), false)
}

/// Reads exchanges that `walk` hands over one by one, each with an id.
pub fn read_exchanges(
    reading: &Reading<'_>,
    format: &'static str,
    walk: impl FnOnce(&mut dyn FnMut(Result<Exchange<'_>, Skip>)) -> Result<usize, PushError>,
) -> Told {
    let context = reading.context(reading.named.name);
    let mut rows = Rows::new(&context);
    let mut number = 0;
    let told = walk(&mut |found| {
        number += 1;
        rows.summary.lines += 1;
        match found {
            Ok(mut exchange) => {
                exchange.line = number;
                exchange.offset = number;
                rows.summary.parsed += 1;
                rows.push_records(format, std::slice::from_mut(&mut exchange));
            }
            Err(Skip::Ignored(reason)) => rows.ignore(reason),
            Err(Skip::Rejected(reason)) => {
                let at = Place {
                    offset: number,
                    line: number,
                };
                rows.reject("", at, reason);
            }
        }
    });
    let mut whole = Whole {
        summary: Summary::new(),
        ..Whole::default()
    };
    whole.add(rows.done(&Block::default(), false));
    Told {
        whole,
        told,
        unique: true,
    }
}

impl Reading<'_> {
    fn context<'s>(&'s self, name: &'s str) -> SourceContext<'s> {
        SourceContext {
            attributor: &self.makers.attributor,
            masker: self.masker,
            name,
            id: self.named.id,
            context: Context {
                source: name,
                integration: self.plan.integration.as_deref(),
                direction: self.plan.direction,
            },
            ingested_at: self.now,
            keep_ok_one_in: self.makers.keep_ok_one_in,
            keep_rejects: true,
        }
    }
}
