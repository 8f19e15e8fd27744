//! Kong's logging plugins (file, http, tcp, kafka): one object for all, in batches for some.

use std::borrow::Cow;

use crate::model::exchange::TsKind;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::engine::target::{is_public, set_host, set_url};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "kong",
    markers: &["latencies.request|latencies.kong", "started_at", "request"],
    ts_kind: TsKind::Start,
    places: &[
        ("started_at", Field::Time(TimeForm::Any)),
        ("latencies.request", Field::Duration(Unit::Millis)),
        ("request.method", Field::Method),
        ("request.uri", Field::Url),
        ("request.headers.host", Field::Host),
        ("request.headers", Field::RequestHeaders),
        ("request.headers.user-agent", Field::Client),
        ("request.id", Field::RequestId),
        ("request.size", Field::RequestBytes),
        ("response.status", Field::Status),
        ("response.headers", Field::ResponseHeaders),
        ("response.size", Field::ResponseBytes),
        ("client_ip", Field::ClientAddress),
        ("consumer.username", Field::User),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let statuses = value.told("upstream_status");
    let tries = match value.at_path("tries") {
        Some(Json::Array(tries)) => tries.len(),
        _ => 0,
    };
    let listed = statuses
        .as_deref()
        .map_or(0, |list| list.split([',', ':']).count());
    match statuses {
        Some(list) => draft.statuses_of_origin(list),
        // Kong's own limit, a plugin's refusal, or no service that could be reached.
        None => draft.answered_here(),
    }
    // Tries that never got so far as to have a status came before the ones that did.
    let before = tries.saturating_sub(listed.max(1)).min(1_000) as u16;
    draft.exchange.attempt = before.saturating_add(1);
    let waited = value.at_path("latencies.proxy").and_then(Json::scalar);
    if let Some(ms) = waited.and_then(|ms| ms.parse::<f32>().ok()) {
        draft.exchange.duration_ms = Some(ms)
            .filter(|ms| *ms >= 0.0)
            .or(draft.exchange.duration_ms);
    }
    settle_service(value, draft);
}

/// A gateway in front of vendors names the vendor by its service; one in front of our own services by what was asked.
fn settle_service<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let Some(host) = value.told("service.host").filter(|host| is_public(host)) else {
        if draft.exchange.host.is_empty() {
            draft.exchange.integration = value.told("service.name");
        }
        return;
    };
    draft.exchange.host = Cow::Borrowed("");
    set_host(&mut draft.exchange, host);
    if let Some(uri) = value.told("upstream_uri") {
        set_url(&mut draft.exchange, uri);
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Kong logging plugins, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"response":{"status":200,"size":9982,"headers":{"x-kong-upstream-latency":"171"}},"route":{"name":"example_route"},"tries":[{"balancer_start":1726783839539,"ip":"192.0.2.204","port":80}],"request":{"id":"2f69","method":"GET","uri":"/example-route","url":"http://localhost:8000/example-route"},"started_at":1726783839538,"upstream_status":"200","latencies":{"kong":1,"proxy":171,"request":173},"service":{"name":"example","host":"httpbin.example.com"},"client_ip":"192.0.2.1"}"#,
            Some(200),
        ),
        (
            r#"{"response":{"status":429,"headers":{"retry-after":"42","ratelimit-remaining":"0"}},"request":{"method":"POST","uri":"/hubspot/crm/v3/objects"},"started_at":1795319506069,"latencies":{"kong":2,"proxy":-1,"request":2},"service":{"name":"hubspot","host":"api.hubapi.com"}}"#,
            Some(429),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"client_ip":"203.0.113.7","consumer":{"username":"order-sync","id":"c1"},"latencies":{"kong":2,"proxy":171,"request":173,"receive":1},"request":{"headers":{"host":"gw.example.com","user-agent":"app/1"},"id":"2f69","method":"POST","querystring":{},"size":120,"uri":"/hubspot/crm/v3/objects?a=1","url":"https://gw.example.com:8443/hubspot/crm/v3/objects?a=1"},"response":{"headers":{"x-kong-upstream-latency":"171","x-ratelimit-remaining-minute":"0"},"size":205,"status":200},"route":{"name":"hubspot-route","paths":["/hubspot"]},"service":{"host":"api.hubapi.com","name":"hubspot","port":443,"protocol":"https"},"started_at":1795319506069,"tries":[{"balancer_latency":0,"balancer_start":1795319506070,"ip":"104.16.1.2","port":443}],"upstream_status":"200","upstream_uri":"/crm/v3/objects?a=1","workspace":"w1"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST api.hubapi.com/crm/v3/objects 200 171ms"),
            (
                r#"{"response/status":429,"upstream_status":"429"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 171ms",
            ),
            (
                r#"{"response/status":429,"upstream_status":"(gone)","latencies/proxy":-1,"tries":[]}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge 173ms",
            ),
            (
                r#"{"response/status":200,"upstream_status":"502, 200","tries":[{"ip":"a","state":"failed","code":502},{"ip":"b"}]}"#,
                "POST api.hubapi.com/crm/v3/objects 502 retried | POST api.hubapi.com/crm/v3/objects 200 try=2",
            ),
            (
                r#"{"response/status":502,"upstream_status":"502, 502","tries":[{"state":"failed"},{"state":"failed"}]}"#,
                "POST api.hubapi.com/crm/v3/objects 502 retried | POST api.hubapi.com/crm/v3/objects 502 try=2",
            ),
            (
                r#"{"response/status":200,"upstream_status":"200","tries":[{"state":"failed","code":504},{"ip":"b"}]}"#,
                "POST api.hubapi.com/crm/v3/objects 200 171ms try=2",
            ),
            (
                r#"{"response/status":503,"upstream_status":"(gone)","tries":[{"state":"failed"}]}"#,
                "POST api.hubapi.com/crm/v3/objects 503 by edge 171ms",
            ),
            (
                r#"{"response/status":401,"upstream_status":"(gone)","latencies/proxy":-1}"#,
                "POST api.hubapi.com/crm/v3/objects 401 by edge 173ms",
            ),
            (
                r#"{"response/status":404,"upstream_status":"(gone)","service":"(gone)","route":"(gone)","tries":[]}"#,
                "POST gw.example.com/hubspot/crm/v3/objects 404 by edge 171ms",
            ),
            (
                r#"{"response/status":499,"upstream_status":"-"}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 171ms",
            ),
            (
                r#"{"response/status":500,"upstream_status":"200"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 edge=500 171ms",
            ),
            (
                r#"{"service/host":"hooks.internal"}"#,
                "POST gw.example.com/hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"service/host":"10.0.0.4","upstream_uri":"/x"}"#,
                "POST gw.example.com/hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"service/host":"web.default.svc.cluster.local"}"#,
                "POST gw.example.com/hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"service":null}"#,
                "POST gw.example.com/hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"service":{"host":"hooks","name":"hooks"},"request/headers":{}}"#,
                "POST /hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"started_at":1795319506}"#,
                "POST api.hubapi.com/crm/v3/objects 200 171ms",
            ),
            (r#"{"started_at":"(gone)"}"#, "Rejected(NoFormatMatched)"),
            (
                r#"{"latencies/proxy":-1,"latencies/request":3}"#,
                "POST api.hubapi.com/crm/v3/objects 200 3ms",
            ),
            (
                r#"{"upstream_uri":"(gone)"}"#,
                "POST api.hubapi.com/hubspot/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"response/status":504,"upstream_status":"504"}"#,
                "POST api.hubapi.com/crm/v3/objects 504 171ms",
            ),
            (
                r#"{"upstream_status":200}"#,
                "POST api.hubapi.com/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"upstream_status":""}"#,
                "POST api.hubapi.com/crm/v3/objects 200 by edge 171ms",
            ),
            (
                r#"{"request/method":"GET","request/uri":"/"}"#,
                "GET api.hubapi.com/crm/v3/objects 200 171ms",
            ),
            (
                r#"{"upstream_status":"500, 500 : 200","tries":[{},{},{}]}"#,
                "POST api.hubapi.com/crm/v3/objects 500 retried | POST api.hubapi.com/crm/v3/objects 500 try=2 retried | POST api.hubapi.com/crm/v3/objects 200 try=3",
            ),
            (
                r#"{"response/status":null}"#,
                "POST api.hubapi.com/crm/v3/objects 200 171ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
