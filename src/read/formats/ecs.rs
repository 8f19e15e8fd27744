//! Elastic Common Schema, dotted or nested; `event.duration` is nanoseconds.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "ecs",
    markers: &["@timestamp"],
    ts_kind: TsKind::Start,
    places: &[
        ("@timestamp", Field::Time(TimeForm::Any)),
        ("http.request.method", Field::Method),
        ("http.response.status_code", Field::Status),
        ("url.full", Field::Url),
        ("event.duration", Field::Duration(Unit::Nanos)),
        ("user_agent.original", Field::Client),
        ("source.ip", Field::ClientAddress),
        ("source.address", Field::ClientAddress),
        ("client.ip", Field::ClientAddress),
        ("url.domain", Field::Host),
        ("destination.domain", Field::Host),
        ("destination.address", Field::ServerName),
        ("server.address", Field::ServerName),
        ("nginx.access.response_code", Field::Status),
        ("trace.id", Field::TraceId),
        ("http.request.id", Field::RequestId),
        ("error.message", Field::ErrorMessage),
        ("error.code", Field::ErrorCode),
    ],
    access_log: false,
    ..Shape::PLAIN
};

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Elastic Common Schema (ECS), JSON",
    specificity: 70,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"@timestamp":"2026-11-22T03:51:46.069Z","ecs.version":"1.6.0","http.request.method":"POST","http.response.status_code":429,"url.full":"https://api.hubapi.com/crm/v3/objects/contacts/search","event.duration":12000000,"service.name":"order-sync","log.level":"warn"}"#,
            Some(429),
        ),
        (
            r#"{"@timestamp":"2016-12-07T10:34:43.000Z","http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"path":"/stringpatch"},"source":{"address":"10.0.0.2"}}"#,
            Some(404),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"@timestamp":"2026-11-22T03:51:46.069Z","ecs":{"version":"8.11.0"},"event":{"dataset":"app.http","duration":12000000,"outcome":"success"},"http":{"request":{"id":"r1","method":"POST"},"response":{"body":{"bytes":571},"status_code":200},"version":"1.1"},"log.level":"info","message":"call","service.name":"order-sync","source":{"ip":"203.0.113.7"},"trace.id":"t1","url":{"domain":"api.hubapi.com","original":"/crm/v3/objects?limit=3","path":"/crm/v3/objects","query":"limit=3"},"user_agent":{"original":"app/1"}}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST api.hubapi.com/crm/v3/objects 200 12ms"),
            (
                r#"{"http/response/status_code":429}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12ms",
            ),
            (
                r#"{"http/response/status_code":"503"}"#,
                "POST api.hubapi.com/crm/v3/objects 503 12ms",
            ),
            (
                r#"{"event/duration":"12000000"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"event":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 200",
            ),
            (
                r#"{"url":{"full":"https://api.stripe.com/v1/charges?x=1"}}"#,
                "POST api.stripe.com/v1/charges 200 12ms",
            ),
            (
                r#"{"http":"(gone)","http.request.method":"GET","http.response.status_code":404}"#,
                "GET api.hubapi.com/crm/v3/objects 404 12ms",
            ),
            (
                r#"{"http":{"request.method":"GET","response.status_code":500}}"#,
                "GET api.hubapi.com/crm/v3/objects 500 12ms",
            ),
            (
                r#"{"url":"(gone)","url.path":"/a","url.domain":"A.example.com"}"#,
                "POST a.example.com/a 200 12ms",
            ),
            (
                r#"{"@timestamp":1795319506069}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"http/response":"(gone)","error":{"code":"ECONNRESET","message":"socket hang up"}}"#,
                "POST api.hubapi.com/crm/v3/objects none code=ECONNRESET 12ms",
            ),
            (r#"{"http/response":"(gone)"}"#, "Ignored(NotHttp)"),
            (
                r#"{"http":"(gone)","url":"(gone)","message":"this is a debug message"}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"error.code":"RATE_LIMIT","http/response/status_code":429}"#,
                "POST api.hubapi.com/crm/v3/objects 429 code=RATE_LIMIT 12ms",
            ),
            (
                r#"{"url/domain":"(gone)","destination":{"domain":"api.stripe.com"}}"#,
                "POST api.stripe.com/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"url/domain":"(gone)","server.address":"web-1"}"#,
                "POST web-1/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"http/request/method":"(gone)"}"#,
                " api.hubapi.com/crm/v3/objects 200 12ms",
            ),
            (
                r#"{"http/response/status_code":null}"#,
                "POST api.hubapi.com/crm/v3/objects none 12ms",
            ),
            (
                r#"{"message":"1.2.3.4 - - [x]","http":"(gone)"}"#,
                "Ignored(NotHttp)",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
