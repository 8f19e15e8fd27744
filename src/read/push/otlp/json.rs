//! OTLP in JSON: lowerCamelCase keys, ids in hexadecimal, 64-bit numbers as text. Senders that write snake_case, ids in
//! base64, numbers as numbers or enums by name exist and are understood.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::exchange::{Exchange, Text};
use crate::read::engine::json::Json;
use crate::read::push::entry::{ENTRIES_MAX, Found, PushError, Reason};
use crate::read::push::otlp::attributes::{ATTRIBUTES_MAX, Attributes};
use crate::read::push::otlp::logs::LogRecord;
use crate::read::push::otlp::span::Span;
use crate::read::push::otlp::tries::Tries;
use crate::read::skip::{Ignored, Rejected, Skip};

/// An id has 32 digits; what is much longer is none.
const ID_BYTES_MAX: usize = 64;

/// Values inside values; conventions need two.
const DEPTH_MAX: usize = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow, alias = "resource_spans", alias = "batches")]
    resource_spans: Option<Vec<Group<'a>>>,
    #[serde(borrow, alias = "resource_logs")]
    resource_logs: Option<Vec<Group<'a>>>,
}

/// The records of one resource.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(
        borrow,
        alias = "scope_spans",
        alias = "scopeLogs",
        alias = "scope_logs",
        alias = "instrumentationLibrarySpans",
        alias = "instrumentationLibraryLogs"
    )]
    scope_spans: Option<Vec<Scope<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scope<'a> {
    #[serde(borrow, alias = "logRecords", alias = "log_records", alias = "logs")]
    spans: Option<Vec<&'a RawValue>>,
}

/// Takes what each span came to; here it lives as long as the text.
pub type SpansOf<'f, 'a> = dyn FnMut(Result<Exchange<'a>, Skip>) + 'f;

/// Requests one after another are read as one.
pub fn read_traces<'a>(
    text: &'a str,
    tries: &mut Tries,
    found: &mut SpansOf<'_, 'a>,
) -> Result<usize, PushError> {
    let mut count = 0;
    for request in requests(text) {
        let request = request.map_err(|()| Reason::InvalidFormat.at(count))?;
        let groups = request.resource_spans.unwrap_or_default();
        each_record(groups, &mut count, &mut |_, resource, raw| {
            let span = read_span(raw).ok_or(Skip::Rejected(Rejected::BadEntry));
            found(span.and_then(|span| span.exchange(resource, tries)));
        })?;
    }
    Ok(count)
}

pub fn decode_logs(text: &str, found: &mut Found<'_>) -> Result<usize, PushError> {
    let mut count = 0;
    for request in requests(text) {
        let request = request.map_err(|()| Reason::InvalidFormat.at(count))?;
        let groups = request.resource_logs.unwrap_or_default();
        each_record(groups, &mut count, &mut |index, resource, raw| {
            found(read_log(raw).unwrap_or_default().entry(index, resource));
        })?;
    }
    Ok(count)
}

fn requests(text: &str) -> impl Iterator<Item = Result<Request<'_>, ()>> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<Request<'_>>()
        .map(|request| request.map_err(|_| ()))
}

type Each<'e, 'a> = dyn FnMut(usize, &Attributes<'a>, &'a str) + 'e;

fn each_record<'a>(
    groups: Vec<Group<'a>>,
    count: &mut usize,
    each: &mut Each<'_, 'a>,
) -> Result<(), PushError> {
    for group in groups {
        let resource = group.resource.and_then(|raw| Json::parse(raw.get()).ok());
        let resource = resource.as_ref().map(read_attributes).unwrap_or_default();
        let scopes = group.scope_spans.unwrap_or_default().into_iter();
        for record in scopes.flat_map(|scope| scope.spans.unwrap_or_default()) {
            if *count >= ENTRIES_MAX {
                return Err(Reason::TooMany.at(*count));
            }
            each(*count, &resource, record.get());
            *count += 1;
        }
    }
    Ok(())
}

/// A span that stands alone, as some exporters write them, one a line.
pub fn read_bare_span<'a>(text: &'a str, tries: &mut Tries) -> Result<Exchange<'a>, Skip> {
    let json = Json::parse(text).map_err(|_| Skip::Rejected(Rejected::BadJson))?;
    let span = span_of(&json, text);
    let resource = json.get("resource").map(read_attributes);
    let resource = resource.unwrap_or_default();
    if span.trace_id.is_empty() {
        return Err(Skip::Ignored(Ignored::NotHttp));
    }
    span.exchange(&resource, tries)
}

fn read_span(raw: &str) -> Option<Span<'_>> {
    Some(span_of(&Json::parse(raw).ok()?, raw))
}

fn span_of<'a>(json: &Json<'a>, raw: &'a str) -> Span<'a> {
    let id = |names: &[&str]| find(json, names).map(read_id).unwrap_or_default();
    let number = |names: &[&str]| find(json, names).and_then(read_number).unwrap_or(0);
    let events = find(json, &["events"]);
    Span {
        trace_id: id(&["traceId", "trace_id"]),
        span_id: id(&["spanId", "span_id"]),
        parent_id: id(&["parentSpanId", "parent_span_id"]),
        kind: find(json, &["kind"]).map_or(0, read_kind),
        start_ns: number(&["startTimeUnixNano", "start_time_unix_nano"]),
        end_ns: number(&["endTimeUnixNano", "end_time_unix_nano"]),
        attributes: read_attributes(json),
        status_message: json
            .get("status")
            .and_then(|status| status.get("message")?.scalar()),
        exception: events.and_then(exception_of).unwrap_or_default(),
        raw,
    }
}

fn exception_of<'a>(events: &Json<'a>) -> Option<Attributes<'a>> {
    let Json::Array(events) = events else {
        return None;
    };
    let named = |event: &&Json<'a>| {
        let name = event.get("name").and_then(Json::scalar);
        name.is_some_and(|name| name == "exception")
    };
    events.iter().find(named).map(read_attributes)
}

fn read_log(raw: &str) -> Option<LogRecord<'_>> {
    let json = Json::parse(raw).ok()?;
    let number = |names: &[&str]| find(&json, names).and_then(read_number).unwrap_or(0);
    Some(LogRecord {
        time_ns: number(&["timeUnixNano", "time_unix_nano"]),
        observed_ns: number(&["observedTimeUnixNano", "observed_time_unix_nano"]),
        body: json
            .get("body")
            .map_or(Json::Null, |body| read_value(body, 0)),
        trace_id: find(&json, &["traceId", "trace_id"])
            .map(read_id)
            .unwrap_or_default(),
        attributes: read_attributes(&json),
    })
}

fn find<'v, 'a>(json: &'v Json<'a>, names: &[&str]) -> Option<&'v Json<'a>> {
    names.iter().find_map(|name| json.get(name))
}

/// Integers of 64 bits are text; many senders write numbers.
fn read_number(value: &Json<'_>) -> Option<u64> {
    match value {
        Json::Integer(number) => u64::try_from(*number).ok(),
        Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn read_kind(value: &Json<'_>) -> u64 {
    let name = match value {
        Json::Text(name) => name.as_ref(),
        other => return read_number(other).unwrap_or(0),
    };
    match name {
        "SPAN_KIND_CLIENT" => 3,
        "SPAN_KIND_SERVER" => 2,
        "SPAN_KIND_INTERNAL" => 1,
        "SPAN_KIND_PRODUCER" => 4,
        "SPAN_KIND_CONSUMER" => 5,
        number => number.parse().unwrap_or(0),
    }
}

/// Hexadecimal, or the base64 of 16 or 8 bytes. An id of zeroes is none.
fn read_id(value: &Json<'_>) -> String {
    let text = match value {
        Json::Text(text) if text.len() <= ID_BYTES_MAX => text,
        _ => return String::new(),
    };
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    let id = match STANDARD.decode(text.as_bytes()) {
        Ok(bytes)
            if !(is_hex && matches!(text.len(), 16 | 32)) && matches!(bytes.len(), 8 | 16) =>
        {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        _ => text.to_ascii_lowercase(),
    };
    match id.bytes().all(|b| b == b'0') {
        true => String::new(),
        false => id,
    }
}

/// `[{"key": …, "value": {…}}]`
fn read_attributes<'a>(holder: &Json<'a>) -> Attributes<'a> {
    let mut told = Attributes::default();
    if let Some(list) = holder.get("attributes") {
        for (name, value) in read_pairs(list, 0) {
            told.push(name, value);
        }
    }
    told
}

fn read_pairs<'a>(list: &Json<'a>, depth: usize) -> Vec<(Text<'a>, Json<'a>)> {
    let pair = |item: &Json<'a>| {
        let name = item.get("key")?.scalar()?;
        let value = item
            .get("value")
            .map_or(Json::Null, |v| read_value(v, depth));
        Some((name, value))
    };
    match list {
        Json::Array(items) => items.iter().take(ATTRIBUTES_MAX).filter_map(pair).collect(),
        // Tools that print spans for people write a plain object.
        Json::Object(members) => members.iter().take(ATTRIBUTES_MAX).cloned().collect(),
        _ => Vec::new(),
    }
}

/// `{"intValue": "200"}`: the member's name is the type.
fn read_value<'a>(value: &Json<'a>, depth: usize) -> Json<'a> {
    let Json::Object(members) = value else {
        return value.clone();
    };
    let Some((kind, inner)) = members.first().filter(|_| depth <= DEPTH_MAX) else {
        return Json::Null;
    };
    match kind.as_ref() {
        "intValue" | "int_value" => {
            let number = inner.scalar().and_then(|text| text.parse().ok());
            number.map_or(Json::Null, Json::Integer)
        }
        "arrayValue" | "array_value" => {
            let values = match inner.get("values") {
                Some(Json::Array(values)) => values.as_slice(),
                _ => &[],
            };
            let values = values.iter().take(ATTRIBUTES_MAX);
            Json::Array(values.map(|value| read_value(value, depth + 1)).collect())
        }
        "kvlistValue" | "kvlist_value" => {
            let pairs = inner.get("values").map(|list| read_pairs(list, depth + 1));
            Json::Object(pairs.unwrap_or_default())
        }
        _ => inner.clone(),
    }
}
