//! Nginx Proxy Manager: its two bracketed layouts, with and without a proxied answer.

use crate::model::exchange::{Exchange, StatusSource};
use crate::read::engine::hop::settle_own_limit;
use crate::read::engine::layouts::Layouts;
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::skip::Rejected;

const NAME: &str = "nginx_proxy_manager";

const PROXIED: &str = r#"[$time_local] $cache $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server] "$http_user_agent" "$http_referer""#;
const DIRECT: &str = r#"[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer""#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["npm"],
    title: "Nginx Proxy Manager access logs",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(ProxyManager::new(options))),
    samples: &[
        (
            r#"[24/Jan/2022:16:51:02 +0000] - 404 404 - GET http openresty.local "/sdfdsf" [Client 1.2.3.4] [Length 192] [Gzip 3.10] [Sent-to openresty] "Mozilla/5.0" "-""#,
            Some(404),
        ),
        (
            r#"[24/Jan/2022:13:40:19 +0000] 444 - GET https 4.3.2.1 "/.env" [Client 207.32.219.89] [Length 0] [Gzip -] "Mozilla/5.0" "-""#,
            Some(444),
        ),
    ],
};

struct ProxyManager {
    proxied: Layouts,
    direct: Layouts,
}

impl ProxyManager {
    fn new(options: &Options) -> Self {
        let one = |layout| {
            let compiled = nginx::compile(layout, options).into_iter().collect();
            Layouts::new(NAME, |_| true, compiled)
        };
        Self {
            proxied: one(PROXIED),
            direct: one(DIRECT),
        }
    }
}

impl LineParser for ProxyManager {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !line.starts_with('[') {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let first = out.len();
        if let Parsed::Record(_) = self.proxied.parse(line, out) {
            return Parsed::Record(NAME);
        }
        if let Parsed::Record(_) = self.direct.parse(line, out) {
            out[first..].iter_mut().for_each(set_own_answer);
            return Parsed::Record(NAME);
        }
        Parsed::Rejected(Rejected::NoFormatMatched)
    }
}

/// Where no server was asked, there is one status, and it is the proxy's own.
fn set_own_answer(exchange: &mut Exchange<'_>) {
    if exchange.status_source == StatusSource::Origin {
        exchange.status_source = StatusSource::Edge;
        settle_own_limit(exchange);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Outcome;

    #[test]
    fn an_answer_without_a_server_is_the_proxys() {
        let told = |line: &str| {
            let Layout::Lines(build) = &FORMAT.layout else {
                panic!("lines");
            };
            let mut out = Vec::new();
            build(&Options::default()).parse(line, &mut out);
            (out[0].status_source, out[0].outcome)
        };
        let direct = |status: u16| {
            told(&format!(
                r#"[24/Jan/2022:13:40:19 +0000] {status} - GET https a.example "/x" [Client 207.32.219.89] [Length 0] [Gzip -] "a" "-""#
            ))
        };
        assert_eq!(direct(404), (StatusSource::Edge, Outcome::NoResponse));
        assert_eq!(direct(429), (StatusSource::Edge, Outcome::Throttled));
        assert_eq!(direct(499).0, StatusSource::Client);
        assert_eq!(told(FORMAT.samples[0].0).0, StatusSource::Origin);
    }
}
