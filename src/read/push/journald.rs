//! The systemd journal as `systemd-journal-upload` and `journalctl -o json` write it: JSON objects, or the export
//! format, whose fields are lines and whose entries end with an empty one.

use std::borrow::Cow;

use crate::model::time::Timestamp;
use crate::read::engine::json::Json;
use crate::read::instant::parse_epoch;
use crate::read::push::entry::{ENTRIES_MAX, Entry, Found, PushError, Reason};
use crate::read::push::record::{parse, source_of};
use crate::read::push::values::{each_value, text_of};

const TIMES: &[&str] = &["_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"];
const SOURCES: &[&str] = &["_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_COMM"];

/// Returns how many entries the body has; those without a message are counted and not handed over.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    if !text.trim_start().starts_with(['{', '[']) {
        return decode_export(body, found);
    }
    each_value(&text, &mut |index, raw| {
        let record = parse(index, raw)?;
        let time = |name: &&str| parse_epoch(record.get(name)?.scalar()?.as_bytes());
        if let Some(text) = record.get("MESSAGE").and_then(message) {
            found(Entry {
                index,
                text,
                ts: TIMES.iter().find_map(time),
                source: source_of(&record, SOURCES),
            });
        }
        Ok(())
    })
}

/// Text, or its bytes as numbers where it is no UTF-8.
fn message<'a>(value: &Json<'a>) -> Option<Cow<'a, str>> {
    let Json::Array(items) = value else {
        return value.scalar();
    };
    let byte = |item: &Json<'_>| match item {
        Json::Integer(byte) => u8::try_from(*byte).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
    Some(Cow::Owned(String::from_utf8_lossy(&bytes?).into_owned()))
}

/// One entry of the export format in the making.
#[derive(Default)]
struct Fields<'a> {
    message: Option<&'a [u8]>,
    time: Option<Timestamp>,
    source: Option<&'a [u8]>,
    any: bool,
}

fn decode_export(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let mut rest = body;
    let mut fields = Fields::default();
    let mut index = 0;
    while !rest.is_empty() {
        let (line, behind) = cut_line(rest);
        rest = behind;
        if line.is_empty() {
            index += fields.hand_over(index, found)?;
            fields = Fields::default();
            continue;
        }
        let field = match memchr::memchr(b'=', line) {
            Some(at) => Some((&line[..at], &line[at + 1..])),
            None => cut_binary(line, &mut rest),
        };
        let (name, value) = field.ok_or(Reason::InvalidFormat.at(index))?;
        fields.set(name, value);
    }
    index += fields.hand_over(index, found)?;
    Ok(index)
}

fn cut_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', bytes) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[]),
    }
}

/// A value with line ends: the name alone on its line, then eight bytes of length, the value and a line end.
fn cut_binary<'a>(name: &'a [u8], rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (length, behind) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (value, behind) = behind.split_at_checked(length)?;
    *rest = behind.strip_prefix(b"\n").unwrap_or(behind);
    Some((name, value))
}

impl<'a> Fields<'a> {
    fn set(&mut self, name: &[u8], value: &'a [u8]) {
        self.any = true;
        match name {
            b"MESSAGE" => self.message = Some(value),
            b"__REALTIME_TIMESTAMP" => self.time = self.time.or(parse_epoch(value)),
            b"_SOURCE_REALTIME_TIMESTAMP" => self.time = parse_epoch(value).or(self.time),
            b"_SYSTEMD_UNIT" => self.source = Some(value),
            b"SYSLOG_IDENTIFIER" => self.source = self.source.or(Some(value)),
            _ => {}
        }
    }

    fn hand_over(&self, index: usize, found: &mut Found<'_>) -> Result<usize, PushError> {
        if index >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(index));
        }
        if let Some(message) = self.message {
            found(Entry {
                index,
                text: String::from_utf8_lossy(message),
                ts: self.time,
                source: self.source.map(String::from_utf8_lossy),
            });
        }
        Ok(usize::from(self.any))
    }
}
