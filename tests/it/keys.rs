//! The masking key over its life: rotated under a running service, found on both sides, forgotten, told to nobody.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use regex::Regex;
use serde_json::Value;

use crate::bad_input::{check_failure, check_numbers, lines};
use crate::leaks::{decode_pages, files_below};
use crate::service::{Service, wait_for};
use crate::world::{Run, World};

const TOKEN: &str = "a-token-of-jane-0123456789";

/// Calls that fail, so that the whole line is stored; each with a token, an address and a person's mail.
fn calls(numbers: std::ops::Range<u64>) -> String {
    let call = |n: u64| {
        format!(
            "203.0.113.{} - - [19/Nov/2026:21:{:02}:{:02} +0000] \"GET /v1/charges?api_key={TOKEN}&email=jane%40example.com \
             HTTP/1.1\" 500 58 \"-\" \"acme/1.0\" host=api.stripe.com rt=0.010 rid=\"{n:032x}\"\n",
            n % 250,
            n / 60 % 60,
            n % 60,
        )
    };
    numbers.map(call).collect()
}

fn push(service: &Service, numbers: std::ops::Range<u64>) {
    let answer = service.post("/api/v1/ingest", &[], calls(numbers).as_bytes());
    answer.ok();
}

fn rotate(world: &World) -> (String, String) {
    let done = world.run(["key", "rotate", "--format", "json"]).ok().json();
    assert_eq!(done["schema"], "tidemark.key/1");
    let text = |name: &str| done[name].as_str().expect("an id").to_owned();
    (text("former"), text("id"))
}

fn list(world: &World) -> Vec<(String, bool)> {
    let rows = world.run(["key", "list", "--format", "jsonl"]).ok().rows();
    let id = |row: &Value| row["id"].as_str().expect("an id").to_owned();
    rows.iter()
        .map(|row| (id(row), row["current"] == true))
        .collect()
}

#[track_caller]
fn wait_for_key(service: &Service, id: &str) {
    wait_for(&format!("the key {id}"), || {
        let figures = service.get("/api/v1/ingest/health").ok().json();
        (figures["key"] == id).then_some(())
    });
}

/// Keys by what stands for the token, with the number of rows; every row is wholly under one key.
fn rows_by_key(world: &World) -> Vec<(String, i64)> {
    let id = Regex::new("‹[a-z]+:([0-9a-f]{4}):").expect("valid");
    for row in world.sql("SELECT * FROM exchanges") {
        let text = row.to_string();
        let ids: BTreeSet<&str> = id
            .captures_iter(&text)
            .map(|c| c.get(1).expect("it").as_str())
            .collect();
        assert_eq!(ids.len(), 1, "{text}");
    }
    let counted = "SELECT principal, COUNT(*) AS n FROM exchanges GROUP BY principal ORDER BY MIN(request_id)";
    let rows = world.sql(counted);
    let key = |row: &Value| {
        row["principal"]
            .as_str()
            .expect("it")
            .split(':')
            .nth(1)
            .expect("an id")
            .to_owned()
    };
    rows.iter()
        .map(|row| (key(row), row["n"].as_i64().expect("n")))
        .collect()
}

fn stand_ins(world: &World, args: &[&str], value: &str) -> Vec<Value> {
    let args = [&["key", "stand-in", "--format", "jsonl"], args].concat();
    world.run_with_stdin(args, value.as_bytes()).ok().rows()
}

fn find(world: &World, mark: &str) -> i64 {
    world.count(&format!(
        "SELECT COUNT(*) FROM exchanges WHERE principal LIKE '%{mark}%' AND raw LIKE '%{mark}%'"
    ))
}

/// The ways in which a key could be written somewhere.
fn ways(key: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let bare = |text: String| text.trim_end_matches('=').as_bytes().to_vec();
    vec![
        key.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        bare(STANDARD.encode(key)),
        bare(URL_SAFE.encode(key)),
    ]
}

#[track_caller]
fn check_secret(world: &World, keys: &[Vec<u8>], said: &[String]) {
    let ways: Vec<Vec<u8>> = keys.iter().flat_map(|key| ways(key)).collect();
    let holds = |bytes: &[u8]| {
        ways.iter()
            .any(|way| bytes.windows(way.len()).any(|part| part == way))
    };
    let is_key = |path: &Path| {
        let folder = path.parent().and_then(Path::file_name);
        path.ends_with("mask.key") || folder.is_some_and(|name| name == "keys")
    };
    let mut searched = 0;
    for path in files_below(&world.data()) {
        let bytes = fs::read(&path).expect("readable");
        let hidden = path
            .extension()
            .is_some_and(|e| e == "parquet")
            .then(|| decode_pages(&path));
        if is_key(&path) {
            continue;
        }
        searched += 1;
        assert!(!holds(&bytes), "{}", path.display());
        assert!(
            !hidden.is_some_and(|pages| holds(&pages)),
            "{}",
            path.display()
        );
    }
    assert!(searched > 5);
    assert!(
        holds(&fs::read(world.data().join("mask.key")).expect("the key")),
        "the search finds a key"
    );
    for text in said {
        assert!(!holds(text.as_bytes()), "{text}");
    }
}

fn key_bytes(world: &World) -> Vec<u8> {
    fs::read(world.data().join("mask.key")).expect("the key")
}

#[test]
fn a_running_service_takes_a_rotated_key_and_a_forgotten_one_is_gone() {
    let world = World::new();
    let service = Service::start(world.command().args(["-vv", "serve"]));
    push(&service, 0..20);
    let mut keys = vec![key_bytes(&world)];
    let (old, new) = rotate(&world);
    keys.push(key_bytes(&world));
    assert_eq!(list(&world), [(new.clone(), true), (old.clone(), false)]);
    wait_for_key(&service, &new);
    push(&service, 20..50);
    assert_eq!(rows_by_key(&world), [(old.clone(), 20), (new.clone(), 30)]);
    assert_eq!(
        world.count("SELECT COUNT(DISTINCT request_id) FROM exchanges"),
        50
    );
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 50);

    // One value, two stand-ins, both found; the mark is the same whatever the value is taken for.
    let both = stand_ins(&world, &[], &format!("{TOKEN}\n"));
    let found: Vec<(&Value, i64)> = both
        .iter()
        .map(|row| {
            (
                &row["id"],
                find(&world, row["mark"].as_str().expect("a mark")),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (&Value::from(new.as_str()), 30),
            (&Value::from(old.as_str()), 20)
        ]
    );
    let asked = world
        .run_with_stdin(["key", "stand-in"], TOKEN.as_bytes())
        .ok()
        .err;
    let (_, sql) = asked
        .split_once("next: tidemark sql \"")
        .expect("a question");
    assert_eq!(world.sql(sql.trim().trim_end_matches('"')).len(), 50);
    let mails = stand_ins(&world, &["--kind", "email"], "Jane@Example.com");
    assert_eq!(mails, stand_ins(&world, &[], "jane@example.com"));
    let stored = |row: &Value| {
        world.count(&format!(
            "SELECT COUNT(*) FROM exchanges WHERE raw LIKE '%{}%'",
            row["stand_in"].as_str().expect("it")
        ))
    };
    assert_eq!(mails.iter().map(stored).collect::<Vec<_>>(), [30, 20]);

    let mut said = vec![world.run(["key", "list", "--format", "table"]).ok().out];
    let forgotten = world.run(["key", "forget", &old]).ok();
    assert!(
        forgotten.err.contains("can no longer be linked"),
        "{}",
        forgotten.err
    );
    said.extend([forgotten.out, forgotten.err]);
    let left = stand_ins(&world, &[], TOKEN);
    assert_eq!(left, both[..1]);
    push(&service, 50..60);
    assert_eq!(rows_by_key(&world), [(old, 20), (new, 40)]);
    said.extend([
        service.get("/api/v1/ingest/health").ok().text(),
        service.get("/metrics").ok().text(),
    ]);
    said.push(service.heard());
    check_secret(&world, &keys, &said);
}

#[test]
fn followed_lines_are_under_one_key_each_and_none_is_lost() {
    let world = World::new();
    let log = world.file("access.log", calls(0..20));
    let mut command = world.command();
    let service = Service::start(command.args(["serve", "--follow"]).arg(&log));
    let stored = |records: u64| {
        wait_for(&format!("{records} records"), || {
            let figures = service.get("/api/v1/ingest/health").ok().json();
            (figures["records"].as_u64() >= Some(records)).then_some(())
        });
    };
    stored(20);
    let (old, new) = rotate(&world);
    wait_for_key(&service, &new);
    let mut file = OpenOptions::new().append(true).open(&log).expect("opens");
    file.write_all(calls(20..50).as_bytes()).expect("written");
    stored(50);
    assert_eq!(service.terminate(), Some(0));
    assert_eq!(rows_by_key(&world), [(old, 20), (new, 30)]);
    assert_eq!(world.count("SELECT COUNT(DISTINCT id) FROM exchanges"), 50);
    check_numbers(&world.ingest([&log]), &[("records", 0), ("duplicates", 50)]);
}

#[test]
fn keys_change_amid_pushes_and_no_row_is_under_two() {
    let world = World::new();
    let service = Service::start(world.command().arg("serve"));
    push(&service, 0..5);
    let mut used = vec![list(&world)[0].0.clone()];
    std::thread::scope(|scope| {
        let pushing = scope
            .spawn(|| (0..40).for_each(|batch| push(&service, 100 + batch * 50..150 + batch * 50)));
        for _ in 0..2 {
            let (_, new) = rotate(&world);
            wait_for_key(&service, &new);
            used.push(new);
        }
        pushing.join().expect("pushed");
    });
    push(&service, 5..10);
    let rows = rows_by_key(&world);
    assert_eq!(rows.iter().map(|(_, n)| n).sum::<i64>(), 2_010);
    assert_eq!(
        world.count("SELECT COUNT(DISTINCT request_id) FROM exchanges"),
        2_010
    );
    assert!(
        rows.iter().all(|(id, _)| used.contains(id)),
        "{rows:?} under {used:?}"
    );
    assert!(
        rows.iter().any(|(id, _)| *id == used[2]),
        "{rows:?} under {used:?}"
    );
}

#[test]
fn a_run_that_has_begun_ends_under_the_key_it_began_with() {
    let world = World::new();
    world.ingest([world.file("first.log", calls(0..5))]);
    let mut child = world
        .command()
        .args(["ingest", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // More than a pipe holds: when it is written, the run has begun.
    stdin
        .write_all(calls(10..2_010).as_bytes())
        .expect("written");
    let (old, new) = rotate(&world);
    stdin
        .write_all(calls(2_010..2_020).as_bytes())
        .expect("written");
    drop(stdin);
    Run::of(child.wait_with_output().expect("ends")).ok();
    assert_eq!(rows_by_key(&world), [(old.clone(), 2_015)]);
    world.ingest([world.file("next.log", calls(3_000..3_005))]);
    assert_eq!(rows_by_key(&world), [(old, 2_015), (new, 5)]);
}

#[test]
fn what_is_known_of_files_survives_a_rotation() {
    let world = World::new();
    world.ingest([world.file("whole.log", lines(0..2_000))]);
    // As a store is that was made before the seed had a file of its own.
    fs::remove_file(world.data().join("marks.key")).expect("removed");
    rotate(&world);
    rotate(&world);
    let copy = world.file("cut-copy.log", lines(0..1_500));
    check_numbers(
        &world.ingest([copy]),
        &[("records", 0), ("duplicates", 1_500)],
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 2_000);
}

/// A world whose key stands in a file.
fn configured(key: &[u8], mode: u32) -> (World, PathBuf) {
    let world = World::new();
    let path = world.file("secrets/key", key);
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
    world.file("tidemark.toml", format!("[masking]\nkey_file = {path:?}\n"));
    (world, path)
}

fn run(world: &World, args: &[&str]) -> Run {
    let config = world.path("tidemark.toml");
    let mut command = world.command();
    Run::of(
        command
            .arg("--config")
            .arg(config)
            .args(args)
            .output()
            .expect("runs"),
    )
}

#[test]
fn a_key_file_that_cannot_be_read_leaves_the_key_in_use_and_shows() {
    let key: Vec<u8> = (100..132).collect();
    let (world, path) = configured(&key, 0o600);
    let config = world.path("tidemark.toml");
    let service = Service::start(world.command().arg("--config").arg(config).arg("serve"));
    push(&service, 0..5);
    let ready = |status| {
        wait_for("readiness", || {
            let answer = service.get("/readyz");
            (answer.status == status).then(|| answer.text())
        })
    };
    ready(200);
    fs::write(&path, "half a key").expect("written");
    let why = ready(503);
    assert!(
        why.contains("masking.key_file") && !why.contains("half a key"),
        "{why}"
    );
    push(&service, 5..10);
    let health = service.get("/api/v1/ingest/health").ok().json();
    assert!(
        health["key_trouble"]
            .as_str()
            .is_some_and(|why| why.contains("stays in use")),
        "{health}"
    );
    // Put in its place as a whole, as secret managers do.
    let next = world.file("secrets/next", [9, 8, 7, 6].repeat(8));
    fs::set_permissions(&next, Permissions::from_mode(0o600)).expect("set");
    fs::rename(&next, &path).expect("renamed");
    ready(200);
    push(&service, 10..15);
    let rows = rows_by_key(&world);
    assert_eq!(rows.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [10, 5]);
    let said = service.heard();
    assert_eq!(
        said.matches("masking goes on under the key that was read before")
            .count(),
        1,
        "{said}"
    );
    assert!(said.contains("can be read again"), "{said}");
}

#[test]
fn a_key_comes_in_any_form_from_a_file_or_a_command() {
    let key: Vec<u8> = (100..132).rev().collect();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = |world: &World| {
        run(world, &["key", "list", "--format", "jsonl"])
            .ok()
            .rows()[0]["id"]
            .clone()
    };
    let (world, _) = configured(&key, 0o600);
    let first = id(&world);
    for form in [
        format!("{hex}\n").into_bytes(),
        STANDARD.encode(&key).into_bytes(),
    ] {
        assert_eq!(id(&configured(&form, 0o440).0), first);
    }
    let command = World::new();
    command.file(
        "tidemark.toml",
        format!("[masking]\nkey_command = [\"printf\", \"%s\\n\", \"{hex}\"]\n"),
    );
    assert_eq!(id(&command), first);
    let shown = run(&command, &["check-config"]).ok().out;
    assert!(shown.contains("key_command"), "{shown}");
    let log = world.file("calls.log", calls(0..5));
    run(&world, &["ingest", log.to_str().expect("UTF-8")]).ok();
    assert_eq!(Value::from(rows_by_key(&world)[0].0.as_str()), first);
    assert!(!world.data().join("mask.key").exists());
    check_failure(
        &run(&world, &["key", "rotate"]),
        2,
        &["secrets/key", "masking.key_file"],
    );
}

#[test]
fn a_key_that_cannot_be_used_is_told_with_the_remedy_and_not_shown() {
    let secret = "0123456789abcdef0123456789abcdef";
    for (key, mode, says) in [
        (secret, 0o600, "openssl rand -hex 32"),
        (secret, 0o644, "chmod o= "),
        ("", 0o600, "32 random bytes"),
    ] {
        let (world, _) = configured(key.as_bytes(), mode);
        for args in [
            &["check-config"][..],
            &["key", "list"],
            &["ingest", "/dev/null"],
        ] {
            let refused = run(&world, args);
            check_failure(&refused, 2, &[says]);
            assert!(!refused.err.contains(secret) && !refused.out.contains(secret));
        }
    }
    let (world, path) = configured(secret.as_bytes(), 0o600);
    world.file(
        "tidemark.toml",
        format!("[masking]\nkey_file = {path:?}\nkey_command = [\"true\"]\n"),
    );
    check_failure(
        &run(&world, &["check-config"]),
        2,
        &["masking.key_file", "masking.key_command"],
    );
    world.file(
        "tidemark.toml",
        "[masking]\nkey_command = [\"sh\", \"-c\", \"echo no session >&2; exit 7\"]\n",
    );
    check_failure(
        &run(&world, &["key", "list"]),
        2,
        &["exit status: 7", "no session"],
    );
}

#[test]
fn refusals_of_the_key_command_say_what_to_do() {
    let world = World::new();
    check_failure(
        &world.run(["key", "rotate"]),
        2,
        &["no masking key", "when the first log is read"],
    );
    assert_eq!(list(&world), []);
    world.ingest([world.file("calls.log", calls(0..5))]);
    let current = list(&world)[0].0.clone();
    check_failure(
        &world.run(["key", "forget", &current]),
        2,
        &["tidemark key rotate"],
    );
    check_failure(
        &world.run(["key", "forget", "../mask"]),
        2,
        &["tidemark key list"],
    );
    assert_eq!(world.run(["key", "forget"]).code, 2);
    let kept = world.run(["key", "forget", "--older-than", "90d"]).ok();
    assert!(kept.out.contains("\"forgotten\":[]"), "{}", kept.out);
    let (old, _) = rotate(&world);
    let gone = world.run(["key", "forget", "--older-than", "0s"]).ok();
    assert!(gone.out.contains(&old), "{}", gone.out);
    assert_eq!(list(&world).len(), 1);
    check_failure(
        &world.run_with_stdin(["key", "stand-in"], b"\n"),
        2,
        &["standard input"],
    );
    let stand_in = stand_ins(&world, &[], TOKEN)[0]["stand_in"]
        .as_str()
        .expect("it")
        .to_owned();
    check_failure(
        &world.run_with_stdin(["key", "stand-in"], stand_in.as_bytes()),
        2,
        &["a stand-in already"],
    );
}

#[test]
fn a_service_without_a_key_takes_nothing_until_there_is_one() {
    let (world, path) = configured(b"", 0o600);
    fs::remove_file(&path).expect("removed");
    let config = world.path("tidemark.toml");
    let service = Service::start(world.command().arg("--config").arg(config).arg("serve"));
    let refused = service.post("/api/v1/ingest", &[], calls(0..5).as_bytes());
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(
        refused.text().contains("masking.key_file"),
        "{}",
        refused.text()
    );
    let health = service.get("/api/v1/ingest/health").ok().json();
    assert!(health["key"].is_null(), "{health}");
    // What is stored can be looked at all the same.
    service.get("/readyz").ok();
    let key: Vec<u8> = (100..132).collect();
    fs::write(&path, key).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("set");
    wait_for("the key", || {
        let answer = service.post("/api/v1/ingest", &[], calls(0..5).as_bytes());
        (answer.status == 200).then_some(())
    });
    let id = run(&world, &["key", "list", "--format", "jsonl"])
        .ok()
        .rows()[0]["id"]
        .clone();
    let rows = rows_by_key(&world);
    assert_eq!((Value::from(rows[0].0.as_str()), rows[0].1), (id, 5));
}
