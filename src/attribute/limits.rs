//! What the response tells about the rate limit, from all the families of headers that vendors use.
//!
//! The families differ in spelling more than in idea, so most are read by the words of their name: a marker such as
//! `ratelimit`, a kind (limit, remaining, reset, used), and what is left names the bucket. The ones with a grammar of
//! their own come first.

use serde_json::Value;

use crate::attribute::http_date::answered_at;
use crate::attribute::quota::{Buckets, Reset, parse_count, parse_reset};
use crate::model::exchange::Exchange;

/// Longer names and values are no limit headers.
const NAME_BYTES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 4_096;
/// What some of these names say is not about what is left: windows, reasons, kinds.
const OTHER_WORDS: [&str; 13] = [
    "interval",
    "window",
    "fillrate",
    "nearlimit",
    "reason",
    "problem",
    "type",
    "scope",
    "policy",
    "bucket",
    "resource",
    "retry",
    "global",
];
/// Percentages of Meta's usage headers.
const USAGE_KEYS: [&str; 4] = [
    "call_count",
    "total_time",
    "total_cputime",
    "acc_id_util_pct",
];
const USAGE_DEPTH_MAX: usize = 6;

/// Fills what the reader has not filled.
pub fn settle_limit(exchange: &mut Exchange<'_>) {
    if exchange.response_headers.is_empty() {
        return;
    }
    let mut buckets = Buckets::default();
    for (name, value) in &exchange.response_headers {
        read_header(name, value, &mut buckets);
    }
    if buckets.is_empty() {
        return;
    }
    let base = buckets
        .has_distance()
        .then(|| answered_at(exchange))
        .flatten();
    let found = buckets.tightest(base);
    let limit = &mut exchange.limit;
    limit.max = limit.max.or(found.max);
    limit.remaining = limit.remaining.or(found.remaining);
    limit.reset = limit.reset.or(found.reset);
}

fn read_header(name: &str, value: &str, buckets: &mut Buckets) {
    if name.len() > NAME_BYTES_MAX || value.len() > VALUE_BYTES_MAX || !may_limit(name.as_bytes()) {
        return;
    }
    let mut buffer = [0_u8; NAME_BYTES_MAX];
    for (slot, byte) in buffer.iter_mut().zip(name.bytes()) {
        *slot = if byte == b'_' {
            b'-'
        } else {
            byte.to_ascii_lowercase()
        };
    }
    let Ok(name) = std::str::from_utf8(&buffer[..name.len()]) else {
        return;
    };
    match name {
        "x-app-usage" | "x-ad-account-usage" | "x-business-use-case-usage" => {
            read_usage(value, buckets)
        }
        "sforce-limit-info" => read_salesforce(value, buckets),
        "ratelimit-policy" => read_policy(value, buckets),
        "ratelimit" => read_draft(value, buckets),
        "x-shopify-shop-api-call-limit" => read_share(hash("shop"), value, buckets),
        _ if value.contains("remaining=") => read_listed(name, value, buckets),
        _ => read_by_words(name, value, buckets),
    }
}

/// Whether the name can be one of a limit: a cheap look before anything else.
fn may_limit(name: &[u8]) -> bool {
    let has = |word: &[u8]| {
        name.windows(word.len())
            .any(|here| here.eq_ignore_ascii_case(word))
    };
    name.len() >= 9 && (has(b"limit") || has(b"usage"))
}

fn read_by_words(name: &str, value: &str, buckets: &mut Buckets) {
    let Some(words) = Words::of(name) else {
        return;
    };
    let bucket = match words.kind {
        // The time that is left, not the requests.
        Kind::Remaining if words.time => return,
        _ => buckets.entry(words.bucket),
    };
    match words.kind {
        Kind::Max => bucket.max = bucket.max.or(parse_count(value).filter(|max| *max > 0)),
        Kind::Remaining => {
            let least = |count: i64| bucket.remaining.map_or(count, |other| other.min(count));
            bucket.remaining = parse_count(value).map(least).or(bucket.remaining);
        }
        Kind::Used => bucket.used = bucket.used.or(parse_count(value)),
        Kind::Reset => bucket.reset = bucket.reset.or(parse_reset(value, words.milliseconds)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Max,
    Remaining,
    Used,
    Reset,
}

/// What the words of a header's name say.
struct Words {
    kind: Kind,
    bucket: u64,
    milliseconds: bool,
    time: bool,
}

impl Words {
    fn of(name: &str) -> Option<Self> {
        let mut found = Self {
            kind: Kind::Max,
            bucket: hash(""),
            milliseconds: false,
            time: false,
        };
        let (mut marked, mut after_rate) = (false, false);
        for word in name.split('-') {
            if OTHER_WORDS.contains(&word) {
                return None;
            }
            match word {
                "ratelimit" | "ratelimits" => marked = true,
                "limit" if after_rate && !marked => marked = true,
                "x" | "rate" | "limit" | "limits" | "max" | "quota" | "after" | "seconds" => {}
                "remaining" | "left" | "available" => found.kind = Kind::Remaining,
                "used" => found.kind = Kind::Used,
                "reset" | "resets" => found.kind = Kind::Reset,
                "ms" if found.kind == Kind::Reset => found.milliseconds = true,
                "milliseconds" => found.milliseconds = true,
                "time" => found.time = true,
                _ => {
                    // `x-minlimit-remaining` names its bucket and the limit in one word.
                    marked |= word.ends_with("limit");
                    found.bucket = found.bucket.rotate_left(7) ^ hash(word);
                }
            }
            after_rate = word == "rate";
        }
        marked.then_some(found)
    }
}

/// `32/40`: used and limit.
fn read_share(key: u64, value: &str, buckets: &mut Buckets) {
    let Some((used, max)) = value.split_once('/') else {
        return;
    };
    let bucket = buckets.entry(key);
    bucket.used = parse_count(used);
    bucket.max = parse_count(max);
}

/// `api-usage=113/5000000; per-app-api-usage=17/250(appName=x)`
fn read_salesforce(value: &str, buckets: &mut Buckets) {
    let usage = value
        .split([';', ','])
        .find_map(|part| part.trim().strip_prefix("api-usage="));
    if let Some(usage) = usage {
        read_share(hash("api-usage"), usage, buckets);
    }
}

/// `total=100; remaining=99; resets=41`
fn read_listed(name: &str, value: &str, buckets: &mut Buckets) {
    let bucket = buckets.entry(hash(name));
    for (key, value) in pairs(value) {
        match key {
            "total" | "limit" => bucket.max = parse_count(value),
            "remaining" => bucket.remaining = parse_count(value),
            "resets" | "reset" => bucket.reset = parse_reset(value, false),
            _ => {}
        }
    }
}

/// `"burst";r=50;t=30, "day";r=900;t=3600`
fn read_draft(value: &str, buckets: &mut Buckets) {
    for item in value.split(',') {
        let bucket = buckets.entry(hash(item_name(item)));
        for (key, value) in pairs(item) {
            match key {
                "r" | "remaining" => bucket.remaining = parse_count(value),
                "t" | "reset" => bucket.reset = parse_reset(value, false),
                "limit" => bucket.max = parse_count(value),
                _ => {}
            }
        }
    }
}

/// `"burst";q=100;w=60`
fn read_policy(value: &str, buckets: &mut Buckets) {
    for item in value.split(',') {
        if let Some((_, quota)) = pairs(item).find(|(key, _)| *key == "q") {
            buckets.entry(hash(item_name(item))).max = parse_count(quota);
        }
    }
}

fn item_name(item: &str) -> &str {
    item.split(';')
        .next()
        .unwrap_or("")
        .trim()
        .trim_matches('"')
}

fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
}

/// JSON of percentages used, somewhere inside, and minutes until access is regained.
fn read_usage(value: &str, buckets: &mut Buckets) {
    let Ok(usage) = serde_json::from_str::<Value>(value) else {
        return;
    };
    let (mut used, mut wait_s) = (None, None);
    collect_usage(&usage, USAGE_DEPTH_MAX, &mut used, &mut wait_s);
    let Some(used) = used else {
        return;
    };
    let bucket = buckets.entry(hash("usage"));
    let remaining = (100.0 - used.clamp(0.0, 100.0)).floor() as i64;
    bucket.max = Some(100);
    bucket.remaining = Some(
        bucket
            .remaining
            .map_or(remaining, |other| other.min(remaining)),
    );
    bucket.reset = wait_s.map(Reset::In).or(bucket.reset);
}

fn collect_usage(value: &Value, depth: usize, used: &mut Option<f64>, wait_s: &mut Option<f64>) {
    let raise = |slot: &mut Option<f64>, number: f64| {
        *slot = Some(slot.map_or(number, |old| old.max(number)))
    };
    match (depth, value) {
        (0, _) => {}
        (_, Value::Array(all)) => all
            .iter()
            .for_each(|inner| collect_usage(inner, depth - 1, used, wait_s)),
        (_, Value::Object(keys)) => {
            for (key, inner) in keys {
                match (key.as_str(), inner.as_f64()) {
                    (key, Some(number)) if USAGE_KEYS.contains(&key) => raise(used, number),
                    ("estimated_time_to_regain_access", Some(minutes)) if minutes > 0.0 => {
                        raise(wait_s, minutes * 60.0);
                    }
                    ("reset_time_duration", Some(seconds)) if seconds > 0.0 => {
                        raise(wait_s, seconds)
                    }
                    _ => collect_usage(inner, depth - 1, used, wait_s),
                }
            }
        }
        _ => {}
    }
}

/// FNV-1a; two buckets that collide would only be shown as one.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::TsKind;
    use crate::model::time::Timestamp;

    const NOW: i64 = 1_795_319_506;

    /// The reset is expected in seconds from `NOW`.
    fn check(
        headers: &[(&'static str, &'static str)],
        max: Option<i64>,
        remaining: Option<i64>,
        reset: Option<i64>,
    ) {
        let mut exchange = Exchange {
            ts: Some(Timestamp::from_secs(NOW)),
            ts_kind: TsKind::End,
            response_headers: headers
                .iter()
                .map(|(n, v)| ((*n).into(), (*v).into()))
                .collect(),
            ..Exchange::default()
        };
        settle_limit(&mut exchange);
        let limit = exchange.limit;
        let found = (
            limit.max,
            limit.remaining,
            limit.reset.map(|at| at.secs() - NOW),
        );
        assert_eq!(found, (max, remaining, reset), "{headers:?}");
    }

    #[test]
    fn families_of_headers() {
        check(
            &[
                ("X-RateLimit-Limit", "5000"),
                ("x_ratelimit_remaining", "0"),
                ("X-RateLimit-Reset", "1795319566"),
                ("x-ratelimit-used", "5000"),
                ("x-ratelimit-resource", "core"),
            ],
            Some(5000),
            Some(0),
            Some(60),
        );
        check(
            &[
                ("X-Rate-Limit-Limit", "600"),
                ("X-Rate-Limit-Remaining", "599"),
                ("X-Rate-Limit-Reset", "1795319566"),
            ],
            Some(600),
            Some(599),
            Some(60),
        );
        check(
            &[("X-Rate-Limit", "700"), ("X-Rate-Limit-Remaining", "699")],
            Some(700),
            Some(699),
            None,
        );
        check(
            &[
                ("RateLimit-Limit", "100, 100;w=60"),
                ("RateLimit-Remaining", "99"),
                ("RateLimit-Reset", "41"),
            ],
            Some(100),
            Some(99),
            Some(41),
        );
        check(
            &[
                (
                    "RateLimit-Policy",
                    "\"burst\";q=100;w=60,\"day\";q=1000;w=86400",
                ),
                ("RateLimit", "\"burst\";r=50;t=30, \"day\";r=900;t=3600"),
            ],
            Some(100),
            Some(50),
            Some(30),
        );
        check(
            &[
                ("X-HubSpot-RateLimit-Daily", "250000"),
                ("X-HubSpot-RateLimit-Daily-Remaining", "249000"),
                ("X-HubSpot-RateLimit-Max", "110"),
                ("X-HubSpot-RateLimit-Remaining", "109"),
                ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000"),
            ],
            Some(110),
            Some(109),
            None,
        );
        check(
            &[("X-Shopify-Shop-Api-Call-Limit", "32/40")],
            Some(40),
            Some(8),
            None,
        );
        check(
            &[(
                "Sforce-Limit-Info",
                "per-app-api-usage=17/250(appName=x), api-usage=113/5000000",
            )],
            Some(5_000_000),
            Some(4_999_887),
            None,
        );
        check(
            &[
                ("X-Rate-Limit-Requests-Quota", "150"),
                ("X-Rate-Limit-Requests-Left", "149"),
                ("X-Rate-Limit-Time-Reset-Ms", "15000"),
                ("X-Rate-Limit-Time-Window-Ms", "30000"),
            ],
            Some(150),
            Some(149),
            Some(15),
        );
        check(
            &[(
                "zendesk-ratelimit-tickets-index",
                "total=100; remaining=99; resets=41",
            )],
            Some(100),
            Some(99),
            Some(41),
        );
        check(
            &[(
                "X-App-Usage",
                r#"{"call_count":28,"total_time":25,"total_cputime":40}"#,
            )],
            Some(100),
            Some(60),
            None,
        );
        check(
            &[(
                "X-Business-Use-Case-Usage",
                r#"{"1":[{"call_count":100,"estimated_time_to_regain_access":19}]}"#,
            )],
            Some(100),
            Some(0),
            Some(1140),
        );
        check(
            &[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-limit-tokens", "150000"),
                ("x-ratelimit-remaining-requests", "59"),
                ("x-ratelimit-remaining-tokens", "149984"),
                ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ],
            Some(60),
            Some(59),
            Some(1),
        );
        check(
            &[
                ("x-ratelimit-limit-requests", "0"),
                ("x-ratelimit-remaining-requests", "-1"),
            ],
            None,
            None,
            None,
        );
        check(
            &[
                ("anthropic-ratelimit-requests-limit", "50"),
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2026-11-22T03:52:46Z"),
            ],
            Some(50),
            Some(49),
            Some(60),
        );
        check(
            &[
                ("X-MinLimit-Remaining", "59"),
                ("X-DayLimit-Remaining", "4999"),
            ],
            None,
            Some(59),
            None,
        );
        check(
            &[
                ("X-RateLimit-Limit", "3000"),
                ("X-RateLimit-Remaining", "2999"),
                ("X-BurstLimit-Limit", "500"),
                ("X-BurstLimit-Remaining", "7"),
            ],
            Some(500),
            Some(7),
            None,
        );
        check(
            &[
                ("X-RateLimit-Interval-Seconds", "1"),
                ("X-RateLimit-FillRate", "10"),
                ("X-RateLimit-Limit", "50"),
                ("X-RateLimit-Remaining", "0"),
            ],
            Some(50),
            Some(0),
            None,
        );
        check(&[("x-amzn-RateLimit-Limit", "0.0167")], None, None, None);
        check(&[("x-amzn-RateLimit-Limit", "5.0")], Some(5), None, None);
        check(
            &[
                ("X-RateLimit-Reset", "2026-11-22T03:52:46Z"),
                ("X-RateLimit-NearLimit", "true"),
            ],
            None,
            None,
            Some(60),
        );
        check(
            &[
                ("x-ms-ratelimit-burst-remaining-xrm-requests", "5999"),
                ("x-ms-ratelimit-time-remaining-xrm-requests", "1,200.00"),
            ],
            None,
            Some(5999),
            None,
        );
        check(
            &[("x-ms-ratelimit-remaining-subscription-reads", "11999")],
            None,
            Some(11999),
            None,
        );
        check(
            &[
                ("X-RateLimit-Limit", "5"),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset-After", "64.57"),
            ],
            Some(5),
            Some(0),
            Some(64),
        );
        check(
            &[("X-RateLimit-Remaining", "100, 98")],
            None,
            Some(98),
            None,
        );
    }

    #[test]
    fn other_headers_are_left_alone() {
        check(
            &[
                ("Content-Type", "x"),
                ("X-Memory-Limit", "5"),
                ("x-delimiter", "5"),
                ("Retry-After", "5"),
                ("X-RateLimit-Retry-After", "5"),
            ],
            None,
            None,
            None,
        );
    }
}
