//! Traefik's common format: combined with the router, the server and the duration behind.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::hop::Told;
use crate::read::engine::layouts::{self, Layouts};
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout};

const NAME: &str = "traefik_clf";

const LAYOUT: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $count "$router" "$server" ${took}ms"#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "Traefik access logs, common format",
    specificity: 60,
    layout: Layout::Lines(|options| {
        let templates = layouts::compile(NAME, TsKind::Start, &[LAYOUT], lookup, options);
        Box::new(Layouts::new(NAME, looks, templates))
    }),
    samples: &[
        (
            r#"172.17.0.1 - - [08/Dec/2026:13:59:39 +0000] "GET /index?toto=tata HTTP/1.1" 200 352 "-" "Nikto" 242 "test@docker" "http://172.17.0.3:80" 1ms"#,
            Some(200),
        ),
        (
            r#"172.17.1.1 - - [28/Sep/2026:13:38:04 +0000] "GET /cs HTTP/1.1" - - "-" "agent" 45640 "-" "-" 0ms"#,
            None,
        ),
    ],
};

fn looks(line: &[u8]) -> bool {
    line.ends_with(b"ms")
}

fn lookup(name: &str) -> Option<Field> {
    match name {
        // No server: a redirect, its own limit or no route.
        "server" => Some(Field::Told(Told::UpstreamHost)),
        "took" => Some(Field::Duration(Unit::Millis)),
        _ => nginx::lookup(name),
    }
}
