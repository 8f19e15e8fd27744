//! Forms, parts of them, and what OAuth's endpoints take (HTML, RFC 7578, RFC 6749).

use crate::hard::dress::{self, Dress, QUERY};
use crate::hard::exchange::{Pairs, Part, Scene, pairs};
use crate::hard::kinds::Kind;
use crate::hard::positions::{Position, any, is_password, is_token};
use crate::hard::text::{Text, fill};
use crate::hard::wraps::place;

pub const POSITIONS: &[Position] = &[
    Position {
        name: "form",
        fits: any,
        put: form,
    },
    Position {
        name: "form, in brackets",
        fits: any,
        put: brackets,
    },
    Position {
        name: "multipart",
        fits: any,
        put: multipart,
    },
    Position {
        name: "OAuth's form",
        fits: |kind| is_token(kind) || is_password(kind),
        put: oauth,
    },
];

/// A form's pairs, each value dressed in one way.
fn written(scene: &mut Scene, name: &str, kind: &Kind) -> Text {
    let dress = dress::pick(&mut scene.random, &QUERY);
    scene.layers.push(dress.name());
    let value = scene.made(kind).dressed(dress);
    let others = scene.some_kept('f', 3).into_iter();
    let others: Pairs = others
        .map(|(name, text)| (name, text.dressed(Dress::Form)))
        .collect();
    let all = scene.mix(others, name, value);
    pairs(&all, "¤=¤", "&")
}

fn form(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let body = written(scene, name, kind);
    place(scene, "application/x-www-form-urlencoded", body)
}

fn brackets(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let form = *scene.random.pick(&["user[¤]", "user%5B¤%5D", "data[0][¤]"]);
    let name = form.replace('¤', name);
    let body = written(scene, &name, kind);
    place(scene, "application/x-www-form-urlencoded", body)
}

fn multipart(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let heads = [
        "Content-Disposition: form-data; name=\"¤\"\r\n\r\n¤\r\n",
        "content-disposition: form-data; name=¤\r\n\r\n¤\r\n",
        "Content-Disposition: form-data; name=\"¤\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n¤\r\n",
    ];
    let head = *scene.random.pick(&heads);
    let boundary = format!("----WebKitFormBoundary{}", scene.random.word(16));
    let value = scene.made(kind);
    let others = scene.some_kept('f', 2);
    let mut body = Text::default();
    for (part, text) in scene.mix(others, name, value) {
        let head = if part == name { head } else { heads[0] };
        body.add(format!("--{boundary}\r\n"));
        body.add(fill(head, [Text::from(part), text]));
    }
    body.add(format!("--{boundary}--\r\n"));
    place(
        scene,
        &format!("multipart/form-data; boundary={boundary}"),
        body,
    )
}

fn oauth(scene: &mut Scene, kind: &Kind) -> Part {
    let tokens = [
        "grant_type=client_credentials&client_id=app-7&client_secret=¤&scope=read",
        "grant_type=refresh_token&refresh_token=¤&client_id=app-7",
        "grant_type=authorization_code&code=¤&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb",
        "token=¤&token_type_hint=access_token",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=¤",
    ];
    let form = match is_password(kind) {
        true => "grant_type=password&username=&password=¤&scope=read",
        false => *scene.random.pick(&tokens),
    };
    let dress = dress::pick(&mut scene.random, &QUERY);
    scene.layers.push(dress.name());
    let value = scene.made(kind).dressed(dress);
    let body = fill(form, [value]);
    place(scene, "application/x-www-form-urlencoded", body)
}
