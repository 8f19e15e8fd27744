//! Cloudflare Logpush, data set http_requests; times in seconds, nanoseconds or RFC 3339.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

const SHAPE: Shape = Shape {
    name: "cloudflare",
    markers: &["EdgeResponseStatus"],
    ts_kind: TsKind::Start,
    places: &[
        ("EdgeStartTimestamp", Field::Time(TimeForm::Any)),
        ("EdgeResponseStatus", Field::Status),
        ("ClientRequestMethod", Field::Method),
        ("ClientRequestURI", Field::Url),
        ("ClientRequestHost", Field::Host),
        ("OriginResponseDurationMs", Field::Duration(Unit::Millis)),
        ("RayID", Field::RequestId),
        ("ClientIP", Field::ClientAddress),
        ("EdgeResponseBytes", Field::ResponseBytes),
        ("RequestHeaders", Field::RequestHeaders),
        ("ResponseHeaders", Field::ResponseHeaders),
    ],
    access_log: true,
    ..Shape::PLAIN
};

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Cloudflare Logpush http_requests",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[(
        r#"{"ClientIP":"89.163.242.206","ClientRequestHost":"www.example.com","ClientRequestMethod":"GET","ClientRequestURI":"/","EdgeEndTimestamp":1712790000123000000,"EdgeResponseBytes":12480,"EdgeResponseStatus":522,"EdgeStartTimestamp":1712790000100000000,"RayID":"87a1b2c3d4e5f001","OriginResponseStatus":0}"#,
        Some(522),
    )],
};
