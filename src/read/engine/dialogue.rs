//! Requests and answers that are told over many lines: head line, headers and body of each, or what went wrong.
//!
//! A [`Dialect`] turns lines of one tool into such events; what they add up to is the same for all. Calls that are
//! under way at the same time are told apart by a key: a connection, a thread, a URL. Header and body lines go to the
//! columns of the exchange, so it has no raw line of its own.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::model::exchange::{Direction, Exchange, Outcome, StatusSource, TsKind, find_header};
use crate::model::time::Timestamp;
use crate::read::engine::stamp::{Anchor, Stamp, find_stamp};
use crate::read::engine::target::{set_host, set_request_line, set_url};
use crate::read::format::{Options, Parsed, Place, SequenceParser, Sink};
use crate::read::instant::parse_any;
use crate::read::skip::Ignored;

/// Calls under way at once. A connection that never answers must not be kept for ever: the oldest goes out as it is.
const OPEN_MAX: usize = 256;

/// Calls that are over and wait for the day that their clock belongs to.
const UNDATED_MAX: usize = 256;

/// Kept of the headers of one message; servers refuse more than this.
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// Kept of one body: what the readers of bodies look at.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Kept of a request line, a URL or a key; no client sends more.
const TARGET_BYTES_MAX: usize = 64 * 1024;

/// A line that belongs to a call and neither begins nor is one.
pub const PART: Parsed = Parsed::Ignored(Ignored::Part);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Request,
    Response,
}

/// How one tool words requests and answers.
pub trait Dialect: Send {
    /// Tells `talk` what a line says. `Record` where a call begins.
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed;

    /// The source is over; what is still open goes out after this.
    fn finish(&mut self, _talk: &mut Talk<'_, '_>) {}
}

/// What is the same for all lines of a dialect.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    pub name: &'static str,
    /// Which end of a call its time is, where both are told.
    pub ts_kind: TsKind,
}

/// One call in the making.
pub struct Call {
    pub key: Box<str>,
    pub exchange: Exchange<'static>,
    /// The status line has been told.
    pub answered: bool,
    /// For dialects in which the same message may be told by two loggers: which one is followed.
    pub tellers: [u8; 2],
    /// For dialects that tell heads and bodies alike: whether the head of each side has ended.
    pub heads_ended: [bool; 2],
    place: Place,
    began: Stamp,
    replied: Stamp,
    /// Headers that follow belong to an answer before the answer (`100 Continue`).
    interim: bool,
    header_bytes: [usize; 2],
}

impl Call {
    /// Adds `name: value`; false for a text that is no header.
    pub fn header(&mut self, side: Side, text: &str) -> bool {
        let Some((name, value)) = split_header(text) else {
            return false;
        };
        self.pair(side, name, value);
        true
    }

    pub fn pair(&mut self, side: Side, name: &str, value: &str) {
        let held = &mut self.header_bytes[side as usize];
        *held += name.len() + value.len();
        if *held > HEADER_BYTES_MAX || (side == Side::Response && self.interim) {
            return;
        }
        if side == Side::Request && name == ":authority" {
            set_host(&mut self.exchange, Cow::Owned(value.to_owned()));
        }
        if name.starts_with(':') {
            return;
        }
        let headers = match side {
            Side::Request => &mut self.exchange.request_headers,
            Side::Response => &mut self.exchange.response_headers,
        };
        headers.push((Cow::Owned(name.to_owned()), Cow::Owned(value.to_owned())));
    }

    /// Adds a line of the body.
    pub fn body(&mut self, side: Side, text: &str) {
        let body = match side {
            Side::Request => &mut self.exchange.request_body,
            Side::Response => &mut self.exchange.response_body,
        };
        let body = body.get_or_insert_default().to_mut();
        if !body.is_empty() && body.len() < BODY_BYTES_MAX {
            body.push('\n');
        }
        let room = BODY_BYTES_MAX.saturating_sub(body.len());
        body.push_str(clip(text, room));
    }

    pub fn header_value(&self, side: Side, name: &str) -> Option<&str> {
        match side {
            Side::Request => find_header(&self.exchange.request_headers, name),
            Side::Response => find_header(&self.exchange.response_headers, name),
        }
    }

    /// Takes the answer's status; interim answers are no result, and a second one does not undo the first.
    fn answer(&mut self, status: u16, stamp: Stamp) {
        let interim = (100..200).contains(&status) && status != 101;
        self.interim = interim;
        if interim || self.answered {
            return;
        }
        self.answered = true;
        self.replied = stamp;
        if self.exchange.method == "CONNECT" {
            // The answer of a proxy to its caller: the far end was never asked.
            self.exchange.edge_status = Some(status);
            self.exchange.status_source = StatusSource::Edge;
        } else {
            self.exchange.status = Some(status);
        }
    }

    fn has_clock(&self) -> bool {
        [self.began, self.replied]
            .iter()
            .any(|stamp| matches!(stamp, Stamp::Clock(_)))
    }

    fn date(&self) -> Option<Timestamp> {
        parse_any(self.header_value(Side::Response, "date")?, None)
    }

    fn settle(&mut self) {
        let exchange = &mut self.exchange;
        if exchange.host.is_empty()
            && let Some(host) = find_header(&exchange.request_headers, "host").map(str::to_owned)
        {
            set_host(exchange, Cow::Owned(host));
        }
        if exchange.client.is_none() {
            exchange.client = find_header(&exchange.request_headers, "user-agent")
                .map(|agent| Cow::Owned(agent.to_owned()));
        }
        if exchange.response_bytes.is_none() && exchange.method != "HEAD" {
            exchange.response_bytes = length(exchange, Side::Response);
        }
        if exchange.request_bytes.is_none() {
            exchange.request_bytes = length(exchange, Side::Request);
        }
        if exchange.duration_ms.is_none() {
            exchange.duration_ms = self
                .began
                .micros_until(self.replied)
                .filter(|micros| *micros >= 0)
                .map(|micros| micros as f32 / 1_000.0);
        }
    }
}

fn length(exchange: &Exchange<'_>, side: Side) -> Option<i64> {
    let headers = match side {
        Side::Request => &exchange.request_headers,
        Side::Response => &exchange.response_headers,
    };
    let told: i64 = find_header(headers, "content-length")?
        .trim()
        .parse()
        .ok()?;
    (told >= 0).then_some(told)
}

/// The calls under way and what is known beyond them.
struct Calls {
    voice: Voice,
    zone: Option<Tz>,
    /// In the order in which they began.
    open: Vec<Call>,
    anchor: Option<Anchor>,
    /// They had a clock reading before any answer told the day.
    undated: Vec<Call>,
}

impl Calls {
    fn send(&mut self, call: Call, found: &mut Sink<'_>) {
        self.set_anchor(&call);
        if self.anchor.is_some() {
            self.send_undated(found);
        } else if call.has_clock() && self.undated.len() < UNDATED_MAX {
            self.undated.push(call);
            return;
        }
        self.send_dated(call, found);
    }

    fn send_undated(&mut self, found: &mut Sink<'_>) {
        for call in std::mem::take(&mut self.undated) {
            self.send_dated(call, found);
        }
    }

    /// A clock reading beside a Date header tells day and zone of all others.
    fn set_anchor(&mut self, call: &Call) {
        let Some(date) = call.date() else { return };
        for stamp in [call.replied, call.began] {
            if let Stamp::Clock(clock) = stamp {
                self.anchor = Some(Anchor::of_date(clock, date));
                return;
            }
        }
    }

    fn send_dated(&mut self, mut call: Call, found: &mut Sink<'_>) {
        // A tunnel that was opened is part of the call that goes through it.
        let tunnel = call.exchange.method == "CONNECT";
        if tunnel && call.exchange.edge_status.is_none_or(|s| s < 300) && call.answered {
            return;
        }
        call.settle();
        self.set_time(&mut call);
        call.exchange.line = call.place.line;
        call.exchange.offset = call.place.offset;
        found(self.voice.name, std::slice::from_mut(&mut call.exchange));
    }

    /// The instant that the voice prefers, else the other end, else the Date header of the answer.
    fn set_time(&self, call: &mut Call) {
        let ends = match self.voice.ts_kind {
            TsKind::Start => [(call.began, TsKind::Start), (call.replied, TsKind::End)],
            TsKind::End => [(call.replied, TsKind::End), (call.began, TsKind::Start)],
        };
        let told = ends
            .iter()
            .find_map(|(stamp, kind)| Some((self.instant(*stamp)?, *kind)));
        let date = || call.date().map(|date| (date, TsKind::End));
        if let Some((ts, kind)) = told.or_else(date) {
            call.exchange.ts = Some(ts);
            call.exchange.ts_kind = kind;
        }
    }

    fn instant(&self, stamp: Stamp) -> Option<Timestamp> {
        match stamp {
            Stamp::Untold => None,
            Stamp::Instant(at) => Some(at),
            Stamp::Clock(clock) => self.anchor.map(|anchor| anchor.instant(clock)),
        }
    }
}

/// What a dialect tells its events to, for one line.
pub struct Talk<'t, 's> {
    calls: &'t mut Calls,
    at: Place,
    found: &'t mut Sink<'s>,
    /// When the line was written.
    pub stamp: Stamp,
}

impl Talk<'_, '_> {
    /// Takes the time from somewhere in the beginning of the line.
    pub fn find_time(&mut self, line: &str) {
        self.stamp = find_stamp(line, self.calls.zone);
    }

    pub fn zone(&self) -> Option<Tz> {
        self.calls.zone
    }

    /// A call begins, after whatever was open under its key has gone out.
    pub fn begin(&mut self, key: &str, method: &str, url: &str) -> &mut Call {
        self.end(key);
        self.begin_beside(key, method, url)
    }

    /// The same from `METHOD target HTTP/x`.
    pub fn begin_line(&mut self, key: &str, line: &str) -> &mut Call {
        let tunnel = |call: &Call| call.exchange.method == "CONNECT" && !call.answered;
        if !line.starts_with("CONNECT ") && self.call(key).is_some_and(|call| tunnel(call)) {
            // Some tools do not show the answer of the proxy; what goes through the tunnel shows that it was opened.
            self.forget(key);
        }
        let call = self.begin(key, "", "");
        let exchange = &mut call.exchange;
        set_request_line(
            exchange,
            Cow::Owned(clip(line, TARGET_BYTES_MAX).to_owned()),
        );
        if exchange.method == "CONNECT" {
            let host = std::mem::take(&mut exchange.path);
            set_host(exchange, host);
        }
        call
    }

    /// A call begins while others of the same key are under way.
    pub fn begin_beside(&mut self, key: &str, method: &str, url: &str) -> &mut Call {
        if self.calls.open.len() >= OPEN_MAX {
            let oldest = self.calls.open.remove(0);
            self.calls.send(oldest, self.found);
        }
        let mut exchange = Exchange {
            method: Cow::Owned(clip(method, TARGET_BYTES_MAX).to_owned()),
            direction: Direction::Outbound,
            attempt: 1,
            is_final: true,
            ..Exchange::default()
        };
        set_url(
            &mut exchange,
            Cow::Owned(clip(url, TARGET_BYTES_MAX).to_owned()),
        );
        let at = self.calls.open.len();
        self.calls.open.push(Call {
            key: clip(key, TARGET_BYTES_MAX).into(),
            exchange,
            answered: false,
            tellers: [0; 2],
            place: self.at,
            began: self.stamp,
            replied: Stamp::Untold,
            interim: false,
            heads_ended: [false; 2],
            header_bytes: [0; 2],
        });
        &mut self.calls.open[at]
    }

    /// The call that is under way under a key, the oldest of several.
    pub fn call(&mut self, key: &str) -> Option<&mut Call> {
        self.find(|call| *call.key == *key)
    }

    /// The oldest call under way of which something holds.
    pub fn find(&mut self, holds: impl Fn(&Call) -> bool) -> Option<&mut Call> {
        self.calls.open.iter_mut().find(|call| holds(call))
    }

    /// The call that began last.
    pub fn latest(&mut self) -> Option<&mut Call> {
        self.calls.open.last_mut()
    }

    /// The answer to the call of a key; false when there is none.
    pub fn answer(&mut self, key: &str, status: u16) -> bool {
        let stamp = self.stamp;
        match self.call(key) {
            Some(call) => {
                call.answer(status, stamp);
                true
            }
            None => false,
        }
    }

    /// The call of a key failed. An answer that came before stays the answer.
    pub fn fail(&mut self, key: &str, why: &str) -> bool {
        let stamp = self.stamp;
        let Some(call) = self.call(key) else {
            return false;
        };
        if is_caller_gone(why) {
            call.exchange.outcome = Outcome::ClientGone;
            call.exchange.status_source = StatusSource::Client;
        }
        if !why.is_empty() {
            call.exchange.error_message = Some(Cow::Owned(clip(why, TARGET_BYTES_MAX).to_owned()));
        }
        if !call.replied.is_told() {
            call.replied = stamp;
        }
        self.end(key);
        true
    }

    /// Hands out the call of a key, with a reason where it had no answer.
    pub fn fail_unanswered(&mut self, key: &str, why: &str) {
        match self.call(key).map(|call| call.answered) {
            Some(false) => {
                self.fail(key, why);
            }
            Some(true) => self.end(key),
            None => {}
        }
    }

    /// Hands out the call of a key as it is.
    pub fn end(&mut self, key: &str) {
        self.end_where(|call| *call.key == *key);
    }

    /// Hands out the oldest call of which something holds.
    pub fn end_where(&mut self, holds: impl Fn(&Call) -> bool) {
        if let Some(at) = self.calls.open.iter().position(holds) {
            let call = self.calls.open.remove(at);
            self.calls.send(call, self.found);
        }
    }

    /// Forgets the call of a key: it was none.
    pub fn forget(&mut self, key: &str) {
        self.calls.open.retain(|call| *call.key != *key);
    }
}

/// Reads the lines of a dialect.
pub struct Dialogue<D> {
    dialect: D,
    calls: Calls,
}

impl<D: Dialect> Dialogue<D> {
    pub fn new(voice: Voice, dialect: D, options: &Options) -> Self {
        Self {
            dialect,
            calls: Calls {
                voice,
                zone: options.zone,
                open: Vec::new(),
                anchor: None,
                undated: Vec::new(),
            },
        }
    }

    fn talk<'t, 's>(calls: &'t mut Calls, at: Place, found: &'t mut Sink<'s>) -> Talk<'t, 's> {
        Talk {
            calls,
            at,
            found,
            stamp: Stamp::Untold,
        }
    }
}

impl<D: Dialect> SequenceParser for Dialogue<D> {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        self.dialect
            .line(line, &mut Self::talk(&mut self.calls, at, found))
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        self.dialect
            .finish(&mut Self::talk(&mut self.calls, Place::default(), found));
        for call in std::mem::take(&mut self.calls.open) {
            self.calls.send(call, found);
        }
        self.calls.send_undated(found);
    }
}

/// Whether a failure is the caller's own doing: mitmproxy's, Go's and OkHttp's words for it.
pub fn is_caller_gone(why: &str) -> bool {
    const WORDS: [&str; 3] = [
        "Client disconnected",
        "context canceled",
        "IOException: Canceled",
    ];
    WORDS.iter().any(|words| why.contains(words))
}

/// The beginning of a text, whole characters.
fn clip(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// `Name: value`; names of HTTP/2 may begin with a colon.
pub fn split_header(text: &str) -> Option<(&str, &str)> {
    let colon = text.get(1..)?.find(':')? + 1;
    let (name, value) = (&text[..colon], &text[colon + 1..]);
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&b);
    let bare = name.strip_prefix(':').unwrap_or(name);
    (!bare.is_empty() && bare.bytes().all(token)).then(|| (name, value.trim()))
}

/// `METHOD target HTTP/x` and nothing else.
pub fn is_request_line(text: &str) -> bool {
    let Some((method, rest)) = text.split_once(' ') else {
        return false;
    };
    let Some((target, protocol)) = rest.trim_end().rsplit_once(' ') else {
        return false;
    };
    is_method(method) && !target.is_empty() && is_protocol(protocol)
}

/// Three to seventeen capitals: `GET` to `VERSION-CONTROL`.
pub fn is_method(text: &str) -> bool {
    (3..=17).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

fn is_protocol(text: &str) -> bool {
    let version = text
        .strip_prefix("HTTP/")
        .or_else(|| text.strip_prefix("http/"));
    version
        .is_some_and(|v| (1..=3).contains(&v.len()) && v.starts_with(|c: char| c.is_ascii_digit()))
}

/// The status of `HTTP/1.1 429 Too Many Requests`; the reason may be missing.
pub fn status_line(text: &str) -> Option<u16> {
    let (protocol, rest) = text.split_once(' ')?;
    if !is_protocol(protocol) {
        return None;
    }
    leading_status(rest)
}

/// The status at the beginning of a text, if a word ends behind it.
pub fn leading_status(text: &str) -> Option<u16> {
    let code = text.get(..3)?;
    let ends = !text[3..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let status: u16 = code.parse().ok()?;
    (ends && (100..=999).contains(&status)).then_some(status)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::read::format::{Format, Layout};

    /// Reads a text with a format: one line an exchange of what a user would look at first.
    pub fn read(format: &Format, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let mut found = |_: &'static str, attempts: &mut [Exchange<'_>]| {
            seen.extend(attempts.iter().map(|e| {
                let status = e.status.map_or("none".to_owned(), |s| s.to_string());
                let query = e
                    .query
                    .as_deref()
                    .map(|q| format!("?{q}"))
                    .unwrap_or_default();
                let ts = e.ts.map_or("untimed".to_owned(), |ts| ts.to_string());
                format!("{status} {} {}{}{query} {ts}", e.method, e.host, e.path)
            }));
        };
        match &format.layout {
            Layout::Sequence(build) => {
                let mut parser = build(&Options::default());
                let mut offset = 0;
                for (number, line) in text.split('\n').enumerate() {
                    let at = Place {
                        offset,
                        line: number as u64 + 1,
                    };
                    parser.line(line.trim_end_matches('\r'), at, &mut found);
                    offset += line.len() as u64 + 1;
                }
                parser.finish(&mut found);
            }
            Layout::Lines(build) => {
                let parser = build(&Options::default());
                for line in text.lines() {
                    let mut out = Vec::new();
                    parser.parse(line, &mut out);
                    found(format.name, &mut out);
                }
            }
            Layout::Document { parse, .. } => parse(text.as_bytes(), &mut |entry| {
                if let Ok(mut exchange) = entry {
                    found(format.name, std::slice::from_mut(&mut exchange));
                }
            })
            .expect("a whole document"),
        }
        seen
    }

    /// The exchanges of a text, as [`read`] shows them.
    #[track_caller]
    pub fn check(format: &Format, text: &str, expected: &[&str]) {
        assert_eq!(read(format, text), expected, "{}: {text}", format.name);
    }

    #[test]
    fn head_lines_are_told_from_text() {
        for text in [
            "GET / HTTP/1.1",
            "POST https://a.example/x HTTP/2",
            "VERSION-CONTROL * HTTP/1.0 ",
        ] {
            assert!(is_request_line(text), "{text}");
        }
        for text in [
            "",
            "GET /",
            "Get / HTTP/1.1",
            "GET HTTP/1.1",
            "GET / FTP/1.1",
            "é / HTTP/1.1",
        ] {
            assert!(!is_request_line(text), "{text}");
        }
        assert_eq!(status_line("HTTP/2 429 "), Some(429));
        assert_eq!(status_line("HTTP/1.1 200"), Some(200));
        assert_eq!(status_line("HTTP/1.1 2000"), None);
        assert_eq!(status_line("HTTP/1.1 é€"), None);
        assert_eq!(
            split_header(":authority: a.example"),
            Some((":authority", "a.example"))
        );
        assert_eq!(split_header("a b: c"), None);
        assert_eq!(split_header(":"), None);
        assert_eq!(split_header("é: x"), None);
    }
}
