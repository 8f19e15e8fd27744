//! The bracket-first access log of Confluence and Jira: `[time] user thread address request status 350ms …`.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::layouts::{self, Layouts};
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout};

const NAME: &str = "atlassian";

const LAYOUT: &str = "[$time_local] $remote_user $thread $remote_addr $request $status ${took}ms $body_bytes_sent $http_referer $http_user_agent";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["jira", "confluence"],
    title: "Confluence and Jira access logs",
    specificity: 60,
    layout: Layout::Lines(|options| {
        let templates = layouts::compile(NAME, TsKind::End, &[LAYOUT], lookup, options);
        Box::new(Layouts::new(NAME, looks, templates))
    }),
    samples: &[
        (
            "[03/Oct/2026:09:00:01 +0000] admin http-nio-8080-exec-1 192.168.1.10 GET /secure/Dashboard.jspa HTTP/1.1 200 350ms 12345 http://localhost/ Mozilla/5.0 (X11; Linux)",
            Some(200),
        ),
        (
            "[03/Oct/2026:09:02:00 -0500] - http-nio-8080-exec-4 0:0:0:0:0:0:0:1 DELETE /rest/api/2/issue/P-2?q=a b HTTP/1.1 204 77ms - - curl/8",
            Some(204),
        ),
    ],
};

fn looks(line: &[u8]) -> bool {
    line.first() == Some(&b'[') && line.get(3) == Some(&b'/') && line.get(7) == Some(&b'/')
}

fn lookup(name: &str) -> Option<Field> {
    match name {
        "took" => Some(Field::Duration(Unit::Millis)),
        _ => nginx::lookup(name),
    }
}
