//! mitmdump's text: a line with caller and request, and an indented one with the answer or what went wrong.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_method, leading_status, status_line,
};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "mitmdump",
    aliases: &[],
    title: "mitmdump output",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "mitmdump",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Mitmdump::default(), options))
    }),
    samples: &[
        (
            "127.0.0.1:50310: POST https://api.example.com/v1/search HTTP/2.0\n     << HTTP/2.0 429 Too Many Requests 205b",
            Some(429),
        ),
        (
            "127.0.0.1:50311: GET https://nope.example/\n     << Client disconnected.",
            None,
        ),
    ],
};

const KEY: &str = "";

#[derive(Default)]
struct Mitmdump {
    side: Option<Side>,
}

impl Dialect for Mitmdump {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some((caller, method, url)) = request(line) {
            talk.find_time(line);
            let call = talk.begin(KEY, method, url);
            call.exchange.client_address = Some(caller.to_owned().into());
            self.side = Some(Side::Request);
            return Parsed::Record(FORMAT.name);
        }
        if talk.call(KEY).is_none() {
            return aside(line);
        }
        if let Some(answer) = line.trim_start().strip_prefix("<< ") {
            return self.answer(answer, talk);
        }
        match line.strip_prefix("    ") {
            Some(indented) => self.detail(indented, talk),
            None => aside(line),
        }
    }
}

impl Mitmdump {
    fn answer(&mut self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(status) = status_line(text).or_else(|| leading_status(text)) else {
            talk.fail(KEY, text);
            return PART;
        };
        talk.answer(KEY, status);
        self.side = Some(Side::Response);
        PART
    }

    /// Headers and bodies, which higher levels of detail show.
    fn detail(&self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let (Some(side), Some(call)) = (self.side, talk.call(KEY))
            && !text.trim().is_empty()
            && !call.header(side, text)
        {
            call.body(side, text);
        }
        PART
    }
}

/// `[03:51:46.069] 127.0.0.1:41584: GET https://… HTTP/2.0`
fn request(line: &str) -> Option<(&str, &str, &str)> {
    let (caller, rest) = line.split_once(": ")?;
    let caller = caller.rsplit(' ').next()?;
    let (address, port) = caller.rsplit_once(':')?;
    let numeric = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let mut words = rest.split(' ');
    let (method, url) = (words.next()?, words.next()?);
    (numeric && is_method(method) && url.contains("://")).then_some((address, method, url))
}

/// Connections that open and close, and where the proxy listens.
fn aside(line: &str) -> Parsed {
    const EVENTS: [&str; 6] = [
        "client connect",
        "client disconnect",
        "server connect",
        "server disconnect",
        "proxy listening at ",
        "Loading script ",
    ];
    match EVENTS.iter().any(|event| line.contains(event)) {
        true => PART,
        false => Parsed::Rejected(Rejected::NoFormatMatched),
    }
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn answers_failures_and_details() {
        check(
            &super::FORMAT,
            "[03:51:45.000] HTTP(S) proxy listening at *:8080.\n\
             [03:51:46.000][127.0.0.1:41584] client connect\n\
             [03:51:46.010][127.0.0.1:41584] server connect api.example.com:443 (192.0.2.7:443)\n\
             127.0.0.1:41584: GET https://api.example.com/v1/balance?a=1 HTTP/2.0\n\
             \x20   Authorization: Bearer x\n\
             \x20    << HTTP/2.0 200 OK 58b\n\
             127.0.0.1:41585: POST https://api.example.com/v1/x HTTP/1.1\n\
             \x20    << HTTP/1.1 503 Service Unavailable 12b\n\
             \x20   Date: Sun, 22 Nov 2026 03:51:46 GMT\n\
             127.0.0.1:41586: GET https://gone.example/ HTTP/1.1\n\
             \x20    << Server disconnected\n",
            &[
                "200 GET api.example.com/v1/balance?a=1 untimed",
                "503 POST api.example.com/v1/x 2026-11-22T03:51:46Z",
                "none GET gone.example/ untimed",
            ],
        );
    }
}
