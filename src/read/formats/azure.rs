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
