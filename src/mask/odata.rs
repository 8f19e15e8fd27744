//! Conditions of OData queries: `startswith(firstName,'Aisha') and lastName eq 'Okonkwo'`.

use memchr::memchr;

use crate::mask::decode::Encoding;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// Operators that compare a field with a value, the sign between the arguments of a function among them.
const OPERATORS: &[&[u8]] = &[
    b",", b", ", b" eq ", b" ne ", b" gt ", b" ge ", b" lt ", b" le ",
];
/// Names of fields are no longer than this.
const FIELD_BYTES_MAX: usize = 64;

impl Scan {
    /// The value of `$filter` in a query; returns where it ends.
    pub(crate) fn odata_filter(&mut self, text: &[u8], base: usize, start: usize) -> usize {
        let ends = |b: &u8| b"& \"<>\t\r\n\\".contains(b) || *b == 0xE2;
        let rest = &text[start..];
        let end = start + rest.iter().position(ends).unwrap_or(rest.len());
        let written = &text[start..end];
        // A level deeper also without an escape: what stands between literals may hold a condition again.
        self.deeper(|scan| scan.encoded(Encoding::Form, written, base + start, Self::odata));
        end
    }

    /// Every quoted value by the name of its field; what stands between is searched as any text.
    fn odata(&mut self, text: &[u8], base: usize) {
        let (mut at, mut done) = (0, 0);
        while let Some(open) = memchr(b'\'', &text[at..]).map(|found| at + found) {
            let close = closing(text, open + 1);
            if let Some(field) = field(&text[done..open]) {
                let policy = self.policy(Position::Query, field);
                if policy.claims() {
                    self.text(&text[done..open], base + done, 0);
                    self.apply(policy, &text[open + 1..close], base + open + 1);
                    done = close;
                }
            }
            at = (close + 1).min(text.len());
        }
        self.text(&text[done..], base + done, 0);
    }
}

/// The name in front of an operator.
fn field(head: &[u8]) -> Option<&[u8]> {
    let named = OPERATORS.iter().find_map(|sign| head.strip_suffix(*sign))?;
    let in_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_/".contains(*b);
    let length = named.iter().rev().take(FIELD_BYTES_MAX);
    let length = length.take_while(in_name).count();
    let name = &named[named.len() - length..];
    name.rsplit(|b| *b == b'/').next().filter(|n| !n.is_empty())
}

/// The end of a literal; a quote inside is doubled.
fn closing(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(quote) = memchr(b'\'', &text[at..]).map(|found| at + found) {
        if text.get(quote + 1) != Some(&b'\'') {
            return quote;
        }
        at = quote + 2;
    }
    text.len()
}
