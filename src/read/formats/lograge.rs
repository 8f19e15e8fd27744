//! Lograge: one line a request of a Rails application. Its durations are milliseconds with a fraction.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::logfmt::{Keys, Logfmt};
use crate::read::format::{Format, Layout};

const KEYS: Keys = Keys {
    name: "lograge",
    markers: &["method", "path", "controller", "action", "status"],
    ts_kind: TsKind::End,
    own: &[("duration", Field::Duration(Unit::Millis))],
    settle: |_, _| {},
};

pub const FORMAT: Format = Format {
    name: KEYS.name,
    aliases: &[],
    title: "Rails requests by lograge",
    specificity: 50,
    layout: Layout::Lines(|options| Box::new(Logfmt::new(&KEYS, options))),
    samples: &[(
        "I, [2026-11-22T03:51:46.069123 #4]  INFO -- : method=POST path=/webhooks/stripe format=json controller=WebhooksController action=stripe status=422 duration=58.33 view=40.43 db=15.26",
        Some(422),
    )],
};
