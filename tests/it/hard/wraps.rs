//! Bodies in bodies: what gateways, queues and browsers put around a document before a log sees it.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Part, Scene};
use crate::hard::text::{Text, fill};

/// Layers around a body; the record's own is the third.
const LAYERS_MAX: usize = 2;

struct Wrap {
    name: &'static str,
    mime: &'static str,
    put: fn(Text) -> Text,
}

const WRAPS: &[Wrap] = &[
    Wrap {
        name: "in JSON",
        mime: "application/json",
        put: |text| fill("{\"id\":7,\"payload\":\"¤\"}", [text.dressed(Dress::Json)]),
    },
    Wrap {
        name: "in JSON, HTML-safe",
        mime: "application/json",
        put: |text| fill("{\"Message\":\"¤\"}", [text.dressed(Dress::JsonHtml)]),
    },
    Wrap {
        name: "in a form",
        mime: "application/x-www-form-urlencoded",
        put: |text| fill("v=1&payload=¤&end=1", [text.dressed(Dress::Form)]),
    },
    Wrap {
        name: "in XML",
        mime: "text/xml",
        put: |text| {
            fill(
                "<Envelope><Data>¤</Data></Envelope>",
                [text.dressed(Dress::Xml)],
            )
        },
    },
    Wrap {
        name: "in CDATA",
        mime: "text/xml",
        put: |text| fill("<Envelope><Data><![CDATA[¤]]></Data></Envelope>", [text]),
    },
    Wrap {
        name: "in HTML",
        mime: "text/html",
        put: |text| {
            let value = text.dressed(Dress::Xml);
            fill(
                "<input type=\"hidden\" name=\"state\" value=\"¤\"/>",
                [value],
            )
        },
    },
    Wrap {
        name: "in base64",
        mime: "application/json",
        put: |text| fill("{\"messageId\":\"m-7\",\"data\":\"¤\"}", [text.base64()]),
    },
    Wrap {
        name: "in base64url",
        mime: "application/x-www-form-urlencoded",
        put: |text| fill("state=ok&data=¤", [text.base64_url()]),
    },
];

/// Wraps a body and makes it the request's or the response's.
pub fn place(scene: &mut Scene, mime: &str, body: Text) -> Part {
    let (mut mime, mut body) = (mime.to_owned(), body);
    for _ in 0..layers(scene) {
        let wrap = scene.random.pick(WRAPS);
        // A section cannot hold the end of another.
        if wrap.name == "in CDATA" && body.written().contains("]]>") {
            continue;
        }
        body = (wrap.put)(body);
        wrap.mime.clone_into(&mut mime);
        scene.layers.push(wrap.name);
    }
    let is_request = scene.random.chance(60);
    let side = match is_request {
        true => &mut scene.exchange.request,
        false => &mut scene.exchange.response,
    };
    side.headers
        .push(("Content-Type".to_owned(), Text::from(mime)));
    side.body = Some(body);
    match is_request {
        true => Part::RequestBody,
        false => Part::ResponseBody,
    }
}

fn layers(scene: &mut Scene) -> usize {
    let drawn = *scene.random.pick(&[0, 0, 0, 0, 1, 1, 2]);
    // The first layer is the value's own.
    let within = scene.layers.len().saturating_sub(1);
    drawn.min(LAYERS_MAX.saturating_sub(within))
}
