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
