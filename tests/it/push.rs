//! Batches that are pushed: stored when they are answered, once where they have a name.

use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use serde_json::{Value, json};

use crate::bad_input::{check_numbers, check_whole, gzip, line, lines};
use crate::service::{Service, wait_for};
use crate::world::World;

fn serve(world: &World) -> Service {
    Service::start(world.command().arg("serve"))
}

fn stored(world: &World) -> i64 {
    world.count("SELECT COUNT(*) FROM exchanges")
}

#[test]
fn a_batch_is_stored_when_it_is_answered() {
    let world = World::new();
    let service = serve(&world);
    let path = "/api/v1/ingest?source=gateway&integration=billing&direction=outbound";
    let answer = service.post(path, &[], lines(0..20).as_bytes()).ok().json();
    check_numbers(
        &answer,
        &[("records", 20), ("attempts", 20), ("rejected", 0)],
    );
    assert_eq!(answer["schema"], "tidemark.ingest/1");
    // Without a grain of patience, and after a crash.
    service.kill();
    assert_eq!(
        world.count(
            "SELECT COUNT(*) FROM exchanges WHERE source = 'gateway' AND integration = 'billing'"
        ),
        20
    );
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 20);
    check_whole(&world);
}

#[test]
fn a_named_batch_that_comes_again_adds_nothing() {
    let world = World::new();
    let service = serve(&world);
    let body = lines(0..20);
    let push = |service: &Service, header, body: &str| {
        service.post("/api/v1/ingest", &[header], body.as_bytes())
    };
    let first = push(&service, ("Idempotency-Key", "a"), &body).ok();
    assert_eq!(first.header("idempotent-replayed"), "");
    for again in [("Idempotency-Key", "a"), ("X-Batch-Id", "a")] {
        let answer = push(&service, again, &body).ok();
        assert_eq!(answer.header("idempotent-replayed"), "true");
        assert_eq!(answer.json(), first.json());
    }
    let packed = gzip(body.as_bytes());
    let headers = [("Idempotency-Key", "a"), ("Content-Encoding", "gzip")];
    let answer = service.post("/api/v1/ingest", &headers, &packed).ok();
    assert_eq!(answer.header("idempotent-replayed"), "true");
    let differs = push(&service, ("Idempotency-Key", "a"), &lines(0..5));
    assert_eq!(differs.status, 422, "{}", differs.text());
    service.kill();
    let service = serve(&world);
    let answer = push(&service, ("Idempotency-Key", "a"), &body).ok();
    assert_eq!(answer.header("idempotent-replayed"), "true");
    assert_eq!(stored(&world), 20);
    // Without a name, a batch is as often there as it came.
    for _ in 0..2 {
        service
            .post("/api/v1/ingest", &[], line(30).as_bytes())
            .ok();
    }
    assert_eq!(stored(&world), 22);
    let ids = "SELECT COUNT(DISTINCT id) FROM exchanges";
    assert_eq!(world.count(ids), 22);
}

#[test]
fn packed_bodies_are_unpacked() {
    let world = World::new();
    let service = serve(&world);
    let body = lines(0..10);
    let zlib = {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).expect("packs");
        encoder.finish().expect("packs")
    };
    let bare = {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).expect("packs");
        encoder.finish().expect("packs")
    };
    let zstd = zstd::encode_all(body.as_bytes(), 1).expect("packs");
    for (encoding, packed) in [
        ("gzip", gzip(body.as_bytes())),
        ("zstd", zstd),
        ("deflate", zlib),
        ("deflate", bare),
    ] {
        let headers = [("Content-Encoding", encoding)];
        let answer = service.post("/api/v1/ingest", &headers, &packed).ok();
        check_numbers(&answer.json(), &[("records", 10)]);
    }
    let refused = service.post("/api/v1/ingest", &[("Content-Encoding", "br")], b"x");
    assert_eq!(refused.status, 415, "{}", refused.text());
    let broken = service.post("/api/v1/ingest", &[("Content-Encoding", "gzip")], b"x");
    assert_eq!(broken.status, 400, "{}", broken.text());
    let picture = service.post("/api/v1/ingest", &[("Content-Type", "image/png")], b"x");
    assert_eq!(picture.status, 415, "{}", picture.text());
    assert_eq!(stored(&world), 40);
}

#[test]
fn what_is_not_understood_is_told_by_line_and_masked() {
    let world = World::new();
    let service = serve(&world);
    let body = "Dear diary,\nmy token is Bearer abcdefghijklmnopqrstuvwxyz0123456789\n";
    let answer = service.post("/api/v1/ingest", &[], body.as_bytes());
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["rejects"][1]["line"], 2, "{problem}");
    assert!(!answer.text().contains("abcdefghijklm"), "{problem}");
    for path in [
        "/api/v1/ingest?format=no-such",
        "/api/v1/ingest?direction=up",
        "/api/v1/ingest?zone=Nowhere",
    ] {
        let answer = service.post(path, &[], line(0).as_bytes());
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
    assert_eq!(service.post("/api/v1/ingest", &[], b"").status, 400);
    assert_eq!(stored(&world), 0);
}

#[test]
fn too_much_is_refused_with_the_limit() {
    let world = World::new();
    world.file("small.toml", "[live]\nbody_mb = 1\nunpacked_mb = 2\n");
    let mut command = world.command();
    command
        .args(["serve", "--config"])
        .arg(world.path("small.toml"));
    let service = Service::start(&mut command);
    let body = lines(0..20_000);
    let large = service.post("/api/v1/ingest", &[], &body.as_bytes()[..1_100_000]);
    assert_eq!(large.status, 413);
    assert!(large.text().contains("1 MB"), "{}", large.text());
    let packed = gzip(body.as_bytes());
    let headers = [("Content-Encoding", "gzip")];
    let bomb = service.post("/api/v1/ingest", &headers, &packed);
    assert_eq!(bomb.status, 413);
    assert!(bomb.text().contains("2 MB unpacked"), "{}", bomb.text());
}

#[test]
fn a_full_queue_asks_to_wait() {
    let world = World::new();
    // Commits are so far apart that the queue cannot be emptied meanwhile.
    world.file("slow.toml", "[live]\nqueue_mb = 0\n");
    let mut command = world.command();
    command
        .args(["serve", "--config"])
        .arg(world.path("slow.toml"));
    let service = Service::start(&mut command);
    let answer = service.post("/api/v1/ingest", &[], line(0).as_bytes());
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "1");
    let answer = service.post("/_bulk", &[], b"{\"index\":{}}\n{\"message\":\"x\"}\n");
    assert_eq!(answer.status, 429);
    let json = [("Content-Type", "application/json")];
    assert_eq!(service.post("/v1/logs", &json, b"{}").status, 429);
    let busy = service.post("/services/collector", &[], b"{\"event\":\"x\"}");
    assert_eq!((busy.status, busy.json()["code"].as_i64()), (503, Some(9)));
}

#[test]
fn while_another_process_writes_pushes_wait_and_reading_goes_on() {
    let world = World::new();
    let log = world.file("access.log", lines(0..5));
    let service = serve(&world);
    let mut writer = world
        .command()
        .args(["ingest", "--quiet", "--follow"])
        .arg(&log)
        .spawn()
        .expect("starts");
    wait_for("the writer to be seen", || {
        let found = service.get("/api/v1/rates?step=1d").ok().json();
        (!found["rows"].as_array()?.is_empty()).then_some(())
    });
    let refused = service.post("/api/v1/ingest", &[], line(9).as_bytes());
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("in use by"), "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    writer.kill().expect("killed");
    writer.wait().expect("ends");
    service.post("/api/v1/ingest", &[], line(9).as_bytes()).ok();
    assert_eq!(stored(&world), 6);
    // Between batches the store is free for others.
    wait_for("the lock to be free", || {
        let file = world.file("other.log", line(77));
        (world.run(["ingest".as_ref(), file.as_os_str()]).code == 0).then_some(())
    });
    check_whole(&world);
}

#[test]
fn a_page_elsewhere_cannot_push() {
    let world = World::new();
    let service = serve(&world);
    let headers = [
        ("Origin", "https://evil.example"),
        ("Content-Type", "text/plain"),
    ];
    for path in ["/api/v1/ingest", "/_bulk", "/loki/api/v1/push"] {
        let answer = service.post(path, &headers, line(0).as_bytes());
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(stored(&world), 0);
}

/// The same three calls in every protocol, and a line that is none.
#[test]
fn shippers_are_answered_as_they_expect() {
    let world = World::new();
    let service = serve(&world);
    let json = ("Content-Type", "application/json");
    let three: Vec<String> = (0..3).map(|n| line(n).trim_end().to_owned()).collect();

    let hec: String = three
        .iter()
        .map(|line| json!({"time": 1795319505.8, "source": "hec.log", "event": line}).to_string())
        .collect();
    let answer = service
        .post("/services/collector/event", &[], hec.as_bytes())
        .ok();
    assert_eq!(answer.json(), json!({"text": "Success", "code": 0}));
    let channel = [("X-Splunk-Request-Channel", "c")];
    let raw = three.join("\n");
    let answer = service.post(
        "/services/collector/raw?source=raw.log",
        &channel,
        raw.as_bytes(),
    );
    assert_eq!(answer.ok().json()["ackId"], 0);
    let acks = service.post(
        "/services/collector/ack?channel=c",
        &[json],
        b"{\"acks\":[0]}",
    );
    assert_eq!(acks.ok().json(), json!({"acks": {"0": true}}));
    for (body, code) in [
        ("", 5),
        ("[1]", 6),
        ("{\"time\":1}", 12),
        ("{\"event\":\"\"}", 13),
    ] {
        let answer = service.post("/services/collector", &[], body.as_bytes());
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["code"], code, "{body}");
    }
    service.get("/services/collector/health").ok();

    let values: Vec<Value> = three
        .iter()
        .map(|line| json!(["1795319505818000000", line]))
        .collect();
    let loki = json!({"streams": [{"stream": {"filename": "loki.log"}, "values": values}]});
    let answer = service.post("/loki/api/v1/push", &[json], loki.to_string().as_bytes());
    assert_eq!(
        (answer.status, answer.body.len()),
        (204, 0),
        "{}",
        answer.text()
    );
    assert_eq!(service.post("/loki/api/v1/push", &[json], b"{").status, 400);
    assert_eq!(
        service.post("/loki/api/v1/push", &[], b"no snappy").status,
        400
    );

    let mut bulk = String::new();
    for line in &three {
        bulk += &format!("{}\n", json!({"create": {"_index": "egress"}}));
        bulk += &format!(
            "{}\n",
            json!({"message": line, "log": {"file": {"path": "es.log"}}})
        );
    }
    bulk += "{\"index\":{\"_id\":\"x\"}}\nno json\n{\"delete\":{\"_id\":\"y\"}}\n";
    let answer = service.post("/logs/_bulk", &[], bulk.as_bytes()).ok();
    assert_eq!(answer.header("x-elastic-product"), "Elasticsearch");
    let told = answer.json();
    let statuses: Vec<i64> = told["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item.as_object()?.values().next()?["status"].as_i64())
        .collect();
    assert_eq!(statuses, [201, 201, 201, 400, 404], "{told}");
    assert_eq!(told["errors"], true);
    assert_eq!(told["items"][3]["index"]["_index"], "logs");
    let elastic = [("User-Agent", "Filebeat/8.17")];
    let product = service.send("GET", "/", &elastic).ok();
    assert_eq!(product.header("x-elastic-product"), "Elasticsearch");
    assert!(product.json()["version"]["number"].is_string());
    let page = service.send("GET", "/", &[("Accept", "text/html")]).ok();
    assert!(page.header("content-type").starts_with("text/html"));
    service.get("/_license").ok();

    let datadog: Vec<Value> = three
        .iter()
        .map(|line| json!({"ddsource": "nginx", "service": "dd", "message": line}))
        .collect();
    let answer = service.post(
        "/api/v2/logs",
        &[json],
        json!(datadog).to_string().as_bytes(),
    );
    assert_eq!((answer.status, answer.text().as_str()), (202, "{}"));
    assert_eq!(service.post("/api/v2/logs", &[json], b"{}").status, 202);

    let records: Vec<Value> = three
        .iter()
        .map(|line| json!({"timeUnixNano": "1795319505818000000", "body": {"stringValue": line}}))
        .collect();
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]});
    let answer = service
        .post("/v1/logs", &[json], logs.to_string().as_bytes())
        .ok();
    assert_eq!(answer.json(), json!({}));
    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let spans: Vec<Value> = (0..3)
        .map(|n| {
            json!({
                "traceId": format!("{:032x}", n + 1), "spanId": format!("{:016x}", n + 1), "kind": 3, "name": "GET",
                "startTimeUnixNano": "1795319505818000000", "endTimeUnixNano": "1795319505918000000",
                "attributes": [
                    attribute("http.request.method", json!({"stringValue": "GET"})),
                    attribute("url.full", json!({"stringValue": "https://api.stripe.com/v1/charges"})),
                    attribute("http.response.status_code", json!({"intValue": "200"})),
                ],
            })
        })
        .collect();
    let traces = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
    let answer = service
        .post("/v1/traces", &[json], traces.to_string().as_bytes())
        .ok();
    assert_eq!(answer.json(), json!({}));
    let protobuf = ("Content-Type", "application/x-protobuf");
    let answer = service.post("/v1/traces", &[protobuf], b"").ok();
    assert_eq!(answer.header("content-type"), "application/x-protobuf");
    assert_eq!(
        service.post("/v1/logs", &[protobuf], b"\xff\xff").status,
        400
    );
    assert_eq!(service.post("/v1/logs", &[], b"x").status, 415);

    assert_eq!(service.terminate(), Some(0));
    let by_source = world.sql(
        "SELECT source, COUNT(*) AS n, COUNT(ts) AS dated FROM exchanges GROUP BY source ORDER BY source",
    );
    let counted: Vec<(&str, i64, i64)> = by_source
        .iter()
        .filter_map(|row| {
            Some((
                row["source"].as_str()?,
                row["n"].as_i64()?,
                row["dated"].as_i64()?,
            ))
        })
        .collect();
    let expected = [
        ("dd", 3, 3),
        ("es.log", 3, 3),
        ("hec.log", 3, 3),
        ("loki.log", 3, 3),
        ("push", 6, 6),
        ("raw.log", 3, 3),
    ];
    assert_eq!(counted, expected);
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 21);
    check_whole(&world);
}

/// An exporter that got no answer sends the same body again.
#[test]
fn bodies_that_cannot_happen_twice_add_nothing_when_they_come_again() {
    let world = World::new();
    let json_body = ("Content-Type", "application/json");
    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let span = json!({
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "kind": 3, "name": "GET",
        "startTimeUnixNano": "1795319505818000000", "endTimeUnixNano": "1795319505918000000",
        "attributes": [
            attribute("http.request.method", json!({"stringValue": "GET"})),
            attribute("url.full", json!({"stringValue": "https://api.stripe.com/v1/charges"})),
            attribute("http.response.status_code", json!({"intValue": "200"})),
        ],
    });
    let traces = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).to_string();
    let created = |n: u64, id: Value| {
        format!(
            "{}\n{}\n",
            json!({"create": id}),
            json!({"message": line(n).trim_end()})
        )
    };
    let loki = |at: &str, n| {
        let values = json!([[at, line(n).trim_end()]]);
        json!({"streams": [{"stream": {"filename": "loki.log"}, "values": values}]}).to_string()
    };
    let bodies = [
        ("/v1/traces", traces, 1),
        ("/_bulk", created(1, json!({"_id": "one"})), 1),
        ("/loki/api/v1/push", loki("1795319505818000001", 2), 1),
        // Nothing tells whether these have happened twice.
        ("/_bulk", created(3, json!({})), 3),
        ("/loki/api/v1/push", loki("1795319505000000000", 4), 3),
        ("/services/collector/raw", line(5), 3),
    ];
    for run in 0..2 {
        let service = serve(&world);
        for (route, body, _) in &bodies {
            for _ in run..2 {
                let answer = service.post(route, &[json_body], body.as_bytes());
                assert!(answer.status < 300, "{route}: {}", answer.text());
            }
        }
        service.kill();
    }
    let expected: i64 = bodies.iter().map(|(_, _, n)| n).sum();
    assert_eq!(stored(&world), expected);
    let ids = world.count("SELECT COUNT(DISTINCT id) FROM exchanges");
    assert_eq!(ids, expected);
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), expected);
}

#[test]
fn splunk_senders_are_told_what_is_wrong_and_what_is_acknowledged() {
    let world = World::new();
    let service = serve(&world);
    let post = |path: &str, headers: &[(&str, &str)], body: &str| {
        let answer = service.post(path, headers, body.as_bytes());
        (answer.status, answer.json())
    };
    let event = json!({"event": line(0).trim_end()}).to_string();
    let (a, b) = (
        ("X-Splunk-Request-Channel", "a"),
        ("X-Splunk-Request-Channel", "b"),
    );
    for (channel, ack) in [(a, 0), (a, 1), (b, 0)] {
        let (_, answer) = post("/services/collector", &[channel], &event);
        assert_eq!(answer["ackId"], ack, "{channel:?}");
    }
    let ack = "/services/collector/ack";
    let asked = "{\"acks\":[0,1,2]}";
    let told = |one, two, three| (200, json!({"acks": {"0": one, "1": two, "2": three}}));
    assert_eq!(post(ack, &[a], asked), told(true, true, false));
    assert_eq!(
        post("/services/collector/ack?channel=b", &[], asked),
        told(true, false, false)
    );
    assert_eq!(
        post("/services/collector/ack?channel=c", &[], asked),
        told(false, false, false)
    );
    let missing = json!({"text": "Data channel is missing", "code": 10});
    assert_eq!(post(ack, &[], asked), (400, missing));
    let invalid = json!({"text": "Invalid data format", "code": 6});
    assert_eq!(post(ack, &[a], "{\"acks\":0}"), (400, invalid.clone()));
    let gzip = ("Content-Encoding", "gzip");
    let packed = post("/services/collector", &[gzip], &event);
    assert_eq!(packed, (400, invalid));
    let long = "x".repeat(200);
    let channel = ("X-Splunk-Request-Channel", long.as_str());
    let bad = json!({"text": "Invalid data channel", "code": 11});
    assert_eq!(post("/services/collector", &[channel], &event), (400, bad));
    // What stands before the wrong event is stored, and its number tells where to go on.
    let second = format!("{event}{event}{{\"event\": nothing}}");
    let wrong = json!({"text": "Invalid data format", "code": 6, "invalid-event-number": 2});
    assert_eq!(post("/services/collector", &[], &second), (400, wrong));
    assert_eq!(stored(&world), 5);
}

#[test]
fn elasticsearch_clients_are_told_in_its_words() {
    let world = World::new();
    let service = serve(&world);
    let action = "{\"create\":{\"_index\":\"egress\",\"_id\":\"a\"}}\n";
    for (body, kind, reason) in [
        ("", "parse_exception", "request body is required"),
        (
            "{\"create\":{}}\n{\"message\":\"x\"}",
            "illegal_argument_exception",
            "The bulk request must be terminated by a newline [\\n]",
        ),
        (
            "[1]\n{}\n",
            "illegal_argument_exception",
            "Malformed action/metadata line [1], expected field [create], [delete], [index] or [update]",
        ),
        (
            action,
            "action_request_validation_exception",
            "Validation Failed: 1: source is missing;",
        ),
    ] {
        let answer = service.post("/_bulk", &[], body.as_bytes());
        let cause = json!({"type": kind, "reason": reason});
        let error = json!({"root_cause": [cause], "type": kind, "reason": reason});
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(
            answer.json(),
            json!({"error": error, "status": 400}),
            "{body}"
        );
    }
    let body = format!(
        "{action}no json\n{{\"update\":{{\"_id\":\"b\"}}}}\n{{\"doc\":{{}}}}\n{{\"delete\":{{\"_id\":\"c\"}}}}\n"
    );
    let told = service.post("/logs/_bulk", &[], body.as_bytes()).ok();
    let told = told.json();
    let [created, updated, deleted] = [
        &told["items"][0]["create"],
        &told["items"][1]["update"],
        &told["items"][2]["delete"],
    ];
    assert_eq!(created["status"], 400, "{told}");
    assert_eq!(created["error"]["type"], "document_parsing_exception");
    assert_eq!(created["error"]["reason"], "[1:1] failed to parse");
    assert_eq!(
        created["error"]["caused_by"]["type"],
        "x_content_parse_exception"
    );
    assert_eq!(updated["error"]["type"], "document_missing_exception");
    assert_eq!(updated["error"]["reason"], "[b]: document missing");
    assert_eq!(deleted["result"], "not_found", "{told}");
    // A document that is not there to be deleted is no error.
    assert!(deleted["error"].is_null() && deleted["_shards"]["total"] == 1);
}

#[test]
fn datadog_bodies_have_its_limit() {
    let world = World::new();
    let service = serve(&world);
    let batch = |n| {
        let message = line(0).trim_end().to_owned();
        json!(vec![json!({"service": "dd", "message": message}); n]).to_string()
    };
    let small = batch(2);
    let large = batch((5 << 20) / (small.len() / 2) + 1);
    assert!((5 << 20..16 << 20).contains(&large.len()));
    assert_eq!(
        service.post("/api/v2/logs", &[], small.as_bytes()).status,
        202
    );
    for (headers, body) in [
        (&[][..], large.as_bytes().to_vec()),
        (&[("Content-Encoding", "gzip")], gzip(large.as_bytes())),
    ] {
        let answer = service.post("/api/v2/logs", headers, &body);
        assert_eq!(answer.status, 413, "{}", answer.text());
        assert_eq!(answer.json()["errors"][0]["status"], "413");
        assert!(answer.text().contains("5 MB"), "{}", answer.text());
    }
    assert_eq!(stored(&world), 2);
}

#[test]
fn firehose_deliveries_are_answered_with_their_id_and_stored_once() {
    let world = World::new();
    let service = serve(&world);
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let body = |id: &str, sent: i64| {
        let records = [lines(0..3), lines(3..5)].map(|text| json!({"data": base64(&text)}));
        json!({"requestId": id, "timestamp": sent, "records": records}).to_string()
    };
    let arn = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/egress";
    let kind = ("Content-Type", "application/json");
    let of = |id| {
        [
            kind,
            ("X-Amz-Firehose-Request-Id", id),
            ("X-Amz-Firehose-Source-Arn", arn),
        ]
    };
    // Tried again, it is sent at another time.
    for (id, sent) in [("a", 1), ("a", 2), ("b", 3)] {
        let answer = service.post("/api/v1/firehose", &of(id), body(id, sent).as_bytes());
        let told = answer.ok().json();
        assert_eq!(told["requestId"], id, "{told}");
        assert!(
            told["timestamp"].as_i64() > Some(1_500_000_000_000),
            "{told}"
        );
        assert!(told["errorMessage"].is_null(), "{told}");
    }
    let bare = service.post("/api/v1/firehose", &[], body("c", 4).as_bytes());
    assert_eq!(bare.ok().json()["requestId"], "c");
    let wrong = service.post(
        "/api/v1/firehose",
        &of("d"),
        b"{\"records\":[{\"data\":\"%\"}]}",
    );
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    assert_eq!(wrong.header("content-type"), "application/json");
    assert_eq!(wrong.json()["requestId"], "d");
    assert!(wrong.json()["errorMessage"].is_string());
    let by_source =
        world.sql("SELECT source, COUNT(*) AS n FROM exchanges GROUP BY source ORDER BY source");
    let expected = [
        json!({"source": "firehose", "n": 5}),
        json!({"source": "firehose/egress", "n": 10}),
    ];
    assert_eq!(by_source, expected);
}

/// A line of each of so many dates.
fn line_a_date(dates: i64, n: i64) -> String {
    (0..dates)
        .map(|date| {
            let at = 1_700_000_000 + 86_400 * date + n;
            format!("{{\"ts\":{at},\"method\":\"GET\",\"url\":\"https://api.stripe.com/v1/charges\",\"status\":200}}\n")
        })
        .collect()
}

#[test]
fn files_do_not_pile_up_when_batches_spread_over_many_dates() {
    const DATES: i64 = 40;
    let world = World::new();
    world.file("often.toml", "[live]\ncompact_s = 1\n");
    let mut command = world.command();
    command
        .args(["serve", "--config"])
        .arg(world.path("often.toml"));
    let service = Service::start(&mut command);
    for n in 0..8 {
        let body = line_a_date(DATES, n);
        service.post("/api/v1/ingest", &[], body.as_bytes()).ok();
    }
    wait_for("files to be joined", || {
        let info = world.run(["store", "info", "--format", "json"]).ok().json();
        let few = |table: &str| info[table]["files"].as_i64() <= Some(DATES + 256);
        (few("exchanges") && few("rates")).then_some(())
    });
    let many = service.post("/api/v1/ingest", &[], line_a_date(1_001, 0).as_bytes());
    assert_eq!(many.status, 413, "{}", many.text());
    assert!(many.text().contains("1000 dates"), "{}", many.text());
    assert_eq!(service.terminate(), Some(0));
    assert_eq!(stored(&world), 8 * DATES);
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 8 * DATES);
    check_whole(&world);
}

#[test]
fn what_comes_in_is_counted_for_whoever_watches() {
    let world = World::new();
    let log = world.file("access.log", lines(0..7));
    let mut command = world.command();
    command.args(["serve", "--follow"]).arg(&log);
    let service = Service::start(&mut command);
    let metrics = || service.get("/metrics").ok().text();
    let has = |text: &str, sample: &str| text.lines().any(|line| line == sample);
    wait_for("the followed file", || {
        let sample = "tidemark_ingest_lines_total{source_kind=\"file\",result=\"parsed\"} 7";
        has(&metrics(), sample).then_some(())
    });
    let token = "Bearer abcdefghijklmnopqrstuvwxyz0123456789";
    let proved = line(9).replace(
        " HTTP/1.1",
        "?access_token=Zk81mWd0PxLh7sYe52RbNu94 HTTP/1.1",
    );
    let body = format!(
        "{}{proved}# comment\n127.0.0.1 - - [never] {token}\n",
        lines(7..9)
    );
    let source = "/api/v1/ingest?source=secret-name";
    service.post(source, &[], body.as_bytes()).ok();
    assert_eq!(service.post(source, &[], b"no log").status, 400);
    service
        .post("/services/collector", &[], b"{\"event\":\"hello\"}")
        .ok();
    assert_eq!(service.post("/some-index/_bulk", &[], b"").status, 400);
    let text = metrics();
    for sample in [
        "tidemark_ingest_lines_total{source_kind=\"push\",result=\"parsed\"} 3",
        "tidemark_ingest_lines_total{source_kind=\"push\",result=\"rejected\"} 1",
        "tidemark_ingest_records_total{source_kind=\"push\"} 3",
        "tidemark_push_responses_total{protocol=\"ingest\",code=\"200\"} 1",
        "tidemark_push_responses_total{protocol=\"ingest\",code=\"400\"} 1",
        "tidemark_push_responses_total{protocol=\"splunk\",code=\"200\"} 1",
        "tidemark_push_responses_total{protocol=\"elasticsearch\",code=\"400\"} 1",
        "tidemark_followed_files 1",
        "tidemark_queue_bytes 0",
        "tidemark_queue_items 0",
        "tidemark_store_writable 1",
        "tidemark_commits_total{result=\"failed\"} 0",
    ] {
        assert!(has(&text, sample), "{sample}\n{text}");
    }
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let value = line.unwrap_or_else(|| panic!("{name}\n{text}"));
        value.trim().parse::<f64>().expect("a number")
    };
    let pushed = body.len() + b"no log".len() + b"{\"event\":\"hello\"}".len();
    assert_eq!(value("tidemark_push_body_bytes_total "), pushed as f64);
    let stored = value("tidemark_commits_total{result=\"stored\"}");
    assert!(stored >= 2.0);
    assert_eq!(value("tidemark_commit_duration_seconds_count"), stored);
    assert_eq!(
        value("tidemark_commit_duration_seconds_bucket{le=\"+Inf\"}"),
        stored
    );
    assert!(value("tidemark_commit_duration_seconds_sum") > 0.0);
    assert!(value("tidemark_proof_values_total ") >= 1.0);
    assert!(value("tidemark_proof_seconds_total ") > 0.0);
    assert!(value("tidemark_last_commit_age_seconds") >= 0.0);
    for raw in [
        "secret-name",
        "some-index",
        "access.log",
        "abcdefghij",
        "Zk81mWd0",
    ] {
        assert!(!text.contains(raw), "{raw}\n{text}");
    }
}

#[test]
fn media_types_are_known_whatever_their_capitals_and_parameters() {
    let world = World::new();
    let service = serve(&world);
    let json = [("Content-Type", "Application/JSON ; charset=UTF-8")];
    let values = json!([["1795319505818000000", line(0).trim_end()]]);
    let loki = json!({"streams": [{"stream": {}, "values": values}]});
    let answer = service.post("/loki/api/v1/push", &json, loki.to_string().as_bytes());
    assert_eq!(answer.status, 204, "{}", answer.text());
    let record = json!({"body": {"stringValue": line(1).trim_end()}});
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]});
    service
        .post("/v1/logs", &json, logs.to_string().as_bytes())
        .ok();
    let packed = gzip(line(2).as_bytes());
    let kind = [("Content-Type", "Application/GZip; x=y")];
    service.post("/api/v1/ingest", &kind, &packed).ok();
    for kind in ["IMAGE/png", "Application/PDF; x=y"] {
        let answer = service.post("/api/v1/ingest", &[("Content-Type", kind)], b"x");
        assert_eq!(answer.status, 415, "{kind}");
    }
    assert_eq!(stored(&world), 3);
}

#[test]
fn lines_come_by_syslog() {
    let world = World::new();
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let service = Service::start(world.command().args(["serve", "--syslog", &address]));
    let message = |n| format!("<190>Nov 22 03:51:45 gw-1 nginx: {}", line(n).trim_end());
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for n in 0..5 {
        udp.send_to(message(n).as_bytes(), &address).expect("sent");
    }
    let mut tcp = TcpStream::connect(&address).expect("connects");
    for n in 5..10 {
        writeln!(tcp, "{}", message(n)).expect("sent");
        let counted = format!(
            "<190>1 2026-11-22T03:51:45.818Z gw-2 nginx 733 - - {}",
            line(n + 5).trim_end()
        );
        write!(tcp, "{} {counted}", counted.len()).expect("sent");
    }
    wait_for("15 records", || {
        let figures = service.get("/api/v1/ingest/health").ok().json();
        (figures["records"].as_u64() >= Some(15)).then_some(())
    });
    drop(tcp);
    assert_eq!(service.terminate(), Some(0));
    let by_source = world.sql("SELECT source, COUNT(DISTINCT request_id) AS n FROM exchanges GROUP BY source ORDER BY source");
    assert_eq!(
        by_source,
        [
            json!({"source": "syslog/gw-1/nginx", "n": 10}),
            json!({"source": "syslog/gw-2/nginx", "n": 5})
        ]
    );
    let refused = world.run(["serve", "--listen", "127.0.0.1:0", "--syslog", "0.0.0.0:0"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}

/// Commands that a person would type from the README.
#[test]
fn curl_can_push() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("skipped: curl is not there");
    }
    let world = World::new();
    let service = serve(&world);
    let log = world.file("access.log", lines(0..5));
    let url = service.url("/api/v1/ingest?source=curl");
    let done = Command::new("curl")
        .args(["-sS", "-f", "--max-time", "30", "--data-binary"])
        .arg(format!("@{}", log.display()))
        .arg(&url)
        .output()
        .expect("curl");
    assert!(done.status.success(), "{done:?}");
    std::thread::sleep(Duration::from_millis(10));
    assert_eq!(stored(&world), 5);
}
