//! Lists of a HAR whose values stand there as they were sent: a query's and a form's with their escapes, where an
//! exporter does not undo them, and cookies. The same value then has the same stand-in as in the address or header.

use memchr::memchr;

use crate::mask::scan::Scan;

/// How the values of a list were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Plain,
    /// With percent signs for what an address cannot hold.
    Percent,
    Cookie,
}

impl Sent {
    /// By the name of the list.
    pub(crate) fn under(key: &[u8]) -> Self {
        match key {
            b"queryString" | b"params" => Self::Percent,
            b"cookies" => Self::Cookie,
            _ => Self::Plain,
        }
    }
}

impl Scan {
    /// A cookie whose name and value stand apart, by the rules of one in a header.
    pub(crate) fn cookie_of(&mut self, name: &[u8], value: &[u8], base: usize) {
        let end = memchr(b';', value).unwrap_or(value.len());
        self.cookie_value(name, &value[..end], base);
        if end < value.len() {
            self.cookies(&value[end + 1..], base + end + 1);
        }
    }
}
