//! Google Cloud Logging entries about HTTP requests: load balancers, Cloud Run, App Engine, GKE.
//!
//! Entries without `httpRequest` (audit, platform) are about something else. Exports come as lines, as a list, or as
//! messages of Pub/Sub.

use crate::model::exchange::{StatusSource, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::envoy_flags::{self, Signs};
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};
use crate::read::skip::{Ignored, Rejected};

pub const SHAPE: Shape = Shape {
    name: "gcp",
    markers: &["httpRequest|logName", "timestamp|receiveTimestamp|insertId"],
    // The time at which the request arrived.
    ts_kind: TsKind::Start,
    places: &[
        ("timestamp", Field::Time(TimeForm::Any)),
        ("receiveTimestamp", Field::Time(TimeForm::Any)),
        ("httpRequest.requestMethod", Field::Method),
        ("protoPayload.method", Field::Method),
        ("httpRequest.requestUrl", Field::Url),
        ("protoPayload.resource", Field::Url),
        ("protoPayload.host", Field::Host),
        ("httpRequest.status", Field::Status),
        ("protoPayload.status", Field::Status),
        ("httpRequest.latency", Field::Duration(Unit::Seconds)),
        ("protoPayload.latency", Field::Duration(Unit::Seconds)),
        ("httpRequest.remoteIp", Field::ClientAddress),
        ("httpRequest.userAgent", Field::Client),
        ("httpRequest.requestSize", Field::RequestBytes),
        ("httpRequest.responseSize", Field::ResponseBytes),
        ("insertId", Field::RequestId),
        ("trace", Field::TraceId),
    ],
    access_log: false,
    refuse,
    settle,
};

/// Audit entries name methods of an API and statuses of its own.
fn refuse(value: &Json<'_>) -> Option<Ignored> {
    let audit = value.at_path("httpRequest").is_none()
        && value.at_path("protoPayload").is_some()
        && value.at_path("protoPayload.resource").is_none();
    audit.then_some(Ignored::NotHttp)
}

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    settle_absent(value, draft).unwrap_or_default();
    if let Some(details) = value.told("jsonPayload.statusDetails") {
        settle_details(draft, &details);
    } else if let Some(flags) = value.told("labels.response_flag") {
        let details = value.told("labels.response_details");
        let signs = Signs {
            details: details.as_deref(),
            ..Signs::default()
        };
        envoy_flags::settle(&mut draft.exchange, &flags, signs);
    }
}

/// A status of zero is left out of the entry: the balancer had nothing to answer with.
fn settle_absent<'a>(value: &Json<'a>, draft: &mut Draft<'a>) -> Result<(), Rejected> {
    let balancer = value.at_path("jsonPayload.statusDetails").is_some();
    if balancer && !draft.status_seen() {
        draft.set(&Field::Status, "".into())?;
    }
    Ok(())
}

/// Who answered, in the balancer's words.
fn settle_details(draft: &mut Draft<'_>, details: &str) {
    if details.starts_with("client_disconnected") || details.starts_with("client_cancelled") {
        draft.caller_left();
        return;
    }
    if details.starts_with("response_sent_by_backend") {
        return;
    }
    draft.exchange.status_source = StatusSource::Edge;
    if draft.exchange.status == Some(429) {
        draft.limited_here();
    }
    if draft.exchange.status.is_none_or(|status| status >= 400) {
        draft.exchange.error_code = Some(details.to_owned().into());
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Google Cloud Logging entries with httpRequest",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"httpRequest":{"latency":"0.054s","remoteIp":"198.51.100.7","requestMethod":"GET","requestUrl":"https://app.example.com/x","responseSize":"223","status":502,"userAgent":"curl"},"insertId":"1","logName":"projects/p/logs/requests","timestamp":"2026-11-22T03:51:46.069Z"}"#,
            Some(502),
        ),
        (
            r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://x.example/","status":0,"latency":"1.2s"},"jsonPayload":{"statusDetails":"client_disconnected_before_any_response"},"timestamp":"2026-11-22T03:51:48Z"}"#,
            None,
        ),
    ],
};
