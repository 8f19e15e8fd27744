//! pino-http: epoch milliseconds, `res.statusCode` null when the sender left.

use crate::model::exchange::TsKind;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

pub const SHAPE: Shape = Shape {
    name: "pino",
    markers: &["req.method", "res", "responseTime"],
    ts_kind: TsKind::End,
    places: &[
        ("time", Field::Time(TimeForm::Any)),
        ("req.method", Field::Method),
        ("req.url", Field::Url),
        ("req.headers.host", Field::Host),
        ("req.headers", Field::RequestHeaders),
        ("res.headers", Field::ResponseHeaders),
        ("res.statusCode", Field::Status),
        ("responseTime", Field::Duration(Unit::Millis)),
        ("req.headers.user-agent", Field::Client),
        ("req.remoteAddress", Field::ClientAddress),
    ],
    access_log: true,
    settle,
    ..Shape::PLAIN
};

fn settle<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let gone = value
        .told("msg")
        .is_some_and(|msg| msg.ends_with("aborted"));
    if !draft.status_seen() {
        // An empty status cannot be a bad one.
        draft.set(&Field::Status, "".into()).unwrap_or_default();
    }
    if gone || draft.exchange.status.is_none() {
        draft.caller_left();
    }
}

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "pino-http request logs, JSON",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[(
        r#"{"level":30,"time":1795319657204,"req":{"id":41,"method":"POST","url":"/webhooks/stripe?source=eu","headers":{"user-agent":"Stripe/1.0"}},"res":{"statusCode":null},"responseTime":42,"msg":"request aborted"}"#,
        None,
    )],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::formats::told::{check, vary};

    const BASE: &str = r#"{"hostname":"hooks-1","level":30,"msg":"request completed","pid":4450,"req":{"headers":{"host":"hooks.acme.example","user-agent":"Stripe/1.0"},"id":41,"method":"POST","params":{},"query":{"source":"eu"},"remoteAddress":"203.0.113.7","remotePort":48180,"url":"/webhooks/stripe?source=eu"},"res":{"headers":{"retry-after":"5"},"statusCode":200},"responseTime":42,"time":1795319657204}"#;

    #[test]
    fn records_of_every_kind() {
        for (changes, expected) in [
            (r#"{}"#, "POST hooks.acme.example/webhooks/stripe 200 42ms"),
            (
                r#"{"res/statusCode":429}"#,
                "POST hooks.acme.example/webhooks/stripe 429 42ms",
            ),
            (
                r#"{"res/statusCode":null,"msg":"request aborted"}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 42ms",
            ),
            (
                r#"{"res/statusCode":200,"msg":"request aborted"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 by client client_gone 42ms",
            ),
            (
                r#"{"res":{"statusCode":500},"err":{"type":"Error","message":"boom","stack":"x"},"msg":"request errored","level":50}"#,
                "POST hooks.acme.example/webhooks/stripe 500 42ms",
            ),
            (
                r#"{"res":{}}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 42ms",
            ),
            (
                r#"{"res":null}"#,
                "POST hooks.acme.example/webhooks/stripe none by client client_gone 42ms",
            ),
            (
                r#"{"time":"2026-11-22T03:54:17.204Z"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 42ms",
            ),
            (
                r#"{"responseTime":0}"#,
                "POST hooks.acme.example/webhooks/stripe 200 0ms",
            ),
            (
                r#"{"responseTime":1.5}"#,
                "POST hooks.acme.example/webhooks/stripe 200 1.5ms",
            ),
            (
                r#"{"req/headers":{}}"#,
                "POST hooks-1/webhooks/stripe 200 42ms",
            ),
            (
                r#"{"req/url":"https://api.stripe.com/v1/charges"}"#,
                "POST api.stripe.com/v1/charges 200 42ms",
            ),
            (
                r#"{"req/id":"abc"}"#,
                "POST hooks.acme.example/webhooks/stripe 200 42ms",
            ),
            (r#"{"responseTime":"(gone)"}"#, "Rejected(NoFormatMatched)"),
            (
                r#"{"req":"(gone)","res":"(gone)","responseTime":"(gone)","msg":"server started"}"#,
                "Rejected(NoFormatMatched)",
            ),
            (
                r#"{"res/statusCode":"503"}"#,
                "POST hooks.acme.example/webhooks/stripe 503 42ms",
            ),
        ] {
            check(&FORMAT, &vary(BASE, changes), expected);
        }
    }
}
