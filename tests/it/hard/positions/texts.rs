//! Sentences of programs, and members of the record itself.

use crate::hard::exchange::{Part, Scene};
use crate::hard::kinds::{Class, Kind};
use crate::hard::positions::{Position, is_token};
use crate::hard::text::{Text, fill};

pub const POSITIONS: &[Position] = &[
    Position {
        name: "sentence",
        fits: |kind| kind.shaped && kind.name != "private key",
        put: sentence,
    },
    Position {
        name: "sentence, name and value",
        fits: |kind| kind.class == Class::Secret && is_one_word(kind),
        put: named,
    },
    Position {
        name: "sentence, command",
        fits: |kind| is_token(kind) && kind.name != "JWE",
        put: command,
    },
    Position {
        name: "member of the record",
        fits: |kind| kind.name != "private key",
        put: field,
    },
];

fn is_one_word(kind: &Kind) -> bool {
    kind.name != "private key" && !kind.name.ends_with("odd signs")
}

fn sentence(scene: &mut Scene, kind: &Kind) -> Part {
    let forms: &[&str] = match kind.name {
        "e-mail address" => &[
            "User ¤ not found",
            "Mail to <¤> bounced: 550 5.1.1 user unknown",
            "duplicate key value violates unique constraint, Key (email)=(¤) already exists.",
            "login failed for ¤: bad credentials",
        ],
        "card number" => &[
            "Card ¤ was declined",
            "charge for ¤ failed: insufficient_funds",
        ],
        "IBAN" => &["Invalid mandate for ¤", "IBAN ¤ rejected by bank"],
        _ => &[
            "upstream rejected ¤ with 401",
            "token ¤ expired",
            "invalid credentials: ¤ (E-1007)",
            "Incorrect API key provided: ¤. Check it and try again.",
        ],
    };
    let form = *scene.random.pick(forms);
    let value = scene.made(kind);
    scene.exchange.remark = Some(fill(form, [value]));
    Part::Remark
}

/// How programs of many languages print what they hold.
fn named(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "login failed: ¤=¤ (E-1007)",
        "config loaded, ¤: ¤",
        "kwargs={'timeout': 5, '¤': '¤', 'retries': 3}",
        "LoginRequest(id=7, ¤=¤, locale=en)",
        "LoginRequest{id=7, ¤='¤', locale='en'}",
        "Parameters: {\"user\"=>{\"¤\"=>\"¤\"}, \"commit\"=>\"Save\"}",
        "Array ( [id] => 7 [¤] => ¤ [page] => 2 )",
        "request body: {\"id\":7,\"¤\":\"¤\"} -> 401",
        "sent <login><¤>¤</login> got 500",
        "retrying with --¤=¤ --region eu",
    ]);
    let name = *scene.random.pick(kind.names);
    let form = form.replace("<¤>¤", &format!("<¤>¤</{name}>"));
    let value = scene.made(kind);
    scene.exchange.remark = Some(fill(&form, [Text::from(name), value]));
    Part::Remark
}

fn command(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "$ curl -s -H 'Authorization: Bearer ¤' https://api.example.com/v1/x",
        "$ curl -H \"X-Api-Key: ¤\" https://api.example.com/v1/x",
        "headers: map[Accept:[*/*] Authorization:[Bearer ¤] X-Id:[7]]",
        "headers={'Accept': '*/*', 'Authorization': 'Bearer ¤'}",
        "http-outgoing-0 >> \"Authorization: Bearer ¤[\\r][\\n]\"",
        "export API_TOKEN=¤",
        "config: { headers: { Authorization: 'Bearer ¤', Accept: '*/*' }, timeout: 0 }",
    ]);
    let value = scene.made(kind);
    scene.exchange.remark = Some(fill(form, [value]));
    Part::Remark
}

fn field(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    scene.exchange.fields.push((name.to_owned(), value));
    Part::Field
}
