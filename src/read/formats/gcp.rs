//! Google Cloud HTTP(S) load balancers through Cloud Logging; entries without `httpRequest` are about something else.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

const SHAPE: Shape = Shape {
    name: "gcp",
    markers: &["logName", "timestamp"],
    ts_kind: TsKind::End,
    places: &[
        ("timestamp", Field::Time(TimeForm::Any)),
        ("httpRequest.requestMethod", Field::Method),
        ("httpRequest.requestUrl", Field::Url),
        ("httpRequest.status", Field::Status),
        ("httpRequest.latency", Field::Duration(Unit::Seconds)),
        ("httpRequest.remoteIp", Field::ClientAddress),
        ("httpRequest.userAgent", Field::Client),
        ("httpRequest.responseSize", Field::ResponseBytes),
    ],
    access_log: false,
    ..Shape::PLAIN
};

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Google Cloud Logging entries with httpRequest",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[(
        r#"{"httpRequest":{"latency":"0.054s","remoteIp":"198.51.100.7","requestMethod":"GET","requestUrl":"https://app.example.com/x","responseSize":"223","status":502,"userAgent":"curl"},"insertId":"1","logName":"projects/p/logs/requests","timestamp":"2026-11-22T03:51:46.069Z"}"#,
        Some(502),
    )],
};
