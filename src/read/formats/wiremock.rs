//! WireMock's request journal (`/__admin/requests`): what a stub was asked and what it answered.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::recording::{Recording, looks_like};
use crate::read::format::{Format, Layout};

const WIREMOCK: Recording = Recording {
    list: &["requests"],
    ts_kind: TsKind::Start,
    places: &[
        ("request.url", Field::Url),
        ("request.absoluteUrl", Field::Url),
        ("request.method", Field::Method),
        ("request.loggedDate", Field::Time(TimeForm::Any)),
        ("request.clientIp", Field::ClientAddress),
        ("request.headers", Field::RequestHeaders),
        ("request.body", Field::RequestBody),
        ("response.status", Field::Status),
        ("response.headers", Field::ResponseHeaders),
        ("response.body", Field::ResponseBody),
        ("timing.totalTime", Field::Duration(Unit::Millis)),
    ],
    packed_body: "",
};

pub const FORMAT: Format = Format {
    name: "wiremock",
    aliases: &[],
    title: "WireMock request journal, JSON",
    specificity: 100,
    layout: Layout::Document {
        sniff: |head| looks_like(head, '{', &["requests", "request", "wasMatched"]),
        parse: |bytes, sink| WIREMOCK.parse(bytes, sink),
    },
    samples: &[(
        r#"{"requests":[{"id":"4a5e","request":{"url":"/v1/x?a=1","absoluteUrl":"http://stub.example:8080/v1/x?a=1","method":"GET","clientIp":"10.0.0.1","headers":{"Host":"stub.example:8080"},"loggedDate":1795319506069},"response":{"status":503,"headers":{"Retry-After":"5"},"body":""},"wasMatched":true,"timing":{"totalTime":12}}],"meta":{"total":1},"requestJournalDisabled":false}"#,
        Some(503),
    )],
};

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn a_journal_has_times() {
        check(
            &super::FORMAT,
            super::FORMAT.samples[0].0,
            &["503 GET stub.example/v1/x?a=1 2026-11-22T03:51:46.069Z"],
        );
    }
}
