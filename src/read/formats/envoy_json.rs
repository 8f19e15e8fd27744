//! Envoy and Istio access logs in JSON. Keys are the user's own; these are the ones that Istio ships and most people copy.

use std::borrow::Cow;

use crate::model::exchange::{Direction, TsKind};
use crate::read::engine::draft::{Draft, parse_duration_ms};
use crate::read::engine::envoy_flags::{self, Signs};
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::engine::target::set_host;
use crate::read::format::{Format, Layout};
use crate::read::skip::Ignored;

const FLAGS: &[&str] = &[
    "response_flags",
    "responseFlags",
    "response_flag",
    "response_flags_long",
    "flags",
];
const CODES: &[&str] = &[
    "response_code",
    "responseCode",
    "status_code",
    "status",
    "code",
];
const DETAILS: &[&str] = &[
    "response_code_details",
    "responseCodeDetails",
    "response_details",
];
const UPSTREAM_TIMES: &[&str] = &[
    "upstream_service_time",
    "x_envoy_upstream_service_time",
    "upstreamServiceTime",
    "x-envoy-upstream-service-time",
];
const CLUSTERS: &[&str] = &[
    "upstream_cluster",
    "upstreamCluster",
    "upstream_cluster_raw",
];
const HOSTS: &[&str] = &["upstream_host", "upstreamHost"];

pub const SHAPE: Shape = Shape {
    name: "envoy_json",
    markers: &[
        "response_flags|responseFlags|response_flag|response_flags_long|flags",
        "response_code|responseCode|status_code|status|code",
        "upstream_host|upstreamHost|upstream_cluster|upstreamCluster|authority|:authority|route_name|response_code_details|bytes_received",
    ],
    ts_kind: TsKind::Start,
    places: &[
        ("start_time", Field::Time(TimeForm::Any)),
        ("startTime", Field::Time(TimeForm::Any)),
        ("timestamp", Field::Time(TimeForm::Any)),
        ("method", Field::Method),
        (":method", Field::Method),
        ("x_envoy_original_path", Field::Url),
        ("x-envoy-original-path", Field::Url),
        ("x-envoy-origin-path", Field::Url),
        ("path", Field::Url),
        (":path", Field::Url),
        ("authority", Field::Host),
        (":authority", Field::Host),
        ("response_code", Field::Status),
        ("responseCode", Field::Status),
        ("status_code", Field::Status),
        ("status", Field::Status),
        ("code", Field::Status),
        ("duration", Field::Duration(Unit::Millis)),
        ("upstream_request_attempt_count", Field::Attempt),
        ("attempt_count", Field::Attempt),
        ("request_id", Field::RequestId),
        ("x_request_id", Field::RequestId),
        ("x-request-id", Field::RequestId),
        ("user_agent", Field::Client),
        ("user-agent", Field::Client),
        ("x_forwarded_for", Field::ClientAddress),
        ("x-forwarded-for", Field::ClientAddress),
        ("downstream_remote_address", Field::ClientAddress),
        ("bytes_received", Field::RequestBytes),
        ("bytes_sent", Field::ResponseBytes),
        ("upstream_transport_failure_reason", Field::ErrorMessage),
    ],
    access_log: true,
    refuse,
    settle,
};

fn first<'a>(value: &Json<'a>, places: &[&str]) -> Option<Cow<'a, str>> {
    places.iter().find_map(|place| value.told(place))
}

/// A connection that was passed through has neither a method nor a status.
fn refuse(value: &Json<'_>) -> Option<Ignored> {
    let asked = first(
        value,
        &[
            "method",
            ":method",
            "path",
            ":path",
            "request",
            "request_line",
        ],
    );
    let answered = CODES.iter().any(|place| value.status_at(place).is_some());
    (asked.is_none() && !answered).then_some(Ignored::NoCall)
}

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let upstream_time = first(value, UPSTREAM_TIMES);
    if let Some(ms) = upstream_time
        .as_deref()
        .and_then(|text| parse_duration_ms(text, Unit::Millis))
    {
        draft.exchange.duration_ms = Some(ms);
    }
    let details = first(value, DETAILS);
    let flags = first(value, FLAGS).unwrap_or(Cow::Borrowed("-"));
    // An unset host says that none was chosen; a host that is not logged says nothing.
    let upstream_host = HOSTS
        .iter()
        .find(|place| value.at_path(place).is_some())
        .map(|place| value.told(place).unwrap_or(Cow::Borrowed("-")));
    let signs = Signs {
        details: details.as_deref(),
        upstream_time: upstream_time.as_deref(),
        upstream_host: upstream_host.as_deref(),
    };
    envoy_flags::settle(&mut draft.exchange, &flags, signs);
    if let Some(cluster) = first(value, CLUSTERS) {
        settle_cluster(&cluster, draft);
    }
}

/// `outbound|443||api.stripe.com`: the mesh knows who calls whom.
fn settle_cluster(cluster: &str, draft: &mut Draft<'_>) {
    let mut parts = cluster.split('|');
    draft.exchange.direction = match parts.next() {
        Some("outbound") => Direction::Outbound,
        Some("inbound") => Direction::Inbound,
        _ => return,
    };
    let host = parts.nth(2).unwrap_or_default();
    if draft.exchange.direction == Direction::Outbound && !host.is_empty() {
        set_host(&mut draft.exchange, Cow::Owned(host.to_owned()));
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &["istio_json"],
    title: "Envoy and Istio access logs, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"authority":"api.stripe.com","bytes_received":12,"bytes_sent":18,"duration":0,"method":"POST","path":"/v1/charges","protocol":"HTTP/1.1","request_id":"5f0e","response_code":429,"response_code_details":"local_rate_limited","response_flags":"RL","start_time":"2026-11-22T03:51:46.310Z","upstream_cluster":"outbound|443||api.stripe.com","upstream_host":null}"#,
            Some(429),
        ),
        (
            r#"{":authority":"api.github.com","duration":"1500","method":"GET","path":"/x","response_code":"0","response_flags":"DC","start_time":"2026-11-22T03:51:48.555Z","upstream_host":"140.82.1.1:443","user_agent":"app/1"}"#,
            None,
        ),
    ],
};
