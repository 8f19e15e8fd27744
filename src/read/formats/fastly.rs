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
