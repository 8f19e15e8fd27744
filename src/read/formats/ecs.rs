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
