//! Azure Application Gateway and Front Door access logs, one record a line or as `{"records": […]}`.

use crate::model::exchange::TsKind;
use crate::read::engine::draft::{Draft, parse_duration_ms};
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "azure",
    markers: &["category", "properties.httpMethod"],
    ts_kind: TsKind::End,
    places: &[
        ("timeStamp", Field::Time(TimeForm::Any)),
        ("time", Field::Time(TimeForm::Any)),
        ("properties.httpStatus", Field::Status),
        ("properties.httpStatusCode", Field::Status),
        ("properties.httpMethod", Field::Method),
        ("properties.originalRequestUriWithArgs", Field::Url),
        ("properties.requestUri", Field::Url),
        ("properties.requestQuery", Field::Query),
        ("properties.originalHost", Field::Host),
        ("properties.host", Field::Host),
        ("properties.hostName", Field::Host),
        ("properties.clientIP", Field::ClientAddress),
        ("properties.clientIp", Field::ClientAddress),
        ("properties.userAgent", Field::Client),
        ("properties.transactionId", Field::RequestId),
        ("properties.trackingReference", Field::RequestId),
        ("properties.receivedBytes", Field::RequestBytes),
        ("properties.requestBytes", Field::RequestBytes),
        ("properties.sentBytes", Field::ResponseBytes),
        ("properties.responseBytes", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    if let Some(taken) = value.told("properties.timeTaken") {
        draft.exchange.duration_ms = parse_duration_ms(&taken, unit_of(value, &taken));
    }
    settle_origin(value, draft);
    settle_fault(value, draft);
}

/// The first Application Gateway counts whole milliseconds; the second and Front Door count seconds.
fn unit_of(value: &Json<'_>, taken: &str) -> Unit {
    const OF_SECONDS: &[&str] = &[
        "properties.serverResponseLatency",
        "properties.originalRequestUriWithArgs",
        "properties.WAFEvaluationTime",
        "properties.transactionId",
        "properties.trackingReference",
    ];
    let seconds = taken.contains('.') || OF_SECONDS.iter().any(|at| value.at_path(at).is_some());
    if seconds { Unit::Seconds } else { Unit::Millis }
}

/// The gateway tells the server's status, and leaves it empty when it answered by itself.
fn settle_origin<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    match value.status_at("properties.serverStatus") {
        Some(status) => draft.told_by_origin(status),
        None if value.at_path("properties.serverStatus").is_some() => draft.answered_here(),
        None => {}
    }
}

fn settle_fault<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let places = [
        "properties.errorInfo",
        "properties.ErrorInfo",
        "properties.error_info",
    ];
    let Some(fault) = places.iter().find_map(|place| value.told(place)) else {
        return;
    };
    match fault.as_ref() {
        "NoError" | "N/A" | "ERRORINFO_NO_ERROR" => return,
        "ClientDisconnected" | "ERRORINFO_CLIENT_CLOSED_REQUEST" => draft.caller_left(),
        // Front Door names a fault only where the origin's answer is not what was sent.
        _ if value.at_path("properties.serverStatus").is_none() => draft.answered_here(),
        _ => {}
    }
    draft.exchange.error_code = Some(fault);
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Azure Application Gateway and Front Door",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"timeStamp":"2021-10-14T22:17:11+00:00","category":"ApplicationGatewayAccessLog","properties":{"clientIP":"185.42.129.24","httpMethod":"GET","requestUri":"/","httpStatus":200,"timeTaken":0.034,"serverStatus":"200","host":"app.example.com","transactionId":"d7b2"}}"#,
            Some(200),
        ),
        (
            r#"{"time":"2022-08-29T15:03:25.4715017Z","category":"FrontDoorAccessLog","properties":{"trackingReference":"0PdU","httpMethod":"GET","httpStatusCode":"301","requestUri":"https://www.example.com:443/","timeTaken":"0.005","originName":"N/A"}}"#,
            Some(301),
        ),
        (
            r#"{"records":[{"time":"2016-04-11T04:24:37Z","category":"ApplicationGatewayAccessLog","properties":"{\"httpMethod\":\"HEAD\",\"requestUri\":\"/xyz/portal\",\"httpStatus\":\"200\",\"timeTaken\":\"359\"}"}]}"#,
            Some(200),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"backendPoolName":"pool","backendSettingName":"https","category":"ApplicationGatewayAccessLog","listenerName":"l","operationName":"ApplicationGatewayAccess","properties":{"WAFEvaluationTime":"0.000","WAFMode":"Detection","clientIP":"203.0.113.7","clientPort":45057,"clientResponseTime":0,"error_info":"ERRORINFO_NO_ERROR","host":"10.0.0.4","httpMethod":"POST","httpStatus":200,"httpVersion":"HTTP/1.1","instanceId":"appgw_1","originalHost":"app.example.com","originalRequestUriWithArgs":"/hooks/stripe?a=1","receivedBytes":184,"requestQuery":"a=1","requestUri":"/hooks/stripe","sentBytes":466,"serverResponseLatency":"0.028","serverRouted":"10.0.0.4:443","serverStatus":"200","sslEnabled":"on","timeTaken":0.034,"transactionId":"d7b2","userAgent":"Stripe/1.0"},"resourceId":"/SUBSCRIPTIONS/X","ruleName":"r","timeStamp":"2026-11-22T03:51:46+00:00"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST app.example.com/hooks/stripe 200 34ms"),
            (
                r#"{"properties/httpStatus":429,"properties/serverStatus":"429"}"#,
                "POST app.example.com/hooks/stripe 429 34ms",
            ),
            (
                r#"{"properties/httpStatus":502,"properties/serverStatus":""}"#,
                "POST app.example.com/hooks/stripe 502 by edge 34ms",
            ),
            (
                r#"{"properties/httpStatus":502,"properties/serverStatus":"","properties/error_info":"ERRORINFO_UPSTREAM_NO_LIVE"}"#,
                "POST app.example.com/hooks/stripe 502 by edge code=ERRORINFO_UPSTREAM_NO_LIVE 34ms",
            ),
            (
                r#"{"properties/httpStatus":504,"properties/serverStatus":"-","properties/error_info":"ERRORINFO_UPSTREAM_TIMED_OUT","properties/timeTaken":60.004}"#,
                "POST app.example.com/hooks/stripe 504 by edge code=ERRORINFO_UPSTREAM_TIMED_OUT 60004ms",
            ),
            (
                r#"{"properties/httpStatus":502,"properties/serverStatus":"502"}"#,
                "POST app.example.com/hooks/stripe 502 34ms",
            ),
            (
                r#"{"properties/httpStatus":499,"properties/serverStatus":"","properties/error_info":"ERRORINFO_CLIENT_CLOSED_REQUEST"}"#,
                "POST app.example.com/hooks/stripe 499 by client client_gone code=ERRORINFO_CLIENT_CLOSED_REQUEST 34ms",
            ),
            (
                r#"{"properties/httpStatus":403,"properties/serverStatus":""}"#,
                "POST app.example.com/hooks/stripe 403 by edge 34ms",
            ),
            (
                r#"{"properties/httpStatus":301,"properties/serverStatus":""}"#,
                "POST app.example.com/hooks/stripe 301 by edge 34ms",
            ),
            (
                r#"{"properties/httpStatus":200,"properties/serverStatus":"500"}"#,
                "POST app.example.com/hooks/stripe 500 edge=200 34ms",
            ),
            (
                r#"{"properties/timeTaken":1}"#,
                "POST app.example.com/hooks/stripe 200 1000ms",
            ),
            (
                r#"{"properties/timeTaken":0}"#,
                "POST app.example.com/hooks/stripe 200 0ms",
            ),
            (
                r#"{"properties/timeTaken":"0.005"}"#,
                "POST app.example.com/hooks/stripe 200 5ms",
            ),
            (
                r#"{"properties":{"httpMethod":"HEAD","requestUri":"/xyz/portal","httpStatus":"200","timeTaken":"359","clientIP":"203.0.113.7"}}"#,
                "HEAD /xyz/portal 200 359ms",
            ),
            (
                r#"{"properties":{"httpMethod":"GET","requestUri":"/x","httpStatus":"404","timeTaken":12}}"#,
                "GET /x 404 12ms",
            ),
            (
                r#"{"properties":"{\"httpMethod\":\"GET\",\"requestUri\":\"/x\",\"httpStatus\":429,\"serverStatus\":\"429\",\"timeTaken\":0.5}"}"#,
                "GET /x 429 500ms",
            ),
            (
                r#"{"properties/originalHost":"(gone)","properties/host":"app.example.com"}"#,
                "POST app.example.com/hooks/stripe 200 34ms",
            ),
            (
                r#"{"timeStamp":"(gone)","time":"2026-11-22T03:51:46.4715017Z"}"#,
                "POST app.example.com/hooks/stripe 200 34ms",
            ),
            (
                r#"{"category":"ApplicationGatewayFirewallLog","properties":{"instanceId":"a","clientIp":"1.2.3.4","requestUri":"/x","ruleId":"942130","action":"Matched"}}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"category":"FrontDoorAccessLog","properties":{"httpMethod":"POST","httpStatusCode":"503","requestUri":"https://www.example.com:443/a?b=1","timeTaken":"30.005","errorInfo":"OriginTimeout","originName":"app.example.net:443","trackingReference":"0PdU","clientIp":"1.2.3.4"}}"#,
                "POST www.example.com/a 503 by edge code=OriginTimeout 30005ms",
            ),
            (
                r#"{"category":"FrontDoorAccessLog","properties":{"httpMethod":"GET","httpStatusCode":"200","requestUri":"https://www.example.com:443/","timeTaken":"0","errorInfo":"NoError","originName":"app.example.net:443","trackingReference":"0PdU"}}"#,
                "GET www.example.com/ 200 0ms",
            ),
            (
                r#"{"category":"FrontdoorAccessLog","properties":{"httpMethod":"GET","httpStatusCode":"404","requestUri":"https://www.example.com:443/x","timeTaken":"0.113","backendHostname":"app:443","trackingReference":"0a"}}"#,
                "GET www.example.com/x 404 113ms",
            ),
            (
                r#"{"category":"FrontDoorAccessLog","properties":{"httpMethod":"GET","httpStatusCode":"0","requestUri":"https://www.example.com/","timeTaken":"1.5","errorInfo":"ClientDisconnected","trackingReference":"0a"}}"#,
                "GET www.example.com/ none by client client_gone code=ClientDisconnected 1500ms",
            ),
            (
                r#"{"category":"FrontDoorHealthProbeLog","properties":{"httpVerb":"HEAD","result":"OriginError"}}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"properties/httpStatus":null,"properties/serverStatus":""}"#,
                "POST app.example.com/hooks/stripe none by edge 34ms",
            ),
            (r#"{"properties/httpStatus":"2xx"}"#, "Rejected(BadStatus)"),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
