//! Any line with a quoted request and a status behind it: uvicorn, Tomcat without its time, and the formats that people
//! make for themselves. What stands before and behind is read where it gives itself away.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::clf::{bare, set_extras, split_request};
use crate::read::engine::draft::{Draft, parse_duration_ms};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::quoted::unescape;
use crate::read::engine::target::{looks_like_host, set_host};
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::instant::parse_any;
use crate::read::skip::Rejected;

const NAME: &str = "request_line";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["uvicorn"],
    title: "lines with a quoted request and a status (uvicorn, formats of one's own)",
    specificity: 5,
    layout: Layout::Lines(|options| Box::new(RequestLine { zone: options.zone })),
    samples: &[
        (
            r#"INFO:     127.0.0.1:50310 - "POST /hook HTTP/1.1" 200 OK"#,
            Some(200),
        ),
        (
            r#"2026-11-22T03:52:08.399+0000 api.stripe.com "GET /v1/charges?x=1 HTTP/1.1" 429/429 92 3372 us ra="2""#,
            Some(429),
        ),
        (
            r#"127.0.0.1 - - "GET /bad.foo HTTP/1.1" 404 65508 4.386"#,
            Some(404),
        ),
    ],
};

/// Quotes looked at for the one that opens the request.
const QUOTES_TRIED_MAX: usize = 8;
/// Words looked at on each side of the request.
const WORDS_MAX: usize = 12;

struct RequestLine {
    zone: Option<chrono_tz::Tz>,
}

impl LineParser for RequestLine {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some((before, request, after)) = split_at_request(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let mut draft = Draft::new(TsKind::End, self.zone);
        if let Err(reason) = self.set_before(&mut draft, before) {
            return Parsed::Rejected(reason);
        }
        let set = draft.set(&Field::RequestLine, unescape(request));
        if let Err(reason) = set.and_then(|()| set_after(&mut draft, after)) {
            return Parsed::Rejected(reason);
        }
        draft.finish(out);
        Parsed::Record(NAME)
    }

    fn reads_over(&self, _line: &str) -> bool {
        true
    }
}

impl RequestLine {
    /// A time, an address, a host, wherever they stand.
    fn set_before<'a>(&self, draft: &mut Draft<'a>, before: &'a str) -> Result<(), Rejected> {
        let bracketed = before
            .split('[')
            .skip(1)
            .filter_map(|rest| rest.split_once(']'))
            .map(|(inner, _)| inner)
            .find(|inner| inner.starts_with(|c: char| c.is_ascii_digit()) && inner.len() >= 10);
        let mut timed = false;
        if let Some(time) = bracketed {
            let at = parse_any(time, self.zone).ok_or(Rejected::BadTime)?;
            draft.set_instant(at);
            timed = true;
        }
        let words: Vec<&str> = before.split_whitespace().take(WORDS_MAX).collect();
        for (at, word) in words.iter().enumerate() {
            let pair = words.get(at + 1).map(|next| format!("{word} {next}"));
            if !timed && let Some(found) = self.time_of(word, pair.as_deref()) {
                draft.set_instant(found);
                timed = true;
            } else {
                set_word(draft, word);
            }
        }
        Ok(())
    }

    /// A word that is a time, or a date with its clock time in the next word.
    fn time_of(&self, word: &str, pair: Option<&str>) -> Option<crate::model::time::Timestamp> {
        let starts = word.len() >= 10 && word.starts_with(|c: char| c.is_ascii_digit());
        if !starts {
            return None;
        }
        parse_any(word, self.zone).or_else(|| parse_any(pair?, self.zone))
    }
}

fn set_word<'a>(draft: &mut Draft<'a>, word: &'a str) {
    let word = word.trim_matches(['(', ')', ',', ';']);
    let name = word.split_once("://").map_or(word, |(_, name)| name);
    if let Some(address) = address(word) {
        if draft.exchange.client_address.is_none() {
            draft.exchange.client_address = Some(Cow::Owned(address.to_string()));
        }
    } else if draft.exchange.host.is_empty() && looks_like_host(name) && names_host(word, name) {
        set_host(&mut draft.exchange, Cow::Borrowed(name));
    }
}

/// Loggers' names (`app.api`, `com.example.Client`) and files' have the same letters as hosts. With a scheme or a port it
/// is a host, else when it ends as the names of the net do and does not begin so.
fn names_host(word: &str, name: &str) -> bool {
    const ENDS: [&str; 32] = [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "mil",
        "int",
        "info",
        "biz",
        "dev",
        "app",
        "cloud",
        "online",
        "site",
        "tech",
        "store",
        "shop",
        "xyz",
        "agency",
        "solutions",
        "systems",
        "services",
        "live",
        "example",
        "test",
        "invalid",
        "localhost",
        "local",
        "internal",
        "lan",
        "corp",
        "arpa",
    ];
    /// Of those with two letters, what source files end in.
    const FILES: [&str; 8] = ["py", "rs", "sh", "pl", "md", "ps", "cc", "so"];
    let bare = name.split(':').next().unwrap_or(name);
    if word.contains("://") || bare.len() + 1 < name.len() && !is_source_line(bare) {
        return true;
    }
    let (first, last) = (bare.split('.').next(), bare.rsplit('.').next());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let of_country = last.len() == 2 && !FILES.contains(&last);
    let lower = !bare.bytes().any(|b| b.is_ascii_uppercase());
    lower && (ENDS.contains(&last) || of_country) && !ENDS[..3].contains(&first)
}

/// `client.py` of `client.py:42`
fn is_source_line(name: &str) -> bool {
    const FILES: [&str; 13] = [
        "py", "rs", "go", "js", "ts", "rb", "java", "kt", "php", "cs", "cpp", "scala", "mjs",
    ];
    let last = name.rsplit('.').next().unwrap_or_default();
    FILES.contains(&last)
}

fn address(word: &str) -> Option<IpAddr> {
    let with_port = || word.parse::<SocketAddr>().ok().map(|address| address.ip());
    word.parse().ok().or_else(with_port)
}

/// What stands before the request, the request, and what follows from the space before the status on.
fn split_at_request(line: &str) -> Option<(&str, &str, &str)> {
    // JSON has the request of another log inside; that log's own format reads it.
    if line.starts_with(['{', '[']) && line.ends_with(['}', ']', ',']) {
        return None;
    }
    // Cheap, and true of every line that can be one.
    memchr::memmem::find(line.as_bytes(), b" HTTP/")?;
    let quotes = memchr::memchr_iter(b'"', line.as_bytes());
    for open in quotes.take(QUOTES_TRIED_MAX) {
        let inside = &line[open + 1..];
        if !opens_request(bare_start(inside)) {
            continue;
        }
        let (request, after) = split_request(inside).or_else(|| split_at_two(inside))?;
        let request = bare(request);
        return request
            .contains(" HTTP/")
            .then_some((&line[..open], request, after));
    }
    None
}

/// Apache can write the first status and the final one as `200/200`; uvicorn colours its status.
fn split_at_two(inside: &str) -> Option<(&str, &str)> {
    let end = inside.find("\" ")?;
    let status = bare_start(&inside[end + 2..]);
    let digits = status.bytes().take_while(u8::is_ascii_digit).count();
    let next = status.as_bytes().get(digits);
    (digits == 3 && matches!(next, None | Some(b'/' | b' ' | 0x1b)))
        .then_some((&inside[..end], &inside[end + 1..]))
}

/// Without the colour in front.
fn bare_start(text: &str) -> &str {
    match text.strip_prefix("\u{1b}[") {
        Some(rest) => rest.split_once('m').map_or(text, |(_, after)| after),
        None => text,
    }
}

fn opens_request(text: &str) -> bool {
    // A request that was none.
    if text.starts_with("- - HTTP/") {
        return true;
    }
    let Some((method, target)) = text.split_once(' ') else {
        return false;
    };
    let named = (3..=20).contains(&method.len()) && method.bytes().all(|b| b.is_ascii_uppercase());
    named && (target.starts_with(['/', '*']) || target.contains("://") || method == "CONNECT")
}

/// ` status bytes …`: pairs and a duration with its unit are read, the rest is read over.
fn set_after<'a>(draft: &mut Draft<'a>, after: &'a str) -> Result<(), Rejected> {
    let after = bare_start(after.trim_start());
    let (status, rest) = after.split_once(' ').unwrap_or((after, ""));
    let status = status.split('\u{1b}').next().unwrap_or(status);
    let status = status.rsplit('/').next().unwrap_or(status);
    draft.set(&Field::Status, Cow::Borrowed(status))?;
    let words: Vec<&str> = rest.split(' ').take(WORDS_MAX).collect();
    if let Some(bytes) = words.first() {
        draft.exchange.response_bytes = bytes.parse().ok();
    }
    draft.exchange.duration_ms = find_duration(&words);
    set_extras(draft, rest);
    Ok(())
}

/// `12ms`, `3372 us`: a number is a duration when a unit of time follows.
fn find_duration(words: &[&str]) -> Option<f32> {
    words.iter().enumerate().find_map(|(at, word)| {
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if word.ends_with(|c: char| c.is_ascii_alphabetic()) {
            return parse_duration_ms(word, Unit::Guess);
        }
        let unit = words.get(at + 1)?;
        matches!(*unit, "us" | "µs" | "ms" | "s" | "msec" | "sec")
            .then(|| parse_duration_ms(&format!("{word}{unit}"), Unit::Guess))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &'static str) -> (Parsed, Vec<Exchange<'static>>) {
        let mut out = Vec::new();
        let got = RequestLine { zone: None }.parse(line, &mut out);
        (got, out)
    }

    #[test]
    fn what_gives_itself_away_is_read() {
        let (_, out) = parse(FORMAT.samples[1].0);
        let got = &out[0];
        assert_eq!(
            (got.ts.map(|t| t.to_string()).as_deref(), got.host.as_ref()),
            (Some("2026-11-22T03:52:08.399Z"), "api.stripe.com")
        );
        assert_eq!(
            (got.duration_ms, got.response_bytes),
            (Some(3.372), Some(92))
        );
        assert_eq!(got.response_headers[0].1, "2");
        let (_, out) = parse(FORMAT.samples[0].0);
        assert_eq!(out[0].client_address.as_deref(), Some("127.0.0.1"));
        let (read, out) = parse(
            "\u{1b}[32mINFO\u{1b}[0m:     10.0.0.1:5 - \"\u{1b}[1mGET /x HTTP/1.1\u{1b}[0m\" \u{1b}[31m503 Service Unavailable\u{1b}[0m",
        );
        assert_eq!(read, Parsed::Record(NAME));
        assert_eq!((out[0].path.as_ref(), out[0].status), ("/x", Some(503)));
        let (_, out) = parse(
            r#"2026-11-22 03:53:59,886 INFO http: api.hubapi.com "POST /crm HTTP/1.1" 429 205"#,
        );
        assert_eq!(
            out[0].ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:53:59.886Z")
        );
    }

    #[test]
    fn loggers_are_no_hosts() {
        for (before, host) in [
            ("INFO com.example.Client", ""),
            ("INFO com.example.client", ""),
            ("INFO [app.api]", ""),
            ("INFO app.api -", ""),
            ("INFO client.py:42", ""),
            ("INFO org.acme.http api.hubapi.com", "api.hubapi.com"),
            ("INFO app.api https://orders.prod", "orders.prod"),
            ("INFO app.api orders.prod:8443", "orders.prod"),
            ("INFO shop.example.de", "shop.example.de"),
        ] {
            let line = format!(r#"{before} "GET /x HTTP/1.1" 200 5"#);
            let mut out = Vec::new();
            let got = RequestLine { zone: None }.parse(&line, &mut out);
            assert_eq!(got, Parsed::Record(NAME), "{line}");
            assert_eq!(out[0].host, host, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for (line, reason) in [
            (
                r#"1.1.1.1 - - [99/Nov/2026:03:51:46 +0000] "GET / HTTP/1.1" 200 5"#,
                Rejected::BadTime,
            ),
            (r#"asked "GET / HTTP/1.1" twice"#, Rejected::NoFormatMatched),
            (
                r#"request: "GET / HTTP/1.1", upstream"#,
                Rejected::NoFormatMatched,
            ),
            (
                r#"ValueError: "x" 429 is not a status"#,
                Rejected::NoFormatMatched,
            ),
        ] {
            assert_eq!(parse(line).0, Parsed::Rejected(reason), "{line}");
        }
    }
}
