//! How long the answer asks to wait, in seconds, from whichever of its carriers has it.
//!
//! A wait of more than a week is a mistake of units or of clocks, and counts as none.

use crate::attribute::body::Body;
use crate::attribute::duration::parse_duration;
use crate::attribute::http_date::{answered_at, parse_http_date};
use crate::attribute::json_scan::find_scalar;
use crate::attribute::texts::find_header;
use crate::model::exchange::{Exchange, Headers};
use crate::model::time::{MICROS_PER_SECOND, Timestamp};

const WAIT_S_MAX: f64 = 7.0 * 86_400.0;

/// Headers in seconds or as a date.
const HEADERS: [&str; 3] = ["retry-after", "x-retry-after", "x-ratelimit-retry-after"];
const HEADERS_MS: [&str; 3] = ["retry-after-ms", "x-ms-retry-after-ms", "x-retry-after-ms"];
/// Keys of bodies; the last is Google's, a duration.
const KEYS: [&str; 4] = ["retryAfter", "retry_after", "retry-after", "retryDelay"];
const KEYS_MS: [&str; 3] = ["retryAfterMs", "retry_after_ms", "retryAfterMilliseconds"];

pub fn settle_wait_from_headers(exchange: &mut Exchange<'_>) {
    exchange.retry_after_s = exchange
        .retry_after_s
        .and_then(|wait| sane(f64::from(wait)));
    if exchange.retry_after_s.is_some() || exchange.response_headers.is_empty() {
        return;
    }
    let headers = &exchange.response_headers;
    let seconds = first(headers, &HEADERS, |text| parse_wait(text, exchange));
    let wait = seconds.or_else(|| first(headers, &HEADERS_MS, parse_ms));
    exchange.retry_after_s = wait;
}

pub fn settle_wait_from_body(exchange: &mut Exchange<'_>, body: &Body<'_>) {
    if exchange.retry_after_s.is_some() {
        return;
    }
    let seconds =
        |key: &&str| find_scalar(body.text, key).and_then(|text| parse_wait(text, exchange));
    let millis = |key: &&str| find_scalar(body.text, key).and_then(parse_ms);
    exchange.retry_after_s = KEYS
        .iter()
        .find_map(seconds)
        .or_else(|| KEYS_MS.iter().find_map(millis));
}

fn first(
    headers: &Headers<'_>,
    names: &[&str],
    parse: impl Fn(&str) -> Option<f32>,
) -> Option<f32> {
    names
        .iter()
        .filter_map(|name| find_header(headers, name))
        .find_map(|value| parse(value))
}

/// Seconds in any form, or a date relative to the answer.
fn parse_wait(text: &str, exchange: &Exchange<'_>) -> Option<f32> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return sane(seconds);
    }
    if let Some(seconds) = parse_duration(text) {
        return sane(seconds);
    }
    if let Some(at) = parse_http_date(text).or_else(|| text.parse().ok()) {
        return sane(seconds_between(answered_at(exchange)?, at).max(0.0));
    }
    // Two hops may have added the header each.
    let (one, _) = text.split_once(',')?;
    sane(one.trim().parse().ok()?)
}

fn parse_ms(text: &str) -> Option<f32> {
    sane(text.trim().parse::<f64>().ok()? / 1e3)
}

fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    to.micros().saturating_sub(from.micros()) as f64 / MICROS_PER_SECOND as f64
}

fn sane(seconds: f64) -> Option<f32> {
    (0.0..=WAIT_S_MAX)
        .contains(&seconds)
        .then_some(seconds as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::TsKind;

    fn check(header: &'static str, value: &'static str, expected: Option<f32>) {
        let mut exchange = Exchange {
            ts: Some(Timestamp::from_secs(1_795_319_506)), // 2026-11-22T03:51:46Z
            ts_kind: TsKind::End,
            response_headers: vec![(header.into(), value.into())],
            ..Exchange::default()
        };
        settle_wait_from_headers(&mut exchange);
        assert_eq!(exchange.retry_after_s, expected, "{header}: {value}");
    }

    #[test]
    fn headers_of_all_forms() {
        check("Retry-After", "5", Some(5.0));
        check("retry_after", " 5 ", Some(5.0));
        check("Retry-After", "5.0", Some(5.0));
        check("Retry-After", "1.5", Some(1.5));
        check("Retry-After", "5s", Some(5.0));
        check("Retry-After", "0", Some(0.0));
        check("Retry-After", "5, 5", Some(5.0));
        check("Retry-After", "Sun, 22 Nov 2026 03:52:46 GMT", Some(60.0));
        check("Retry-After", "Sunday, 22-Nov-26 03:52:46 GMT", Some(60.0));
        check("Retry-After", "Sun Nov 22 03:52:46 2026", Some(60.0));
        check("Retry-After", "Sun, 22 Nov 2026 03:00:00 GMT", Some(0.0));
        check("Retry-After", "Fri, 31 Dec 2027 23:59:59 GMT", None);
        check("Retry-After", "604801", None);
        check("Retry-After", "-1", None);
        check("Retry-After", "NaN", None);
        check("Retry-After", "soon", None);
        check("retry-after-ms", "1500", Some(1.5));
        check("x-ms-retry-after-ms", "250", Some(0.25));
        check("X-RateLimit-Retry-After", "3", Some(3.0));
        check("X-Retry-After", "15", Some(15.0));
    }

    #[test]
    fn dates_count_from_the_answers_own_date() {
        let mut exchange = Exchange {
            response_headers: vec![
                ("Date".into(), "Sun, 22 Nov 2026 03:00:00 GMT".into()),
                ("Retry-After".into(), "Sun, 22 Nov 2026 03:00:07 GMT".into()),
            ],
            ..Exchange::default()
        };
        settle_wait_from_headers(&mut exchange);
        assert_eq!(exchange.retry_after_s, Some(7.0));
        exchange.response_headers.remove(0);
        exchange.retry_after_s = None;
        settle_wait_from_headers(&mut exchange);
        assert_eq!(exchange.retry_after_s, None, "without any clock");
    }

    #[test]
    fn bodies_of_all_vendors() {
        let check = |body: &str, expected: Option<f32>| {
            let mut exchange = Exchange::default();
            settle_wait_from_body(&mut exchange, &Body::read(body));
            assert_eq!(exchange.retry_after_s, expected, "{body}");
        };
        check(r#"{"errorcode":50100,"retryAfter":5}"#, Some(5.0));
        check(r#"{"retry_after":0.529,"global":false}"#, Some(0.529));
        check(r#"{"parameters":{"retry_after":35}}"#, Some(35.0));
        check(
            r#"{"error":{"details":[{"retryDelay":"12s"}]}}"#,
            Some(12.0),
        );
        check(r#"{"retryAfterMs":1500}"#, Some(1.5));
        check(r#"{"retryAfter":null}"#, None);
    }

    #[test]
    fn what_a_reader_filled_is_kept_if_it_is_sane() {
        let check = |given: f32, expected: Option<f32>| {
            let mut exchange = Exchange {
                retry_after_s: Some(given),
                ..Exchange::default()
            };
            settle_wait_from_headers(&mut exchange);
            assert_eq!(exchange.retry_after_s, expected, "{given}");
        };
        check(3.0, Some(3.0));
        check(f32::NAN, None);
        check(-1.0, None);
        check(1e9, None);
    }
}
