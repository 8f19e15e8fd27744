//! Spans and log records in both encodings, and the files they come in.

use std::fmt::Write;

use crate::model::exchange::{Direction, Exchange, find_header};
use crate::read::format::{Options, Parsed, Place, SequenceParser};
use crate::read::push::entry::{PushError, Reason};
use crate::read::push::otlp::file::{self, OtlpLines};
use crate::read::push::otlp::request::{Encoding, decode_logs, read_traces};
use crate::read::skip::{Ignored, Rejected, Skip};

/// What the tests look at.
fn show(exchange: &Exchange<'_>) -> String {
    let mut text = format!(
        "{} {} {} {}",
        exchange.direction.name(),
        exchange.method,
        exchange.host,
        exchange.path
    );
    let status = exchange.status.map_or("-".to_owned(), |s| s.to_string());
    let _ = write!(text, " {status} #{}", exchange.attempt);
    for told in [
        &exchange.query,
        &exchange.operation,
        &exchange.client,
        &exchange.error_code,
        &exchange.error_message,
        &exchange.correlation_id,
    ] {
        let _ = write!(text, " {}", told.as_deref().unwrap_or("-"));
    }
    text
}

fn spans(body: &[u8], encoding: Encoding) -> (Vec<String>, Result<usize, PushError>) {
    let mut found = Vec::new();
    let result = read_traces(body, encoding, &mut |span| {
        found.push(match span {
            Ok(exchange) => show(&exchange),
            Err(Skip::Ignored(reason)) => format!("{reason:?}"),
            Err(Skip::Rejected(reason)) => format!("{reason:?}"),
        })
    });
    (found, result)
}

/// A request whose spans have these members beside ids and times.
fn request(spans: &[&str]) -> String {
    let spans: Vec<String> = spans
        .iter()
        .enumerate()
        .map(|(at, members)| {
            let start = 1_795_319_648_000_000_000u64 + at as u64 * 1_000_000_000;
            format!(
                r#"{{"traceId":"49AC3BB9F544552F052F993825386DF0","spanId":"000000000000000{}","parentSpanId":"00000000000000ff","startTimeUnixNano":"{start}","endTimeUnixNano":"{}","flags":257,{members}}}"#,
                at + 1,
                start + 412_500_000,
            )
        })
        .collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{}]}},"scopeSpans":[{{"scope":{{"name":"x"}},"spans":[{}]}}]}}]}}"#,
        text("service.name", "order-sync"),
        spans.join(",")
    )
}

fn text(key: &str, value: &str) -> String {
    format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#)
}

/// The members of a span of a kind with these attributes, numbers where they are such.
fn span(kind: u8, attributes: &[(&str, &str)]) -> String {
    let attributes: Vec<String> = attributes
        .iter()
        .map(|(key, value)| match value.parse::<i64>() {
            Ok(_) => format!(r#"{{"key":"{key}","value":{{"intValue":"{value}"}}}}"#),
            Err(_) => text(key, value),
        })
        .collect();
    format!(r#""kind":{kind},"attributes":[{}]"#, attributes.join(","))
}

#[track_caller]
fn check(members: &[&str], expected: &[&str]) {
    let body = request(members);
    let (found, result) = spans(body.as_bytes(), Encoding::Json);
    assert_eq!(found, expected, "{body}");
    assert_eq!(result, Ok(members.len()));
}

#[test]
fn both_sets_of_names_are_known_and_the_stable_one_wins() {
    let stable = span(
        3,
        &[
            ("http.request.method", "GET"),
            ("url.full", "https://api.stripe.com/v1/customers/7?limit=3"),
            ("url.template", "https://api.stripe.com/v1/customers/{id}"),
            ("server.address", "10.0.0.1"),
            ("http.response.status_code", "404"),
            ("error.type", "404"),
        ],
    );
    let old = span(
        3,
        &[
            ("http.method", "POST"),
            ("http.target", "/crm/v3?x=1"),
            ("net.peer.name", "api.hubapi.com"),
            ("http.status_code", "201"),
        ],
    );
    let both = span(
        3,
        &[
            ("http.method", "get"),
            ("http.url", "https://old.example.com/"),
            ("http.status_code", "500"),
            ("http.request.method", "_OTHER"),
            ("http.request.method_original", "PURGE"),
            ("url.full", "https://api.example.com/a"),
            ("http.response.status_code", "200"),
        ],
    );
    check(
        &[&stable, &old, &both],
        &[
            "outbound GET api.stripe.com /v1/customers/7 404 #1 limit=3 /v1/customers/{id} order-sync - - -",
            "outbound POST api.hubapi.com /crm/v3 201 #1 x=1 - order-sync - - -",
            "outbound PURGE api.example.com /a 200 #1 - - order-sync - - -",
        ],
    );
}

#[test]
fn a_server_is_called_and_other_spans_tell_of_no_exchange() {
    let server = span(
        2,
        &[
            ("http.request.method", "POST"),
            ("url.path", "/webhooks/stripe"),
            ("url.query", "a=b"),
            ("http.route", "/webhooks/{vendor}"),
            ("server.address", "hooks.example.com"),
            ("user_agent.original", "Stripe/1.0"),
            ("http.response.status_code", "429"),
        ],
    );
    let internal = span(1, &[("http.request.method", "GET")]);
    let query = span(3, &[("db.system.name", "postgresql")]);
    let odd = span(3, &[("http.method", "GET"), ("http.status_code", "12")]);
    check(
        &[&server, &internal, &query, &odd],
        &[
            "inbound POST hooks.example.com /webhooks/stripe 429 #1 a=b /webhooks/{vendor} Stripe/1.0 - - -",
            "NotHttp",
            "NotHttp",
            "BadStatus",
        ],
    );
}

#[test]
fn a_call_without_an_answer_says_what_went_wrong() {
    let timeout = span(
        3,
        &[
            ("http.request.method", "GET"),
            ("url.full", "https://api.stripe.com/v1"),
            ("error.type", "java.net.SocketTimeoutException"),
        ],
    ) + r#","status":{"code":2,"message":"timed out"}"#;
    let thrown = span(
        3,
        &[("http.method", "GET"), ("http.url", "https://a.example/")],
    ) + &format!(
        r#","events":[{{"name":"retry"}},{{"name":"exception","attributes":[{},{}]}}]"#,
        text("exception.type", "ConnectionError"),
        text("exception.message", "refused")
    );
    check(
        &[&timeout, &thrown],
        &[
            "outbound GET api.stripe.com /v1 - #1 - - order-sync java.net.SocketTimeoutException timed out 0000000000000001",
            "outbound GET a.example / - #1 - - order-sync ConnectionError refused 0000000000000002",
        ],
    );
}

#[test]
fn spans_that_ask_again_after_a_failure_are_tries_of_one_call() {
    let call = |status: &str, more: &[(&str, &str)]| {
        let mut told = vec![
            ("http.request.method", "GET"),
            ("url.full", "https://api.stripe.com/v1"),
            ("http.response.status_code", status),
        ];
        told.extend(more);
        span(3, &told)
    };
    let tail = "- - order-sync - -";
    let line = |rest: &str| format!("outbound GET api.stripe.com /v1 {rest}");
    let [first, second, third, fourth, resent] = [
        line(&format!("429 #1 {tail} 0000000000000001")),
        line(&format!("503 #2 {tail} 0000000000000001")),
        line(&format!("200 #3 {tail} 0000000000000001")),
        line(&format!("200 #1 {tail} -")),
        line(&format!("200 #4 {tail} -")),
    ];
    check(
        &[
            &call("429", &[]),
            &call("503", &[]),
            &call("200", &[]),
            &call("200", &[]),
            &call("200", &[("http.request.resend_count", "3")]),
        ],
        &[&first, &second, &third, &fourth, &resent],
    );
}

/// One field of a protobuf message.
fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut message = varint(number << 3 | 2);
    message.extend(varint(bytes.len() as u32));
    message.extend(bytes);
    message
}

fn varint(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 128 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn fixed(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3 | 1], value.to_le_bytes().as_slice()].concat()
}

fn pair(key: &str, value: &[u8]) -> Vec<u8> {
    [field(1, key.as_bytes()), field(2, value)].concat()
}

fn grouped(record: &[u8]) -> Vec<u8> {
    let service = pair("service.name", &field(1, b"order-sync"));
    let scope = [field(1, &field(1, b"lib")), field(2, record)].concat();
    let group = [field(2, &scope), field(1, &field(1, &service))].concat();
    field(1, &group)
}

fn span_message() -> Vec<u8> {
    let waits = field(5, &field(1, &field(1, b"7")));
    [
        field(1, &[0x49; 16]),
        field(2, &[0x6e; 8]),
        field(5, b"GET"),
        vec![6 << 3, 3],
        fixed(7, 1_795_319_648_295_623_545),
        fixed(8, 1_795_319_648_301_140_040),
        field(9, &pair("http.request.method", &field(1, b"GET"))),
        field(
            9,
            &pair("url.full", &field(1, b"https://api.stripe.com/v1?a=1")),
        ),
        field(9, &pair("http.response.status_code", &[3 << 3, 0xad, 3])),
        field(9, &pair("http.response.header.retry_after", &waits)),
        // Nothing that has a number yet.
        field(99, b"later"),
        field(15, &[3 << 3, 2]),
    ]
    .concat()
}

#[test]
fn protobuf_tells_the_same_as_json() {
    let body = grouped(&span_message());
    let expected = "outbound GET api.stripe.com /v1 429 #1 a=1 - order-sync - - -";
    assert_eq!(
        spans(&body, Encoding::Protobuf),
        (vec![expected.to_owned()], Ok(1))
    );
    read_traces(&body, Encoding::Protobuf, &mut |span| {
        let exchange = span.expect("a call");
        let ts = exchange.ts.map(|ts| ts.to_string());
        assert_eq!(ts.as_deref(), Some("2026-11-22T03:54:08.295624Z"));
        assert_eq!(exchange.duration_ms, Some(5.516_495));
        assert_eq!(exchange.trace_id.as_deref(), Some("49".repeat(16).as_str()));
        assert_eq!(
            find_header(&exchange.response_headers, "retry-after"),
            Some("7")
        );
    })
    .expect("valid");
    let cut = &body[..body.len() - 3];
    assert_eq!(
        spans(cut, Encoding::Protobuf).1,
        Err(Reason::NotProtobuf.at(0))
    );
    assert_eq!(spans(b"", Encoding::Protobuf), (Vec::new(), Ok(0)));
}

#[test]
fn values_nested_without_end_are_refused() {
    let mut value = field(1, b"x");
    for _ in 0..100 {
        value = field(5, &field(1, &value));
    }
    let body = grouped(&field(9, &pair("a", &value)));
    let reason = spans(&body, Encoding::Protobuf).1.map_err(|e| e.reason);
    assert_eq!(reason, Err(Reason::NotProtobuf));
}

#[test]
fn senders_that_bend_the_json_rules_are_understood() {
    let body = r#"{"resource_spans":[{"scope_spans":[{"spans":[{"traceId":"SaxLudRFVS8FL5k4JThtbQ==","kind":"SPAN_KIND_CLIENT","start_time_unix_nano":1795319648295623545,"attributes":[{"key":"http.method","value":{"string_value":"GET"}},{"key":"http.url","value":{"stringValue":"http://a.example/b"}},{"key":"http.status_code","value":{"intValue":200}}]}]}]}]}"#;
    let expected = "outbound GET a.example /b 200 #1 - - - - - -";
    assert_eq!(
        spans(body.as_bytes(), Encoding::Json),
        (vec![expected.to_owned()], Ok(1))
    );
    read_traces(body.as_bytes(), Encoding::Json, &mut |span| {
        let id = span.ok().and_then(|exchange| exchange.trace_id);
        assert_eq!(id.as_deref(), Some("49ac4bb9d445552f052f993825386d6d"));
    })
    .expect("valid");
    for (body, reason) in [
        ("", Reason::NoData),
        ("[]", Reason::InvalidFormat),
        ("{\"resourceSpans\":3}", Reason::InvalidFormat),
        ("{\"resourceSpans\":[", Reason::InvalidFormat),
    ] {
        let result = spans(body.as_bytes(), Encoding::Json).1;
        assert_eq!(result.map_err(|e| e.reason), Err(reason), "{body}");
    }
}

fn logs(body: &[u8], encoding: Encoding) -> Vec<String> {
    let mut found = Vec::new();
    decode_logs(body, encoding, &mut |entry| {
        let ts = entry.ts.map_or("-".to_owned(), |ts| ts.to_string());
        let source = entry.source.as_deref().unwrap_or("-");
        found.push(format!("{} {ts} {source} {}", entry.index, entry.text));
    })
    .expect("valid");
    found
}

#[test]
fn a_log_record_is_its_body_or_a_record_of_its_attributes() {
    let body = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"egress"}}]},"scopeLogs":[{"logRecords":[
        {"timeUnixNano":"0","observedTimeUnixNano":"1795319505818000000","body":{"stringValue":"one"}},
        {"timeUnixNano":"1795319505818000000","body":{"kvlistValue":{"values":[{"key":"status","value":{"intValue":"429"}},{"key":"tags","value":{"arrayValue":{"values":[{"boolValue":true}]}}}]}}},
        {"body":{"stringValue":"GET failed"},"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"log.file.path","value":{"stringValue":"/a"}}],"traceId":"5B8EFFF798038103D269B633813FC60C"}]}]}]}"#;
    assert_eq!(
        logs(body.as_bytes(), Encoding::Json),
        [
            "0 2026-11-22T03:51:45.818Z egress one",
            "1 2026-11-22T03:51:45.818Z egress {\"status\":429,\"tags\":[true]}",
            "2 - /a {\"http.request.method\":\"GET\",\"log.file.path\":\"/a\",\"trace_id\":\"5b8efff798038103d269b633813fc60c\"}",
        ]
    );
    let record = [
        fixed(11, 1_795_319_505_818_000_000),
        field(5, &field(1, b"one")),
    ];
    assert_eq!(
        logs(&grouped(&record.concat()), Encoding::Protobuf),
        ["0 2026-11-22T03:51:45.818Z order-sync one"]
    );
}

/// The statuses of a file, where it is known as one of these.
fn statuses(file: &[u8]) -> Option<Vec<Option<u16>>> {
    let mut found = Vec::new();
    file::sniff(file).then(|| {
        file::parse(file, &mut |span| found.extend(span.ok().map(|e| e.status))).expect("valid");
        found
    })
}

#[test]
fn files_of_the_collector_are_known_however_they_are_framed() {
    let body = grouped(&span_message());
    let log = [
        fixed(1, 1_795_319_505_818_000_000),
        field(
            5,
            &field(
                1,
                b"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 502 5",
            ),
        ),
    ];
    let log = grouped(&log.concat());
    let packed = zstd::stream::encode_all(body.as_slice(), 0).expect("memory");
    let frame = |body: &[u8]| [&(body.len() as u32).to_be_bytes(), body].concat();
    let delimited = [varint(body.len() as u32), body.clone()].concat();
    for (file, expected) in [
        (body.clone(), vec![Some(429)]),
        ([body.clone(), body.clone()].concat(), vec![Some(429); 2]),
        (log.clone(), vec![Some(502)]),
        (
            [frame(&body), frame(&log)].concat(),
            vec![Some(429), Some(502)],
        ),
        (
            [frame(&packed), frame(&packed)].concat(),
            vec![Some(429); 2],
        ),
        (delimited.repeat(3), vec![Some(429); 3]),
        // An empty group stands before.
        ([field(1, b""), body].concat(), vec![Some(429)]),
    ] {
        assert_eq!(statuses(&file), Some(expected));
    }
    for other in [
        b"\n\n\n\n".as_slice(),
        b"\n\x0610.1.2",
        b"",
        b"{\"a\":1}",
        b"\x00\x00\x00\x05hello",
        b"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 502 5\n",
    ] {
        assert_eq!(statuses(other), None);
    }
}

#[test]
fn a_line_of_spans_keeps_its_place_and_each_span_its_own_text() {
    let line = request(&[
        &span(3, &[("http.method", "GET"), ("http.status_code", "200")]),
        &span(1, &[]),
        &span(3, &[("http.method", "GET"), ("http.status_code", "500")]),
    ]);
    let mut lines = OtlpLines::new(&Options::default());
    let at = Place { offset: 9, line: 2 };
    let mut found = Vec::new();
    let parsed = lines.line(&line, at, &mut |name, exchanges| {
        assert!(
            exchanges
                .iter()
                .all(|e| e.direction == Direction::Outbound && e.is_final)
        );
        found.extend(exchanges.iter().map(|e| {
            let whole = e.raw.starts_with("{\"traceId\"") && e.raw.ends_with("]}");
            (name, e.offset, e.line, e.status, whole)
        }));
    });
    assert_eq!(parsed, Parsed::Record(file::NAME));
    assert_eq!(
        found,
        [
            (file::NAME, 9, 2, Some(200), true),
            (file::NAME, 9, 2, Some(500), true),
        ]
    );
    let fate = |line: &str| OtlpLines::new(&Options::default()).line(line, at, &mut |_, _| {});
    let metrics = r#"{"resourceMetrics":[{"scopeMetrics":[]}]}"#;
    assert_eq!(fate(metrics), Parsed::Ignored(Ignored::NotHttp));
    assert_eq!(
        fate(&line[..line.len() - 9]),
        Parsed::Rejected(Rejected::BadJson)
    );
    assert_eq!(
        fate("{\"a\":1}"),
        Parsed::Rejected(Rejected::NoFormatMatched)
    );
}
