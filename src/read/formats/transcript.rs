//! Requests and answers as they go over the wire, saved as text: HTTPie `-v`, bundles for a vendor's support, Guzzle's
//! debug template, response files of editors. Rules, labels and times may stand between them.
//!
//! A head line always begins a message, because bodies are often shortened or set anew and their told length is wrong
//! then. Only a body that itself holds messages (`multipart/*`, `application/http`) is taken by its length or boundary.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_request_line, split_header, status_line,
};
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "http_transcript",
    aliases: &["httpie", "raw_http"],
    title: "raw HTTP requests and responses (HTTPie -v, support bundles)",
    specificity: 20,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "http_transcript",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Transcript::default(), options))
    }),
    samples: &[
        (
            "POST /rest/email HTTP/1.1\nHost: api.example.com\nAuthorization: ***\n\nHTTP/1.1 429 Too Many Requests\nDate: Sun, 22 Nov 2026 03:51:46 GMT\n\n{\"errorCode\":\"API_LIMIT_EXCEEDED\"}",
            Some(429),
        ),
        (
            "GET /v1/x HTTP/1.1\nHost: api.example.com\n\nResponse:\nHTTP/2 503\n",
            Some(503),
        ),
    ],
};

/// One exchange is told at a time; before its answer it may wait under this key.
const KEY: &str = "";

/// Requests without answers that came before any answer. A file of requests alone (`.http`) has no failed calls.
const WAITING: &str = "waiting";

/// Lines of a message's body that are taken without a head line after it: a log that goes on is no body.
const BODY_LINES_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Between,
    Head(Side),
    Body(Side),
}

#[derive(Default)]
struct Transcript {
    part: Part,
    /// Told between messages, for the next request.
    stamp: Stamp,
    /// Any answer yet.
    answers: bool,
    /// Bytes of the body that are still to come, where a length was told.
    left: Option<usize>,
    /// The line that ends a body of several parts.
    boundary: Option<String>,
    lines: usize,
}

impl Dialect for Transcript {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let nested = matches!(self.part, Part::Body(_)) && self.boundary.is_some();
        if !nested && is_request_line(line) {
            return self.request(line, talk);
        }
        if !nested && let Some(status) = status_line(line) {
            return self.answer(status, talk);
        }
        match self.part {
            Part::Between => self.between(line, talk),
            Part::Head(side) => self.head(side, line, talk),
            Part::Body(side) => self.body(side, line, talk),
        }
    }

    fn finish(&mut self, talk: &mut Talk<'_, '_>) {
        if !self.answers {
            talk.forget(WAITING);
            talk.forget(KEY);
        }
    }
}

impl Transcript {
    fn request(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if !self.answers
            && let Some(unanswered) = talk.call(KEY)
        {
            unanswered.key = WAITING.into();
        }
        talk.stamp = std::mem::take(&mut self.stamp);
        talk.begin_line(KEY, line.trim_end());
        self.enter(Part::Head(Side::Request));
        match line.starts_with("CONNECT ") {
            true => PART,
            false => Parsed::Record(FORMAT.name),
        }
    }

    fn answer(&mut self, status: u16, talk: &mut Talk<'_, '_>) -> Parsed {
        talk.stamp = std::mem::take(&mut self.stamp);
        self.enter(Part::Head(Side::Response));
        if talk.call(KEY).is_none_or(|call| call.answered) {
            // An answer whose request was not saved tells of no call that could be named.
            talk.end(KEY);
            return Parsed::Rejected(Rejected::NoRequest);
        }
        talk.answer(KEY, status);
        self.answers = true;
        PART
    }

    fn enter(&mut self, part: Part) {
        self.part = part;
        self.left = None;
        self.boundary = None;
        self.lines = 0;
    }

    fn head(&mut self, side: Side, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if line.trim().is_empty() {
            self.begin_body(side, talk);
            return PART;
        }
        if is_separator(line) {
            return self.between(line, talk);
        }
        if split_header(line).is_some() {
            if let Some(call) = talk.call(KEY) {
                call.header(side, line);
            }
            return PART;
        }
        // A folded header, or a body without the blank line before it.
        if line.starts_with([' ', '\t']) {
            return PART;
        }
        self.begin_body(side, talk);
        self.body(side, line, talk)
    }

    fn begin_body(&mut self, side: Side, talk: &mut Talk<'_, '_>) {
        self.enter(Part::Body(side));
        let Some(call) = talk.call(KEY) else { return };
        let kind = call.header_value(side, "content-type").unwrap_or_default();
        let lower = kind.to_ascii_lowercase();
        if let Some(at) = lower
            .find("boundary=")
            .filter(|_| lower.starts_with("multipart/"))
        {
            let boundary = kind[at + 9..].split(';').next().unwrap_or_default();
            self.boundary = Some(format!("--{}--", boundary.trim().trim_matches('"')));
        } else if lower.starts_with("application/http") || lower.starts_with("message/http") {
            self.boundary = Some(String::new());
        }
        self.left = call
            .header_value(side, "content-length")
            .and_then(|length| length.trim().parse().ok());
        if self.boundary.as_deref() == Some("") && self.left.is_none() {
            self.boundary = None;
        }
    }

    fn body(&mut self, side: Side, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        self.lines += 1;
        if self.lines > BODY_LINES_MAX {
            self.enter(Part::Between);
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        if self.boundary.is_none() && is_separator(line) {
            return self.between(line, talk);
        }
        if let Some(call) = talk.call(KEY)
            && !(line.is_empty() && call.exchange.response_body.is_none())
        {
            call.body(side, line);
        }
        let left = self.left.map(|left| left.saturating_sub(line.len() + 1));
        if left == Some(0) || self.boundary.as_deref() == Some(line.trim_end()) {
            self.enter(Part::Between);
            return PART;
        }
        self.left = left;
        PART
    }

    /// Rules, labels and times.
    fn between(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let stamp = find_stamp(line, talk.zone());
        if stamp.is_told() {
            self.stamp = stamp;
        }
        let separator = is_separator(line);
        if separator {
            self.enter(Part::Between);
        }
        // What stands behind a body is another log's, or the rest of a body whose length was wrong.
        match separator || line.trim().is_empty() {
            true => PART,
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }
}

/// A rule (`-----`, `>>>>>>>>`), or a label with or without a time beside it: `=== Response 2026-11-22T03:51:46Z ===`.
fn is_separator(line: &str) -> bool {
    const LABEL_BYTES_MAX: usize = 120;
    let line = line.trim();
    if line.len() < 3 || line.len() > LABEL_BYTES_MAX {
        return false;
    }
    let bare = line.trim_matches(|c: char| "-=#*<>~_+[] ".contains(c));
    if bare.is_empty() {
        // A rule is one sign again and again; `[]` and `{}` are bodies.
        let first = line.as_bytes()[0];
        return "-=#*<>~_+".contains(char::from(first))
            && line.bytes().all(|b| b == first || b == b' ');
    }
    let ruled = bare.len() + 4 <= line.len();
    let lower = bare.to_ascii_lowercase();
    let label = ["request", "response"]
        .iter()
        .any(|word| lower.contains(word));
    label && (ruled || lower.ends_with(':') || lower.split(' ').count() <= 2)
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::{check, read};

    #[test]
    fn httpie_prints_bodies_anew() {
        check(
            &super::FORMAT,
            "POST /v1/charges HTTP/1.1\nAccept: application/json, */*;q=0.5\nConnection: keep-alive\nContent-Length: 17\nHost: api.example.com\nUser-Agent: HTTPie/3.2.2\n\n\
             {\n    \"amount\": 5\n}\n\n\n\
             HTTP/1.1 402 Payment Required\nContent-Length: 14\nContent-Type: application/json\nDate: Sun, 22 Nov 2026 03:51:46 GMT\n\n\
             {\n    \"error\": {\n        \"code\": \"card_declined\"\n    }\n}\n\n\n\
             GET /v1/charges HTTP/1.1\nHost: api.example.com\n\n\n\n\
             HTTP/1.1 429 Too Many Requests\nRetry-After: 3\n\n\n",
            &[
                "402 POST api.example.com/v1/charges 2026-11-22T03:51:46Z",
                "429 GET api.example.com/v1/charges untimed",
            ],
        );
    }

    #[test]
    fn support_bundles_have_labels_rules_and_times() {
        check(
            &super::FORMAT,
            "Support bundle for case 4711\n\
             ==================== Request 2026-11-22T03:51:46.069Z ====================\n\
             POST https://api.example.com/services/Soap/u/58.0 HTTP/1.1\nContent-Type: text/xml\n\n<soap:Envelope/>\n\
             ==================== Response 2026-11-22T03:51:47.569Z ====================\n\
             HTTP/1.1 500 Internal Server Error\nContent-Type: text/xml\n\n<faultcode>REQUEST_LIMIT_EXCEEDED</faultcode>\n\
             --------------------------------------------------------------------------\n\
             Request:\nGET /ping HTTP/1.1\nHost: api.example.com\n\nResponse:\nHTTP/1.1 204 No Content\n\n",
            &[
                "500 POST api.example.com/services/Soap/u/58.0 2026-11-22T03:51:46.069Z",
                "204 GET api.example.com/ping untimed",
            ],
        );
    }

    #[test]
    fn guzzle_debug_template() {
        check(
            &super::FORMAT,
            ">>>>>>>>\nGET /v1/x HTTP/1.1\r\nHost: api.example.com\r\n\r\n\n<<<<<<<<\nHTTP/1.1 503 Service Unavailable\r\nRetry-After: 9\r\n\r\n{}\n--------\nNULL\n\
             >>>>>>>>\nGET /v1/y HTTP/1.1\r\nHost: api.example.com\r\n\r\n\n<<<<<<<<\nNULL\n--------\ncURL error 28: Operation timed out\n",
            &[
                "503 GET api.example.com/v1/x untimed",
                "none GET api.example.com/v1/y untimed",
            ],
        );
    }

    #[test]
    fn messages_inside_a_batch_are_no_calls_of_their_own() {
        check(
            &super::FORMAT,
            "POST /batch HTTP/1.1\nHost: api.example.com\nContent-Type: multipart/mixed; boundary=\"b1\"\n\n\
             --b1\nContent-Type: application/http\n\nGET /v1/a HTTP/1.1\n\n--b1--\n\n\
             HTTP/1.1 200 OK\nContent-Type: multipart/mixed; boundary=b2\n\n\
             --b2\nContent-Type: application/http\n\nHTTP/1.1 429 Too Many Requests\n\n{}\n--b2--\n\
             GET /after HTTP/1.1\nHost: api.example.com\n\nHTTP/1.1 200 OK\n\n",
            &[
                "200 POST api.example.com/batch untimed",
                "200 GET api.example.com/after untimed",
            ],
        );
    }

    #[test]
    fn requests_alone_are_no_failed_calls() {
        check(
            &super::FORMAT,
            "### first\nGET https://api.example.com/a HTTP/1.1\n\n### second\nGET https://api.example.com/b HTTP/1.1\n\n",
            &[],
        );
        check(
            &super::FORMAT,
            "GET https://api.example.com/a HTTP/1.1\n\nGET https://api.example.com/b HTTP/1.1\n\nHTTP/1.1 200 OK\n",
            &[
                "none GET api.example.com/a untimed",
                "200 GET api.example.com/b untimed",
            ],
        );
    }

    #[test]
    fn hostile_lines_are_read_over() {
        for line in [
            "",
            "é",
            "---",
            "HTTP/1.1 200",
            "a:b",
            ": x",
            "Content-Type: multipart/x; boundary=",
        ] {
            read(
                &super::FORMAT,
                &format!(
                    "{line}\nGET / HTTP/1.1\n{line}\n\n{line}\nHTTP/1.1 200 OK\n{line}\n\n{line}\n"
                ),
            );
        }
    }
}
