//! What was masked once is in no file, and what a commit says of that.

use serde_json::Value;

use crate::world::{World, fixture};

const TOKEN: &str = "8f14e45fceea167a5a36dedd4bea2543";

/// A token that has a name in the first record and none in the others.
fn log() -> String {
    let line = |path: &str, more: &str| {
        format!(
            r#"{{"time":"2026-11-22T03:51:45Z","method":"GET","url":"https://api.stripe.com{path}","status":500{more}}}"#
        )
    };
    [
        line(
            "/v1/charges",
            &format!(r#","request_headers":{{"Authorization":"Bearer {TOKEN}"}}"#),
        ),
        line(&format!("/v1/things/{TOKEN}/x"), ""),
        line(
            "/v1/charges",
            &format!(r#","response_body":"{{\"note\":\"for {TOKEN}\"}}""#),
        ),
        line("/v1/charges", &format!(r#","request_id":"{TOKEN}""#)),
    ]
    .map(|line| line + "\n")
    .concat()
}

fn stored(world: &World) -> String {
    let all = "SELECT * FROM exchanges ORDER BY line";
    world.run(["sql", "--format", "jsonl", all]).ok().out
}

#[test]
fn a_value_known_by_its_name_is_masked_where_it_has_none() {
    let world = World::new();
    let log = world.file("a.jsonl", log());
    let said = world
        .run(["ingest", "-v", log.to_str().expect("UTF-8")])
        .ok();
    let stored = stored(&world);
    let rows: Vec<Value> = stored
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    assert_eq!(rows[3]["request_id"], TOKEN, "support needs it");
    let principal = rows[0]["principal"].as_str().expect("a stand-in");
    for (row, column) in [(1, "url"), (2, "response_body")] {
        let text = rows[row][column].as_str().expect("text");
        assert!(text.contains(principal) && !text.contains(TOKEN), "{text}");
    }
    assert!(
        said.err
            .contains("proved: 0 of 1 originals present in 1 files"),
        "{}",
        said.err
    );
    assert!(said.err.contains("1 ids are such a value"), "{}", said.err);
}

#[test]
fn the_store_tells_what_its_last_commit_proved() {
    let world = World::new();
    let canaries = fixture("canaries/canaries.jsonl");
    world.ingest([canaries.to_str().expect("UTF-8").to_owned()]);
    let info = world.run(["store", "info", "--format", "json"]).ok().out;
    let info: Value = serde_json::from_str(&info).expect("JSON");
    let proof = &info["proof"];
    assert_eq!(proof["present"], 0, "{proof}");
    assert!(proof["searched"].as_u64() > Some(20), "{proof}");
    assert!(proof["masked"]["bearer"].as_u64() > Some(0), "{proof}");
    assert!(
        proof["positions"]["request_headers"].as_u64() > Some(0),
        "{proof}"
    );
    assert_eq!(proof["policy"].as_str().map(str::len), Some(16), "{proof}");
}
