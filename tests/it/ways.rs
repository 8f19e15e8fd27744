//! Four ways, one answer: the same requests judged after `ingest`, by `assess --replay`, from their counts, and live,
//! minute by minute, with lines that come late.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidemark::model::time::Timestamp;

use crate::events::random::Random;
use crate::service::Service;
use crate::world::World;

/// 2026-11-16T00:00:00Z, a Monday.
const BEGIN: i64 = 1_794_787_200;
const DAY: usize = 1_440;
/// What fails begins to fail here, two hours before the end.
const ONSET: usize = 2 * DAY;
const MINUTES: usize = 2 * DAY + 120;
/// Live, the minutes that may have an alert are told one by one.
const WATCHED: std::ops::Range<usize> = ONSET + 8..ONSET + 17;
/// One line in four comes so much later than its minute.
const LATE_MINUTES: usize = 4;

/// An operation of an integration: requests a minute, the share that fails as a rule, and the one that fails from when to
/// when, with which status.
struct Flow {
    integration: &'static str,
    operation: &'static str,
    a_minute: f64,
    usual: f64,
    fails: (f64, u16),
    within: std::ops::Range<usize>,
}

const FLOWS: [Flow; 7] = [
    // The vendor answers 503 to a third of everything.
    flow("mail", "send", 3.0, 0.01, (0.35, 503), ONSET..MINUTES),
    flow("mail", "list", 1.0, 0.01, (0.35, 503), ONSET..MINUTES),
    // One operation is throttled for an hour and recovers.
    flow("crm", "import", 2.0, 0.01, (0.6, 429), ONSET..ONSET + 60),
    flow("crm", "read", 1.0, 0.0, (0.0, 200), 0..0),
    // A burst that heals, and single failures.
    flow("pay", "charge", 3.0, 0.01, (0.9, 502), ONSET + 5..ONSET + 9),
    // Too few requests to say anything.
    flow(
        "rare",
        "sync",
        0.01,
        0.0,
        (1.0, 500),
        ONSET + 12..ONSET + 13,
    ),
    flow("calm", "get", 0.3, 0.0, (0.0, 200), 0..0),
];

const fn flow(
    integration: &'static str,
    operation: &'static str,
    a_minute: f64,
    usual: f64,
    fails: (f64, u16),
    within: std::ops::Range<usize>,
) -> Flow {
    Flow {
        integration,
        operation,
        a_minute,
        usual,
        fails,
        within,
    }
}

fn at(minute: usize) -> Timestamp {
    Timestamp::from_secs(BEGIN + minute as i64 * 60)
}

/// The lines of each minute.
fn lines() -> Vec<Vec<String>> {
    let mut random = Random::new(20_261_123);
    (0..MINUTES)
        .map(|minute| {
            let flows = FLOWS.iter();
            let mut lines: Vec<String> = flows
                .flat_map(|flow| flow.lines(minute, &mut random))
                .collect();
            lines.sort();
            lines
        })
        .collect()
}

impl Flow {
    fn lines(&self, minute: usize, random: &mut Random) -> Vec<String> {
        // Every flow has its first and its last request where the others have theirs.
        let least = usize::from(minute == 0 || minute == MINUTES - 1);
        let requests = random.poisson(self.a_minute).max(least);
        (0..requests).map(|_| self.line(minute, random)).collect()
    }

    fn line(&self, minute: usize, random: &mut Random) -> String {
        let (raised, status) = self.fails;
        let share = match self.within.contains(&minute) {
            true => raised,
            false => self.usual,
        };
        let status = if random.chance(share) { status } else { 200 };
        let micros = (BEGIN + minute as i64 * 60) * 1_000_000;
        let at = Timestamp::from_micros(micros + (random.share() * 60e6) as i64);
        let id = random.next();
        json!({
            "ts": at.to_string(),
            "integration": self.integration,
            "method": "POST",
            "url": format!("https://api.{}.example/v1/{}/{id}", self.integration, self.operation),
            "status": status,
            "duration_ms": 20 + id % 90,
            "request_id": format!("q-{id:016x}"),
        })
        .to_string()
    }
}

/// What an alert says, however it was come by.
fn told(verdict: &Value) -> Value {
    let mut told = serde_json::Map::new();
    for field in [
        "category",
        "reason",
        "onset",
        "onset_low",
        "onset_high",
        "end",
        "alert_time",
        "failures",
        "requests",
        "rise_factor",
        "rise_low",
        "rise_high",
    ] {
        told.insert(field.to_owned(), verdict[field].clone());
    }
    told.insert("series".to_owned(), verdict["series"].clone());
    Value::Object(told)
}

fn all_told(verdicts: &[Value]) -> Vec<Value> {
    let mut told: Vec<Value> = verdicts.iter().map(told).collect();
    told.sort_by_key(Value::to_string);
    told
}

#[track_caller]
fn check_same(verdicts: &[Value], others: &[Value]) {
    let (told, others) = (all_told(verdicts), all_told(others));
    for (one, other) in told.iter().zip(&others) {
        assert_eq!(one, other);
    }
    assert_eq!(told.len(), others.len());
}

fn time(value: &Value) -> Timestamp {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}

fn assess(world: &World, more: &[&str]) -> Vec<Value> {
    world
        .run([&["assess", "--format", "jsonl"], more].concat())
        .ok()
        .rows()
}

/// The counts of the store, as they go to a metrics system, judged without it.
fn assess_counts(world: &World, more: &[&str]) -> Vec<Value> {
    let rates = world.run([
        "rates",
        "--by",
        "operation",
        "--step",
        "1m",
        "--format",
        "csv",
    ]);
    let csv = rates.ok().out;
    let file = world.file("counts.csv", csv);
    assess(
        world,
        &[&["--counts", file.to_str().expect("a path")], more].concat(),
    )
}

#[test]
fn logs_replays_counts_and_the_service_say_the_same() {
    let lines = lines();
    let world = World::new();
    let log = world.file("all.jsonl", lines.concat().join("\n") + "\n");
    world.ingest([log]);

    let episodes = assess(&world, &["--replay"]);
    let by_integration: BTreeMap<&str, &Value> = episodes
        .iter()
        .map(|one| (one["series"]["integration"].as_str().expect("a name"), one))
        .collect();
    assert_eq!(
        by_integration.keys().collect::<Vec<_>>(),
        [&"crm", &"mail"],
        "{episodes:#?}"
    );
    assert_eq!(episodes.len(), 2, "{episodes:#?}");
    assert_eq!(
        by_integration["crm"]["series"]["operation"],
        "POST /v1/import/{id}"
    );
    for episode in &episodes {
        assert_eq!(episode["reason"], "sustained_rise");
        let (low, high) = (time(&episode["onset_low"]), time(&episode["onset_high"]));
        assert!(low <= at(ONSET) && at(ONSET) <= high, "{episode:#}");
        let delay = time(&episode["alert_time"]).secs_since(at(ONSET)) / 60;
        assert!((10..=20).contains(&delay), "{episode:#}");
    }

    // What stands says of each episode what the replay says.
    let standing = assess(&world, &[]);
    let alarmed: Vec<Value> = standing
        .iter()
        .filter(|one| one["category"] == 2)
        .cloned()
        .collect();
    for episode in &all_told(&episodes) {
        assert!(
            all_told(&alarmed).contains(episode),
            "{episode:#} {alarmed:#?}"
        );
    }
    // Counts tell nothing of single requests, and say the same of them all.
    check_same(&assess_counts(&world, &["--replay"]), &episodes);
    check_same(&assess_counts(&world, &[]), &standing);

    live(&lines, &episodes, &standing);
}

/// The service is told of the same lines, as they come.
fn live(lines: &[Vec<String>], episodes: &[Value], standing: &[Value]) {
    let world = World::new();
    let service = Service::start(world.command().arg("serve"));
    let assessed = || {
        service.get("/api/v1/assess").ok().json()["verdicts"]
            .as_array()
            .expect("rows")
            .clone()
    };
    let mut late: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut taken = 0;
    let ends = std::iter::once(WATCHED.start)
        .chain(WATCHED.skip(1))
        .chain([MINUTES]);
    let mut seen: BTreeMap<String, Timestamp> = BTreeMap::new();
    for end in ends {
        let mut batch = Vec::new();
        for (minute, lines) in lines.iter().enumerate().take(end).skip(taken) {
            let (behind, in_time): (Vec<_>, Vec<_>) = lines
                .iter()
                .enumerate()
                .partition(|(number, _)| number % 4 == 3 && minute + 1 < MINUTES);
            batch.extend(in_time.into_iter().map(|(_, line)| line.clone()));
            let when = (minute + LATE_MINUTES).min(MINUTES - 1);
            let behind = behind.into_iter().map(|(_, line)| line.clone());
            late.entry(when).or_default().extend(behind);
            batch.extend(late.remove(&minute).into_iter().flatten());
        }
        taken = end;
        service
            .post(
                "/api/v1/ingest?source=gateway",
                &[],
                (batch.join("\n") + "\n").as_bytes(),
            )
            .ok();
        for verdict in assessed().iter().filter(|one| one["category"] == 2) {
            let integration = verdict["series"]["integration"].as_str().expect("a name");
            seen.entry(integration.to_owned()).or_insert(at(end));
        }
    }
    // Nobody was woken but for the episodes, nor earlier, nor later than the last late line allows.
    assert_eq!(seen.len(), episodes.len(), "{seen:?}");
    for episode in episodes {
        let integration = episode["series"]["integration"].as_str().expect("a name");
        let behind = seen[integration].secs_since(time(&episode["alert_time"])) / 60;
        let most = LATE_MINUTES as i64;
        assert!(
            (-1..=most).contains(&behind),
            "{integration}: {behind} minutes"
        );
    }
    // In the end all lines are there, and so is every number, in whichever order they came.
    assert_eq!(assessed(), standing);
    // So it is for one that begins now.
    service.kill();
    let service = Service::start(world.command().arg("serve"));
    let again = service.get("/api/v1/assess").ok().json();
    assert_eq!(again["verdicts"].as_array().expect("rows"), standing);
}
