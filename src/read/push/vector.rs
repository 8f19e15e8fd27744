//! Vector's http sink: JSON by lines or as an array; with the text codec, plain lines.

use crate::read::push::entry::{Found, PushError};
use crate::read::push::hec::decode_raw;
use crate::read::push::record::{Names, entry_of};
use crate::read::push::values::{each_value, text_of};

const NAMES: Names = Names {
    line: &["message"],
    time: &["timestamp", "@timestamp"],
    source: &["file", "container_name", "source", "host"],
};

/// Returns how many events the body has.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    if !text.trim_start().starts_with(['{', '[']) {
        return decode_raw(body, found);
    }
    each_value(&text, &mut |index, raw| {
        found(entry_of(index, raw, &NAMES)?);
        Ok(())
    })
}
