//! Records inside one JSON value: lists, `{"records": […]}`, and messages that a queue packed once more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::read::engine::json::Json;

/// Wrappers inside wrappers: a queue's message with an export's list of entries is three.
pub const DEPTH_MAX: usize = 5;

/// Members that hold the records of an export or of a batch.
const LISTS: &[&str] = &[
    "records", "Records", "entries", "events", "logs", "items", "value", "results", "data", "hits",
];

/// Members that hold the one record of an envelope.
const ENVELOPES: &[&str] = &["_source", "hits", "message", "record", "event"];

/// A member that some exports hold as a text of JSON.
const TEXT_MEMBER: &str = "properties";

/// What a value that is no record may hold.
pub enum Inner<'v, 'a> {
    Nothing,
    One(&'v Json<'a>),
    Items(&'v [Json<'a>]),
    /// Unpacked here, so it borrows nothing.
    Unpacked(Box<Json<'static>>),
}

pub fn inner<'v, 'a>(value: &'v Json<'a>) -> Inner<'v, 'a> {
    if let Json::Array(items) = value {
        return Inner::Items(items);
    }
    if let Some(Json::Array(items)) = LISTS.iter().find_map(|name| objects(value, name)) {
        return Inner::Items(items);
    }
    if let Some(unpacked) = unpack_data(value).or_else(|| unpack_member(value)) {
        return Inner::Unpacked(Box::new(unpacked));
    }
    let object = |name: &&str| {
        value
            .get(name)
            .filter(|member| matches!(member, Json::Object(_)))
    };
    ENVELOPES
        .iter()
        .find_map(object)
        .map_or(Inner::Nothing, Inner::One)
}

/// A member that is a list of objects.
fn objects<'v, 'a>(value: &'v Json<'a>, name: &str) -> Option<&'v Json<'a>> {
    let list = value.get(name)?;
    match list {
        Json::Array(items) if matches!(items.first(), Some(Json::Object(_))) => Some(list),
        _ => None,
    }
}

/// `data` of a queue's message: JSON in base64.
fn unpack_data(value: &Json<'_>) -> Option<Json<'static>> {
    let Json::Text(data) = value.get("data")? else {
        return None;
    };
    let bytes = STANDARD.decode(data.as_bytes()).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.trim_start()
        .starts_with(['{', '['])
        .then(|| Json::parse(&text).ok())?
        .map(Json::into_owned)
}

/// The same object with its text of JSON as an object.
fn unpack_member(value: &Json<'_>) -> Option<Json<'static>> {
    let Json::Text(text) = value.get(TEXT_MEMBER)? else {
        return None;
    };
    let inner = text
        .trim_start()
        .starts_with('{')
        .then(|| Json::parse(text).ok())??
        .into_owned();
    let Json::Object(mut members) = value.clone().into_owned() else {
        return None;
    };
    members.retain(|(name, _)| name != TEXT_MEMBER);
    members.push((TEXT_MEMBER.into(), inner));
    Some(Json::Object(members))
}
