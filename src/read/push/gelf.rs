//! GELF 1.1 over HTTP or TCP: JSON objects, one a body, by lines, or ended by NUL bytes.

use crate::read::push::entry::{Found, PushError};
use crate::read::push::record::{Names, entry_of};
use crate::read::push::values::{each_value, text_of};

pub const NAMES: Names = Names {
    line: &["full_message", "short_message"],
    time: &["timestamp"],
    source: &["_file", "_container_name", "facility", "host"],
};

/// Returns how many messages the body has.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    let text = text.replace('\0', "\n");
    each_value(&text, &mut |index, raw| {
        found(entry_of(index, raw, &NAMES)?);
        Ok(())
    })
}
