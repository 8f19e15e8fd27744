//! HAProxy's HTTP and HTTPS logs, with and without captures, and what its TCP side writes among them.

use crate::model::exchange::Exchange;
use crate::read::engine::haproxy::{self, HTTP, TLS};
use crate::read::engine::layouts::Layouts;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::skip::{Ignored, Rejected};

const NAME: &str = "haproxy";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["httplog"],
    title: "HAProxy HTTP logs (httplog, httpslog)",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(Haproxy::new(options))),
    samples: &[
        (
            r#"127.0.0.1:41092 [22/Nov/2026:03:52:33.523] vendors_out be_hooks/<NOSRV> 0/-1/-1/-1/0 429 225 - - PR-- 3/3/2/0/0 0/0 {hooks.acme.example|GitHub-Hookshot/044} {} "POST /webhooks/github HTTP/1.1""#,
            Some(429),
        ),
        (
            r#"10.0.0.9:10285 [12/Mar/2026:06:56:28.088] fe~ web/dns 0/0/0/1263/+1264 200 +20602 - - ---- 19/19/3/4/+2 0/0 "GET / HTTP/1.1""#,
            Some(200),
        ),
        (
            r#"10.0.0.9:60078 [22/Nov/2026:03:39:37.595] out out/<NOSRV> -1/-1/-1/-1/0 -1 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>""#,
            None,
        ),
        (
            r#"10.0.0.9:38508 [22/Nov/2026:19:12:48.318] fe~ be/s1 0/0/0/8/8 503 125 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1" 0/0000000000000000/0/0/0 shop.example/TLSv1.3/TLS_AES_256_GCM_SHA384"#,
            Some(503),
        ),
    ],
};

struct Haproxy {
    http: Layouts,
    tls: Layouts,
}

impl Haproxy {
    fn new(options: &Options) -> Self {
        let layouts = |layout: &str| {
            let compiled = haproxy::compile(layout, options);
            Layouts::new(NAME, looks, compiled.into_iter().collect())
        };
        Self {
            http: layouts(HTTP),
            tls: layouts(&format!("{HTTP}{TLS}")),
        }
    }
}

impl LineParser for Haproxy {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !looks(line.as_bytes()) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let layouts = if has_tls(line) { &self.tls } else { &self.http };
        match layouts.parse(line, out) {
            Parsed::Rejected(_) if is_connection(line) => Parsed::Ignored(Ignored::Connection),
            parsed => parsed,
        }
    }
}

/// `…:41092 [22/Nov/2026:03:52:33.523] `: no other log has milliseconds there and no offset.
fn looks(line: &[u8]) -> bool {
    // An address of IPv6 with a port is no longer than this.
    const ADDRESS_BYTES_MAX: usize = 64;
    let head = &line[..line.len().min(ADDRESS_BYTES_MAX)];
    memchr::memchr(b'[', head).is_some_and(|open| {
        let at = |offset: usize| line.get(open + offset);
        at(3) == Some(&b'/') && at(21) == Some(&b'.') && at(25) == Some(&b']')
    })
}

/// Behind the request stand errors and, as the last word, `name/version/cipher`.
fn has_tls(line: &str) -> bool {
    !line.ends_with('"')
        && line.rsplit_once("\" ").is_some_and(|(_, behind)| {
            behind.split(' ').count() == 2 && behind.matches('/').count() == 6
        })
}

/// `frontend/backend: SSL handshake failure`, or the three times of a TCP log instead of five.
fn is_connection(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("] ") else {
        return false;
    };
    let mut words = rest.split(' ');
    let frontend = words.next().unwrap_or_default();
    let times = words.nth(1).unwrap_or_default();
    frontend.ends_with(':') || times.matches('/').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Outcome, StatusSource};

    #[track_caller]
    fn check(line: &str, expected: Parsed) {
        let parser = Haproxy::new(&Options::default());
        assert_eq!(parser.parse(line, &mut Vec::new()), expected, "{line}");
    }

    #[test]
    fn hosts_and_ends_are_told() {
        let parser = Haproxy::new(&Options::default());
        let mut out = Vec::new();
        for (line, _) in FORMAT.samples {
            parser.parse(line, &mut out);
        }
        let got: Vec<_> = out
            .iter()
            .map(|e| (e.host.as_ref(), e.status_source, e.outcome, e.attempt))
            .collect();
        assert_eq!(
            got,
            [
                (
                    "hooks.acme.example",
                    StatusSource::Edge,
                    Outcome::Throttled,
                    1
                ),
                ("web", StatusSource::Origin, Outcome::NoResponse, 3),
                ("", StatusSource::Client, Outcome::ClientGone, 1),
                ("shop.example", StatusSource::Origin, Outcome::NoResponse, 1),
            ]
        );
        assert_eq!(out[1].response_bytes, Some(20602));
        assert_eq!(out[1].duration_ms, Some(1264.0));
        assert_eq!(
            out[0].ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:52:33.523Z")
        );
    }

    #[test]
    fn a_request_that_was_cut_off_is_still_one() {
        check(
            r#"127.0.0.1:40980 [22/Nov/2026:03:52:33.059] out be/a 0/0/0/5/5 414 343 - - ---- 2/2/0/0/0 0/0 {api.hubapi.com|} {} "GET /long?xxxxxxx"#,
            Parsed::Record(NAME),
        );
    }

    #[test]
    fn connections_are_no_exchanges() {
        for line in [
            "192.168.1.4:50033 [28/Feb/2025:02:43:10.123] fe/be: SSL handshake failure (error:0A0000C1:SSL routines::no shared cipher)",
            "10.0.0.1:33317 [28/Feb/2025:12:12:14.655] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0",
        ] {
            check(line, Parsed::Ignored(Ignored::Connection));
        }
        check(
            "10.0.0.1:33317 [28/Feb/2025:12:12:14.655] fnt bck/srv1 0/0/0/5/5 20",
            Parsed::Rejected(Rejected::NoFormatMatched),
        );
    }
}
