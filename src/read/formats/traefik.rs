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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"ClientAddr":"203.0.113.7:51234","ClientHost":"203.0.113.7","ClientPort":"51234","ClientUsername":"-","DownstreamContentSize":92,"DownstreamStatus":429,"Duration":12345678,"OriginContentSize":92,"OriginDuration":11345678,"OriginStatus":429,"Overhead":1000000,"RequestAddr":"api.hubapi.com","RequestContentSize":17,"RequestCount":42,"RequestHost":"api.hubapi.com","RequestMethod":"POST","RequestPath":"/crm/v3/objects?limit=3","RequestPort":"-","RequestProtocol":"HTTP/1.1","RequestScheme":"https","RetryAttempts":0,"RouterName":"hubspot@file","ServiceAddr":"104.16.1.2:443","ServiceName":"hubspot@file","ServiceURL":"https://104.16.1.2:443","StartLocal":"2026-11-22T04:51:46.069+01:00","StartUTC":"2026-11-22T03:51:46.069123456Z","entryPointName":"websecure","level":"info","msg":"","origin_Retry-After":"10","downstream_Retry-After":"10","request_User-Agent":"app/1","time":"2026-11-22T03:51:46Z"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST api.hubapi.com/crm/v3/objects 429 12.346ms"),
            (
                r#"{"OriginStatus":0}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge 12.346ms",
            ),
            (
                r#"{"OriginStatus":"(gone)","ServiceName":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 by edge 12.346ms",
            ),
            (
                r#"{"OriginStatus":200,"DownstreamStatus":200}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12.346ms",
            ),
            (
                r#"{"OriginStatus":502,"DownstreamStatus":502}"#,
                "POST api.hubapi.com/crm/v3/objects 502 12.346ms",
            ),
            (
                r#"{"OriginStatus":500,"DownstreamStatus":503}"#,
                "POST api.hubapi.com/crm/v3/objects 500 edge=503 12.346ms",
            ),
            (
                r#"{"OriginStatus":0,"DownstreamStatus":404,"RouterName":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 404 by edge 12.346ms",
            ),
            (
                r#"{"OriginStatus":0,"DownstreamStatus":308}"#,
                "POST api.hubapi.com/crm/v3/objects 308 by edge 12.346ms",
            ),
            (
                r#"{"OriginStatus":499,"DownstreamStatus":499}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 12.346ms",
            ),
            (
                r#"{"OriginStatus":200,"DownstreamStatus":499}"#,
                "POST api.hubapi.com/crm/v3/objects 499 by client 12.346ms",
            ),
            (
                r#"{"RetryAttempts":2,"OriginStatus":200,"DownstreamStatus":200}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12.346ms try=3",
            ),
            (
                r#"{"RetryAttempts":1,"OriginStatus":0,"DownstreamStatus":504}"#,
                "POST api.hubapi.com/crm/v3/objects 504 by edge 12.346ms try=2",
            ),
            (
                r#"{"StartUTC":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12.346ms",
            ),
            (
                r#"{"StartUTC":"(gone)","StartLocal":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12.346ms",
            ),
            (
                r#"{"Duration":0}"#,
                "POST api.hubapi.com/crm/v3/objects 429 0ms",
            ),
            (
                r#"{"Duration":31000000000}"#,
                "POST api.hubapi.com/crm/v3/objects 429 31000ms",
            ),
            (
                r#"{"RequestMethod":"(gone)"}"#,
                " api.hubapi.com/crm/v3/objects 429 12.346ms",
            ),
            (
                r#"{"RequestHost":"(gone)"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12.346ms",
            ),
            (
                r#"{"RequestHost":"API.HubAPI.com:443"}"#,
                "POST api.hubapi.com/crm/v3/objects 429 12.346ms",
            ),
            (
                r#"{"DownstreamStatus":0,"OriginStatus":0}"#,
                "POST api.hubapi.com/crm/v3/objects none by edge 12.346ms",
            ),
            (
                r#"{"DownstreamStatus":"200","OriginStatus":"200"}"#,
                "POST api.hubapi.com/crm/v3/objects 200 12.346ms",
            ),
            (
                r#"{"RequestPath":"/"}"#,
                "POST api.hubapi.com/ 429 12.346ms",
            ),
            (
                r#"{"level":"error","OriginStatus":504,"DownstreamStatus":504}"#,
                "POST api.hubapi.com/crm/v3/objects 504 12.346ms",
            ),
            (
                r#"{"OriginStatus":101,"DownstreamStatus":101}"#,
                "POST api.hubapi.com/crm/v3/objects 101 12.346ms",
            ),
            (
                r#"{"DownstreamStatus":"(gone)","OriginStatus":"(gone)","msg":"Configuration loaded"}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"DownstreamStatus":1000,"OriginStatus":"(gone)"}"#,
                "Rejected(BadStatus)",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
