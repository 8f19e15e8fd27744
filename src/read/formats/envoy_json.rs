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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"authority":"api.hubapi.com","bytes_received":17,"bytes_sent":91,"connection_termination_details":null,"downstream_local_address":"10.4.1.3:9","downstream_remote_address":"10.4.1.3:10","duration":3004,"method":"POST","path":"/crm/v3/objects?limit=3","protocol":"HTTP/1.1","request_id":"9ab2","requested_server_name":null,"response_code":200,"response_code_details":"via_upstream","response_flags":"-","route_name":"default","start_time":"2026-11-22T03:51:46.310Z","upstream_cluster":"outbound|443||api.hubapi.com","upstream_host":"104.16.1.2:443","upstream_local_address":"10.4.1.3:8","upstream_service_time":"2990","upstream_transport_failure_reason":null,"user_agent":"app/1","x_forwarded_for":null}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST api.hubapi.com/crm/v3/objects 200 2990ms"),
            (
                r#"{"response_code":429}"#,
                "POST api.hubapi.com/crm/v3/objects 429 2990ms",
            ),
            (
                r#"{"response_code":429,"response_flags":"RL","response_code_details":"local_rate_limited","upstream_host":null,"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge throttled code=RL 3004ms",
            ),
            (
                r#"{"response_code":429,"response_flags":"RateLimited","response_code_details":"(gone)","upstream_host":"-","upstream_service_time":"-"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge throttled code=RL 3004ms",
            ),
            (
                r#"{"response_code":503,"response_flags":"UF,URX","response_code_details":"upstream_reset_before_response_started{connection_failure}","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge code=UF 3004ms",
            ),
            (
                r#"{"response_code":503,"response_flags":"URX"}"#,
                "POST api.hubapi.com/crm/v3/objects 503 code=URX 2990ms",
            ),
            (
                r#"{"response_code":504,"response_flags":"UT","response_code_details":"response_timeout","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 504 by edge code=UT 3004ms",
            ),
            (
                r#"{"response_code":503,"response_flags":"UH","response_code_details":"no_healthy_upstream","upstream_host":null,"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge code=UH 3004ms",
            ),
            (
                r#"{"response_code":0,"response_flags":"DC","response_code_details":"downstream_remote_disconnect","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects none by client client_gone 3004ms",
            ),
            (
                r#"{"response_code":200,"response_flags":"DC"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 by client client_gone 2990ms",
            ),
            (
                r#"{"response_code":404,"response_flags":"NR","response_code_details":"route_not_found","upstream_cluster":null,"upstream_host":null,"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 404 by edge code=NR 3004ms",
            ),
            (
                r#"{"response_code":301,"response_code_details":"direct_response","upstream_host":null,"upstream_cluster":null,"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 301 by edge 3004ms",
            ),
            (
                r#"{"response_code":"503","response_flags":"UpstreamConnectionTermination","response_code_details":"(gone)","upstream_service_time":"-","duration":"1"}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge code=UC 1ms",
            ),
            (
                r#"{"response_code":403,"response_flags":"UAEX","response_code_details":"ext_authz_denied","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 403 by edge code=UAEX 3004ms",
            ),
            (
                r#"{"response_code":503,"response_flags":"UO","response_code_details":"overflow","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge code=UO 3004ms",
            ),
            (
                r#"{"method":null,"path":null,"response_code":0,"response_code_details":null,"upstream_service_time":null}"#,
                "Ignored(NoCall)",
            ),
            (
                r#"{"method":"-","path":"-","response_code":"0","protocol":"-"}"#,
                "Ignored(NoCall)",
            ),
            (
                r#"{"upstream_cluster":"inbound|8080||"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 2990ms",
            ),
            (
                r#"{"upstream_cluster":"BlackHoleCluster","response_code":502,"upstream_host":"-","response_code_details":"(gone)","upstream_service_time":"-"}"#,
                "POST api.hubapi.com/crm/v3/objects 502 by edge 3004ms",
            ),
            (
                r#"{"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 200 3004ms",
            ),
            (
                r#"{"duration":null,"upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 200",
            ),
            (
                r#"{"upstream_request_attempt_count":3}"#,
                "POST api.hubapi.com/crm/v3/objects 200 2990ms try=3",
            ),
            (
                r#"{"start_time":"2026-11-22T03:51:46.310123Z","response_code":"200","duration":"12"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 2990ms",
            ),
            (
                r#"{"start_time":"1795319506.310"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 2990ms",
            ),
            (
                r#"{"authority":"(gone)",":authority":"API.hubapi.com:443","upstream_cluster":null}"#,
                "POST api.hubapi.com/crm/v3/objects 200 2990ms",
            ),
            (
                r#"{"response_flags":"(gone)","response_flags_long":"NoHealthyUpstream","response_code":503,"response_code_details":"(gone)","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge code=UH 3004ms",
            ),
            (
                r#"{"response_flags":"(gone)"}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"response_code":500,"response_flags":"FI","response_code_details":"fault_filter_abort","upstream_service_time":null}"#,
                "POST api.hubapi.com/crm/v3/objects 500 by edge code=FI 3004ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
