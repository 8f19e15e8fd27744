//! axios errors as Node prints them: the message with the status or the reason, and below it the dump of the error,
//! which holds URL, method and the answer's headers.

use std::borrow::Cow;

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{Dialect, Dialogue, PART, Side, Talk, Voice, leading_status};
use crate::read::engine::target::set_url;
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "axios",
    aliases: &[],
    title: "axios errors as Node prints them",
    specificity: 60,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "axios",
            ts_kind: TsKind::End,
        };
        Box::new(Dialogue::new(voice, Axios::default(), options))
    }),
    samples: &[
        (
            "AxiosError: Request failed with status code 429\n    at settle (/app/node_modules/axios/lib/core/settle.js:19:12) {\n  code: 'ERR_BAD_REQUEST',\n  config: {\n    method: 'post',\n    url: 'https://api.example.com/v1/x',\n  }\n}",
            Some(429),
        ),
        (
            "2026-11-22T03:51:46.069Z error: AxiosError: timeout of 1000ms exceeded",
            None,
        ),
    ],
};

const KEY: &str = "";

/// A dump that is longer holds a body; what matters stands before it.
const DUMP_LINES_MAX: usize = 2_000;

#[derive(Default)]
struct Axios {
    lines: usize,
    base: String,
    /// The dump has come to the answer.
    response: bool,
}

impl Dialect for Axios {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some((prefix, why)) = error(line) {
            talk.find_time(prefix);
            talk.begin(KEY, "", "");
            *self = Self::default();
            match why
                .strip_prefix("Request failed with status code ")
                .and_then(leading_status)
            {
                Some(status) => {
                    talk.answer(KEY, status);
                }
                None => note(why, talk),
            }
            return Parsed::Record(FORMAT.name);
        }
        self.lines += 1;
        // The dump is indented, and a brace ends it.
        let inside = line.starts_with(' ') && self.lines <= DUMP_LINES_MAX;
        if talk.call(KEY).is_none() || !inside {
            talk.end(KEY);
            return match line == "}" {
                true => PART,
                false => Parsed::Rejected(Rejected::NoFormatMatched),
            };
        }
        self.member(line.trim(), talk);
        PART
    }
}

/// What stands before and behind `AxiosError: `, or before and behind `Error: ` for the message that only axios has.
fn error(line: &str) -> Option<(&str, &str)> {
    const NAMES: [&str; 3] = [
        "AxiosError: ",
        "AxiosError [AggregateError]: ",
        "Error: Request failed with status code ",
    ];
    let head = &line[..line.floor_char_boundary(300)];
    let (at, name) = NAMES
        .iter()
        .find_map(|name| Some((head.find(name)?, *name)))?;
    // A member of a dump, or a cause below the error itself, repeats it.
    if line.starts_with(' ') && !line.trim_start().starts_with(name) || head.contains("[cause]") {
        return None;
    }
    let why = match name.starts_with("Error") {
        true => &line[at + 7..],
        false => &line[at + name.len()..],
    };
    Some((&line[..at], why))
}

fn note(why: &str, talk: &mut Talk<'_, '_>) {
    if let Some(call) = talk.call(KEY) {
        call.exchange.error_message = Some(Cow::Owned(why.chars().take(500).collect()));
    }
}

impl Axios {
    /// A few headers stand on one line: `{ 'retry-after': '3', date: '…' }`.
    fn headers(&mut self, text: &str, talk: &mut Talk<'_, '_>) {
        let Some((_, inner)) = text.split_once("{ ") else {
            return;
        };
        for pair in inner.trim_end_matches([',', '}', ' ']).split("', ") {
            self.member(pair, talk);
        }
    }

    /// `url: 'https://…',`
    fn member(&mut self, text: &str, talk: &mut Talk<'_, '_>) {
        let Some((name, value)) = text.split_once(": ") else {
            return;
        };
        self.response |= name == "response";
        if name == "headers" && self.response {
            return self.headers(value, talk);
        }
        let value = value.trim_end_matches(',').trim_matches(['\'', '"', '`']);
        let Some(call) = talk.call(KEY) else { return };
        match name.trim_matches('\'') {
            "method" if call.exchange.method.is_empty() => {
                call.exchange.method = Cow::Owned(value.to_ascii_uppercase());
            }
            "baseURL" => self.base = value.trim_end_matches('/').to_owned(),
            "url" if call.exchange.path.is_empty() => {
                let url = match value.contains("://") {
                    true => value.to_owned(),
                    false => format!("{}/{}", self.base, value.trim_start_matches('/')),
                };
                set_url(&mut call.exchange, Cow::Owned(url));
            }
            header @ ("date" | "retry-after" | "x-request-id" | "request-id") => {
                call.pair(Side::Response, header, value);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FORMAT;
    use crate::model::exchange::{Exchange, find_header};
    use crate::read::engine::dialogue::tests::check;
    use crate::read::format::{Layout, Options, Place};

    #[test]
    fn headers_on_one_line_are_the_answers() {
        let text = "AxiosError: Request failed with status code 429\n  config: {\n    headers: { 'retry-after': '9' },\n  },\n  response: {\n    headers: { date: 'Sun, 22 Nov 2026 03:51:46 GMT', 'retry-after': '3' },\n  }\n}";
        let Layout::Sequence(build) = &FORMAT.layout else {
            panic!("in order");
        };
        let mut parser = build(&Options::default());
        let mut told = Vec::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            let e = &exchanges[0];
            let wait = find_header(&e.response_headers, "retry-after").map(str::to_owned);
            told.push((wait, e.ts.map(|ts| ts.to_string())));
        };
        for line in text.lines() {
            parser.line(line, Place::default(), &mut found);
        }
        parser.finish(&mut found);
        let at = "2026-11-22T03:51:46Z".to_owned();
        assert_eq!(told, [(Some("3".to_owned()), Some(at))]);
    }

    #[test]
    fn dumps_tell_url_method_and_date() {
        check(
            &super::FORMAT,
            "server listening on 3000\n\
             AxiosError: Request failed with status code 503\n\
             \x20   at settle (/app/node_modules/axios/dist/node/axios.cjs:1967:12) {\n\
             \x20 code: 'ERR_BAD_RESPONSE',\n\
             \x20 config: {\n\
             \x20   baseURL: 'https://api.example.com/v1/',\n\
             \x20   method: 'get',\n\
             \x20   url: '/contacts?limit=1',\n\
             \x20   data: undefined\n\
             \x20 },\n\
             \x20 response: {\n\
             \x20   status: 503,\n\
             \x20   headers: Object [AxiosHeaders] {\n\
             \x20     date: 'Sun, 22 Nov 2026 03:51:46 GMT',\n\
             \x20     'retry-after': '5',\n\
             \x20   },\n\
             \x20   data: { message: 'Request failed with status code 503' }\n\
             \x20 }\n\
             }\n\
             2026-11-22T03:52:00.000Z AxiosError: connect ECONNREFUSED 192.0.2.7:443\n\
             \x20 [cause]: Error: connect ECONNREFUSED 192.0.2.7:443\n\
             Error: Request failed with status code 429\n",
            &[
                "503 GET api.example.com/v1/contacts?limit=1 2026-11-22T03:51:46Z",
                "none   2026-11-22T03:52:00Z",
                "429   untimed",
            ],
        );
    }
}
