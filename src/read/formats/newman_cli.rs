//! newman's command line report: `GET https://… [429 Too Many Requests, 524B, 16ms]`, or `[errored]` and why below it.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Talk, Voice, is_method, leading_status,
};
use crate::read::engine::draft::parse_duration_ms;
use crate::read::engine::field::Unit;
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "newman_cli",
    aliases: &[],
    title: "newman (Postman) command line report",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "newman_cli",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Report, options))
    }),
    samples: &[
        (
            "→ HubSpot contact\n  GET https://api.example.com/contacts/51 [429 Too Many Requests, 524B, 16ms]",
            Some(429),
        ),
        (
            "→ Responsys trigger\n  POST https://api.example.com/email [errored]\n     socket hang up",
            None,
        ),
    ],
};

const KEY: &str = "";

struct Report;

impl Dialect for Report {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some((method, url, result)) = call(line) {
            return begin(method, url, result, talk);
        }
        // The reason is the one line below.
        if let Some(why) = line.strip_prefix("     ")
            && talk.call(KEY).is_some_and(|call| !call.answered)
        {
            talk.fail(KEY, why.trim());
            return PART;
        }
        talk.end(KEY);
        match is_frame(line) {
            true => PART,
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }
}

/// `  POST https://… [200 OK, 198B, 75ms]`
fn call(line: &str) -> Option<(&str, &str, &str)> {
    let (method, rest) = line.trim().split_once(' ')?;
    let (url, result) = rest.strip_suffix(']')?.rsplit_once(" [")?;
    let told = result == "errored" || leading_status(result).is_some();
    (is_method(method) && told && !url.is_empty()).then_some((method, url, result))
}

fn begin(method: &str, url: &str, result: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    // The URL stands as it was typed, maybe without its scheme.
    let url = match url.contains("://") {
        true => url.to_owned(),
        false => format!("https://{url}"),
    };
    let call = talk.begin(KEY, method, &url);
    if let Some(status) = leading_status(result) {
        let ms = result.rsplit(", ").next().unwrap_or_default();
        call.exchange.duration_ms = parse_duration_ms(ms, Unit::Millis);
        talk.answer(KEY, status);
        talk.end(KEY);
    }
    Parsed::Record(FORMAT.name)
}

/// Names of requests and folders, assertions and the tables at the end.
fn is_frame(line: &str) -> bool {
    const SIGNS: [char; 11] = ['→', '↳', '❏', '√', '✓', '│', '┌', '├', '└', '┼', '┴'];
    let text = line.trim_start();
    text == "newman" || text.starts_with(SIGNS) || text.starts_with("Iteration ")
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn a_run_with_folders_assertions_and_a_failure() {
        check(
            &super::FORMAT,
            "newman\n\nVendor smoke\n\n❏ Mail\n↳ Send\n  POST https://api.example.com/email?a=1 [201 Created, 1.2kB, 1.5s]\n  ✓  status is 201\n\n\
             ↳ Token\n  POST api.example.com/v2/token [errored]\n     getaddrinfo ENOTFOUND api.example.com\n  1. status is 200\n\n\
             ↳ Last\n  GET https://api.example.com/ [503 Service Unavailable, 524B, 16ms]\n",
            &[
                "201 POST api.example.com/email?a=1 untimed",
                "none POST api.example.com/v2/token untimed",
                "503 GET api.example.com/ untimed",
            ],
        );
    }
}
