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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"DistributionId":"E1","asn":"64500","c-ip":"203.0.113.9","c-port":"40000","cs(Cookie)":"-","cs(Host)":"d1.cloudfront.example","cs(Referer)":"-","cs(User-Agent)":"Stripe/1.0","cs-bytes":"900","cs-method":"POST","cs-protocol":"https","cs-protocol-version":"HTTP/1.1","cs-uri-query":"a=1","cs-uri-stem":"/webhooks/stripe","date":"2026-11-22","fle-status":"-","sc-bytes":"500","sc-content-type":"application/json","sc-status":"200","ssl-protocol":"TLSv1.3","time":"03:51:46","time-taken":"0.113","time-to-first-byte":"0.112","timestamp(ms)":"1795319506069","x-edge-detailed-result-type":"Miss","x-edge-location":"FRA2","x-edge-request-id":"abc==","x-edge-response-result-type":"Miss","x-edge-result-type":"Miss","x-forwarded-for":"-","x-host-header":"hooks.acme.example"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST hooks.acme.example/webhooks/stripe 200 113ms"),
            (
                r#"{"sc-status":"504","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginCommError"}"#,
                "POST hooks.acme.example/webhooks/stripe 504 by edge code=OriginCommError 113ms",
            ),
            (
                r#"{"sc-status":"502","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginConnectError"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=OriginConnectError 113ms",
            ),
            (
                r#"{"sc-status":"503","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginError"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 code=OriginError 113ms",
            ),
            (
                r#"{"sc-status":"429","x-edge-result-type":"Error","x-edge-detailed-result-type":"Error"}"#,
                "POST hooks.acme.example/webhooks/stripe 429 113ms",
            ),
            (
                r#"{"sc-status":"503","x-edge-result-type":"LimitExceeded","x-edge-detailed-result-type":"LimitExceeded"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 by edge throttled code=LimitExceeded 113ms",
            ),
            (
                r#"{"sc-status":"503","x-edge-result-type":"CapacityExceeded","x-edge-detailed-result-type":"CapacityExceeded"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 by edge code=CapacityExceeded 113ms",
            ),
            (
                r#"{"sc-status":"403","x-edge-result-type":"Error","x-edge-detailed-result-type":"ClientGeoBlocked"}"#,
                "POST hooks.acme.example/webhooks/stripe 403 by edge code=ClientGeoBlocked 113ms",
            ),
            (
                r#"{"sc-status":"000","x-edge-result-type":"Error","x-edge-detailed-result-type":"ClientCommError"}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone code=ClientCommError 113ms",
            ),
            (
                r#"{"sc-status":"200","x-edge-result-type":"Error","x-edge-detailed-result-type":"ClientHungUpRequest"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 by client client_gone code=ClientHungUpRequest 113ms",
            ),
            (
                r#"{"sc-status":"000","x-edge-result-type":"Error","x-edge-detailed-result-type":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 113ms",
            ),
            (
                r#"{"sc-status":"400","x-edge-result-type":"Error","x-edge-detailed-result-type":"InvalidRequest"}"#,
                "POST hooks.acme.example/webhooks/stripe 400 by edge code=InvalidRequest 113ms",
            ),
            (
                r#"{"sc-status":"200","x-edge-result-type":"Hit","x-edge-detailed-result-type":"Hit"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 113ms",
            ),
            (
                r#"{"sc-status":"301","x-edge-result-type":"Redirect","x-edge-detailed-result-type":"Redirect"}"#,
                "POST hooks.acme.example/webhooks/stripe 301 113ms",
            ),
            (
                r#"{"sc-status":"502","x-edge-result-type":"Error","x-edge-detailed-result-type":"AbortedOrigin"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=AbortedOrigin 113ms",
            ),
            (
                r#"{"timestamp(ms)":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 113ms",
            ),
            (
                r#"{"timestamp(ms)":"(gone)","date":"(gone)","time":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 113ms untimed",
            ),
            (
                r#"{"timestamp(ms)":"(gone)","date":"(gone)","time":"(gone)","timestamp":"1795319506.069"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 113ms",
            ),
            (
                r#"{"x-host-header":"(gone)"}"#,
                "POST d1.cloudfront.example/webhooks/stripe 200 113ms",
            ),
            (
                r#"{"x-host-header":"(gone)","cs(Host)":"(gone)","cs-host":"h.example.com"}"#,
                "POST h.example.com/webhooks/stripe 200 113ms",
            ),
            (
                r#"{"time-taken":"30.001"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 30001ms",
            ),
            (
                r#"{"sc-status":200,"time-taken":0.2}"#,
                "POST hooks.acme.example/webhooks/stripe 200 200ms",
            ),
            (
                r#"{"sc-status":"502","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginDnsError"}"#,
                "POST hooks.acme.example/webhooks/stripe 502 by edge code=OriginDnsError 113ms",
            ),
            (
                r#"{"cs-uri-stem":"-"}"#,
                "POST hooks.acme.example 200 113ms",
            ),
            (
                r#"{"x-edge-location":"(gone)","x-edge-result-type":"(gone)","x-edge-detailed-result-type":"(gone)"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 113ms",
            ),
            (r#"{"sc-status":"(gone)"}"#, "Rejected(NoFormatMatched)"),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
