//! Datadog's log intake: an array of records, or one. `{}` is the agent's probe and has no entry.

use crate::read::push::entry::{Found, PushError};
use crate::read::push::record::{Names, entry_of};
use crate::read::push::values::{each_value, text_of};

const NAMES: Names = Names {
    line: &["message"],
    time: &["timestamp", "date", "@timestamp"],
    source: &["service", "ddsource", "hostname"],
};

/// Returns how many records the body has, the probe's among them.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    each_value(&text, &mut |index, raw| {
        if !is_probe(raw) {
            found(entry_of(index, raw, &NAMES)?);
        }
        Ok(())
    })
}

fn is_probe(raw: &str) -> bool {
    let inner = raw.strip_prefix('{').and_then(|r| r.strip_suffix('}'));
    inner.is_some_and(|inner| inner.trim().is_empty())
}
