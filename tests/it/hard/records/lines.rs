//! One line an exchange: nginx and Apache, with and without fields of their own, and logfmt.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Exchange, Part, Scene};
use crate::hard::records::{ALL, Holds, Record};
use crate::hard::text::{Text, fill};

pub const RECORDS: &[Record] = &[
    Record {
        name: "nginx combined",
        shows: &[Part::Target, Part::Referer],
        holds: Holds::Line,
        write: |scene| combined(scene, Dress::Nginx),
    },
    Record {
        name: "nginx with fields",
        shows: &[Part::Target, Part::Referer, Part::Cookie, Part::RequestBody],
        holds: Holds::Line,
        write: |scene| with_fields(scene, Dress::Nginx),
    },
    Record {
        name: "Apache with fields",
        shows: &[Part::Target, Part::Referer, Part::Cookie, Part::RequestBody],
        holds: Holds::Line,
        write: |scene| with_fields(scene, Dress::Apache),
    },
    Record {
        name: "nginx error log",
        shows: &[Part::Remark],
        holds: Holds::Line,
        write: error,
    },
    Record {
        name: "logfmt",
        shows: ALL,
        holds: Holds::Line,
        write: logfmt,
    },
];

fn quoted(text: Option<Text>, dress: Dress) -> Text {
    text.unwrap_or(Text::from("-")).dressed(dress)
}

fn combined(scene: &mut Scene, dress: Dress) -> Text {
    let time = scene.around.between(10, 59);
    let status = scene.exchange.status;
    let exchange = &scene.exchange;
    let line = format!(
        "¤ - - [19/Nov/2026:13:55:{time} +0000] \"{} ¤ HTTP/1.1\" {status} 512 \"¤\" \"curl/8.4.0\"",
        exchange.method
    );
    fill(
        &line,
        [
            exchange.client.clone().unwrap_or_default(),
            exchange.target().dressed(dress),
            quoted(exchange.referer.clone(), dress),
        ],
    )
}

fn with_fields(scene: &mut Scene, dress: Dress) -> Text {
    let mut line = combined(scene, dress);
    let exchange = &scene.exchange;
    let cookie = quoted(exchange.cookie(), dress);
    let body = quoted(exchange.request.body.clone(), dress);
    line.add(fill(" rt=0.042 ck=\"¤\" body=\"¤\"", [cookie, body]));
    line
}

fn error(scene: &mut Scene) -> Text {
    let remark = scene.exchange.remark.clone().unwrap_or_default();
    let client = scene.exchange.client.clone().unwrap_or_default();
    fill(
        "2026/11/19 13:55:00 [error] 31#31: *7 ¤, client: ¤, server: api.example.com, request: \"GET /v1/x HTTP/1.1\", host: \"api.example.com\"",
        [remark, client],
    )
}

fn logfmt(scene: &mut Scene) -> Text {
    let id = scene.kept("request_id", "{u}");
    let exchange = &scene.exchange;
    let mut line = fill(
        "time=2026-11-19T13:55:00.123Z level=info request_id=¤",
        [id],
    );
    for (name, value) in members(exchange) {
        line.add(format!(" {name}="));
        line.add(logfmt_value(value));
    }
    line
}

fn members(exchange: &Exchange) -> Vec<(String, Text)> {
    let own = |name: &str, text: Option<Text>| text.map(|text| (name.to_owned(), text));
    let header = |(name, text): (String, Text)| {
        let name = name.to_lowercase().replace('-', "_");
        (format!("req_header_{name}"), text)
    };
    let mut members = vec![
        ("method".to_owned(), Text::from(exchange.method)),
        ("path".to_owned(), exchange.target()),
        ("status".to_owned(), Text::from(exchange.status.to_string())),
    ];
    members.extend(exchange.request_headers().into_iter().map(header));
    members.extend(own("body", exchange.request.body.clone()));
    for (name, text) in &exchange.response.headers {
        members.push((format!("resp.header.{}", name.to_lowercase()), text.clone()));
    }
    members.extend(own("resp_body", exchange.response.body.clone()));
    let field = |(name, text): &(String, Text)| (name.replace(['.', '-'], "_"), text.clone());
    members.extend(exchange.fields.iter().map(field));
    members.extend(own("msg", exchange.remark.clone()));
    members
}

/// Quoted where it must be.
fn logfmt_value(value: Text) -> Text {
    let written = value.written();
    let is_bare =
        !written.is_empty() && !written.contains(|c: char| c <= ' ' || "\"=\\".contains(c));
    match is_bare {
        true => value,
        false => fill("\"¤\"", [value.dressed(Dress::Json)]),
    }
}
