//! A recorded situation in, the right verdict, reason, onset and alert time out.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use tidemark::model::time::Timestamp;

use crate::world::{World, fixture};

/// What `expect.toml` beside a story's counts says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    category: toml::Value,
    class: String,
    episodes: usize,
    reason: Option<String>,
    onset: Option<String>,
    onset_within_minutes: Option<i64>,
    alert_within_minutes: Option<i64>,
    rise_low: Option<f64>,
    rise_high: Option<f64>,
}

fn stories() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(fixture("stories"))
        .expect("stories")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 5, "the stories are there");
    folders
}

fn expected(story: &Path) -> Expected {
    let text = std::fs::read_to_string(story.join("expect.toml")).expect("expect.toml");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", story.display()))
}

fn assess(world: &World, story: &Path, more: &[&str]) -> Vec<Value> {
    let counts = story.join("counts.csv");
    let mut args = vec![
        "assess",
        "--format",
        "jsonl",
        "--counts",
        counts.to_str().expect("path"),
    ];
    args.extend(more);
    world.run(args).ok().rows()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}

#[test]
fn every_story_gets_its_verdict() {
    let world = World::new();
    for story in stories() {
        let expected = expected(&story);
        let name = story.display();
        let verdicts = assess(&world, &story, &[]);
        let verdict = verdicts
            .iter()
            .find(|v| v["series"]["class"] == expected.class.as_str())
            .unwrap_or_else(|| panic!("{name}: no verdict for {}", expected.class));
        match &expected.category {
            toml::Value::Integer(n) => assert_eq!(verdict["category"], *n, "{name}: {verdict:#}"),
            word => {
                assert_eq!(verdict["category"], Value::Null, "{name}: {verdict:#}");
                let reason = if word.as_str() == Some("quiet") {
                    "quiet"
                } else {
                    "too_little_data"
                };
                assert_eq!(verdict["reason"], reason, "{name}: {verdict:#}");
            }
        }
        assert!(
            !verdict["why"].as_array().expect("why").is_empty(),
            "{name}: no number decides unsaid"
        );
        assert_eq!(
            verdict["retry_success"],
            Value::Null,
            "{name}: counts tell nothing of retries"
        );
        if let Some(reason) = &expected.reason {
            assert_eq!(verdict["reason"], reason.as_str(), "{name}");
        }
        check_onset(&expected, verdict, &name.to_string());
    }
}

fn check_onset(expected: &Expected, verdict: &Value, name: &str) {
    let Some(onset) = &expected.onset else { return };
    let truth: Timestamp = onset.parse().expect("RFC 3339");
    let off = time(&verdict["onset"]).secs_since(truth).abs() / 60;
    assert!(
        off <= expected.onset_within_minutes.expect("bound"),
        "{name}: onset is off by {off} minutes"
    );
    let (low, high) = (time(&verdict["onset_low"]), time(&verdict["onset_high"]));
    assert!(
        low <= time(&verdict["onset"]) && time(&verdict["onset"]) <= high,
        "{name}: the interval holds its onset"
    );
    let factor = verdict["rise_factor"].as_f64().expect("factor");
    let bounds = expected.rise_low.expect("low")..=expected.rise_high.expect("high");
    assert!(bounds.contains(&factor), "{name}: rise factor {factor}");
}

#[test]
fn replay_lists_the_episodes_with_the_time_of_their_alert() {
    let world = World::new();
    for story in stories() {
        let expected = expected(&story);
        let name = story.display();
        let episodes = assess(&world, &story, &["--replay"]);
        assert_eq!(episodes.len(), expected.episodes, "{name}: {episodes:#?}");
        for episode in &episodes {
            let truth: Timestamp = expected
                .onset
                .as_deref()
                .expect("onset")
                .parse()
                .expect("RFC 3339");
            let delay = time(&episode["alert_time"]).secs_since(truth) / 60;
            let within = expected.alert_within_minutes.expect("bound");
            assert!(
                (0..=within).contains(&delay),
                "{name}: alerted {delay} minutes after the onset"
            );
        }
    }
}

/// The same judgement by the store as by the counts that the store prints. (Counts of whole integrations know no
/// operations, so the onset may be told less sharply.)
#[test]
fn counts_that_rates_print_give_the_store_s_verdicts() {
    let world = World::new();
    world.ingest([fixture("demo/order-sync.jsonl.gz")]);
    let csv = world
        .run([
            "rates",
            "--step",
            "1m",
            "--format",
            "csv",
            "--by",
            "integration",
        ])
        .ok()
        .out;
    let counts = world.file("counts.csv", csv);
    let by_counts = world
        .run([
            "assess",
            "--format",
            "jsonl",
            "--counts",
            counts.to_str().expect("path"),
        ])
        .ok()
        .rows();
    let by_store = world.run(["assess", "--format", "jsonl"]).ok().rows();
    let whole = |rows: &[Value], class: &str| -> Value {
        rows.iter()
            .find(|v| {
                v["series"]["integration"] == "responsys"
                    && v["series"]["class"] == class
                    && v["series"].get("operation").is_none()
            })
            .cloned()
            .unwrap_or_else(|| panic!("a verdict for {class}: {rows:#?}"))
    };
    for class in ["5xx", "429"] {
        let (store, counts) = (whole(&by_store, class), whole(&by_counts, class));
        for key in ["category", "state", "reason"] {
            assert_eq!(store[key], counts[key], "{class}: {key}");
        }
        let normal = |v: &Value| v["baseline_rate"].as_f64().expect("a baseline");
        assert!(
            (normal(&store) / normal(&counts) - 1.0).abs() < 0.05,
            "{class}: {store:#} {counts:#}"
        );
    }
}

/// The bundled logs show one integration of each kind, with the incidents where they were planned.
#[test]
fn the_demo_tells_the_planned_incidents() {
    let world = World::new();
    world.run(["demo", "--once"]).ok();
    let verdicts = world.run(["assess", "--format", "jsonl"]).ok().rows();
    let worst = |name: &str| -> Vec<&Value> {
        verdicts
            .iter()
            .filter(|v| v["series"]["integration"] == name && v["category"] == 2)
            .collect()
    };
    for (name, operation, onset) in [
        (
            "responsys",
            "POST /rest/api/v1.3/lists/{list}/members",
            "2026-11-19T20:40:00Z",
        ),
        (
            "shopify",
            "POST /admin/api/2026-01/webhooks.json",
            "2026-11-19T18:00:00Z",
        ),
    ] {
        let found = worst(name);
        let on_operation = found.iter().find(|v| v["series"]["operation"] == operation);
        let verdict = on_operation.unwrap_or_else(|| panic!("{name}: {found:#?}"));
        assert_eq!(verdict["state"], "ongoing", "{name}");
        let off = time(&verdict["onset"])
            .secs_since(onset.parse().expect("RFC 3339"))
            .abs();
        assert!(off <= 15 * 60, "{name}: onset {}", verdict["onset"]);
    }
    for name in [
        "stripe",
        "hubspot",
        "sfmc-rest",
        "sfmc-auth",
        "github",
        "intercom",
    ] {
        assert!(worst(name).is_empty(), "{name}: {:#?}", worst(name));
    }
    let replayed = world
        .run(["assess", "--replay", "--format", "jsonl"])
        .ok()
        .rows();
    let hubspot: Vec<_> = replayed
        .iter()
        .filter(|e| e["series"]["integration"] == "hubspot")
        .collect();
    assert_eq!(hubspot.len(), 1, "{replayed:#?}");
    let off =
        time(&hubspot[0]["onset"]).secs_since("2026-11-18T13:00:00Z".parse().expect("RFC 3339"));
    assert!((0..=20 * 60).contains(&off), "{}", hubspot[0]["onset"]);
    assert_eq!(hubspot[0]["state"], "ended");
}
