//! mitmproxy's flow dumps (`.mitm`, `.flow`), of all its versions: flows one behind the other as tagged netstrings.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Headers, Outcome, StatusSource, Text, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::dialogue::is_caller_gone;
use crate::read::engine::recording::settle;
use crate::read::engine::target::{set_host, set_url};
use crate::read::engine::tnetstring::Value;
use crate::read::format::{DocumentError, Format, Layout};
use crate::read::instant::parse_epoch;
use crate::read::skip::{Ignored, Rejected, Skip};

pub const FORMAT: Format = Format {
    name: "mitmproxy",
    aliases: &["mitm"],
    title: "mitmproxy flow dumps",
    specificity: 100,
    layout: Layout::Document { sniff, parse },
    samples: &[
        (
            "285:4:type;4:http;7:request;120:6:method;3:GET,6:scheme;5:https,4:host;11:api.example;4:port;3:443#4:path;6:/a?b=1,15:timestamp_start;14:1795319506.069^}8:response;109:11:status_code;3:429#7:headers;23:19:11:Retry-After,1:5,]]6:reason;4:Slow,13:timestamp_end;14:1795319506.169^}5:error;0:~}",
            Some(429),
        ),
        (
            "148:4:type;4:http;7:request;48:6:method;3:GET,4:host;11:api.example;4:path;1:/,}8:response;0:~5:error;46:3:msg;9:timed out;9:timestamp;12:1795319506.5^}}",
            None,
        ),
    ],
};

/// A length, then the length, name and type of a first member.
fn sniff(head: &[u8]) -> bool {
    let Some(rest) = after_length(head).and_then(after_length) else {
        return false;
    };
    let name = rest
        .iter()
        .take_while(|b| b.is_ascii_lowercase() || **b == b'_')
        .count();
    name > 0 && matches!(rest.get(name), Some(b';' | b','))
}

fn after_length(bytes: &[u8]) -> Option<&[u8]> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &bytes[digits..];
    (digits > 0).then(|| rest.strip_prefix(b":"))?
}

fn parse(
    bytes: &[u8],
    sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
) -> Result<(), DocumentError> {
    let mut rest = bytes;
    while !rest.trim_ascii().is_empty() {
        let Some((flow, after)) = Value::parse(rest) else {
            return Err(broken(bytes, bytes.len() - rest.len()));
        };
        sink(exchange(&flow));
        rest = after;
    }
    Ok(())
}

fn broken(bytes: &[u8], at: usize) -> DocumentError {
    let before = &bytes[..at];
    DocumentError {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: at - memchr::memrchr(b'\n', before).map_or(0, |end| end + 1) + 1,
        what: "the flow that begins here is cut or damaged".to_owned(),
    }
}

fn exchange<'b>(flow: &Value<'b>) -> Result<Exchange<'b>, Skip> {
    let kind = flow.get("type").and_then(Value::text).unwrap_or("http");
    // Before version 9 a WebSocket had a flow of its own beside that of its handshake.
    if kind != "http" {
        return Err(Skip::Ignored(Ignored::NotHttp));
    }
    let request = flow.get("request").ok_or(Rejected::BadEntry)?;
    let mut exchange = Exchange {
        ts: time(request, "timestamp_start"),
        ts_kind: TsKind::Start,
        method: Cow::Borrowed(text(request, "method").ok_or(Rejected::NoRequest)?),
        attempt: 1,
        is_final: true,
        request_headers: headers(request),
        request_body: body(request),
        request_bytes: size(request),
        ..Exchange::default()
    };
    set_url(
        &mut exchange,
        Cow::Borrowed(text(request, "path").unwrap_or_default()),
    );
    let told = [text(request, "host"), text(request, "authority")];
    if let Some(host) = told.into_iter().flatten().find(|host| !host.is_empty()) {
        set_host(&mut exchange, Cow::Borrowed(host));
    }
    match flow.get("response") {
        Some(response @ Value::Dict(_)) => answer(&mut exchange, response),
        _ => fail(&mut exchange, flow),
    }
    settle(&mut exchange);
    Ok(exchange)
}

fn answer<'b>(exchange: &mut Exchange<'b>, response: &Value<'b>) {
    let code = text(response, "status_code").or_else(|| text(response, "code"));
    exchange.status = code
        .and_then(|code| code.parse().ok())
        .filter(|code| (100..=999).contains(code));
    exchange.response_headers = headers(response);
    exchange.response_body = body(response);
    exchange.response_bytes = size(response);
    exchange.duration_ms = elapsed(exchange.ts, time(response, "timestamp_end"));
}

fn fail<'b>(exchange: &mut Exchange<'b>, flow: &Value<'b>) {
    let Some(error) = flow.get("error") else {
        return;
    };
    exchange.error_message = text(error, "msg").map(Cow::Borrowed);
    if exchange
        .error_message
        .as_deref()
        .is_some_and(is_caller_gone)
    {
        exchange.outcome = Outcome::ClientGone;
        exchange.status_source = StatusSource::Client;
    }
    exchange.duration_ms = elapsed(exchange.ts, time(error, "timestamp"));
}

fn elapsed(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<f32> {
    let micros = to?.micros().saturating_sub(from?.micros());
    (micros >= 0).then_some(micros as f32 / 1_000.0)
}

fn text<'b>(value: &Value<'b>, name: &str) -> Option<&'b str> {
    value.get(name)?.text()
}

fn time(value: &Value<'_>, name: &str) -> Option<Timestamp> {
    parse_epoch(text(value, name)?.as_bytes())
}

fn headers<'b>(message: &Value<'b>) -> Headers<'b> {
    let Some(headers) = message.get("headers") else {
        return Vec::new();
    };
    let pair = |pair: &Value<'b>| {
        let [name, value] = pair.items() else {
            return None;
        };
        Some((lossy(name)?, lossy(value)?))
    };
    headers
        .items()
        .iter()
        .filter_map(pair)
        .filter(|(name, _)| !name.starts_with(':'))
        .collect()
}

fn lossy<'b>(value: &Value<'b>) -> Option<Text<'b>> {
    match value {
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    }
}

/// Packed and other bytes are no text to look at.
fn body<'b>(message: &Value<'b>) -> Option<Text<'b>> {
    let text = text(message, "content").filter(|text| !text.is_empty())?;
    Some(Cow::Borrowed(text))
}

fn size(message: &Value<'_>) -> Option<i64> {
    match message.get("content")? {
        Value::Bytes(bytes) => i64::try_from(bytes.len()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) -> Result<(), DocumentError> {
        let mut seen = Vec::new();
        let walked = parse(bytes, &mut |flow| {
            seen.push(match flow {
                Ok(e) => format!(
                    "{:?} {} {}{} {:?}",
                    e.status, e.method, e.host, e.path, e.duration_ms
                ),
                Err(skip) => format!("{skip:?}"),
            });
        });
        assert_eq!(seen, expected);
        walked
    }

    #[test]
    fn flows_of_old_versions_and_web_sockets() {
        let old = b"315:7:version,9:1:0#2:17#]4:type,4:http,7:request,185:6:method,4:POST,4:host,9:192.0.2.7,4:port,3:443#4:path,5:/v1/x,11:httpversion,8:1:1#1:1#]7:headers,30:26:4:Host,15:api.example.com,]]7:content,2:{},15:timestamp_start,14:1795319506.069^}8:response,53:4:code,3:503#3:msg,4:Busy,7:headers,0:]7:content,1:\xff,}5:error,0:~}";
        let socket = b"33:4:type;9:websocket;8:messages;0:]}";
        let upgrade = b"234:4:type;4:http;7:request;83:6:method;3:GET,4:host;10:ws.example;4:path;2:/s,15:timestamp_start;12:1795319507.0^}8:response;34:11:status_code;3:101#7:headers;0:]}9:websocket;58:8:messages;43:39:1:1#4:true!1:x,12:1795319508.0^5:false!]]}}";
        check(
            &[&old[..], &socket[..], &upgrade[..]].concat(),
            &[
                "Some(503) POST api.example.com/v1/x None",
                "Ignored(NotHttp)",
                "Some(101) GET ws.example/s None",
            ],
        )
        .expect("whole");
    }

    #[test]
    fn a_cut_dump_gives_its_whole_flows_and_an_error() {
        let whole = FORMAT.samples[0].0.as_bytes();
        let cut = [whole, &whole[..80]].concat();
        let error = check(&cut, &["Some(429) GET api.example/a Some(100.0)"]).expect_err("cut");
        assert_eq!((error.line, error.column), (1, whole.len() + 1));
    }
}
