//! .NET's HttpClient through its logging handlers (event ids 100 to 105): `Sending HTTP request …` and `Received HTTP
//! response headers after …` for each attempt, inside `Start processing …` and `End processing …` of the call.
//!
//! Only the first pair is counted where it is there. Calls of one client overlap and the answer names no URL, so the
//! attempt that waits longest is taken to be answered first.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Call, Dialect, Dialogue, PART, Talk, Voice, is_method, leading_status,
};
use crate::read::engine::draft::parse_duration_ms;
use crate::read::engine::field::Unit;
use crate::read::engine::json::Json;
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "dotnet_httpclient",
    aliases: &[],
    title: ".NET HttpClient (System.Net.Http.HttpClient) logs",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "dotnet_httpclient",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, DotNet::default(), options))
    }),
    samples: &[
        (
            "info: System.Net.Http.HttpClient.sfmc.ClientHandler[100]\n      Sending HTTP request POST https://api.example.com/v1/x\ninfo: System.Net.Http.HttpClient.sfmc.ClientHandler[101]\n      Received HTTP response headers after 12.3ms - 429",
            Some(429),
        ),
        (
            "2026-11-22 03:51:46.069 info: System.Net.Http.HttpClient.sfmc.LogicalHandler[100] Start processing HTTP request GET https://api.example.com/v1/x\n2026-11-22 03:51:46.169 info: System.Net.Http.HttpClient.sfmc.LogicalHandler[101] End processing HTTP request after 99.1ms - 503",
            Some(503),
        ),
        (
            r#"{"EventId":100,"LogLevel":"Information","Category":"System.Net.Http.HttpClient.sfmc.ClientHandler","Message":"Sending HTTP request POST https://api.example.com/v1/x","State":{"HttpMethod":"POST","Uri":"https://api.example.com/v1/x"},"Timestamp":"2026-11-22T03:51:46Z"}
{"EventId":101,"LogLevel":"Information","Category":"System.Net.Http.HttpClient.sfmc.ClientHandler","Message":"Received HTTP response headers after 12.3ms - 429","State":{"ElapsedMilliseconds":12.3,"StatusCode":429},"Timestamp":"2026-11-22T03:51:46Z"}"#,
            Some(429),
        ),
    ],
};

/// Marks a call that only its outer handler has told of so far.
const OUTER: u8 = 1;

#[derive(Default)]
struct DotNet {
    /// The client that the line before named, and its time: the message may stand in a line of its own.
    client: String,
    stamp: Stamp,
}

impl Dialect for DotNet {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        match line.starts_with('{') {
            true => match of_json(line) {
                Some(text) => self.text(&text, talk),
                None => Parsed::Rejected(Rejected::NoFormatMatched),
            },
            false => self.text(line, talk),
        }
    }
}

/// What the JSON console logger writes, as the plain one would.
fn of_json(line: &str) -> Option<String> {
    memchr::memmem::find(line.as_bytes(), LOGGER.as_bytes())?;
    let value = Json::parse(line).ok()?;
    let member = |name: &str| value.get(name).and_then(Json::scalar);
    let category = member("Category").filter(|name| name.starts_with(LOGGER))?;
    let time = member("Timestamp").unwrap_or_default();
    Some(format!("{time} {category} {}", member("Message")?))
}

impl DotNet {
    fn text(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let named = client(line);
        if let Some(name) = named {
            self.client.clear();
            self.client.push_str(name);
            self.stamp = find_stamp(line, talk.zone());
        }
        let Some((at, what)) = What::find(line) else {
            return match named {
                Some(_) => PART,
                None => Parsed::Rejected(Rejected::NoFormatMatched),
            };
        };
        talk.find_time(&line[..at]);
        if !talk.stamp.is_told() {
            talk.stamp = self.stamp;
        }
        let text = &line[at + what.words().len()..];
        match what {
            What::Start | What::Sending => self.begin(what, text, talk),
            What::Received | What::End => self.answer(what, text, talk),
            What::Failed => self.fail(text, talk),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Start,
    Sending,
    Received,
    End,
    Failed,
}

impl What {
    const ALL: [Self; 5] = [
        Self::Start,
        Self::Sending,
        Self::Received,
        Self::End,
        Self::Failed,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Start => "Start processing HTTP request ",
            Self::Sending => "Sending HTTP request ",
            Self::Received => "Received HTTP response headers after ",
            Self::End => "End processing HTTP request after ",
            Self::Failed => "HTTP request failed after ",
        }
    }

    fn find(line: &str) -> Option<(usize, Self)> {
        if !line.contains("HTTP re") {
            return None;
        }
        Self::ALL
            .into_iter()
            .find_map(|what| Some((line.find(what.words())?, what)))
    }
}

/// What the names of its loggers begin with.
const LOGGER: &str = "System.Net.Http.HttpClient.";

/// `sfmc` of `System.Net.Http.HttpClient.sfmc.ClientHandler`.
fn client(line: &str) -> Option<&str> {
    let rest = &line[line.find(LOGGER)? + LOGGER.len()..];
    let end = [".ClientHandler", ".LogicalHandler"]
        .iter()
        .find_map(|handler| rest.find(handler))?;
    Some(&rest[..end])
}

impl DotNet {
    /// `POST https://…`, quoted by some loggers.
    fn begin(&self, what: What, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let mut words = text.split(' ').map(|word| word.trim_matches('"'));
        let (method, url) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        if !is_method(method) || url.is_empty() {
            return Parsed::Rejected(Rejected::NoRequest);
        }
        let key = &self.client;
        if what == What::Sending {
            let url_path = url.split('?').next().unwrap_or_default();
            let told = |call: &Call| {
                *call.key == **key
                    && call.tellers[0] == OUTER
                    && url_path.ends_with(&*call.exchange.path)
            };
            if let Some(call) = talk.find(told) {
                call.tellers[0] = 0;
                return PART;
            }
        }
        let call = talk.begin_beside(key, method, url);
        call.tellers[0] = if what == What::Start { OUTER } else { 0 };
        Parsed::Record(FORMAT.name)
    }

    /// `12.3ms - 429`
    fn answer(&self, what: What, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some((ms, status)) = text.split_once(" - ") else {
            return Parsed::Rejected(Rejected::BadStatus);
        };
        let Some(status) = leading_status(status).or_else(|| named_status(status)) else {
            return Parsed::Rejected(Rejected::BadStatus);
        };
        let teller = if what == What::End { OUTER } else { 0 };
        if !self.waiting(teller, talk, |call| {
            call.exchange.duration_ms = parse_duration_ms(ms, Unit::Millis)
        }) {
            // The end of a call whose attempts were told.
            return match what {
                What::End => PART,
                _ => Parsed::Rejected(Rejected::NoRequest),
            };
        }
        talk.answer(ANSWERED, status);
        talk.end(ANSWERED);
        PART
    }

    fn fail(&self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let ms = text
            .split(' ')
            .next()
            .unwrap_or_default()
            .trim_end_matches('.');
        let found = self.waiting(0, talk, |call| {
            call.exchange.duration_ms = parse_duration_ms(ms, Unit::Millis)
        }) || self.waiting(OUTER, talk, |_| {});
        match found {
            true => talk.fail(ANSWERED, "HTTP request failed"),
            // The outer handler repeats it.
            false => false,
        };
        PART
    }

    /// Gives the call that waits longest the key of the one that is answered.
    fn waiting(&self, teller: u8, talk: &mut Talk<'_, '_>, change: impl Fn(&mut Call)) -> bool {
        let key = &self.client;
        match talk.find(|call| *call.key == **key && call.tellers[0] == teller) {
            Some(call) => {
                change(call);
                call.key = ANSWERED.into();
                true
            }
            None => false,
        }
    }
}

/// No client has this name.
const ANSWERED: &str = "\0answered";

/// Older versions write the name of the status.
fn named_status(text: &str) -> Option<u16> {
    const NAMES: [(&str, u16); 22] = [
        ("OK", 200),
        ("Created", 201),
        ("Accepted", 202),
        ("NoContent", 204),
        ("PartialContent", 206),
        ("MultiStatus", 207),
        ("MovedPermanently", 301),
        ("Found", 302),
        ("NotModified", 304),
        ("BadRequest", 400),
        ("Unauthorized", 401),
        ("Forbidden", 403),
        ("NotFound", 404),
        ("MethodNotAllowed", 405),
        ("Conflict", 409),
        ("Gone", 410),
        ("UnprocessableEntity", 422),
        ("TooManyRequests", 429),
        ("InternalServerError", 500),
        ("BadGateway", 502),
        ("ServiceUnavailable", 503),
        ("GatewayTimeout", 504),
    ];
    let word = text.split([' ', '"', '\'']).find(|word| !word.is_empty())?;
    NAMES
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn attempts_count_and_the_call_around_them_does_not() {
        check(
            &super::FORMAT,
            "info: System.Net.Http.HttpClient.sfmc.LogicalHandler[100]\n      Start processing HTTP request POST https://a.example/x?b=1\n\
             info: System.Net.Http.HttpClient.sfmc.ClientHandler[100]\n      Sending HTTP request POST https://a.example/x?b=1\n\
             info: System.Net.Http.HttpClient.sfmc.ClientHandler[101]\n      Received HTTP response headers after 12.3ms - 429\n\
             info: System.Net.Http.HttpClient.sfmc.ClientHandler[100]\n      Sending HTTP request POST https://a.example/x?b=1\n\
             info: System.Net.Http.HttpClient.sfmc.ClientHandler[101]\n      Received HTTP response headers after 14ms - TooManyRequests\n\
             info: System.Net.Http.HttpClient.sfmc.LogicalHandler[101]\n      End processing HTTP request after 1027.1ms - 429\n",
            &["429 POST a.example/x?b=1 untimed"; 2],
        );
    }

    #[test]
    fn the_json_console_says_the_same() {
        let line = |category: &str, message: &str| {
            format!(
                "{{\"EventId\":100,\"LogLevel\":\"Information\",\"Category\":\"{category}\",\"Message\":\"{message}\",\"State\":{{\"Message\":\"{message}\"}},\"Scopes\":[{{\"Message\":\"HTTP GET https://a.example/1\"}}],\"Timestamp\":\"2026-11-22T03:51:46Z\"}}\n"
            )
        };
        let client = "System.Net.Http.HttpClient.a.ClientHandler";
        let text = [
            line("App", "Sending HTTP request GET https://other.example/0"),
            line(
                client,
                "Sending HTTP request GET https://a.example/1?x=\\u0026",
            ),
            line(client, "Received HTTP response headers after 99.5ms - 503"),
            line(client, "Sending HTTP request GET https://a.example/2"),
            line(client, "HTTP request failed after 10000.1ms"),
        ]
        .concat();
        check(
            &super::FORMAT,
            &text,
            &[
                "503 GET a.example/1?x=& 2026-11-22T03:51:46Z",
                "none GET a.example/2 2026-11-22T03:51:46Z",
            ],
        );
    }

    #[test]
    fn overlapping_calls_and_failures() {
        check(
            &super::FORMAT,
            "[2026-11-22 03:51:46.000 INF] System.Net.Http.HttpClient.a.ClientHandler: Sending HTTP request \"GET\" \"https://a.example/1\"\n\
             [2026-11-22 03:51:46.001 INF] System.Net.Http.HttpClient.b.ClientHandler: Sending HTTP request \"GET\" \"https://b.example/1\"\n\
             [2026-11-22 03:51:46.002 INF] System.Net.Http.HttpClient.a.ClientHandler: Sending HTTP request \"GET\" \"https://a.example/2\"\n\
             [2026-11-22 03:51:46.100 INF] System.Net.Http.HttpClient.b.ClientHandler: Received HTTP response headers after 99.5ms - 503\n\
             [2026-11-22 03:51:46.200 INF] System.Net.Http.HttpClient.a.ClientHandler: Received HTTP response headers after 200ms - 200\n\
             [2026-11-22 03:51:56.000 INF] System.Net.Http.HttpClient.a.ClientHandler: HTTP request failed after 10000.1ms\n\
             [2026-11-22 03:51:56.000 INF] System.Net.Http.HttpClient.a.LogicalHandler: HTTP request failed after 10000.2ms\n",
            &[
                "503 GET b.example/1 2026-11-22T03:51:46.001Z",
                "200 GET a.example/1 2026-11-22T03:51:46Z",
                "none GET a.example/2 2026-11-22T03:51:46.002Z",
            ],
        );
    }
}
