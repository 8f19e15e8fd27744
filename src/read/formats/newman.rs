//! newman's JSON report: the executions of a run. Only the run has a time; a call's is that plus the answers before it,
//! so pauses and scripts between calls make it early.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::document::walk_entries;
use crate::read::engine::draft::parse_status;
use crate::read::engine::json::Json;
use crate::read::engine::recording::{looks_like, settle};
use crate::read::engine::target::set_url;
use crate::read::format::{DocumentError, Format, Layout};
use crate::read::instant::epoch_from_integer;
use crate::read::skip::{Ignored, Rejected, Skip};

pub const FORMAT: Format = Format {
    name: "newman",
    aliases: &["postman_run"],
    title: "newman (Postman) run report, JSON",
    specificity: 100,
    layout: Layout::Document { sniff, parse },
    samples: &[
        (
            r#"{"collection":{"info":{"_postman_id":"1"}},"run":{"timings":{"started":1795319506069},"executions":[{"item":{"name":"a"},"request":{"method":"POST","url":{"protocol":"https","host":["api","example","com"],"path":["v1","x"],"query":[{"key":"a","value":"1"}]},"header":[{"key":"Host","value":"api.example.com"}]},"response":{"code":429,"status":"Too Many Requests","header":[{"key":"Retry-After","value":"5"}],"responseTime":12,"stream":{"type":"Buffer","data":[123,125]}}}]}}"#,
            Some(429),
        ),
        (
            r#"{"collection":{"_":0},"run":{"executions":[{"request":{"method":"GET","url":"https://api.example.com/x"},"requestError":{"code":"ECONNRESET"}}]}}"#,
            None,
        ),
    ],
};

/// The collection stands first and may fill all that is looked at.
fn sniff(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let Some(rest) = head.trim_start().strip_prefix('{') else {
        return false;
    };
    let run = looks_like(head.as_bytes(), '{', &["run", "executions"]);
    let collection = rest.trim_start().starts_with("\"collection\"")
        && ["\"_postman_id\"", "\"item\"", "\"executions\""]
            .iter()
            .any(|name| rest.contains(name));
    collection || (run && (rest.contains("\"requestError\"") || rest.contains("\"responseTime\"")))
}

fn parse(
    bytes: &[u8],
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) -> Result<(), DocumentError> {
    let text = String::from_utf8_lossy(bytes);
    let mut clock = started(&text);
    walk_entries(&text, &["run", "executions"], &mut |entry| {
        let Ok(entry) = Json::parse(entry) else {
            return sink(Err(Rejected::BadJson.into()));
        };
        let read = exchange(&entry, clock);
        if let (Some(at), Ok(Some(ms))) = (clock, read.as_ref().map(|e| e.duration_ms)) {
            clock = Some(Timestamp::from_micros(
                at.micros().saturating_add((ms * 1_000.0) as i64),
            ));
        }
        sink(read);
    })
}

/// When the run began, wherever in the document that stands.
fn started(text: &str) -> Option<Timestamp> {
    #[derive(serde::Deserialize)]
    struct Report {
        run: Run,
    }
    #[derive(serde::Deserialize)]
    struct Run {
        timings: Timings,
    }
    #[derive(serde::Deserialize)]
    struct Timings {
        started: i64,
    }
    let report: Report = serde_json::from_str(text).ok()?;
    epoch_from_integer(report.run.timings.started.into())
}

fn exchange<'a>(entry: &Json<'a>, at: Option<Timestamp>) -> Result<Exchange<'a>, Skip> {
    let answer = entry.get("response").filter(|r| r.get("code").is_some());
    let failure = entry.get("requestError");
    if answer.is_none() && failure.is_none() {
        // A script left the request out.
        return Err(Skip::Ignored(Ignored::NoCall));
    }
    let request = entry.get("request").ok_or(Rejected::BadEntry)?;
    let mut exchange = Exchange {
        ts: at,
        ts_kind: TsKind::Start,
        method: text(request, "method").unwrap_or(Cow::Borrowed("GET")),
        attempt: 1,
        is_final: true,
        request_headers: request.get("header").map(Json::headers).unwrap_or_default(),
        request_body: text(request, "body.raw"),
        ..Exchange::default()
    };
    let url = request
        .get("url")
        .and_then(url)
        .ok_or(Rejected::NoRequest)?;
    set_url(&mut exchange, url);
    if let Some(answer) = answer {
        let code = text(answer, "code").unwrap_or_default();
        exchange.status = parse_status(&code)?;
        exchange.response_headers = answer.get("header").map(Json::headers).unwrap_or_default();
        exchange.response_body = body(answer).map(Cow::Owned);
        exchange.response_bytes = text(answer, "responseSize").and_then(|size| size.parse().ok());
        exchange.duration_ms = text(answer, "responseTime").and_then(|ms| ms.parse().ok());
    }
    exchange.error_code = failure.and_then(|failure| text(failure, "code"));
    exchange.error_message = failure.and_then(|failure| text(failure, "message"));
    settle(&mut exchange);
    Ok(exchange)
}

fn text<'a>(value: &Json<'a>, path: &str) -> Option<Cow<'a, str>> {
    value.at_path(path).and_then(Json::scalar)
}

/// A URL is a text or its pieces.
fn url<'a>(value: &Json<'a>) -> Option<Cow<'a, str>> {
    if let Some(whole) = value.scalar() {
        return Some(whole);
    }
    let host = joined(value.get("host")?, ".");
    let path = value
        .get("path")
        .map(|path| joined(path, "/"))
        .unwrap_or_default();
    let mut url = format!("https://{host}/{}", path.trim_start_matches('/'));
    if let Some(Json::Array(query)) = value.get("query") {
        for (at, pair) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(&text(pair, "key").unwrap_or_default());
            if let Some(value) = text(pair, "value") {
                url.push('=');
                url.push_str(&value);
            }
        }
    }
    Some(Cow::Owned(url))
}

fn joined(value: &Json<'_>, separator: &str) -> String {
    match value {
        Json::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(Json::scalar).collect();
            texts.join(separator)
        }
        other => other.scalar().unwrap_or_default().into_owned(),
    }
}

/// The bytes of `stream`, an array of numbers, or the text of `body`.
fn body(answer: &Json<'_>) -> Option<String> {
    let Some(Json::Array(bytes)) = answer.at_path("stream.data") else {
        return text(answer, "body").map(Cow::into_owned);
    };
    let byte = |value: &Json<'_>| match value {
        Json::Integer(byte) => u8::try_from(*byte).ok(),
        _ => None,
    };
    String::from_utf8(bytes.iter().map_while(byte).collect()).ok()
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn a_call_begins_when_those_before_it_are_answered() {
        let call = r#"{"request":{"method":"GET","url":"https://127.0.0.1:8443/x","header":[{"key":"Host","value":"api.example.com"}]},"response":{"code":200,"responseTime":250}}"#;
        let skipped =
            r#"{"item":{"name":"s"},"request":{"method":"GET","url":"https://a.example/"}}"#;
        check(
            &super::FORMAT,
            &format!(
                r#"{{"collection":{{}},"run":{{"executions":[{call},{skipped},{call}],"timings":{{"started":1795319506000}}}}}}"#
            ),
            &[
                "200 GET api.example.com/x 2026-11-22T03:51:46Z",
                "200 GET api.example.com/x 2026-11-22T03:51:46.250Z",
            ],
        );
    }
}
