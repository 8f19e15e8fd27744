//! Headers and cookies (RFC 9110, RFC 6265).

use crate::hard::dress::Dress;
use crate::hard::exchange::{Part, Scene};
use crate::hard::json::{Json, Style};
use crate::hard::kinds::{Class, Kind};
use crate::hard::positions::{Position, is_token};
use crate::hard::text::{Text, fill};

pub const POSITIONS: &[Position] = &[
    Position {
        name: "request header",
        fits: has_header,
        put: request_header,
    },
    Position {
        name: "response header",
        fits: is_token,
        put: response_header,
    },
    Position {
        name: "cookie",
        fits: |kind| is_token(kind) || is_plain_person(kind),
        put: cookie,
    },
    Position {
        name: "cookie, JSON",
        fits: |kind| is_token(kind) || is_plain_person(kind),
        put: json_cookie,
    },
    Position {
        name: "Set-Cookie",
        fits: is_token,
        put: set_cookie,
    },
    Position {
        name: "Forwarded",
        fits: |kind| kind.name.starts_with("client address"),
        put: forwarded,
    },
];

fn is_plain_person(kind: &Kind) -> bool {
    kind.class == Class::Personal && kind.name != "full name"
}

fn names(kind: &Kind) -> &'static [&'static str] {
    match kind.name {
        "e-mail address" => &[
            "X-User-Email",
            "X-Forwarded-Email",
            "From",
            "X-Auth-Request-Email",
        ],
        "user name" => &[
            "X-Forwarded-User",
            "Remote-User",
            "X-Remote-User",
            "X-Username",
        ],
        "phone number" => &["X-MSISDN", "X-Phone-Number", "X-User-Phone"],
        name if name.starts_with("client address") => &[
            "X-Forwarded-For",
            "X-Real-IP",
            "CF-Connecting-IP",
            "True-Client-IP",
            "X-Client-IP",
        ],
        "signature" => &["X-Signature", "X-Hub-Signature-256", "X-Webhook-Signature"],
        _ if is_token(kind) => &[
            "X-API-Key",
            "apikey",
            "X-Auth-Token",
            "X-Access-Token",
            "X-Session-Id",
            "X-CSRF-Token",
            "Private-Token",
            "X-Shopify-Access-Token",
            "X-Vault-Token",
            "DD-API-KEY",
            "X-Goog-Api-Key",
            "Ocp-Apim-Subscription-Key",
            "X-Client-Secret",
            "x-functions-key",
            "X-Service-Token",
            "X-Amz-Security-Token",
        ],
        _ => &[],
    }
}

fn has_header(kind: &Kind) -> bool {
    !names(kind).is_empty()
}

fn request_header(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(names(kind));
    let mut value = scene.made(kind);
    if name == "X-Forwarded-For" && scene.random.chance(50) {
        let other = scene.made(kind);
        value = fill("¤, ¤", [value, other]);
    }
    let others = std::mem::take(&mut scene.exchange.request.headers);
    scene.exchange.request.headers = scene.mix(others, name, value);
    Part::RequestHeader
}

fn response_header(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene
        .random
        .pick(&["X-Auth-Token", "X-Subject-Token", "X-CSRF-Token"]);
    let value = scene.made(kind);
    let others = std::mem::take(&mut scene.exchange.response.headers);
    scene.exchange.response.headers = scene.mix(others, name, value);
    Part::ResponseHeader
}

/// Names of cookies that frameworks give to what keeps somebody logged in.
const COOKIES: &[&str] = &[
    "JSESSIONID",
    "PHPSESSID",
    "connect.sid",
    "sessionid",
    "session",
    "auth_token",
    "ASP.NET_SessionId",
    ".AspNetCore.Session",
    "laravel_session",
    "__Host-session",
    "_session_id",
    "sid",
    "access_token",
    "XSRF-TOKEN",
    "csrftoken",
    "next-auth.session-token",
    "_gh_sess",
    "user_session",
    "rack.session",
    "PLAY_SESSION",
];

fn cookie(scene: &mut Scene, kind: &Kind) -> Part {
    let name = match kind.class {
        Class::Secret => *scene.random.pick(COOKIES),
        _ => *scene.random.pick(kind.names),
    };
    let value = scene.made(kind).dressed(Dress::Percent);
    scene.layers.push("percent");
    let others = scene.some_kept('c', 2);
    scene.exchange.cookies = scene.mix(others, name, value);
    Part::Cookie
}

/// A document in a cookie: percent-encoded, twice, or packed. A cookie may go as a whole, since nearly every one names a
/// session or a person.
fn json_cookie(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    let style = Style {
        dress: Dress::Json,
        spaced: false,
    };
    let inner = Json::object([("theme", Json::text("dark")), (name, Json::Text(value))]);
    let inner = inner.written(style).loosened();
    let (inner, layers): (_, &[&str]) = match scene.random.below(3) {
        0 => (inner.dressed(Dress::Percent), &["JSON", "percent"]),
        1 => {
            let once = inner.dressed(Dress::Percent);
            (
                once.dressed(Dress::Percent),
                &["JSON", "percent", "percent again"],
            )
        }
        _ => (inner.base64_url(), &["JSON", "base64url"]),
    };
    scene.layers.extend(layers);
    let others = scene.some_kept('c', 2);
    scene.exchange.cookies = scene.mix(others, "prefs", inner);
    Part::Cookie
}

fn set_cookie(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(COOKIES);
    let value = scene.made(kind).dressed(Dress::Percent);
    scene.layers.push("percent");
    let line = "¤=¤; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax";
    let header = fill(line, [Text::from(name), value]);
    scene
        .exchange
        .response
        .headers
        .push(("Set-Cookie".to_owned(), header));
    Part::ResponseHeader
}

/// RFC 7239.
fn forwarded(scene: &mut Scene, kind: &Kind) -> Part {
    let value = scene.made(kind);
    let form = match kind.name.ends_with("v6") {
        true => "for=\"[¤]:4711\";proto=https;host=api.example.com",
        false => "for=¤;proto=https;host=api.example.com",
    };
    let header = ("Forwarded".to_owned(), fill(form, [value]));
    scene.exchange.request.headers.push(header);
    Part::RequestHeader
}
