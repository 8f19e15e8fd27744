//! Go's reverse proxy: a line for each request that got no answer from behind it. The caller was told 502.
//!
//! Method and path are not told; the far end's address is where it was being dialled or read from.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::model::exchange::{Exchange, Outcome, StatusSource, TsKind};
use crate::read::engine::dialogue::is_caller_gone;
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::engine::target::set_host;
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "go_proxy",
    aliases: &[],
    title: "Go net/http reverse proxy errors",
    specificity: 75,
    layout: Layout::Lines(|options| Box::new(GoProxy { zone: options.zone })),
    samples: &[(
        "2026/11/22 03:51:46 http: proxy error: dial tcp: lookup api.example.com on 10.0.0.2:53: no such host",
        None,
    )],
};

struct GoProxy {
    zone: Option<Tz>,
}

const LABEL: &str = "http: proxy error: ";

impl LineParser for GoProxy {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(at) = memchr::memmem::find(line.as_bytes(), LABEL.as_bytes()) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let why = line[at + LABEL.len()..].trim_end();
        let left = is_caller_gone(why);
        let mut exchange = Exchange {
            ts_kind: TsKind::End,
            attempt: 1,
            is_final: true,
            edge_status: (!left).then_some(502),
            status_source: match left {
                true => StatusSource::Client,
                false => StatusSource::Edge,
            },
            outcome: match left {
                true => Outcome::ClientGone,
                false => Outcome::NoResponse,
            },
            error_message: Some(Cow::Borrowed(why)),
            ..Exchange::default()
        };
        if let Stamp::Instant(ts) = find_stamp(&line[..at], self.zone) {
            exchange.ts = Some(ts);
        }
        if let Some(host) = far_end(why) {
            set_host(&mut exchange, Cow::Borrowed(host));
        }
        out.push(exchange);
        Parsed::Record(FORMAT.name)
    }
}

/// The name that was looked up, else the address that was dialled or read from.
fn far_end(why: &str) -> Option<&str> {
    let begins = ["lookup ", "->", "dial tcp "];
    let rest = begins
        .iter()
        .find_map(|begin| why.find(begin).map(|at| &why[at + begin.len()..]))?;
    rest.split(' ')
        .next()
        .map(|host| host.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: (&str, Option<u16>, StatusSource)) {
        let mut out = Vec::new();
        let parser = GoProxy { zone: None };
        assert_eq!(parser.parse(line, &mut out), Parsed::Record("go_proxy"));
        let e = &out[0];
        assert_eq!((e.host.as_ref(), e.edge_status, e.status_source), expected);
    }

    #[test]
    fn who_did_not_answer() {
        use StatusSource::{Client, Edge};
        let at = "2026/11/22 03:51:46 http: proxy error: ";
        for (why, expected) in [
            (
                "dial tcp 192.0.2.7:443: connect: connection refused",
                ("192.0.2.7", Some(502), Edge),
            ),
            (
                "dial tcp: lookup api.example.com: no such host",
                ("api.example.com", Some(502), Edge),
            ),
            (
                "read tcp 10.0.0.1:5000->192.0.2.7:443: read: connection reset by peer",
                ("192.0.2.7", Some(502), Edge),
            ),
            ("net/http: TLS handshake timeout", ("", Some(502), Edge)),
            ("context canceled", ("", None, Client)),
        ] {
            check(&format!("{at}{why}"), expected);
        }
    }
}
