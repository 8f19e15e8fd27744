//! Lines as servers and programs really write them, and the exchanges that they tell of.

use serde_json::{Value, json};

use crate::world::World;

/// What is stored of one line, as the columns asked for, by attempt.
#[track_caller]
fn check(args: &[&str], line: &str, columns: &str, expected: Value) {
    let world = World::new();
    let file = world.file("calls.log", format!("{line}\n"));
    let args: Vec<&str> = args
        .iter()
        .copied()
        .chain([file.to_str().expect("UTF-8")])
        .collect();
    world.ingest(args);
    let rows = world.sql(&format!("SELECT {columns} FROM exchanges ORDER BY attempt"));
    assert_eq!(Value::from(rows), expected, "{line}");
}

#[test]
fn an_absolute_url_knows_the_host_best() {
    for line in [
        r#"{"ts":"2026-11-22T03:51:55Z","method":"GET","url":"https://api.stripe.com/v1/x","status":200,"hostname":"app-1","host":"app-1.internal"}"#,
        r#"{"name":"app","hostname":"banana.local","time":"2026-11-22T03:51:55Z","req":{"method":"GET","url":"/v1/x","headers":{"host":"api.stripe.com"}},"res":{"statusCode":503},"v":0}"#,
    ] {
        check(
            &[],
            line,
            "host, integration",
            json!([{"host": "api.stripe.com", "integration": "stripe"}]),
        );
    }
    for (format, line) in [
        (
            r#"$remote_addr [$time_local] $host "$request" $status $server_name $proxy_host"#,
            r#"10.0.0.1 [22/Nov/2026:03:51:53 +0000] api.stripe.com "GET /v1/x HTTP/1.1" 429 egress.internal stripe_pool"#,
        ),
        (
            r#"%h %t "%r" %>s %v"#,
            r#"10.0.0.1 [22/Nov/2026:03:51:53 +0000] "GET http://api.stripe.com/v1/x HTTP/1.1" 200 proxy.internal"#,
        ),
    ] {
        check(
            &["--log-format", format],
            line,
            "host, operation",
            json!([{"host": "api.stripe.com", "operation": "GET /v1/x"}]),
        );
    }
}

#[test]
fn callers_and_hosts_in_front_are_told_apart() {
    for (line, host) in [
        (
            r#"203.0.113.9, 198.51.100.7 - - [22/Nov/2026:03:51:53 +0000] "GET /a HTTP/1.1" 500 277 "-" "x""#,
            "",
        ),
        (
            r#"www.acme.test:80 client7.isp.example - - [22/Nov/2026:03:51:53 +0000] "GET /a HTTP/1.1" 500 277 "-" "x""#,
            "www.acme.test",
        ),
    ] {
        check(&[], line, "host", json!([{ "host": host }]));
    }
}

#[test]
fn lists_of_tries_are_read_whole() {
    check(
        &[
            "--log-format",
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"#,
        ],
        r#"10.0.0.1 - - [22/Nov/2026:03:51:53 +0000] "GET /v1/a HTTP/1.1" 200 5 "-" "x" 512 0.033 [default-svc-80] [] 10.2.0.1:8080, 10.2.0.2:8080 0, 44 0.001, 0.030 502, 200 6d2a"#,
        "status, final, duration_ms, request_id",
        json!([
            {"status": 502, "final": false, "duration_ms": 1.0, "request_id": "6d2a"},
            {"status": 200, "final": true, "duration_ms": 30.0, "request_id": "6d2a"},
        ]),
    );
    check(
        &[],
        r#"10.0.0.1 - - [22/Nov/2026:03:51:53 +0000] "GET /a HTTP/1.1" 499 0 "-" "x" host=api.stripe.com rt=5.5 us="504, -" urt="5.001, -""#,
        "status, final, outcome",
        json!([
            {"status": 504, "final": false, "outcome": "server_error"},
            {"status": 499, "final": true, "outcome": "client_gone"},
        ]),
    );
}

#[test]
fn a_limit_of_our_own_is_not_the_vendors() {
    let format = r#"$remote_addr [$time_local] "$request" $status $host "$limit_req_status" "$limit_conn_status""#;
    for (tail, outcome, source) in [
        (
            r#"503 api.stripe.com "REJECTED" "PASSED""#,
            "throttled",
            "edge",
        ),
        (
            r#"503 api.stripe.com "PASSED" "PASSED""#,
            "server_error",
            "origin",
        ),
        (
            r#"429 api.stripe.com "REJECTED_DRY_RUN" "PASSED""#,
            "throttled",
            "origin",
        ),
    ] {
        let line = format!(r#"10.0.0.1 [22/Nov/2026:03:51:53 +0000] "GET /a HTTP/1.1" {tail}"#);
        check(
            &["--log-format", format],
            &line,
            "outcome, status_source",
            json!([{"outcome": outcome, "status_source": source}]),
        );
    }
}

#[test]
fn records_in_json_say_what_they_mean() {
    let columns = "CAST(ts AS VARCHAR) AS ts, method, status, outcome, error_code";
    let row = |status: Value, outcome: &str, error: Value| json!([{"ts": "2026-11-22T03:51:51Z", "method": "GET", "status": status, "outcome": outcome, "error_code": error}]);
    for line in [
        r#"{"time_iso8601":"2026-11-22T03:51:51+00:00","host":"api.stripe.com","request_method":"GET","request_uri":"/v1/x","status":"200","request_time":"0.250"}"#,
        r#"{"time":"2026-11-22T03:51:51Z","remote_addr":"10.0.0.4","request":"GET /v1/x HTTP/1.1","status":"200"}"#,
        r#"{"date":"2026-11-22T03:51:51Z","method":"GET","url":"https://api.stripe.com/v1/x","status":200,"time":154}"#,
        r#"{"ts":"2026-11-22T03:51:51Z","method":"GET","url":"https://api.stripe.com/v1/x","status":500,"status":200}"#,
    ] {
        check(&[], line, columns, row(json!(200), "ok", Value::Null));
    }
    check(
        &[],
        r#"{"ts":"2026-11-22T03:51:51Z","method":"GET","url":"https://api.stripe.com/v1/x","error_code":"ETIMEDOUT","duration_ms":30000}"#,
        columns,
        row(Value::Null, "no_response", json!("ETIMEDOUT")),
    );
}

#[test]
fn what_a_browser_did_not_ask_a_server_is_no_call() {
    let entry = |url: &str, more: &str| {
        format!(
            r#"{{"startedDateTime":"2026-11-22T03:51:51.000Z","time":5,{more}"request":{{"method":"GET","url":"{url}","headers":[]}},"response":{{"status":200,"headers":[],"content":{{}}}}}}"#
        )
    };
    let entries = [
        entry("https://api.stripe.com/v1/a", ""),
        entry("https://api.stripe.com/v1/b", r#""_fromCache":"disk","#),
        entry("data:image/png;base64,AAAA", ""),
        entry("chrome-extension://abc/x.js", ""),
    ];
    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#,
        entries.join(",")
    );
    let world = World::new();
    let summary = world.ingest([world.file("calls.har", har)]);
    let number = |name: &str| summary[name].as_u64();
    assert_eq!(
        (number("lines"), number("records"), number("ignored")),
        (Some(4), Some(1), Some(3))
    );
}
