//! Addresses and texts that carry their own key: signed addresses, webhooks, connection strings.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Part, Scene};
use crate::hard::json::Json;
use crate::hard::kinds::Kind;
use crate::hard::positions::documents::style;
use crate::hard::positions::{Position, is_password};
use crate::hard::text::{Text, fill};
use crate::hard::wraps::place;

pub const POSITIONS: &[Position] = &[
    Position {
        name: "signed address",
        fits: |kind| kind.name == "signature",
        put: signed,
    },
    Position {
        name: "webhook address",
        fits: |kind| kind.name == "token, letters",
        put: webhook,
    },
    Position {
        name: "connection string",
        fits: |kind| is_password(kind) && kind.name != "password, odd signs",
        put: connection,
    },
    Position {
        name: "connection string, Azure",
        fits: |kind| kind.name == "token, base64",
        put: azure,
    },
];

fn member(scene: &mut Scene, names: &[&'static str], text: Text) -> Part {
    let name = *scene.random.pick(names);
    let style = style(scene);
    let all = Json::object([("status", Json::text("ok")), (name, Json::Text(text))]);
    place(scene, "application/json", all.written(style))
}

fn signed(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "https://acme.s3.eu-west-1.amazonaws.com/r.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20240312T100000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=¤",
        "https://acme.blob.core.windows.net/c/r.csv?sv=2022-11-02&se=2024-03-13T09%3A00%3A00Z&sr=b&sp=r&sig=¤",
        "https://storage.googleapis.com/acme/r.csv?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Expires=900&X-Goog-Signature=¤",
        "https://d111111abcdef8.cloudfront.net/r.csv?Expires=1710000000&Signature=¤",
    ]);
    let value = scene.made(kind);
    member(scene, &["downloadUrl", "url", "href"], fill(form, [value]))
}

fn webhook(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "https://hooks.slack.com/services/T0CANARY1/B0CANARY22/¤",
        "https://discord.com/api/webhooks/112233445566778899/¤",
        "https://maker.ifttt.com/trigger/evt/with/key/¤",
        "https://hook.eu1.make.com/¤",
    ]);
    let value = scene.made(kind);
    member(scene, &["target", "url", "webhookUrl"], fill(form, [value]))
}

/// Under such a name all of it may go.
const NAMES: &[&str] = &["connectionString", "DATABASE_URL", "dsn", "note"];

fn connection(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "mongodb+srv://¤:¤@cluster0.ab1cd.mongodb.net/shop?retryWrites=true",
        "postgresql://¤:¤@pg.example.com:5432/main?sslmode=require",
        "redis://¤:¤@cache.example.com:6379/0",
        "amqps://¤:¤@mq.example.com/vhost",
        "jdbc:postgresql://pg.example.com:5432/main?user=¤&password=¤&ssl=true",
        "jdbc:sqlserver://sql.example.com:1433;databaseName=shop;user=¤;password=¤;encrypt=true",
        "Server=tcp:sql.example.com,1433;Initial Catalog=shop;User ID=¤;Password=¤;Encrypt=True;",
        "host=pg.example.com port=5432 user=¤ password=¤ dbname=main",
    ]);
    let value = scene.made(kind);
    let text = fill(form, [Text::from("app"), value]).loosened();
    member(scene, NAMES, text)
}

fn azure(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "DefaultEndpointsProtocol=https;AccountName=acmestore;AccountKey=¤;EndpointSuffix=core.windows.net",
        "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=¤",
        "acme.redis.cache.windows.net:6380,password=¤,ssl=True,abortConnect=False",
        "BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=sv=2022-11-02&ss=b&sp=rl&sig=¤",
    ]);
    let dress = match form.contains("sig=") {
        true => Some(Dress::Percent),
        false => None,
    };
    let value = scene.made(kind);
    let value = dress.map_or(value.clone(), |dress| value.dressed(dress));
    member(scene, NAMES, fill(form, [value]).loosened())
}
