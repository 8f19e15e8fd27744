//! The proof: requests and responses as they were, from different minutes, and the nearest call that succeeded.

use serde_json::Value;

use crate::model::assessment::Sample;
use crate::model::visible;
use crate::report::block::{Block, Fact};
use crate::report::error::ReportError;
use crate::report::input::{ReportInput, SAMPLE_BYTES_MAX};
use crate::report::pick::{Picked, pick};
use crate::report::section::Section;
use crate::report::words;

/// What a vendor's guidance asks for.
const MINUTES_WANTED: usize = 3;

pub const SECTION: Section = Section {
    id: "samples",
    title: "Requests and responses",
    applies: |input| !input.assessment.samples.is_empty(),
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let picked = pick(input);
    let mut blocks = vec![Block::Paragraph(opening(&picked))];
    for (i, sample) in picked.failing.iter().enumerate() {
        let title = format!("Failing call {} of {}", i + 1, picked.failing.len());
        push_sample(&mut blocks, &title, sample);
    }
    for sample in &picked.succeeded {
        push_sample(&mut blocks, "Nearest call that succeeded", sample);
    }
    if picked.succeeded.is_empty() {
        let text = "No call that succeeded is among the samples kept for this range.";
        blocks.push(Block::Paragraph(text.to_owned()));
    }
    Ok(blocks)
}

fn opening(picked: &Picked<'_>) -> String {
    let text = format!(
        "{} failing calls from {} different minutes.",
        picked.failing.len(),
        picked.minutes
    );
    if picked.minutes < MINUTES_WANTED {
        return format!(
            "{text} A vendor usually asks for pairs from at least {MINUTES_WANTED} different minutes."
        );
    }
    text
}

fn push_sample(blocks: &mut Vec<Block>, title: &str, sample: &Sample) {
    let time = sample
        .ts
        .map_or_else(|| "time unknown".to_owned(), words::time_exact);
    blocks.push(Block::Heading(format!(
        "{title}: {time}, {}",
        answer(sample)
    )));
    blocks.push(Block::Facts(facts(sample)));
    let request = message(
        &request_line(sample),
        &sample.request_headers,
        &sample.request_body,
    );
    blocks.push(code("Request", &request));
    let response = message(
        &answer(sample),
        &sample.response_headers,
        &sample.response_body,
    );
    blocks.push(code("Response", &response));
    if let Some(raw) = sample.raw.as_deref().filter(|_| !has_parts(sample)) {
        blocks.push(code("The log line", raw));
    }
}

/// A log without headers and bodies has only its line to show.
fn has_parts(sample: &Sample) -> bool {
    sample.request_headers.is_some()
        || sample.response_headers.is_some()
        || sample.request_body.is_some()
        || sample.response_body.is_some()
}

fn facts(sample: &Sample) -> Vec<Fact> {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "none in the log".to_owned());
    let mut facts = vec![
        Fact::code("Our request id", id(&sample.request_id)),
        Fact::code("Vendor's request id", id(&sample.vendor_request_id)),
    ];
    let error = [&sample.error_code, &sample.error_message];
    let error: Vec<&str> = error.into_iter().flatten().map(String::as_str).collect();
    if !error.is_empty() {
        facts.push(Fact::code(
            "Error",
            visible::clip(&error.join(" "), 1_024).0,
        ));
    }
    facts.push(Fact::text("Attempt", sample.attempt.to_string()));
    facts.extend(
        sample
            .duration_ms
            .map(|d| Fact::text("Duration", words::millis(d.into()))),
    );
    facts.extend(
        sample
            .retry_after_s
            .map(|s| Fact::text("Retry-After", format!("{s} s"))),
    );
    let place = format!(
        "{} line {}, exchange {}",
        sample.source, sample.line, sample.id
    );
    facts.push(Fact::code("Logged at", place));
    facts
}

fn request_line(sample: &Sample) -> String {
    let absolute = sample.url.contains("://") || sample.host.is_empty();
    let host = if absolute { "" } else { sample.host.as_str() };
    format!("{} {host}{}", sample.method, sample.url)
}

fn answer(sample: &Sample) -> String {
    match sample.status {
        Some(status) => format!("{status} ({})", sample.outcome),
        None => sample.outcome.clone(),
    }
}

fn message(first: &str, headers: &Option<String>, body: &Option<String>) -> String {
    let mut text = first.to_owned();
    if let Some(headers) = headers.as_deref().filter(|h| !h.is_empty()) {
        text.push('\n');
        text.push_str(&clipped(&header_lines(headers)));
    }
    if let Some(body) = body.as_deref().filter(|b| !b.is_empty()) {
        text.push_str("\n\n");
        text.push_str(&clipped(body));
    }
    text
}

/// Headers stored as JSON pairs or as a JSON object become lines; anything else stays as it is.
fn header_lines(headers: &str) -> String {
    let lines: Option<Vec<String>> = match serde_json::from_str(headers) {
        Ok(Value::Array(pairs)) => pairs.iter().map(pair_line).collect(),
        Ok(Value::Object(map)) => Some(map.iter().map(|(n, v)| header_line(n, v)).collect()),
        _ => None,
    };
    lines.map_or_else(|| headers.to_owned(), |lines| lines.join("\n"))
}

fn pair_line(pair: &Value) -> Option<String> {
    if let Some([name, value]) = pair.as_array().map(Vec::as_slice) {
        return Some(header_line(name.as_str()?, value));
    }
    Some(header_line(pair.get("name")?.as_str()?, pair.get("value")?))
}

fn header_line(name: &str, value: &Value) -> String {
    match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    }
}

fn code(label: &str, text: &str) -> Block {
    Block::Code {
        label: label.to_owned(),
        text: clipped(text),
    }
}

/// A message of several parts may be as long as three; each of them was cut on its own.
fn clipped(text: &str) -> String {
    let (kept, cut) = visible::clip(text, SAMPLE_BYTES_MAX);
    if !cut {
        return kept.to_owned();
    }
    format!("{kept}\n[cut after {} of {} bytes]", kept.len(), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_lines_from_any_form() {
        let check = |stored: &str, expected: &str| assert_eq!(header_lines(stored), expected);
        check(r#"[["a","1"],["b","2"]]"#, "a: 1\nb: 2");
        check(r#"[{"name":"a","value":"1"}]"#, "a: 1");
        check(r#"{"a":"1"}"#, "a: 1");
        check("a: 1\nb: 2", "a: 1\nb: 2");
        check("[1, 2]", "[1, 2]");
    }
}
