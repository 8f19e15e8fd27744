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
