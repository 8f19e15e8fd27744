//! nock recordings: an array of scope, path and answer; the time is the answer's Date header.

use crate::model::exchange::TsKind;
use crate::read::engine::field::Field;
use crate::read::engine::recording::{Recording, looks_like};
use crate::read::format::{Format, Layout};

const NOCK: Recording = Recording {
    list: &[],
    ts_kind: TsKind::End,
    places: &[
        ("scope", Field::Url),
        ("path", Field::Path),
        ("method", Field::Method),
        ("status", Field::Status),
        ("body", Field::RequestBody),
        ("response", Field::ResponseBody),
        ("reqheaders", Field::RequestHeaders),
        ("rawHeaders", Field::ResponseHeaders),
        ("headers", Field::ResponseHeaders),
    ],
    packed_body: "",
};

pub const FORMAT: Format = Format {
    name: "nock",
    aliases: &[],
    title: "nock recordings, JSON",
    specificity: 100,
    layout: Layout::Document {
        sniff: |head| {
            looks_like(
                head,
                '[',
                &["scope", "method", "path", "status", "response"],
            )
        },
        parse: |bytes, sink| NOCK.parse(bytes, sink),
    },
    samples: &[(
        r#"[{"scope":"https://api.example.com:443","method":"post","path":"/orgs/x/repos?a=1","body":{"name":"y"},"status":429,"response":{"message":"slow down"},"rawHeaders":["Date","Sun, 22 Nov 2026 03:51:46 GMT","Retry-After","5"],"reqheaders":{"host":"api.example.com"},"responseIsBinary":false}]"#,
        Some(429),
    )],
};

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn scope_path_and_date_come_together() {
        check(
            &super::FORMAT,
            super::FORMAT.samples[0].0,
            &["429 POST api.example.com/orgs/x/repos?a=1 2026-11-22T03:51:46Z"],
        );
    }
}
