//! Any other JSON lines: found by what their keys usually mean, or by the user's mapping.

use crate::read::engine::record::{GENERIC, JsonLines};
use crate::read::format::{Format, Layout};

pub const FORMAT: Format = Format {
    name: GENERIC.name,
    aliases: &["jsonl", "ndjson"],
    title: "JSON lines with the usual names, or with a mapping",
    specificity: 20,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&GENERIC, options))),
    samples: &[
        (
            r#"{"attempt":1,"durationMs":10,"http":{"method":"GET","status":429,"url":"https://api.hubapi.com/crm/v3/objects/contacts/626097"},"integration":"hubapi","level":"warn","message":"vendor request","requestId":"2036d593","retryAfter":"2","timestamp":"2026-11-22T03:54:18.781Z"}"#,
            Some(429),
        ),
        (
            r#"2026-11-22T03:51:46Z INFO outbound {"url":"https://api.stripe.com/v1/charges","code":200,"elapsed_us":81234}"#,
            Some(200),
        ),
        (
            r#"{"timestamp":"2021-11-12T16:59:45+0000","client_ip":"1.2.3.4","host":"fastly.mydomain.com","url":"/z.exe","request_method":"GET","response_status":404}"#,
            Some(404),
        ),
    ],
};
