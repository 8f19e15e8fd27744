//! Splunk's HTTP Event Collector: `/services/collector/event` (JSON objects one after another, never an array) and
//! `/services/collector/raw` (lines).
//!
//! Splunk keeps the events before a bad one and answers with that one's number, which is [`PushError::index`].

use std::borrow::Cow;

use crate::read::engine::json::Json;
use crate::read::push::entry::{ENTRIES_MAX, Entry, Found, PushError, Reason};
use crate::read::push::record::{Names, entry_of, parse, source_of, time_of};
use crate::read::push::values::{each_object, text_of};

/// An event that is an object may hold the line in turn, as Fluent Bit and Docker's driver send it.
const INNER: Names = Names {
    line: &["log", "line", "message", "_raw"],
    time: &[],
    source: &[],
};

/// The body of `/event`. Returns how many events it has.
pub fn decode_events(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    each_object(&text, &mut |index, raw| {
        let record = parse(index, raw)?;
        let event = record.get("event").unwrap_or(&Json::Null);
        found(Entry {
            index,
            text: line_of(index, event)?,
            ts: record.get("time").and_then(time_of),
            source: source_of(&record, &["source", "host"]),
        });
        Ok(())
    })
}

fn line_of<'a>(index: usize, event: &Json<'a>) -> Result<Cow<'a, str>, PushError> {
    match event {
        Json::Null => Err(Reason::EventMissing.at(index)),
        Json::Text(text) if text.is_empty() => Err(Reason::EventBlank.at(index)),
        Json::Object(_) => {
            let raw = event.to_string();
            let inner = entry_of(index, &raw, &INNER)?.text.into_owned();
            Ok(Cow::Owned(inner))
        }
        _ => Ok(event.text().unwrap_or_default()),
    }
}

/// The body of `/raw`: every line that is not blank. Returns how many.
pub fn decode_raw(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    let mut index = 0;
    for line in text.split('\n') {
        if line.trim().is_empty() {
            continue;
        }
        if index >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(index));
        }
        found(Entry {
            index,
            text: Cow::Borrowed(line.trim_end_matches('\r')),
            ts: None,
            source: None,
        });
        index += 1;
    }
    Ok(index)
}
