//! Traefik access logs in JSON: durations in nanoseconds, the origin's status beside the caller's.

use std::borrow::Cow;

use crate::model::exchange::TsKind;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "traefik",
    markers: &["DownstreamStatus", "RequestMethod|RouterName|RequestPath"],
    ts_kind: TsKind::Start,
    places: &[
        ("StartUTC", Field::Time(TimeForm::Any)),
        ("StartLocal", Field::Time(TimeForm::Any)),
        ("Duration", Field::Duration(Unit::Nanos)),
        ("RequestMethod", Field::Method),
        ("RequestPath", Field::Url),
        ("RequestHost", Field::Host),
        ("RequestAddr", Field::Host),
        ("DownstreamStatus", Field::Status),
        ("RetryAttempts", Field::Resends),
        ("ClientHost", Field::ClientAddress),
        ("ClientUsername", Field::User),
        ("request_User-Agent", Field::Client),
        ("RequestContentSize", Field::RequestBytes),
        ("DownstreamContentSize", Field::ResponseBytes),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

/// Without a status of the origin Traefik answered by itself: a redirect, no route, its own limit.
fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    match value.status_at("OriginStatus") {
        Some(status) => draft.told_by_origin(status),
        None => draft.answered_here(),
    }
    let Json::Object(members) = value else { return };
    let exchange = &mut draft.exchange;
    // What the origin sent is the vendor's word; what was passed on comes after it.
    for (prefix, headers) in [
        ("request_", &mut exchange.request_headers),
        ("origin_", &mut exchange.response_headers),
    ] {
        headers.extend(kept_headers(members, prefix));
    }
    let passed_on = kept_headers(members, "downstream_");
    exchange.response_headers.extend(passed_on);
}

fn kept_headers<'a, 'v>(
    members: &'v [(Cow<'a, str>, Json<'a>)],
    prefix: &'static str,
) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a, 'v> {
    members.iter().filter_map(move |(name, value)| {
        let name = name.strip_prefix(prefix)?;
        Some((Cow::Owned(name.to_owned()), value.text()?))
    })
}

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
