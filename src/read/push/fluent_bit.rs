//! Fluent Bit's http output (and Fluentd's): `json` is an array, `json_lines` has line ends, `json_stream` nothing
//! between its records. Its `gelf` format is read here too; `msgpack` is not.

use crate::read::push::entry::{Found, PushError};
use crate::read::push::gelf;
use crate::read::push::record::{Names, entry_of};
use crate::read::push::values::{each_value, text_of};

const NAMES: Names = Names {
    line: &["log", "message", "MESSAGE"],
    time: &["date", "time", "timestamp", "@timestamp"],
    source: &["tag", "filename", "file", "container_name"],
};

/// Returns how many records the body has.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    each_value(&text, &mut |index, raw| {
        let names = match raw.contains("\"short_message\"") {
            true => &gelf::NAMES,
            false => &NAMES,
        };
        found(entry_of(index, raw, names)?);
        Ok(())
    })
}
