//! A user's own pattern: a regular expression with named groups, or grok. What a group means is told by its name.

use std::borrow::Cow;

use regex::Regex;

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::columns::{Columns, Role, Surroundings, Word, own};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::Field;
use crate::read::engine::grok;
use crate::read::engine::synonyms::Synonyms;
use crate::read::engine::template::TemplateError;
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::skip::Rejected;

pub const NAME: &str = "pattern";

/// Names that grok expressions use beside the usual ones.
const VOCABULARY: &[Word] = &[
    ("request", own(Field::Url)),
    ("response", own(Field::Status)),
    ("clientip", own(Field::ClientAddress)),
    ("auth", own(Field::User)),
    ("agent", own(Field::Client)),
    ("verb", own(Field::Method)),
    ("uriparam", own(Field::Query)),
    ("params", own(Field::Query)),
];

/// Names that patterns carry along and that say nothing about an exchange; so do names that begin with `_`.
const HARMLESS: &[&str] = &[
    "ident",
    "httpversion",
    "http_version",
    "protocol",
    "proto",
    "scheme",
    "referrer",
    "referer",
    "rawrequest",
    "level",
    "loglevel",
    "severity",
    "log_level",
    "message",
    "msg",
    "pid",
    "tid",
    "thread",
    "logger",
    "class",
    "program",
    "port",
    "rest",
    "tail",
    "ignore",
    "skip",
];

#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    /// The groups by number, in the order of the columns.
    groups: Vec<usize>,
    columns: Columns,
    zone: Option<chrono_tz::Tz>,
}

/// Whether a text is a regular expression with named groups.
pub fn is_pattern(text: &str) -> bool {
    ["(?P<", "(?<"].iter().any(|open| {
        text.match_indices(open).any(|(at, _)| {
            let next = text[at + open.len()..].chars().next();
            next.is_some_and(|c| c.is_alphabetic() || c == '_')
        })
    })
}

pub fn compile(text: &str, options: &Options) -> Result<Pattern, TemplateError> {
    let expanded = match text.contains("%{") {
        true => grok::expand(text)?,
        false => grok::Expanded {
            regex: text.to_owned(),
            names: Vec::new(),
        },
    };
    let regex =
        Regex::new(&expanded.regex).map_err(|error| TemplateError::BadPattern(reason(&error)))?;
    let (groups, names) = named_groups(&regex, &expanded.names);
    if names.is_empty() {
        return Err(TemplateError::NoVariable);
    }
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let columns = Columns::new(&texts, VOCABULARY, &Synonyms::default(), options);
    check_names(&columns, &texts)?;
    match columns.tell_any() {
        true => Ok(Pattern {
            regex,
            groups,
            columns,
            zone: options.zone,
        }),
        false => Err(TemplateError::NotHttp),
    }
}

/// Numbers and names of the groups, `gN` under the name that grok gave it.
fn named_groups(regex: &Regex, grok_names: &[String]) -> (Vec<usize>, Vec<String>) {
    let given = |group: &str| {
        let number: usize = group.strip_prefix('g')?.parse().ok()?;
        grok_names.get(number).cloned()
    };
    regex
        .capture_names()
        .enumerate()
        .filter_map(|(at, name)| Some((at, name?)))
        .map(|(at, name)| (at, given(name).unwrap_or_else(|| name.to_owned())))
        .unzip()
}

fn check_names(columns: &Columns, names: &[&str]) -> Result<(), TemplateError> {
    let unknown = names.iter().enumerate().find(|(at, name)| {
        let harmless = name.starts_with('_')
            || HARMLESS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
        columns.role(*at) == Some(&Role::Skip) && !harmless
    });
    match unknown {
        Some((_, name)) => Err(TemplateError::UnknownGroup((*name).to_owned())),
        None => Ok(()),
    }
}

/// What is wrong, without the drawing of where.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl LineParser for Pattern {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(found) = self.regex.captures(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let mut values: Vec<Cow<'a, str>> = self
            .groups
            .iter()
            .map(|group| Cow::Borrowed(found.get(*group).map_or("", |m| unquote(m.as_str()))))
            .collect();
        let around = Surroundings {
            zone: self.zone,
            ..Surroundings::default()
        };
        let mut draft = Draft::new(TsKind::Start, self.zone);
        if let Err(reason) = self.columns.fill(&mut values, &around, &mut draft) {
            return Parsed::Rejected(reason);
        }
        draft.finish(out);
        Parsed::Record(NAME)
    }
}

/// Grok's quoted strings bring their quotes along.
fn unquote(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        pattern: &str,
        line: &'static str,
        expected: (Option<u16>, &str, &str, &str, Option<f32>, &str),
    ) {
        let parser = compile(pattern, &Options::default()).expect(pattern);
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        let e = out.pop().expect("an exchange");
        let ts = e.ts.map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(
            (
                e.status,
                e.method.as_ref(),
                e.host.as_ref(),
                e.path.as_ref(),
                e.duration_ms,
                ts.as_str()
            ),
            expected,
            "{line}"
        );
    }

    #[test]
    fn groups_mean_what_their_names_say() {
        check(
            r"^(?<ts>\S+) \[(?<level>\w+)\] (?P<method>[A-Z]+) (?P<url>\S+) -> (?P<status>\d+|-) in (?P<elapsed_ms>\d+)",
            "2026-11-22T03:51:46Z [INFO] POST https://api.stripe.com/v1/charges -> 429 in 12",
            (
                Some(429),
                "POST",
                "api.stripe.com",
                "/v1/charges",
                Some(12.0),
                "2026-11-22T03:51:46Z",
            ),
        );
        check(
            "%{COMBINEDAPACHELOG}",
            r#"192.0.2.1 - frank [22/Nov/2026:03:51:46 +0000] "GET /a?b=1 HTTP/1.1" 503 12 "-" "curl/8.1""#,
            (Some(503), "GET", "", "/a", None, "2026-11-22T03:51:46Z"),
        );
        check(
            r"%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} call %{WORD:[http][request][method]} %{URI:url} %{NUMBER:status:int} %{NUMBER:duration_s:float}s",
            "2026-11-22 03:51:46,069 WARN call PUT https://api.example.com:8443/x/1?y=2 502 1.5s",
            (
                Some(502),
                "PUT",
                "api.example.com",
                "/x/1",
                Some(1500.0),
                "2026-11-22T03:51:46.069Z",
            ),
        );
    }

    #[test]
    fn faults_are_named() {
        for (pattern, part) in [
            (r"(?<status>\d+) (?<colour>\w+)", "\"colour\""),
            ("%{NUMBR:status}", "\"NUMBR\""),
            (r"(?<status>\d+", "unclosed group"),
            (r"(?<ts>\S+)", "neither a status nor a request"),
            ("%{NUMBER:status", "closing brace"),
        ] {
            let error = compile(pattern, &Options::default())
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(error.contains(part), "{pattern}: {error}");
        }
    }

    #[test]
    fn other_lines_are_not_read() {
        let parser = compile(
            r"^(?<method>[A-Z]+) (?<path>\S+) (?<status>\w+)$",
            &Options::default(),
        )
        .expect("compiles");
        let mut out = Vec::new();
        let mut fate = |line| parser.parse(line, &mut out);
        assert_eq!(fate("hello"), Parsed::Rejected(Rejected::NoFormatMatched));
        assert_eq!(fate("GET /a many"), Parsed::Rejected(Rejected::BadStatus));
        assert!(out.is_empty());
    }
}
