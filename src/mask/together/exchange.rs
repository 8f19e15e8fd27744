//! One exchange of a transcript: a request, its answer and their bodies, as curl, http.client, Apache HttpClient, OkHttp
//! and raw dumps write them.
//!
//! What the request named, the answer may echo, so an exchange is one record although it takes many lines.

use std::ops::Range;

use memchr::memmem;

use crate::mask::together::document::{Document, Step};
use crate::mask::together::record::{begins_record, is_whole_object};

/// More lines than this, documents aside, are no single exchange.
const LINES_MAX: usize = 2_000;
const METHOD_BYTES_MAX: usize = 16;

/// What a line says by its dress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    RequestLine,
    Request,
    ResponseLine,
    Response,
    /// What curl tells of itself.
    Aside,
    /// Nothing: part of a body, if anything.
    Bare,
}

#[derive(Default)]
pub(crate) struct Exchange {
    lines: usize,
    requested: bool,
    answered: bool,
    /// A record on a line of its own was the body; another one is the next record.
    told: bool,
    document: Option<Document>,
    /// The connection that a wire log names: `http-outgoing-0`.
    connection: Vec<u8>,
}

impl Exchange {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let begins = match said(line) {
            Said::RequestLine | Said::ResponseLine => true,
            Said::Request | Said::Response => {
                let inside = &line[payload(line)];
                is_header(inside) || Document::begun_by(inside).is_some()
            }
            Said::Aside => is_first_aside(line),
            Said::Bare => false,
        };
        let mut exchange = Self {
            connection: connection(line).unwrap_or_default().to_vec(),
            ..Self::default()
        };
        begins.then(|| {
            exchange.take(line);
            exchange
        })
    }

    /// Whether it may be cut here: no document is open in it.
    pub(super) fn may_pause(&self) -> bool {
        self.document.is_none()
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        let inside = &line[payload(line)];
        match self.document.as_mut().map(|document| document.take(inside)) {
            Some(Step::On) => return Step::On,
            Some(Step::Ends) => {
                self.document = None;
                return Step::On;
            }
            Some(Step::Apart) | None => self.document = None,
        }
        let said = said(line);
        if self.lines > LINES_MAX || self.is_next(said, line) {
            return Step::Apart;
        }
        match said {
            Said::RequestLine | Said::Request => self.requested = true,
            Said::ResponseLine | Said::Response => {
                self.told &= self.answered;
                self.answered = true;
            }
            Said::Aside => {}
            Said::Bare => self.told |= is_whole_object(line),
        }
        if said != Said::Aside {
            self.document = Document::begun_by(inside);
        }
        Step::On
    }

    fn is_next(&self, said: Said, line: &[u8]) -> bool {
        match said {
            Said::RequestLine => self.requested || self.answered,
            Said::Request => self.answered,
            Said::ResponseLine => self.answered && !self.requested,
            Said::Response => false,
            Said::Aside => self.answered && is_first_aside(line),
            Said::Bare if is_whole_object(line) => self.told,
            Said::Bare => begins_record(line) && !self.is_told_of(line),
        }
    }

    /// Whether a line tells of the same connection.
    fn is_told_of(&self, line: &[u8]) -> bool {
        !self.connection.is_empty() && memmem::find(line, &self.connection).is_some()
    }
}

/// The part of a line that was sent or received; all of it where there is no dress.
pub(crate) fn payload(line: &[u8]) -> Range<usize> {
    let end = line.trim_ascii_end().len();
    match line.first() {
        Some(b'<' | b'>') if matches!(line.get(1), Some(b' ' | b'\r' | b'\n') | None) => {
            2.min(line.len())..line.len()
        }
        _ => wire(&line[..end]).map_or(0..line.len(), |(_, inside)| inside),
    }
}

/// `… http-outgoing-0 >> "GET / HTTP/1.1[\r][\n]"`: whether it was sent, and what.
fn wire(line: &[u8]) -> Option<(bool, Range<usize>)> {
    let inside = line.strip_suffix(b"\"")?;
    let sign = memmem::find(inside, b">> \"").or_else(|| memmem::find(inside, b"<< \""))?;
    let inside = inside.strip_suffix(b"[\\n]").unwrap_or(inside);
    let inside = inside.strip_suffix(b"[\\r]").unwrap_or(inside);
    let start = sign + b">> \"".len();
    (start <= inside.len()).then(|| (line[sign] == b'>', start..inside.len()))
}

/// The word in front of what was sent or received, if it has a number.
fn connection(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_end();
    let inside = wire(line)?.1;
    let before = line[..inside.start - b">> \"".len()].trim_ascii_end();
    let word = before.rsplit(|b| *b == b' ').next()?;
    let numbered = word.last().is_some_and(u8::is_ascii_digit) && word.contains(&b'-');
    numbered.then_some(word)
}

fn said(line: &[u8]) -> Said {
    let of = |request: bool, text: &[u8]| match request {
        true if is_request_line(text) => Said::RequestLine,
        true => Said::Request,
        false if is_status_line(text) => Said::ResponseLine,
        false => Said::Response,
    };
    let line = line.trim_ascii_end();
    match line {
        [b'>'] | [b'>', b' ', ..] => of(true, line[1..].trim_ascii_start()),
        [b'<'] | [b'<', b' ', ..] => of(false, line[1..].trim_ascii_start()),
        [b'*', b' ', ..] | [b'{' | b'}', b' ', b'[', ..] => Said::Aside,
        [b'$', b' ', b'c', b'u', b'r', b'l', b' ', ..] => Said::RequestLine,
        [b's', b'e', b'n', b'd', b':', b' ', rest @ ..] => {
            let bytes = rest.strip_prefix(b"b").unwrap_or(rest);
            of(true, bytes.get(1..).unwrap_or_default())
        }
        [b'r', b'e', b'p', b'l', b'y', b':', b' ', ..] => Said::ResponseLine,
        [b'h', b'e', b'a', b'd', b'e', b'r', b':', b' ', ..] => Said::Response,
        [b'-', b'-', b'>', b' ', b'E', b'N', b'D', ..] => Said::Request,
        [b'-', b'-', b'>', b' ', ..] => Said::RequestLine,
        [b'<', b'-', b'-', b' ', b'E', b'N', b'D', ..] => Said::Response,
        [b'<', b'-', b'-', b' ', ..] => Said::ResponseLine,
        [b'H', b'T', b'T', b'P', b'/', ..] if is_status_line(line) => Said::ResponseLine,
        [b'A'..=b'Z', ..] if is_request_line(line) => Said::RequestLine,
        _ => wire(line).map_or(Said::Bare, |(sent, inside)| of(sent, &line[inside])),
    }
}

/// `POST /x HTTP/1.1`
fn is_request_line(text: &[u8]) -> bool {
    let method = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let rest = &text[method..];
    (3..=METHOD_BYTES_MAX).contains(&method)
        && rest.starts_with(b" ")
        && memmem::find(&rest[1..], b" HTTP/")
            .is_some_and(|target| !rest[1..=target].contains(&b' '))
}

/// `HTTP/1.1 401 Unauthorized`
fn is_status_line(text: &[u8]) -> bool {
    let version = text
        .strip_prefix(b"HTTP/")
        .map(|rest| rest.splitn(2, |b| *b == b' '));
    let status = version.and_then(|mut parts| parts.nth(1));
    status.is_some_and(|status| status.iter().take_while(|b| b.is_ascii_digit()).count() == 3)
}

/// `Name: value`, or the empty line behind the last one.
fn is_header(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let name = text
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
        .count();
    text.is_empty() || name > 0 && text.get(name) == Some(&b':')
}

/// What curl says before it sends a request.
fn is_first_aside(line: &[u8]) -> bool {
    const FIRST: [&[u8]; 7] = [
        b"Trying ",
        b"Connected to ",
        b"Host ",
        b"Server auth ",
        b"Re-using ",
        b"Found bundle ",
        b"Uses proxy ",
    ];
    let told = line.get(2..).unwrap_or_default().trim_ascii_start();
    line.starts_with(b"* ") && FIRST.iter().any(|first| told.starts_with(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many lines of a text belong to the exchange that its first line begins.
    fn taken(text: &str) -> usize {
        let mut lines = text.lines();
        let mut exchange =
            Exchange::begun_by(lines.next().unwrap_or_default().as_bytes()).expect(text);
        1 + lines
            .take_while(|line| exchange.take(line.as_bytes()) == Step::On)
            .count()
    }

    #[test]
    fn an_exchange_ends_where_the_next_record_begins() {
        let curl = "* Connected to a\n> POST /x HTTP/1.1\n> A: b\n> \n{\"a\":1}\n* note\n< HTTP/1.1 401 No\n< \n{\"e\":1}\n";
        let raw = "POST /x HTTP/1.1\nA: b\n\na=1\nHTTP/1.1 200 OK\n\n{\n \"a\": 1\n}\n\n";
        let python =
            "send: b'GET / HTTP/1.1\\r\\n\\r\\n'\nreply: 'HTTP/1.1 200 OK\\r\\n'\nheader: A: b\n";
        let wire = "1 >> \"GET / HTTP/1.1[\\r][\\n]\"\n1 >> \"[\\r][\\n]\"\n1 << \"HTTP/1.1 200 OK[\\r][\\n]\"\n";
        let okhttp = "--> GET https://a/x\nA: b\n--> END GET\n<-- 200 https://a/x (1ms)\n{\"a\":1}\n<-- END HTTP (7-byte body)\n";
        let named = "2026-11-22 03:51:45 DEBUG http-outgoing-7 >> \"GET / HTTP/1.1[\\r][\\n]\"\n2026-11-22 03:51:45 DEBUG http-outgoing-7 is shut down\n";
        for exchange in [curl, raw, python, wire, okhttp, named] {
            let lines = exchange.lines().count();
            assert_eq!(taken(exchange), lines, "{exchange}");
            for next in [
                "2026-11-22 03:51:45 INFO x",
                "> GET / HTTP/1.1",
                "GET / HTTP/1.1",
                "--> GET /",
            ] {
                assert_eq!(
                    taken(&format!("{exchange}{next}\nx")),
                    lines,
                    "{exchange}{next}"
                );
            }
        }
        assert_eq!(taken(&format!("{curl}{{\"e\":2}}")), curl.lines().count());
    }

    #[test]
    fn other_lines_begin_none() {
        for line in [
            "> said he",
            "* a point",
            "POST is a word",
            "HTTP/1.1",
            "send money",
            "",
            "<a>",
            "x >> y",
        ] {
            assert!(Exchange::begun_by(line.as_bytes()).is_none(), "{line}");
        }
    }
}
