//! Common, combined and virtual-host combined: what nginx and Apache write unless told otherwise.

use crate::read::engine::clf::{COMBINED, COMMON, Clf, VHOST_COMBINED};
use crate::read::format::{Format, Layout};

pub const FORMAT: Format = Format {
    name: COMBINED,
    aliases: &[COMMON, VHOST_COMBINED],
    title: "nginx and Apache access logs: common, combined, virtual host first",
    specificity: 40,
    layout: Layout::Lines(|options| Box::new(Clf::new(options))),
    samples: &[
        (
            r#"127.0.0.1 - - [22/Nov/2026:03:51:45 +0000] "GET /v1/charges/ch_3527 HTTP/1.1" 499 0 "-" "Stripe/v1""#,
            Some(499),
        ),
        (
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326"#,
            Some(200),
        ),
        (
            r#"gw.example:80 127.0.0.1 - - [22/Nov/2026:03:52:08 +0000] "GET /a HTTP/1.1" - 277 "-" "agent""#,
            None,
        ),
    ],
};
