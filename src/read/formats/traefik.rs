//! Traefik access logs in JSON: durations in nanoseconds, the origin's status beside the caller's.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

const SHAPE: Shape = Shape {
    name: "traefik",
    markers: &["DownstreamStatus", "RequestMethod"],
    ts_kind: TsKind::Start,
    places: &[
        ("StartUTC", Field::Time(TimeForm::Any)),
        ("Duration", Field::Duration(Unit::Nanos)),
        ("RequestMethod", Field::Method),
        ("RequestPath", Field::Url),
        ("RequestHost", Field::Host),
        ("DownstreamStatus", Field::Status),
        ("RetryAttempts", Field::Resends),
        ("ClientHost", Field::ClientAddress),
        ("DownstreamContentSize", Field::ResponseBytes),
    ],
    access_log: true,
    ..Shape::PLAIN
};

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Traefik access logs, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[(
        r#"{"ClientHost":"172.17.0.1","DownstreamContentSize":357,"DownstreamStatus":200,"Duration":357313,"OriginStatus":200,"RequestHost":"test.docker.localhost","RequestMethod":"GET","RequestPath":"/a.save","RetryAttempts":0,"StartUTC":"2021-12-08T14:02:43.587782192Z"}"#,
        Some(200),
    )],
};
