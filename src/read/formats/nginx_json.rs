//! nginx with `escape=json` and the variables' own names as keys.

use std::borrow::Cow;

use crate::model::exchange::{Text, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "nginx_json",
    markers: &["status", "request_time"],
    ts_kind: TsKind::End,
    places: &[
        ("request_time", Field::Duration(Unit::Seconds)),
        ("upstream_response_time", Field::UpstreamTime),
        ("upstream_status", Field::UpstreamStatus),
        ("request", Field::RequestLine),
        ("request_method", Field::Method),
        ("request_uri", Field::Url),
        ("bytes", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

/// Headers have their names in the variables' names.
fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let Json::Object(members) = value else { return };
    for (name, value) in members {
        let Some(text) = value
            .scalar()
            .filter(|text| !matches!(text.as_ref(), "" | "-"))
        else {
            continue;
        };
        if name == "limit_req_status" && text == "REJECTED" {
            draft.limited_here();
        } else if let Some(header) = after_any(name, &["upstream_http_", "sent_http_"]) {
            draft.exchange.response_headers.push((header, text));
        } else if let Some(header) = after_any(name, &["http_"]) {
            draft.exchange.request_headers.push((header, text));
        }
    }
}

fn after_any<'a>(name: &str, prefixes: &[&str]) -> Option<Text<'a>> {
    let rest = prefixes
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))?;
    Some(Cow::Owned(rest.replace('_', "-")))
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "nginx access logs in JSON with variable names as keys",
    specificity: 70,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[(
        r#"{"time":"2026-11-22T03:51:46+00:00","msec":1795319506.069,"host":"api.stripe.com","method":"GET","uri":"/v1/charges/ch_002d","status":201,"request_time":0.043,"upstream_status":"429, 201","upstream_response_time":"0.022, 0.021","retry_after":"","vendor_request_id":"req_caba3228ac6d47"}"#,
        Some(201),
    )],
};
