//! morgan's `tiny`, `short` and `dev`, bare or behind a time: `POST /x 200 11 - 2.209 ms`. Its `common` and `combined`
//! are the common-log family's.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::words::MORGAN;
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::instant::parse_any;
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: MORGAN,
    aliases: &["express"],
    title: "morgan (Express): tiny, short, dev",
    specificity: 30,
    layout: Layout::Lines(|options| Box::new(Morgan { zone: options.zone })),
    samples: &[
        (
            "2026-11-22T03:54:16.899Z POST /webhooks/stripe?source=eu 200 11 - 12.084 ms",
            Some(200),
        ),
        ("POST /webhooks/shopify/orders - - - - ms", None),
        (
            "\u{1b}[0mGET /x \u{1b}[33m429\u{1b}[0m 2.209 ms - 11\u{1b}[0m",
            Some(429),
        ),
        (
            "::ffff:10.0.0.1 - GET /x HTTP/1.1 503 11 - 2.209 ms",
            Some(503),
        ),
    ],
};

/// Words before the method: a time in five parts, an address and a user.
const WORDS_BEFORE_MAX: usize = 8;

struct Morgan {
    zone: Option<chrono_tz::Tz>,
}

impl LineParser for Morgan {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let mut draft = Draft::new(TsKind::End, self.zone);
        if self.read(line, &mut draft).is_none() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        draft.finish(out);
        Parsed::Record(MORGAN)
    }
}

impl Morgan {
    fn read<'a>(&self, line: &'a str, draft: &mut Draft<'a>) -> Option<()> {
        let (before, method, rest) = split_at_method(line)?;
        let mut words = rest.split(' ').map(bare);
        let target = words.next()?;
        let mut status = words.next()?;
        if status.starts_with("HTTP/") {
            status = words.next()?;
        }
        if !Field::Status.accepts(status.as_bytes()) {
            return None;
        }
        let (bytes, took) = measures(words)?;
        draft.exchange.method = Cow::Borrowed(method);
        let values = [
            (Field::Url, target),
            (Field::Status, status),
            (Field::ResponseBytes, bytes),
            (Field::Duration(Unit::Millis), took),
        ];
        for (field, value) in values {
            draft.set(&field, Cow::Borrowed(value)).ok()?;
        }
        self.set_before(draft, before);
        Some(())
    }

    fn set_before<'a>(&self, draft: &mut Draft<'a>, before: &'a str) {
        let time = before.trim().trim_matches(['[', ']']);
        if let Some(at) = parse_any(time, self.zone) {
            draft.set_instant(at);
            return;
        }
        for word in before.split(' ').map(|word| word.trim_matches(['[', ']'])) {
            if word.parse::<std::net::IpAddr>().is_ok() {
                draft.exchange.client_address = Some(Cow::Borrowed(word));
            } else if let Some(at) = parse_any(word, self.zone) {
                draft.set_instant(at);
            }
        }
    }
}

/// Finds a method with a target behind it: what stands before, the method, the rest from the target on.
fn split_at_method(line: &str) -> Option<(&str, &str, &str)> {
    let mut start = 0;
    for _ in 0..=WORDS_BEFORE_MAX {
        let end = start + line[start..].find(' ')?;
        let word = bare(&line[start..end]);
        let rest = &line[end + 1..];
        let aims = rest.starts_with('/') || rest.starts_with("http") || rest.starts_with("* ");
        if aims && is_method(word) {
            return Some((&line[..start], word, rest));
        }
        start = end + 1;
    }
    None
}

fn is_method(word: &str) -> bool {
    (3..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

/// `11 - 2.209 ms` of tiny and short, `2.209 ms - 11` of dev: the bytes and the milliseconds.
fn measures<'a>(words: impl Iterator<Item = &'a str>) -> Option<(&'a str, &'a str)> {
    let words: Vec<&str> = words.take(4).collect();
    let (bytes, took) = match words.as_slice() {
        [bytes, "-", took, "ms"] | [took, "ms", "-", bytes] => (*bytes, *took),
        _ => return None,
    };
    let told = Field::ResponseBytes.accepts(bytes.as_bytes())
        && Field::Duration(Unit::Millis).accepts(took.as_bytes());
    told.then_some((bytes, took))
}

/// A word without the colours of a terminal around it.
fn bare(mut word: &str) -> &str {
    while let Some(rest) = word.strip_prefix("\u{1b}[") {
        let Some((_, after)) = rest.split_once('m') else {
            return word;
        };
        word = after;
    }
    word.split('\u{1b}').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_is_read() {
        let parser = Morgan { zone: None };
        let mut out = Vec::new();
        for line in [
            FORMAT.samples[0].0,
            FORMAT.samples[3].0,
            "Sun, 22 Nov 2026 03:54:16 GMT GET /a 200 5 - 1.5 ms",
            "[22/Nov/2026:04:54:16 +0100] GET /a 200 5 - 1.5 ms",
        ] {
            assert_eq!(
                parser.parse(line, &mut out),
                Parsed::Record(MORGAN),
                "{line}"
            );
        }
        let times: Vec<_> = out.iter().map(|e| e.ts.map(|t| t.to_string())).collect();
        let told = |time: &str| Some(time.to_owned());
        assert_eq!(
            times,
            [
                told("2026-11-22T03:54:16.899Z"),
                None,
                told("2026-11-22T03:54:16Z"),
                told("2026-11-22T03:54:16Z")
            ]
        );
        assert_eq!(out[1].client_address.as_deref(), Some("::ffff:10.0.0.1"));
        assert_eq!(
            (out[0].duration_ms, out[0].response_bytes),
            (Some(12.084), Some(11))
        );
    }

    #[test]
    fn prose_with_a_method_is_no_record() {
        for line in [
            "POST /x failed after 11 - 3 ms",
            "GET http://127.0.0.1:1/x [429 Too Many Requests, 524B, 16ms]",
            "listening on 3000",
        ] {
            assert_eq!(
                Morgan { zone: None }.parse(line, &mut Vec::new()),
                Parsed::Rejected(Rejected::NoFormatMatched),
                "{line}"
            );
        }
    }
}
