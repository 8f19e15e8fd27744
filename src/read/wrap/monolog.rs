//! Monolog's line format, Laravel's too: `[time] channel.LEVEL: message {context} {extra}`, where what is empty is `[]`.

use crate::read::instant::parse_iso;
use crate::read::wrap::wrapper::{Peeled, Wrapper};

pub const WRAPPER: Wrapper = Wrapper {
    name: "monolog",
    peel,
    sure: true,
    // Stack traces make many lines of few.
    share_pct: 20,
    samples: &[
        (
            "[2026-11-22 03:51:46] production.INFO: call {\"a\":1} []",
            "call {\"a\":1}",
        ),
        (
            "[2026-11-22T03:51:46.069123+01:00] guzzle.ERROR: \"GET / HTTP/1.1\" 429 [] []",
            "\"GET / HTTP/1.1\" 429",
        ),
    ],
};

/// Channels are named in a few letters.
const CHANNEL_BYTES_MAX: usize = 64;

const LEVELS: [&str; 8] = [
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARNING",
    "ERROR",
    "CRITICAL",
    "ALERT",
    "EMERGENCY",
];

fn peel(line: &str) -> Option<Peeled<'_>> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    parse_iso(time.as_bytes())?;
    let head = &rest.as_bytes()[..rest.len().min(CHANNEL_BYTES_MAX)];
    let end = memchr::memchr(b':', head)?;
    let (_, level) = rest[..end].rsplit_once('.')?;
    let message = rest[end + 1..].strip_prefix(' ')?;
    LEVELS
        .contains(&level)
        .then(|| Peeled::new(without_empty(message), Some(time)))
}

/// Neither context nor extra.
fn without_empty(message: &str) -> &str {
    let mut text = message.trim_end();
    for _ in 0..2 {
        text = text.strip_suffix(" []").unwrap_or(text);
    }
    text
}
