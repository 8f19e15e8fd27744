//! The parts of a request target and of other addresses (RFC 3986).

use crate::hard::dress::{self, Dress, QUERY};
use crate::hard::exchange::{Part, Scene};
use crate::hard::json::{Json, Style};
use crate::hard::kinds::{Kind, named};
use crate::hard::positions::{Position, any, is_short, is_token};
use crate::hard::text::{Text, fill};

pub const POSITIONS: &[Position] = &[
    Position {
        name: "query",
        fits: any,
        put: query,
    },
    Position {
        name: "query, in a nested address",
        fits: is_token,
        put: nested,
    },
    Position {
        name: "query, in JSON",
        fits: is_short,
        put: json,
    },
    Position {
        name: "fragment",
        fits: |kind| is_token(kind) && !kind.names.contains(&"signature"),
        put: fragment,
    },
    Position {
        name: "path",
        fits: |kind| kind.name == "e-mail address" || kind.name.starts_with("token, l"),
        put: path,
    },
    Position {
        name: "path parameter",
        fits: |kind| kind.name == "token, hex",
        put: parameter,
    },
    Position {
        name: "Referer",
        fits: is_short,
        put: referer,
    },
    Position {
        name: "Location",
        fits: |kind| kind.name == "token, letters" || kind.name == "JWT",
        put: location,
    },
];

/// The value as a query writes it.
fn written(scene: &mut Scene, value: Text) -> Text {
    let dress = dress::pick(&mut scene.random, &QUERY);
    let value = value.dressed(dress);
    scene.layers.push(dress.name());
    if scene.random.chance(10) {
        scene.layers.push("percent again");
        return value.dressed(Dress::Percent);
    }
    value
}

fn query(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    let value = written(scene, value);
    let others = dressed_query(scene);
    scene.exchange.query = scene.mix(others, name, value);
    Part::Target
}

fn dressed_query(scene: &mut Scene) -> Vec<(String, Text)> {
    let others = scene.some_kept('q', 2);
    let pair = |(name, value): (String, Text)| (name, value.dressed(Dress::Percent));
    others.into_iter().map(pair).collect()
}

fn nested(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let outer = *scene
        .random
        .pick(&["redirect_uri", "next", "returnUrl", "target"]);
    let value = scene.made(kind).dressed(Dress::Percent);
    let inner = fill(
        "https://app.example.com/cb?¤=¤&x=1",
        [Text::from(name), value],
    );
    scene.layers.extend(["percent", "percent"]);
    let others = dressed_query(scene);
    scene.exchange.query = scene.mix(others, outer, inner.dressed(Dress::Percent));
    Part::Target
}

fn json(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    let style = Style {
        dress: Dress::Json,
        spaced: false,
    };
    let inner = Json::object([("page", Json::raw("2")), (name, Json::Text(value))]);
    scene.layers.extend(["JSON", "percent"]);
    let inner = inner.written(style).dressed(Dress::Percent);
    let others = dressed_query(scene);
    scene.exchange.query = scene.mix(others, "filter", inner);
    Part::Target
}

/// The implicit flow of OAuth.
fn fragment(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(&["access_token", "id_token"]);
    let value = scene.made(kind).dressed(Dress::Percent);
    scene.layers.push("percent");
    let fragment = fill(
        "¤=¤&token_type=Bearer&expires_in=3600",
        [Text::from(name), value],
    );
    scene.exchange.fragment = Some(fragment);
    Part::Target
}

fn path(scene: &mut Scene, kind: &Kind) -> Part {
    let before = match kind.name == "e-mail address" {
        true => ["/users/", "/v3/contacts/", "/contacts/v1/contacts/key:"],
        false => ["/reset-password/", "/auth/magic/", "/password/reset/"],
    };
    let before = *scene.random.pick(&before);
    let after = *scene.random.pick(&["", "/profile"]);
    let value = scene.made(kind);
    let value = written(scene, value);
    scene.exchange.path = fill("¤¤¤", [Text::from(before), value, Text::from(after)]);
    Part::Target
}

fn parameter(scene: &mut Scene, kind: &Kind) -> Part {
    let value = scene.made(kind);
    scene.exchange.path = fill("/shop/cart;jsessionid=¤", [value]);
    Part::Target
}

fn referer(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    let value = written(scene, value);
    let address = "https://www.example.org/landing?utm_source=mail&¤=¤&v=2";
    scene.exchange.referer = Some(fill(address, [Text::from(name), value]));
    Part::Referer
}

fn location(scene: &mut Scene, kind: &Kind) -> Part {
    let value = scene.made(kind);
    let address = match kind.name {
        "JWT" => "https://app.example.com/home#id_token=¤&expires_in=3600",
        _ => "https://app.example.com/cb?code=¤&page=2",
    };
    let header = ("Location".to_owned(), fill(address, [value]));
    scene.exchange.response.headers.push(header);
    scene.exchange.status = 302;
    Part::ResponseHeader
}

/// Credentials before the host.
pub fn user_info(scene: &mut Scene, kind: &Kind) -> Part {
    let user = scene.made(&named("user name"));
    let value = scene.made(kind).dressed(Dress::Percent);
    scene.layers.push("percent");
    scene.exchange.user_info = Some(fill("¤:¤", [user, value]));
    Part::Target
}
