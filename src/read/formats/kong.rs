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
