//! Rejected lines that are fed again: each as the line of the source that it came from, in the format that they have.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::ingest::error::IngestError;
use crate::ingest::identity::{lengths, source_id};
use crate::ingest::plan::FormatChoice;
use crate::ingest::worker::{ReadLine, Rows, SourceContext};
use crate::read::detect::Detected;
use crate::read::format::{Options, Parsed, Place, Sink};
use crate::read::lines::{Block, text_of};
use crate::read::reader::trim;
use crate::read::sequence::Sequence;
use crate::read::skip::Rejected;

/// A line as `RejectFile` writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    source: String,
    /// Files of earlier versions have none.
    source_id: Option<String>,
    line: u64,
    offset: u64,
    #[serde(rename = "reason")]
    _reason: IgnoredAny,
    text: String,
}

/// The rejected lines of one source, by their numbers; a line that was rejected by several runs counts once.
pub struct Group {
    pub name: String,
    pub id: String,
    lines: BTreeMap<u64, (u64, String)>,
}

/// Whether a file that begins so was written as a reject file.
pub fn is_reject_file(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next();
    first.is_some_and(|line| serde_json::from_slice::<Line>(line).is_ok())
}

/// Sorts the lines by source; with them the places of those that are no rejected lines.
pub fn group(block: &Block) -> (Vec<Group>, Vec<Place>) {
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    let mut strange = Vec::new();
    for (offset, line, bytes) in block.lines() {
        if trim(&text_of(bytes)).is_empty() {
            continue;
        }
        let Ok(found) = serde_json::from_slice::<Line>(bytes) else {
            strange.push(Place { offset, line });
            continue;
        };
        let by_name = || {
            let name = found.source.as_bytes();
            source_id(name, lengths(name)[0], 0)
        };
        let id = found.source_id.unwrap_or_else(by_name);
        let group = groups
            .entry((found.source.clone(), id.clone()))
            .or_insert_with(|| Group {
                name: found.source,
                id,
                lines: BTreeMap::new(),
            });
        group.lines.insert(found.line, (found.offset, found.text));
    }
    (groups.into_values().collect(), strange)
}

impl Group {
    /// Reads the lines; those that cannot be read this time are rejected again.
    pub fn read<'s>(
        &self,
        format: &FormatChoice,
        options: &Options,
        source: &'s SourceContext<'s>,
    ) -> Result<Rows<'s>, IngestError> {
        let texts: Vec<&str> = self.lines.values().map(|(_, text)| text.as_str()).collect();
        let mut rows = Rows::new(source);
        match format.detect((texts.join("\n") + "\n").as_bytes(), options)? {
            Detected::Lines { reader, .. } => self.read_lines(&mut rows, &mut |text, at, found| {
                (&mut &reader).line(text, at, found)
            }),
            Detected::Sequence { mut sequence, .. } => {
                self.read_lines(&mut rows, &mut |text, at, found| {
                    sequence.line(text, at, found)
                });
                finish(sequence, &mut rows);
            }
            Detected::Document { .. } | Detected::Unknown { .. } => {
                self.read_lines(&mut rows, &mut |_, _, _| {
                    Parsed::Rejected(Rejected::NoFormatMatched)
                });
            }
        }
        Ok(rows)
    }

    fn read_lines(
        &self,
        rows: &mut Rows<'_>,
        read: &mut dyn FnMut(&str, Place, &mut Sink<'_>) -> Parsed,
    ) {
        for (line, (offset, text)) in &self.lines {
            let at = Place {
                offset: *offset,
                line: *line,
            };
            rows.summary.lines += 1;
            let parsed = read(text, at, &mut |format, attempts| {
                rows.push_records(format, attempts);
            });
            rows.settle(parsed, text, at);
        }
    }
}

fn finish(mut sequence: Sequence, rows: &mut Rows<'_>) {
    sequence.finish(&mut |format, attempts| rows.push_records(format, attempts));
}
