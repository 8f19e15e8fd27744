//! What Python's `http.client` prints at `debuglevel=1`: bytes that were sent as literals, the reply line, headers.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_request_line, status_line,
};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "python_http_client",
    aliases: &["http_client_debug"],
    title: "Python http.client with debuglevel=1 (requests, urllib)",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "python_http_client",
            ts_kind: TsKind::End,
        };
        Box::new(Dialogue::new(voice, HttpClient, options))
    }),
    samples: &[
        (
            r"send: b'POST /v1/charges HTTP/1.1\r\nHost: api.example.com\r\n\r\n{}'
reply: 'HTTP/1.1 429 Too Many Requests\r\n'
header: Retry-After: 2",
            Some(429),
        ),
        (
            r"send: b'GET /v1/balance HTTP/1.1\r\nHost: api.example.com\r\n\r\n'
reply: ''",
            None,
        ),
    ],
};

/// One connection is told at a time.
const KEY: &str = "";

struct HttpClient;

impl Dialect for HttpClient {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some(literal) = after(line, "send: ") {
            talk.find_time(line);
            return sent(&unquoted(literal), talk);
        }
        if let Some(literal) = after(line, "reply: ") {
            talk.find_time(line);
            return replied(&unquoted(literal), talk);
        }
        if let Some(header) = after(line, "header: ")
            && let Some(call) = talk.call(KEY)
        {
            call.header(Side::Response, header);
            return PART;
        }
        Parsed::Rejected(Rejected::NoFormatMatched)
    }
}

/// The text behind a label that stands in front or behind what a logger put there.
fn after<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    const PREFIX_BYTES_MAX: usize = 100;
    let head = &line[..line.floor_char_boundary(PREFIX_BYTES_MAX)];
    let at = head.find(label)?;
    let alone = at == 0 || head[..at].ends_with([' ', ':', ']', '|']);
    alone.then(|| &line[at + label.len()..])
}

fn sent(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    if !is_request_line(first) {
        if let Some(call) = talk.call(KEY).filter(|call| !call.answered) {
            call.body(Side::Request, text);
            return PART;
        }
        return Parsed::Rejected(Rejected::NoRequest);
    }
    let call = talk.begin_line(KEY, first);
    for line in lines {
        call.header(Side::Request, line);
    }
    if !body.is_empty() {
        call.body(Side::Request, body);
    }
    if first.starts_with("CONNECT ") {
        return PART;
    }
    Parsed::Record(FORMAT.name)
}

fn replied(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let known = match status_line(text.trim_end()) {
        Some(status) => talk.answer(KEY, status),
        None => talk.fail(KEY, "no status line"),
    };
    match known {
        true => PART,
        false => Parsed::Rejected(Rejected::NoRequest),
    }
}

/// The text of a Python literal of bytes or text.
fn unquoted(literal: &str) -> String {
    let literal = literal.strip_prefix('b').unwrap_or(literal);
    let quote = literal.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let inner = match quote {
        Some(quote) => {
            let inner = &literal[1..];
            inner.strip_suffix(quote).unwrap_or(inner)
        }
        None => literal,
    };
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else {
            break;
        };
        let hex = rest.get(1..3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (escape, hex) {
            ('r', _) => text.push('\r'),
            ('n', _) => text.push('\n'),
            ('t', _) => text.push('\t'),
            ('x', Some(byte)) => {
                text.push(char::from(byte));
                rest = &rest[2..];
            }
            _ => text.push(escape),
        }
        rest = &rest[escape.len_utf8()..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn literals() {
        assert_eq!(unquoted(r"b'a\r\n\x41\'\\'"), "a\r\nA'\\");
        assert_eq!(unquoted(r#"b"it's""#), "it's");
        assert_eq!(unquoted(r"'\"), "");
        assert_eq!(unquoted(r"b'\xé\x4'"), "xéx4");
        assert_eq!(unquoted(""), "");
    }

    #[test]
    fn body_sends_belong_to_the_request_before() {
        check(
            &super::FORMAT,
            "send: b'POST /v1/charges HTTP/1.1\\r\\nHost: api.example.com\\r\\nContent-Length: 7\\r\\n\\r\\n'\n\
             send: b'{\"a\":1}'\n\
             reply: 'HTTP/1.1 100 Continue\\r\\n'\n\
             reply: 'HTTP/1.1 200 OK\\r\\n'\n\
             header: Date: Sun, 22 Nov 2026 03:51:46 GMT\n\
             header: Content-Length: 58\n\
             send: b'GET /v1/x HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n'\n\
             reply: 'HTTP/1.1 503 Service Unavailable\\r\\n'\n",
            &[
                "200 POST api.example.com/v1/charges 2026-11-22T03:51:46Z",
                "503 GET other.example/v1/x untimed",
            ],
        );
    }

    #[test]
    fn the_answer_to_a_tunnel_is_not_printed() {
        check(
            &super::FORMAT,
            "send: b'CONNECT api.example.com:443 HTTP/1.1\\r\\nHost: api.example.com:443\\r\\n\\r\\n'\n\
             send: b'GET /v1/x HTTP/1.1\\r\\nHost: api.example.com\\r\\n\\r\\n'\n\
             reply: 'HTTP/1.1 200 OK\\r\\n'\n",
            &["200 GET api.example.com/v1/x untimed"],
        );
    }

    #[test]
    fn through_a_logger_each_line_has_its_time() {
        check(
            &super::FORMAT,
            "2026-11-22 03:51:46,100 DEBUG http.client: send: b'GET /a HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n'\n\
             2026-11-22 03:51:46,350 DEBUG http.client: reply: 'HTTP/1.1 429 Too Many Requests\\r\\n'\n\
             2026-11-22 03:51:46,351 DEBUG http.client: header: Retry-After: 5\n",
            &["429 GET a.example/a 2026-11-22T03:51:46.350Z"],
        );
    }
}
