//! Caddy access logs (zap JSON). Status 0 means that the client left before anything was written.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

const SHAPE: Shape = Shape {
    name: "caddy",
    markers: &["request.uri", "status", "duration"],
    ts_kind: TsKind::End,
    places: &[
        ("ts", Field::Time(TimeForm::Any)),
        ("duration", Field::Duration(Unit::Seconds)),
        ("request.method", Field::Method),
        ("request.host", Field::Host),
        ("request.uri", Field::Url),
        ("request.headers", Field::RequestHeaders),
        ("request.client_ip", Field::ClientAddress),
        ("resp_headers", Field::ResponseHeaders),
        ("size", Field::ResponseBytes),
    ],
    access_log: true,
    ..Shape::PLAIN
};

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
