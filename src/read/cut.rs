//! A stream of syslog that was stored as it came over TCP: each message with its length in front, and nothing between
//! them (RFC 6587, octet counting). It has no lines, so it is read as one document.

use crate::model::exchange::Exchange;
use crate::read::choose::choose;
use crate::read::format::{DocumentError, Format, Layout, Options, Parsed, Place};
use crate::read::skip::Skip;
use crate::read::trial::known_readings;

pub const FORMAT: Format = Format {
    name: "syslog_stream",
    aliases: &["rfc6587"],
    title: "syslog as it came over TCP: lengths in front, no line ends (RFC 6587)",
    specificity: 100,
    layout: Layout::Document { sniff, parse },
    samples: &[(
        "108 <190>1 2026-11-22T03:51:45Z gw-1 nginx 7 - - 1.1.1.1 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 5",
        Some(200),
    )],
};

/// Messages that the inner format is told by.
const SAMPLE_MESSAGES: usize = 400;

const LENGTH_DIGITS_MAX: usize = 7;

/// Messages follow each other directly. Where a line end stands between them, they are lines like any others.
fn sniff(head: &[u8]) -> bool {
    let Some((message, rest)) = next_message(head) else {
        return false;
    };
    !message.ends_with(b"\n") && rest.first().is_none_or(u8::is_ascii_digit)
}

/// A length, a space and as many bytes, which begin with a priority.
fn next_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=LENGTH_DIGITS_MAX).contains(&digits) {
        return None;
    }
    let length: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let rest = bytes[digits..].strip_prefix(b" ")?;
    let (message, rest) = rest.split_at_checked(length)?;
    message.starts_with(b"<").then_some((message, rest))
}

fn parse(
    bytes: &[u8],
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) -> Result<(), DocumentError> {
    let options = Options::default();
    let messages = || {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            let (message, after) = next_message(rest)?;
            rest = after;
            Some((bytes.len() - after.len(), String::from_utf8_lossy(message)))
        })
    };
    let sample: Vec<_> = messages()
        .take(SAMPLE_MESSAGES)
        .map(|(_, text)| text)
        .collect();
    let sample: Vec<&str> = sample.iter().map(|text| &**text).collect();
    let mut read = 0;
    if let Some(mut chosen) = choose(&sample, &known_readings(), &options).chosen {
        for (end, text) in messages() {
            read = end;
            let fate = chosen.line(&text, Place::default(), &mut |_, exchanges| {
                exchanges
                    .iter_mut()
                    .for_each(|one| sink(Ok(std::mem::take(one))));
            });
            match fate {
                Parsed::Record(_) => {}
                Parsed::Ignored(why) => sink(Err(Skip::Ignored(why))),
                Parsed::Rejected(why) => sink(Err(Skip::Rejected(why))),
            }
        }
        chosen.finish(&mut |_, exchanges| {
            exchanges
                .iter_mut()
                .for_each(|one| sink(Ok(std::mem::take(one))));
        });
    }
    if bytes[read..].trim_ascii().is_empty() {
        return Ok(());
    }
    Err(DocumentError {
        line: 1,
        column: read + 1,
        what: "no message with its length stands there".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "<190>1 2026-11-22T03:51:45Z gw-1 nginx 7 - - 1.1.1.1 - - [22/Nov/2026:03:51:45 +0000] \"GET /ü HTTP/1.1\" 200 5";

    #[test]
    fn messages_without_line_ends_are_counted_out() {
        let one = format!("{} {MESSAGE}", MESSAGE.len());
        let all = one.repeat(3);
        assert!(sniff(all.as_bytes()));
        let mut paths = Vec::new();
        let cut = &all.as_bytes()[..all.len() - 4];
        let result = parse(cut, &mut |entry| {
            paths.extend(entry.ok().map(|e| e.path.into_owned()));
        });
        assert_eq!(paths, ["/ü", "/ü"]);
        assert!(result.is_err());
    }

    #[test]
    fn counted_lines_are_lines() {
        let line = format!("{} {MESSAGE}\n", MESSAGE.len() + 1);
        assert!(!sniff(line.repeat(2).as_bytes()));
        assert!(!sniff(b"200 ok"));
    }
}
