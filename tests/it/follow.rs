//! Files that are followed: what is written to them comes in once, whatever happens to their names.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bad_input::{SmallDisk, check_whole, gzip, line, lines};
use crate::service::{Service, wait_for};
use crate::world::World;

/// A service over the world's store that follows these paths in its folder.
#[track_caller]
fn follow(world: &World, paths: &[&str]) -> Service {
    let mut command = world.command();
    command
        .current_dir(world.path(""))
        .args(["serve", "--follow"])
        .args(paths);
    Service::start(&mut command)
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .expect("opens");
    file.write_all(text.as_bytes()).expect("written");
}

fn figure(service: &Service, name: &str) -> u64 {
    let figures = service.get("/api/v1/ingest/health").ok().json();
    figures[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name}: {figures}"))
}

#[track_caller]
fn wait_for_records(service: &Service, records: u64) {
    wait_for(&format!("{records} records"), || {
        (figure(service, "records") >= records).then_some(())
    });
}

/// Waits until so many requests can be seen in the rates.
#[track_caller]
fn wait_for_requests(service: &Service, requests: u64) {
    wait_for(&format!("{requests} requests in the rates"), || {
        let found = service.get("/api/v1/rates?step=1d").ok().json();
        let rows = found["rows"].as_array().expect("rows").iter();
        let all: u64 = rows.filter_map(|row| row["requests"].as_u64()).sum();
        (all >= requests).then_some(())
    });
}

/// Exactly the lines of these numbers are stored, each once, and counted in the rates.
#[track_caller]
fn check_stored(world: &World, numbers: Range<u64>) {
    let expected = numbers.count() as i64;
    let all = world.sql(
        "SELECT COUNT(*) AS stored, COUNT(DISTINCT request_id) AS lines, COUNT(DISTINCT id) AS ids FROM exchanges",
    );
    for name in ["stored", "lines", "ids"] {
        assert_eq!(all[0][name].as_i64(), Some(expected), "{name} of {all:?}");
    }
    assert_eq!(
        world.count("SELECT SUM(requests) FROM rates"),
        expected,
        "requests in rates"
    );
}

#[test]
fn a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_start() {
    let world = World::new();
    let log = world.file("access.log", lines(0..10));
    let service = follow(&world, &["access.log"]);
    wait_for_records(&service, 10);
    fs::rename(&log, world.path("access.log.1")).expect("renamed");
    // The server goes on with the old file for a while.
    append(&world.path("access.log.1"), &lines(10..15));
    append(&log, &lines(15..20));
    wait_for_records(&service, 20);
    append(&world.path("access.log.1"), line(20).trim_end());
    append(&log, &lines(21..25));
    wait_for_records(&service, 25);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..25);
    check_whole(&world);
}

#[test]
fn a_truncated_file_begins_anew_and_its_copies_add_nothing() {
    let world = World::new();
    let log = world.file("access.log", lines(0..50));
    let service = follow(&world, &["access.log*"]);
    wait_for_records(&service, 50);
    fs::copy(&log, world.path("access.log.1")).expect("copied");
    let file = OpenOptions::new().write(true).open(&log).expect("opens");
    file.set_len(0).expect("truncated");
    append(&log, &lines(50..55));
    wait_for_records(&service, 55);
    let packed = gzip(lines(0..50).as_bytes());
    world.file("access.log.2.gz", packed);
    wait_for("the packed copy to be known", || {
        (figure(&service, "duplicates") >= 50).then_some(())
    });
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..55);
}

#[test]
fn what_was_written_before_a_truncation_is_found_in_the_copy() {
    let world = World::new();
    let log = world.file("access.log", lines(0..100));
    world.ingest([&log]);
    // Nobody reads while more is written, the file is copied, and begins anew.
    append(&log, &lines(100..200));
    fs::copy(&log, world.path("access.log.1")).expect("copied");
    world.file("access.log", lines(200..203));
    let service = follow(&world, &["access.log*"]);
    wait_for_records(&service, 103);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..203);
}

#[test]
fn a_shorter_log_that_begins_like_a_known_one_is_followed() {
    let world = World::new();
    world.ingest([world.file("old.log", lines(0..500))]);
    // The same lines at first, and then its own; and a real copy of a part.
    let log = world.file("new.log", lines(0..40));
    world.file("part.log", lines(0..200));
    let service = follow(&world, &["*.log"]);
    append(&log, &lines(1_000..1_010));
    wait_for_records(&service, 50);
    // What begins like it all, and goes on differently.
    append(&world.path("part.log"), &lines(2_000..2_010));
    wait_for_records(&service, 260);
    assert_eq!(service.terminate(), Some(0));
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges"),
        500 + 50 + 210
    );
    check_whole(&world);
}

#[test]
fn a_copy_that_is_written_slowly_adds_nothing() {
    let world = World::new();
    let content = lines(0..500);
    world.ingest([world.file("old.log", &content)]);
    let log = world.file("copy.log", "");
    let service = follow(&world, &["*.log"]);
    for part in content.as_bytes().chunks(content.len() / 5 + 7) {
        append(&log, std::str::from_utf8(part).expect("text"));
        std::thread::sleep(Duration::from_millis(700));
    }
    append(&log, &lines(500..510));
    wait_for_records(&service, 10);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..510);
    check_whole(&world);
}

#[test]
fn a_line_is_held_until_it_ends() {
    let world = World::new();
    let (first, second) = (line(0), line(1));
    // Cut where it still looks like a whole line.
    let cut = second.find(" host=").expect("a place");
    let log = world.file("access.log", format!("{first}{}", &second[..cut]));
    let service = follow(&world, &["access.log"]);
    wait_for_records(&service, 1);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(figure(&service, "records"), 1, "half a line is no record");
    append(&log, &second[cut..]);
    wait_for_records(&service, 2);
    append(&log, line(2).trim_end());
    // Longer than a writer pauses within a line.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..3);
    let told = "SELECT COUNT(*) FROM exchanges WHERE host = 'api.stripe.com' AND duration_ms > 0";
    assert_eq!(world.count(told), 3, "every line was read whole");
}

#[test]
fn files_come_and_go() {
    let world = World::new();
    let service = follow(&world, &["logs/**/*.log", "named.log"]);
    world.file("logs/a/one.log", lines(0..5));
    wait_for_records(&service, 5);
    world.file("logs/b/two.log", lines(5..10));
    world.file("named.log", lines(10..15));
    wait_for_records(&service, 15);
    fs::remove_file(world.path("logs/a/one.log")).expect("removed");
    append(&world.path("logs/b/two.log"), &lines(15..20));
    wait_for_records(&service, 20);
    world.file("logs/a/one.log", lines(20..22));
    wait_for_records(&service, 22);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..22);
}

#[test]
fn files_that_begin_alike_are_kept_apart() {
    const FILES: u64 = 40;
    let world = World::new();
    let append_to_each = |first: u64| {
        for n in 0..FILES {
            append(&world.path(&format!("logs/{n}.log")), &line(first + n));
        }
    };
    for n in 0..FILES {
        world.file(&format!("logs/{n}.log"), lines(0..1));
    }
    let service = follow(&world, &["logs"]);
    // As long as they are the same they are copies of one; then each is a log of its own from its first line.
    wait_for_records(&service, 1);
    append_to_each(1);
    wait_for_records(&service, 2 * FILES);
    append_to_each(1 + FILES);
    wait_for_records(&service, 3 * FILES);
    wait_for_requests(&service, 3 * FILES);
    service.kill();
    let service = follow(&world, &["logs"]);
    append_to_each(1 + 2 * FILES);
    wait_for_requests(&service, 4 * FILES);
    assert_eq!(service.terminate(), Some(0));
    let stored = world.sql(
        "SELECT COUNT(*) AS stored, COUNT(DISTINCT id) AS ids, COUNT(DISTINCT request_id) AS lines FROM exchanges",
    );
    assert_eq!(stored[0]["stored"], 4 * FILES, "{stored:?}");
    assert_eq!(stored[0]["ids"], 4 * FILES, "{stored:?}");
    assert_eq!(stored[0]["lines"], 1 + 3 * FILES, "{stored:?}");
}

#[test]
fn columns_named_at_the_top_hold_for_lines_that_come_later() {
    let world = World::new();
    let log = world.file(
        "app.jsonl",
        "{\"level\":\"info\",\"msg\":\"starting\"}\nlistening on 8080\n",
    );
    let service = follow(&world, &["app.jsonl"]);
    std::thread::sleep(Duration::from_secs(1));
    for n in 0..5 {
        append(
            &log,
            &format!(
                "{{\"ts\":{},\"method\":\"GET\",\"url\":\"https://api.stripe.com/v1/charges\",\"status\":200,\
                 \"request_id\":\"r{n}\"}}\n",
                1_795_319_505 + n
            ),
        );
    }
    wait_for_records(&service, 5);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..5);
}

#[test]
fn configured_sources_are_followed_and_shown() {
    let world = World::new();
    world.file(
        "tidemark.toml",
        "[[sources]]\nname = \"gateway\"\npaths = [\"gw/*.log\"]\nintegration = \"billing\"\ndirection = \"outbound\"\n",
    );
    world.file("gw/access.log", lines(0..5));
    let shown = world
        .run([
            "check-config".as_ref(),
            "--config".as_ref(),
            world.path("tidemark.toml").as_os_str(),
        ])
        .ok()
        .out;
    assert!(
        shown.contains("[[sources]]") && shown.contains("gw/*.log"),
        "{shown}"
    );
    let mut command = world.command();
    command
        .current_dir(world.path(""))
        .args(["serve", "--config", "tidemark.toml"]);
    let service = Service::start(&mut command);
    wait_for_records(&service, 5);
    assert_eq!(service.terminate(), Some(0));
    let named =
        "SELECT COUNT(*) FROM exchanges WHERE source = 'gateway' AND integration = 'billing'";
    assert_eq!(world.count(named), 5);
    world.file(
        "wrong.toml",
        "[[sources]]\npaths = [\"x\"]\nformat = \"no-such\"\n",
    );
    let run = world.run([
        "check-config".as_ref(),
        "--config".as_ref(),
        world.path("wrong.toml").as_os_str(),
    ]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no-such"), "{}", run.err);
}

#[test]
fn ingest_follows_until_it_is_asked_to_end() {
    let world = World::new();
    let log = world.file("access.log", lines(0..10));
    let child = world
        .command()
        .args(["ingest", "--format", "json", "--follow"])
        .arg(&log)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    let data = world.data();
    let has = |n| (rows_of_log(&data) >= n).then_some(());
    wait_for("the first commit", || has(1));
    append(&log, &lines(10..20));
    wait_for("the second commit", || has(2));
    let pid = child.id().to_string();
    std::process::Command::new("sh")
        .args(["-c", "kill -TERM \"$0\"", &pid])
        .status()
        .expect("a shell");
    let run = crate::world::Run::of(child.wait_with_output().expect("ends"));
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["records"], 20, "{}", run.out);
    check_stored(&world, 0..20);
}

/// Commits of exchanges behind the one that makes the table.
fn rows_of_log(data: &Path) -> usize {
    let entries = fs::read_dir(data.join("exchanges/_delta_log"));
    entries.map_or(0, |entries| {
        entries
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "json"))
            .count()
            .saturating_sub(1)
    })
}

/// Kills that are tried; a script may ask for more.
fn kills() -> usize {
    std::env::var("TIDEMARK_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(6)
}

#[test]
fn a_killed_service_goes_on_where_it_was() {
    let world = World::new();
    let log = world.path("access.log");
    let mut written = 0;
    let mut batch = 0;
    for round in 0..kills() as u64 {
        let service = follow(&world, &["access.log*"]);
        let until = Instant::now() + Duration::from_millis(300 + round * 7919 % 1_700);
        while Instant::now() < until {
            append(&log, &lines(written..written + 3));
            written += 3;
            // A batch with a name is sent again and again until it is answered.
            let name = format!("batch-{batch}");
            let body = lines(1_000_000 + batch * 2..1_000_002 + batch * 2);
            let headers = [("Idempotency-Key", name.as_str())];
            let answer = service.try_post("/api/v1/ingest", &headers, body.as_bytes());
            batch += u64::from(answer.is_ok_and(|a| a.status == 200));
            if written % 60 == 0 {
                fs::rename(&log, world.path(&format!("access.log.{written}"))).expect("renamed");
            }
        }
        service.kill();
    }
    let service = follow(&world, &["access.log*"]);
    let name = format!("batch-{batch}");
    let body = lines(1_000_000 + batch * 2..1_000_002 + batch * 2);
    service
        .post(
            "/api/v1/ingest",
            &[("Idempotency-Key", &name)],
            body.as_bytes(),
        )
        .ok();
    append(&log, &lines(written..written + 1));
    written += 1;
    wait_for_requests(&service, written + (batch + 1) * 2);
    assert_eq!(service.terminate(), Some(0));
    let all = (written + (batch + 1) * 2) as i64;
    for what in [
        "COUNT(*)",
        "COUNT(DISTINCT request_id)",
        "COUNT(DISTINCT id)",
    ] {
        let stored = world.count(&format!("SELECT {what} FROM exchanges"));
        assert_eq!(stored, all, "{what}");
    }
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), all);
    check_whole(&world);
}

#[test]
fn a_full_disk_is_waited_out() {
    let world = World::new();
    fs::create_dir_all(world.data()).expect("a folder");
    let Some(_disk) = SmallDisk::mount(&world.data(), "8m") else {
        return eprintln!("skipped: mounting is not allowed here");
    };
    let log = world.file("access.log", lines(0..10));
    let service = follow(&world, &["access.log"]);
    wait_for_records(&service, 10);
    let ballast = world.data().join("ballast");
    // As much as there is room for.
    let _ = fs::write(&ballast, vec![0; 8 << 20]);
    append(&log, &lines(10..20));
    let trouble = wait_for("the full disk to be told", || {
        let figures = service.get("/api/v1/ingest/health").ok().json();
        figures["trouble"].as_str().map(str::to_owned)
    });
    assert!(trouble.contains("is full"), "{trouble}");
    let refused = service.post("/api/v1/ingest", &[], lines(100..101).as_bytes());
    assert_eq!(refused.status, 503);
    assert!(!refused.header("retry-after").is_empty());
    fs::remove_file(&ballast).expect("removed");
    wait_for("the store to be written again", || {
        let figures = service.get("/api/v1/ingest/health").ok().json();
        figures["trouble"].is_null().then_some(())
    });
    append(&log, &lines(20..25));
    wait_for_records(&service, 25);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..25);
}

#[test]
fn a_service_ends_while_the_disk_is_full_and_nothing_is_lost() {
    let world = World::new();
    fs::create_dir_all(world.data()).expect("a folder");
    let Some(_disk) = SmallDisk::mount(&world.data(), "8m") else {
        return eprintln!("skipped: mounting is not allowed here");
    };
    let log = world.file("access.log", lines(0..10));
    let service = follow(&world, &["access.log"]);
    wait_for_requests(&service, 10);
    let ballast = world.data().join("ballast");
    let _ = fs::write(&ballast, vec![0; 8 << 20]);
    append(&log, &lines(10..20));
    wait_for("the full disk to be told", || {
        let figures = service.get("/api/v1/ingest/health").ok().json();
        figures["trouble"].as_str().map(str::to_owned)
    });
    assert_eq!(service.terminate(), Some(6));
    fs::remove_file(&ballast).expect("removed");
    let service = follow(&world, &["access.log"]);
    wait_for_requests(&service, 20);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..20);
}

#[test]
fn small_files_are_joined_while_others_read_and_write() {
    let world = World::new();
    world.file("often.toml", "[live]\ncommit_ms = 1\ncompact_s = 1\n");
    let log = world.path("access.log");
    let mut command = world.command();
    command.current_dir(world.path("")).args([
        "serve",
        "--config",
        "often.toml",
        "--follow",
        "access.log",
    ]);
    let service = Service::start(&mut command);
    let mut pushed = 0;
    let files = || {
        let info = world.run(["store", "info", "--format", "json"]).ok().json();
        (
            info["exchanges"]["files"].as_u64().expect("a number"),
            info["exchanges"]["version"].as_u64().expect("a number"),
        )
    };
    for round in 0..60 {
        let n = round * 2;
        service.post("/api/v1/ingest", &[], line(n).as_bytes()).ok();
        append(&log, &line(n + 1));
        pushed += 2;
    }
    let (files, version) = wait_for("files to be joined", || {
        service.get("/api/v1/rates?step=1h").ok();
        let (files, version) = files();
        (files <= 33).then_some((files, version))
    });
    assert!(version > 60, "{version} commits made {files} files");
    wait_for_records(&service, pushed);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..pushed);
    let done = world
        .run(["store", "compact", "--format", "json"])
        .ok()
        .json();
    assert_eq!(done["exchanges"]["files_after"], 1, "{done}");
    check_stored(&world, 0..pushed);
    check_whole(&world);
}

/// What `/readyz` says while it is not ready.
fn not_ready(service: &Service) -> Option<String> {
    let answer = service.get("/readyz");
    (answer.status == 503).then(|| answer.text())
}

fn ready(service: &Service) -> Option<()> {
    (service.get("/readyz").status == 200).then_some(())
}

/// Allows or forbids writing in the folders of a store.
fn allow_writing(data: &Path, allowed: bool) {
    let mode = if allowed { 0o755 } else { 0o555 };
    for entry in walkdir::WalkDir::new(data) {
        let path = entry.expect("an entry").into_path();
        if path.is_dir() {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        }
    }
}

/// The program as somebody whom permissions bind; `None`, and a word about it, where that cannot be had.
fn command_of_nobody(world: &World) -> Option<Command> {
    const NOBODY: u32 = 65_534;
    fs::create_dir_all(world.data()).expect("a folder");
    if fs::metadata("/proc/self").is_ok_and(|me| me.uid() != 0) {
        return Some(world.command());
    }
    fs::set_permissions(world.path(""), fs::Permissions::from_mode(0o755)).expect("a mode");
    chown(world.data(), Some(NOBODY), Some(NOBODY)).expect("another owner");
    let command = || {
        let mut command = world.command_through("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(env!("CARGO_BIN_EXE_tidemark"));
        command
    };
    let works = command().arg("--version").output();
    if works.is_ok_and(|done| done.status.success()) {
        return Some(command());
    }
    eprintln!("skipped: the program cannot be run as nobody here");
    None
}

#[test]
fn lost_permission_is_told_and_waited_out() {
    let world = World::new();
    let Some(mut command) = command_of_nobody(&world) else {
        return;
    };
    let log = world.file("access.log", lines(0..10));
    command
        .current_dir(world.path(""))
        .args(["serve", "--follow", "access.log"]);
    let service = Service::start(&mut command);
    wait_for_requests(&service, 10);
    ready(&service).expect("ready");
    allow_writing(&world.data(), false);
    append(&log, &lines(10..20));
    let why = wait_for("the loss to be told", || not_ready(&service));
    assert!(why.contains("cannot be written"), "{why}");
    let refused = service.post("/api/v1/ingest", &[], lines(100..101).as_bytes());
    assert_eq!(refused.status, 503);
    allow_writing(&world.data(), true);
    wait_for("the store to be written again", || ready(&service));
    append(&log, &lines(20..25));
    wait_for_requests(&service, 25);
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..25);
    check_whole(&world);
}

/// Without files to follow there is nothing that would be tried again.
#[test]
fn a_service_that_takes_pushes_is_ready_again_when_the_disk_is() {
    let world = World::new();
    fs::create_dir_all(world.data()).expect("a folder");
    let Some(_disk) = SmallDisk::mount(&world.data(), "8m") else {
        return eprintln!("skipped: mounting is not allowed here");
    };
    let service = Service::start(world.command().arg("serve"));
    let push = |n| service.post("/api/v1/ingest", &[], line(n).as_bytes());
    push(0).ok();
    let ballast = world.data().join("ballast");
    let _ = fs::write(&ballast, vec![0; 8 << 20]);
    assert_eq!(push(1).status, 503);
    for _ in 0..5 {
        let why = not_ready(&service).expect("it is not ready while the disk is full");
        assert!(why.contains("is full"), "{why}");
        std::thread::sleep(Duration::from_millis(500));
    }
    fs::remove_file(&ballast).expect("removed");
    wait_for("the store to be written again", || ready(&service));
    push(1).ok();
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..2);
}

/// A line with room for a number of bytes.
fn wide_line(n: u64, bytes: usize) -> String {
    let line = line(n);
    format!("{} pad=\"{}\"\n", line.trim_end(), "-".repeat(bytes))
}

#[test]
fn a_copy_of_a_file_that_is_still_being_read_adds_nothing() {
    let world = World::new();
    // More than is read of one file at a time, and less than is read before following.
    let log: String = (0..6_000).map(|n| wide_line(n, 1_800)).collect();
    assert!((10 << 20..16 << 20).contains(&log.len()), "{}", log.len());
    world.file("logs/a.log", &log);
    world.file("logs/b.log", &log);
    let service = follow(&world, &["logs"]);
    wait_for_records(&service, 6_000);
    append(&world.path("logs/a.log"), &line(6_000));
    wait_for_records(&service, 6_001);
    // Time for the copy to be looked at.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(service.terminate(), Some(0));
    check_stored(&world, 0..6_001);
}

#[test]
fn known_files_are_read_while_many_new_ones_are_looked_at() {
    const FILES: u64 = 1_000;
    let world = World::new();
    let known = world.file("known.log", lines(0..1));
    let service = follow(&world, &["known.log", "logs"]);
    wait_for_records(&service, 1);
    let folder = world.path("made");
    fs::create_dir(&folder).expect("a folder");
    for n in 1..=FILES {
        fs::write(folder.join(format!("{n}.log")), lines(n..n + 1).repeat(20)).expect("written");
    }
    // All at once.
    fs::rename(&folder, world.path("logs")).expect("renamed");
    wait_for_records(&service, 2);
    append(&known, &line(FILES + 1));
    wait_for_records(&service, FILES * 20 + 2);
    assert_eq!(service.terminate(), Some(0));
    let later = world.count(
        "SELECT COUNT(*) FROM exchanges WHERE ingested_at > \
         (SELECT MAX(ingested_at) FROM exchanges WHERE source LIKE '%known.log')",
    );
    assert!(later > 0, "the known file had to wait for all the others");
}
