//! A record in the making: values arrive field by field, in any order, and become one exchange for each attempt.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::model::exchange::{
    Direction, Exchange, Outcome, StatusSource, Text, TsKind, find_header,
};
use crate::model::time::Timestamp;
use crate::read::engine::duration::spelled_ms;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::hop::{Hop, settle_own_limit};
use crate::read::engine::target::{
    looks_like_host, set_address, set_host, set_request_line, set_target, set_url,
};
use crate::read::instant::{
    WallPart, WallTime, parse_any, parse_clf, parse_epoch, parse_offset, parse_strftime,
};
use crate::read::skip::Rejected;

/// No log tells of more tries inside one line than this; more is damage, and the rest is dropped with the tail.
const ATTEMPTS_MAX: usize = 100;

#[derive(Default)]
pub struct Draft<'a> {
    pub exchange: Exchange<'a>,
    zone: Option<Tz>,
    /// An instant that is complete in itself. Epoch times win over wall times because they are exact.
    instant: Option<Timestamp>,
    instant_exact: bool,
    wall_micros: Option<i64>,
    /// The clock time of a line that writes date and clock time in two places.
    clock_micros: Option<i64>,
    fraction_micros: i64,
    offset_s: Option<i32>,
    status_seen: bool,
    upstream_statuses: Option<Text<'a>>,
    upstream_times: Option<Text<'a>>,
    limited_locally: bool,
    vendor_ms: Option<f32>,
    /// Few formats have such words.
    hop: Option<Box<Hop<'a>>>,
    /// An absolute URL told the host; nothing else knows better.
    host_settled: bool,
    server_name: Option<Text<'a>>,
    /// What a relative URL is relative to.
    base_url: Option<Text<'a>>,
}

impl<'a> Draft<'a> {
    pub fn new(ts_kind: TsKind, zone: Option<Tz>) -> Self {
        Self {
            exchange: Exchange {
                ts_kind,
                ..Exchange::default()
            },
            zone,
            ..Self::default()
        }
    }

    /// Whether a status was told at all, be it "none".
    pub fn status_seen(&self) -> bool {
        self.status_seen
    }

    /// What the far end answered, where the line tells it beside what the caller got.
    pub fn told_by_origin(&mut self, status: u16) {
        self.upstream_statuses = Some(Cow::Owned(status.to_string()));
    }

    /// What the far end answered, one a try.
    pub fn statuses_of_origin(&mut self, list: Text<'a>) {
        self.upstream_statuses = Some(list);
    }

    /// This hop answered by itself: no far end was asked, or none gave an answer.
    pub fn answered_here(&mut self) {
        self.upstream_statuses = Some(Cow::Borrowed("-"));
    }

    /// This hop's own limit refused.
    pub fn limited_here(&mut self) {
        self.limited_locally = true;
    }

    /// The caller left before the end.
    pub fn caller_left(&mut self) {
        self.exchange.status_source = StatusSource::Client;
        self.exchange.outcome = Outcome::ClientGone;
    }

    /// Takes one value. An empty one and `-` mean "not told" everywhere but in a status.
    pub fn set(&mut self, field: &Field, value: Text<'a>) -> Result<(), Rejected> {
        if let Field::Status = field {
            return self.set_status(&value);
        }
        if let Field::UpstreamStatus = field {
            self.upstream_statuses = Some(value);
            return Ok(());
        }
        if let Field::Told(told) = field {
            self.hop.get_or_insert_default().set(*told, value);
            return Ok(());
        }
        if let Field::List(fields) = field {
            return self.set_list(fields, &value);
        }
        if value.is_empty() || value == "-" {
            return Ok(());
        }
        self.set_told(field, value)
    }

    fn set_list(&mut self, fields: &[Field], list: &str) -> Result<(), Rejected> {
        let list = list.strip_prefix('{').unwrap_or(list);
        let list = list.strip_suffix('}').unwrap_or(list);
        let values = list.split('|').map(|value| Cow::Owned(value.to_owned()));
        fields
            .iter()
            .zip(values)
            .try_for_each(|(field, value)| self.set(field, value))
    }

    fn set_told(&mut self, field: &Field, value: Text<'a>) -> Result<(), Rejected> {
        let exchange = &mut self.exchange;
        match field {
            Field::Time(form) => return self.set_time(form, &value),
            Field::RequestLine => self.host_settled |= set_request_line(exchange, value),
            Field::Method => exchange.method = upper(value),
            // The path that a server works on after rewriting says less than the one that was asked for.
            Field::Path if !exchange.path.is_empty() => {}
            Field::Url => self.host_settled |= set_target(exchange, value),
            Field::Path => self.host_settled |= set_url(exchange, value),
            Field::Address => self.host_settled |= set_address(exchange, &value),
            Field::Cluster => self.set_cluster(value),
            Field::Query => exchange.query = Some(strip_prefix(value, '?')),
            Field::Host if self.host_settled => {}
            Field::Host => set_host(exchange, value),
            Field::ServerName => self.server_name = Some(value),
            Field::BaseUrl => self.base_url = Some(value),
            Field::UpstreamTime => self.upstream_times = Some(value),
            Field::Duration(unit) => exchange.duration_ms = parse_duration_ms(&value, *unit),
            Field::VendorDuration(unit) => self.vendor_ms = parse_duration_ms(&value, *unit),
            Field::LocalLimit => self.limited_locally |= is_limit(&value),
            Field::Attempt => exchange.attempt = value.parse().unwrap_or(0),
            Field::Resends => {
                exchange.attempt = value.parse::<u16>().map_or(0, |n| n.saturating_add(1))
            }
            Field::RetryAfter => exchange
                .response_headers
                .push((Cow::Borrowed("Retry-After"), value)),
            Field::RequestId => exchange.request_id = Some(value),
            Field::VendorRequestId => exchange.vendor_request_id = Some(value),
            Field::TraceId => exchange.trace_id = Some(value),
            Field::CorrelationId => exchange.correlation_id = Some(value),
            Field::IdempotencyKey => exchange.idempotency_key = Some(value),
            Field::RequestHeader(name) => exchange
                .request_headers
                .push((Cow::Owned(name.to_string()), value)),
            Field::ResponseHeader(name) => exchange
                .response_headers
                .push((Cow::Owned(name.to_string()), value)),
            Field::RequestBody => exchange.request_body = Some(value),
            Field::ResponseBody => exchange.response_body = Some(value),
            Field::RequestBytes => exchange.request_bytes = value.parse().ok(),
            Field::ResponseBytes => exchange.response_bytes = value.parse().ok(),
            Field::ClientAddress => exchange.client_address = Some(value),
            Field::ClientEndpoint => exchange.client_address = Some(without_port(value)),
            Field::User => exchange.user = Some(value),
            Field::Client => exchange.client = Some(value),
            Field::Principal => exchange.principal = Some(value),
            Field::Integration => exchange.integration = Some(value),
            Field::Tenant => exchange.tenant = Some(value),
            Field::Direction => exchange.direction = parse_direction(&value),
            Field::Route | Field::Operation => exchange.operation = Some(value),
            Field::ErrorCode => exchange.error_code = Some(value),
            Field::ErrorMessage => exchange.error_message = Some(value),
            Field::IngestedAt
            | Field::Skip
            | Field::Word
            | Field::RequestHeaders
            | Field::ResponseHeaders => {}
            Field::Status | Field::UpstreamStatus | Field::Told(_) | Field::List(_) => {}
        }
        Ok(())
    }

    /// Istio's `direction|port|subset|host`; other names are a pool's.
    fn set_cluster(&mut self, cluster: Text<'a>) {
        let mut parts = cluster.split('|');
        let (direction, host) = (parts.next(), parts.nth(2).unwrap_or_default());
        match direction {
            Some("outbound") => self.exchange.direction = Direction::Outbound,
            Some("inbound") => self.exchange.direction = Direction::Inbound,
            _ => return,
        }
        if looks_like_host(host) {
            set_host(&mut self.exchange, Cow::Owned(host.to_owned()));
            self.host_settled = true;
        }
    }

    /// Neither method nor path nor status: bytes went to and fro, and nobody knows what they said.
    pub fn names_no_request(&self) -> bool {
        let exchange = &self.exchange;
        let unnamed = |method: &str| matches!(method, "" | "INVALID");
        unnamed(&exchange.method) && exchange.path.is_empty() && exchange.status.is_none()
    }

    /// A tunnel that came about: its status is the proxy's word about the connection, not the far end's answer.
    pub fn is_tunnel(&self) -> bool {
        self.exchange.method == "CONNECT" && self.exchange.status.is_none_or(|s| s < 300)
    }

    fn set_status(&mut self, value: &str) -> Result<(), Rejected> {
        self.status_seen = true;
        self.exchange.status = parse_status(value)?;
        Ok(())
    }

    fn set_time(&mut self, form: &TimeForm, value: &str) -> Result<(), Rejected> {
        match form {
            TimeForm::Clf => {
                let wall = parse_clf(value.trim_matches(['[', ']']).as_bytes())
                    .ok_or(Rejected::BadTime)?;
                self.set_wall(wall);
            }
            TimeForm::Epoch => {
                self.instant = Some(parse_epoch(value.as_bytes()).ok_or(Rejected::BadTime)?);
                self.instant_exact = true;
            }
            TimeForm::Any if self.instant_exact => {}
            TimeForm::Any => {
                self.instant = Some(parse_any(value, self.zone).ok_or(Rejected::BadTime)?)
            }
            TimeForm::Strftime(format) => {
                match parse_strftime(value, format).ok_or(Rejected::BadTime)? {
                    WallPart::Whole(wall) => self.set_wall(wall),
                    WallPart::Clock(micros) => self.clock_micros = Some(micros),
                }
            }
            TimeForm::Fraction(digits) => {
                let value: i64 = value.parse().map_err(|_| Rejected::BadTime)?;
                self.fraction_micros = if *digits == 3 {
                    value.saturating_mul(1_000)
                } else {
                    value
                };
            }
            TimeForm::Offset => {
                self.offset_s = parse_offset(value.as_bytes()).ok_or(Rejected::BadTime)?;
            }
        }
        Ok(())
    }

    /// A time that was complete in itself.
    pub fn set_instant(&mut self, at: Timestamp) {
        self.instant = Some(at);
    }

    pub fn set_wall(&mut self, wall: WallTime) {
        self.wall_micros = Some(wall.local_micros);
        self.offset_s = wall.offset_s.or(self.offset_s);
    }

    /// Appends one exchange for each attempt; the last is the one whose answer the caller saw.
    pub fn finish(mut self, out: &mut Vec<Exchange<'a>>) {
        self.exchange.ts = self.told_instant().or_else(|| self.wall_instant());
        self.exchange.duration_ms = self.vendor_ms.or(self.exchange.duration_ms);
        self.settle_host();
        if let Some(hop) = self.hop.take() {
            hop.settle(&mut self.exchange);
        } else {
            settle_own_limit(&mut self.exchange);
        }
        let refused = self
            .exchange
            .status
            .is_some_and(|status| status == 429 || status >= 500);
        if self.limited_locally && refused {
            self.exchange.outcome = Outcome::Throttled;
        }
        let statuses = self.upstream_statuses.take();
        let tries = statuses.as_deref().map(split_list).unwrap_or_default();
        let times = self.upstream_times.take();
        let times = times.as_deref().map(split_list).unwrap_or_default();
        let reached = tries.iter().filter(|t| **t != "-").count();
        if statuses.is_some() && reached == 0 {
            self.push_unreached(out);
            return;
        }
        if reached == 0 {
            let attempt = self.exchange.attempt.max(1);
            self.exchange.status_source = self.final_source(StatusSource::Origin);
            out.push(Exchange {
                attempt,
                is_final: true,
                ..self.exchange
            });
            return;
        }
        self.push_tries(&tries, &times, reached, out);
    }

    /// An instant of whole seconds may have its fraction in another place of the line.
    fn told_instant(&self) -> Option<Timestamp> {
        let instant = self.instant?;
        let micros = instant.micros().saturating_add(self.fraction_micros);
        Some(Timestamp::from_micros(micros))
    }

    /// A client that was given a base tells only what follows it.
    pub fn settle_base(&mut self) {
        let Some(base) = self.base_url.take().filter(|_| !self.host_settled) else {
            return;
        };
        let path = std::mem::take(&mut self.exchange.path);
        let whole = format!(
            "{}/{}",
            base.trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        self.host_settled = set_url(&mut self.exchange, Cow::Owned(whole));
    }

    /// A machine's name is the host when neither the URL nor a header of the request names one.
    fn settle_host(&mut self) {
        let Some(server) = self.server_name.take() else {
            return;
        };
        if !self.exchange.host.is_empty() {
            return;
        }
        let header = find_header(&self.exchange.request_headers, "host").map(str::to_owned);
        set_host(&mut self.exchange, header.map_or(server, Cow::Owned));
    }

    /// The hop answered by itself: its own limit, a malformed request, or the caller had left.
    fn push_unreached(mut self, out: &mut Vec<Exchange<'a>>) {
        self.exchange.status_source = self.final_source(StatusSource::Edge);
        let attempt = self.exchange.attempt.max(1);
        out.push(Exchange {
            attempt,
            is_final: true,
            ..self.exchange
        });
    }

    fn push_tries(
        self,
        tries: &[&str],
        times: &[&str],
        reached: usize,
        out: &mut Vec<Exchange<'a>>,
    ) {
        let caller_status = self.exchange.status;
        // The caller left while the next try was under way: the tries before it failed by themselves.
        let left = caller_status == Some(499) && tries.last() == Some(&"-");
        // Tries that are counted and not listed came before those that are.
        let before = self.exchange.attempt.saturating_sub(1);
        let mut number = 0;
        for (i, status) in tries
            .iter()
            .enumerate()
            .filter(|(_, t)| **t != "-")
            .take(ATTEMPTS_MAX)
        {
            number += 1;
            let is_final = !left && number == reached.min(ATTEMPTS_MAX);
            let mut attempt = self.exchange.clone();
            attempt.attempt = before.saturating_add(number as u16);
            attempt.is_final = is_final;
            attempt.status = parse_status(status).ok().flatten();
            if is_final && caller_status == Some(499) {
                attempt.status = caller_status;
                attempt.status_source = StatusSource::Client;
            }
            if is_final && caller_status != attempt.status {
                attempt.edge_status = caller_status;
            }
            let own_time = times
                .get(i)
                .and_then(|t| parse_duration_ms(t, Unit::Seconds));
            attempt.duration_ms = own_time.or(if reached == 1 {
                attempt.duration_ms
            } else {
                None
            });
            if !is_final {
                // What the answer's headers and body told belongs to the answer that the caller got.
                attempt.response_headers.clear();
                attempt.response_body = None;
                attempt.vendor_request_id = None;
                attempt.response_bytes = None;
                attempt.outcome = Outcome::default();
                attempt.status_source = StatusSource::Origin;
                attempt.error_code = None;
                attempt.error_message = None;
            }
            out.push(attempt);
        }
        if left {
            out.push(Exchange {
                attempt: before.saturating_add(number as u16 + 1),
                is_final: true,
                status_source: StatusSource::Client,
                duration_ms: None,
                ..self.exchange
            });
        }
    }

    fn final_source(&self, otherwise: StatusSource) -> StatusSource {
        match self.exchange.status {
            Some(499) => StatusSource::Client,
            _ if self.limited_locally => StatusSource::Edge,
            _ if self.exchange.status_source != StatusSource::Origin => self.exchange.status_source,
            _ => otherwise,
        }
    }

    fn wall_instant(&self) -> Option<Timestamp> {
        let wall = WallTime {
            local_micros: self
                .wall_micros?
                .saturating_add(self.clock_micros.unwrap_or_default())
                .saturating_add(self.fraction_micros),
            offset_s: self.offset_s,
        };
        Some(wall.to_timestamp(self.zone))
    }
}

/// What nginx and API Gateway call it when their own limit refused.
fn is_limit(word: &str) -> bool {
    matches!(word, "REJECTED" | "THROTTLED" | "QUOTA_EXCEEDED")
}

/// `429, 201` (next server) and `502, 502 : 200` (redirected to another group).
fn split_list(text: &str) -> Vec<&str> {
    text.split([',', ':'])
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .collect()
}

/// The status of `200`, `"200"`, `200 OK`; `None` for "nothing was answered" (`-`, `0`, `000`, `-1`, nothing).
pub fn parse_status(text: &str) -> Result<Option<u16>, Rejected> {
    if let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = text.as_bytes() {
        let digit = |byte: &u8| u16::from(byte - b'0');
        return Ok(Some(100 * digit(a) + 10 * digit(b) + digit(c)));
    }
    let text = text.trim();
    if matches!(
        text,
        "" | "-" | "0" | "00" | "000" | "009" | "-1" | "null" | "NULL"
    ) {
        return Ok(None);
    }
    let head = match text.split_once(' ') {
        // A whole status line.
        Some((protocol, rest)) if protocol.starts_with("HTTP/") => {
            rest.split_once(' ').map_or(rest, |(code, _)| code)
        }
        Some((code, _)) => code,
        // A table that went through floats.
        None => text.strip_suffix(".0").unwrap_or(text),
    };
    match head.parse::<u16>() {
        Ok(status @ 100..=999) if head.len() == 3 => Ok(Some(status)),
        _ => Err(Rejected::BadStatus),
    }
}

/// Milliseconds of a duration; `None` for `-`, `-1` and anything that is not a number.
pub fn parse_duration_ms(text: &str, unit: Unit) -> Option<f32> {
    // HAProxy marks with a plus what was logged before the end.
    let text = text.trim().trim_start_matches('+');
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-')))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let spelled = suffix.starts_with(['e', 'E', ':', 'T', 'h', 'm']) || number.is_empty();
    if spelled && let Some(ms) = spelled_ms(text, unit) {
        return Some(ms);
    }
    let value: f64 = number.replace(',', ".").parse().ok()?;
    let factor = match suffix.trim() {
        "ms" | "msec" | "msecs" => 1.0,
        "s" | "sec" | "secs" | "seconds" => 1_000.0,
        "us" | "µs" | "μs" | "micros" => 0.001,
        "ns" => 0.000_001,
        "m" | "min" => 60_000.0,
        "" => match unit {
            Unit::Seconds => 1_000.0,
            Unit::Millis => 1.0,
            Unit::Micros => 0.001,
            Unit::Nanos => 0.000_001,
            Unit::Guess => return None,
        },
        _ => return parse_parts_ms(text),
    };
    let ms = value * factor;
    (ms.is_finite() && ms >= 0.0).then_some(ms as f32)
}

/// `1h2m3.5s`, as Go writes what takes longer than a minute.
fn parse_parts_ms(text: &str) -> Option<f32> {
    const PARTS_MAX: usize = 6;
    let (mut rest, mut total) = (text, 0.0);
    for _ in 0..PARTS_MAX {
        let number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (value, after) = rest.split_at(number);
        let unit = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "h" => 3_600_000.0,
            "m" => 60_000.0,
            "s" => 1_000.0,
            "ms" => 1.0,
            _ => return None,
        };
        total += value.parse::<f64>().ok()? * factor;
        rest = after;
        if rest.is_empty() {
            return Some(total as f32);
        }
    }
    None
}

fn parse_direction(text: &str) -> Direction {
    match text.to_ascii_lowercase().as_str() {
        "outbound" | "egress" | "client" => Direction::Outbound,
        "inbound" | "ingress" | "server" => Direction::Inbound,
        _ => Direction::Unknown,
    }
}

fn without_port(endpoint: Text<'_>) -> Text<'_> {
    let end = endpoint.rfind(':').unwrap_or(endpoint.len());
    match endpoint {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(text) => Cow::Owned(text[..end].to_owned()),
    }
}

/// Client libraries write methods as their callers did.
fn upper(method: Text<'_>) -> Text<'_> {
    if method.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Cow::Owned(method.to_ascii_uppercase());
    }
    method
}

fn strip_prefix(text: Text<'_>, prefix: char) -> Text<'_> {
    match text {
        Cow::Borrowed(t) => Cow::Borrowed(t.strip_prefix(prefix).unwrap_or(t)),
        Cow::Owned(t) => match t.strip_prefix(prefix) {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(t),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(
        status: &'static str,
        upstream: &'static str,
        times: &'static str,
    ) -> Vec<(Option<u16>, bool, StatusSource)> {
        let mut draft = Draft::new(TsKind::End, None);
        draft.set(&Field::Status, status.into()).expect("status");
        draft
            .set(&Field::UpstreamStatus, upstream.into())
            .expect("upstream");
        draft
            .set(&Field::UpstreamTime, times.into())
            .expect("times");
        let mut out = Vec::new();
        draft.finish(&mut out);
        out.iter()
            .map(|e| (e.status, e.is_final, e.status_source))
            .collect()
    }

    #[test]
    fn a_line_with_retries_gives_one_exchange_an_attempt() {
        use StatusSource::{Client, Edge, Origin};
        assert_eq!(
            attempts("201", "429, 201", "0.006, 0.006"),
            [(Some(429), false, Origin), (Some(201), true, Origin)]
        );
        assert_eq!(
            attempts("200", "502, 502 : 200", "0.1, 0.1 : 0.2"),
            [
                (Some(502), false, Origin),
                (Some(502), false, Origin),
                (Some(200), true, Origin)
            ]
        );
        assert_eq!(attempts("429", "-", "-"), [(Some(429), true, Edge)]);
        assert_eq!(attempts("499", "-", "-"), [(Some(499), true, Client)]);
        assert_eq!(attempts("499", "200", "0.1"), [(Some(499), true, Client)]);
    }

    #[test]
    fn durations_in_every_unit() {
        for (text, unit, ms) in [
            ("0.017", Unit::Seconds, Some(17.0)),
            ("22ms", Unit::Guess, Some(22.0)),
            ("1.5", Unit::Guess, None),
            ("27", Unit::Guess, None),
            ("0,412 s", Unit::Guess, Some(412.0)),
            ("1m2.5s", Unit::Guess, Some(62_500.0)),
            ("3 parsecs", Unit::Guess, None),
            ("-", Unit::Seconds, None),
            ("-1", Unit::Millis, None),
            ("357313", Unit::Nanos, Some(0.357_313)),
            ("5.61e-07", Unit::Seconds, Some(0.000_561)),
            ("1e3", Unit::Micros, Some(1.0)),
            ("1m2.5s", Unit::Guess, Some(62_500.0)),
            ("1.5e-3s", Unit::Seconds, Some(1.5)),
            ("PT0.412S", Unit::Guess, Some(412.0)),
            ("00:00:00.4120000", Unit::Guess, Some(412.0)),
            ("1e3", Unit::Guess, None),
            ("soon", Unit::Guess, None),
        ] {
            assert_eq!(parse_duration_ms(text, unit), ms, "{text}");
        }
    }

    #[test]
    fn statuses_that_are_not_numbers() {
        assert_eq!(parse_status("429 Too Many Requests"), Ok(Some(429)));
        assert_eq!(parse_status("000"), Ok(None));
        assert_eq!(parse_status("200.0"), Ok(Some(200)));
        assert_eq!(parse_status("HTTP/1.1 503 Busy"), Ok(Some(503)));
        assert_eq!(parse_status("error"), Err(Rejected::BadStatus));
        assert_eq!(parse_status("65536"), Err(Rejected::BadStatus));
    }
}
