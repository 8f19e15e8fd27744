//! Caddy access logs (zap JSON). Status 0 means that the client left before anything was written.
//!
//! Beside them Caddy writes lines about the same requests: each try of its proxy (`upstream roundtrip`) and each failure
//! (`http.log.error`). They would count a request twice and are left out.

use crate::model::exchange::{StatusSource, TsKind};
use crate::read::engine::draft::{Draft, parse_duration_ms};
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};
use crate::read::skip::Ignored;

pub const SHAPE: Shape = Shape {
    name: "caddy",
    markers: &["request.uri", "status", "duration"],
    ts_kind: TsKind::End,
    places: &[
        ("ts", Field::Time(TimeForm::Any)),
        ("request.method", Field::Method),
        ("request.host", Field::Host),
        ("request.uri", Field::Url),
        ("request.headers", Field::RequestHeaders),
        ("request.client_ip", Field::ClientAddress),
        ("request.remote_ip", Field::ClientAddress),
        ("request.remote_addr", Field::ClientAddress),
        ("request.headers.User-Agent", Field::Client),
        ("resp_headers", Field::ResponseHeaders),
        ("user_id", Field::User),
        ("bytes_read", Field::RequestBytes),
        ("size", Field::ResponseBytes),
    ],
    access_log: true,
    refuse,
    settle,
};

fn refuse(value: &Json<'_>) -> Option<Ignored> {
    let is_access = match value.told("logger") {
        Some(logger) => logger.contains("log.access") || logger == "http",
        None => true,
    };
    let is_handled = value.told("msg").is_none_or(|msg| msg == "handled request");
    (!is_access || !is_handled).then_some(Ignored::NotHttp)
}

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    if let Some(duration) = value.told("duration") {
        let unit = unit_of(&duration);
        draft.exchange.duration_ms = parse_duration_ms(&duration, unit);
    }
    if draft.exchange.status.is_none() {
        draft.caller_left();
    } else if is_own_failure(value, draft) {
        draft.exchange.status_source = StatusSource::Edge;
    }
}

/// Seconds, unless the encoder was told to write nanoseconds: those have no fraction and no call takes a day.
fn unit_of(duration: &str) -> Unit {
    const SECONDS_MAX: u64 = 86_400;
    match duration.parse::<u64>() {
        Ok(whole) if whole > SECONDS_MAX => Unit::Nanos,
        _ => Unit::Seconds,
    }
}

/// What Caddy answers when its proxy failed has no body and no header but Caddy's own name.
fn is_own_failure(value: &Json<'_>, draft: &Draft<'_>) -> bool {
    let failed = matches!(draft.exchange.status, Some(502..=504));
    let empty = value.told("size").as_deref() == Some("0");
    let own = |name: &str| matches!(name, "Server" | "Alt-Svc" | "Via");
    failed && empty && {
        let mut headers = draft.exchange.response_headers.iter();
        headers.all(|(name, _)| own(name))
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Caddy access logs, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"level":"error","ts":1795319568.593129,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"127.0.0.1","proto":"HTTP/1.1","method":"POST","host":"api.hubapi.com","uri":"/crm/v3/objects/contacts/search","headers":{"Authorization":[]}},"duration":0.010306943,"size":205,"status":429,"resp_headers":{"X-Hubspot-Ratelimit-Remaining":["0"]}}"#,
            Some(429),
        ),
        (
            r#"{"level":"info","ts":1795319568.338184,"logger":"http.log.access.log0","msg":"handled request","request":{"method":"POST","host":"api5-018.responsys.net","uri":"/rest/api/v1.3/auth/token"},"duration":0.047958783,"size":0,"status":0,"resp_headers":{"Server":["Caddy"]}}"#,
            None,
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"bytes_read":17,"duration":0.010306943,"level":"info","logger":"http.log.access.log0","msg":"handled request","request":{"client_ip":"203.0.113.7","headers":{"Authorization":["REDACTED"],"User-Agent":["app/1"]},"host":"api.hubapi.com","method":"POST","proto":"HTTP/1.1","remote_ip":"203.0.113.7","remote_port":"51234","uri":"/crm/v3/objects?limit=3"},"resp_headers":{"Content-Type":["application/json"],"Retry-After":["10"],"Server":["Caddy","cloudflare"]},"size":205,"status":429,"ts":1795319568.593129,"user_id":""}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST api.hubapi.com/crm/v3/objects 429 10.307ms"),
            (
                r#"{"status":200,"level":"info"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 10.307ms",
            ),
            (
                r#"{"status":0,"size":0}"#,
                "POST api.hubapi.com/crm/v3/objects none by client client_gone 10.307ms",
            ),
            (
                r#"{"status":502,"size":0,"resp_headers":{"Server":["Caddy"]},"level":"error"}"#,
                "POST api.hubapi.com/crm/v3/objects 502 by edge 10.307ms",
            ),
            (
                r#"{"status":502,"level":"error"}"#,
                "POST api.hubapi.com/crm/v3/objects 502 10.307ms",
            ),
            (
                r#"{"status":504,"size":0,"resp_headers":{"Server":["Caddy"],"Alt-Svc":["h3"]}}"#,
                "POST api.hubapi.com/crm/v3/objects 504 by edge 10.307ms",
            ),
            (
                r#"{"status":404,"size":0,"resp_headers":{"Server":["Caddy"]}}"#,
                "POST api.hubapi.com/crm/v3/objects 404 10.307ms",
            ),
            (
                r#"{"ts":"2026-11-22T03:51:46.069Z"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"ts":"2026/11/22 03:51:46.069"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"ts":1795319568593}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"ts":"22/Nov/2026:03:51:46 +0000"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"duration":"12ms"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12ms",
            ),
            (
                r#"{"duration":"1.5s"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 1500ms",
            ),
            (
                r#"{"duration":5.61e-7}"#,
                "POST api.hubapi.com/crm/v3/objects 429 0.001ms",
            ),
            (
                r#"{"duration":10306943}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"duration":2}"#,
                "POST api.hubapi.com/crm/v3/objects 429 2000ms",
            ),
            (
                r#"{"request":{"remote_addr":"203.0.113.7:51234","proto":"HTTP/2.0","method":"GET","host":"a.example.com:8443","uri":"/x","headers":{},"tls":{"resumed":false}},"common_log":"203.0.113.7 - - [22/Nov/2026:03:51:46 +0000] \"GET /x HTTP/2.0\" 200 5","status":200}"#,
                "GET a.example.com/x 200 10.307ms",
            ),
            (
                r#"{"logger":"http.handlers.reverse_proxy","msg":"upstream roundtrip","level":"debug","upstream":"app:2283","headers":{"Retry-After":["1"]}}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"logger":"http.log.error.log0","msg":"dial tcp 127.0.0.1:9: connect: connection refused","level":"error","status":502,"err_id":"x"}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"logger":"http.log.error","msg":"context canceled","status":499}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"status":499}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 10.307ms",
            ),
            (
                r#"{"logger":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"logger":"http.log.access.shop","msg":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"logger":"admin.api","msg":"received request"}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"request/host":"API.HubAPI.com:443"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 10.307ms",
            ),
            (
                r#"{"request/method":"PRI","request/uri":"*","request/host":""}"#,
                "PRI * 429 10.307ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
