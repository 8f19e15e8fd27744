//! Apache HttpClient 4 and 5 with the `headers` or `wire` logger on, or both: then every head is told twice.
//!
//! The connection's id pairs requests with answers. Of two loggers, the one that tells a message first is followed.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_request_line, status_line,
};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "apache_httpclient",
    aliases: &["java_httpclient_wire"],
    title: "Apache HttpClient 4 and 5, wire and headers logs",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "apache_httpclient",
            ts_kind: TsKind::End,
        };
        Box::new(Dialogue::new(voice, HttpClient, options))
    }),
    samples: &[
        (
            r#"2026/11/22 03:54:29:131 UTC [DEBUG] wire - http-outgoing-0 >> "POST /rest/email HTTP/1.1[\r][\n]"
2026/11/22 03:54:29:132 UTC [DEBUG] wire - http-outgoing-0 >> "Host: api.example.com[\r][\n]"
2026/11/22 03:54:29:142 UTC [DEBUG] wire - http-outgoing-0 << "HTTP/1.1 429 Too Many Requests[\r][\n]""#,
            Some(429),
        ),
        (
            r#"2026-11-22 03:54:29,131 DEBUG [main] o.a.h.c.h.headers http-outgoing-0000000001 >> GET /a HTTP/1.1
2026-11-22 03:54:29,131 DEBUG [main] o.a.h.c.h.wire http-outgoing-0000000001 << "end of stream""#,
            None,
        ),
    ],
};

const HEADERS: u8 = 1;
const WIRE: u8 = 2;

struct HttpClient;

impl Dialect for HttpClient {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(told) = Told::parse(line) else {
            return aside(line);
        };
        talk.find_time(line);
        match told.side {
            Some(Side::Request) => sent(&told, talk),
            Some(Side::Response) => received(&told, talk),
            None => closed(&told, talk),
        }
    }
}

/// One line about a connection.
struct Told<'l> {
    connection: &'l str,
    side: Option<Side>,
    text: &'l str,
    teller: u8,
    /// Of the wire: the line ended here, and not in the middle of a body.
    ended: bool,
}

impl<'l> Told<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        const NAME: &str = "http-outgoing-";
        let rest = &line[line.find(NAME)? + NAME.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (connection, rest) = rest.split_at(digits);
        let side = match rest.get(..4) {
            Some(" >> ") => Some(Side::Request),
            Some(" << ") => Some(Side::Response),
            _ => None,
        };
        let text = side.map_or(rest, |_| &rest[4..]);
        let quoted = text
            .strip_prefix('"')
            .map(|t| t.strip_suffix('"').unwrap_or(t));
        let teller = if quoted.is_some() { WIRE } else { HEADERS };
        let text = quoted.unwrap_or(text);
        let bare = text.strip_suffix("[\\n]").unwrap_or(text);
        Some(Self {
            connection,
            side,
            text: bare.strip_suffix("[\\r]").unwrap_or(bare),
            teller,
            ended: bare.len() < text.len(),
        })
    }
}

fn sent(told: &Told<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    if is_request_line(told.text) {
        let twice = talk.call(told.connection).is_some_and(|call| {
            !call.answered
                && call.tellers[0] != told.teller
                && told.text.contains(&*call.exchange.path)
        });
        if twice {
            return PART;
        }
        let call = talk.begin_line(told.connection, told.text);
        call.tellers[0] = told.teller;
        return match told.text.starts_with("CONNECT ") {
            true => PART,
            false => Parsed::Record(FORMAT.name),
        };
    }
    message(told, Side::Request, talk)
}

fn received(told: &Told<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    if let Some(status) = status_line(told.text) {
        let Some(call) = talk.call(told.connection) else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        if !call.answered {
            call.tellers[1] = told.teller;
            call.heads_ended[1] = false;
            talk.answer(told.connection, status);
        }
        return PART;
    }
    if told.teller == WIRE && is_failure(told.text) {
        unanswered(told, talk);
        return PART;
    }
    message(told, Side::Response, talk)
}

/// A header or a piece of the body; the `headers` logger tells no bodies.
fn message(told: &Told<'_>, side: Side, talk: &mut Talk<'_, '_>) -> Parsed {
    let Some(call) = talk.call(told.connection) else {
        return PART;
    };
    let followed = call.tellers[side as usize] == told.teller;
    if followed && told.teller == WIRE && told.ended && call.heads_ended[side as usize] {
        // A part of a form has headers of its own, which name its value.
        call.body(side, told.text);
        return PART;
    }
    call.heads_ended[side as usize] |= followed && told.ended && told.text.is_empty();
    let is_header = told.teller == HEADERS || told.ended;
    if is_header && (!followed || told.text.is_empty() || call.header(side, told.text)) {
        return PART;
    }
    if told.teller == WIRE {
        call.body(side, told.text);
    }
    PART
}

fn is_failure(text: &str) -> bool {
    text == "end of stream"
        || text.starts_with("[read] I/O error")
        || text.contains("Connection reset")
}

fn unanswered(told: &Told<'_>, talk: &mut Talk<'_, '_>) {
    if talk
        .call(told.connection)
        .is_some_and(|call| !call.answered)
    {
        talk.fail(told.connection, told.text);
    }
}

/// `http-outgoing-0: Close connection`
fn closed(told: &Told<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    let what = told.text.trim_start_matches([':', ' ']);
    let begins = |word: &str| {
        what.get(..word.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(word))
    };
    if begins("close connection") || begins("shutdown connection") {
        talk.fail_unanswered(told.connection, what);
    }
    PART
}

/// Other lines of the same library.
fn aside(line: &str) -> Parsed {
    const LOGGERS: [&str; 12] = [
        "MainClientExec",
        "HttpClientConnection",
        "ClientConnectionManager",
        "ClientConnectionOperator",
        "RequestAddCookies",
        "RequestAuthCache",
        "ResponseProcessCookies",
        "RetryExec",
        "RedirectExec",
        "ProtocolExec",
        "ConnectExec",
        "InternalHttpClient",
    ];
    let head = &line[..line.floor_char_boundary(160)];
    match LOGGERS.iter().any(|logger| head.contains(logger)) {
        true => PART,
        false => Parsed::Rejected(Rejected::NoFormatMatched),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::exchange::Exchange;
    use crate::read::engine::dialogue::tests::check;
    use crate::read::format::{Layout, Options, Place};

    #[test]
    fn parts_of_a_form_keep_their_names() {
        let wire = |text: &str| format!("DEBUG wire - http-outgoing-0 >> \"{text}[\\r][\\n]\"\n");
        let log: String = [
            "POST /v1/upload HTTP/1.1",
            "Host: api.example.com",
            "",
            "--B1",
            "Content-Disposition: form-data; name=\"cpf\"",
            "",
            "14579214480",
            "--B1--",
        ]
        .iter()
        .map(|text| wire(text))
        .collect();
        let answer = "DEBUG wire - http-outgoing-0 << \"HTTP/1.1 500 Oops[\\r][\\n]\"\n";
        let mut bodies = Vec::new();
        let mut found = |_: &'static str, attempts: &mut [Exchange<'_>]| {
            bodies.extend(
                attempts
                    .iter()
                    .map(|e| e.request_body.as_deref().map(str::to_owned)),
            );
        };
        let Layout::Sequence(build) = &super::FORMAT.layout else {
            panic!("no sequence");
        };
        let mut parser = build(&Options::default());
        for (line, number) in (log + answer).lines().zip(1..) {
            parser.line(
                line,
                Place {
                    offset: 0,
                    line: number,
                },
                &mut found,
            );
        }
        parser.finish(&mut found);
        let body = "--B1\nContent-Disposition: form-data; name=\"cpf\"\n\n14579214480\n--B1--";
        assert_eq!(bodies, [Some(body.to_owned())]);
    }

    #[test]
    fn interleaved_connections_keep_their_answers() {
        check(
            &super::FORMAT,
            "2026-11-22 03:54:29,100 DEBUG headers - http-outgoing-7 >> GET /slow HTTP/1.1\n\
             2026-11-22 03:54:29,100 DEBUG headers - http-outgoing-7 >> Host: a.example\n\
             2026-11-22 03:54:29,150 DEBUG headers - http-outgoing-8 >> GET /fast HTTP/1.1\n\
             2026-11-22 03:54:29,150 DEBUG headers - http-outgoing-8 >> Host: b.example:8443\n\
             2026-11-22 03:54:29,200 DEBUG headers - http-outgoing-8 << HTTP/1.1 429 Too Many Requests\n\
             2026-11-22 03:54:29,200 DEBUG headers - http-outgoing-8 << Retry-After: 3\n\
             2026-11-22 03:54:29,900 DEBUG headers - http-outgoing-7 << HTTP/1.1 200 OK\n",
            &[
                "200 GET a.example/slow 2026-11-22T03:54:29.900Z",
                "429 GET b.example/fast 2026-11-22T03:54:29.200Z",
            ],
        );
    }

    #[test]
    fn a_connection_that_breaks_gives_no_answer_and_a_retry_is_another_call() {
        check(
            &super::FORMAT,
            "03:54:29.100 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-0 >> POST /x HTTP/1.1\n\
             03:54:29.100 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-0 >> Host: a.example\n\
             03:54:30.100 [main] DEBUG org.apache.hc.client5.http.wire - http-outgoing-0 << \"[read] I/O error: Read timed out\"\n\
             03:54:30.200 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-1 >> POST /x HTTP/1.1\n\
             03:54:30.200 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-1 >> Host: a.example\n\
             03:54:30.300 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-1 << HTTP/1.1 201 Created\n\
             03:54:30.300 [main] DEBUG org.apache.hc.client5.http.headers - http-outgoing-1 << Date: Sun, 22 Nov 2026 03:54:30 GMT\n\
             03:54:31.300 [main] DEBUG org.apache.hc.client5.http.wire - http-outgoing-1 << \"[read] I/O error: Read timed out\"\n",
            &[
                "none POST a.example/x 2026-11-22T03:54:30.100Z",
                "201 POST a.example/x 2026-11-22T03:54:30.300Z",
            ],
        );
    }
}
