//! `Authorization` by scheme, and credentials in addresses (RFC 6750, 7617, 7616, 5849, vendors' own).

use crate::hard::exchange::{Part, Scene};
use crate::hard::kinds::{Kind, named};
use crate::hard::pattern;
use crate::hard::positions::{Position, is_password, is_token, urls};
use crate::hard::text::{Text, fill};

pub const POSITIONS: &[Position] = &[
    Position {
        name: "Authorization, bearer",
        fits: is_token,
        put: bearer,
    },
    Position {
        name: "Authorization, vendor's scheme",
        fits: |kind| kind.name.starts_with("token"),
        put: vendor,
    },
    Position {
        name: "Authorization, basic",
        fits: |kind| is_password(kind) && kind.name != "password, odd signs",
        put: basic,
    },
    Position {
        name: "Authorization, parameters",
        fits: |kind| kind.name == "signature",
        put: parameters,
    },
    Position {
        name: "user info",
        fits: |kind| is_password(kind) || kind.name == "GitLab token",
        put: urls::user_info,
    },
];

fn authorize(scene: &mut Scene, value: Text) -> Part {
    let name = *scene
        .random
        .pick(&["Authorization", "Authorization", "authorization"]);
    let others = std::mem::take(&mut scene.exchange.request.headers);
    scene.exchange.request.headers = scene.mix(others, name, value);
    Part::RequestHeader
}

fn bearer(scene: &mut Scene, kind: &Kind) -> Part {
    let scheme = *scene
        .random
        .pick(&["Bearer ", "Bearer ", "bearer ", "Token ", "OAuth "]);
    let value = scene.made(kind);
    authorize(scene, fill("¤¤", [Text::from(scheme), value]))
}

fn vendor(scene: &mut Scene, kind: &Kind) -> Part {
    let schemes = [
        "SSWS ",
        "GenieKey ",
        "ApiKey ",
        "Klaviyo-API-Key ",
        "Zoho-oauthtoken ",
        "DeepL-Auth-Key ",
        "Token token=",
        "Bot ",
        "Splunk ",
        "Snowflake Token=",
    ];
    let scheme = *scene.random.pick(&schemes);
    let value = scene.made(kind);
    authorize(scene, fill("¤¤", [Text::loose(scheme), value]))
}

fn basic(scene: &mut Scene, kind: &Kind) -> Part {
    let user = scene.made(&named("user name"));
    let password = scene.made(kind);
    scene.layers.push("base64");
    let packed = fill("¤:¤", [user, password]).base64();
    authorize(scene, fill("Basic ¤", [packed]))
}

/// Digest, AWS, OAuth 1, shared keys: the signature is the secret, and the rest tells why it was refused.
fn parameters(scene: &mut Scene, kind: &Kind) -> Part {
    let forms = [
        "AWS4-HMAC-SHA256 Credential=¤/20240312/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=¤",
        "OAuth realm=\"x\", oauth_consumer_key=\"¤\", oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1710000000\", oauth_version=\"1.0\", oauth_signature=\"¤\"",
        "SharedKey ¤:¤",
        "HMAC-SHA256 keyId=¤,signature=¤",
    ];
    let form = *scene.random.pick(&forms);
    let id = pattern::write("AKIA{B16}", &mut scene.random);
    let value = scene.made(kind);
    authorize(scene, fill(form, [Text::loose(&id), value]))
}
