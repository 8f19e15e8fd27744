//! JSON, XML, SOAP and GraphQL.

use crate::hard::dress::{self, Dress, JSON, XML};
use crate::hard::exchange::{Part, Scene};
use crate::hard::json::{Json, Style};
use crate::hard::kinds::{Kind, named};
use crate::hard::positions::{Position, any, is_password, is_token, plain_name};
use crate::hard::text::{Text, fill};
use crate::hard::wraps::place;

pub const POSITIONS: &[Position] = &[
    Position {
        name: "JSON",
        fits: any,
        put: member,
    },
    Position {
        name: "JSON, name and value",
        fits: any,
        put: pair,
    },
    Position {
        name: "JSON, number",
        fits: |kind| ["card number", "one-time code", "US bank account"].contains(&kind.name),
        put: number,
    },
    Position {
        name: "XML element",
        fits: any,
        put: element,
    },
    Position {
        name: "XML attribute",
        fits: |kind| kind.name != "private key",
        put: attribute,
    },
    Position {
        name: "XML, name and value",
        fits: any,
        put: property,
    },
    Position {
        name: "CDATA",
        fits: any,
        put: cdata,
    },
    Position {
        name: "SOAP header",
        fits: |kind| is_password(kind) || is_token(kind),
        put: soap,
    },
    Position {
        name: "GraphQL literal",
        fits: |kind| kind.name != "private key",
        put: literal,
    },
    Position {
        name: "GraphQL variable",
        fits: any,
        put: variable,
    },
];

pub fn style(scene: &mut Scene) -> Style {
    let dress = dress::pick(&mut scene.random, &JSON);
    let spaced = scene.random.chance(40);
    scene.layers.push(dress.name());
    Style { dress, spaced }
}

/// An object with some other members.
fn among(scene: &mut Scene, name: &str, value: Json) -> Json {
    let others = scene.some_kept('j', 4);
    let at = scene.around.below(others.len() + 1);
    let mut members: Vec<(String, Json)> = others
        .into_iter()
        .filter(|(other, _)| other != name)
        .map(|(name, text)| (name, Json::Text(text)))
        .collect();
    members.insert(at.min(members.len()), (name.to_owned(), value));
    Json::Object(members)
}

fn nested(scene: &mut Scene, inner: Json) -> Json {
    match scene.random.below(4) {
        0 => Json::object([("data", inner)]),
        1 => Json::object([
            ("items", Json::List(vec![inner])),
            ("total", Json::raw("1")),
        ]),
        2 => Json::object([("payload", Json::object([("attributes", inner)]))]),
        _ => inner,
    }
}

fn document(scene: &mut Scene, document: Json) -> Part {
    let style = style(scene);
    place(scene, "application/json", document.written(style))
}

fn member(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = Json::Text(scene.made(kind));
    let value = match scene.random.chance(10) {
        true => Json::List(vec![value]),
        false => value,
    };
    let inner = among(scene, name, value);
    let all = nested(scene, inner);
    document(scene, all)
}

fn number(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let mut value = scene.value(kind);
    value.text.retain(|c| c.is_ascii_digit());
    // A number has no zero in front.
    if value.text.starts_with('0') {
        value.text.replace_range(..1, "7");
    }
    value.canonical.clone_from(&value.text);
    value.cores = vec![value.text.clone()];
    let value = Json::Raw(scene.slot(kind, &value));
    let all = among(scene, name, value);
    document(scene, all)
}

fn pair(scene: &mut Scene, kind: &Kind) -> Part {
    let (key, holds) = *scene.random.pick(&[
        ("key", "value"),
        ("name", "value"),
        ("Name", "Value"),
        ("fieldName", "fieldValue"),
        ("parameter", "value"),
        ("header", "value"),
    ]);
    let name = *scene.random.pick(kind.names);
    let value = Json::Text(scene.made(kind));
    let name = Json::text(name);
    let item = match scene.random.chance(70) {
        true => Json::object([(key, name), (holds, value)]),
        false => Json::object([(holds, value), (key, name)]),
    };
    let other = Json::object([
        (key, Json::text("region")),
        (holds, Json::text("eu-west-1")),
    ]);
    let list = *scene
        .random
        .pick(&["settings", "parameters", "fields", "attributes"]);
    document(scene, Json::object([(list, Json::List(vec![other, item]))]))
}

fn xml(scene: &mut Scene, inner: Text) -> Part {
    let others = scene.some_kept('x', 3);
    let mut body = Text::from("<?xml version=\"1.0\"?><Request xmlns=\"urn:x\">");
    body.add(inner);
    for (name, text) in others {
        let tag = Text::from(name);
        body.add(fill(
            "<¤>¤</¤>",
            [tag.clone(), text.dressed(Dress::Xml), tag],
        ));
    }
    body.add("</Request>");
    place(scene, "text/xml", body)
}

fn written(scene: &mut Scene, value: Text) -> Text {
    let dress = dress::pick(&mut scene.random, &XML);
    scene.layers.push(dress.name());
    value.dressed(dress)
}

fn element(scene: &mut Scene, kind: &Kind) -> Part {
    let name = plain_name(kind, scene, "_-");
    let tag = match scene.random.below(3) {
        0 => format!("ns2:{name}"),
        _ => name,
    };
    let value = scene.made(kind);
    let value = written(scene, value);
    let attributes = *scene.random.pick(&["", "", " xsi:type=\"xsd:string\""]);
    let texts = [&tag, attributes].map(Text::from);
    let [open, attributes] = texts;
    xml(
        scene,
        fill("<¤¤>¤</¤>", [open, attributes, value, Text::from(tag)]),
    )
}

fn attribute(scene: &mut Scene, kind: &Kind) -> Part {
    let name = plain_name(kind, scene, "_-");
    let value = scene.made(kind);
    let value = written(scene, value);
    xml(
        scene,
        fill(
            "<login id=\"12\" ¤=\"¤\" lang=\"en\"/>",
            [Text::from(name), value],
        ),
    )
}

fn property(scene: &mut Scene, kind: &Kind) -> Part {
    let form = *scene.random.pick(&[
        "<Property><Name>¤</Name><Value>¤</Value></Property>",
        "<param name=\"¤\">¤</param>",
        "<add key=\"¤\" value=\"¤\"/>",
    ]);
    let name = *scene.random.pick(kind.names);
    let value = scene.made(kind);
    let value = written(scene, value);
    xml(scene, fill(form, [Text::from(name), value]))
}

fn cdata(scene: &mut Scene, kind: &Kind) -> Part {
    let name = plain_name(kind, scene, "_-");
    let value = scene.made(kind);
    scene.layers.push("CDATA");
    let tag = Text::from(name);
    xml(
        scene,
        fill("<¤><![CDATA[¤]]></¤>", [tag.clone(), value, tag]),
    )
}

/// WS-Security, and the session headers of Salesforce's and Responsys' services.
fn soap(scene: &mut Scene, kind: &Kind) -> Part {
    let head = match is_password(kind) {
        true => {
            "<wsse:Security><wsse:UsernameToken><wsse:Username>¤</wsse:Username><wsse:Password Type=\"#PasswordText\">¤</wsse:Password></wsse:UsernameToken></wsse:Security>"
        }
        false => *scene.random.pick(&[
            "<fueloauth xmlns=\"http://exacttarget.com\">¤</fueloauth>",
            "<urn:SessionHeader><urn:sessionId>¤</urn:sessionId></urn:SessionHeader>",
            "<AuthHeader><ApiKey>¤</ApiKey></AuthHeader>",
        ]),
    };
    let mut holes = Vec::new();
    if is_password(kind) {
        holes.push(scene.made(&named("user name")));
    }
    let value = scene.made(kind);
    holes.push(written(scene, value));
    let envelope = "<?xml version=\"1.0\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Header>¤</soapenv:Header><soapenv:Body><x/></soapenv:Body></soapenv:Envelope>";
    let body = fill(envelope, [fill(head, holes)]);
    place(scene, "text/xml; charset=utf-8", body)
}

fn literal(scene: &mut Scene, kind: &Kind) -> Part {
    let name = plain_name(kind, scene, "_");
    let value = scene.made(kind).dressed(Dress::Json);
    scene.layers.push("GraphQL");
    let query = "mutation { signIn(input: {id: 7, ¤: \"¤\", locale: DE}) { viewer { id } } }";
    let query = fill(query, [Text::from(name), value]);
    document(scene, Json::object([("query", Json::Text(query))]))
}

fn variable(scene: &mut Scene, kind: &Kind) -> Part {
    let name = plain_name(kind, scene, "_");
    let value = Json::Text(scene.made(kind));
    let inner = among(scene, &name, value);
    let query = "mutation L($input: LoginInput!) { login(input: $input) { ok tokenType } }";
    let variables = Json::object([("input", inner)]);
    let all = Json::object([("query", Json::text(query)), ("variables", variables)]);
    document(scene, all)
}
