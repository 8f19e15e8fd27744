//! What terminals show and logs should not hold: colours, cursor moves, window titles (`ESC[31m`, `ESC]0;title BEL`).

use std::borrow::Cow;

use crate::read::wrap::wrapper::{Peeled, Wrapper};

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

pub const WRAPPER: Wrapper = Wrapper {
    name: "ansi",
    peel,
    sure: true,
    // Often only some lines are coloured.
    share_pct: 5,
    samples: &[
        (
            "\u{1b}[31m\u{1b}[1mWARNING\u{1b}[0m: 127.0.0.1",
            "WARNING: 127.0.0.1",
        ),
        ("\u{1b}]0;title\u{7}ls \u{1b}(B\u{1b}[2Kx", "ls x"),
        ("cut \u{1b}[3", "cut "),
    ],
};

fn peel(line: &str) -> Option<Peeled<'_>> {
    let mut at = memchr::memchr(ESCAPE, line.as_bytes())?;
    let mut inner = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        inner.push_str(&rest[..at]);
        rest = rest.get(at + sequence(&rest.as_bytes()[at..])..)?;
        match memchr::memchr(ESCAPE, rest.as_bytes()) {
            Some(next) => at = next,
            None => break,
        }
    }
    inner.push_str(rest);
    Some(Peeled {
        inner: Cow::Owned(inner),
        time: None,
        piece: None,
    })
}

/// The length of an escape sequence; it holds nothing but ASCII, so that the rest begins with a whole character.
fn sequence(bytes: &[u8]) -> usize {
    let until = |from: usize, ends: fn(u8) -> bool| {
        let body = bytes.get(from..).unwrap_or_default();
        let len = body.iter().position(|b| ends(*b) || !b.is_ascii());
        let end = len.map_or(bytes.len(), |len| from + len);
        end + usize::from(bytes.get(end).is_some_and(u8::is_ascii))
    };
    match bytes.get(1) {
        Some(b'[') => until(2, |b| matches!(b, 0x40..=0x7e)),
        Some(b']') => until(2, |b| b == BELL),
        Some(b'(' | b')') => until(2, |_| true),
        Some(b) if b.is_ascii() && *b != ESCAPE => 2,
        _ => 1,
    }
}
