//! The evidence report tells of the range that it was asked for.

use crate::world::World;
use serde_json::Value;
use tidemark::model::time::Timestamp;

const MINUTES: i64 = 4 * 1440;

/// The outage: three hours in the middle of four days.
const OUTAGE: std::ops::Range<i64> = 1440 + 600..1440 + 780;

fn start() -> Timestamp {
    "2026-11-10T00:00:00Z".parse().expect("RFC 3339")
}

/// Four days of three calls a minute to each of two vendors. In the outage one answers every second call with 503, the
/// other leaves three of four without an answer.
fn store() -> World {
    let world = World::new();
    let mut log = String::new();
    for call in 0..3 * MINUTES {
        let minute = call / 3;
        let at = start().plus_secs(minute * 60 + call % 3 * 17);
        let bad = OUTAGE.contains(&minute);
        let failed = if bad { call % 2 == 0 } else { call % 97 == 0 };
        let status = if failed { 503 } else { 200 };
        log += &format!(
            "{{\"timestamp\":\"{at}\",\"method\":\"GET\",\"url\":\"https://api.stripe.com/v1/charges\",\"status\":{status}}}\n"
        );
        let answer = if bad && call % 4 != 0 {
            "\"status\":null,\"error_message\":\"timeout\""
        } else {
            "\"status\":200"
        };
        log += &format!(
            "{{\"timestamp\":\"{at}\",\"method\":\"GET\",\"url\":\"https://api.hubapi.com/crm/v3/owners\",{answer}}}\n"
        );
    }
    world.ingest([world.file("calls.jsonl", log)]);
    world
}

/// The Markdown report from `since` to the end of the four days.
fn report(world: &World, integration: &str, since: &str, samples: &str) -> String {
    let path = world.path("report.md");
    let output = path.to_str().expect("path");
    world
        .run([
            "report",
            "--integration",
            integration,
            "--since",
            since,
            "--until",
            "2026-11-14T00:00:00Z",
            "--samples",
            samples,
            "-o",
            output,
        ])
        .ok();
    std::fs::read_to_string(path).expect("written")
}

/// The numbers of a column of the first table under a heading, without their shares.
fn column(report: &str, heading: &str, column: usize) -> Vec<u64> {
    let part = report.split(heading).nth(1).expect("heading");
    let table = part.lines().skip_while(|line| !line.starts_with("| --"));
    let rows = table.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cell = row.split('|').nth(column).expect("column").trim();
        let number = cell.split(' ').next().expect("a number");
        number.replace(',', "").parse().expect("a number")
    })
    .collect()
}

#[test]
fn a_past_range_is_told_by_what_happened_in_it() {
    let world = store();
    let whole = report(&world, "stripe", "2026-11-10T00:00:00Z", "20");
    for said in [
        "# stripe: 5xx answers from 2026-11-11 10:00:00 UTC to 2026-11-11 13:00:00 UTC",
        "**Category 2: sustained rise**",
        "ended 2026-11-11 13:00:00 UTC, after 3 h",
        "270 of 540 (50.0 %) from when it began until it ended",
    ] {
        assert!(whole.contains(said), "{said}\n{whole}");
    }
    assert!(!whole.contains("nothing to report"));
    samples_are_spread_over_the_outage(&whole);

    let after = report(&world, "stripe", "2026-11-12T00:00:00Z", "6");
    assert!(!after.contains("**Category 2: "), "{after}");
    let failures: u64 = column(&after, "## Trend", 3).iter().sum();
    let said = format!("**Failures in the range:** {failures} of 8,640");
    assert!(after.contains(&said), "{said}\n{after}");

    the_first_step_is_told(&world);
    missing_answers_are_told(&world);
}

fn samples_are_spread_over_the_outage(report: &str) {
    let calls: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with("### Failing call"))
        .collect();
    assert_eq!(calls.len(), 20, "as many as were asked for");
    for (call, time) in [
        (calls[0], "10:00:"),
        (calls[10], "11:3"),
        (calls[19], "12:59:"),
    ] {
        assert!(
            call.contains(&format!("2026-11-11 {time}")),
            "{time}: {calls:#?}"
        );
    }
}

/// The range begins inside the trend's first step of six hours.
fn the_first_step_is_told(world: &World) {
    let report = report(world, "stripe", "2026-11-10T00:07:00Z", "6");
    let calls: u64 = column(&report, "## Trend", 2).iter().sum();
    assert_eq!(calls, (MINUTES as u64 - 7) * 3);
    assert_eq!(column(&report, "## Operations", 2), [calls]);
}

fn missing_answers_are_told(world: &World) {
    let report = report(world, "hubspot", "2026-11-10T00:00:00Z", "6");
    assert!(report.contains("calls without an answer from"), "{report}");
    assert_eq!(column(&report, "## Trend", 5).iter().sum::<u64>(), 405);
}

/// Overview, page and report show the same verdict over the same range.
#[test]
fn the_service_tells_the_same() {
    let world = store();
    let service = crate::service::Service::over(&world.data());
    let range = "since=2026-11-10T00:00:00Z&until=2026-11-14T00:00:00Z";
    let get = |path: &str| -> Value { service.get(&format!("{path}?{range}")).ok().json() };
    let overview = get("/api/v1/integrations");
    for row in overview["integrations"].as_array().expect("rows") {
        let name = row["integration"].as_str().expect("name");
        let page = get(&format!("/api/v1/integrations/{name}"));
        assert_eq!(page["headline"], row["headline"], "{name}");
        assert_eq!(page["episodes"], Value::from(vec![row["headline"].clone()]));
        assert_eq!(row["headline"]["state"], "ended", "{name}");
        let sparks = row["spark"].as_array().expect("windows");
        let unanswered: u64 = sparks
            .iter()
            .filter_map(|w| w["no_response"].as_u64())
            .sum();
        let expected = if name == "hubspot" { 405 } else { 0 };
        assert_eq!(unanswered, expected, "{name}");
    }
}
