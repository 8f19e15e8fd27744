//! Every question of `queries/`, asked through the program over a small log, one case file each.
//!
//! A case holds the log, the arguments, the fields to look at and the rows that must come, in order.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::world::{World, fixture};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    about: String,
    log: String,
    #[serde(default)]
    ingest: Vec<String>,
    ask: Vec<Ask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    args: Vec<String>,
    fields: Vec<String>,
    rows: Vec<Vec<toml::Value>>,
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/queries");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("cases")
        .map(|entry| entry.expect("entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "the cases are there");
    files
}

/// `null` is written as an empty text in TOML, which has no null.
fn shown(value: &Value, field: &str) -> String {
    let mut value = value;
    for part in field.split('.') {
        value = &value[part];
    }
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.4}", number.as_f64().expect("a number"))
        }
        other => other.to_string(),
    }
}

fn wanted(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Float(number) => format!("{number:.4}"),
        other => other.to_string(),
    }
}

#[test]
fn every_case_gives_its_rows() {
    for file in cases() {
        let name = file
            .file_stem()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&file).expect("case");
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!case.about.is_empty(), "{name} says what it is about");
        let world = World::new();
        let log = world.file("case.log", &case.log);
        world.ingest(
            std::iter::once(log.into_os_string()).chain(case.ingest.iter().map(Into::into)),
        );
        for ask in &case.ask {
            let got = world
                .run(
                    ask.args
                        .iter()
                        .map(String::as_str)
                        .chain(["--format", "jsonl"]),
                )
                .ok()
                .rows();
            let got: Vec<Vec<String>> = got
                .iter()
                .map(|row| ask.fields.iter().map(|field| shown(row, field)).collect())
                .collect();
            let expected: Vec<Vec<String>> = ask
                .rows
                .iter()
                .map(|row| row.iter().map(wanted).collect())
                .collect();
            assert_eq!(got, expected, "{name}: {:?} {:?}", ask.args, ask.fields);
        }
    }
}

/// What the tables say equals what the log says, counted in another way.
#[test]
fn rates_add_up_to_the_truth_of_the_demo() {
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(fixture("demo/TRUTH.json")).expect("truth"))
            .expect("JSON");
    let world = World::new();
    world.ingest([
        fixture("demo/nginx-egress.log.gz"),
        fixture("demo/order-sync.jsonl.gz"),
    ]);
    let rates = world
        .run(["rates", "--step", "1d", "--format", "jsonl"])
        .ok()
        .rows();
    for (host, integration) in [
        ("mcabc123-demo0000.rest.marketingcloudapis.com", "sfmc-rest"),
        ("api.stripe.com", "stripe"),
        ("api.hubapi.com", "hubspot"),
        ("api5-018.responsys.net", "responsys"),
        ("demo-store.myshopify.com", "shopify"),
    ] {
        let own: Vec<_> = rates
            .iter()
            .filter(|r| r["integration"] == integration)
            .collect();
        let sum =
            |field: &str| -> u64 { own.iter().map(|r| r[field].as_u64().expect(field)).sum() };
        let attempts = &truth["hosts"][host]["attempts_by_status"];
        assert_eq!(
            sum("throttled"),
            attempts["429"].as_u64().unwrap_or(0),
            "{integration}: throttled attempts"
        );
        assert!(
            sum("requests") >= truth["hosts"][host]["requests"].as_u64().expect("requests"),
            "{integration}"
        );
    }
}

/// Quiet windows are there as zero, none is there twice.
#[test]
fn every_window_of_a_range_is_there_once() {
    let world = World::new();
    world.ingest([fixture("demo/order-sync.jsonl.gz")]);
    let rows = world
        .run([
            "rates",
            "responsys",
            "--step",
            "5m",
            "--since",
            "2026-11-18",
            "--until",
            "2026-11-19",
            "--format",
            "jsonl",
        ])
        .ok()
        .rows();
    let starts: Vec<&str> = rows
        .iter()
        .map(|r| r["window_start"].as_str().expect("start"))
        .collect();
    assert_eq!(starts.len(), 288);
    assert_eq!(
        (starts[0], starts[287]),
        ("2026-11-18T00:00:00Z", "2026-11-18T23:55:00Z")
    );
    assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
}
