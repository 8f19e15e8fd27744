//! What `mask` tells about its own work, and what users may change of it.

use std::path::Path;

use serde_json::Value;

use crate::world::World;

const LOG: &str = concat!(
    r#"{"ts":"2026-11-22T03:51:46Z","url":"https://api.example.com/v1/a?api_key=k9f86d081884c7d659","status":200,"#,
    r#""headers":{"authorization":"Bearer 8f14e45fceea167a5a36dedd4bea2543"},"customer":{"ref":"C-1234"},"#,
    r#""note":"mail to ana.lee@example.org","card":4111111111111111}"#,
    "\n",
    "203.0.113.9 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/b HTTP/1.1\" 200 1 \"-\" \"x\"\n",
);

const RULES: &str = r#"
[masking.kinds]
card = "keep_last_4"
email = "keep"
ip = "keep_network"

[[masking.rules]]
name = "customer references"
at = ["body:customer.ref"]
matches = "C-(?<secret>[0-9]+)"
kind = "identity"
hits = ["C-1234"]
misses = ["none"]
"#;

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn each_masking_is_explained_and_no_value_shown() {
    let world = World::new();
    let log = world.file("a.log", LOG);
    let told = world
        .run(["mask", "--explain", "--format", "jsonl", text(&log)])
        .ok();
    let rows = told.rows();
    let found = |line: u64, position: &str, kind: &str, rule: &str| {
        rows.iter().any(|row| {
            row["schema"] == "tidemark.mask/1"
                && row["line"] == line
                && row["position"] == position
                && row["kind"] == kind
                && row["rule"] == rule
        })
    };
    assert!(
        found(1, "body.headers.authorization", "bearer", "name"),
        "{}",
        told.out
    );
    assert!(found(1, "body.url", "key", "name"), "{}", told.out);
    assert!(
        found(1, "body.note", "email", "shape: email"),
        "{}",
        told.out
    );
    assert!(
        rows.iter()
            .any(|row| row["line"] == 2 && row["kind"] == "ip"),
        "{}",
        told.out
    );
    for secret in ["8f14e45f", "k9f86d08", "ana.lee", "411111", "203.0.113"] {
        assert!(!told.out.contains(secret), "{secret} in {}", told.out);
    }
}

#[test]
fn a_dry_run_tells_the_share_of_each_position() {
    let world = World::new();
    let log = world.file("a.log", LOG);
    let told = world
        .run(["mask", "--dry-run", "--format", "jsonl", text(&log)])
        .ok();
    let share = |position: &str| {
        let row = told
            .rows()
            .into_iter()
            .find(|row| row["position"] == position);
        row.map(|row| (row["values"].clone(), row["masked"].clone()))
    };
    let both = |values: u64, masked: u64| Some((Value::from(values), Value::from(masked)));
    assert_eq!(
        share("body.headers.authorization"),
        both(1, 1),
        "{}",
        told.out
    );
    assert_eq!(share("body.ts"), both(1, 0), "{}", told.out);
}

#[test]
fn users_choose_what_stands_there_and_add_rules() {
    let world = World::new();
    let log = world.file("a.log", LOG);
    let config = world.file("rules.toml", RULES);
    let masked = world
        .run(["--config", text(&config), "mask", text(&log)])
        .ok()
        .out;
    for kept in [
        "ana.lee@example.org",
        "***1111",
        "203.0.113.\u{2039}ip:",
        "C-\u{2039}identity:",
    ] {
        assert!(masked.contains(kept), "{kept} in {masked}");
    }
    for gone in ["8f14e45f", "41111111", "1234\"}"] {
        assert!(!masked.contains(gone), "{gone} in {masked}");
    }
    let again = world.file("masked.log", &masked);
    let twice = world
        .run(["--config", text(&config), "mask", text(&again)])
        .ok()
        .out;
    assert_eq!(twice, masked);
}

#[test]
fn what_other_rules_change_is_told_by_position() {
    let world = World::new();
    let log = world.file("a.log", LOG);
    let config = world.file("rules.toml", RULES);
    let told = world
        .run([
            "mask",
            "--policy-diff",
            text(&config),
            "--format",
            "jsonl",
            text(&log),
        ])
        .ok();
    let change = |position: &str| {
        let row = told
            .rows()
            .into_iter()
            .find(|row| row["position"] == position);
        row.map(|row| (row["masked"].clone(), row["masked_there"].clone()))
    };
    let both = |now: u64, there: u64| Some((Value::from(now), Value::from(there)));
    assert_eq!(change("body.note"), both(1, 0), "{}", told.out);
    assert_eq!(change("body.customer.ref"), both(0, 1), "{}", told.out);
    assert_eq!(change("body.headers.authorization"), None, "{}", told.out);
}

#[test]
fn rules_are_tried_on_their_examples() {
    let world = World::new();
    let good = world.file("good.toml", RULES);
    let run = world
        .run(["--config", text(&good), "mask", "--test-rules"])
        .ok();
    assert!(run.err.contains("2 examples hold"), "{}", run.err);
    let bad = world.file(
        "bad.toml",
        RULES.replace("misses = [\"none\"]", "misses = [\"C-9\"]"),
    );
    let run = world.run(["--config", text(&bad), "mask", "--test-rules"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("customer references") && run.out.contains("C-9"),
        "{}",
        run.out
    );
    let wrong = world.file("wrong.toml", RULES.replace("[0-9]+)\"", "[0-9+\""));
    let run = world.run(["--config", text(&wrong), "mask", "--test-rules"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("customer references"), "{}", run.err);
}
