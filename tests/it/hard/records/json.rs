//! JSON lines of programs and libraries, each with its own names and its own way to hold headers and bodies.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Exchange, Pairs, Scene, Side, pairs};
use crate::hard::json::{Json, Style};
use crate::hard::records::{ALL, Holds, Record};
use crate::hard::text::Text;

pub const RECORDS: &[Record] = &[
    Record {
        name: "pino",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, pino),
    },
    Record {
        name: "winston",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, winston),
    },
    Record {
        name: "ECS",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, ecs),
    },
    Record {
        name: "OpenTelemetry",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, attributes),
    },
    Record {
        name: "JSON, snake case",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, snake),
    },
    Record {
        name: "JSON, a dump",
        shows: ALL,
        holds: Holds::Json,
        write: |scene| finished(scene, dump),
    },
];

const TIME: &str = "2026-11-19T13:55:00.123Z";

fn finished(scene: &mut Scene, write: fn(&Exchange, &mut Scene) -> Json) -> Text {
    let exchange = scene.exchange.clone();
    let mut record = write(&exchange, scene);
    for (name, text) in &exchange.fields {
        record.put(name, Json::Text(text.clone()));
    }
    let dress = *scene
        .random
        .pick(&[Dress::Json, Dress::Json, Dress::JsonAscii, Dress::JsonHtml]);
    let spaced = scene.around.chance(30);
    record.written(Style { dress, spaced })
}

/// Headers as the loggers of this world hold them.
fn headers(headers: Pairs, scene: &mut Scene) -> Json {
    let text = |text: Text| Json::Text(text);
    let way = scene.random.below(6);
    let lower = headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()));
    match way {
        0 => Json::Object(
            headers
                .into_iter()
                .map(|(n, v)| (n, Json::List(vec![text(v)])))
                .collect(),
        ),
        1 => Json::List(
            headers
                .into_iter()
                .map(|(n, v)| Json::object([("name", Json::text(n)), ("value", text(v))]))
                .collect(),
        ),
        2 => Json::Text(pairs(&headers, "¤: ¤", "\r\n")),
        3 => Json::List(
            headers
                .into_iter()
                .flat_map(|(n, v)| [Json::text(n), text(v)])
                .collect(),
        ),
        _ => Json::Object(lower.map(|(n, v)| (n, text(v))).collect()),
    }
}

/// A body as text, or as what it is where it is JSON.
fn body(side: &Side, scene: &mut Scene) -> Option<Json> {
    let body = side.body.clone()?;
    let is_json = body.written().starts_with('{');
    match is_json && scene.random.chance(40) {
        true => Some(Json::Raw(body)),
        false => Some(Json::Text(body)),
    }
}

fn put(record: &mut Json, name: &str, value: Option<Json>) {
    if let Some(value) = value {
        record.put(name, value);
    }
}

fn remark(exchange: &Exchange) -> Json {
    let remark = exchange.remark.clone();
    Json::Text(remark.unwrap_or(Text::from("request completed")))
}

fn pino(exchange: &Exchange, scene: &mut Scene) -> Json {
    let mut request = Json::object([
        ("id", Json::Text(scene.kept("id", "{u}"))),
        ("method", Json::text(exchange.method)),
        ("url", Json::Text(exchange.target())),
        ("headers", headers(exchange.request_headers(), scene)),
    ]);
    put(&mut request, "body", body(&exchange.request, scene));
    let mut response = Json::object([
        ("statusCode", Json::raw(exchange.status.to_string())),
        ("headers", headers(exchange.response.headers.clone(), scene)),
    ]);
    put(&mut response, "body", body(&exchange.response, scene));
    Json::object([
        ("level", Json::raw("30")),
        ("time", Json::raw("1795096500123")),
        ("hostname", Json::text("api-7d9f")),
        ("req", request),
        ("res", response),
        ("responseTime", Json::raw("42")),
        ("msg", remark(exchange)),
    ])
}

fn winston(exchange: &Exchange, scene: &mut Scene) -> Json {
    let mut meta = Json::object([
        ("url", Json::Text(exchange.url())),
        ("method", Json::text(exchange.method)),
        ("requestHeaders", headers(exchange.request_headers(), scene)),
    ]);
    put(&mut meta, "requestBody", body(&exchange.request, scene));
    meta.put("statusCode", Json::raw(exchange.status.to_string()));
    meta.put(
        "responseHeaders",
        headers(exchange.response.headers.clone(), scene),
    );
    put(&mut meta, "responseBody", body(&exchange.response, scene));
    Json::object([
        ("level", Json::text("info")),
        ("message", remark(exchange)),
        ("meta", meta),
        ("timestamp", Json::text(TIME)),
    ])
}

fn ecs(exchange: &Exchange, scene: &mut Scene) -> Json {
    let mut record = Json::object([
        ("@timestamp", Json::text(TIME)),
        ("log.level", Json::text("info")),
        ("message", remark(exchange)),
        ("trace.id", Json::Text(scene.kept("trace.id", "{h32}"))),
        ("http.request.method", Json::text(exchange.method)),
        ("url.original", Json::Text(exchange.url())),
        (
            "http.request.headers",
            headers(exchange.request_headers(), scene),
        ),
        (
            "http.response.status_code",
            Json::raw(exchange.status.to_string()),
        ),
        (
            "http.response.headers",
            headers(exchange.response.headers.clone(), scene),
        ),
    ]);
    let bodies = [
        ("http.request.body.content", exchange.request.body.clone()),
        ("http.response.body.content", exchange.response.body.clone()),
    ];
    for (name, body) in bodies {
        put(&mut record, name, body.map(Json::Text));
    }
    record
}

fn attributes(exchange: &Exchange, scene: &mut Scene) -> Json {
    let mut all = vec![
        (
            "http.request.method".to_owned(),
            Text::from(exchange.method),
        ),
        ("url.full".to_owned(), exchange.url()),
    ];
    let sides = [
        ("request", exchange.request_headers(), &exchange.request),
        (
            "response",
            exchange.response.headers.clone(),
            &exchange.response,
        ),
    ];
    for (name, headers, side) in sides {
        let header = |(key, value): (String, Text)| {
            (format!("http.{name}.header.{}", key.to_lowercase()), value)
        };
        all.extend(headers.into_iter().map(header));
        all.extend(
            side.body
                .clone()
                .map(|body| (format!("http.{name}.body"), body)),
        );
    }
    let item = |(key, value): (String, Text)| {
        let value = Json::object([("stringValue", Json::Text(value))]);
        Json::object([("key", Json::text(key)), ("value", value)])
    };
    Json::object([
        ("timeUnixNano", Json::text("1795096500123000000")),
        ("traceId", Json::Text(scene.kept("traceId", "{h32}"))),
        ("spanId", Json::Text(scene.kept("spanId", "{h16}"))),
        ("body", Json::object([("stringValue", remark(exchange))])),
        (
            "attributes",
            Json::List(all.into_iter().map(item).collect()),
        ),
    ])
}

fn snake(exchange: &Exchange, scene: &mut Scene) -> Json {
    let mut record = Json::object([
        ("ts", Json::text(TIME)),
        ("direction", Json::text("out")),
        ("request_id", Json::Text(scene.kept("request_id", "{u}"))),
        ("http_method", Json::text(exchange.method)),
        ("endpoint", Json::Text(exchange.url())),
        (
            "request_headers",
            headers(exchange.request_headers(), scene),
        ),
    ]);
    put(&mut record, "request_body", body(&exchange.request, scene));
    record.put("http_status", Json::raw(exchange.status.to_string()));
    record.put(
        "response_headers",
        headers(exchange.response.headers.clone(), scene),
    );
    put(
        &mut record,
        "response_body",
        body(&exchange.response, scene),
    );
    record.put("detail", remark(exchange));
    record
}

/// Whole messages as they went over the wire.
fn dump(exchange: &Exchange, _: &mut Scene) -> Json {
    let first = [Text::from(exchange.method), exchange.target()];
    let mut request = crate::hard::text::fill("¤ ¤ HTTP/1.1\r\n", first);
    request.add(pairs(&exchange.request_headers(), "¤: ¤", "\r\n"));
    request.add("\r\n\r\n");
    request.add(exchange.request.body.clone().unwrap_or_default());
    let mut response = Text::from(format!("HTTP/1.1 {} X\r\n", exchange.status));
    response.add(pairs(&exchange.response.headers, "¤: ¤", "\r\n"));
    response.add("\r\n\r\n");
    response.add(exchange.response.body.clone().unwrap_or_default());
    Json::object([
        ("ts", Json::text(TIME)),
        ("host", Json::text(exchange.host)),
        ("raw_request", Json::Text(request)),
        ("raw_response", Json::Text(response)),
        ("note", remark(exchange)),
    ])
}
