//! CloudFront's chosen-field logs (real-time, standard v2) in JSON, with the column names as keys.

use crate::model::exchange::{StatusSource, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "cloudfront_json",
    markers: &[
        "sc-status|sc_status",
        "x-edge-location|x-edge-result-type|x-edge-request-id|x_edge_location|x_edge_result_type|x_edge_request_id|cs-uri-stem|cs_uri_stem",
    ],
    ts_kind: TsKind::End,
    places: &[
        ("timestamp(ms)", Field::Time(TimeForm::Any)),
        ("timestamp", Field::Time(TimeForm::Any)),
        ("sc-status", Field::Status),
        ("sc_status", Field::Status),
        ("cs-method", Field::Method),
        ("cs_method", Field::Method),
        ("cs-uri-stem", Field::Url),
        ("cs_uri_stem", Field::Url),
        ("cs-uri-query", Field::Query),
        ("cs_uri_query", Field::Query),
        ("x-host-header", Field::Host),
        ("x_host_header", Field::Host),
        ("cs(Host)", Field::Host),
        ("cs-host", Field::Host),
        ("cs_host", Field::Host),
        ("time-taken", Field::Duration(Unit::Seconds)),
        ("time_taken", Field::Duration(Unit::Seconds)),
        ("x-edge-request-id", Field::RequestId),
        ("x_edge_request_id", Field::RequestId),
        ("c-ip", Field::ClientAddress),
        ("c_ip", Field::ClientAddress),
        ("cs(User-Agent)", Field::Client),
        ("cs-user-agent", Field::Client),
        ("cs_user_agent", Field::Client),
        ("cs-bytes", Field::RequestBytes),
        ("cs_bytes", Field::RequestBytes),
        ("sc-bytes", Field::ResponseBytes),
        ("sc_bytes", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    settle_time(value, draft);
    let either = |a: &str, b: &str| value.told(a).or_else(|| value.told(b));
    let result = either("x-edge-result-type", "x_edge_result_type").unwrap_or_default();
    let detail = either("x-edge-detailed-result-type", "x_edge_detailed_result_type")
        .unwrap_or_else(|| result.clone());
    if draft.exchange.status.is_none() || is_of_caller(&detail) {
        draft.caller_left();
    } else if result == "LimitExceeded" || detail == "LimitExceeded" {
        draft.limited_here();
    } else if is_of_edge(&detail) || result == "CapacityExceeded" {
        draft.exchange.status_source = StatusSource::Edge;
    }
    let served = matches!(
        detail.as_ref(),
        "" | "Hit"
            | "RefreshHit"
            | "OriginShieldHit"
            | "Miss"
            | "MissGeneratedResponse"
            | "Redirect"
            | "Error"
    );
    if !served {
        draft.exchange.error_code = Some(detail);
    }
}

/// Date and time stand in two members, in UTC.
fn settle_time<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let epoch = value
        .told("timestamp")
        .or_else(|| value.told("timestamp(ms)"));
    if let (None, Some(date), Some(time)) = (epoch, value.told("date"), value.told("time")) {
        let whole = format!("{date}T{time}Z");
        // What is no time leaves the record without one.
        draft
            .set(&Field::Time(TimeForm::Any), whole.into())
            .unwrap_or_default();
    }
}

fn is_of_caller(detail: &str) -> bool {
    matches!(detail, "ClientHungUpRequest" | "ClientCommError")
}

/// The origin did not answer, or the edge refused. `OriginError` alone is the origin's own answer.
fn is_of_edge(detail: &str) -> bool {
    let unanswered =
        detail.starts_with("Origin") && detail.ends_with("Error") && detail != "OriginError";
    unanswered
        || detail == "AbortedOrigin"
        || detail.starts_with("Client")
        || detail.starts_with("InvalidRequest")
        || detail == "MissGeneratedResponse"
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Amazon CloudFront real-time and v2 logs, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"timestamp":"1795319506.069","c-ip":"203.0.113.9","sc-status":"504","cs-method":"POST","x-host-header":"hooks.acme.example","cs-uri-stem":"/webhooks/stripe","time-taken":"30.001","x-edge-location":"FRA2","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginCommError","x-edge-request-id":"abc=="}"#,
            Some(504),
        ),
        (
            r#"{"date":"2026-11-22","time":"03:51:46","x-edge-location":"LAX1","cs-method":"GET","cs(Host)":"d1.cloudfront.example","cs-uri-stem":"/index.html","sc-status":"000","x-edge-result-type":"Error","time-taken":"0.001"}"#,
            None,
        ),
    ],
};
