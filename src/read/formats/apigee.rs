//! Apigee: what its message-logging policies and analytics exports call their variables.

use crate::model::exchange::TsKind;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "apigee",
    markers: &[
        "client_received_start_timestamp|client_sent_end_timestamp|client.received.start.timestamp|apiproxy|apiproxy.name",
        "response_status_code|response.status.code|target_response_code|message.status.code",
    ],
    ts_kind: TsKind::Start,
    places: &[
        (
            "client_received_start_timestamp",
            Field::Time(TimeForm::Any),
        ),
        (
            "client.received.start.timestamp",
            Field::Time(TimeForm::Any),
        ),
        ("client_received_end_timestamp", Field::Time(TimeForm::Any)),
        ("client_sent_end_timestamp", Field::Time(TimeForm::Any)),
        ("target_response_time", Field::Duration(Unit::Millis)),
        ("total_response_time", Field::Duration(Unit::Millis)),
        ("request_verb", Field::Method),
        ("request.verb", Field::Method),
        ("proxy_pathsuffix", Field::Url),
        ("proxy.pathsuffix", Field::Url),
        ("request_uri", Field::Url),
        ("request.uri", Field::Url),
        ("request_path", Field::Url),
        ("target_host", Field::Host),
        ("target.host", Field::Host),
        ("virtual_host", Field::Host),
        ("response_status_code", Field::Status),
        ("response.status.code", Field::Status),
        ("message.status.code", Field::Status),
        ("messageid", Field::RequestId),
        ("gateway_flow_id", Field::RequestId),
        ("useragent", Field::Client),
        ("client_ip", Field::ClientAddress),
        ("client.ip", Field::ClientAddress),
        ("developer_app", Field::User),
        ("request_size", Field::RequestBytes),
        ("response_size", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

const TARGET_CODES: &[&str] = &[
    "target_response_code",
    "target.response.status.code",
    "target_response_status_code",
];
const FAULTS: &[&str] = &[
    "fault_name",
    "fault.name",
    "x_apigee_fault_code",
    "fault_code",
];

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let fault = FAULTS.iter().find_map(|place| value.told(place));
    let listed = TARGET_CODES.iter().any(|at| value.at_path(at).is_some());
    match TARGET_CODES.iter().find_map(|at| value.status_at(at)) {
        Some(status) => draft.told_by_origin(status),
        // Variables of a target that was never called are null or not there at all.
        None if listed || fault.is_some() => draft.answered_here(),
        None => {}
    }
    if fault.as_deref().is_some_and(is_own_limit) {
        draft.limited_here();
    }
    draft.exchange.error_code = fault.or(draft.exchange.error_code.take());
    if draft.exchange.host.is_empty() {
        let proxy = ["apiproxy", "apiproxy.name"]
            .iter()
            .find_map(|at| value.told(at));
        draft.exchange.integration = draft.exchange.integration.take().or(proxy);
    }
}

/// Spike arrest and quota, also where an older set-up answers them with 500.
fn is_own_limit(fault: &str) -> bool {
    ["ratelimit", "SpikeArrestViolation", "QuotaViolation"]
        .iter()
        .any(|word| fault.contains(word))
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Apigee message logging and analytics, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"apiproxy":"sfmc-out","request_verb":"POST","proxy_pathsuffix":"/messaging/v1/email/messages","response_status_code":429,"target_response_code":429,"target_host":"mcabc.rest.marketingcloudapis.com","total_response_time":88,"target_response_time":80,"client_received_start_timestamp":1795319506069,"messageid":"rt-1-1"}"#,
            Some(429),
        ),
        (
            r#"{"apiproxy":"sfmc-out","request_verb":"GET","response_status_code":429,"target_response_code":null,"fault_name":"policies.ratelimit.SpikeArrestViolation","client_received_start_timestamp":1795319507001}"#,
            Some(429),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"apiproxy":"sfmc-out","apiproxy_revision":"7","client_ip":"203.0.113.7","client_received_start_timestamp":1795319506069,"client_sent_end_timestamp":1795319506157,"developer_app":"order-sync","environment":"prod","gateway_flow_id":"rt-1-1","is_error":0,"messageid":"rt-1-1","organization":"acme","proxy_basepath":"/sfmc","proxy_pathsuffix":"/messaging/v1/email/messages","request_uri":"/sfmc/messaging/v1/email/messages","request_verb":"POST","response_status_code":200,"target":"default","target_host":"mcabc.rest.marketingcloudapis.com","target_response_code":200,"target_response_time":80,"total_response_time":88,"useragent":"app/1"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (
                r#"{}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"response_status_code":429,"target_response_code":429}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 429 80ms",
            ),
            (
                r#"{"response_status_code":429,"target_response_code":null,"fault_name":"policies.ratelimit.SpikeArrestViolation"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 429 by edge throttled code=policies.ratelimit.SpikeArrestViolation 80ms",
            ),
            (
                r#"{"response_status_code":429,"target_response_code":null,"fault_name":"policies.ratelimit.QuotaViolation"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 429 by edge throttled code=policies.ratelimit.QuotaViolation 80ms",
            ),
            (
                r#"{"response_status_code":500,"target_response_code":0,"fault_name":"policies.ratelimit.SpikeArrestViolation"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 500 by edge throttled code=policies.ratelimit.SpikeArrestViolation 80ms",
            ),
            (
                r#"{"response_status_code":500,"target_response_code":"(gone)","fault_name":"SpikeArrestViolation"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 500 by edge throttled code=SpikeArrestViolation 80ms",
            ),
            (
                r#"{"response_status_code":503,"target_response_code":null,"fault_name":"messaging.adaptors.http.flow.ServiceUnavailable"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 503 by edge code=messaging.adaptors.http.flow.ServiceUnavailable 80ms",
            ),
            (
                r#"{"response_status_code":504,"target_response_code":null,"fault_name":"messaging.adaptors.http.flow.GatewayTimeout"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 504 by edge code=messaging.adaptors.http.flow.GatewayTimeout 80ms",
            ),
            (
                r#"{"response_status_code":401,"target_response_code":null,"fault_name":"oauth.v2.InvalidAccessToken"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 401 by edge code=oauth.v2.InvalidAccessToken 80ms",
            ),
            (
                r#"{"response_status_code":500,"target_response_code":200,"fault_name":"steps.javascript.ScriptExecutionFailed"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 edge=500 code=steps.javascript.ScriptExecutionFailed 80ms",
            ),
            (
                r#"{"target_response_code":503,"response_status_code":503}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 503 80ms",
            ),
            (
                r#"{"target_response_code":503,"response_status_code":200}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 503 edge=200 80ms",
            ),
            (
                r#"{"response_status_code":"200","target_response_code":"200"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"target_host":"(gone)"}"#,
                "POST /messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"target_host":"(gone)","apiproxy":"(gone)"}"#,
                "POST /messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"client_received_start_timestamp":"2026-11-22 03:51:46.069 UTC"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"client_received_start_timestamp":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"target_response_time":-1}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200",
            ),
            (
                r#"{"target_response_time":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 88ms",
            ),
            (
                r#"{"total_response_time":"(gone)","target_response_time":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200",
            ),
            (
                r#"{"proxy_pathsuffix":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/sfmc/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"response_status_code":499,"target_response_code":null}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 499 by client 80ms",
            ),
            (
                r#"{"target_response_code":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 200 80ms",
            ),
            (
                r#"{"response_status_code":null,"target_response_code":null}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages none by edge 80ms",
            ),
            (
                r#"{"x_apigee_fault_code":"policies.ratelimit.QuotaViolation","response_status_code":429,"target_response_code":0}"#,
                "POST mcabc.rest.marketingcloudapis.com/messaging/v1/email/messages 429 by edge throttled code=policies.ratelimit.QuotaViolation 80ms",
            ),
            (
                r#"{"target_response_code":"(gone)","response_status_code":"(gone)"}"#,
                "Rejected(NoFormatMatched)",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
