//! Syslog in front of a line: RFC 3164 and RFC 5424, with and without priority, and what rsyslog writes to files.
//!
//! The host and the program that syslog names are those of the logger, never the host of a request.

use std::borrow::Cow;

use crate::read::instant::parse_iso;
use crate::read::wrap::wrapper::{Peeled, Wrapper};
use crate::read::yearless::split_yearless;

pub const WRAPPER: Wrapper = Wrapper {
    name: "syslog",
    peel,
    sure: true,
    share_pct: 50,
    samples: &[
        (
            "<190>Nov 22 03:51:45 gw-1 nginx: 1.1.1.1 - -",
            "1.1.1.1 - -",
        ),
        ("Nov  2 03:51:45 postfix/smtpd[12]: text", "text"),
        ("Nov 22 03:51:45 gw-1 1.1.1.1 - - [", "1.1.1.1 - - ["),
        ("<134>Nov 22 03:51:45 1.1.1.1 - - [", "1.1.1.1 - - ["),
        (
            "2021-11-12T16:59:46.613304+00:00 gw-1 haproxy[7]: x#011y",
            "x\ty",
        ),
        (
            "<134>2021-11-12T16:59:46Z cache-cdg20 name[123]: {\"a\":1}",
            "{\"a\":1}",
        ),
        (
            "<190>1 2026-11-22T03:51:45.818Z gw-1 nginx 733 access [o a=\"x\\\"] \\]\"][b] \u{feff}1.1.1.1 - -",
            "1.1.1.1 - -",
        ),
        (
            "118 <40>1 2026-11-22T03:51:45Z - haproxy 8 - - 1.1.1.1:2 [",
            "1.1.1.1:2 [",
        ),
        ("2026-11-22T03:51:45Z gw-1 nginx 733 access - text", "text"),
        ("<40>1 - - - - - -", ""),
    ],
};

fn peel(line: &str) -> Option<Peeled<'_>> {
    // A digit, a letter of a month or an opening bracket: all else is not syslog.
    let first = *line.as_bytes().first()?;
    if !(first == b'<' || first.is_ascii_digit() || first.is_ascii_uppercase()) {
        return None;
    }
    let (priority, rest) = skip_priority(skip_count(line));
    if let Some(rest) = rest.strip_prefix("1 ")
        && let Some(peeled) = structured(rest)
    {
        return Some(peeled);
    }
    let (time, rest) = split_yearless(rest)
        .map(|(time, rest)| (Some(time), rest))
        .or_else(|| split_iso(rest).map(|(time, rest)| (Some(time), rest)))
        .or_else(|| priority.then_some((None, rest)))?;
    if !priority && time.is_some_and(|time| time.as_bytes()[0].is_ascii_digit()) {
        // An ISO time alone is not enough: a program's name or the fields of RFC 5424 must follow.
        return split_tag(rest)
            .map(|text| message(text, time))
            .or_else(|| fields(rest, time));
    }
    Some(message(
        split_tag(rest).unwrap_or_else(|| split_host(rest)),
        time,
    ))
}

fn message<'a>(text: &'a str, time: Option<&'a str>) -> Peeled<'a> {
    let text = text.trim_start_matches(' ');
    Peeled {
        inner: undo_controls(text.strip_prefix('\u{feff}').unwrap_or(text)),
        time: time.map(Cow::Borrowed),
        piece: None,
    }
}

/// `123 <40>1 …`: how long the message is, as counted on a stream (RFC 6587).
fn skip_count(line: &str) -> &str {
    const DIGITS_MAX: usize = 7;
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let counted = (1..=DIGITS_MAX).contains(&digits) && line[digits..].starts_with(" <");
    if counted { &line[digits + 1..] } else { line }
}

/// `<190>`, and whether it was there.
fn skip_priority(line: &str) -> (bool, &str) {
    let Some(rest) = line.strip_prefix('<') else {
        return (false, line);
    };
    let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
    match rest[digits..].strip_prefix('>') {
        Some(rest) if digits > 0 => (true, rest),
        _ => (false, line),
    }
}

fn split_iso(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[10] != b'T' {
        return None;
    }
    let space = memchr::memchr(b' ', &bytes[..bytes.len().min(40)])?;
    parse_iso(&bytes[..space])?;
    Some((&text[..space], &text[space + 1..]))
}

/// RFC 5424 behind its version: `TIME HOST APP PROCID MSGID SD MSG`.
fn structured(text: &str) -> Option<Peeled<'_>> {
    let (time, rest) = text.split_once(' ')?;
    let time = (time != "-").then_some(time);
    if time.is_some_and(|time| parse_iso_like(time).is_none()) {
        return None;
    }
    fields(rest, time)
}

fn parse_iso_like(time: &str) -> Option<()> {
    (time.len() <= 40).then_some(())?;
    parse_iso(time.as_bytes()).map(drop)
}

fn fields<'a>(text: &'a str, time: Option<&'a str>) -> Option<Peeled<'a>> {
    let mut words = text.splitn(5, ' ');
    let (_host, _app) = (words.next()?, words.next()?);
    let process = words.next()?;
    let (_id, rest) = (words.next()?, words.next()?);
    if process != "-" && !process.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    Some(message(skip_data(rest)?, time))
}

/// `-`, or elements in brackets whose values may hold escaped quotes and brackets.
fn skip_data(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('-') {
        return (rest.is_empty() || rest.starts_with(' ')).then_some(rest);
    }
    let bytes = text.as_bytes();
    let (mut at, mut quoted) = (0, false);
    while bytes.get(at) == Some(&b'[') {
        loop {
            at += 1;
            match bytes.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then(|| text.get(at..))?
}

/// `[HOST] TAG[PID]: `; what follows.
fn split_tag(text: &str) -> Option<&str> {
    const TAG_BYTES_MAX: usize = 256;
    let mut rest = text;
    for _ in 0..2 {
        let head = &rest.as_bytes()[..rest.len().min(TAG_BYTES_MAX)];
        let end = memchr::memchr(b' ', head).unwrap_or(rest.len());
        let after = rest.get(end + 1..).unwrap_or_default();
        let word = rest.get(..end)?;
        if let Some(tag) = word.strip_suffix(':') {
            return is_tag(tag).then_some(after);
        }
        rest = after;
    }
    None
}

/// `nginx`, `postfix/smtpd`, `haproxy[8553]`, but no JSON and no address with a port.
fn is_tag(tag: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_./[]()@".contains(&b);
    !tag.is_empty() && tag.bytes().all(fits) && !is_level(tag)
}

/// A logger's own word behind its own time, no program's name.
fn is_level(tag: &str) -> bool {
    const LEVELS: [&str; 15] = [
        "trace",
        "trce",
        "debug",
        "dbug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "fail",
        "error",
        "err",
        "crit",
        "critical",
        "fatal",
    ];
    LEVELS.iter().any(|level| tag.eq_ignore_ascii_case(level))
}

/// Without a tag, the first word is the logger's host, unless it is already the caller's address of an access log.
fn split_host(text: &str) -> &str {
    let Some((host, rest)) = text.split_once(' ') else {
        return text;
    };
    let named = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    if named && !rest.starts_with("- ") {
        rest
    } else {
        text
    }
}

/// rsyslog writes control characters as `#011`, three octal digits.
fn undo_controls(text: &str) -> Cow<'_, str> {
    if memchr::memmem::find(text.as_bytes(), b"#0").is_none() {
        return Cow::Borrowed(text);
    }
    let mut undone = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("#0") {
        undone.push_str(&rest[..at]);
        let digits = rest.as_bytes().get(at + 2..at + 4).unwrap_or_default();
        if let [high @ b'0'..=b'3', low @ b'0'..=b'7'] = digits {
            undone.push(char::from((high - b'0') * 8 + (low - b'0')));
            rest = &rest[at + 4..];
        } else {
            undone.push_str("#0");
            rest = &rest[at + 2..];
        }
    }
    undone.push_str(rest);
    Cow::Owned(undone)
}
