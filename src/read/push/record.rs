//! A sender's JSON record to an entry: which member is the log line, which the time, which names the source.

use std::borrow::Cow;

use crate::model::time::Timestamp;
use crate::read::engine::json::Json;
use crate::read::engine::synonyms::normalise;
use crate::read::instant::{epoch_from_integer, parse_any};
use crate::read::push::entry::{Entry, PushError, Reason};

/// Where a protocol's records have what an entry needs, the best place first.
pub struct Names {
    pub line: &'static [&'static str],
    pub time: &'static [&'static str],
    pub source: &'static [&'static str],
}

/// Nesting that a record may have; the JSON reader stops somewhat deeper.
const DEPTH_MAX: usize = 100;

/// The entry of a record: its line, or all of it where the record itself tells of an exchange.
pub fn entry_of<'a>(index: usize, raw: &'a str, names: &Names) -> Result<Entry<'a>, PushError> {
    let record = parse(index, raw)?;
    Ok(Entry {
        index,
        text: line_of(raw, &record, names.line),
        ts: names
            .time
            .iter()
            .find_map(|name| time_of(record.at_path(name)?)),
        source: source_of(&record, names.source),
    })
}

pub fn parse(index: usize, raw: &str) -> Result<Json<'_>, PushError> {
    Json::parse(raw).map_err(|_| match is_deep(raw) {
        true => Reason::TooDeep.at(index),
        false => Reason::InvalidFormat.at(index),
    })
}

fn is_deep(text: &str) -> bool {
    let mut depth = 0usize;
    text.bytes().any(|byte| {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEPTH_MAX
    })
}

fn line_of<'a>(raw: &'a str, record: &Json<'a>, names: &[&str]) -> Cow<'a, str> {
    if tells_exchange(record) {
        return Cow::Borrowed(raw);
    }
    let line = names.iter().find_map(|name| match record.at_path(name) {
        Some(Json::Text(text)) if !text.trim().is_empty() => Some(text.clone()),
        Some(inner @ Json::Object(_)) => Some(Cow::Owned(inner.to_string())),
        _ => None,
    });
    line.unwrap_or(Cow::Borrowed(raw))
}

/// A record with a status beside its text is an exchange by itself; the text only words it for people.
fn tells_exchange(record: &Json<'_>) -> bool {
    const STATUSES: &[&str] = &[
        "status",
        "statuscode",
        "httpstatus",
        "httpstatuscode",
        "httpresponsestatuscode",
        "responsestatus",
        "responsestatuscode",
    ];
    const GROUPS: &[&str] = &["http", "httprequest", "request", "response", "req", "res"];
    let Json::Object(members) = record else {
        return false;
    };
    let mut key = String::new();
    members.iter().any(|(name, value)| {
        key.clear();
        normalise(name, &mut key);
        match value {
            Json::Object(_) => GROUPS.contains(&key.as_str()),
            Json::Integer(100..=599) => STATUSES.contains(&key.as_str()),
            Json::Text(text) => is_status(text) && STATUSES.contains(&key.as_str()),
            _ => false,
        }
    })
}

fn is_status(text: &str) -> bool {
    text.len() == 3
        && text
            .parse()
            .is_ok_and(|status: u16| (100..600).contains(&status))
}

/// Epoch numbers by magnitude, and every spelling of a date.
pub fn time_of(value: &Json<'_>) -> Option<Timestamp> {
    match value {
        Json::Integer(0) => None,
        Json::Integer(number) => epoch_from_integer(*number),
        Json::Float(_) | Json::Text(_) => parse_any(&value.scalar()?, None),
        _ => None,
    }
}

pub fn source_of<'a>(record: &Json<'a>, names: &[&str]) -> Option<Cow<'a, str>> {
    names
        .iter()
        .find_map(|name| record.at_path(name)?.scalar())
        .filter(|text| !text.is_empty())
}
