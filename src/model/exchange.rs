//! One attempt at an HTTP request and what came back, as read from a log and before masking.
//!
//! An [`Exchange`] holds raw secrets. So it borrows from the bytes it was read from, cannot be serialised, and its
//! `Debug` shows sizes and never content. The only way out is through `mask`.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// Text that is borrowed from the log where it stands there as it is, and owned where an escape had to be undone.
pub type Text<'a> = Cow<'a, str>;

/// Which end of the request the log's time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TsKind {
    #[default]
    Start,
    End,
}

impl TsKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// Who called whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Outbound,
    Inbound,
    #[default]
    Unknown,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
            Self::Unknown => "unknown",
        }
    }
}

/// Whose status it is: the far end's, the hop's own that wrote the log, or the caller's (it left).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusSource {
    #[default]
    Origin,
    Edge,
    Client,
}

impl StatusSource {
    pub fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Edge => "edge",
            Self::Client => "client",
        }
    }
}

/// What an attempt came to. Not the same as its status: vendors throttle with 200, 400, 403 and 500 too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Ok,
    Redirect,
    ClientError,
    Throttled,
    ServerError,
    #[default]
    NoResponse,
    ClientGone,
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Ok,
        Self::Redirect,
        Self::ClientError,
        Self::Throttled,
        Self::ServerError,
        Self::NoResponse,
        Self::ClientGone,
    ];

    /// The outcome that is stored under a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Redirect => "redirect",
            Self::ClientError => "client_error",
            Self::Throttled => "throttled",
            Self::ServerError => "server_error",
            Self::NoResponse => "no_response",
            Self::ClientGone => "client_gone",
        }
    }
}

/// Header names and values in the order of the message; a name may repeat.
pub type Headers<'a> = Vec<(Text<'a>, Text<'a>)>;

/// The first value of a header, compared without regard to case.
pub fn find_header<'h>(headers: &'h Headers<'_>, name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_ref())
}

/// Rate-limit state that the response told, in the vendor's own unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limit {
    pub max: Option<i64>,
    pub remaining: Option<i64>,
    pub reset: Option<Timestamp>,
}

/// One attempt. Readers fill what the line tells; `attribute` fills integration, operation, outcome and what it finds
/// in headers and bodies; `mask` consumes it.
#[derive(Clone, Default)]
pub struct Exchange<'a> {
    pub ts: Option<Timestamp>,
    pub ts_kind: TsKind,
    /// 1 for the first try.
    pub attempt: u16,
    /// Whether the caller saw this attempt's answer; the others were retried inside the line.
    pub is_final: bool,
    /// What the attempts of one call share, when the log tells (a correlation or idempotency key, a line's own id).
    pub correlation_id: Option<Text<'a>>,

    pub direction: Direction,
    pub integration: Option<Text<'a>>,
    pub tenant: Option<Text<'a>>,
    /// The process or job of ours that called (its user agent, service or job name).
    pub client: Option<Text<'a>>,
    /// The credential used, raw; stored only as a keyed pseudonym.
    pub principal: Option<Text<'a>>,

    pub method: Text<'a>,
    /// Lower-case host without port.
    pub host: Text<'a>,
    /// The path as sent, without query.
    pub path: Text<'a>,
    /// The query as sent, without `?`.
    pub query: Option<Text<'a>>,
    /// `METHOD /templated/path`, when the log or `attribute` gave it.
    pub operation: Option<Text<'a>>,

    pub status: Option<u16>,
    pub status_source: StatusSource,
    /// What the hop that wrote the log told the caller, where that differs from `status`.
    pub edge_status: Option<u16>,
    pub outcome: Outcome,
    pub error_code: Option<Text<'a>>,
    pub error_message: Option<Text<'a>>,

    pub duration_ms: Option<f32>,
    pub retry_after_s: Option<f32>,
    pub limit: Limit,

    pub request_id: Option<Text<'a>>,
    pub vendor_request_id: Option<Text<'a>>,
    pub trace_id: Option<Text<'a>>,
    pub idempotency_key: Option<Text<'a>>,

    pub request_bytes: Option<i64>,
    pub response_bytes: Option<i64>,
    pub request_headers: Headers<'a>,
    pub request_body: Option<Text<'a>>,
    pub response_headers: Headers<'a>,
    pub response_body: Option<Text<'a>>,

    /// IP address of whoever called, from the log.
    pub client_address: Option<Text<'a>>,
    /// The user name that the log shows, if any.
    pub user: Option<Text<'a>>,

    /// The source line (or the entry of a document) as read.
    pub raw: &'a str,
    /// 1-based line of the source; for documents the number of the entry.
    pub line: u64,
    /// Byte offset of the line in the unpacked source.
    pub offset: u64,
    /// Which record of its line it belongs to, from 0: a line may hold a whole array of them.
    pub record: u32,
}

impl Exchange<'_> {
    /// The status class as the digit in front, `None` without an answer.
    pub fn status_class(&self) -> Option<u16> {
        self.status.map(|status| status / 100)
    }

    /// Throttled by a hop on our side, so not the far end's doing.
    pub fn is_local_throttle(&self) -> bool {
        self.outcome == Outcome::Throttled && self.status_source == StatusSource::Edge
    }
}

/// Sizes only: an exchange may hold a token in any of its texts.
impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("line", &self.line)
            .field("offset", &self.offset)
            .field("status", &self.status)
            .field("raw_bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        let exchange = Exchange {
            path: "/v1/secret-path".into(),
            raw: "GET /v1/secret-path?token=abc",
            ..Exchange::default()
        };
        let shown = format!("{exchange:?}");
        assert!(
            !shown.contains("secret") && !shown.contains("abc"),
            "{shown}"
        );
    }
}
