//! The service over HTTP: every route, its shape and its numbers, and what it refuses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::{Value, json};

use crate::service::{Answer, Service, demo};
use crate::world::{World, fixture};

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// All that the demo holds; without a range, the pages show the last day, rates and errors everything.
const RANGE: &str = "since=2026-11-17T00:00:00Z&until=2026-11-20T00:00:00Z";
const FLAGS: [&str; 4] = [
    "--since",
    "2026-11-17T00:00:00Z",
    "--until",
    "2026-11-20T00:00:00Z",
];

/// A store with a short log of nginx, and the service over it.
fn small() -> (World, Service) {
    let world = World::new();
    let formats = fs::read_to_string(fixture("logs/nginx/LOG_FORMATS.txt")).expect("readable");
    let egress = formats
        .lines()
        .next()
        .and_then(|line| line.split('\'').nth(1))
        .expect("a format")
        .to_owned();
    let log = fixture("logs/nginx/egress_custom.log.gz");
    world.ingest(["--log-format".as_ref(), egress.as_ref(), log.as_os_str()]);
    let service = Service::over(&world.data());
    (world, service)
}

fn demo_service() -> Service {
    Service::over(&demo().store)
}

/// The rows that a command prints over the demo.
fn printed(args: &[&str]) -> Value {
    demo()
        .run(&[args, &FLAGS, &["--format", "json"]].concat())
        .ok()
        .json()
}

#[test]
fn every_route_answers_with_its_type_and_its_shape() {
    let (_world, service) = small();
    for (path, schema, list) in [
        (
            "/api/v1/integrations",
            "tidemark.integrations/1",
            "integrations",
        ),
        ("/api/v1/rates", "tidemark.rates/1", "rows"),
        ("/api/v1/assess", "tidemark.assess/1", "verdicts"),
        ("/api/v1/errors", "tidemark.errors/1", "rows"),
    ] {
        let body = ok(&service, path, "application/json").json();
        assert_eq!(body["schema"], schema, "{path}");
        assert!(!body[list].as_array().expect(path).is_empty(), "{path}");
    }
    let body = ok(&service, "/api/v1/integrations/stripe", "application/json").json();
    for list in ["verdicts", "trend", "operations", "errors", "samples"] {
        assert!(!body[list].as_array().expect(list).is_empty(), "{list}");
    }
    assert_eq!(body["integration"], "stripe");
    assert_eq!(body["schema"], "tidemark.integration/1");
    assert_eq!(
        ok(&service, "/healthz", "text/plain; charset=utf-8").text(),
        "ok\n"
    );
    assert_eq!(
        ok(&service, "/readyz", "text/plain; charset=utf-8").text(),
        "ready\n"
    );
    ok(&service, "/api/v1/openapi.json", "application/json");
    ok(
        &service,
        "/metrics",
        "text/plain; version=0.0.4; charset=utf-8",
    );
    ok(
        &service,
        "/api/v1/chart.svg?integration=stripe",
        "image/svg+xml",
    );
    ok(
        &service,
        "/api/v1/chart.png?integration=stripe",
        "image/png",
    );
    ok(&service, "/", "text/html; charset=utf-8");
    ok(&service, "/i/stripe", "text/html; charset=utf-8");
    ok(&service, "/assets/app.js", "text/javascript; charset=utf-8");
    ok(&service, "/assets/style.css", "text/css; charset=utf-8");
    ok(&service, "/assets/sans.ttf", "font/ttf");
}

#[track_caller]
fn ok(service: &Service, path: &str, kind: &str) -> Answer {
    let answer = service.get(path).ok();
    assert_eq!(answer.header("content-type"), kind, "{path}");
    assert_guarded(&answer, path);
    answer
}

#[track_caller]
fn assert_guarded(answer: &Answer, path: &str) {
    assert_eq!(answer.header("content-security-policy"), POLICY, "{path}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
}

#[test]
fn rates_are_those_of_the_command() {
    let service = demo_service();
    for (by, view) in [
        ("integration", "calls"),
        ("operation", "attempts"),
        ("client", "attempts"),
        ("status", "calls"),
        ("outcome", "attempts"),
    ] {
        let path = format!("/api/v1/rates?by={by}&view={view}&step=6h&{RANGE}");
        let rows = printed(&["rates", "--by", by, "--view", view, "--step", "6h"]);
        assert_eq!(service.get(&path).ok().json()["rows"], rows, "{path}");
        assert!(list(&rows).len() > 50, "{path}");
    }
    let path = format!("/api/v1/rates?integration=responsys&{RANGE}");
    let rows = printed(&["rates", "responsys"]);
    assert_eq!(service.get(&path).ok().json()["rows"], rows);
    // Three days of five minutes, the quiet ones among them.
    assert_eq!(rows.as_array().map(Vec::len), Some(864));
}

#[test]
fn verdicts_and_errors_are_those_of_the_commands() {
    let service = demo_service();
    let verdicts = printed(&["assess"]);
    assert_eq!(
        service.get(&format!("/api/v1/assess?{RANGE}")).ok().json()["verdicts"],
        verdicts
    );
    assert_eq!(
        service.get("/api/v1/assess").ok().json()["verdicts"],
        verdicts
    );
    let one = service
        .get(&format!("/api/v1/assess?integration=stripe&{RANGE}"))
        .ok()
        .json();
    assert_eq!(one["verdicts"], printed(&["assess", "stripe"]));

    let errors = printed(&["errors"]);
    assert_eq!(
        service.get(&format!("/api/v1/errors?{RANGE}")).ok().json()["rows"],
        errors
    );
    let one = service
        .get(&format!("/api/v1/errors?integration=shopify&{RANGE}"))
        .ok()
        .json();
    assert_eq!(one["rows"], printed(&["errors", "shopify"]));
    let unranged = |args: &[&str]| {
        demo()
            .run(&[args, &["--format", "json"]].concat())
            .ok()
            .json()
    };
    for (path, args) in [
        ("/api/v1/rates", &["rates"][..]),
        ("/api/v1/errors", &["errors"]),
        (
            "/api/v1/errors?new_since=2026-11-18",
            &["errors", "--new-since", "2026-11-18"],
        ),
    ] {
        assert_eq!(
            service.get(path).ok().json()["rows"],
            unranged(args),
            "{path}"
        );
    }
    assert!(one["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
}

#[test]
fn the_overview_adds_up_what_the_commands_print() {
    let service = demo_service();
    let rates = printed(&["rates", "--step", "1d"]);
    let (verdicts, episodes) = (printed(&["assess"]), printed(&["assess", "--replay"]));
    let overview = service
        .get(&format!("/api/v1/integrations?{RANGE}"))
        .ok()
        .json();
    let integrations = overview["integrations"].as_array().expect("a list");
    let names: BTreeSet<&str> = list(&rates)
        .iter()
        .map(|row| text(row, "integration"))
        .collect();
    assert_eq!(
        integrations
            .iter()
            .map(|row| text(row, "integration"))
            .collect::<BTreeSet<_>>(),
        names
    );
    for row in integrations {
        let name = text(row, "integration");
        for count in [
            "requests",
            "throttled",
            "server_errors",
            "no_response",
            "client_errors",
            "throttled_local",
        ] {
            let own = list(&rates)
                .iter()
                .filter(|window| window["integration"] == name);
            assert_eq!(
                row["counts"][count],
                own.map(|window| number(window, count)).sum::<u64>(),
                "{name} {count}"
            );
        }
        let headline = &row["headline"];
        let own = |one: &&Value| one["series"]["integration"] == name;
        let source = match list(&episodes).iter().any(|one| own(&one)) {
            true => &episodes,
            false => &verdicts,
        };
        assert!(list(source).contains(headline), "{name}");
    }
}

#[test]
fn an_integration_shows_what_the_commands_print() {
    let service = demo_service();
    for name in ["responsys", "sfmc-rest"] {
        let shown = service
            .get(&format!("/api/v1/integrations/{name}?{RANGE}"))
            .ok()
            .json();
        assert_eq!(shown["verdicts"], printed(&["assess", name]), "{name}");
        assert_eq!(shown["errors"], printed(&["errors", name]), "{name}");
        let operations = printed(&["rates", name, "--by", "operation", "--step", "1d"]);
        for operation in shown["operations"].as_array().expect("a list") {
            let own = || {
                list(&operations)
                    .iter()
                    .filter(|row| row["operation"] == operation["operation"])
            };
            for count in ["requests", "throttled", "server_errors", "no_response"] {
                let sum: u64 = own().map(|row| number(row, count)).sum();
                assert_eq!(
                    operation[count], sum,
                    "{name} {} {count}",
                    operation["operation"]
                );
            }
        }
        let names = |rows: &Value| -> BTreeSet<String> {
            list(rows)
                .iter()
                .map(|row| text(row, "operation").to_owned())
                .collect()
        };
        assert_eq!(names(&shown["operations"]), names(&operations), "{name}");
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().expect("text")
}

fn number(row: &Value, key: &str) -> u64 {
    row[key].as_u64().expect("a number")
}

#[test]
fn what_cannot_be_answered_is_a_problem_document() {
    let (_world, service) = small();
    for path in [
        "/api/v1/rates?since=yesterdayish",
        "/api/v1/rates?step=1x",
        "/api/v1/rates?step=0m",
        "/api/v1/rates?by=moon",
        "/api/v1/rates?view=sideways",
        "/api/v1/rates?since=2026-11-20&until=2026-11-18",
        "/api/v1/assess?until=never",
        "/api/v1/errors?since=2026-11-20&until=2026-11-20",
        "/api/v1/integrations?since=%00",
        "/api/v1/chart.svg?integration=stripe&theme=pink",
        "/api/v1/chart.svg?integration=stripe&width=1",
        "/api/v1/chart.png?integration=stripe&height=3001",
        "/api/v1/chart.svg?integration=stripe&step=zzz",
        "/api/v1/chart.svg?integration=stripe&by=moon",
        "/api/v1/chart.png?integration=stripe&view=sideways",
        "/api/v1/errors?new_since=someday",
        "/api/v1/rates?since=99999999999999999",
        "/api/v1/integrations/%ff",
        "/api/v1/integrations/%ff/report.html",
        "/assets/%ff",
    ] {
        assert_problem(&service.get(path), 400, path);
    }
    for path in [
        "/api/v1/integrations/nobody",
        "/api/v1/integrations/nobody/report.html",
        "/api/v1/integrations/nobody/report.md",
        "/api/v1/chart.svg?integration=nobody",
        "/api/v1/chart.png?integration=nobody",
        "/api/v1/rates?integration=nobody",
        "/api/v1/assess?integration=nobody",
        "/api/v1/errors?integration=nobody",
        "/api/v1/integrations?integration=nobody",
        "/assets/nothing.js",
        "/assets/../Cargo.toml",
    ] {
        assert_problem(&service.get(path), 404, path);
    }
}

#[test]
fn parameters_of_a_wrong_kind_are_a_problem_document() {
    let (_world, service) = small();
    for path in [
        "/api/v1/chart.svg",
        "/api/v1/chart.svg?integration=stripe&width=wide",
        "/api/v1/rates?step=1m&step=5m",
    ] {
        assert_problem(&service.get(path), 400, path);
    }
}

#[test]
fn unknown_routes_and_methods_are_a_problem_document() {
    let (_world, service) = small();
    for path in [
        "/nothing",
        "/api/v1/nothing",
        "/api/v2/rates",
        "/i",
        "/metrics/",
    ] {
        assert_problem(&service.get(path), 404, path);
    }
    for (method, path) in [
        ("POST", "/api/v1/rates"),
        ("DELETE", "/api/v1/integrations/stripe"),
        ("PUT", "/"),
    ] {
        let answer = service.send(method, path, &[]);
        assert_problem(&answer, 405, path);
        assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {path}");
    }
}

/// RFC 9457, and nothing that a browser would run.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_guarded(answer, what);
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{what}: {}",
        answer.text()
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    assert!(
        text(&problem, "type").starts_with("/problems/"),
        "{what}: {problem}"
    );
    assert!(
        !text(&problem, "title").is_empty() && !text(&problem, "detail").is_empty(),
        "{what}: {problem}"
    );
    assert!(
        !text(&problem, "detail").contains('\n'),
        "{what}: {problem}"
    );
}

#[test]
fn another_sites_name_is_refused() {
    let (_world, service) = small();
    let port = service
        .address()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    for host in [
        "rebound.example".to_owned(),
        format!("rebound.example:{port}"),
        format!("localhost.example:{port}"),
    ] {
        for path in ["/", "/api/v1/integrations", "/healthz", "/nothing"] {
            let answer = service.send("GET", path, &[("Host", &host)]);
            assert_problem(&answer, 403, &format!("{host} {path}"));
        }
    }
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
    ] {
        service.send("GET", "/healthz", &[("Host", &host)]).ok();
    }
}

#[test]
fn what_the_page_needs_is_served_and_not_sent_twice() {
    let (_world, service) = small();
    let page = service.get("/").ok().text();
    let needed = Regex::new(r#"(?:src|href)="(/assets/[^"]+)""#).expect("valid");
    let paths: Vec<&str> = needed
        .captures_iter(&page)
        .map(|c| c.get(1).expect("a path").as_str())
        .collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths.into_iter().chain(["/"]) {
        let first = service.get(path).ok();
        let etag = first.header("etag").to_owned();
        assert!(
            etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'),
            "{path} {etag}"
        );
        let again = service.send("GET", path, &[("If-None-Match", &etag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), etag, "{path}");
        let other = service.send("GET", path, &[("If-None-Match", "\"0\"")]);
        assert_eq!((other.status, other.body), (200, first.body), "{path}");
    }
    let head = service.send("HEAD", "/assets/app.js", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn the_openapi_document_lists_every_route() {
    let (_world, service) = small();
    let document = service.get("/api/v1/openapi.json").ok().json();
    assert!(
        text(&document, "openapi").starts_with("3.1."),
        "{}",
        document["openapi"]
    );
    assert!(
        !text(&document["info"], "title").is_empty()
            && !text(&document["info"], "version").is_empty()
    );
    let listed: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .cloned()
        .collect();
    assert_eq!(listed, documented_routes());
    let placeholder = Regex::new(r"\{(\w+)\}").expect("valid");
    for (path, item) in document["paths"].as_object().expect("paths") {
        let operation = operation_of(item);
        assert!(operation["operationId"].is_string(), "{path}");
        assert!(
            operation["responses"]["200"]["description"].is_string(),
            "{path}"
        );
        for name in placeholder.captures_iter(path) {
            let wanted = json!({"name": name[1], "in": "path", "required": true});
            let declared = list(&operation["parameters"]).iter().any(|p| {
                wanted
                    .as_object()
                    .expect("object")
                    .iter()
                    .all(|(key, value)| &p[key] == value)
            });
            assert!(declared, "{path} does not declare {}", &name[1]);
        }
    }
    assert_references_lead_somewhere(&document, &document);
    let ids: Vec<&Value> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .map(|p| &operation_of(p)["operationId"])
        .collect();
    assert_eq!(
        ids.iter()
            .map(|id| id.to_string())
            .collect::<BTreeSet<_>>()
            .len(),
        ids.len(),
        "{ids:?}"
    );
}

/// Each path has one method.
fn operation_of(item: &Value) -> &Value {
    let methods = item.as_object().expect("an object");
    assert_eq!(methods.len(), 1, "{item}");
    methods.values().next().expect("one")
}

/// The paths that the handlers declare; the router takes them from there.
fn documented_routes() -> BTreeSet<String> {
    let declared = Regex::new(r#"utoipa::path\((?:get|post), path = "([^"]+)""#).expect("valid");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/api");
    let mut paths = BTreeSet::new();
    for file in fs::read_dir(folder).expect("a folder") {
        let source = fs::read_to_string(file.expect("an entry").path()).expect("readable");
        paths.extend(declared.captures_iter(&source).map(|c| c[1].to_owned()));
    }
    assert!(paths.len() >= 12, "{paths:?}");
    paths
}

fn assert_references_lead_somewhere(part: &Value, document: &Value) {
    if let Some(pointer) = part.get("$ref").and_then(Value::as_str) {
        let target = pointer
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        assert!(target.is_some(), "{pointer}");
    }
    match part {
        Value::Object(parts) => parts
            .values()
            .for_each(|part| assert_references_lead_somewhere(part, document)),
        Value::Array(parts) => parts
            .iter()
            .for_each(|part| assert_references_lead_somewhere(part, document)),
        _ => {}
    }
}

#[test]
fn the_chart_is_a_titled_picture_with_both_series() {
    let service = demo_service();
    for theme in ["light", "dark"] {
        let svg = service
            .get(&format!(
                "/api/v1/chart.svg?integration=sfmc-rest&theme={theme}&{RANGE}"
            ))
            .ok()
            .text();
        assert_well_formed(&svg);
        assert!(svg.contains("<title>sfmc-rest</title>"), "{svg}");
        assert!(svg.contains("<desc>Share of 5xx and of 429"), "{svg}");
        for part in ["tm-5xx-l", "tm-429-l", "tm-calls-f"] {
            let drawn = svg.lines().filter(|line| line.contains(part)).count();
            assert!(drawn >= 1, "{part} is drawn {drawn} times");
        }
        assert!(!svg.contains("<script") && !svg.contains("href="), "{svg}");
    }
    let path = format!("/api/v1/chart.png?integration=sfmc-rest&width=640&height=300&{RANGE}");
    let png = service.get(&path).ok().body;
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((side(16), side(20)), (640, 300));
}

#[test]
fn the_chart_takes_the_parameters_of_the_rates() {
    let service = demo_service();
    let chart = |more: &str| {
        let path = format!("/api/v1/chart.svg?integration=sfmc-rest&{RANGE}{more}");
        service.get(&path).ok().text()
    };
    let usual = chart("");
    assert!(chart("&step=6h").contains("data-step-s=\"21600\""));
    assert!(!usual.contains("data-step-s=\"21600\""), "{usual}");
    assert_ne!(chart("&view=calls"), usual);
    assert_eq!(chart("&by=operation"), usual);
}

/// Nobody knows yet what is behind the end of the data, and no range makes an answer endless.
#[test]
fn a_range_beyond_the_data_ends_with_them() {
    let service = demo_service();
    let end = service.get("/api/v1/integrations").ok().json()["watermark"].take();
    let path = "/api/v1/integrations/sfmc-rest?since=1970-01-01&until=9999-12-31T00:00:00Z";
    let shown = service.get(path).ok().json();
    assert_eq!(shown["range"]["until"], end);
    let trend = list(&shown["trend"]);
    assert!((1..=401).contains(&trend.len()), "{}", trend.len());
    let empty = service
        .get("/api/v1/integrations?since=9000-01-01")
        .ok()
        .json();
    assert!(!list(&empty["integrations"]).is_empty());
    for row in list(&empty["integrations"]) {
        assert_eq!(row["counts"]["requests"], 0, "{row}");
        assert_eq!(row["spark"], json!([]), "{row}");
    }
    let beyond = "/api/v1/chart.svg?integration=sfmc-rest&since=9000-01-01";
    assert!(
        service
            .get(beyond)
            .ok()
            .text()
            .contains("no data in this range")
    );
}

#[test]
fn a_store_that_cannot_be_read_is_not_ready() {
    let (world, service) = small();
    fs::remove_dir_all(world.data().join("rates")).expect("removed");
    assert_problem(&service.get("/readyz"), 503, "/readyz");
    service.get("/healthz").ok();
}

/// Elements nest, attributes are quoted, and no `&` or `<` stands alone.
fn assert_well_formed(xml: &str) {
    let part = Regex::new(
        r#"^(?:<(/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(/?)>|<!--.*?-->|<\?.*?\?>)"#,
    )
    .expect("valid");
    let entity = Regex::new(r"&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);").expect("valid");
    assert!(
        !entity.replace_all(xml, "").contains('&'),
        "a lone & in {xml}"
    );
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    for (at, _) in xml.match_indices('<') {
        let found = part
            .captures(&xml[at..])
            .unwrap_or_else(|| panic!("no markup: {}", clip(&xml[at..])));
        let Some(name) = found.get(2).map(|name| name.as_str()) else {
            continue;
        };
        let (closes, empty) = (&found[1] == "/", &found[4] == "/");
        if closes {
            assert_eq!(open.pop(), Some(name), "{}", clip(&xml[at..]));
            continue;
        }
        roots += usize::from(open.is_empty());
        if !empty {
            open.push(name);
        }
    }
    assert_eq!((open.len(), roots), (0, 1), "{open:?}");
}

fn clip(text: &str) -> String {
    text.chars().take(120).collect()
}

#[test]
fn the_report_needs_nothing_from_elsewhere() {
    let service = demo_service();
    let answer = service
        .get("/api/v1/integrations/responsys/report.html")
        .ok();
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'"),
        "{:?}",
        answer.headers
    );
    let html = answer.text();
    let loads =
        Regex::new(r#"(?i)\b(?:src|href|action|poster|srcset|xlink:href)\s*=\s*["']?([^"'\s>]*)"#)
            .expect("valid");
    for target in loads.captures_iter(&html) {
        assert!(
            target[1].starts_with('#') || target[1].starts_with("data:"),
            "{}",
            &target[0]
        );
    }
    let styles =
        Regex::new(r#"(?i)(?:url\(\s*["']?|@import\s+["']?)([^"')]{0,20})"#).expect("valid");
    for target in styles.captures_iter(&html) {
        assert!(target[1].starts_with("data:"), "{}", &target[0]);
    }
    assert!(!html.contains("<script"), "a report has no scripts");
    assert!(html.contains("<svg") && html.contains("tm-5xx-l") && html.contains("tm-429-l"));
}

#[test]
fn the_markdown_report_fences_its_samples() {
    let service = demo_service();
    let answer = service.get("/api/v1/integrations/responsys/report.md").ok();
    assert_eq!(
        answer.header("content-type"),
        "text/markdown; charset=utf-8"
    );
    let report = answer.text();
    assert!(report.starts_with("# responsys: "), "{}", clip(&report));
    let samples = report
        .split("## Requests and responses")
        .nth(1)
        .expect("samples");
    let failing = samples.matches("### Failing call").count();
    let fences = samples
        .lines()
        .filter(|line| line.starts_with("```"))
        .count();
    assert!(failing > 1, "{failing}");
    assert!(
        fences >= 4 * failing && fences % 2 == 0,
        "{fences} fences for {failing} calls"
    );
    for heading in ["## Summary", "## Trend", "## Operations", "## Errors"] {
        assert!(report.contains(heading), "{heading}");
    }
}

#[test]
fn metrics_are_prometheus_text_with_the_numbers_of_the_overview() {
    let service = demo_service();
    let metrics = service.get("/metrics").ok().text();
    let label = r#"[a-z_]+="(?:[^"\\]|\\.)*""#;
    let sample = format!(r#"^([a-z_]+)(?:\{{{label}(?:,{label})*\}})? \d+(?:\.\d+)?$"#);
    let sample = Regex::new(&sample).expect("valid");
    let mut described = BTreeSet::new();
    for line in metrics.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
            assert!(
                described.insert(name.to_owned()),
                "{name} is described twice"
            );
        } else if !line.starts_with("# HELP ") {
            let found = sample
                .captures(line)
                .unwrap_or_else(|| panic!("no sample: {line}"));
            // The samples of a histogram have names of their own.
            let ends = ["_bucket", "_sum", "_count"];
            let name = ends.iter().find_map(|end| found[1].strip_suffix(end));
            assert!(
                described.contains(&found[1]) || name.is_some_and(|name| described.contains(name)),
                "{line} stands before its type"
            );
        }
    }
    assert!(metrics.ends_with('\n'));
    let overview = service.get("/api/v1/integrations").ok().json();
    for row in list(&overview["integrations"]) {
        for (metric, count) in [
            ("requests", "requests"),
            ("throttled", "throttled"),
            ("server_errors", "server_errors"),
        ] {
            let line = format!(
                "tidemark_{metric}{{integration=\"{}\"}} {}",
                text(row, "integration"),
                row["counts"][count]
            );
            assert!(
                metrics.lines().any(|known| known == line),
                "{line}\n{metrics}"
            );
        }
    }
}

#[test]
fn other_machines_are_kept_out_until_there_are_tokens() {
    let (world, _service) = small();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let run = world.run(["serve", "--listen", address]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(
            run.err.contains("is not a loopback address") && run.err.contains("tokens"),
            "{}",
            run.err
        );
        assert_eq!(run.err.trim().lines().count(), 1, "{}", run.err);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let (world, service) = small();
    let run = world.run(["serve", "--listen", service.address()]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(
        run.err
            .contains(&format!("cannot listen on {}", service.address())),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("in use") && run.err.contains("--listen"),
        "{}",
        run.err
    );
}

#[test]
fn without_a_store_the_service_begins_with_an_empty_one() {
    let world = World::new();
    let service = Service::start(world.command().arg("serve"));
    let shown = service.get("/api/v1/integrations").ok().json();
    assert_eq!(shown["integrations"], serde_json::json!([]));
    // Nothing keeps writers out, and what they write is seen.
    world.ingest([fixture("logs/nginx/egress_custom.log.gz")]);
    let shown = service.get("/api/v1/integrations").ok().json();
    assert!(!list(&shown["integrations"]).is_empty());
}

#[test]
fn a_folder_of_other_things_is_left_alone() {
    let world = World::new();
    world.file("data/letter.txt", "Dear diary");
    let run = world.run(["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(run.code, 6, "{}", run.err);
    assert!(run.err.contains("holds other files"), "{}", run.err);
    assert!(!world.path("data/mask.key").exists());
}

#[test]
fn a_termination_signal_ends_the_service_in_peace() {
    let (_world, service) = small();
    service.get("/api/v1/integrations").ok();
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn the_demo_serves_what_it_has_loaded() {
    let world = World::new();
    let service = Service::start(world.command().arg("demo"));
    let shown = service.get("/api/v1/integrations").ok().json();
    assert_eq!(
        list(&shown["integrations"]).len(),
        demo().table.trim_end().lines().count() - 1
    );
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn the_demo_prints_a_verdict_of_each_kind() {
    let table = &demo().table;
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().expect("a head").split_whitespace().collect();
    assert_eq!(
        head,
        [
            "INTEGRATION",
            "VERDICT",
            "SINCE",
            "CALLS",
            "429",
            "5XX",
            "WHY"
        ]
    );
    let rows: Vec<&str> = lines.collect();
    for kind in [
        r"^ *\S+ +Category 2: [a-z ]+ +2026-",
        r"^ *\S+ +Category 1: [a-z ]+",
        r"^ *\S+ +undecided ",
        r"^ *\S+ +quiet ",
    ] {
        let pattern = Regex::new(kind).expect("valid");
        assert!(
            rows.iter().any(|row| pattern.is_match(row)),
            "no row is {kind}:\n{table}"
        );
    }
}

/// HubSpot throttled for two hours, a day before the end of the logs.
#[test]
fn what_goes_on_has_failed_in_the_last_hours() {
    let rates = [
        "--by",
        "operation",
        "--step",
        "1h",
        "--since",
        "6h",
        "--format",
        "json",
    ];
    let recent = demo().run(&[&["rates"], &rates[..]].concat()).ok().json();
    for verdict in list(&printed(&["assess"])) {
        if verdict["category"] != 2 || verdict["state"] != "ongoing" {
            continue;
        }
        let series = &verdict["series"];
        let count = match text(series, "class") {
            "5xx" => "server_errors",
            "429" => "throttled",
            "no_response" => "no_response",
            _ => continue,
        };
        let own = list(&recent).iter().filter(|row| {
            row["integration"] == series["integration"]
                && (series["operation"].is_null() || row["operation"] == series["operation"])
        });
        assert!(
            own.map(|row| number(row, count)).sum::<u64>() > 0,
            "{verdict}"
        );
    }
}
