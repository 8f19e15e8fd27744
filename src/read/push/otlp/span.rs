//! A span of an HTTP client or server to an exchange, by the stable names of the conventions and by the old ones. A span
//! may have both (`http/dup`); the stable one is then the one that counts.

use std::borrow::Cow;

use crate::model::exchange::{Direction, Exchange, Headers, StatusSource, Text, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::draft::parse_status;
use crate::read::engine::json::Json;
use crate::read::engine::target::{set_host, set_url};
use crate::read::push::otlp::attributes::Attributes;
use crate::read::push::otlp::tries::Tries;
use crate::read::skip::{Ignored, Rejected, Skip};

/// What both encodings tell.
#[derive(Default)]
pub struct Span<'a> {
    /// In hexadecimal.
    pub trace_id: String,
    pub span_id: String,
    pub parent_id: String,
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 is not told.
    pub kind: u64,
    /// Nanoseconds since 1970; 0 is not told.
    pub start_ns: u64,
    pub end_ns: u64,
    pub attributes: Attributes<'a>,
    pub status_message: Option<Text<'a>>,
    /// Of the event `exception`.
    pub exception: Attributes<'a>,
    pub raw: &'a str,
}

const METHOD: &[&str] = &["http.request.method", "http.method"];
const STATUS: &[&str] = &["http.response.status_code", "http.status_code"];
const URL: &[&str] = &["url.full", "http.url"];
const ROUTE: &[&str] = &["url.template", "http.route"];
const SENT: &[&str] = &["http.request.body.size", "http.request_content_length"];
const RECEIVED: &[&str] = &["http.response.body.size", "http.response_content_length"];
const RESENDS: &[&str] = &[
    "http.request.resend_count",
    "http.resend_count",
    "http.retry_count",
];
const CALLED: &[&str] = &[
    "server.address",
    "net.peer.name",
    "http.host",
    "net.sock.peer.name",
    "network.peer.address",
    "net.peer.ip",
];
const SERVED: &[&str] = &[
    "server.address",
    "http.host",
    "net.host.name",
    "http.server_name",
];
const CALLER: &[&str] = &[
    "client.address",
    "http.client_ip",
    "network.peer.address",
    "net.sock.peer.addr",
    "net.peer.ip",
];
const AGENT: &[&str] = &["user_agent.original", "http.user_agent"];

impl<'a> Span<'a> {
    /// The exchange that it tells of. `resource` says which service of ours made the span.
    pub fn exchange(
        &self,
        resource: &Attributes<'a>,
        tries: &mut Tries,
    ) -> Result<Exchange<'a>, Skip> {
        let direction = self.direction()?;
        let told = &self.attributes;
        let ts = self.start().or(self.end());
        let status = self.status()?;
        let mut exchange = Exchange {
            ts: Some(ts.ok_or(Skip::Rejected(Rejected::BadTime))?),
            ts_kind: match self.start() {
                Some(_) => TsKind::Start,
                None => TsKind::End,
            },
            is_final: true,
            direction,
            method: self.method().unwrap_or_default(),
            status,
            status_source: match status {
                Some(499) => StatusSource::Client,
                _ => StatusSource::Origin,
            },
            operation: told.text(ROUTE).map(path_of),
            duration_ms: self.duration_ms(),
            trace_id: (!self.trace_id.is_empty()).then(|| Cow::Owned(self.trace_id.clone())),
            request_bytes: told.text(SENT).and_then(|n| n.parse().ok()),
            response_bytes: told.text(RECEIVED).and_then(|n| n.parse().ok()),
            request_headers: self.headers("http.request.header."),
            response_headers: self.headers("http.response.header."),
            user: told.text(&["enduser.id", "user.id"]),
            raw: self.raw,
            ..Exchange::default()
        };
        self.set_target(&mut exchange);
        self.set_parties(&mut exchange, resource);
        self.set_error(&mut exchange);
        let resends = told.text(RESENDS).and_then(|n| n.parse().ok());
        tries.number(self, resends, &mut exchange);
        Ok(exchange)
    }

    /// Who called whom, for a span that is about HTTP at all.
    fn direction(&self) -> Result<Direction, Skip> {
        let is_http = self.method().is_some() || self.attributes.text(STATUS).is_some();
        match self.kind {
            _ if !is_http => Err(Skip::Ignored(Ignored::NotHttp)),
            2 => Ok(Direction::Inbound),
            3 => Ok(Direction::Outbound),
            0 => Ok(Direction::Unknown),
            _ => Err(Skip::Ignored(Ignored::NotHttp)),
        }
    }

    /// `_OTHER` stands for a method that the conventions do not know.
    fn method(&self) -> Option<Text<'a>> {
        let method = self.attributes.text(METHOD)?;
        if method != "_OTHER" {
            return Some(method);
        }
        let original = self.attributes.text(&["http.request.method_original"]);
        Some(original.unwrap_or(method))
    }

    fn status(&self) -> Result<Option<u16>, Skip> {
        match self.attributes.text(STATUS) {
            Some(status) => Ok(parse_status(&status)?),
            None => Ok(None),
        }
    }

    fn start(&self) -> Option<Timestamp> {
        instant(self.start_ns)
    }

    fn end(&self) -> Option<Timestamp> {
        instant(self.end_ns)
    }

    fn duration_ms(&self) -> Option<f32> {
        let told = self.start_ns > 0 && self.end_ns >= self.start_ns;
        told.then(|| ((self.end_ns - self.start_ns) as f64 / 1e6) as f32)
    }

    fn set_target(&self, exchange: &mut Exchange<'a>) {
        let told = &self.attributes;
        let mut host_told = false;
        if let Some(url) = told.text(URL) {
            host_told = set_url(exchange, url);
        } else if let Some(path) = told.text(&["url.path"]) {
            exchange.path = path;
            exchange.query = told.text(&["url.query"]);
        } else if let Some(target) = told.text(&["http.target"]) {
            host_told = set_url(exchange, target);
        }
        let names = match self.kind {
            2 => SERVED,
            _ => CALLED,
        };
        if let Some(host) = told.text(names).filter(|_| !host_told) {
            set_host(exchange, host);
        }
    }

    /// The caller is our service where it calls, and somebody else where it is called.
    fn set_parties(&self, exchange: &mut Exchange<'a>, resource: &Attributes<'a>) {
        let told = &self.attributes;
        exchange.client = match self.kind {
            2 => told.text(AGENT),
            _ => resource
                .text(&["service.name"])
                .filter(|name| !name.starts_with("unknown_service"))
                .or(told.text(AGENT)),
        };
        if self.kind == 2 {
            exchange.client_address = told.text(CALLER);
        }
    }

    /// `error.type` repeats the status where there is one; otherwise it names what went wrong before an answer came.
    fn set_error(&self, exchange: &mut Exchange<'a>) {
        let is_word = |text: &Text<'a>| parse_status(text).is_err() && text != "_OTHER";
        exchange.error_code = self
            .attributes
            .text(&["error.type"])
            .or(self.exception.text(&["exception.type"]))
            .filter(is_word);
        exchange.error_message = self
            .status_message
            .clone()
            .filter(|text| !text.is_empty())
            .or(self.exception.text(&["exception.message"]));
    }

    /// One attribute a header, its values in an array. The old names had `_` where headers have `-`.
    fn headers(&self, prefix: &str) -> Headers<'a> {
        let mut headers = Headers::new();
        for (name, value) in &self.attributes.0 {
            let Some(name) = name.strip_prefix(prefix) else {
                continue;
            };
            let name = name.replace('_', "-");
            match value {
                Json::Array(values) => {
                    let told = values.iter().filter_map(|value| value.scalar());
                    headers.extend(told.map(|text| (Cow::Owned(name.clone()), text)));
                }
                value => headers.extend(value.scalar().map(|text| (Cow::Owned(name), text))),
            }
        }
        headers
    }
}

/// Nanoseconds since 1970 to the nearest microsecond; 0 is not told.
pub fn instant(ns: u64) -> Option<Timestamp> {
    let micros = i64::try_from(ns.saturating_add(500) / 1_000).ok()?;
    (ns > 0).then(|| Timestamp::from_micros(micros))
}

/// A template may be a whole URL; the host is no part of an operation.
fn path_of(template: Text<'_>) -> Text<'_> {
    let Some((_, rest)) = template.split_once("://") else {
        return template;
    };
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    Cow::Owned(path.to_owned())
}
