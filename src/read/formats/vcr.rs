//! VCR cassettes in JSON (Ruby's vcr, vcrpy), also one cassette a line. YAML ones are not read.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm};
use crate::read::engine::recording::{Recording, looks_like};
use crate::read::format::{Format, Layout};

const VCR: Recording = Recording {
    list: &["http_interactions"],
    ts_kind: TsKind::End,
    places: PLACES,
    packed_body: "response.body.base64_string",
};

/// vcrpy names the list otherwise.
const VCRPY: Recording = Recording {
    list: &["interactions"],
    ..VCR
};

const PLACES: &[(&str, Field)] = &[
    ("request.method", Field::Method),
    ("request.uri", Field::Url),
    ("request.headers", Field::RequestHeaders),
    ("request.body.string", Field::RequestBody),
    ("response.status.code", Field::Status),
    ("response.headers", Field::ResponseHeaders),
    ("response.body.string", Field::ResponseBody),
    ("recorded_at", Field::Time(TimeForm::Any)),
];

pub const FORMAT: Format = Format {
    name: "vcr",
    aliases: &["vcrpy"],
    title: "VCR cassettes, JSON",
    specificity: 100,
    layout: Layout::Document {
        sniff: |head| is_ruby(head) || is_python(head),
        parse: |bytes, sink| match is_python(&bytes[..bytes.len().min(SNIFF_BYTES)]) {
            true => VCRPY.parse(bytes, sink),
            false => VCR.parse(bytes, sink),
        },
    },
    samples: &[
        (
            r#"{"http_interactions":[{"request":{"method":"get","uri":"https://api.example.com/repos/7","headers":{"User-Agent":["x"]},"body":{"string":""}},"response":{"status":{"code":404,"message":"Not Found"},"headers":{"Date":["Sun, 22 Nov 2026 03:51:46 GMT"]},"body":{"encoding":"ASCII-8BIT","base64_string":"e30=\n"}},"recorded_at":"Sun, 22 Nov 2026 03:51:46 GMT"}],"recorded_with":"VCR 6.1.0"}"#,
            Some(404),
        ),
        (
            r#"{"version": 1, "interactions": [{"request":{"method":"GET","uri":"https://api.example.com/x","body":null,"headers":{}},"response":{"status":{"code":429,"message":"Too Many Requests"},"headers":{"Retry-After":["5"]},"body":{"string":"{}"}}}]}"#,
            Some(429),
        ),
    ],
};

const SNIFF_BYTES: usize = 4 * 1024;

fn is_ruby(head: &[u8]) -> bool {
    looks_like(head, '{', &["http_interactions"])
}

fn is_python(head: &[u8]) -> bool {
    !is_ruby(head) && looks_like(head, '{', &["interactions", "request", "uri"])
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn a_cassette_a_line() {
        let cassette = super::FORMAT.samples[0].0;
        check(
            &super::FORMAT,
            &format!("{cassette}\n{cassette}\n"),
            &["404 GET api.example.com/repos/7 2026-11-22T03:51:46Z"; 2],
        );
    }
}
