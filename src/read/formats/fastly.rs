//! Fastly logs in JSON with the names that its documentation proposes; `time_elapsed` is microseconds.

use crate::model::exchange::{StatusSource, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "fastly",
    markers: &[
        "fastly_server|fastly_is_edge|response_state|fastly_info_state|time_elapsed",
        "response_status|status",
        "url|request_method|request",
    ],
    ts_kind: TsKind::Start,
    places: &[
        ("timestamp", Field::Time(TimeForm::Any)),
        ("time_elapsed", Field::Duration(Unit::Micros)),
        ("response_status", Field::Status),
        ("request_method", Field::Method),
        ("url", Field::Url),
        ("host", Field::Host),
        ("client_ip", Field::ClientAddress),
        ("request_user_agent", Field::Client),
        ("response_body_size", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

/// An answer in the state of error was made at the edge.
fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let state = value
        .told("response_state")
        .or_else(|| value.told("fastly_info_state"));
    if state.is_some_and(|state| state.starts_with("ERROR")) {
        draft.exchange.status_source = StatusSource::Edge;
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Fastly, JSON",
    specificity: 70,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"2021-11-12T16:59:46.613304+00:00 192.0.2.1  {     "timestamp": "2021-11-12T16:59:45+0000",     "client_ip": "198.51.100.4",     "host": "www.example.com",     "url": "/z.exe",     "request_method": "GET",     "response_status": 404,     "fastly_is_edge": true }"#,
            Some(404),
        ),
        (
            r#"{"timestamp":"2026-11-22T03:51:46+0000","host":"hooks.acme.example","url":"/webhooks/stripe","request_method":"POST","response_status":429,"time_elapsed":1203}"#,
            Some(429),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"client_ip":"203.0.113.7","fastly_is_edge":true,"fastly_server":"cache-fra1-FRA","geo_city":"x","host":"hooks.acme.example","request_method":"POST","request_protocol":"HTTP/1.1","request_referer":"","request_user_agent":"Stripe/1.0","response_body_size":564,"response_reason":"OK","response_state":"MISS","response_status":200,"time_elapsed":12345,"timestamp":"2026-11-22T03:51:46+0000","url":"/webhooks/stripe?a=1"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (
                r#"{}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (
                r#"{"response_status":429}"#,
                "POST hooks.acme.example/webhooks/stripe 429 12.345ms",
            ),
            (
                r#"{"response_status":503,"response_state":"ERROR"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 by edge 12.345ms",
            ),
            (
                r#"{"response_status":503,"response_state":"ERROR-LOSTHDR"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 by edge 12.345ms",
            ),
            (
                r#"{"response_status":503,"response_state":"PASS"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 12.345ms",
            ),
            (
                r#"{"response_status":200,"response_state":"HIT-CLUSTER"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (
                r#"{"response_status":"404"}"#,
                "POST hooks.acme.example/webhooks/stripe 404 12.345ms",
            ),
            (
                r#"{"time_elapsed":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200",
            ),
            (
                r#"{"time_elapsed":"1203"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 1.203ms",
            ),
            (
                r#"{"time_elapsed":0}"#,
                "POST hooks.acme.example/webhooks/stripe 200 0ms",
            ),
            (
                r#"{"timestamp":"1795319506"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (
                r#"{"timestamp":1795319506069}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (
                r#"{"timestamp":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms untimed",
            ),
            (r#"{"host":"(gone)"}"#, "POST /webhooks/stripe 200 12.345ms"),
            (
                r#"{"url":"https://x.example.com/a"}"#,
                "POST x.example.com/a 200 12.345ms",
            ),
            (
                r#"{"request_method":"GET","response_status":304}"#,
                "GET hooks.acme.example/webhooks/stripe 304 12.345ms",
            ),
            (
                r#"{"response_status":0}"#,
                "POST hooks.acme.example/webhooks/stripe none 12.345ms",
            ),
            (
                r#"{"response_status":"(gone)"}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"response_status":"(gone)","status":500}"#,
                "POST hooks.acme.example/webhooks/stripe 500 12.345ms",
            ),
            (
                r#"{"fastly_server":"(gone)","fastly_is_edge":"(gone)","response_state":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (
                r#"{"fastly_server":"(gone)","fastly_is_edge":"(gone)","response_state":"(gone)","time_elapsed":"(gone)"}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"response_status":301,"response_state":"HIT-SYNTH"}"#,
                "POST hooks.acme.example/webhooks/stripe 301 12.345ms",
            ),
            (r#"{"response_status":"abc"}"#, "Rejected(BadStatus)"),
            (
                r#"{"response_body_size":"1"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
            (r#"{"url":"/"}"#, "POST hooks.acme.example/ 200 12.345ms"),
            (
                r#"{"client_ip":"2001:db8::1"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.345ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
