//! The common-log family without a format string: common, combined, virtual host first, and what servers and people
//! add behind.
//!
//! The anchor is `[time] "request" status`; how many tokens stand before the bracket and what follows the status tell
//! the rest. Missing identity fields do not cost the record.

use std::borrow::Cow;

use memchr::memchr;

use crate::model::exchange::{Exchange, Text, TsKind};
use crate::model::plain::Plain;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::plain_clf::plain;
use crate::read::engine::quoted::{quote_end, unescape};
use crate::read::engine::target::{has_port, is_address, looks_like_host, set_host};
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::instant::parse_clf;
use crate::read::skip::Rejected;

pub const COMMON: &str = "common";
pub const COMBINED: &str = "combined";
pub const VHOST_COMBINED: &str = "vhost_combined";

/// A date in brackets never stands further in than identity fields can push it.
const BRACKETS_TRIED_MAX: usize = 8;

pub struct Clf {
    zone: Option<chrono_tz::Tz>,
}

impl Clf {
    pub fn new(options: &Options) -> Self {
        Self { zone: options.zone }
    }
}

impl LineParser for Clf {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some((before, wall, after)) = split_at_time(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let mut draft = Draft::new(TsKind::End, self.zone);
        draft.set_wall(wall);
        let vhost = set_identity(&mut draft, before);
        let opened = after
            .strip_prefix(" \"")
            .or_else(|| open_request(&mut draft, after));
        let Some(request_and_rest) = opened else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        let Some((request, rest)) = split_request(request_and_rest) else {
            return Parsed::Rejected(fault_of(request_and_rest));
        };
        let request = unescape(bare(request));
        if draft.set(&Field::RequestLine, request).is_err() {
            return Parsed::Rejected(Rejected::NoRequest);
        }
        let Some(agent_told) = set_tail(&mut draft, rest) else {
            return Parsed::Rejected(Rejected::BadStatus);
        };
        draft.finish(out);
        Parsed::Record(name(vhost, agent_told))
    }

    fn plain<'a>(&self, line: &'a str) -> Option<(&'static str, Plain<'a>)> {
        let line = plain(line, self.zone)?;
        Some((name(line.in_front, line.has_client), line.plain))
    }

    /// Combined ends in the quoted agent; what stands behind it is another format's.
    fn reads_over(&self, line: &str) -> bool {
        !line.ends_with('"')
    }
}

fn name(vhost: bool, agent_told: bool) -> &'static str {
    match (vhost, agent_told) {
        (true, _) => VHOST_COMBINED,
        (false, true) => COMBINED,
        (false, false) => COMMON,
    }
}

/// What stands between the time and the request where it is not one space: nothing, or how long it took (`(0 s)`).
fn open_request<'a>(draft: &mut Draft<'a>, after: &'a str) -> Option<&'a str> {
    if let Some(request) = after.strip_prefix('"') {
        return Some(request);
    }
    let (took, request) = after.strip_prefix(" (")?.split_once(" s) \"")?;
    draft
        .set(&Field::Duration(Unit::Seconds), Cow::Borrowed(took))
        .ok()?;
    Some(request)
}

/// Whether the request was cut off, or what follows it is no status.
#[cold]
fn fault_of(request_and_rest: &str) -> Rejected {
    let end = quote_end(request_and_rest.as_bytes());
    let after = end.map_or("", |end| &request_and_rest[end + 1..]);
    match after.trim_start().is_empty() {
        true => Rejected::NoRequest,
        false => Rejected::BadStatus,
    }
}

/// The request without the colours that servers for development put around it.
pub fn bare(request: &str) -> &str {
    let mut request = request;
    while let Some((_, after)) = request
        .strip_prefix("\u{1b}[")
        .and_then(|r| r.split_once('m'))
    {
        request = after;
    }
    match memchr(0x1b, request.as_bytes()).and_then(|_| request.find("\u{1b}[")) {
        Some(end) => &request[..end],
        None => request,
    }
}

/// Finds `[dd/Mon/yyyy:hh:mm:ss ±zzzz]`: what stands before it, the time, what follows.
fn split_at_time(line: &str) -> Option<(&str, crate::read::instant::WallTime, &str)> {
    let bytes = line.as_bytes();
    let mut from = 0;
    for _ in 0..BRACKETS_TRIED_MAX {
        let open = from + memchr(b'[', &bytes[from..])?;
        let close = open + memchr(b']', &bytes[open..bytes.len().min(open + 40)]).unwrap_or(0);
        if close > open
            && let Some(wall) = parse_clf(&bytes[open + 1..close])
        {
            let before = line[..open].trim_ascii_end();
            return Some((before, wall, &line[close + 1..]));
        }
        from = open + 1;
    }
    None
}

/// Reads `[vhost[:port]] address ident user` and says whether a host came first. The address may be a list: whom it was
/// forwarded for.
fn set_identity<'a>(draft: &mut Draft<'a>, before: &'a str) -> bool {
    let (first, rest) = split_addresses(before);
    let (second, after) = split_addresses(rest);
    let vhost = !is_address(first)
        && (has_port(first) || is_address(second))
        && memchr(b',', first.as_bytes()).is_none();
    let (address, user) = if vhost {
        (second, after)
    } else {
        (first, rest)
    };
    if vhost {
        set_host(&mut draft.exchange, Cow::Borrowed(first));
    }
    if !address.is_empty() && address != "-" {
        draft.exchange.client_address = Some(Cow::Borrowed(address));
    }
    // The ident is `-` in practice; the user is the rest and may hold spaces. Some write the host in its place.
    let (ident, user) = split_word(user);
    let named = ident != "-" && !vhost && looks_like_host(ident) && is_address(address);
    if named {
        set_host(&mut draft.exchange, Cow::Borrowed(ident));
    }
    if !matches!(user, "" | "-" | "\"-\"") {
        draft.exchange.user = Some(Cow::Borrowed(user));
    }
    vhost || named
}

/// The first word, or the first words that commas join.
fn split_addresses(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = memchr(b' ', bytes).unwrap_or(text.len());
    while end > 0 && bytes[end - 1] == b',' && end < text.len() {
        let next = memchr(b' ', &bytes[end + 1..]);
        end = next.map_or(text.len(), |next| end + 1 + next);
    }
    (&text[..end], text.get(end + 1..).unwrap_or_default())
}

/// The first word and what follows the blank behind it.
fn split_word(text: &str) -> (&str, &str) {
    match memchr(b' ', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}

/// The request ends where a quote is followed by a status; a quote inside it may be unescaped.
pub fn split_request(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let end = quote_end(bytes)?;
    if starts_with_status(&text[end + 1..]) {
        return Some((&text[..end], &text[end + 1..]));
    }
    memchr::memchr_iter(b'"', bytes)
        .rev()
        .find(|at| starts_with_status(&text[at + 1..]))
        .map(|at| (&text[..at], &text[at + 1..]))
}

fn starts_with_status(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(' ') else {
        return false;
    };
    if let [a, b, c, end @ ..] = rest.as_bytes()
        && [a, b, c].iter().all(|digit| digit.is_ascii_digit())
    {
        return matches!(end.first(), None | Some(b' '));
    }
    matches!(split_word(rest).0, "-" | "0" | "NULL")
}

/// Reads ` status bytes ["referer" "agent"] extras`; says whether an agent was there, `None` without a status.
fn set_tail<'a>(draft: &mut Draft<'a>, rest: &'a str) -> Option<bool> {
    let rest = rest.strip_prefix(' ')?;
    let (status, rest) = split_word(rest);
    draft.set(&Field::Status, Cow::Borrowed(status)).ok()?;
    let (size, rest) = split_word(rest);
    draft.exchange.response_bytes = size.parse().ok();
    let Some((_, rest)) = take_quoted(rest) else {
        if is_uuid(rest) {
            draft.exchange.request_id = Some(Cow::Borrowed(rest));
        }
        return Some(false);
    };
    let Some((agent, rest)) = take_quoted(rest.trim_ascii_start()) else {
        return Some(false);
    };
    if !agent.is_empty() && agent != "-" {
        draft.exchange.client = Some(unescape(agent));
    }
    if !rest.is_empty() {
        set_extras(draft, rest.trim_start());
    }
    Some(true)
}

/// API Gateway's common format ends in the request's id.
fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-')
        && bytes.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

fn take_quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let end = quote_end(inner.as_bytes())?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// `key=value` and `key="value"` behind the agent, as gateways are often configured; other extras are read over.
pub fn set_extras<'a>(draft: &mut Draft<'a>, mut rest: &'a str) {
    // Kong's access log.
    if let Some((id, _)) = rest
        .strip_prefix("kong_request_id: \"")
        .and_then(|rest| rest.split_once('"'))
    {
        draft.exchange.request_id = Some(Cow::Borrowed(id));
        return;
    }
    while let Some(equals) = rest.find('=') {
        let key = rest[..equals].rsplit(' ').next().unwrap_or_default();
        let after = &rest[equals + 1..];
        let (value, next) = match take_quoted(after) {
            Some((value, next)) => (unescape(value), next),
            None => {
                let end = after.find(' ').unwrap_or(after.len());
                (Cow::Borrowed(&after[..end]), &after[end..])
            }
        };
        set_extra(draft, key, value);
        rest = next;
    }
}

fn set_extra<'a>(draft: &mut Draft<'a>, key: &str, value: Text<'a>) {
    let field = match key {
        "host" | "vhost" | "server" => Field::Host,
        "rt" | "request_time" => Field::Duration(Unit::Seconds),
        "us" | "upstream_status" if is_status_list(&value) => Field::UpstreamStatus,
        "urt" | "upstream_response_time" => Field::UpstreamTime,
        "ra" | "retry_after" => Field::RetryAfter,
        "rid" | "request_id" | "reqid" => Field::RequestId,
        "xff" => return,
        _ => return,
    };
    // A value that does not fit says the key means something else here; the record stands without it.
    let _ = draft.set(&field, value);
}

fn is_status_list(value: &str) -> bool {
    !value.is_empty()
        && value
            .split([',', ':'])
            .map(str::trim)
            .all(|t| t == "-" || (t.len() == 3 && t.bytes().all(|b| b.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &'static str, name: &str, host: &str, status: Option<u16>, path: &str) {
        let mut out = Vec::new();
        let got = Clf { zone: None }.parse(line, &mut out);
        assert!(
            matches!(got, Parsed::Record(n) if n == name),
            "{line}: {got:?}"
        );
        let last = out.last().expect("an exchange");
        assert_eq!(
            (last.host.as_ref(), last.status, last.path.as_ref()),
            (host, status, path),
            "{line}"
        );
    }

    #[test]
    fn the_whole_family() {
        check(
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
            COMMON,
            "",
            Some(200),
            "/apache_pb.gif",
        );
        check(
            r#"gw.example.internal:80 127.0.0.1 - - [22/Nov/2026:03:52:08 +0000] "GET /a HTTP/1.1" 200 277 "-" "bad \"quoted\" agent""#,
            VHOST_COMBINED,
            "gw.example.internal",
            Some(200),
            "/a",
        );
        check(
            r#"192.168.1.100 - john doe [15/Jan/2024:14:30:25 +0100] "GET /api HTTP/1.1" 200 2048 "-" "-""#,
            COMBINED,
            "",
            Some(200),
            "/api",
        );
        check(
            r#"192.168.202.254 [20/Jul/2009:22:59:29 +0000] "GET /v HTTP/1.0" 404 46210 "-" "gPXE/0.9.7""#,
            COMBINED,
            "",
            Some(404),
            "/v",
        );
        check(
            r#"192.168.1.1 - [08/Jun/2020:08:04:43 +0000] "GET /t HTTP/1.1" 200 100 "-" "curl/7.68.0""#,
            COMBINED,
            "",
            Some(200),
            "/t",
        );
        check(
            r#"2001:db8::9 - api [08/Jun/2020:08:04:43 +0000] "GET /q?s=%22x%22 HTTP/2.0" - - "-" "-""#,
            COMBINED,
            "",
            None,
            "/q",
        );
        check(
            r#"1.2.3.4 - - [29/Jul/2023:10:26:06 -0700] "\x16\x03\x01" 400 157 "-" "-""#,
            COMBINED,
            "",
            Some(400),
            "",
        );
        check(
            r#"1.2.3.4 - - [29/Jul/2023:10:26:06 -0700] "GET /?t=<script>alert("x")</script> HTTP/1.0" 400 157 "-" "-""#,
            COMBINED,
            "",
            Some(400),
            "/",
        );
    }

    #[test]
    fn relatives_of_the_family() {
        let parse = |line: &'static str| {
            let mut out = Vec::new();
            let got = Clf { zone: None }.parse(line, &mut out);
            assert!(matches!(got, Parsed::Record(_)), "{line}: {got:?}");
            out.pop().expect("an exchange")
        };
        let gandi = parse(
            r#"203.0.113.7 - - [22/Nov/2026:03:51:46 +0000] (2 s) "GET /a HTTP/1.1" 200 12 "-" "agent""#,
        );
        assert_eq!(gandi.duration_ms, Some(2000.0));
        let ovh = parse(
            r#"203.0.113.7 www.shop.example - [22/Nov/2026:03:51:46 +0000] "GET /a HTTP/1.1" 200 12 "-" "agent""#,
        );
        assert_eq!((ovh.host.as_ref(), ovh.user), ("www.shop.example", None));
        let werkzeug = parse(
            "127.0.0.1 - - [22/Nov/2026 03:51:46] \"\u{1b}[33mPOST /hook HTTP/1.1\u{1b}[0m\" 404 -",
        );
        assert_eq!(
            (werkzeug.method.as_ref(), werkzeug.path.as_ref()),
            ("POST", "/hook")
        );
        let gateway = parse(
            r#"203.0.113.7 - - [22/Nov/2026:03:51:46 +0000]"POST /hooks/{source} HTTP/1.1" 200 15 c6af9ac6-7b61-11e6-9a41-93e8deadbeef"#,
        );
        assert_eq!(
            gateway.request_id.as_deref(),
            Some("c6af9ac6-7b61-11e6-9a41-93e8deadbeef")
        );
        let kong = parse(
            r#"10.2.0.4 - - [22/Nov/2026:03:51:46 +0000] "GET /b HTTP/1.1" 502 75 "-" "app/1" kong_request_id: "5f1d0c2b7a""#,
        );
        assert_eq!(kong.request_id.as_deref(), Some("5f1d0c2b7a"));
        let fastly =
            parse(r#"203.0.113.7 "-" "-" [22/Nov/2026:03:51:46 +0000] "GET / HTTP/1.1" 200 1234"#);
        assert_eq!(
            (fastly.user, fastly.client_address.as_deref()),
            (None, Some("203.0.113.7"))
        );
        let guzzle = parse(
            r#"web-1 GuzzleHttp/7 - [22/Nov/2026:03:51:46 +0000] "GET /v1/x HTTP/1.1" NULL NULL"#,
        );
        assert_eq!(guzzle.status, None);
    }

    #[test]
    fn pairs_behind_the_agent_are_read() {
        let line = r#"127.0.0.1 - - [22/Nov/2026:03:51:46 +0000] "POST /s HTTP/1.1" 201 58 "-" "x" host=api.hubapi.com rt=0.012 urt="0.006, 0.006" us="429, 201" ra="-" rid="58e0""#;
        let mut out = Vec::new();
        Clf { zone: None }.parse(line, &mut out);
        let statuses: Vec<_> = out.iter().map(|e| (e.status, e.is_final)).collect();
        assert_eq!(statuses, [(Some(429), false), (Some(201), true)]);
        assert_eq!(
            (out[1].host.as_ref(), out[1].request_id.as_deref()),
            ("api.hubapi.com", Some("58e0"))
        );
    }

    #[test]
    fn a_status_that_is_none_is_told_apart_from_a_request_that_is_cut() {
        for (tail, reason) in [
            (r#""GET / HTTP/2.0" 1000 5"#, Rejected::BadStatus),
            (r#""GET / HTTP/2.0" abc 5 "-" "a""#, Rejected::BadStatus),
            (r#""GET / HTTP/2.0""#, Rejected::NoRequest),
            (r#""GET / HT"#, Rejected::NoRequest),
        ] {
            let line = format!("127.0.0.1 - - [22/Nov/2026:03:51:46 +0000] {tail}");
            let got = Clf { zone: None }.parse(&line, &mut Vec::new());
            assert_eq!(got, Parsed::Rejected(reason), "{line}");
        }
    }

    #[test]
    fn what_is_no_access_line_is_not_read() {
        for line in [
            "",
            "hello [world]",
            "[22/Nov/2026:03:51:46 +0000] no quotes",
            "- - [",
            "\u{fffd}\u{fffd}[",
        ] {
            let mut out = Vec::new();
            assert!(
                matches!(
                    Clf { zone: None }.parse(line, &mut out),
                    Parsed::Rejected(_)
                ),
                "{line}"
            );
        }
    }
}
