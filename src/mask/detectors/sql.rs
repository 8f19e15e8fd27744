//! Values in SQL that no `=` joins to their names: `PASSWORD 'x'`, `INSERT INTO t (a, password) VALUES (1, 'x')`.

use memchr::{memchr, memmem};

use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::detectors::card;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

pub(crate) const SQL: Detector = Detector {
    name: "password",
    hints: &[" into "],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        (
            "INSERT INTO users (first_name, password) VALUES ('Aisha', 'hunter2hunter')",
            "hunter2",
        ),
        (
            "insert into users(id,password) values(1,'hunter2hunter'),(2,'hunter3hunter')",
            "hunter3",
        ),
        (
            "INSERT INTO `u` (`a`, `password`) VALUES (now(), 'it''s hunter2')",
            "hunter2",
        ),
    ],
    misses: &[
        "INSERT INTO t VALUES (1, 'password')",
        "INSERT INTO t (id, note) VALUES (1, 'password')",
        "insert into (",
    ],
};

const COLUMNS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 2048;

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let text = place.text;
    let head = &text[place.end..text.len().min(place.end + HEAD_BYTES_MAX)];
    let open = memchr(b'(', head)?;
    let close = open + memchr(b')', &head[open..])?;
    let columns: Vec<Policy> = head[open + 1..close]
        .split(|b| *b == b',')
        .take(COLUMNS_MAX)
        .map(|column| scan.column(column))
        .collect();
    columns.iter().any(|policy| policy.claims()).then_some(())?;
    let values = head[close..].to_ascii_lowercase();
    let at = place.end + close + memmem::find(&values, b"values")? + b"values".len();
    Some(rows(scan, &columns, text, at, base))
}

impl Scan {
    fn column(&mut self, written: &[u8]) -> Policy {
        let sign = |b: &u8| !b"`\"[]\\ \n\t".contains(b);
        let name: Vec<u8> = written.iter().copied().filter(sign).collect();
        self.policy(Position::Body, &name)
    }
}

/// `(1, 'a'), (2, 'b')`: every text by the policy of its column; returns where the rows end.
fn rows(scan: &mut Scan, columns: &[Policy], text: &[u8], from: usize, base: usize) -> usize {
    let (mut at, mut depth, mut order) = (from, 0, 0);
    while let Some(b) = text.get(at) {
        match b {
            b'(' => {
                depth += 1;
                order = if depth == 1 { 0 } else { order };
            }
            b')' => depth -= 1,
            b',' if depth == 1 => order += 1,
            b'\'' => {
                let end = literal_end(text, at + 1);
                let policy = columns.get(order).copied().unwrap_or(Policy::Scan);
                scan.apply(policy, &text[at + 1..end], base + at + 1);
                at = end;
            }
            b'0'..=b'9' => {
                let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
                if card::is_card(&text[at..at + digits]) {
                    let end = at + digits;
                    scan.mask(Kind::Card, &text[at..end], base + at, base + end);
                }
                at += digits - 1;
            }
            b',' => {}
            b if depth == 0 && !b.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
        if depth < 0 {
            return at;
        }
    }
    at.min(text.len())
}

/// The end of a literal; a quote inside is doubled or escaped.
fn literal_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(b) = text.get(at) {
        match b {
            b'\'' if text.get(at + 1) == Some(&b'\'') => at += 1,
            b'\'' => return at,
            b'\\' => at += 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}
