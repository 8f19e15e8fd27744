//! A log record to an entry: its body is the line; a map, or attributes that tell of an exchange, become a JSON record
//! that the JSON formats read.

use std::borrow::Cow;

use crate::read::engine::json::Json;
use crate::read::push::entry::Entry;
use crate::read::push::otlp::attributes::Attributes;
use crate::read::push::otlp::span::instant;

pub struct LogRecord<'a> {
    /// Nanoseconds since 1970; 0 is not told.
    pub time_ns: u64,
    pub observed_ns: u64,
    pub body: Json<'a>,
    pub attributes: Attributes<'a>,
    pub trace_id: String,
}

impl Default for LogRecord<'_> {
    fn default() -> Self {
        Self {
            time_ns: 0,
            observed_ns: 0,
            body: Json::Null,
            attributes: Attributes::default(),
            trace_id: String::new(),
        }
    }
}

/// Attributes that make a log record an exchange of its own.
const TELLING: &[&str] = &[
    "http.response.status_code",
    "http.status_code",
    "http.request.method",
    "http.method",
];

/// Old names that the JSON formats know by another one.
const RENAMED: &[(&str, &str)] = &[("http.target", "url"), ("net.peer.name", "server.address")];

impl<'a> LogRecord<'a> {
    pub fn entry(self, index: usize, resource: &Attributes<'a>) -> Entry<'a> {
        let ns = match self.time_ns {
            0 => self.observed_ns,
            ns => ns,
        };
        let source = self
            .attributes
            .text(&["log.file.path", "log.file.name"])
            .or(resource.text(&["service.name"]));
        Entry {
            index,
            ts: instant(ns),
            source,
            text: self.text(),
        }
    }

    fn text(self) -> Cow<'a, str> {
        if self.attributes.find(TELLING).is_some() {
            return Cow::Owned(self.record().to_string());
        }
        match self.body {
            Json::Text(text) => text,
            Json::Null => Cow::Borrowed(""),
            body => Cow::Owned(body.to_string()),
        }
    }

    fn record(self) -> Json<'a> {
        let mut members = self.attributes.0;
        for (name, _) in &mut members {
            if let Some((_, known)) = RENAMED.iter().find(|(old, _)| name == old) {
                *name = Cow::Borrowed(known);
            }
        }
        if !self.trace_id.is_empty() {
            let id = Json::Text(Cow::Owned(self.trace_id));
            members.push((Cow::Borrowed("trace_id"), id));
        }
        Json::Object(members)
    }
}
