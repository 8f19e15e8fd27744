//! What a format makes of a line, in one line of words: for the tables of the formats' tests.

use std::fmt::Write;

use serde_json::Value;

use crate::model::exchange::{Exchange, Outcome, StatusSource};
use crate::read::engine::units::Units;
use crate::read::format::{Format, Layout, Options, Parsed};

/// `base` with members replaced: `{"properties/httpStatus": 502}`; `"(gone)"` takes a member out.
pub fn vary(base: &str, changes: &str) -> String {
    let mut record: Value = serde_json::from_str(base).expect("a base record");
    let changes: Value = serde_json::from_str(changes).expect(changes);
    for (path, value) in changes.as_object().expect("an object of changes") {
        change(&mut record, path, value);
    }
    record.to_string()
}

fn change(record: &mut Value, path: &str, value: &Value) {
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut inner = record;
    for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
        inner = &mut inner[parent];
    }
    match inner {
        Value::Object(members) if value == "(gone)" => drop(members.remove(name)),
        inner => inner[name] = value.clone(),
    }
}

#[track_caller]
pub fn check(format: &Format, line: &str, expected: &str) {
    assert_eq!(tell(format, line), expected, "{line}");
}

pub fn tell(format: &Format, line: &str) -> String {
    tell_with(format, &Options::default(), line)
}

pub fn tell_with(format: &Format, options: &Options, line: &str) -> String {
    let Layout::Lines(build) = &format.layout else {
        panic!("{} is no line format", format.name);
    };
    // The line is its own sample.
    let gathering = Options {
        units: Units::gathering(),
        ..options.clone()
    };
    build(&gathering).parse(line, &mut Vec::new());
    let options = &Options {
        units: gathering.units.decided(),
        ..gathering
    };
    let mut out = Vec::new();
    match build(options).parse(line, &mut out) {
        Parsed::Record(_) => out.iter().map(one).collect::<Vec<_>>().join(" | "),
        fate => format!("{fate:?}"),
    }
}

fn one(exchange: &Exchange<'_>) -> String {
    let status = exchange.status.map_or("none".to_owned(), |s| s.to_string());
    let mut text = format!(
        "{} {}{} {status}",
        exchange.method, exchange.host, exchange.path
    );
    let mut add = |part: String| write!(text, " {part}").expect("a text grows");
    if let Some(edge) = exchange.edge_status {
        add(format!("edge={edge}"));
    }
    if exchange.status_source != StatusSource::Origin {
        add(format!("by {}", exchange.status_source.name()));
    }
    if exchange.outcome != Outcome::NoResponse {
        add(exchange.outcome.name().to_owned());
    }
    if let Some(code) = &exchange.error_code {
        add(format!("code={code}"));
    }
    if let Some(ms) = exchange.duration_ms {
        add(format!("{}ms", (ms * 1000.0).round() / 1000.0));
    }
    if exchange.attempt > 1 {
        add(format!("try={}", exchange.attempt));
    }
    if !exchange.is_final {
        add("retried".to_owned());
    }
    if exchange.ts.is_none() {
        add("untimed".to_owned());
    }
    text
}
