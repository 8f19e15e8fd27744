//! Cloudflare Logpush, data set http_requests; times in seconds, nanoseconds or RFC 3339.

use std::borrow::Cow;

use crate::model::exchange::{StatusSource, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};
use crate::read::instant::parse_any;

pub const SHAPE: Shape = Shape {
    name: "cloudflare",
    markers: &["EdgeResponseStatus"],
    ts_kind: TsKind::Start,
    places: &[
        ("EdgeStartTimestamp", Field::Time(TimeForm::Any)),
        ("EdgeEndTimestamp", Field::Time(TimeForm::Any)),
        ("EdgeResponseStatus", Field::Status),
        ("ClientRequestMethod", Field::Method),
        ("ClientRequestURI", Field::Url),
        ("ClientRequestPath", Field::Url),
        ("ClientRequestHost", Field::Host),
        ("OriginResponseDurationMs", Field::Duration(Unit::Millis)),
        ("OriginResponseTime", Field::Duration(Unit::Nanos)),
        ("RayID", Field::RequestId),
        ("ClientIP", Field::ClientAddress),
        ("ClientRequestUserAgent", Field::Client),
        ("ClientRequestBytes", Field::RequestBytes),
        ("EdgeResponseBytes", Field::ResponseBytes),
        ("RequestHeaders", Field::RequestHeaders),
        ("ResponseHeaders", Field::ResponseHeaders),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    match value.status_at("OriginResponseStatus") {
        // Whatever the origin said, the edge could not use it.
        Some(_) if matches!(draft.exchange.status, Some(520..=530)) => draft.answered_here(),
        Some(status) => draft.told_by_origin(status),
        // Zero says that no origin was asked: an answer from the cache, a rule, or no way through.
        None if value.at_path("OriginResponseStatus").is_some() => draft.answered_here(),
        None if is_stopped(value) => draft.answered_here(),
        None => {}
    }
    settle_fault(value, draft);
    let no_origin = value
        .told("OriginResponseDurationMs")
        .is_none_or(|ms| ms == "0");
    if draft.exchange.duration_ms.is_none()
        || no_origin && value.at_path("OriginResponseTime").is_none()
    {
        draft.exchange.duration_ms = between(value).or(draft.exchange.duration_ms);
    }
}

/// A rule of the edge answered: a block, a limit, a challenge.
fn is_stopped(value: &Json<'_>) -> bool {
    ["SecurityAction", "WAFAction", "SecurityActions"]
        .iter()
        .filter_map(|name| value.at_path(name))
        .any(|actions| match actions {
            Json::Array(actions) => actions.iter().any(is_stop),
            action => is_stop(action),
        })
}

fn is_stop(action: &Json<'_>) -> bool {
    const STOPS: &[&str] = &[
        "block",
        "drop",
        "challenge",
        "jschallenge",
        "managedchallenge",
        "connectionclose",
        "forceconnectionclose",
    ];
    let action = action.scalar().unwrap_or_default();
    let word: String = action.chars().filter(char::is_ascii_alphabetic).collect();
    STOPS.iter().any(|stop| word.eq_ignore_ascii_case(stop))
}

/// Which part of the edge stopped the request is the nearest that a log has to an error code.
fn settle_fault<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let status = draft.exchange.status.unwrap_or_default();
    if status < 400 || !is_stopped(value) {
        return;
    }
    let source = value.told("SecuritySource").or_else(|| {
        let sources = value.at_path("SecuritySources[0]")?;
        sources.scalar()
    });
    draft.exchange.error_code = source.or(Some(Cow::Borrowed("blocked")));
    draft.exchange.status_source = StatusSource::Edge;
}

/// From start to end, where both are told finer than seconds.
fn between(value: &Json<'_>) -> Option<f32> {
    let at = |name| parse_any(&value.told(name)?, None);
    let (start, end) = (at("EdgeStartTimestamp")?, at("EdgeEndTimestamp")?);
    let micros = end.micros().checked_sub(start.micros())?;
    (micros > 0).then_some(micros as f32 / 1_000.0)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"CacheCacheStatus":"dynamic","ClientIP":"203.0.113.7","ClientRequestBytes":900,"ClientRequestHost":"www.example.com","ClientRequestMethod":"POST","ClientRequestPath":"/api/x","ClientRequestProtocol":"HTTP/2","ClientRequestURI":"/api/x?a=1","ClientRequestUserAgent":"app/1","EdgeColoCode":"FRA","EdgeEndTimestamp":1795319506157000000,"EdgeResponseBytes":512,"EdgeResponseStatus":200,"EdgeStartTimestamp":1795319506069000000,"EdgeTimeToFirstByteMs":80,"OriginResponseDurationMs":75,"OriginResponseStatus":200,"RayID":"87a1","SecurityAction":"","SecurityActions":[],"SecuritySources":[],"ZoneName":"example.com"}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST www.example.com/api/x 200 75ms"),
            (
                r#"{"EdgeResponseStatus":429,"OriginResponseStatus":429}"#,
                "POST www.example.com/api/x 429 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":429,"OriginResponseStatus":0,"OriginResponseDurationMs":0,"SecurityAction":"block","SecuritySources":["ratelimit"]}"#,
                "POST www.example.com/api/x 429 by edge throttled code=ratelimit 88ms",
            ),
            (
                r#"{"EdgeResponseStatus":429,"OriginResponseStatus":"(gone)","SecurityActions":["block"],"SecuritySources":["ratelimit"]}"#,
                "POST www.example.com/api/x 429 by edge throttled code=ratelimit 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":403,"OriginResponseStatus":0,"SecurityAction":"managedChallenge"}"#,
                "POST www.example.com/api/x 403 by edge code=blocked 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":522,"OriginResponseStatus":0,"OriginResponseDurationMs":0}"#,
                "POST www.example.com/api/x 522 by edge 88ms",
            ),
            (
                r#"{"EdgeResponseStatus":524,"OriginResponseStatus":0}"#,
                "POST www.example.com/api/x 524 by edge 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":502,"OriginResponseStatus":502}"#,
                "POST www.example.com/api/x 502 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":520,"OriginResponseStatus":200}"#,
                "POST www.example.com/api/x 520 by edge 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":200,"OriginResponseStatus":0,"CacheCacheStatus":"hit"}"#,
                "POST www.example.com/api/x 200 by edge 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":304,"OriginResponseStatus":200}"#,
                "POST www.example.com/api/x 200 edge=304 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":499,"OriginResponseStatus":0}"#,
                "POST www.example.com/api/x 499 by client 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":499,"OriginResponseStatus":200}"#,
                "POST www.example.com/api/x 499 by client 75ms",
            ),
            (
                r#"{"EdgeStartTimestamp":"2026-11-22T03:51:46Z","EdgeEndTimestamp":"2026-11-22T03:51:47Z","OriginResponseDurationMs":"(gone)"}"#,
                "POST www.example.com/api/x 200 1000ms",
            ),
            (
                r#"{"EdgeStartTimestamp":1795319506,"EdgeEndTimestamp":1795319506,"OriginResponseDurationMs":"(gone)"}"#,
                "POST www.example.com/api/x 200",
            ),
            (
                r#"{"EdgeStartTimestamp":"(gone)"}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"OriginResponseDurationMs":"(gone)","OriginResponseTime":75000000}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"ClientRequestURI":"(gone)"}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"OriginResponseStatus":"(gone)"}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":403,"OriginResponseStatus":"(gone)","WAFAction":"drop"}"#,
                "POST www.example.com/api/x 403 by edge code=blocked 75ms",
            ),
            (
                r#"{"WAFAction":"allow","SecurityAction":"skip"}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"SecurityAction":"challengeSolved"}"#,
                "POST www.example.com/api/x 200 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":0,"OriginResponseStatus":0}"#,
                "POST www.example.com/api/x none by edge 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":"503","OriginResponseStatus":"503"}"#,
                "POST www.example.com/api/x 503 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":101,"OriginResponseStatus":101}"#,
                "POST www.example.com/api/x 101 75ms",
            ),
            (
                r#"{"EdgeResponseStatus":"(gone)"}"#,
                "Rejected(NoFormatMatched)",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
