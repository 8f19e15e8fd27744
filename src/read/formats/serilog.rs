//! Serilog's JSON (compact, and with `Properties`): names of ASP.NET Core's and of .NET's HTTP client, times in milliseconds.

use crate::model::exchange::{Direction, TsKind};
use crate::read::engine::asides::of_any_program;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "serilog",
    markers: &[
        "@t|Timestamp|timestamp|@timestamp",
        "@mt|@m|MessageTemplate|messageTemplate|RenderedMessage",
    ],
    ts_kind: TsKind::End,
    places: &[
        ("@t", Field::Time(TimeForm::Any)),
        ("Timestamp", Field::Time(TimeForm::Any)),
        ("RequestMethod", Field::Method),
        ("Properties.RequestMethod", Field::Method),
        ("HttpMethod", Field::Method),
        ("Properties.HttpMethod", Field::Method),
        ("Uri", Field::Url),
        ("Properties.Uri", Field::Url),
        ("RequestPath", Field::Url),
        ("Properties.RequestPath", Field::Url),
        ("Host", Field::Host),
        ("Properties.Host", Field::Host),
        ("RequestHost", Field::Host),
        ("Properties.RequestHost", Field::Host),
        ("StatusCode", Field::Status),
        ("Properties.StatusCode", Field::Status),
        ("Elapsed", Field::Duration(Unit::Millis)),
        ("Properties.Elapsed", Field::Duration(Unit::Millis)),
        ("ElapsedMilliseconds", Field::Duration(Unit::Millis)),
        (
            "Properties.ElapsedMilliseconds",
            Field::Duration(Unit::Millis),
        ),
        ("RequestId", Field::RequestId),
        ("Properties.RequestId", Field::RequestId),
        ("@tr", Field::TraceId),
        ("@x", Field::ErrorMessage),
    ],
    access_log: false,
    refuse: of_any_program,
    settle,
};

/// The named client of a call is the nearest to a vendor that its log tells when the scope is not logged.
fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let context = value
        .told("SourceContext")
        .or_else(|| value.told("Properties.SourceContext"))
        .unwrap_or_default();
    let named = context
        .strip_prefix("System.Net.Http.HttpClient.")
        .and_then(|rest| rest.strip_suffix(".ClientHandler"));
    let Some(name) = named else { return };
    draft.exchange.direction = Direction::Outbound;
    if draft.exchange.host.is_empty() && draft.exchange.integration.is_none() {
        draft.exchange.integration = Some(name.to_owned().into());
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Serilog, JSON",
    specificity: 72,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"@t":"2026-11-22T03:51:46.0690000Z","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms","RequestMethod":"POST","RequestPath":"/webhooks/stripe","StatusCode":503,"Elapsed":12.3456,"SourceContext":"Serilog.AspNetCore.RequestLoggingMiddleware","RequestId":"0HN:1"}"#,
            Some(503),
        ),
        (
            r#"{"Timestamp":"2026-11-22T03:51:46.069+00:00","Level":"Information","MessageTemplate":"Received HTTP response headers after {ElapsedMilliseconds}ms - {StatusCode}","Properties":{"ElapsedMilliseconds":12.3,"StatusCode":429,"HttpMethod":"POST","Uri":"https://api.hubapi.com/crm","SourceContext":"System.Net.Http.HttpClient.hubspot.ClientHandler"}}"#,
            Some(429),
        ),
    ],
};
