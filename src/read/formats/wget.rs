//! wget, with or without `-S`: a line with time and URL, then for each request that was sent the answer behind it or,
//! with `-S`, indented below it.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, leading_status, status_line,
};
use crate::read::engine::stamp::Stamp;
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "wget",
    aliases: &[],
    title: "wget output, also with -S",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "wget",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Wget::default(), options))
    }),
    samples: &[
        (
            "--2026-11-22 03:51:46--  https://api.example.com/v1/x\nResolving api.example.com (api.example.com)... 192.0.2.7\nConnecting to api.example.com (api.example.com)|192.0.2.7|:443... connected.\nHTTP request sent, awaiting response... \n  HTTP/1.1 429 Too Many Requests\n  Retry-After: 5\n2026-11-22 03:51:46 ERROR 429: Too Many Requests.",
            Some(429),
        ),
        (
            "--2026-11-22 03:51:46--  https://nope.example/\nResolving nope.example (nope.example)... failed: Name or service not known.\nwget: unable to resolve host address 'nope.example'",
            None,
        ),
    ],
};

const KEY: &str = "";

#[derive(Default)]
struct Wget {
    url: String,
    stamp: Stamp,
}

impl Dialect for Wget {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some(url) = announced(line) {
            talk.find_time(line);
            self.stamp = talk.stamp;
            self.url.clear();
            self.url.push_str(url);
            talk.begin(KEY, "GET", url);
            return Parsed::Record(FORMAT.name);
        }
        if let Some(answer) = line.strip_prefix("HTTP request sent, awaiting response...") {
            return self.sent(answer.trim(), talk);
        }
        if talk.call(KEY).is_none() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        told(line, talk)
    }
}

impl Wget {
    fn sent(&mut self, answer: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(answered) = talk.call(KEY).map(|call| call.answered) else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        if answered {
            talk.stamp = self.stamp;
            let url = std::mem::take(&mut self.url);
            talk.begin(KEY, "GET", &url);
            self.url = url;
        }
        talk.stamp = Stamp::Untold;
        if let Some(status) = leading_status(answer) {
            talk.answer(KEY, status);
        } else if !answer.is_empty() {
            talk.fail(KEY, answer);
        }
        match answered {
            true => Parsed::Record(FORMAT.name),
            false => PART,
        }
    }
}

/// `--2026-11-22 03:51:46--  https://…`, and ` (try: 2)` between the two.
fn announced(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("--")?;
    let (time, rest) = rest.split_once("--")?;
    let url = rest.trim().rsplit(' ').next()?;
    let is_time = (8..=30).contains(&time.len()) && time.contains(':');
    (is_time && url.contains("://")).then_some(url)
}

/// A line about the call under way.
fn told(line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let indented = line.strip_prefix("  ").unwrap_or_default();
    if let Some(status) = status_line(indented) {
        talk.answer(KEY, status);
        return PART;
    }
    if let Some(call) = talk.call(KEY)
        && call.answered
        && call.header(Side::Response, indented)
    {
        return PART;
    }
    let line = &line[..line.floor_char_boundary(SAID_BYTES_MAX)];
    if let Some(at) = line.find(" failed: ") {
        let why = &line[at + 1..];
        note(why, talk);
        return PART;
    }
    match KNOWN.iter().any(|known| line.contains(known)) {
        true => PART,
        false => Parsed::Rejected(Rejected::NoFormatMatched),
    }
}

fn note(why: &str, talk: &mut Talk<'_, '_>) {
    if let Some(call) = talk.call(KEY).filter(|call| !call.answered) {
        call.exchange.error_message = Some(why.to_owned().into());
    }
}

/// What wget says is looked for in this much of a line.
const SAID_BYTES_MAX: usize = 300;

/// What else wget says. After a challenge it sends the same request again without naming the URL.
const KNOWN: [&str; 20] = [
    "Resolving ",
    "Connecting to ",
    "Reusing existing connection",
    "Location: ",
    "Length: ",
    "Saving to: ",
    "ERROR ",
    "% [",
    "saved [",
    "Retrying.",
    "Giving up.",
    "Authentication selected",
    "Read error",
    "No data received",
    "unable to ",
    "Unable to ",
    "Remote file ",
    "K ..........",
    "written to stdout",
    "Spider mode",
];

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn redirects_retries_and_challenges_are_requests_of_their_own() {
        check(
            &super::FORMAT,
            "--2026-11-22 03:51:46--  https://api.example.com/old\n\
             Resolving api.example.com (api.example.com)... 192.0.2.7\n\
             Connecting to api.example.com (api.example.com)|192.0.2.7|:443... connected.\n\
             HTTP request sent, awaiting response... 302 Found\n\
             Location: https://api.example.com/new [following]\n\
             --2026-11-22 03:51:47--  https://api.example.com/new\n\
             Reusing existing connection to api.example.com:443.\n\
             HTTP request sent, awaiting response... 401 Unauthorized\n\
             Authentication selected: Basic realm=\"api\"\n\
             Reusing existing connection to api.example.com:443.\n\
             HTTP request sent, awaiting response... 503 Service Unavailable\n\
             Retrying.\n\n\
             --2026-11-22 03:51:49--  (try: 2)  https://api.example.com/new\n\
             HTTP request sent, awaiting response... Read error (Connection timed out) in headers.\n\
             Giving up.\n",
            &[
                "302 GET api.example.com/old 2026-11-22T03:51:46Z",
                "401 GET api.example.com/new 2026-11-22T03:51:47Z",
                "503 GET api.example.com/new 2026-11-22T03:51:47Z",
                "none GET api.example.com/new 2026-11-22T03:51:49Z",
            ],
        );
    }
}
