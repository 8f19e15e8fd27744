//! Documents (HAR): held whole, walked entry by entry.

use crate::ingest::error::IngestError;
use crate::ingest::resume::Opened;
use crate::ingest::worker::{Rows, SourceContext};
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
    let mut number = 0;
    let result = parse(without_mark(bytes), &mut |entry| {
        number += 1;
        if number <= known {
            return;
        }
        rows.summary.lines += 1;
        match entry {
            Ok(mut exchange) => {
                exchange.line = number;
                exchange.offset = number;
                rows.summary.parsed += 1;
                rows.push_records(format, std::slice::from_mut(&mut exchange));
            }
            Err(Skip::Ignored(reason)) => rows.ignore(reason),
            Err(Skip::Rejected(reason)) => rows.reject(
                "",
                Place {
                    offset: number,
                    line: number,
                },
                reason,
            ),
        }
    });
    (rows, result.err())
}

/// How many entries a beginning of a document has.
pub fn count_entries(parse: DocumentParser, bytes: &[u8]) -> u64 {
    let mut entries = 0;
    // Where it breaks off is no matter here.
    let _ = parse(without_mark(bytes), &mut |_| entries += 1);
    entries
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
