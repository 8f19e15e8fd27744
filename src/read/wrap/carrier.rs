//! JSON that carries a line in one of its members: log shippers, journald, and loggers that know of no HTTP.

use std::borrow::Cow;

use crate::model::exchange::Text;
use crate::read::engine::json::Json;
use crate::read::wrap::wrapper::{Peeled, Wrapper};

pub const WRAPPER: Wrapper = Wrapper {
    name: "json message",
    peel,
    sure: false,
    share_pct: 50,
    samples: &[
        (
            r#"{"__REALTIME_TIMESTAMP":"1795319505818000","MESSAGE":"127.0.0.1 - -","_SYSTEMD_UNIT":"nginx.service"}"#,
            "127.0.0.1 - -",
        ),
        (r#"{"MESSAGE":[104,105,255]}"#, "hi\u{fffd}"),
        (
            r#"{"@timestamp":"2026-11-22T03:51:45Z","event":{"original":"a b"}}"#,
            "a b",
        ),
        (r#"{"log":"a b\n","kubernetes":{"pod_name":"x"}}"#, "a b"),
    ],
};

/// Where the line stands; the first that is there counts.
const LINES: &[&str] = &[
    "message",
    "log",
    "msg",
    "MESSAGE",
    "event.original",
    "body",
    "event",
    "@message",
    "textPayload",
    "line",
    "_raw",
];

const TIMES: &[&str] = &[
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "__REALTIME_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP",
    "date",
];

fn peel(line: &str) -> Option<Peeled<'_>> {
    if !line.starts_with('{') {
        return None;
    }
    let value = Json::parse(line).ok()?;
    let inner = LINES.iter().find_map(|path| text(value.at_path(path)?))?;
    let time = TIMES.iter().find_map(|path| value.get(path)?.scalar());
    Some(Peeled {
        inner,
        time,
        piece: None,
    })
}

/// A text, or bytes as journald writes what is not UTF-8.
fn text<'a>(value: &Json<'a>) -> Option<Text<'a>> {
    let text = match value {
        Json::Text(text) => text.clone(),
        Json::Array(bytes) => Cow::Owned(String::from_utf8_lossy(&all_bytes(bytes)?).into_owned()),
        _ => return None,
    };
    let len = text.trim_end_matches(['\n', '\r']).len();
    match text {
        Cow::Borrowed(text) => Some(Cow::Borrowed(&text[..len])),
        Cow::Owned(mut text) => {
            text.truncate(len);
            Some(Cow::Owned(text))
        }
    }
}

fn all_bytes(values: &[Json<'_>]) -> Option<Vec<u8>> {
    let byte = |value: &Json<'_>| match value {
        Json::Integer(value) => u8::try_from(*value).ok(),
        _ => None,
    };
    values.iter().map(byte).collect()
}
