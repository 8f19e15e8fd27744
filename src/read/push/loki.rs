//! Loki's push API, `/loki/api/v1/push`: JSON, or protobuf under snappy, which agents send by default.
//!
//! Field numbers of the protobuf form: grafana/loki, `pkg/push/push.proto` (PushRequest, StreamAdapter, EntryAdapter).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::time::{MICROS_PER_SECOND, Timestamp};
use crate::read::detect::SAMPLE_BYTES;
use crate::read::engine::json::Json;
use crate::read::instant::parse_any;
use crate::read::push::entry::{BODY_BYTES_MAX, ENTRIES_MAX, Entry, Found, PushError, Reason};
use crate::read::push::record::source_of;
use crate::read::push::values::text_of;
use crate::read::push::wire::{Fields, Value};

/// Labels that name where a stream comes from, the best first.
const SOURCES: &[&str] = &[
    "filename",
    "service_name",
    "job",
    "app",
    "container",
    "host",
];

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    streams: Vec<Stream<'a>>,
}

#[derive(Deserialize)]
struct Stream<'a> {
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(borrow, default)]
    values: Vec<&'a RawValue>,
}

/// The JSON form. Returns how many lines it has.
pub fn decode_json(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let text = text_of(body)?;
    let push: Push<'_> = serde_json::from_str(&text).map_err(|_| Reason::InvalidFormat.at(0))?;
    let mut index = 0;
    for stream in &push.streams {
        let labels = stream.stream.and_then(|raw| Json::parse(raw.get()).ok());
        let source = labels.and_then(|labels| source_of(&labels, SOURCES));
        for value in &stream.values {
            if index >= ENTRIES_MAX {
                return Err(Reason::TooMany.at(index));
            }
            let entry = value_entry(index, value.get(), source.as_deref());
            found(entry.ok_or(Reason::InvalidFormat.at(index))?);
            index += 1;
        }
    }
    Ok(index)
}

/// `["NANOSECONDS", "LINE"]`, or the same with an object of structured metadata.
fn value_entry<'a>(index: usize, raw: &'a str, source: Option<&'a str>) -> Option<Entry<'a>> {
    let Json::Array(parts) = Json::parse(raw).ok()? else {
        return None;
    };
    let [at, Json::Text(line), ..] = parts.as_slice() else {
        return None;
    };
    Some(Entry {
        index,
        text: line.clone(),
        ts: Some(parse_any(&at.scalar()?, None)?),
        source: source.map(Cow::Borrowed),
    })
}

/// The protobuf form. Returns how many lines it has.
pub fn decode_snappy(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    if body.is_empty() {
        return Err(Reason::NoData.at(0));
    }
    let bytes = unpack(body)?;
    let mut index = 0;
    for field in Fields::new(&bytes) {
        let (number, value) = field.map_err(|_| Reason::NotProtobuf.at(index))?;
        if let (1, Value::Bytes(stream)) = (number, value) {
            decode_stream(stream, &mut index, found)?;
        }
    }
    Ok(index)
}

/// Whether a file's beginning is a whole body of that form. Packed bytes can be told by unpacking them only, so that a
/// longer file stays unknown.
pub fn is_snappy(head: &[u8]) -> bool {
    let mut lines = 0;
    let read = decode_snappy(head, &mut |_| lines += 1);
    head.len() < SAMPLE_BYTES && lines > 0 && read.is_ok()
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, PushError> {
    let bytes = snap::raw::decompress_len(body).map_err(|_| Reason::NotSnappy.at(0))?;
    if bytes > BODY_BYTES_MAX {
        return Err(Reason::TooLarge.at(0));
    }
    let mut decoder = snap::raw::Decoder::new();
    decoder
        .decompress_vec(body)
        .map_err(|_| Reason::NotSnappy.at(0))
}

fn decode_stream(bytes: &[u8], index: &mut usize, found: &mut Found<'_>) -> Result<(), PushError> {
    let source = stream_source(bytes).map_err(|_| Reason::NotProtobuf.at(*index))?;
    for field in Fields::new(bytes) {
        let (number, value) = field.map_err(|_| Reason::NotProtobuf.at(*index))?;
        let (2, Value::Bytes(entry)) = (number, value) else {
            continue;
        };
        if *index >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(*index));
        }
        let (ts, text) = read_entry(entry).ok_or(Reason::NotProtobuf.at(*index))?;
        found(Entry {
            index: *index,
            text,
            ts,
            source: source.as_deref().map(Cow::Borrowed),
        });
        *index += 1;
    }
    Ok(())
}

/// Labels stand in one text: `{filename="/var/log/nginx/access.log", job="nginx"}`.
fn stream_source(bytes: &[u8]) -> Result<Option<String>, crate::read::push::wire::Malformed> {
    for field in Fields::new(bytes) {
        if let (1, Value::Bytes(labels)) = field? {
            return Ok(label_source(&String::from_utf8_lossy(labels)));
        }
    }
    Ok(None)
}

fn label_source(labels: &str) -> Option<String> {
    SOURCES.iter().find_map(|name| {
        let (before, rest) = labels.split_once(&format!("{name}=\""))?;
        let whole = before.ends_with(['{', ' ', ',']);
        let value = rest.split('"').next().filter(|value| !value.is_empty());
        whole.then_some(value?.to_owned())
    })
}

fn read_entry(bytes: &[u8]) -> Option<(Option<Timestamp>, Cow<'_, str>)> {
    let mut ts = None;
    let mut line = Cow::Borrowed("");
    for field in Fields::new(bytes) {
        match field.ok()? {
            (1, Value::Bytes(at)) => ts = read_timestamp(at),
            (2, Value::Bytes(text)) => line = String::from_utf8_lossy(text),
            _ => {}
        }
    }
    Some((ts, line))
}

/// `google.protobuf.Timestamp`: seconds and nanoseconds.
fn read_timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let (mut secs, mut nanos) = (0i64, 0i64);
    for field in Fields::new(bytes) {
        match field.ok()? {
            (1, Value::Number(value)) => secs = value.cast_signed(),
            (2, Value::Number(value)) => nanos = value.cast_signed(),
            _ => {}
        }
    }
    let micros = secs.checked_mul(MICROS_PER_SECOND)?;
    let micros = micros.checked_add(nanos / 1_000)?;
    (secs != 0).then(|| Timestamp::from_micros(micros))
}
