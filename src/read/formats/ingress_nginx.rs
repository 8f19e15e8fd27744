//! What ingress-nginx of Kubernetes writes unless told otherwise: combined and, behind it, the upstreams that it asked.

use crate::model::exchange::TsKind;
use crate::read::engine::layouts::{self, Layouts};
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout};

const NAME: &str = "ingress_nginx";

const LAYOUT: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "ingress-nginx access logs (Kubernetes)",
    specificity: 60,
    layout: Layout::Lines(|options| {
        let templates = layouts::compile(NAME, TsKind::End, &[LAYOUT], nginx::lookup, options);
        Box::new(Layouts::new(NAME, looks, templates))
    }),
    samples: &[
        (
            r#"10.0.0.1 - - [22/Nov/2026:03:51:46 +0000] "POST /hooks HTTP/1.1" 201 58 "-" "app/1" 350 0.012 [shop-web-80] [] 10.1.0.7:8080, 10.1.0.8:8080 0, 58 0.006, 0.006 502, 201 58e03b8e04e284370dd5b9c5d2641380"#,
            Some(201),
        ),
        (
            r#"10.0.0.1 - - [22/Nov/2026:03:51:46 +0000] "GET /none HTTP/1.1" 404 146 "-" "app/1" 350 0.000 [] [] - - - - 58e03b8e04e284370dd5b9c5d2641381"#,
            Some(404),
        ),
    ],
};

/// It ends in the request's id; the names of the pools stand in brackets before.
fn looks(line: &[u8]) -> bool {
    line.last().is_some_and(u8::is_ascii_alphanumeric)
        && memchr::memmem::find(line, b"] [").is_some()
}
