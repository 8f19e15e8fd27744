//! What the rows of a table have in common at their ends: by it a row that was cut off can be told from a whole one.

use std::collections::VecDeque;

use crate::read::format::Parsed;

/// Rows that are compared with; fewer say nothing.
const ROWS: usize = 16;
const ROWS_MIN: usize = 3;

const SEPARATORS: [u8; 5] = [b',', b'\t', b';', b'|', b' '];

/// The last rows, as long as every line is one.
#[derive(Default)]
pub struct Usual {
    ends: VecDeque<End>,
}

/// How a row ends.
#[derive(Clone, Copy)]
struct End {
    separator: Option<u8>,
    /// How often the separator stands in the row.
    cells: usize,
    /// Bytes behind the last one.
    last: usize,
}

impl Usual {
    /// Takes the next whole line.
    pub fn see(&mut self, line: &str, parsed: Parsed) {
        if !matches!(parsed, Parsed::Record(_)) {
            self.ends.clear();
            return;
        }
        if self.ends.len() == ROWS {
            self.ends.pop_front();
        }
        self.ends.push_back(End::of(line));
    }

    /// Whether a line has fewer cells than any row before, or less in the last of them.
    pub fn is_cut(&self, line: &str) -> bool {
        let found = End::of(line);
        let less = |usual: &End| match usual.separator {
            separator if separator == found.separator => {
                (found.cells, found.last) < (usual.cells, usual.last)
            }
            _ => found.cells < usual.cells,
        };
        self.ends.len() >= ROWS_MIN && self.ends.iter().all(less)
    }
}

impl End {
    fn of(line: &str) -> Self {
        let bytes = line.trim_end_matches(['\r', '\n']).as_bytes();
        let at = bytes.iter().rposition(|byte| SEPARATORS.contains(byte));
        let separator = at.map(|at| bytes[at]);
        Self {
            separator,
            cells: separator.map_or(0, |byte| memchr::memchr_iter(byte, bytes).count()),
            last: bytes.len() - at.map_or(0, |at| at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_less_at_its_end_is_cut() {
        let mut usual = Usual::default();
        assert!(!usual.is_cut(""), "nothing to compare with");
        for row in ["a,b,123", "a,b,4567\r", "a,c,891"] {
            usual.see(row, Parsed::Record("csv"));
        }
        for cut in ["a", "a,b", "a,b,", "a,b,12"] {
            assert!(usual.is_cut(cut), "{cut}");
        }
        for whole in ["a,b,123", "a,b,9999", "a,b,123\r"] {
            assert!(!usual.is_cut(whole), "{whole}");
        }
    }
}
