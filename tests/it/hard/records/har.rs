//! HAR 1.2, one exchange a document.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Pairs, Scene};
use crate::hard::json::{Json, Style};
use crate::hard::records::{Holds, Record, WIRE};
use crate::hard::text::Text;

pub const RECORDS: &[Record] = &[Record {
    name: "HAR",
    shows: WIRE,
    holds: Holds::Document,
    write,
}];

fn list(pairs: Pairs) -> Json {
    let item = |(name, value): (String, Text)| {
        Json::object([("name", Json::text(name)), ("value", Json::Text(value))])
    };
    Json::List(pairs.into_iter().map(item).collect())
}

fn mime(headers: &Pairs) -> Json {
    let found = headers.iter().find(|(name, _)| name == "Content-Type");
    let mime = found.map_or(Text::from("text/plain"), |(_, value)| value.clone());
    Json::Text(mime)
}

fn write(scene: &mut Scene) -> Text {
    let entry = Json::object([
        ("startedDateTime", Json::text("2026-11-19T13:55:00.123Z")),
        ("time", Json::raw("12")),
        ("request", request(scene)),
        ("response", response(scene)),
        ("cache", Json::object([])),
        (
            "timings",
            Json::object([
                ("send", Json::raw("1")),
                ("wait", Json::raw("10")),
                ("receive", Json::raw("1")),
            ]),
        ),
    ]);
    let creator = Json::object([
        ("name", Json::text("WebInspector")),
        ("version", Json::text("537.36")),
    ]);
    let log = Json::object([
        ("version", Json::text("1.2")),
        ("creator", creator),
        ("entries", Json::List(vec![entry])),
    ]);
    let style = Style {
        dress: Dress::Json,
        spaced: false,
    };
    Json::object([("log", log)]).written(style)
}

fn request(scene: &Scene) -> Json {
    let exchange = &scene.exchange;
    let mut request = Json::object([
        ("method", Json::text(exchange.method)),
        ("url", Json::Text(exchange.url())),
        ("httpVersion", Json::text("HTTP/1.1")),
        ("cookies", list(exchange.cookies.clone())),
        ("headers", list(exchange.request_headers())),
        ("queryString", list(exchange.query.clone())),
        ("headersSize", Json::raw("-1")),
        ("bodySize", Json::raw("-1")),
    ]);
    if let Some(body) = exchange.request.body.clone() {
        let mime = mime(&exchange.request.headers);
        request.put(
            "postData",
            Json::object([("mimeType", mime), ("text", Json::Text(body))]),
        );
    }
    request
}

fn response(scene: &Scene) -> Json {
    let exchange = &scene.exchange;
    let body = exchange.response.body.clone().unwrap_or_default();
    let content = Json::object([
        ("size", Json::raw("10")),
        ("mimeType", mime(&exchange.response.headers)),
        ("text", Json::Text(body)),
    ]);
    Json::object([
        ("status", Json::raw(exchange.status.to_string())),
        ("statusText", Json::text("")),
        ("httpVersion", Json::text("HTTP/1.1")),
        ("cookies", Json::List(Vec::new())),
        ("headers", list(exchange.response.headers.clone())),
        ("content", content),
        ("redirectURL", Json::text("")),
        ("headersSize", Json::raw("-1")),
        ("bodySize", Json::raw("-1")),
    ])
}
