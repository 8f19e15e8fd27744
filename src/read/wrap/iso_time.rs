//! A time in front of a line that is whole without it: `docker logs -t`, `kubectl logs --timestamps`, a log shipper's
//! own, or an application's before its JSON.

use crate::read::instant::parse_iso;
use crate::read::wrap::wrapper::{Peeled, Wrapper};

/// Containers' times have nanoseconds, which no server writes in front of its own lines.
pub const NANOS: Wrapper = Wrapper {
    name: "timestamps",
    peel: nanos,
    sure: true,
    share_pct: 50,
    samples: &[(
        "2024-04-25T05:32:35.584725130Z 127.0.0.1 - -",
        "127.0.0.1 - -",
    )],
};

pub const ANY: Wrapper = Wrapper {
    name: "time",
    peel: any,
    sure: false,
    share_pct: 50,
    samples: &[
        ("2026-11-22T03:51:46Z INFO {\"a\":1}", "INFO {\"a\":1}"),
        ("2026-11-22 03:53:58,953 INFO {\"a\":1}", "INFO {\"a\":1}"),
        ("2026-11-22T03:51:46.069Z\tINFO\tcall", "INFO\tcall"),
    ],
};

fn nanos(line: &str) -> Option<Peeled<'_>> {
    let (time, inner) = split_time(line)?;
    (time.len() >= "2024-04-25T05:32:35.5847251Z".len()).then(|| Peeled::new(inner, Some(time)))
}

fn any(line: &str) -> Option<Peeled<'_>> {
    let (time, inner) = split_time(line).or_else(|| split_local_time(line))?;
    Some(Peeled::new(inner.trim_start(), Some(time)))
}

/// A time with `T` and an offset, and what follows it.
pub fn split_time(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[10] != b'T' {
        return None;
    }
    let space = memchr::memchr2(b' ', b'\t', &bytes[..bytes.len().min(40)])?;
    let wall = parse_iso(&bytes[..space])?;
    wall.offset_s?;
    Some((&text[..space], &text[space + 1..]))
}

/// `2026-11-22 03:53:58,953`, the zone left open.
fn split_local_time(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || !matches!(bytes[4], b'-' | b'/') || !matches!(bytes[10], b' ' | b'T') {
        return None;
    }
    let space = 11 + memchr::memchr2(b' ', b'\t', &bytes[11..bytes.len().min(40)])?;
    parse_iso(&bytes[..space])?;
    Some((&text[..space], &text[space + 1..]))
}
