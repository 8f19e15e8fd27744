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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"httpRequest":{"latency":"0.123456s","protocol":"HTTP/2","remoteIp":"203.0.113.7","requestMethod":"POST","requestSize":"905","requestUrl":"https://hooks.acme.example/webhooks/stripe?a=1","responseSize":"240","serverIp":"10.132.0.9","status":200,"userAgent":"Stripe/1.0"},"insertId":"1n2b","jsonPayload":{"@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry","remoteIp":"203.0.113.7","statusDetails":"response_sent_by_backend"},"logName":"projects/p/logs/requests","receiveTimestamp":"2026-11-22T03:51:47.5Z","resource":{"labels":{"backend_service_name":"hooks"},"type":"http_load_balancer"},"severity":"INFO","spanId":"s","timestamp":"2026-11-22T03:51:46.069123Z","trace":"projects/p/traces/t"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (
                r#"{}"#,
                "POST hooks.acme.example/webhooks/stripe 200 123.456ms",
            ),
            (
                r#"{"httpRequest/status":429}"#,
                "POST hooks.acme.example/webhooks/stripe 429 123.456ms",
            ),
            (
                r#"{"httpRequest/status":502,"jsonPayload/statusDetails":"backend_timeout"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=backend_timeout 123.456ms",
            ),
            (
                r#"{"httpRequest/status":502,"jsonPayload/statusDetails":"failed_to_connect_to_backend"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=failed_to_connect_to_backend 123.456ms",
            ),
            (
                r#"{"httpRequest/status":502,"jsonPayload/statusDetails":"failed_to_pick_backend"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=failed_to_pick_backend 123.456ms",
            ),
            (
                r#"{"httpRequest/status":502,"jsonPayload/statusDetails":"backend_connection_closed_before_data_sent_to_client"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=backend_connection_closed_before_data_sent_to_client 123.456ms",
            ),
            (
                r#"{"httpRequest/status":502}"#,
                "POST hooks.acme.example/webhooks/stripe 502 123.456ms",
            ),
            (
                r#"{"httpRequest/status":0,"jsonPayload/statusDetails":"client_disconnected_before_any_response"}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 123.456ms",
            ),
            (
                r#"{"httpRequest/status":"(gone)","jsonPayload/statusDetails":"client_disconnected_before_any_response"}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 123.456ms",
            ),
            (
                r#"{"httpRequest/status":499,"jsonPayload/statusDetails":"client_disconnected_after_partial_response"}"#,
                "POST hooks.acme.example/webhooks/stripe 499 by client client_gone 123.456ms",
            ),
            (
                r#"{"httpRequest/status":403,"jsonPayload/statusDetails":"denied_by_security_policy"}"#,
                "POST hooks.acme.example/webhooks/stripe 403 by edge code=denied_by_security_policy 123.456ms",
            ),
            (
                r#"{"httpRequest/status":429,"jsonPayload/statusDetails":"denied_by_security_policy"}"#,
                "POST hooks.acme.example/webhooks/stripe 429 by edge throttled code=denied_by_security_policy 123.456ms",
            ),
            (
                r#"{"httpRequest/status":302,"jsonPayload/statusDetails":"handled_by_identity_aware_proxy"}"#,
                "POST hooks.acme.example/webhooks/stripe 302 by edge 123.456ms",
            ),
            (
                r#"{"httpRequest/status":200,"jsonPayload/statusDetails":"response_from_cache"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 by edge 123.456ms",
            ),
            (
                r#"{"jsonPayload":"(gone)","resource":{"type":"cloud_run_revision"}}"#,
                "POST hooks.acme.example/webhooks/stripe 200 123.456ms",
            ),
            (
                r#"{"jsonPayload":"(gone)","httpRequest/status":503}"#,
                "POST hooks.acme.example/webhooks/stripe 503 123.456ms",
            ),
            (
                r#"{"httpRequest/latency":"30s"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 30000ms",
            ),
            (
                r#"{"httpRequest/latency":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200",
            ),
            (
                r#"{"httpRequest/requestUrl":"/relative"}"#,
                "POST /relative 200 123.456ms",
            ),
            (
                r#"{"timestamp":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 123.456ms",
            ),
            (
                r#"{"httpRequest":"(gone)","jsonPayload":{"message":"started"}}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"httpRequest":"(gone)","jsonPayload":"(gone)","protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","methodName":"v1.compute.firewalls.insert","status":{"code":7,"message":"x"},"request":{"@type":"x"},"requestMetadata":{"callerIp":"1.1.1.1"}}}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"httpRequest":{"status":200},"jsonPayload":"(gone)","protoPayload":{"@type":"type.googleapis.com/google.appengine.logging.v1.RequestLog","method":"GET","resource":"/tasks?x=1","host":"app.example.com","status":200,"latency":"0.012s"}}"#,
                "GET app.example.com/tasks 200 12ms",
            ),
            (
                r#"{"jsonPayload":"(gone)","labels":{"response_flag":"UF,URX","response_details":"upstream_reset"},"httpRequest/status":503}"#,
                "POST hooks.acme.example/webhooks/stripe 503 by edge code=UF 123.456ms",
            ),
            (
                r#"{"httpRequest":"(gone)","jsonPayload":{"method":"GET","url":"https://api.stripe.com/v1/charges","status":429,"latency_ms":12}}"#,
                "GET api.stripe.com/v1/charges 429 12ms",
            ),
            (
                r#"{"logName":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 123.456ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
