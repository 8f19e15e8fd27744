//! What clients print of a call: curl, Python's client, the wire log of Apache's, and the bare messages.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Exchange, Pairs, Part, Scene};
use crate::hard::records::{Holds, Record, WIRE};
use crate::hard::text::{Piece, Text, fill, join};

pub const RECORDS: &[Record] = &[
    Record {
        name: "curl -v",
        shows: &[
            Part::Target,
            Part::Referer,
            Part::Cookie,
            Part::RequestHeader,
            Part::ResponseHeader,
            Part::ResponseBody,
            Part::Remark,
        ],
        holds: Holds::Lines,
        write: curl,
    },
    Record {
        name: "http.client",
        shows: &[
            Part::Target,
            Part::Referer,
            Part::Cookie,
            Part::RequestHeader,
            Part::RequestBody,
            Part::ResponseHeader,
        ],
        holds: Holds::Lines,
        write: python,
    },
    Record {
        name: "wire log",
        shows: WIRE,
        holds: Holds::Lines,
        write: wire,
    },
    Record {
        name: "bare messages",
        shows: WIRE,
        holds: Holds::Lines,
        write: bare,
    },
];

fn first(exchange: &Exchange, template: &str) -> Text {
    fill(template, [Text::from(exchange.method), exchange.target()])
}

fn lines(template: &str, pairs: Pairs) -> Vec<Text> {
    let line = |(name, value): (String, Text)| fill(template, [Text::from(name), value]);
    pairs.into_iter().map(line).collect()
}

/// A transcript's lines end as the log's lines do.
fn unixed(text: Text) -> Text {
    let piece = |piece| match piece {
        Piece::Fixed(text) => Piece::Fixed(text.replace('\r', "")),
        piece => piece,
    };
    Text(text.0.into_iter().map(piece).collect())
}

fn curl(scene: &mut Scene) -> Text {
    let exchange = &scene.exchange;
    let mut all = vec![
        Text::from("* Connected to api.example.com (104.18.7.7) port 443 (#0)"),
        first(exchange, "> ¤ ¤ HTTP/1.1"),
    ];
    all.extend(lines("> ¤: ¤", exchange.request_headers()));
    all.push(Text::from(">"));
    all.push(Text::from(format!("< HTTP/1.1 {} X", exchange.status)));
    all.extend(lines("< ¤: ¤", exchange.response.headers.clone()));
    all.push(Text::from("<"));
    all.extend(exchange.response.body.clone().map(unixed));
    all.extend(exchange.remark.clone().map(|remark| fill("* ¤", [remark])));
    join(all, "\n")
}

fn python(scene: &mut Scene) -> Text {
    let exchange = &scene.exchange;
    let head = lines("¤: ¤\r\n", exchange.request_headers());
    let mut sent = first(exchange, "¤ ¤ HTTP/1.1\r\n");
    sent.add(join(head, ""));
    sent.add("\r\n");
    let mut all = vec![fill("send: b'¤'", [sent.dressed(Dress::Python)])];
    let body = exchange.request.body.clone();
    all.extend(body.map(|body| fill("send: b'¤'", [body.dressed(Dress::Python)])));
    all.push(Text::from(format!(
        "reply: 'HTTP/1.1 {} X\\r\\n'",
        exchange.status
    )));
    all.extend(lines("header: ¤: ¤", exchange.response.headers.clone()));
    join(all, "\n")
}

const WIRE_LOG: &str =
    "2026-11-19 13:55:00,123 [main] DEBUG org.apache.http.wire - http-outgoing-0 ";

fn wire(scene: &mut Scene) -> Text {
    let exchange = &scene.exchange;
    let mut sent = first(exchange, "¤ ¤ HTTP/1.1\r\n");
    message(
        &mut sent,
        exchange.request_headers(),
        &exchange.request.body,
    );
    let mut came = Text::from(format!("HTTP/1.1 {} X\r\n", exchange.status));
    message(
        &mut came,
        exchange.response.headers.clone(),
        &exchange.response.body,
    );
    join([wired(sent, ">>"), wired(came, "<<")], "\n")
}

fn message(head: &mut Text, headers: Pairs, body: &Option<Text>) {
    head.add(join(lines("¤: ¤\r\n", headers), ""));
    head.add("\r\n");
    head.add(body.clone().unwrap_or_default());
}

/// Each line of a message in quotes on a line of its own.
fn wired(message: Text, arrow: &str) -> Text {
    let between = format!("[\\n]\"\n{WIRE_LOG}{arrow} \"");
    let piece = |piece| match piece {
        Piece::Fixed(text) => Piece::Fixed(text.replace("[\\n]", &between)),
        piece => piece,
    };
    let pieces = message.dressed(Dress::Wire).0.into_iter().map(piece);
    fill(
        &format!("{WIRE_LOG}{arrow} \"¤\""),
        [Text(pieces.collect())],
    )
}

fn bare(scene: &mut Scene) -> Text {
    let exchange = &scene.exchange;
    let mut all = vec![first(exchange, "¤ ¤ HTTP/1.1")];
    all.extend(lines("¤: ¤", exchange.request_headers()));
    all.push(Text::default());
    all.extend(exchange.request.body.clone().map(unixed));
    all.push(Text::default());
    all.push(Text::from(format!("HTTP/1.1 {} X", exchange.status)));
    all.extend(lines("¤: ¤", exchange.response.headers.clone()));
    all.push(Text::default());
    all.extend(exchange.response.body.clone().map(unixed));
    join(all, "\n")
}
