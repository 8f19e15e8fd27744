//! Every way in and every way out: pushes in every protocol, files that are followed, all that the service says; and the
//! same for generated cases, of every kind in every position.
//!
//! What the program does not recognise is the business of `hard`; of the generated cases only such go in here that
//! `tidemark mask` masks wholly, and then not one piece of them may come out by any way.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::hard::store::{Pieces, files, masked};
use crate::hard::{Case, every};
use crate::leaks::{CONFIG, FILES, Outputs, content};
use crate::service::{Service, wait_for};
use crate::world::World;

const SEED: u64 = 20_261_122;

/// Generated once for all tests here.
static CASES: LazyLock<(Vec<Case>, Pieces)> = LazyLock::new(|| {
    let cases = masked(&World::new(), every(SEED));
    assert!(cases.len() > 1_000, "{} cases", cases.len());
    let pieces = Pieces::of(&cases);
    (cases, pieces)
});

fn outputs() -> Outputs {
    Outputs::searching(&CASES.1)
}

/// What goes in: whole logs by name, and lines that are records.
struct Feed {
    logs: Vec<(String, Vec<u8>)>,
    lines: Vec<String>,
}

impl Feed {
    fn planted() -> Self {
        Self::of(FILES.map(|name| (name.to_owned(), content(name))).into())
    }

    fn generated() -> Self {
        let world = World::new();
        let log = |path: PathBuf| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("a file"))
        };
        Self::of(files(&world, &CASES.0).into_iter().map(log).collect())
    }

    fn of(logs: Vec<(String, Vec<u8>)>) -> Self {
        let texts = logs.iter().filter(|(name, _)| !name.ends_with(".har"));
        let texts = texts.map(|(_, bytes)| String::from_utf8_lossy(bytes));
        // A line out of the middle of an exchange lacks what would show its secrets.
        let records = texts.filter(|text| text.lines().all(|line| line.starts_with('{')));
        let lines = records.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let lines = lines.collect();
        Self { logs, lines }
    }

    /// As files in a world.
    fn write(&self, world: &World, folder: &str) -> Vec<PathBuf> {
        let write =
            |(name, bytes): &(String, Vec<u8>)| world.file(&format!("{folder}/{name}"), bytes);
        self.logs.iter().map(write).collect()
    }

    /// Objects whose end is lost.
    fn cut_lines(&self) -> Vec<String> {
        let cut = |line: &String| line[..line.len() - 1].to_owned();
        self.lines.iter().map(cut).collect()
    }
}

#[test]
fn nothing_leaks_from_generated_files() {
    let mut gone = outputs();
    let inputs = World::new();
    let mut args = vec!["ingest".to_owned(), "-vv".to_owned()];
    let paths = Feed::generated().write(&inputs, "logs");
    args.extend(paths.iter().map(|path| path.display().to_string()));
    gone.run(&args);
    gone.ask_everything();
    gone.check();
}

#[test]
fn nothing_leaks_from_generated_lines_on_standard_input_and_from_rejected_ones() {
    let mut gone = outputs();
    let inputs = World::new();
    let feed = Feed::generated();
    gone.run_with_stdin(&["ingest", "-vv", "-"], feed.lines.join("\n").as_bytes());
    // Two good lines tell what the file is.
    let damaged = [&feed.lines[..2], &feed.cut_lines()].concat();
    let log = inputs.file("damaged.log", damaged.join("\n"));
    let rejects = gone.world.path("rejects.jsonl");
    let [log, rejects] = [&log, &rejects].map(|path| path.to_str().expect("UTF-8"));
    gone.run(&["ingest", "-vv", "--reject-file", rejects, log]);
    let rejected = std::fs::read_to_string(rejects).expect("UTF-8");
    assert!(
        rejected.lines().count() > damaged.len() / 2,
        "most are rejected"
    );
    gone.run(&["formats", "test", log]);
    gone.run(&["mask", log]);
    gone.ask_tables();
    gone.check();
}

#[test]
fn nothing_leaks_from_the_service() {
    serve_and_ask(Outputs::new(), &Feed::planted());
}

#[test]
fn nothing_leaks_from_the_service_over_generated_logs() {
    serve_and_ask(outputs(), &Feed::generated());
}

#[track_caller]
fn serve_and_ask(mut gone: Outputs, feed: &Feed) {
    let service = serve(&gone.world);
    for (path, headers, body) in pushes(feed) {
        let answer = service.post(&path, &headers, &body);
        assert!(answer.status < 500, "{path}: {}", answer.text());
        gone.hear(&format!("POST {path}"), &answer.headers, answer.body);
    }
    follow(&gone.world, &service, feed);
    for path in pages(&service) {
        let answer = service.get(&path);
        assert!(answer.status < 500, "{path}: {}", answer.text());
        gone.hear(&format!("GET {path}"), &answer.headers, answer.body);
    }
    let heard = service.heard();
    assert!(!heard.is_empty(), "the service says what it does");
    gone.hear("the service's log", &[], heard.into_bytes());
    assert_eq!(service.terminate(), Some(0));
    gone.ask_tables();
    gone.check();
}

/// A service that follows a folder, and says all that it does.
fn serve(world: &World) -> Service {
    world.file("followed/begun.log", "");
    let mut command = world.command();
    command
        .env("TIDEMARK_CONFIG", world.path(CONFIG))
        .env("TMPDIR", world.path("tmp"))
        .current_dir(world.path(""))
        .args(["-vv", "serve", "--follow", "followed"]);
    Service::start(&mut command)
}

/// What is followed grows: a log by the lines, and the folder by the logs.
fn follow(world: &World, service: &Service, feed: &Feed) {
    let before = records(service);
    let log = OpenOptions::new()
        .append(true)
        .open(world.path("followed/begun.log"));
    let text = feed.lines.join("\n") + "\n";
    log.expect("opens")
        .write_all(text.as_bytes())
        .expect("written");
    // What is fed goes away again: only what the program writes is searched.
    let paths = feed.write(world, "followed");
    let wanted = before + feed.lines.len() as u64 / 2;
    wait_for("the followed lines", || {
        (records(service) > wanted).then_some(())
    });
    let all = paths.into_iter().chain([world.path("followed/begun.log")]);
    all.for_each(|path| std::fs::remove_file(path).expect("removed"));
}

fn records(service: &Service) -> u64 {
    let health = service.get("/api/v1/ingest/health").ok().json();
    health["records"].as_u64().expect("a count")
}

type Push = (String, Vec<(&'static str, &'static str)>, Vec<u8>);

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Bodies for every protocol: a share of the lines for each, the logs whole, and lines that are none.
fn pushes(feed: &Feed) -> Vec<Push> {
    let mut shares = feed.lines.chunks(feed.lines.len().div_ceil(6)).cycle();
    let mut share = || shares.next().expect("lines");
    let plain = |path: &str, body: Vec<u8>| (path.to_owned(), Vec::new(), body);
    let json = |path: &str, body: Value| (path.to_owned(), vec![JSON], body.to_string().into());
    let mut all = vec![
        plain("/_bulk", bulk(share())),
        json("/loki/api/v1/push", loki(share())),
        plain("/services/collector", hec(share())),
        json("/api/v2/logs", datadog(share())),
        json("/v1/logs", otlp(share())),
        (
            "/api/v1/firehose".to_owned(),
            vec![JSON, ("X-Amz-Firehose-Request-Id", "r-1")],
            firehose(share()).to_string().into(),
        ),
        plain("/api/v1/ingest", feed.cut_lines().join("\n").into()),
    ];
    for (name, body) in &feed.logs {
        all.push(plain(
            &format!("/api/v1/ingest?source={name}"),
            body.clone(),
        ));
    }
    all
}

fn bulk(lines: &[String]) -> Vec<u8> {
    let item = |line: &String| format!("{{\"create\":{{}}}}\n{}\n", json!({"message": line}));
    let items: String = lines.iter().map(item).collect();
    items.into_bytes()
}

fn loki(lines: &[String]) -> Value {
    let value = |line: &String| json!(["1795319505818000000", line]);
    let values: Vec<Value> = lines.iter().map(value).collect();
    json!({"streams": [{"stream": {"filename": "loki.log"}, "values": values}]})
}

fn hec(lines: &[String]) -> Vec<u8> {
    let event = |line: &String| json!({"source": "hec.log", "event": line}).to_string();
    let events: String = lines.iter().map(event).collect();
    events.into_bytes()
}

fn datadog(lines: &[String]) -> Value {
    let message = |line: &String| json!({"service": "dd", "message": line});
    json!(lines.iter().map(message).collect::<Vec<_>>())
}

fn otlp(lines: &[String]) -> Value {
    let record = |line: &String| json!({"body": {"stringValue": line}});
    let records: Vec<Value> = lines.iter().map(record).collect();
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
}

fn firehose(lines: &[String]) -> Value {
    let record = |line: &String| json!({"data": STANDARD.encode(line)});
    let records: Vec<Value> = lines.iter().map(record).collect();
    json!({"requestId": "r-1", "timestamp": 1_795_319_505_000_u64, "records": records})
}

/// What judges an integration takes seconds; the commands are asked about more of them.
const JUDGED: usize = 1;

/// Every page and every resource.
fn pages(service: &Service) -> BTreeSet<String> {
    let description = service.get("/api/v1/openapi.json").ok().json();
    let paths = description["paths"].as_object().expect("paths");
    let gets = paths.iter().filter(|(_, path)| path["get"].is_object());
    let paths: Vec<&str> = gets
        .map(|(path, _)| path.as_str())
        .chain(["/", "/i/{name}"])
        .collect();
    let names = integrations(service);
    let mut all = BTreeSet::from(["/api/v1/openapi.json".to_owned()]);
    for path in paths {
        let names = names.iter().take(JUDGED);
        all.extend(names.map(|name| path.replace("{name}", name)));
    }
    for name in names.iter().take(JUDGED) {
        all.insert(format!("/api/v1/chart.svg?integration={name}"));
        all.insert(format!("/api/v1/errors?integration={name}"));
    }
    for by in ["integration", "operation", "client", "status", "outcome"] {
        all.insert(format!("/api/v1/rates?by={by}&step=1d"));
    }
    all
}

fn integrations(service: &Service) -> Vec<String> {
    let listed = service.get("/api/v1/integrations").ok().json();
    let rows = listed["integrations"]
        .as_array()
        .expect("integrations")
        .iter();
    let names: BTreeSet<&str> = rows.filter_map(|row| row["integration"].as_str()).collect();
    assert!(names.len() > 2, "{listed}");
    names.into_iter().map(str::to_owned).collect()
}
