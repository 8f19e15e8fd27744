//! Nginx Proxy Manager: its two bracketed layouts, with and without a proxied answer.

use crate::model::exchange::Exchange;
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
    layouts: Vec<Box<dyn LineParser>>,
}

impl ProxyManager {
    fn new(options: &Options) -> Self {
        let layouts = [PROXIED, DIRECT]
            .iter()
            .filter_map(|layout| nginx::compile(layout, options).ok())
            .collect();
        Self { layouts }
    }
}

impl LineParser for ProxyManager {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !line.starts_with('[') {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        for layout in &self.layouts {
            if let Parsed::Record(_) = layout.parse(line, out) {
                return Parsed::Record(NAME);
            }
        }
        Parsed::Rejected(Rejected::NoFormatMatched)
    }
}
