//! HAR 1.2: one JSON document, one entry an exchange, as browsers, proxies and API tools export it.
//!
//! Entries are handed over one by one; only the text of the document is held whole. An entry has no source line of its
//! own: its headers and bodies have columns, and its text would bring bodies in encodings that are undone there.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::exchange::{Direction, Exchange, Text, TsKind, find_header};
use crate::read::engine::document::walk_entries;
use crate::read::engine::draft::{Draft, parse_status};
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::format::{DocumentError, Format, Layout};
use crate::read::skip::{Ignored, Rejected, Skip};

pub const FORMAT: Format = Format {
    name: "har",
    aliases: &[],
    title: "HAR 1.2 (browsers, Charles, Insomnia, mitmproxy)",
    specificity: 100,
    layout: Layout::Document { sniff, parse },
    samples: &[
        (
            r#"{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-11-22T04:51:46.069+01:00","time":412,"request":{"method":"POST","url":"https://api.hubapi.com/crm"},"response":{"status":429,"headers":[{"name":"Retry-After","value":"10"}],"content":{"text":"eyJlcnJvclR5cGUiOiJSQVRFX0xJTUlUIn0=","encoding":"base64"}}}]}}"#,
            Some(429),
        ),
        (
            r#"{"log":{"entries":[{"startedDateTime":"2023-07-25T12:58:46.182Z","time":0,"request":{"method":"GET","url":"https://nope.example/"},"response":{"status":0,"statusText":"","_error":"net::ERR_NAME_NOT_RESOLVED","headers":[]}}]}}"#,
            None,
        ),
    ],
};

/// The beginning of a HAR names its log object, whatever white space stands between.
fn sniff(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let Some(rest) = head.trim_start().strip_prefix('{') else {
        return false;
    };
    let Some(rest) = rest.trim_start().strip_prefix("\"log\"") else {
        return false;
    };
    let inner = rest.trim_start().strip_prefix(':').map(str::trim_start);
    inner.is_some_and(|r| r.starts_with('{'))
        && ["\"entries\"", "\"creator\"", "\"version\"", "\"pages\""]
            .iter()
            .any(|key| rest.contains(key))
}

fn parse(
    bytes: &[u8],
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) -> Result<(), DocumentError> {
    let text = String::from_utf8_lossy(bytes);
    walk_entries(&text, &["log", "entries"], &mut |entry| {
        let parsed = Json::parse(entry).map_err(|_| Rejected::BadJson.into());
        sink(parsed.and_then(|json| match is_call(&json) {
            true => Ok(exchange(&json)?),
            false => Err(Skip::Ignored(Ignored::NoCall)),
        }));
    })
}

/// Whether a server was asked: not what came from the browser's cache, nor `data:` and the like.
fn is_call(entry: &Json<'_>) -> bool {
    let cached = entry.at_path("_fromCache").and_then(Json::scalar);
    let url = entry
        .at_path("request.url")
        .and_then(Json::scalar)
        .unwrap_or_default();
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let asked = ["http", "https", "ws", "wss"];
    let other = !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        && !asked.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    !cached.is_some_and(|from| !from.is_empty() && from != "false") && !other
}

fn exchange<'a>(entry: &Json<'a>) -> Result<Exchange<'a>, Rejected> {
    let mut draft = Draft::new(TsKind::Start, None);
    let url = entry
        .at_path("request.url")
        .and_then(Json::scalar)
        .ok_or(Rejected::NoRequest)?;
    draft.set(&Field::Url, url)?;
    set(&mut draft, entry, "request.method", Field::Method)?;
    set(
        &mut draft,
        entry,
        "startedDateTime",
        Field::Time(TimeForm::Any),
    )?;
    set(&mut draft, entry, "time", Field::Duration(Unit::Millis))?;
    let status = entry
        .at_path("response.status")
        .and_then(Json::scalar)
        .unwrap_or(Cow::Borrowed("0"));
    parse_status(&status)?;
    draft.set(&Field::Status, status)?;
    set(
        &mut draft,
        entry,
        "request.postData.text",
        Field::RequestBody,
    )?;
    set(&mut draft, entry, "response.bodySize", Field::ResponseBytes)?;
    set(&mut draft, entry, "request.bodySize", Field::RequestBytes)?;
    let exchange = &mut draft.exchange;
    exchange.direction = Direction::Outbound;
    exchange.request_headers = headers(entry, "request.headers");
    exchange.response_headers = headers(entry, "response.headers");
    exchange.client = find_header(&exchange.request_headers, "user-agent")
        .map(|agent| Cow::Owned(agent.to_owned()));
    exchange.response_body = response_body(entry);
    if exchange.host.is_empty() {
        exchange.host = host_header(exchange).map_or(Cow::Borrowed(""), Cow::Owned);
    }
    if exchange.status.is_none() {
        exchange.error_message = failure(entry);
    }
    for size in [&mut exchange.request_bytes, &mut exchange.response_bytes] {
        *size = size.filter(|bytes| *bytes >= 0);
    }
    let mut out = Vec::with_capacity(1);
    draft.finish(&mut out);
    out.pop().ok_or(Rejected::BadEntry)
}

fn set<'a>(
    draft: &mut Draft<'a>,
    entry: &Json<'a>,
    path: &str,
    field: Field,
) -> Result<(), Rejected> {
    match entry.at_path(path).and_then(Json::scalar) {
        Some(value) => draft.set(&field, value),
        None => Ok(()),
    }
}

/// HTTP/2 pseudo headers say nothing that the URL does not.
fn headers<'a>(entry: &Json<'a>, path: &str) -> Vec<(Text<'a>, Text<'a>)> {
    let mut headers = entry.at_path(path).map(Json::headers).unwrap_or_default();
    headers.retain(|(name, _)| !name.starts_with(':'));
    headers
}

fn host_header(exchange: &Exchange<'_>) -> Option<String> {
    find_header(&exchange.request_headers, "host").map(str::to_ascii_lowercase)
}

fn response_body<'a>(entry: &Json<'a>) -> Option<Text<'a>> {
    let text = entry.at_path("response.content.text")?.scalar()?;
    let encoded = entry
        .at_path("response.content.encoding")
        .and_then(Json::scalar);
    if encoded.as_deref() != Some("base64") {
        return Some(text);
    }
    let bytes = STANDARD.decode(text.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn failure<'a>(entry: &Json<'a>) -> Option<Text<'a>> {
    [
        "response._error",
        "_error",
        "response._errorMessage",
        "response.statusText",
    ]
    .iter()
    .find_map(|path| entry.at_path(path).and_then(Json::scalar))
    .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_document_gives_its_whole_entries_and_an_error() {
        let whole = FORMAT.samples[0].0;
        let entry = &whole[whole.find("{\"started").expect("entry")..whole.len() - 3];
        let text = format!(r#"{{"log":{{"entries":[{entry},{{"startedDa"#);
        let mut found = 0;
        let error = parse(text.as_bytes(), &mut |entry| {
            found += usize::from(entry.is_ok())
        })
        .expect_err("cut");
        assert_eq!((found, error.what.as_str()), (1, "it ends too early"));
    }

    #[test]
    fn bodies_in_base64_are_unpacked() {
        let mut body = None;
        parse(FORMAT.samples[0].0.as_bytes(), &mut |e| {
            body = e.ok().and_then(|e| e.response_body.map(Cow::into_owned))
        })
        .expect("valid");
        assert_eq!(body.as_deref(), Some(r#"{"errorType":"RATE_LIMIT"}"#));
    }
}
