//! Fastify's own request log: `incoming request` names what was asked and `request completed` what was answered, two
//! lines of pino with the same `reqId`.

use std::borrow::Cow;

use crate::model::exchange::{Direction, TsKind};
use crate::read::engine::dialogue::{Call, Dialect, Dialogue, PART, Side, Talk, Voice};
use crate::read::engine::draft::{parse_duration_ms, parse_status};
use crate::read::engine::field::Unit;
use crate::read::engine::json::Json;
use crate::read::engine::stamp::Stamp;
use crate::read::engine::target::set_host;
use crate::read::format::{Format, Layout, Parsed};
use crate::read::instant::parse_any;
use crate::read::skip::Rejected;

const NAME: &str = "fastify";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "Fastify request logs, JSON",
    specificity: 82,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: NAME,
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Fastify, options))
    }),
    samples: &[(
        r#"{"level":30,"time":1795319506069,"pid":7,"hostname":"web-1","reqId":"req-1","req":{"method":"POST","url":"/hooks/stripe","hostname":"hooks.acme.example","remoteAddress":"203.0.113.7"},"msg":"incoming request"}
{"level":30,"time":1795319506169,"pid":7,"hostname":"web-1","reqId":"req-1","res":{"statusCode":429},"responseTime":99.5,"msg":"request completed"}"#,
        Some(429),
    )],
};

struct Fastify;

impl Dialect for Fastify {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let none = Parsed::Rejected(Rejected::NoFormatMatched);
        if !line.starts_with('{') || memchr::memmem::find(line.as_bytes(), b"\"reqId\"").is_none() {
            return none;
        }
        let Ok(value) = Json::parse(line) else {
            return none;
        };
        let Some(key) = key(&value) else { return none };
        if let Some(at) = value.told("time").and_then(|t| parse_any(&t, talk.zone())) {
            talk.stamp = Stamp::Instant(at);
        }
        if value.get("responseTime").is_some() && value.get("res").is_some() {
            return answer(&key, &value, talk);
        }
        if value.at_path("req.method").is_none() {
            return none;
        }
        if talk.call(&key).is_some() {
            // What went wrong names the request once more.
            return fault(&key, &value, talk);
        }
        begin(&key, &value, talk)
    }
}

/// The ids begin anew with each process.
fn key(value: &Json<'_>) -> Option<String> {
    let part = |name: &str| value.told(name).unwrap_or_default();
    let id = value.told("reqId")?;
    Some(format!("{}/{}/{id}", part("hostname"), part("pid")))
}

fn begin(key: &str, value: &Json<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    let part = |name: &str| value.told(name).unwrap_or_default();
    let call = talk.begin(key, &part("req.method"), &part("req.url"));
    call.exchange.direction = Direction::Inbound;
    let host = value
        .told("req.host")
        .or_else(|| value.told("req.hostname"));
    if let Some(host) = host {
        set_host(&mut call.exchange, Cow::Owned(host.into_owned()));
    }
    set_request_headers(call, value);
    call.exchange.client_address = owned(value, "req.remoteAddress");
    call.exchange.request_id = owned(value, "reqId");
    Parsed::Record(NAME)
}

fn set_request_headers(call: &mut Call, value: &Json<'_>) {
    let headers = value.at_path("req.headers").map(Json::headers);
    for (name, text) in headers.into_iter().flatten() {
        call.pair(Side::Request, &name, &text);
    }
}

fn owned(value: &Json<'_>, path: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Owned(value.told(path)?.into_owned()))
}

fn fault(key: &str, value: &Json<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    if let Some(call) = talk.call(key) {
        call.exchange.error_message = owned(value, "err.message");
        call.exchange.error_code = owned(value, "err.code");
    }
    PART
}

fn answer(key: &str, value: &Json<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
    let status = value.at_path("res.statusCode").and_then(Json::scalar);
    let Ok(status) = parse_status(&status.unwrap_or_default()) else {
        return Parsed::Rejected(Rejected::BadStatus);
    };
    let Some(call) = talk.call(key) else {
        // Its request stands before the beginning of the file.
        return Parsed::Rejected(Rejected::NoRequest);
    };
    let took = value.told("responseTime");
    call.exchange.duration_ms = took.and_then(|t| parse_duration_ms(&t, Unit::Millis));
    let headers = value.at_path("res.headers").map(Json::headers);
    for (name, text) in headers.into_iter().flatten() {
        call.pair(Side::Response, &name, &text);
    }
    if let Some(status) = status {
        talk.answer(key, status);
    }
    talk.end(key);
    PART
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn two_lines_are_one_exchange() {
        let asked = |id: u8, url: &str| {
            format!(
                "{{\"level\":30,\"time\":179531950{id}069,\"pid\":7,\"hostname\":\"w\",\"reqId\":\"req-{id}\",\"req\":{{\"method\":\"GET\",\"url\":\"{url}\",\"host\":\"me.example:3000\"}},\"msg\":\"incoming request\"}}\n"
            )
        };
        let told = |id: u8, status: &str| {
            format!(
                "{{\"level\":30,\"time\":1795319509069,\"pid\":7,\"hostname\":\"w\",\"reqId\":\"req-{id}\",\"res\":{{\"statusCode\":{status}}},\"responseTime\":99.5,\"msg\":\"request completed\"}}\n"
            )
        };
        let between = "{\"level\":30,\"time\":1795319506070,\"pid\":7,\"hostname\":\"w\",\"reqId\":\"req-6\",\"msg\":\"asking\"}\n";
        let fault = "{\"level\":50,\"time\":1795319507070,\"pid\":7,\"hostname\":\"w\",\"reqId\":\"req-7\",\"req\":{\"method\":\"GET\",\"url\":\"/b\"},\"res\":{\"statusCode\":500},\"err\":{\"type\":\"Error\",\"message\":\"boom\"},\"msg\":\"boom\"}\n";
        let text = [
            told(1, "200"),
            asked(6, "/a?x=1"),
            between.to_owned(),
            asked(7, "/b"),
            told(6, "429"),
            fault.to_owned(),
            told(7, "\"500\""),
            asked(8, "/left"),
        ]
        .concat();
        check(
            &super::FORMAT,
            &text,
            &[
                "429 GET me.example/a?x=1 2026-11-22T03:51:46.069Z",
                "500 GET me.example/b 2026-11-22T03:51:47.069Z",
                "none GET me.example/left 2026-11-22T03:51:48.069Z",
            ],
        );
    }
}
