//! httpx at INFO: one line an answer, behind whatever prefix the application's logging puts there.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::model::exchange::{Direction, Exchange, TsKind};
use crate::read::engine::dialogue::{is_method, status_line};
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::engine::target::set_url;
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "httpx",
    aliases: &["python_httpx"],
    title: "Python httpx at INFO",
    specificity: 75,
    layout: Layout::Lines(|options| Box::new(Httpx { zone: options.zone })),
    samples: &[
        (
            r#"2026-11-22 03:54:05,264 - httpx - INFO - HTTP Request: POST https://api.example.com/v1/email "HTTP/1.1 429 Too Many Requests""#,
            Some(429),
        ),
        (
            r#"INFO:httpx:HTTP Request: GET https://api.example.com/v1/models "HTTP/2 200 OK""#,
            Some(200),
        ),
    ],
};

struct Httpx {
    zone: Option<Tz>,
}

const LABEL: &str = "HTTP Request: ";

impl LineParser for Httpx {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(at) = memchr::memmem::find(line.as_bytes(), LABEL.as_bytes()) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let Some((method, url, status)) = split(&line[at + LABEL.len()..]) else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        let mut exchange = Exchange {
            ts_kind: TsKind::End,
            direction: Direction::Outbound,
            method: Cow::Borrowed(method),
            status: Some(status),
            attempt: 1,
            is_final: true,
            ..Exchange::default()
        };
        if let Stamp::Instant(at) = find_stamp(&line[..at], self.zone) {
            exchange.ts = Some(at);
        }
        set_url(&mut exchange, Cow::Borrowed(url));
        out.push(exchange);
        Parsed::Record(FORMAT.name)
    }
}

/// `POST https://… "HTTP/1.1 429 Too Many Requests"`
fn split(text: &str) -> Option<(&str, &str, u16)> {
    let (method, rest) = text.split_once(' ')?;
    let (url, answer) = rest.split_once(" \"")?;
    let answer = answer.split_once('"').map_or(answer, |(inner, _)| inner);
    is_method(method).then_some((method, url, status_line(answer)?))
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn any_prefix_will_do() {
        check(
            &super::FORMAT,
            "[2026-11-22 03:54:05] INFO _client.py:1027 HTTP Request: POST https://api.example.com/v1/a?b=1 \"HTTP/1.1 200 OK\"\n\
             03:54:05 | INFO | HTTP Request: GET https://api.example.com/ \"HTTP/1.1 503 Service Unavailable\"\n\
             HTTP Request: GET https://api.example.com/ \"HTTP/1.1\n\
             2026-11-22 03:54:05 DEBUG httpcore.http11: receive_response_headers.started request=<Request [b'GET']>\n",
            &[
                "200 POST api.example.com/v1/a?b=1 2026-11-22T03:54:05Z",
                "503 GET api.example.com/ untimed",
            ],
        );
    }
}
