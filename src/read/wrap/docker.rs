//! Docker's json-file: `{"log":"LINE\n","stream":"stdout","time":"2026-11-22T03:51:45.123456789Z"}`. A line above 16 KB
//! stands in several objects, of which the last alone ends in a line end.

use std::borrow::Cow;

use serde::Deserialize;

use crate::read::wrap::wrapper::{Peeled, Piece, Wrapper};

pub const WRAPPER: Wrapper = Wrapper {
    name: "docker",
    peel,
    sure: true,
    share_pct: 50,
    samples: &[
        (
            r#"{"log":"127.0.0.1 - - \"GET / HTTP/1.1\" \"a\\x22b\"\n","stream":"stdout","time":"2026-11-22T03:51:45.818Z"}"#,
            "127.0.0.1 - - \"GET / HTTP/1.1\" \"a\\x22b\"",
        ),
        (
            r#"{"log":"cut","stream":"stderr","attrs":{"tag":"web"},"time":"2026-11-22T03:51:45Z"}"#,
            "cut",
        ),
    ],
};

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
}

fn peel(line: &str) -> Option<Peeled<'_>> {
    if !line.starts_with('{') || !line.contains("\"stream\"") {
        return None;
    }
    let Entry { log, stream, time } = serde_json::from_str(line).ok()?;
    let ends = log.ends_with('\n');
    Some(Peeled {
        inner: without_end(log),
        time: Some(time),
        piece: Some(Piece { stream, ends }),
    })
}

fn without_end(log: Cow<'_, str>) -> Cow<'_, str> {
    match log {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(['\n', '\r'])),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
            Cow::Owned(text)
        }
    }
}
