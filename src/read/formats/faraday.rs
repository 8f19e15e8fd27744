//! Ruby's Faraday with its logger middleware: `request: POST https://…`, `response: Status 429`, headers between them.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_method, leading_status,
};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "faraday",
    aliases: &[],
    title: "Ruby Faraday logger",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "faraday",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Faraday::default(), options))
    }),
    samples: &[
        (
            "I, [2026-11-22T03:51:46.069123 #7]  INFO -- request: POST https://api.example.com/v1/x\nI, [2026-11-22T03:51:46.169123 #7]  INFO -- response: Status 429\nI, [2026-11-22T03:51:46.169130 #7]  INFO -- response: retry-after: \"5\"",
            Some(429),
        ),
        (
            "request: GET https://api.example.com/\nerror: Faraday::TimeoutError: execution expired",
            None,
        ),
    ],
};

#[derive(Default)]
struct Faraday {
    /// The process that wrote the line before, and the side that lines without a label belong to.
    key: String,
    side: Option<Side>,
}

impl Dialect for Faraday {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some((prefix, label, text)) = labelled(line) else {
            return self.unlabelled(line, talk);
        };
        talk.find_time(prefix);
        self.key.clear();
        self.key.push_str(process(prefix));
        match label {
            "request" => self.request(text, talk),
            "response" => self.response(text, talk),
            _ => self.error(text, talk),
        }
    }
}

/// `request: …` at the beginning or behind what Ruby's logger puts there.
fn labelled(line: &str) -> Option<(&str, &'static str, &str)> {
    let at = if line.as_bytes().get(1) == Some(&b',') {
        line.find(" -- ")? + 4
    } else {
        0
    };
    let labels = ["request", "response", "error"].into_iter();
    labels
        .filter_map(|label| {
            Some((
                &line[..at],
                label,
                line[at..].strip_prefix(label)?.strip_prefix(": ")?,
            ))
        })
        .next()
}

/// `#7` of `I, [2026-11-22T03:51:46.069123 #7]  INFO -- `
fn process(prefix: &str) -> &str {
    let inside = prefix.split_once(']').map_or("", |(inside, _)| inside);
    inside.rsplit_once('#').map_or("", |(_, process)| process)
}

impl Faraday {
    fn request(&mut self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        self.side = Some(Side::Request);
        if let Some((method, url)) = text.split_once(' ')
            && is_method(method)
            && url.contains("://")
        {
            talk.begin(&self.key, method, url.trim());
            return Parsed::Record(FORMAT.name);
        }
        self.detail(text, talk)
    }

    fn response(&mut self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        self.side = Some(Side::Response);
        if let Some(status) = text.strip_prefix("Status ").and_then(leading_status) {
            return match talk.answer(&self.key, status) {
                true => PART,
                false => Parsed::Rejected(Rejected::NoRequest),
            };
        }
        self.detail(text, talk)
    }

    fn error(&mut self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        self.side = None;
        match talk.call(&self.key).is_some_and(|call| !call.answered) {
            true => {
                talk.fail(&self.key, text);
                PART
            }
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }

    /// Further headers of the line above stand without a label.
    fn unlabelled(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let quoted = line.trim_end().ends_with('"') && line.contains(": \"");
        match quoted && self.side.is_some() {
            true => self.detail(line, talk),
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }

    /// `Retry-After: "5"`, or a body.
    fn detail(&self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let (Some(side), Some(call)) = (self.side, talk.call(&self.key)) else {
            return PART;
        };
        match text.split_once(": \"") {
            Some((name, value)) if !name.contains([' ', '{']) => {
                call.pair(side, name, value.trim_end().trim_end_matches('"'));
            }
            _ => call.body(side, text),
        }
        PART
    }
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn processes_and_bare_lines() {
        check(
            &super::FORMAT,
            "I, [2026-11-22T03:51:46.000000 #7]  INFO -- request: POST https://a.example/x\n\
             I, [2026-11-22T03:51:46.000001 #7]  INFO -- request: User-Agent: \"Faraday v2.7.4\"\n\
             Content-Type: \"application/json\"\n\
             D, [2026-11-22T03:51:46.000002 #7] DEBUG -- request: {\"a\":1}\n\
             I, [2026-11-22T03:51:46.001000 #8]  INFO -- request: GET https://b.example/y\n\
             I, [2026-11-22T03:51:46.100000 #7]  INFO -- response: Status 429\n\
             I, [2026-11-22T03:51:46.100001 #7]  INFO -- response: retry-after: \"5\"\n\
             date: \"Sun, 22 Nov 2026 03:51:46 GMT\"\n\
             I, [2026-11-22T03:51:47.000000 #8]  INFO -- response: Status 200\n\
             request: PUT https://c.example/z\nresponse: Status 503\n",
            &[
                "429 POST a.example/x 2026-11-22T03:51:46Z",
                "200 GET b.example/y 2026-11-22T03:51:46.001Z",
                "503 PUT c.example/z untimed",
            ],
        );
    }
}
