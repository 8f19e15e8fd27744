//! JSON that is no line format: a list of records over many lines, as command-line tools of clouds print it, objects
//! that were indented for people, or one list on one line longer than lines may be.
//!
//! Each record is read by the shape that its members give away.

use crate::model::exchange::Exchange;
use crate::read::engine::json::Json;
use crate::read::engine::json_parse::{JsonError, Values};
use crate::read::engine::record::{GENERIC, JsonLines, Shape};
use crate::read::format::{DocumentError, Format, Layout, Options, Parsed};
use crate::read::formats::{
    api_gateway, apigee, azure, caddy, cloudflare, cloudfront_json, ecs, envoy_json, fastly, gcp,
    kong, nginx_json, pino, serilog, traefik,
};
use crate::read::skip::{Ignored, Rejected, Skip};

/// In the order of how much their marks say.
const SHAPES: &[&Shape] = &[
    &caddy::SHAPE,
    &traefik::SHAPE,
    &cloudflare::SHAPE,
    &azure::SHAPE,
    &gcp::SHAPE,
    &kong::SHAPE,
    &apigee::SHAPE,
    &cloudfront_json::SHAPE,
    &envoy_json::SHAPE,
    &api_gateway::SHAPE,
    &pino::SHAPE,
    &serilog::SHAPE,
    &fastly::SHAPE,
    &nginx_json::SHAPE,
    &ecs::SHAPE,
    &GENERIC,
];

/// Lines at the beginning that are looked at.
const SNIFF_LINES: usize = 400;

pub const FORMAT: Format = Format {
    name: "json_document",
    aliases: &[],
    title: "JSON records over many lines, or in one long list",
    specificity: 30,
    layout: Layout::Document { sniff, parse },
    samples: &[
        (
            "[\n  {\n    \"httpRequest\": {\n      \"requestMethod\": \"GET\",\n      \"requestUrl\": \"https://app.example.com/x\",\n      \"status\": 502\n    },\n    \"insertId\": \"1\",\n    \"timestamp\": \"2026-11-22T03:51:46.069Z\"\n  }\n]\n",
            Some(502),
        ),
        (
            "{\n  \"ts\": \"2026-11-22T03:51:46Z\",\n  \"method\": \"GET\",\n  \"url\": \"https://api.stripe.com/v1/charges\",\n  \"status\": 429\n}\n",
            Some(429),
        ),
    ],
};

/// Indented JSON opens with a bracket, and none of its lines is an object by itself.
fn sniff(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let text = head.trim_start();
    let inner = text.strip_prefix(['[', '{']).map(str::trim_start);
    if !inner.is_some_and(|inner| inner.starts_with(['{', '"'])) {
        return false;
    }
    let whole = |line: &str| {
        let line = line.trim().trim_end_matches(',');
        line.starts_with(['{', '[']) && line.len() > 2 && Json::parse(line).is_ok()
    };
    let names_a_call = ["messageId", "ethod\"", "url\"", "Url\"", "uri\"", "status"]
        .iter()
        .any(|part| text.contains(part));
    let over_lines = text.contains('\n') || is_long_list(text);
    names_a_call
        && over_lines
        && !text.lines().take(SNIFF_LINES).any(whole)
        && begins_with_record(text)
}

/// Whether one of the first values is a record of a known shape; what a shipper sent carries its records inside.
fn begins_with_record(text: &str) -> bool {
    const VALUES: usize = 8;
    let options = Options::default();
    let readers: Vec<JsonLines> = SHAPES
        .iter()
        .map(|shape| JsonLines::new(shape, &options))
        .collect();
    let mut values = Values::new(text);
    values.enter_array();
    let mut out = Vec::new();
    values.take(VALUES).flatten().any(|value| {
        readers
            .iter()
            .any(|reader| matches!(reader.read_value(&value, &mut out), Parsed::Record(_)))
    })
}

/// One line that is longer than what was looked at, and a list of objects.
fn is_long_list(text: &str) -> bool {
    const LONG_BYTES: usize = 128 * 1024;
    let list = text.strip_prefix('[').or_else(|| {
        let inner = text.strip_prefix('{')?.trim_start();
        let named = inner.strip_prefix("\"records\"")?.trim_start();
        named.strip_prefix(':')?.trim_start().strip_prefix('[')
    });
    text.len() >= LONG_BYTES && list.is_some_and(|list| list.trim_start().starts_with('{'))
}

fn parse(
    bytes: &[u8],
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) -> Result<(), DocumentError> {
    let text = &String::from_utf8_lossy(bytes);
    let options = Options::default();
    let readers: Vec<JsonLines> = SHAPES
        .iter()
        .map(|shape| JsonLines::new(shape, &options))
        .collect();
    let mut values = Values::new(text);
    values.enter_array();
    let mut out = Vec::new();
    let mut last = None;
    for value in values.by_ref() {
        match value {
            Ok(value) => hand_over(&readers, &value, &mut out, sink),
            Err(error) => last = Some(error),
        }
    }
    last.map_or(Ok(()), |error| Err(broken(text, error)))
}

fn hand_over<'a>(
    readers: &[JsonLines],
    value: &Json<'a>,
    out: &mut Vec<Exchange<'a>>,
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) {
    let mut fate = Parsed::Ignored(Ignored::NotHttp);
    for reader in readers {
        fate = reader.read_value(value, out);
        let settled = !matches!(fate, Parsed::Rejected(Rejected::NoFormatMatched));
        if settled {
            break;
        }
    }
    match fate {
        Parsed::Record(_) => out.drain(..).for_each(|exchange| sink(Ok(exchange))),
        Parsed::Ignored(reason) => sink(Err(Skip::Ignored(reason))),
        Parsed::Rejected(reason) => sink(Err(Skip::Rejected(reason))),
    }
}

fn broken(text: &str, error: JsonError) -> DocumentError {
    let before = text.get(..error.at).unwrap_or(text);
    DocumentError {
        line: before.matches('\n').count() + 1,
        column: before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1,
        what: error.what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(text: &str) -> (Vec<Option<u16>>, usize, bool) {
        let (mut found, mut skipped) = (Vec::new(), 0);
        let whole = parse(text.as_bytes(), &mut |entry| match entry {
            Ok(exchange) => found.push(exchange.status),
            Err(_) => skipped += 1,
        })
        .is_ok();
        (found, skipped, whole)
    }

    #[test]
    fn records_over_many_lines_are_read_one_by_one() {
        let one = FORMAT.samples[1].0;
        let two = format!("{one}\n{one}");
        assert_eq!(statuses(&two), (vec![Some(429); 2], 0, true));
        let wrapped = format!("{{\n\"records\": [\n{one},\n{one}\n]\n}}");
        assert_eq!(statuses(&wrapped), (vec![Some(429); 2], 0, true));
        let other = format!("[\n{one},\n{{\n\"level\": \"info\"\n}}\n]");
        assert_eq!(statuses(&other), (vec![Some(429)], 1, true));
    }

    #[test]
    fn a_cut_document_gives_its_whole_records_and_an_error() {
        let one = FORMAT.samples[1].0;
        let cut = format!("[\n{one},\n{}", &one[..40]);
        assert_eq!(statuses(&cut), (vec![Some(429)], 0, false));
    }

    #[test]
    fn lines_of_json_are_no_document() {
        assert!(!sniff(
            b"{\"method\":\"GET\",\"url\":\"/a\",\"status\":200}\n{\"method\":\"GET\"}\n"
        ));
        assert!(!sniff(
            b"[\n{\"method\":\"GET\",\"url\":\"/a\",\"status\":200},\n{\"method\":\"GET\"}\n]"
        ));
        assert!(!sniff(b"[2026-11-22] \"GET / HTTP/1.1\" status\n"));
        assert!(!sniff(b"{\n  \"name\": \"x\"\n}\n"));
    }
}
