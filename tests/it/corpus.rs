//! Real logs in, exact counts out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use crate::world::{World, corpus, fixture};

/// Envelopes and wrappers around the same sixty lines: what `push/splunk_hec_raw.txt` has.
const SIXTY: &[&str] = &[
    "container/cri_nginx_partial.log",
    "container/docker_json_nginx.log",
    "push/datadog_logs.json",
    "push/elasticsearch_bulk.ndjson",
    "push/fluentbit_http.json",
    "push/fluentbit_json_lines.ndjson",
    "push/loki_push.json",
    "push/splunk_hec_event.json",
    "push/vector_http.json",
    "syslog/rfc6587_octets.bin",
];

/// Files that hold no HTTP exchange, or break before the first.
const WITHOUT: &[&str] = &[
    "app/ecs_python.json",
    "app/logfmt_k8s.log",
    "container/compose_with_ts.log",
    "container/cri_partial.log",
    "container/docker_json.log",
    "gcp/audit_entries.jsonl",
    "har/truncated_file.har",
    "nginx/error.log",
    "nginx/error_limit_req.log",
    "otlp/spec_logs.json",
    "otlp/spec_trace.json",
    "syslog/pfsense_rfc5424_nginx_error.log",
];

/// Files whose times the counts leave out: `Date` headers, a clock and a start of the run tell them.
const TIMES_BESIDE: &[&str] = &[
    "syslog/tomcat_in_syslog.log",
    "transcripts/curl_trace_time.txt",
    "transcripts/curl_v.txt",
    "transcripts/newman_cli.txt",
    "transcripts/newman_report.json",
    "transcripts/python_http_debuglevel.txt",
];

/// Only the format string tells what its columns are.
const NEEDS_FORMAT: &[&str] = &["nginx/egress_tabbed.tsv.gz"];

/// Files whose format string is given: the file, where the string stands, and what its line holds.
const GIVEN: &[(&str, &str, &str)] = &[
    (
        "nginx/egress_tabbed.tsv.gz",
        "nginx/LOG_FORMATS.txt",
        "log_format tabbed",
    ),
    (
        "nginx/egress_custom.log.gz",
        "nginx/LOG_FORMATS.txt",
        "log_format egress '",
    ),
    (
        "nginx/egress.json.gz",
        "nginx/LOG_FORMATS.txt",
        "log_format egress_json",
    ),
    (
        "nginx/egress_vhost.log.gz",
        "nginx/LOG_FORMATS.txt",
        "log_format vhost",
    ),
    (
        "nginx/webhooks_limited.log",
        "nginx/LOG_FORMATS.txt",
        "log_format egress '",
    ),
    (
        "apache/gateway_egress.log.gz",
        "apache/LOG_FORMATS.txt",
        "\" egress",
    ),
    (
        "apache/gateway_combined.log.gz",
        "apache/LOG_FORMATS.txt",
        "\" combined",
    ),
    (
        "apache/gateway_vhost_combined.log.gz",
        "apache/LOG_FORMATS.txt",
        "vhost_combined",
    ),
    (
        "apache/gateway_common.log",
        "apache/LOG_FORMATS.txt",
        "\" common",
    ),
];

fn counts(dir: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(dir.join("counts.json")).expect("counts.json");
    let list: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    list.into_iter()
        .map(|c| (c["file"].as_str().expect("file").to_owned(), c))
        .collect()
}

/// RFC 3339 in the one spelling that tidemark prints.
fn instant(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => json!(
            text.parse::<tidemark::model::time::Timestamp>()
                .expect("time")
                .to_string()
        ),
        None => Value::Null,
    }
}

/// What a file must give, completed where the list of counts has none.
fn expected(counts: &BTreeMap<String, Value>, file: &str) -> Value {
    let mut expected = counts[file].clone();
    let of = |other: &str, key: &str| counts[other][key].clone();
    if SIXTY.contains(&file) {
        for key in ["records", "by_status", "first_ts", "last_ts"] {
            expected[key] = of("push/splunk_hec_raw.txt", key);
        }
    }
    if WITHOUT.contains(&file) {
        expected["records"] = json!(0);
        expected["by_status"] = json!({});
    }
    match file {
        "edge/mixed_formats.log" => {
            expected["records"] = json!(30);
            expected["by_status"] = json!({"200": 15, "201": 12, "401": 1, "404": 1, "499": 1});
        }
        "transcripts/newman_cli.txt" => {
            expected["records"] = json!(8);
            expected["by_status"] = json!({"200": 2, "429": 2, "500": 2, "none": 2});
        }
        _ => {}
    }
    expected
}

/// Reads a file without storing it; files without a line that is understood give nothing.
#[track_caller]
fn read(world: &World, file: &Path, how: &[&str]) -> Option<Value> {
    let mut args = vec!["ingest", "--format", "json", "--dry-run"];
    args.extend(how);
    let path = file.to_string_lossy();
    args.push(&path);
    let run = world.run(args);
    match run.code {
        3 => None,
        _ => Some(run.ok().json()),
    }
}

/// The format that a file is detected as.
fn format_of(world: &World, file: &Path) -> String {
    let path = file.to_string_lossy();
    let rows = world.run(["formats", "detect", "--format", "jsonl", &path]);
    let rows = rows.ok().rows();
    let chosen = rows.iter().find(|row| row["chosen"] == json!(true));
    let name = chosen.expect("a choice")["format"].as_str();
    name.expect("a name").to_owned()
}

#[track_caller]
fn check(got: Option<&Value>, file: &str, expected: &Value) {
    let Some(got) = got else {
        assert_eq!(expected["records"], json!(0), "{file}: is not understood");
        return;
    };
    let number = |key: &str| got[key].as_u64().expect(key);
    assert_eq!(got["records"], expected["records"], "{file}: {got:#}");
    assert_eq!(got["by_status"], expected["by_status"], "{file}: by_status");
    let time = |key: &str| instant(expected.get(key).unwrap_or(&Value::Null));
    if !TIMES_BESIDE.contains(&file) && file != "edge/mixed_formats.log" {
        assert_eq!(got["first_ts"], time("first_ts"), "{file}: first_ts");
        assert_eq!(got["last_ts"], time("last_ts"), "{file}: last_ts");
    }
    let fates = number("parsed") + number("ignored") + number("rejected");
    assert_eq!(number("lines"), fates, "{file}: every line has one fate");
}

#[test]
fn every_corpus_file_gives_its_counts() {
    let Some(dir) = corpus() else { return };
    let counts = counts(&dir);
    let world = World::new();
    for file in counts.keys().filter(|f| !NEEDS_FORMAT.contains(&&***f)) {
        let expected = expected(&counts, file);
        let got = read(&world, &dir.join(file), &[]);
        check(got.as_ref(), file, &expected);
        // The same with its format named; a file of several formats has no one name.
        let single = |got: &Value| got["by_format"].as_object().is_some_and(|f| f.len() == 1);
        let Some(got) = got.filter(single) else {
            continue;
        };
        let name = format_of(&world, &dir.join(file));
        let named = read(&world, &dir.join(file), &["--input-format", &name]);
        check(named.as_ref(), &format!("{file} as {name}"), &got);
    }
}

#[test]
fn every_corpus_file_gives_its_counts_by_its_own_format_string() {
    let Some(dir) = corpus() else { return };
    let counts = counts(&dir);
    let world = World::new();
    for (file, formats, part) in GIVEN {
        let formats = std::fs::read_to_string(dir.join(formats)).expect("formats");
        let line = formats
            .lines()
            .find(|line| line.contains(part))
            .expect(part);
        let got = read(&world, &dir.join(file), &["--log-format", line]);
        check(got.as_ref(), file, &counts[*file]);
    }
}

/// The project's own copies hold on any machine.
#[test]
fn our_own_logs_give_their_counts() {
    let world = World::new();
    for (file, records, status_429) in [
        ("logs/nginx/egress.json.gz", 1512, 51),
        ("logs/nginx/egress_custom.log.gz", 1512, 51),
        ("logs/nginx/egress_vhost.log.gz", 1512, 51),
        ("logs/nginx/webhooks_limited.log", 400, 361),
        ("logs/apache/gateway_combined.log.gz", 1206, 120),
        ("logs/caddy/egress.json.gz", 1004, 62),
        ("logs/app/node_pino_http.json", 150, 7),
        ("logs/app/node_outbound_winston.json", 187, 22),
    ] {
        let got = world.ingest([OsString::from("--dry-run"), fixture(file).into()]);
        assert_eq!(
            (got["records"].as_u64(), got["by_status"]["429"].as_u64()),
            (Some(records), Some(status_429)),
            "{file}"
        );
    }
}

/// What really happened, by vendor host: throttles by attempts and by what the client saw, local ones apart.
#[test]
fn vendor_and_local_throttles_are_told_apart_as_they_happened() {
    let Some(dir) = corpus() else { return };
    let truth: Value = serde_json::from_str(
        &std::fs::read_to_string(dir.join("truth_by_host.json")).expect("truth"),
    )
    .expect("JSON");
    let world = World::new();
    world.ingest([
        dir.join("nginx/egress_custom.log.gz"),
        dir.join("nginx/webhooks_limited.log"),
    ]);
    let vendor = "outcome = 'throttled' AND status_source <> 'edge'";
    for (host, run) in truth["runs"]["nginx"].as_object().expect("hosts") {
        let count = |of: &str| run[of]["429"].as_i64().unwrap_or(0);
        let by = |and: &str| {
            world.count(&format!(
                "SELECT COUNT(*) FROM exchanges WHERE host = '{host}' AND {and}"
            ))
        };
        assert_eq!(by(vendor), count("attempts"), "{host}: throttled attempts");
        assert_eq!(
            by(&format!("{vendor} AND final")),
            count("client"),
            "{host}: throttled for the client"
        );
    }
    for (place, run) in truth["runs"]["nginx_hooks"].as_object().expect("hooks") {
        let path = place.split(' ').nth(1).expect("path");
        let by = |and: &str| {
            world.count(&format!(
                "SELECT COUNT(*) FROM exchanges WHERE url LIKE '{path}%' AND {and}"
            ))
        };
        let reached = run["attempts"]["429"].as_i64().unwrap_or(0);
        assert_eq!(by(vendor), reached, "{place}: the far end's");
        let local = run["client"]["429"].as_i64().unwrap_or(0) - reached;
        assert_eq!(
            by("outcome = 'throttled' AND status_source = 'edge'"),
            local,
            "{place}: our own"
        );
    }
}
