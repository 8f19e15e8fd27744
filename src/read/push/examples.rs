//! Bodies as senders write them, and as nobody should: what each protocol's function makes of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

use crate::model::exchange::Exchange;
use crate::read::format::{Options, Parsed, Place};
use crate::read::push::bulk::{self, Action};
use crate::read::push::inner::EntryReader;
use crate::read::push::saved::Decode;
use crate::read::push::*;

fn show(entry: &Entry<'_>) -> String {
    let ts = entry.ts.map_or("-".to_owned(), |ts| ts.to_string());
    let source = entry.source.as_deref().unwrap_or("-");
    format!("{} {ts} {source} {}", entry.index, entry.text)
}

fn entries(decode: Decode, body: &[u8]) -> (Vec<String>, Result<usize, PushError>) {
    let mut found = Vec::new();
    let result = decode(body, &mut |entry| found.push(show(&entry)));
    (found, result)
}

#[track_caller]
fn check(decode: Decode, body: &str, expected: &[&str]) {
    let (found, result) = entries(decode, body.as_bytes());
    assert_eq!(found, expected, "{body}");
    assert!(result.is_ok(), "{result:?}: {body}");
}

/// How many entries came before the error.
#[track_caller]
fn check_error(decode: Decode, body: &str, before: usize, expected: PushError) {
    let (found, result) = entries(decode, body.as_bytes());
    assert_eq!((found.len(), result), (before, Err(expected)), "{body}");
}

const FIREHOSE: Decode = |body, found| firehose::decode(body, found).map(|d| d.entries);

#[test]
fn events_of_the_collector_stand_with_or_without_space_between_them() {
    check(
        hec::decode_events,
        "{\"time\": 1795319505.818, \"source\": \"/var/log/a\", \"host\": \"gw\", \"event\": \"one \\\"1\\\"\"}{\"time\":\"1795319505.9\",\"host\":\"gw\",\"event\":{\"status\":429,\"message\":\"x\"}}\n\n  {\"event\":{\"log\":\"three\",\"stream\":\"stdout\"}} {\"event\":4}",
        &[
            "0 2026-11-22T03:51:45.818Z /var/log/a one \"1\"",
            "1 2026-11-22T03:51:45.900Z gw {\"status\":429,\"message\":\"x\"}",
            "2 - - three",
            "3 - - 4",
        ],
    );
    check(
        hec::decode_raw,
        "one\r\n\n two\n",
        &["0 - - one", "1 - -  two"],
    );
}

#[test]
fn the_collector_names_the_event_that_is_wrong() {
    let decode = hec::decode_events;
    check_error(decode, " \n", 0, Reason::NoData.at(0));
    check_error(
        decode,
        "{\"event\":\"a\"}{\"time\":1}",
        1,
        Reason::EventMissing.at(1),
    );
    check_error(
        decode,
        "{\"event\":\"a\"}{\"event\":\"\"}",
        1,
        Reason::EventBlank.at(1),
    );
    check_error(
        decode,
        "{\"event\":\"a\"}{\"event\":",
        1,
        Reason::InvalidFormat.at(1),
    );
    check_error(
        decode,
        "[{\"event\":\"a\"}]",
        0,
        Reason::InvalidFormat.at(0),
    );
    let deep = format!("{{\"event\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    check_error(decode, &deep, 0, Reason::TooDeep.at(0));
}

#[test]
fn loki_lines_have_nanoseconds_and_perhaps_metadata() {
    check(
        loki::decode_json,
        r#"{"streams":[{"stream":{"job":"egress","host":"gw"},"values":[["1795319505818000000","one"],["1795319505818000999","two",{"trace_id":"7"}]]},{"stream":{},"values":[]}]}"#,
        &[
            "0 2026-11-22T03:51:45.818Z egress one",
            "1 2026-11-22T03:51:45.818Z egress two",
        ],
    );
    let decode = loki::decode_json;
    check_error(
        decode,
        r#"{"streams":[{"values":[["x","a"]]}]}"#,
        0,
        Reason::InvalidFormat.at(0),
    );
    check_error(decode, r#"{"lines":[]}"#, 0, Reason::InvalidFormat.at(0));
}

/// One field of a protobuf message with bytes in it, shorter than 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// One field with a number in it.
fn number(number: u8, mut value: u64) -> Vec<u8> {
    let mut bytes = vec![number << 3];
    while value >= 128 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn snappy(message: &[u8]) -> Vec<u8> {
    let mut encoder = snap::raw::Encoder::new();
    encoder.compress_vec(message).expect("fits")
}

#[test]
fn loki_agents_send_snappy_by_default() {
    let at = [number(1, 1_795_319_505), number(2, 818_000_000)].concat();
    let entry = [field(1, &at), field(2, b"one")].concat();
    let labels = br#"{host="gw", filename="/var/log/a", job="b"}"#;
    let stream = [
        field(1, labels),
        field(2, &entry),
        field(2, &field(2, b"two")),
    ]
    .concat();
    let body = snappy(&field(1, &stream));
    let (found, result) = entries(loki::decode_snappy, &body);
    assert_eq!(
        found,
        [
            "0 2026-11-22T03:51:45.818Z /var/log/a one",
            "1 - /var/log/a two",
        ]
    );
    assert_eq!(result, Ok(2));
    assert!(loki::is_snappy(&body) && !loki::is_snappy(&body[..body.len() - 1]));
    assert!(!loki::is_snappy(
        b"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000]"
    ));
    let fails = |body: &[u8]| entries(loki::decode_snappy, body).1.map_err(|e| e.reason);
    assert_eq!(fails(b""), Err(Reason::NoData));
    assert_eq!(fails(b"{\"streams\":[]}"), Err(Reason::NotSnappy));
    assert_eq!(fails(&snappy(&[10, 100, 1])), Err(Reason::NotProtobuf));
    // The first bytes claim four gigabytes.
    assert_eq!(
        fails(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
        Err(Reason::TooLarge)
    );
}

#[test]
fn records_of_other_shippers_hold_the_line_in_a_member() {
    check(
        datadog::decode,
        r#"[{"message":"one","ddsource":"nginx","timestamp":"1795319505818"},{},{"message":{"status":500},"service":"egress","date":1795319505818}]"#,
        &[
            "0 2026-11-22T03:51:45.818Z nginx one",
            "2 2026-11-22T03:51:45.818Z egress {\"status\":500}",
        ],
    );
    check(datadog::decode, "{}", &[]);
    check(datadog::decode, r#"{"message":"alone"}"#, &["0 - - alone"]);
    let records = [
        "{\"date\":1795319505.818,\"log\":\"one\\n\"}",
        "{\"date\":\"2026-11-22T03:51:45Z\",\"status\":\"200\",\"message\":\"two\"}",
    ];
    let expected = [
        "0 2026-11-22T03:51:45.818Z - one\n",
        "1 2026-11-22T03:51:45Z - {\"date\":\"2026-11-22T03:51:45Z\",\"status\":\"200\",\"message\":\"two\"}",
    ];
    check(
        fluent_bit::decode,
        &format!("[{}]", records.join(",")),
        &expected,
    );
    check(fluent_bit::decode, &records.join("\n"), &expected);
    check(fluent_bit::decode, &records.concat(), &expected);
    check(
        vector::decode,
        "{\"message\":\"one\",\"file\":\"/a\",\"timestamp\":\"2026-11-22T03:51:45.818000078Z\"}\n{\"message\":\"two\"}\n",
        &["0 2026-11-22T03:51:45.818Z /a one", "1 - - two"],
    );
    check(
        vector::decode,
        "plain one\nplain two",
        &["0 - - plain one", "1 - - plain two"],
    );
    check(
        gelf::decode,
        "{\"version\":\"1.1\",\"host\":\"gw\",\"short_message\":\"one\",\"timestamp\":1795319505.818}\0{\"short_message\":\"two\"}\0",
        &["0 2026-11-22T03:51:45.818Z gw one", "1 - - two"],
    );
    check_error(
        datadog::decode,
        "[{\"message\":\"a\"},{\"mess",
        1,
        Reason::InvalidFormat.at(1),
    );
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn firehose_records_hold_lines_values_or_cloudwatch_messages() {
    let message = gzip(
        r#"{"messageType":"DATA_MESSAGE","logGroup":"/egress","logEvents":[{"timestamp":1795319505818,"message":"four"},{"timestamp":1795319505818,"message":"five"}]}{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE"}]}"#,
    );
    let records: Vec<String> = [b"one\ntwo\n".as_slice(), b"{\"a\":1}{\"a\":2}", &message]
        .iter()
        .map(|data| format!("{{\"data\":\"{}\"}}", STANDARD.encode(data)))
        .collect();
    let body = format!(
        r#"{{"requestId":"ed4acda5","timestamp":1795319506000,"records":[{}]}}"#,
        records.join(",")
    );
    check(
        FIREHOSE,
        &body,
        &[
            "0 2026-11-22T03:51:46Z - one",
            "1 2026-11-22T03:51:46Z - two",
            "2 2026-11-22T03:51:46Z - {\"a\":1}",
            "3 2026-11-22T03:51:46Z - {\"a\":2}",
            "4 2026-11-22T03:51:45.818Z /egress four",
            "5 2026-11-22T03:51:45.818Z /egress five",
        ],
    );
    let told = firehose::decode(body.as_bytes(), &mut |_| {}).expect("valid");
    assert_eq!(told.request_id.as_deref(), Some("ed4acda5"));
    let bad = r#"{"requestId":"x","records":[{"data":"b25l"},{"data":"%%"}]}"#;
    check_error(FIREHOSE, bad, 1, Reason::InvalidFormat.at(1));
}

#[test]
fn a_packed_record_that_unpacks_without_end_is_refused() {
    let bomb = gzip(&"0".repeat(BODY_BYTES_MAX + 1));
    let reason = cloudwatch::decode(&bomb, &mut |_| {}).map_err(|e| e.reason);
    assert_eq!(reason, Err(Reason::TooLarge));
}

#[test]
fn the_journal_is_read_in_both_forms() {
    check(
        journald::decode,
        "{\"__REALTIME_TIMESTAMP\":\"1795319505818000\",\"_SYSTEMD_UNIT\":\"nginx.service\",\"MESSAGE\":\"one\"}\n{\"MESSAGE\":[116,119,111]}\n{\"MESSAGE\":null}\n",
        &["0 2026-11-22T03:51:45.818Z nginx.service one", "1 - - two"],
    );
    check(
        journald::decode,
        "__REALTIME_TIMESTAMP=1795319505818000\nMESSAGE=one=1\nSYSLOG_IDENTIFIER=nginx\n\nMESSAGE\n\u{3}\0\0\0\0\0\0\0a\nb\n_PID=7\n\n",
        &["0 2026-11-22T03:51:45.818Z nginx one=1", "1 - - a\nb"],
    );
    check_error(
        journald::decode,
        "MESSAGE\n\u{3}\0",
        0,
        Reason::InvalidFormat.at(0),
    );
}

#[test]
fn a_bulk_body_gives_an_item_for_each_action() {
    let body = "{\"create\":{\"_index\":\"a\"}}\n{\"@timestamp\":\"2026-11-22T03:51:45.818Z\",\"message\":\"one\",\"host\":{\"name\":\"gw\"}}\n{\"delete\":{\"_id\":\"9\"}}\n{\"index\":{}}\n{\"broken\n{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{}}\n";
    let mut items = Vec::new();
    let result = bulk::decode(body.as_bytes(), &mut |item| {
        let entry = item.entry.map(|entry| entry.as_ref().map(show));
        items.push((item.action, item.id.map(|id| id.into_owned()), entry));
    });
    assert_eq!(result, Ok(4));
    let line = "0 2026-11-22T03:51:45.818Z gw one".to_owned();
    assert_eq!(
        items,
        [
            (Action::Create, None, Ok(Some(line))),
            (Action::Delete, Some("9".to_owned()), Ok(None)),
            (Action::Index, None, Err(Reason::InvalidFormat)),
            (Action::Update, Some("1".to_owned()), Ok(None)),
        ]
    );
    for (body, expected) in [
        ("", Reason::NoData.at(0)),
        ("{\"create\":{}}\n{}", Reason::Unterminated.at(0)),
        (
            "{\"create\":{}}\n{}\n{\"x\":{}}\n",
            Reason::InvalidFormat.at(1),
        ),
        ("{\"create\":{}}\n", Reason::EventMissing.at(0)),
    ] {
        let result = bulk::decode(body.as_bytes(), &mut |_| {});
        assert_eq!(result, Err(expected), "{body}");
    }
}

#[test]
fn entries_are_read_by_whatever_format_their_lines_have() {
    let line = "10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /a HTTP/1.1\" 429 5 \"-\" \"-\"";
    let texts = [
        line,
        "started, listening on port 80",
        r#"{"method":"GET","url":"https://api.stripe.com/v1","status":200}"#,
        line,
    ];
    let mut reader = EntryReader::new(&Options::default());
    let at = Place {
        offset: 100,
        line: 7,
    };
    let mut found = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let entry = Entry {
            index,
            text: (*text).into(),
            ts: "2026-11-22T04:00:00Z".parse().ok(),
            source: None,
        };
        let parsed = reader.read(&entry, at, &mut |_, exchanges: &mut [Exchange<'_>]| {
            found.extend(exchanges.iter().map(|e| {
                let ts = e.ts.map(|ts| ts.to_string());
                (e.status, ts.unwrap_or_default(), e.offset, e.raw == *text)
            }));
        });
        assert_eq!(matches!(parsed, Parsed::Record(_)), index != 1, "{text}");
    }
    let own = "2026-11-22T03:51:45Z".to_owned();
    assert_eq!(
        found,
        [
            (Some(429), own.clone(), 100, true),
            (Some(200), "2026-11-22T04:00:00Z".to_owned(), 102, true),
            (Some(429), own, 103, true),
        ]
    );
}

#[test]
fn no_body_brings_a_function_down() {
    let bodies: [&[u8]; 12] = [
        b"",
        b"[",
        b"]",
        b"{}",
        b"[[[[",
        b"null",
        b"\x00\x00",
        b"\xff\xfe\xfd",
        b"\x1f\x8b\x08",
        b"{\"streams\":[{\"values\":[[1]]}]}",
        b"{\"records\":[{\"data\":\"\"}]}",
        b"{\"event\":{\"event\":{\"event\":\"\xf0\x9f\"}}}",
    ];
    let all: [Decode; 11] = [
        hec::decode_events,
        hec::decode_raw,
        loki::decode_json,
        loki::decode_snappy,
        datadog::decode,
        fluent_bit::decode,
        vector::decode,
        gelf::decode,
        FIREHOSE,
        cloudwatch::decode,
        journald::decode,
    ];
    for body in bodies {
        for decode in all {
            let (found, result) = entries(decode, body);
            assert!(found.len() <= 2 && result.is_ok_and(|count| count <= 2) || result.is_err());
        }
        let _ = bulk::decode(body, &mut |_| {});
    }
}
