//! Rows whose columns were named once above them: CSV with a head, `#Fields:` of IIS, CloudFront and Zeek.
//!
//! Records do not see each other, but a row without its head is a list of values without names. So the head goes with
//! each row, and each cell is masked by the name of its column; then the row is searched like any other line.

use std::ops::Range;

use memchr::memchr;

use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

const FIELDS: &[u8] = b"#fields";
const NAME_BYTES_MAX: usize = 64;
const COLUMNS_MAX: usize = 256;
const DELIMITERS: &[u8] = b",;\t|";

/// The names of the columns, in their order.
#[derive(Debug, Default)]
pub(crate) struct Table {
    names: Vec<Vec<u8>>,
    /// What stands between two cells; `None` where the row tells, a tab or a blank.
    delimiter: Option<u8>,
}

impl Table {
    /// The head that a line is. One without a mark is the first line of its source.
    pub(crate) fn begun_by(line: &[u8], first: bool) -> Option<Self> {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        let line = line.trim_ascii_end();
        match line.first()? {
            b'#' => Self::marked(line),
            _ if first => Self::plain(line),
            _ => None,
        }
    }

    /// `#Fields: date time c-ip`, `#fields<tab>ts<tab>uid`.
    fn marked(line: &[u8]) -> Option<Self> {
        let mark = line.get(..FIELDS.len())?;
        mark.eq_ignore_ascii_case(FIELDS).then_some(())?;
        let names = line[FIELDS.len()..].split(|b| b": \t".contains(b));
        let names = names.filter(|name| !name.is_empty());
        Some(Self {
            names: names.take(COLUMNS_MAX).map(<[u8]>::to_vec).collect(),
            delimiter: None,
        })
    }

    /// Two names or more and nothing else.
    fn plain(line: &[u8]) -> Option<Self> {
        let delimiter = line.iter().find(|b| DELIMITERS.contains(b)).copied()?;
        let cells = cells(line, delimiter);
        let names: Vec<&[u8]> = cells
            .into_iter()
            .map(|cell| line[cell].trim_ascii())
            .collect();
        let heads = (2..=COLUMNS_MAX).contains(&names.len()) && names.iter().all(|n| is_name(n));
        heads.then(|| Self {
            names: names.into_iter().map(<[u8]>::to_vec).collect(),
            delimiter: Some(delimiter),
        })
    }

    /// The cells of a row; none where it has not one for each column.
    fn cells(&self, row: &[u8]) -> Vec<Range<usize>> {
        let blank = || memchr(b'\t', row).map_or(b' ', |_| b'\t');
        let cells = match row.first() {
            None | Some(b'#') => Vec::new(),
            Some(_) => cells(row, self.delimiter.unwrap_or_else(blank)),
        };
        match cells.len() == self.names.len() {
            true => cells,
            false => Vec::new(),
        }
    }
}

impl Scan {
    /// Masks the cells of a row by the names of their columns; `false` where the text is none.
    pub(crate) fn row(&mut self, table: &Table, text: &[u8]) -> bool {
        let row = text.trim_ascii_end();
        let cells = table.cells(row);
        let is_row = !cells.is_empty();
        for (name, cell) in table.names.iter().zip(cells) {
            let policy = self.policy(Position::Body, name);
            let value = &row[cell.clone()];
            if fits(policy, value) {
                // In a log of blanks a blank is written as a plus.
                let encoding = match (policy, table.delimiter) {
                    (Policy::Cookies, None) => Encoding::Form,
                    _ => Encoding::Plain,
                };
                self.value(policy, encoding, value, cell.start);
            }
        }
        is_row
    }
}

/// Whether a cell may be a value of its column: a number is no user, and a sign stands for nothing.
fn fits(policy: Policy, value: &[u8]) -> bool {
    let digits = value.iter().all(u8::is_ascii_digit);
    match policy {
        _ if value.is_empty() || value == b"-" => false,
        Policy::Mask(kind) if digits => kind
            .number_digits_min()
            .is_some_and(|min| value.len() >= min),
        policy => policy.claims(),
    }
}

/// Letters first, then letters, digits and what joins words.
fn is_name(name: &[u8]) -> bool {
    let holds = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b"_-. ()[]/#".contains(b);
    name.len() <= NAME_BYTES_MAX
        && name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(holds)
}

/// The cells of a line without the quotes around them, in which the delimiter may stand.
fn cells(line: &[u8], delimiter: u8) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let quoted = line.get(at) == Some(&b'"');
        let start = at + usize::from(quoted);
        let end = match quoted {
            true => quote_end(line, start),
            false => start + memchr(delimiter, &line[start..]).unwrap_or(line.len() - start),
        };
        cells.push(start..end);
        at = (end + usize::from(quoted)).min(line.len());
        if line.get(at) != Some(&delimiter) || cells.len() > COLUMNS_MAX {
            return cells;
        }
        at += 1;
    }
}

/// The quote that closes a cell; two of them are one inside.
fn quote_end(line: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(found) = memchr(b'"', &line[at..]) {
        at += found;
        match line.get(at + 1) {
            Some(b'"') => at += 2,
            _ => return at,
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'l>(line: &'l str, table: &Table) -> Vec<&'l str> {
        let cells = table.cells(line.as_bytes()).into_iter();
        cells.map(|cell| &line[cell]).collect()
    }

    #[test]
    fn a_head_names_the_cells_below_it() {
        let table = Table::begun_by(b"id,Full Name,e-mail\r\n", true).expect("a head");
        assert_eq!(
            texts(r#"1,"a, ""b""",c"#, &table),
            ["1", r#"a, ""b"""#, "c"]
        );
        assert_eq!(texts("1,b,", &table), ["1", "b", ""]);
        assert!(texts("1,b", &table).is_empty());
        let fields = Table::begun_by(b"#Fields: date cs(Cookie) c-ip\n", false).expect("a head");
        assert_eq!(
            texts("d a=1;+b=2 1.2.3.4", &fields),
            ["d", "a=1;+b=2", "1.2.3.4"]
        );
        assert_eq!(texts("d\t\"a b\"\t-", &fields), ["d", "a b", "-"]);
        assert!(texts("#Date: x y", &fields).is_empty());
    }

    #[test]
    fn other_lines_are_no_head() {
        for line in [
            "203.0.113.9, -, 11/20/2023, 15:44:03",
            "password",
            "a=1;b=2",
            "{\"a\":1,\"b\":2}",
            "2026-11-22,a,b",
            "#Version: 1.0",
        ] {
            assert!(Table::begun_by(line.as_bytes(), true).is_none(), "{line}");
        }
        assert!(Table::begun_by(b"id,name", false).is_none());
    }
}
