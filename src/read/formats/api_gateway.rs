//! Amazon API Gateway access logs whose template makes JSON of `$context` variables: texts all, `-` where unset.

use std::borrow::Cow;

use crate::model::exchange::{StatusSource, Text, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "api_gateway",
    markers: &[
        "requestId|extendedRequestId",
        "resourcePath|routeKey|integrationStatus|integration.status|integrationLatency|integration.latency|responseLatency|error.responseType|integrationErrorMessage|integrationError",
        "status",
    ],
    ts_kind: TsKind::Start,
    places: &[
        ("requestTimeEpoch", Field::Time(TimeForm::Any)),
        ("requestTime", Field::Time(TimeForm::Any)),
        ("status", Field::Status),
        ("httpMethod", Field::Method),
        ("domainName", Field::Host),
        ("path", Field::Url),
        ("responseLatency", Field::Duration(Unit::Millis)),
        ("integrationLatency", Field::Duration(Unit::Millis)),
        ("integration.latency", Field::Duration(Unit::Millis)),
        ("requestId", Field::RequestId),
        ("extendedRequestId", Field::RequestId),
        ("ip", Field::ClientAddress),
        ("sourceIp", Field::ClientAddress),
        ("identity.sourceIp", Field::ClientAddress),
        ("userAgent", Field::Client),
        ("identity.userAgent", Field::Client),
        ("identity.apiKeyId", Field::Principal),
        ("apiKeyId", Field::Principal),
        ("responseLength", Field::ResponseBytes),
        ("requestLength", Field::RequestBytes),
        ("error.message", Field::ErrorMessage),
        ("errorMessage", Field::ErrorMessage),
        ("integrationErrorMessage", Field::ErrorMessage),
        ("integration.error", Field::ErrorMessage),
        ("xrayTraceId", Field::TraceId),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    settle_target(value, draft);
    let places = ["error.responseType", "errorResponseType", "responseType"];
    let fault = places.iter().find_map(|place| value.told(place));
    if matches!(fault.as_deref(), Some("THROTTLED" | "QUOTA_EXCEEDED")) {
        draft.limited_here();
    }
    settle_source(value, draft, fault.is_some());
    draft.exchange.error_code = fault.or(draft.exchange.error_code.take());
}

/// The resource and the route key are templates already.
fn settle_target<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let route = value.told("routeKey").and_then(split_route);
    let template = value
        .told("resourcePath")
        .or_else(|| route.as_ref().map(|(_, path)| path.clone()));
    let exchange = &mut draft.exchange;
    if exchange.method.is_empty()
        && let Some((method, _)) = route
        && method != "ANY"
    {
        exchange.method = method;
    }
    let Some(template) = template else { return };
    // A proxy resource stands for every path below it, and says less than the path does.
    if !template.contains("+}") || exchange.path.is_empty() {
        exchange.operation = Some(template.clone());
    }
    if exchange.path.is_empty() {
        exchange.path = template;
    }
}

/// `POST /stripe`; `$default` is no route.
fn split_route(route: Text<'_>) -> Option<(Text<'_>, Text<'_>)> {
    let own = |text: &str| Cow::Owned(text.to_owned());
    let (method, path) = route.split_once(' ')?;
    path.starts_with('/').then(|| (own(method), own(path)))
}

/// `integration.status` is what the function or the server answered; `integrationStatus` may be that of its invocation.
fn settle_source<'a>(value: &Json<'a>, draft: &mut Draft<'a>, faulty: bool) {
    let told = draft.exchange.status;
    if let Some(status) = value.status_at("integration.status") {
        draft.told_by_origin(status);
        return;
    }
    let invoked = value.status_at("integrationStatus");
    let listed = ["integrationStatus", "integration.status"]
        .iter()
        .any(|place| value.at_path(place).is_some());
    match (invoked, told) {
        (Some(invoked), Some(told)) if invoked == told => draft.told_by_origin(told),
        (Some(invoked), _) if invoked >= 400 => draft.told_by_origin(invoked),
        // The function ran and the gateway could do nothing with its answer, or waited too long for it.
        (Some(_), Some(500..)) => draft.exchange.status_source = StatusSource::Edge,
        (Some(_), _) => {}
        (None, _) if listed || faulty => draft.answered_here(),
        (None, _) => {}
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Amazon API Gateway access logs, JSON",
    specificity: 78,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","ip":"203.0.113.7","requestTime":"22/Nov/2026:03:51:46 +0000","httpMethod":"POST","resourcePath":"/hooks/{source}","status":"429","protocol":"HTTP/1.1","responseLength":"29","error.responseType":"THROTTLED","integrationStatus":"-"}"#,
            Some(429),
        ),
        (
            r#"{"requestId":"aa1","requestTimeEpoch":"1795319506069","routeKey":"POST /stripe","status":"502","integrationStatus":"200","integrationLatency":"29012","responseLatency":"29020","integrationErrorMessage":"-"}"#,
            Some(502),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"apiId":"a1","domainName":"hooks.acme.example","error.message":"-","error.responseType":"-","extendedRequestId":"ext=","httpMethod":"POST","identity.sourceIp":"203.0.113.7","identity.userAgent":"Stripe/1.0","integration.latency":"80","integration.status":"200","integrationErrorMessage":"-","integrationStatus":"200","path":"/prod/hooks/stripe","protocol":"HTTP/1.1","requestId":"c6af9ac6","requestTime":"22/Nov/2026:03:51:46 +0000","requestTimeEpoch":"1795319506069","resourcePath":"/hooks/{source}","responseLatency":"88","responseLength":"29","stage":"prod","status":"200"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (
                r#"{}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200 88ms",
            ),
            (
                r#"{"status":"429","integration.status":"-","integrationStatus":"-","error.responseType":"THROTTLED","error.message":"Too Many Requests"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 429 by edge throttled code=THROTTLED 88ms",
            ),
            (
                r#"{"status":"429","integration.status":"-","integrationStatus":"-","error.responseType":"QUOTA_EXCEEDED"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 429 by edge throttled code=QUOTA_EXCEEDED 88ms",
            ),
            (
                r#"{"status":"504","integration.status":"-","integrationStatus":"-","error.responseType":"INTEGRATION_TIMEOUT"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 504 by edge code=INTEGRATION_TIMEOUT 88ms",
            ),
            (
                r#"{"status":"502","integration.status":"-","integrationStatus":"200","error.responseType":"INTEGRATION_FAILURE"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 502 by edge code=INTEGRATION_FAILURE 88ms",
            ),
            (
                r#"{"status":"429","integration.status":"429","integrationStatus":"200"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 429 88ms",
            ),
            (
                r#"{"status":"429","integration.status":"(gone)","integrationStatus":"200"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 429 88ms",
            ),
            (
                r#"{"status":"502","integration.status":"(gone)","integrationStatus":"200"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 502 by edge 88ms",
            ),
            (
                r#"{"status":"503","integration.status":"(gone)","integrationStatus":"503"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 503 88ms",
            ),
            (
                r#"{"status":"200","integration.status":"503","integrationStatus":"503"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 503 edge=200 88ms",
            ),
            (
                r#"{"status":"500","integration.status":"(gone)","integrationStatus":"404"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 404 edge=500 88ms",
            ),
            (
                r#"{"status":"403","integration.status":"-","integrationStatus":"-","error.responseType":"MISSING_AUTHENTICATION_TOKEN"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 403 by edge code=MISSING_AUTHENTICATION_TOKEN 88ms",
            ),
            (
                r#"{"status":"403","integration.status":"-","integrationStatus":"-","error.responseType":"WAF_FILTERED"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 403 by edge code=WAF_FILTERED 88ms",
            ),
            (
                r#"{"status":"401","integration.status":"(gone)","integrationStatus":"(gone)","error.responseType":"UNAUTHORIZED"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 401 by edge code=UNAUTHORIZED 88ms",
            ),
            (
                r#"{"resourcePath":"(gone)","path":"(gone)","httpMethod":"(gone)","routeKey":"POST /stripe"}"#,
                "POST hooks.acme.example/stripe 200 88ms",
            ),
            (
                r#"{"resourcePath":"(gone)","path":"(gone)","routeKey":"$default"}"#,
                "POST hooks.acme.example 200 88ms",
            ),
            (
                r#"{"resourcePath":"(gone)","path":"(gone)","httpMethod":"(gone)","routeKey":"ANY /{proxy+}"}"#,
                " hooks.acme.example/{proxy+} 200 88ms",
            ),
            (
                r#"{"resourcePath":"/{proxy+}"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200 88ms",
            ),
            (
                r#"{"path":"(gone)"}"#,
                "POST hooks.acme.example/hooks/{source} 200 88ms",
            ),
            (
                r#"{"requestTimeEpoch":"(gone)"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200 88ms",
            ),
            (
                r#"{"requestTimeEpoch":"(gone)","requestTime":"(gone)"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200 88ms untimed",
            ),
            (
                r#"{"responseLatency":"-"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200",
            ),
            (
                r#"{"status":"-","integration.status":"-","integrationStatus":"-"}"#,
                "POST hooks.acme.example/prod/hooks/stripe none by edge 88ms",
            ),
            (r#"{"domainName":"-"}"#, "POST /prod/hooks/stripe 200 88ms"),
            (
                r#"{"status":429,"integration.status":"(gone)","integrationStatus":"-","error.responseType":"(gone)"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 429 by edge 88ms",
            ),
            (
                r#"{"integration.status":"(gone)","integrationStatus":"(gone)","error.responseType":"(gone)"}"#,
                "POST hooks.acme.example/prod/hooks/stripe 200 88ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
