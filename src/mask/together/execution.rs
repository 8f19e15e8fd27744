//! The lines of one execution: log lines that carry the same id in brackets, as API Gateway writes them.

use std::ops::Range;

use crate::mask::together::document::{Document, Step};
use crate::mask::together::record::begins_record;
use crate::mask::uuid::{UUID_BYTES, is_uuid};

/// More lines than this are no single request.
const LINES_MAX: usize = 2_000;
/// A time or a log group may stand before the id.
const LEAD_BYTES_MAX: usize = 96;

pub(crate) struct Execution {
    id: Vec<u8>,
    lines: usize,
    document: Option<Document>,
}

impl Execution {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let id = id(line)?;
        Some(Self {
            id: line[id].to_vec(),
            lines: 0,
            document: None,
        })
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        match self.document.as_mut().map(|document| document.take(line)) {
            Some(Step::On) => return Step::On,
            Some(Step::Ends) => {
                self.document = None;
                return Step::On;
            }
            Some(Step::Apart) | None => self.document = None,
        }
        let same = match id(line) {
            Some(id) => line[id] == *self.id,
            // A body goes on over lines of its own.
            None => !begins_record(line),
        };
        if !same || self.lines > LINES_MAX {
            return Step::Apart;
        }
        self.document = Document::begun_by(line);
        Step::On
    }
}

/// Where `(6d2a95db-7eef-46c4-84d0-3d704d8721cd) ` stands in the head of a line.
fn id(line: &[u8]) -> Option<Range<usize>> {
    let head = &line[..line.len().min(LEAD_BYTES_MAX)];
    let open = memchr::memchr(b'(', head)? + 1;
    let id = line.get(open..open + UUID_BYTES)?;
    (is_uuid(id) && line[open + UUID_BYTES..].starts_with(b") ")).then_some(open..open + UUID_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_one_id_belong_together() {
        let (one, other) = (
            "(6d2a95db-7eef-46c4-84d0-3d704d8721cd)",
            "(6d2a95db-7eef-46c4-84d0-3d704d8721ce)",
        );
        let first = format!("{one} Method request headers: {{Cookie=a}}");
        let mut execution = Execution::begun_by(first.as_bytes()).expect("begins");
        assert_eq!(execution.take(b"a body"), Step::On);
        assert_eq!(execution.take(format!("{one} x").as_bytes()), Step::On);
        assert_eq!(execution.take(format!("{other} x").as_bytes()), Step::Apart);
        assert_eq!(execution.take(b"2026-11-22 03:51:45 INFO x"), Step::Apart);
        for line in [
            "(x) y",
            "(6d2a95db-7eef-46c4-84d0-3d704d8721cd",
            "f(a) b",
            "",
        ] {
            assert!(Execution::begun_by(line.as_bytes()).is_none(), "{line}");
        }
    }
}
