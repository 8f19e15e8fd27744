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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"@l":"Information","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms","@r":["12.3456"],"@t":"2026-11-22T03:51:46.0690000Z","ConnectionId":"0HN","Elapsed":12.3456,"RequestId":"0HN:1","RequestMethod":"POST","RequestPath":"/webhooks/stripe","SourceContext":"Serilog.AspNetCore.RequestLoggingMiddleware","StatusCode":200}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST /webhooks/stripe 200 12.346ms"),
            (
                r#"{"StatusCode":503,"@l":"Error"}"#,
                "POST /webhooks/stripe 503 12.346ms",
            ),
            (r#"{"StatusCode":"(gone)"}"#, "Ignored(NotHttp)"),
            (
                r#"{"Elapsed":1234.5}"#,
                "POST /webhooks/stripe 200 1234.5ms",
            ),
            (r#"{"Elapsed":0.5}"#, "POST /webhooks/stripe 200 0.5ms"),
            (r#"{"Elapsed":3}"#, "POST /webhooks/stripe 200 3ms"),
            (
                r#"{"RequestHost":"hooks.acme.example"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 12.346ms",
            ),
            (
                r#"{"SourceContext":"Microsoft.AspNetCore.Hosting.Diagnostics","ElapsedMilliseconds":5.5,"Elapsed":"(gone)","Host":"hooks.acme.example:443"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 5.5ms",
            ),
            (
                r#"{"SourceContext":"System.Net.Http.HttpClient.sfmc.ClientHandler","HttpMethod":"POST","Uri":"https://mcabc.rest.marketingcloudapis.com/x","RequestMethod":"(gone)","RequestPath":"(gone)","StatusCode":429,"ElapsedMilliseconds":80.1,"Elapsed":"(gone)"}"#,
                "POST mcabc.rest.marketingcloudapis.com/x 429 80.1ms",
            ),
            (
                r#"{"SourceContext":"System.Net.Http.HttpClient.sfmc.LogicalHandler","HttpMethod":"POST","Uri":"https://mcabc.rest.marketingcloudapis.com/x","StatusCode":429}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"SourceContext":"System.Net.Http.HttpClient.sfmc.ClientHandler","RequestMethod":"(gone)","RequestPath":"(gone)","StatusCode":429,"ElapsedMilliseconds":80.1,"Elapsed":"(gone)"}"#,
                "  429 80.1ms",
            ),
            (
                r#"{"RequestMethod":"(gone)","RequestPath":"(gone)","StatusCode":"(gone)","@mt":"Now listening on: {address}"}"#,
                "Ignored(NotHttp)",
            ),
            (
                r#"{"@mt":"(gone)","@m":"HTTP POST /webhooks/stripe responded 200 in 12.3456 ms"}"#,
                "POST /webhooks/stripe 200 12.346ms",
            ),
            (r#"{"@mt":"(gone)"}"#, "Rejected(NoFormatMatched)"),
            (
                r#"{"@t":"2026-11-22T04:51:46.069+01:00"}"#,
                "POST /webhooks/stripe 200 12.346ms",
            ),
            (
                r#"{"StatusCode":499}"#,
                "POST /webhooks/stripe 499 by client 12.346ms",
            ),
            (
                r#"{"StatusCode":"200"}"#,
                "POST /webhooks/stripe 200 12.346ms",
            ),
            (
                r#"{"@x":"System.Exception: boom","StatusCode":500}"#,
                "POST /webhooks/stripe 500 12.346ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
