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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"args":"limit=3","body_bytes_sent":"205","host":"api.hubapi.com","http_referer":"","http_user_agent":"app/1","http_x_request_id":"r1","limit_req_status":"","msec":"1795319506.069","remote_addr":"203.0.113.7","remote_user":"","request_id":"58e0","request_length":"120","request_method":"POST","request_time":"0.012","request_uri":"/crm/v3/objects?limit=3","scheme":"https","server_protocol":"HTTP/1.1","status":"201","time_iso8601":"2026-11-22T03:51:46+00:00","upstream_addr":"127.0.0.1:18080, 127.0.0.1:18081","upstream_http_retry_after":"10","upstream_response_time":"0.006, 0.005","upstream_status":"429, 201"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (
                r#"{}"#,
                "POST api.hubapi.com/crm/v3/objects 429 6ms retried | POST api.hubapi.com/crm/v3/objects 201 5ms try=2",
            ),
            (
                r#"{"upstream_status":"502, 502 : 200","status":"200","upstream_response_time":"0.1, 0.1 : 0.2"}"#,
                "POST api.hubapi.com/crm/v3/objects 502 100ms retried | POST api.hubapi.com/crm/v3/objects 502 100ms try=2 retried | POST api.hubapi.com/crm/v3/objects 200 200ms try=3",
            ),
            (
                r#"{"upstream_status":"-","upstream_response_time":"-","status":"429","limit_req_status":"REJECTED"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge throttled 12ms",
            ),
            (
                r#"{"upstream_status":"","upstream_response_time":"","status":"429"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge 12ms",
            ),
            (
                r#"{"upstream_status":"-","upstream_response_time":"-","status":"503","limit_req_status":"REJECTED"}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge throttled 12ms",
            ),
            (
                r#"{"upstream_status":"200","upstream_response_time":"0.010","status":"499"}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 10ms",
            ),
            (
                r#"{"upstream_status":"-","upstream_response_time":"-","status":"499"}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 12ms",
            ),
            (
                r#"{"upstream_status":"504, 504","upstream_response_time":"1.000, 1.000","status":"504"}"#,
                "POST api.hubapi.com/crm/v3/objects 504 1000ms retried | POST api.hubapi.com/crm/v3/objects 504 1000ms try=2",
            ),
            (
                r#"{"upstream_status":"(gone)","upstream_response_time":"(gone)","status":"200"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"status":"000","upstream_status":"-"}"#,
                "POST api.hubapi.com/crm/v3/objects none by edge 12ms",
            ),
            (
                r#"{"status":200,"request_time":0.5,"upstream_status":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 500ms",
            ),
            (
                r#"{"request_method":"(gone)","request_uri":"(gone)","host":"(gone)","request":"GET /x HTTP/1.1","upstream_status":"(gone)"}"#,
                "GET /x 201 12ms",
            ),
            (
                r#"{"request_method":"(gone)","request_uri":"(gone)","host":"(gone)","request":"","status":"400","upstream_status":"-"}"#,
                "  400 by edge 12ms",
            ),
            (
                r#"{"msec":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 6ms retried | POST api.hubapi.com/crm/v3/objects 201 5ms try=2",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
