//! A CloudWatch Logs subscription: gzip around JSON whose `logEvents` are the lines; one message a Firehose record, or
//! several one after another. A `CONTROL_MESSAGE` only proves that the way is open.

use std::borrow::Cow;
use std::io::Read;

use crate::read::engine::json::Json;
use crate::read::push::entry::{BODY_BYTES_MAX, ENTRIES_MAX, Entry, Found, PushError, Reason};
use crate::read::push::record::{parse, source_of, time_of};
use crate::read::push::values::{each_value, text_of};

/// Reads the body, packed or not. Returns how many lines it has.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let unpacked = unpack(body)?;
    let text = text_of(&unpacked)?;
    let mut index = 0;
    each_value(&text, &mut |_, raw| decode_message(raw, &mut index, found))?;
    Ok(index)
}

fn decode_message(raw: &str, index: &mut usize, found: &mut Found<'_>) -> Result<(), PushError> {
    let message = parse(*index, raw)?;
    let source = source_of(&message, &["logGroup", "logStream"]);
    let Some(Json::Array(events)) = message.get("logEvents") else {
        return Err(Reason::InvalidFormat.at(*index));
    };
    let is_control = message.get("messageType") == Some(&Json::Text("CONTROL_MESSAGE".into()));
    for event in events.iter().filter(|_| !is_control) {
        if *index >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(*index));
        }
        let line = event.get("message").and_then(Json::text);
        found(Entry {
            index: *index,
            text: line.ok_or(Reason::EventMissing.at(*index))?,
            ts: event.get("timestamp").and_then(time_of),
            source: source.clone(),
        });
        *index += 1;
    }
    Ok(())
}

/// Undoes gzip where there is any, as far as the limit goes.
pub fn unpack(body: &[u8]) -> Result<Cow<'_, [u8]>, PushError> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut unpacked = Vec::new();
    let mut packed = flate2::read::MultiGzDecoder::new(body).take(BODY_BYTES_MAX as u64 + 1);
    let read = packed.read_to_end(&mut unpacked);
    read.map_err(|_| Reason::InvalidFormat.at(0))?;
    match unpacked.len() > BODY_BYTES_MAX {
        true => Err(Reason::TooLarge.at(0)),
        false => Ok(Cow::Owned(unpacked)),
    }
}
