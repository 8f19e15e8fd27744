//! Real logs in, exact counts out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use crate::world::{World, corpus, fixture};

/// Files of the corpus in the formats that are read, and the option that a custom format string needs.
const READ: &[&str] = &[
    "apache/gateway_combined.log.gz",
    "apache/gateway_common.log",
    "apache/gateway_egress.log.gz",
    "apache/gateway_vhost_combined.log.gz",
    "apache/probing_common.log",
    "apache/random_uri_404.log",
    "app/ecs_python.json",
    "app/node_morgan_combined.log",
    "app/node_morgan_custom.log",
    "app/node_outbound_winston.json",
    "app/node_pino_http.json",
    "azure/application_gateway.json",
    "caddy/caddy_h2.json",
    "caddy/caddy_mixed.json",
    "caddy/egress.json.gz",
    "clf/access_one_bad_line.log",
    "clf/access_small.log",
    "clf/apache_combined_10k.log.gz",
    "clf/atlassian_custom.log",
    "cloudflare/http_requests.json",
    "edge/bom_blank_lines.log",
    "edge/crlf.log",
    "edge/invalid_utf8.log",
    "edge/nul_bytes.log",
    "edge/rotated/access.log",
    "edge/rotated/access.log.1",
    "edge/rotated/access.log.1.copytruncate_overlap",
    "edge/rotated/access.log.2.gz",
    "edge/rotated/access.log.3.bz2",
    "edge/rotated/access.log.4.zst",
    "edge/shuffled.log",
    "edge/truncated_last_line.log",
    "edge/very_long_line.log.gz",
    "fastly/fastly_syslog.json",
    "gcp/audit_entries.jsonl",
    "haproxy/haproxy_plain.log",
    "har/charles.har",
    "har/chrome.har",
    "har/error_and_404.har",
    "har/head-content-length.har",
    "har/insomnia.har",
    "har/postdata.har",
    "har/with-bom.har",
    "nginx/dst_berlin.json.gz",
    "nginx/dst_berlin_combined.log",
    "nginx/egress.json.gz",
    "nginx/egress_combined.log.gz",
    "nginx/egress_custom.log.gz",
    "nginx/egress_vhost.log.gz",
    "nginx/error.log",
    "nginx/error_limit_req.log",
    "nginx/malformed_requests.log",
    "nginx/mixed_vhost_and_error.log",
    "nginx/nginx_proxy_manager.log",
    "nginx/webhooks_limited.log",
    "squid/egress_combined.log.gz",
    "squid/egress_native.log.gz",
    "syslog/tomcat_in_syslog.log",
    "tomcat/bitbucket_access.log",
    "tomcat/jira_access.log",
    "traefik/traefik.json",
    "traefik/traefik_clf.log",
    "uwsgi/uwsgi.log",
];

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

#[track_caller]
fn check(world: &World, dir: &Path, file: &str, log_format: Option<&str>, expected: &Value) {
    let mut args = vec![
        "--dry-run".to_owned(),
        dir.join(file).to_string_lossy().into_owned(),
    ];
    if let Some(format) = log_format {
        args.extend(["--log-format".to_owned(), format.to_owned()]);
    }
    let got = world.ingest(&args);
    let number = |key: &str| got[key].as_u64().expect(key);
    assert_eq!(
        got["records"],
        *expected.get("records").unwrap_or(&json!(0)),
        "{file}: records: {got:#}"
    );
    let by_status = expected.get("by_status").cloned().unwrap_or(json!({}));
    assert_eq!(got["by_status"], by_status, "{file}: by_status");
    let time = |key: &str| instant(expected.get(key).unwrap_or(&Value::Null));
    assert_eq!(got["first_ts"], time("first_ts"), "{file}: first_ts");
    assert_eq!(got["last_ts"], time("last_ts"), "{file}: last_ts");
    if !file.ends_with(".har") {
        let fates = number("records") + number("ignored") + number("rejected");
        assert_eq!(number("lines"), fates, "{file}: every line has one fate");
        assert_eq!(got["lines"], expected["lines"], "{file}: lines");
    }
}

#[test]
fn every_corpus_file_gives_its_counts() {
    let Some(dir) = corpus() else { return };
    let counts = counts(&dir);
    let world = World::new();
    for file in READ {
        check(&world, &dir, file, None, &counts[*file]);
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
        check(&world, &dir, file, Some(line), &counts[*file]);
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
