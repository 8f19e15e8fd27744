//! Any text as a part of an exchange, chosen by the first sign: each goes through the tokeniser of its grammar. Stored
//! again, nothing in it changes.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::content;
use tidemark_fuzz::mask::{MaskKey, Masked, Masker, Row, Settings};
use tidemark_fuzz::model::exchange::{Exchange, Outcome};
use tidemark_fuzz::model::time::Timestamp;

static MASKER: LazyLock<Masker> = LazyLock::new(|| {
    Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
});

const HEADERS: [&str; 8] = [
    "authorization",
    "cookie",
    "set-cookie",
    "x-forwarded-for",
    "forwarded",
    "x-api-key",
    "referer",
    "x-request-id",
];

fn exchange<'t>(choice: usize, text: &'t str) -> Exchange<'t> {
    let mut exchange = Exchange {
        outcome: Outcome::ServerError,
        raw: text,
        ..Exchange::default()
    };
    match choice {
        0 => exchange.path = text.into(),
        1 => exchange.query = Some(text.into()),
        2 => exchange.request_body = Some(text.into()),
        3 => exchange.response_body = Some(text.into()),
        4 => exchange.error_message = Some(text.into()),
        5 => exchange.error_code = Some(text.into()),
        6 => exchange.client = Some(text.into()),
        7 => exchange.host = text.into(),
        n => exchange.request_headers = vec![(HEADERS[n % HEADERS.len()].into(), text.into())],
    }
    exchange
}

fn mask(exchange: &Exchange<'_>) -> Masked {
    let mut batch = MASKER.batch();
    let row = Row {
        source: "a.log",
        source_id: "s1",
        ingested_at: Timestamp::from_secs(5),
        keep_content: true,
    };
    batch.push(exchange, &row);
    batch.finish()
}

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = (usize::from(input.0) % 16, input.1);
    let [headers, request, response] = content(mask(&exchange(choice, text)));
    assert!(
        headers
            .is_none_or(|headers| serde_json::from_str::<serde::de::IgnoredAny>(&headers).is_ok()),
        "headers are one object"
    );
    for once in [request, response].into_iter().flatten() {
        let [_, request, response] = content(mask(&exchange(choice, &once)));
        assert_eq!(request.or(response), Some(once), "masked twice");
    }
});
