//! Documents (HAR): held whole, walked entry by entry.

use crate::ingest::error::IngestError;
use crate::ingest::resume::Opened;
use crate::ingest::worker::{Rows, SourceContext};
use crate::model::exchange::Exchange;
use crate::read::format::{DocumentError, DocumentParser, Place, without_mark};
use crate::read::lines::{Block, DOCUMENT_BYTES_MAX};
use crate::read::skip::Skip;

/// The entries behind the first `known` ones.
pub fn walk_document<'s>(
    parse: DocumentParser,
    format: &'static str,
    bytes: &[u8],
    known: u64,
    source: &'s SourceContext<'s>,
) -> (Rows<'s>, Option<DocumentError>) {
    let mut rows = Rows::new(source);
    let mut number = 1;
    let result = parse(without_mark(bytes), &mut |entry| {
        let at = Place {
            offset: number,
            line: number,
        };
        let ends = ends_record(&entry);
        number += u64::from(ends);
        if at.line <= known {
            return;
        }
        rows.summary.lines += u64::from(ends);
        match entry {
            Ok(mut exchange) => {
                exchange.line = at.line;
                exchange.offset = at.offset;
                rows.summary.parsed += u64::from(ends);
                rows.push_records(format, std::slice::from_mut(&mut exchange));
            }
            Err(Skip::Ignored(reason)) => rows.ignore(reason),
            Err(Skip::Rejected(reason)) => rows.reject("", at, reason),
        }
    });
    (rows, result.err())
}

/// How many entries a beginning of a document has.
pub fn count_entries(parse: DocumentParser, bytes: &[u8]) -> u64 {
    let mut entries = 0;
    // Where it breaks off is no matter here.
    let _ = parse(without_mark(bytes), &mut |entry| {
        entries += u64::from(ends_record(&entry));
    });
    entries
}

/// The tries of one record come one by one, the last of them final.
fn ends_record(entry: &Result<Exchange<'_>, Skip>) -> bool {
    entry.as_ref().map_or(true, |exchange| exchange.is_final)
}

pub fn read_whole(opened: &mut Opened, name: &str) -> Result<Block, IngestError> {
    let unreadable = |what: String| IngestError::Unreadable {
        path: name.into(),
        what,
    };
    let read = opened.blocks.rest(DOCUMENT_BYTES_MAX);
    let whole = read.map_err(|e| unreadable(format!("cannot be read: {e}")))?;
    whole.ok_or_else(|| {
        unreadable(format!(
            "is one document of more than {} MB; split it",
            DOCUMENT_BYTES_MAX >> 20
        ))
    })
}
