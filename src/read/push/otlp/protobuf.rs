//! OTLP in protobuf. Field numbers: open-telemetry/opentelemetry-proto v1.7.0, `collector/{trace,logs}/v1`, `trace/v1`,
//! `logs/v1`, `common/v1`, `resource/v1`.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::exchange::Text;
use crate::read::engine::json::Json;
use crate::read::push::entry::{ENTRIES_MAX, Found, PushError, Reason};
use crate::read::push::otlp::attributes::{ATTRIBUTES_MAX, Attributes};
use crate::read::push::otlp::logs::LogRecord;
use crate::read::push::otlp::request::Spans;
use crate::read::push::otlp::span::Span;
use crate::read::push::otlp::tries::Tries;
use crate::read::push::wire::{Fields, Malformed, Value};

/// Values inside values; conventions need two.
const DEPTH_MAX: usize = 16;

pub fn read_traces(body: &[u8], found: &mut Spans<'_>) -> Result<usize, PushError> {
    let mut tries = Tries::default();
    each_record(body, &mut |resource, bytes| {
        let span = read_span(bytes)?;
        found(span.exchange(resource, &mut tries));
        Ok(())
    })
}

pub fn decode_logs(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    let mut index = 0;
    each_record(body, &mut |resource, bytes| {
        found(read_log(bytes)?.entry(index, resource));
        index += 1;
        Ok(())
    })
}

/// Takes a span or log record with its resource.
type Each<'e, 'a> = dyn FnMut(&Attributes<'a>, &'a [u8]) -> Result<(), Malformed> + 'e;

/// Requests of both kinds are built alike: 1 resource group { 1 resource, 2 scope group { 2 record } }.
fn each_record<'a>(body: &'a [u8], each: &mut Each<'_, 'a>) -> Result<usize, PushError> {
    let mut count = 0;
    for group in messages(body, 1) {
        let group = group.map_err(|Malformed| Reason::NotProtobuf.at(count))?;
        let resource = read_resource(group).map_err(|Malformed| Reason::NotProtobuf.at(count))?;
        for scope in messages(group, 2) {
            let scope = scope.map_err(|Malformed| Reason::NotProtobuf.at(count))?;
            for record in messages(scope, 2) {
                if count >= ENTRIES_MAX {
                    return Err(Reason::TooMany.at(count));
                }
                record
                    .and_then(|record| each(&resource, record))
                    .map_err(|Malformed| Reason::NotProtobuf.at(count))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// The messages that stand in one field.
fn messages(message: &[u8], wanted: u32) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    Fields::new(message).filter_map(move |field| match field {
        Ok((number, Value::Bytes(bytes))) if number == wanted => Some(Ok(bytes)),
        Ok(_) => None,
        Err(Malformed) => Some(Err(Malformed)),
    })
}

fn read_resource(group: &[u8]) -> Result<Attributes<'_>, Malformed> {
    let mut resource = Attributes::default();
    for message in messages(group, 1) {
        for attribute in messages(message?, 1) {
            push_attribute(&mut resource, attribute?)?;
        }
    }
    Ok(resource)
}

fn read_span(bytes: &[u8]) -> Result<Span<'_>, Malformed> {
    let mut span = Span::default();
    for field in Fields::new(bytes) {
        match field? {
            (1, Value::Bytes(id)) => span.trace_id = hex(id),
            (2, Value::Bytes(id)) => span.span_id = hex(id),
            (4, Value::Bytes(id)) => span.parent_id = hex(id),
            (6, Value::Number(kind)) => span.kind = kind,
            (7, Value::Fixed64(ns)) => span.start_ns = ns,
            (8, Value::Fixed64(ns)) => span.end_ns = ns,
            (9, Value::Bytes(attribute)) => push_attribute(&mut span.attributes, attribute)?,
            (11, Value::Bytes(event)) => read_event(event, &mut span)?,
            (15, Value::Bytes(status)) => span.status_message = read_status(status)?,
            _ => {}
        }
    }
    Ok(span)
}

/// 2 name, 3 attributes. Only an exception says more than the span.
fn read_event<'a>(bytes: &'a [u8], span: &mut Span<'a>) -> Result<(), Malformed> {
    let is_exception = messages(bytes, 2).any(|name| name == Ok(b"exception"));
    for attribute in messages(bytes, 3).filter(|_| is_exception) {
        push_attribute(&mut span.exception, attribute?)?;
    }
    Ok(())
}

fn read_status(bytes: &[u8]) -> Result<Option<Text<'_>>, Malformed> {
    let message = messages(bytes, 2).last().transpose()?;
    Ok(message.map(String::from_utf8_lossy))
}

fn read_log(bytes: &[u8]) -> Result<LogRecord<'_>, Malformed> {
    let mut log = LogRecord::default();
    for field in Fields::new(bytes) {
        match field? {
            (1, Value::Fixed64(ns)) => log.time_ns = ns,
            (11, Value::Fixed64(ns)) => log.observed_ns = ns,
            (5, Value::Bytes(body)) => log.body = read_value(body, 0)?,
            (6, Value::Bytes(attribute)) => push_attribute(&mut log.attributes, attribute)?,
            (9, Value::Bytes(id)) => log.trace_id = hex(id),
            _ => {}
        }
    }
    Ok(log)
}

fn push_attribute<'a>(into: &mut Attributes<'a>, bytes: &'a [u8]) -> Result<(), Malformed> {
    if into.0.len() < ATTRIBUTES_MAX {
        let (name, value) = read_pair(bytes, 0)?;
        into.push(name, value);
    }
    Ok(())
}

/// 1 key, 2 value.
fn read_pair(bytes: &[u8], depth: usize) -> Result<(Text<'_>, Json<'_>), Malformed> {
    let mut pair = (Cow::Borrowed(""), Json::Null);
    for field in Fields::new(bytes) {
        match field? {
            (1, Value::Bytes(key)) => pair.0 = String::from_utf8_lossy(key),
            (2, Value::Bytes(value)) => pair.1 = read_value(value, depth)?,
            _ => {}
        }
    }
    Ok(pair)
}

fn read_value(bytes: &[u8], depth: usize) -> Result<Json<'_>, Malformed> {
    if depth > DEPTH_MAX {
        return Err(Malformed);
    }
    let mut told = Json::Null;
    for field in Fields::new(bytes) {
        told = match field? {
            (1, Value::Bytes(text)) => Json::Text(String::from_utf8_lossy(text)),
            (2, Value::Number(value)) => Json::Bool(value != 0),
            (3, Value::Number(value)) => Json::Integer(value.cast_signed().into()),
            (4, Value::Fixed64(bits)) => Json::Float(f64::from_bits(bits)),
            (5, Value::Bytes(list)) => {
                let items = messages(list, 1).map(|item| read_value(item?, depth + 1));
                Json::Array(items.take(ATTRIBUTES_MAX).collect::<Result<_, _>>()?)
            }
            (6, Value::Bytes(map)) => {
                let pairs = messages(map, 1).map(|pair| read_pair(pair?, depth + 1));
                Json::Object(pairs.take(ATTRIBUTES_MAX).collect::<Result<_, _>>()?)
            }
            (7, Value::Bytes(bytes)) => Json::Text(Cow::Owned(STANDARD.encode(bytes))),
            _ => continue,
        };
    }
    Ok(told)
}

/// An id of zeroes is none.
fn hex(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| *byte == 0) {
        return String::new();
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    let digits = bytes.iter().take(32).flat_map(|b| [b >> 4, b & 15]);
    digits.map(digit).collect()
}

/// Groups and scopes that are looked at in a body's beginning; some have no record.
const LOOKED_AT: usize = 64;

/// Which request the beginning of a body is, told by its first record: the tree of fields is the same for all kinds.
pub fn sniff(head: &[u8]) -> Option<Kind> {
    let mut records = cut_messages(head, 1)
        .flat_map(|group| cut_messages(group, 2))
        .flat_map(|scope| cut_messages(scope, 2));
    kind_of_record(records.next()?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Traces,
    Logs,
}

/// A span begins with two ids of fixed size; a log record has a time of a fixed-size number in one of two places.
fn kind_of_record(record: &[u8]) -> Option<Kind> {
    let mut is_traced = false;
    for field in Fields::cut(record).flatten().take(LOOKED_AT) {
        match field {
            (1, Value::Bytes(id)) => is_traced = id.len() == 16,
            (2, Value::Bytes(id)) if is_traced && id.len() == 8 => return Some(Kind::Traces),
            (1 | 11, Value::Fixed64(_)) => return Some(Kind::Logs),
            _ => {}
        }
    }
    None
}

fn cut_messages(message: &[u8], wanted: u32) -> impl Iterator<Item = &[u8]> {
    let fields = Fields::cut(message).take(LOOKED_AT).map_while(Result::ok);
    fields.filter_map(move |(number, value)| match value {
        Value::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    })
}
