//! Input and surroundings as they should not be: one clear sentence, the right exit code, and a store that is whole.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::kill::{Contents, long_log, repeatable_world};
use crate::world::{Run, World, fixture};

/// Memory that no input may make the program take.
pub const MEMORY_KB_MAX: u64 = 400 << 10;

// ---- input that cannot be read ----

#[test]
fn a_missing_file_is_named() {
    let world = World::new();
    check_refused(
        &world,
        &["ingest", "missing.log"],
        3,
        &["missing.log", "No such file"],
    );
}

#[test]
fn an_empty_file_is_named() {
    let world = World::new();
    let file = world.file("empty.log", "");
    check_refused(
        &world,
        &["ingest", &text(&file)],
        3,
        &["empty.log is empty", "when something was written"],
    );
}

#[test]
fn a_binary_file_is_named() {
    let world = World::new();
    let file = world.file("picture.log", Dice(1).bytes(5_000));
    check_refused(
        &world,
        &["ingest", &text(&file)],
        3,
        &["picture.log", "binary", "--input-format"],
    );
}

#[test]
fn a_folder_without_logs_is_named() {
    let world = World::new();
    world.file("photos/one.jpg", Dice(2).bytes(5_000));
    world.file("photos/two.txt", "a shopping list\nmilk\n");
    let folder = text(&world.path("photos"));
    check_refused(
        &world,
        &["ingest", &folder],
        3,
        &["photos", "no log that is understood"],
    );
}

#[test]
fn an_xz_file_is_to_be_unpacked_first() {
    let world = World::new();
    let file = world.file("access.log.xz", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46");
    check_refused(
        &world,
        &["ingest", &text(&file)],
        3,
        &["access.log.xz", "packed as xz", "unpack it first"],
    );
}

#[test]
fn a_file_without_permission_is_named() {
    let world = World::new();
    let file = world.file("secret.log", lines(0..3));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(&file, mode).expect("permissions");
    if std::fs::File::open(&file).is_ok() {
        return eprintln!("skipped: this user may read every file");
    }
    check_refused(
        &world,
        &["ingest", &text(&file)],
        3,
        &["secret.log", "ermission denied"],
    );
}

// ---- requests that cannot be met ----

#[test]
fn an_unknown_format_is_a_mistake_of_usage() {
    let world = World::new();
    let file = world.file("good.log", lines(0..3));
    let args = ["ingest", "--input-format", "nginxx", &text(&file)];
    check_refused(
        &world,
        &args,
        2,
        &["no input format \"nginxx\"", "tidemark formats list"],
    );
}

#[test]
fn an_unusable_log_format_is_a_mistake_of_usage() {
    let world = World::new();
    let file = text(&world.file("good.log", lines(0..3)));
    for (format, says) in [
        ("$time_local", "neither a status nor a request"),
        ("no variable at all", "names no variable"),
        ("", "names no variable"),
    ] {
        check_refused(
            &world,
            &["ingest", "--log-format", format, &file],
            2,
            &["log format is not usable", says],
        );
    }
}

#[test]
fn a_time_that_is_none_is_a_mistake_of_usage() {
    let world = World::new();
    let file = text(&world.file("access.log", lines(0..3)));
    for flag in ["--since", "--until"] {
        let run = world.run(["ingest", flag, "yesterday", &file]);
        check_failure(&run, 2, &["yesterday", "is no time", "now-6h"]);
    }
    assert!(!world.data().exists(), "nothing was read");
    let run = world.run(["ingest", "--since", "6h", &file]).ok();
    assert!(run.err.contains("ingest reads everything"), "{}", run.err);
}

#[test]
fn a_bad_map_is_a_mistake_of_usage() {
    let world = World::new();
    let file = text(&world.file("good.log", lines(0..3)));
    for (map, says) in [
        ("colour=c.name", "no field \"colour\""),
        ("status", "\"status\" is not FIELD=PATH"),
        ("status=", "\"status=\" is not FIELD=PATH"),
    ] {
        check_refused(&world, &["ingest", "--map", map, &file], 2, &[says]);
    }
}

#[test]
fn sql_that_changes_or_opens_anything_is_refused() {
    let world = World::new();
    world.ingest([world.file("good.log", lines(0..3))]);
    let out = text(&world.path("out.csv"));
    for sql in [
        "CREATE TABLE mine AS SELECT 1",
        "CREATE EXTERNAL TABLE mine STORED AS CSV LOCATION '/etc/passwd'",
        &format!("COPY exchanges TO '{out}'"),
        "INSERT INTO exchanges SELECT * FROM exchanges",
        "UPDATE exchanges SET status = 200",
        "DELETE FROM exchanges",
        "DROP TABLE exchanges",
        "SET datafusion.execution.batch_size = 1",
    ] {
        check_refused(
            &world,
            &["sql", sql],
            2,
            &["only questions are allowed", "one SELECT"],
        );
    }
    check_refused(
        &world,
        &["sql", "SELECT 1; DROP TABLE exchanges"],
        2,
        &["single SQL statement"],
    );
    check_refused(
        &world,
        &["sql", "SELECT * FROM '/etc/passwd'"],
        2,
        &["/etc/passwd", "not found"],
    );
    assert!(!Path::new(&out).exists(), "nothing was written");
}

#[test]
fn counts_that_are_no_counts_name_the_line() {
    let world = World::new();
    let head = "window_start,window_s,integration,operation,requests,throttled,server_errors\n";
    let row = "2026-11-19T00:00:00Z,300,stripe,GET /v1/charges,10,0,0\n";
    let json = r#"{"window_start":"2026-11-19T00:00:00Z","requests":10}"#;
    for (content, line) in [
        (
            format!("{head}{row}2026-11-19T00:05:00Z,300,stripe,GET /v1/charges,ten,0,0\n"),
            "line 3",
        ),
        (
            format!("{head}{row}{row}2026-11-19T00:10:00Z,300,stripe\n"),
            "line 4",
        ),
        (
            format!("{head}yesterday,300,stripe,GET /v1/charges,10,0,0\n"),
            "line 2",
        ),
        (
            format!("{head}2026-11-19T00:00:00Z,300,stripe,GET /v1/charges,10,6,6\n"),
            "line 2",
        ),
        (format!("{json}\n{json}\n"), "line 2"),
        (format!("{json}{json}"), "there are no counts"),
    ] {
        let file = text(&world.file("counts.csv", content));
        let columns = "the columns are window_start,window_s";
        check_refused(
            &world,
            &["assess", "--counts", &file],
            3,
            &["counts.csv", line, columns],
        );
    }
}

// ---- sources that are damaged in part ----

#[test]
fn a_line_of_100_mb_costs_itself_and_no_memory() {
    const LONG: usize = 100_000_000;
    let world = World::new();
    let long = [
        line(1).split_once("/v1").expect("a path").0.as_bytes(),
        &b"x".repeat(LONG),
        b"\n",
    ]
    .concat();
    let nothing = [&b"x".repeat(2 << 20)[..], b"\n"].concat();
    let file = world.file(
        "long.log",
        [line(0).into_bytes(), long, line(2).into_bytes(), nothing].concat(),
    );
    let (summary, memory_kb) = ingest_measured(&world, &file);
    check_numbers(&summary, &[("lines", 4), ("records", 2), ("rejected", 2)]);
    let rejects = summary["rejects"].as_array().expect("a list");
    let found: Vec<_> = rejects
        .iter()
        .map(|reject| (&reject["reason"], &reject["line"], &reject["n"]))
        .collect();
    assert_eq!(found, [(&"too_long".into(), &2.into(), &2.into())]);
    assert!(memory_kb < MEMORY_KB_MAX, "{memory_kb} KB");
    assert_eq!(
        world.sql("SELECT line FROM exchanges ORDER BY line").len(),
        2
    );
    check_whole(&world);
}

#[test]
fn bytes_that_are_no_utf8_are_kept_as_replacements() {
    let world = World::new();
    let summary = world.ingest([fixture("logs/edge/invalid_utf8.log")]);
    check_numbers(&summary, &[("lines", 30), ("records", 30), ("rejected", 0)]);
    let file = world.file(
        "latin1.log",
        line(7)
            .replace("acme/1.0", "caf\u{e9}/\u{ff}")
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<u8>>(),
    );
    check_numbers(&world.ingest([file]), &[("records", 1), ("rejected", 0)]);
    let clients = world.sql("SELECT client FROM exchanges WHERE client LIKE 'caf%'");
    assert_eq!(clients[0]["client"], "caf\u{fffd}/\u{fffd}");
    check_whole(&world);
}

#[test]
fn an_archive_that_was_cut_gives_what_stood_before_the_cut() {
    let world = World::new();
    let whole = gzip(lines(0..2_000).as_bytes());
    let cut = world.file("cut.log.gz", &whole[..whole.len() / 2]);
    let run = world.run(["ingest", "--format", "json", &text(&cut)]).ok();
    let summary = run.json();
    assert_eq!(run.err.matches("warning: ").count(), 1, "{}", run.err);
    assert!(
        run.err.contains("cut.log.gz") && run.err.contains("what stood before it was read"),
        "{}",
        run.err
    );
    let bad_archive: Vec<&Value> = summary["rejects"]
        .as_array()
        .expect("rejects")
        .iter()
        .filter(|r| r["reason"] == "bad_archive")
        .collect();
    assert_eq!(bad_archive.len(), 1, "{summary}");
    let number = |name: &str| summary[name].as_u64().expect("a number");
    assert_eq!(
        number("lines"),
        number("records") + number("ignored") + number("rejected"),
        "{summary}"
    );
    let stored = world.count("SELECT COUNT(*) FROM exchanges");
    assert!(
        (500..2_000).contains(&stored),
        "{stored} lines before the cut"
    );

    // The whole archive, once it is there, adds the rest and nothing twice.
    world.ingest([world.file("whole.log.gz", whole)]);
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 2_000);
    check_whole(&world);
}

#[test]
fn an_archive_that_explodes_is_stopped() {
    let world = World::new();
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).expect("packs");
    bomb.write_all(lines(0..3).as_bytes()).expect("packs");
    for _ in 0..320 {
        bomb.write_all(&[b'x'; 1 << 20]).expect("packs");
    }
    let file = world.file("bomb.log.zst", bomb.finish().expect("packs"));
    let (summary, memory_kb) = ingest_measured(&world, &file);
    check_numbers(&summary, &[("records", 3)]);
    assert!(
        summary["warnings"][0]
            .as_str()
            .expect("a warning")
            .contains("unpacks to more than"),
        "{summary}"
    );
    assert!(
        summary["bytes"].as_u64() <= Some(270 << 20),
        "stopped: {summary}"
    );
    assert!(memory_kb < MEMORY_KB_MAX, "{memory_kb} KB");
    check_whole(&world);
}

#[test]
fn an_archive_that_unpacks_a_thousandfold_takes_no_memory() {
    let world = World::new();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::default());
    bomb.write_all(lines(0..3).as_bytes()).expect("packs");
    for _ in 0..128 {
        bomb.write_all(&[b'x'; 1 << 20]).expect("packs");
    }
    let packed = bomb.finish().expect("packs");
    assert!(
        packed.len() < 256 << 10,
        "{} bytes are no bomb",
        packed.len()
    );
    let (summary, memory_kb) = ingest_measured(&world, &world.file("bomb.log.gz", packed));
    check_numbers(&summary, &[("lines", 4), ("records", 3)]);
    assert!(memory_kb < MEMORY_KB_MAX, "{memory_kb} KB");
    check_whole(&world);
}

#[test]
fn every_line_of_noise_has_one_fate() {
    let world = World::new();
    let mut dice = Dice(3);
    let mut log = Vec::new();
    for n in 0..400 {
        if n % 80 == 7 {
            log.extend_from_slice(line(n).as_bytes());
        }
        // Half of the noise begins as a record does, so that some of it is rejected and not just passed over.
        if n % 2 == 0 {
            log.extend_from_slice(&line(n).as_bytes()[..60]);
        }
        let length = dice.next() as usize % 120;
        log.extend(dice.bytes(length).into_iter().filter(|byte| *byte != b'\n'));
        log.push(b'\n');
    }
    let lines = log.iter().filter(|byte| **byte == b'\n').count() as u64;
    let summary = world.ingest([world.file("noise.log", log)]);
    let number = |key: &str| summary[key].as_u64().expect(key);
    check_numbers(&summary, &[("lines", lines), ("records", 5)]);
    assert_eq!(
        number("lines"),
        number("records") + number("ignored") + number("rejected"),
        "{summary}"
    );
    assert!(
        number("ignored") > 0 && number("rejected") > 0,
        "both fates are tried: {summary}"
    );
    let by_reason: u64 = summary["rejects"]
        .as_array()
        .expect("rejects")
        .iter()
        .filter_map(|r| r["n"].as_u64())
        .sum();
    assert_eq!(by_reason, number("rejected"), "{summary}");
    check_whole(&world);
}

// ---- rejects ----

/// Two good lines, then one that is cut inside and one without a real date.
fn log_with_rejects() -> String {
    let cut = line(2)
        .replace(
            "/v1/charges",
            "/v1/charges?access_token=s3cr3t-token-value&n=",
        )
        .replace(" HTTP/1.1\"", "");
    let dateless = line(3)
        .replace("[19/Nov", "[99/Nov")
        .replace("\"-\"", "\"https://a.example/?api_key=0123456789abcdef\"");
    [line(0), line(1), cut, dateless].concat()
}

#[test]
fn the_reject_file_says_where_and_why_and_is_masked() {
    let world = World::new();
    let log = log_with_rejects();
    let file = text(&world.file("mixed.log", &log));
    let rejects = text(&world.path("rejects.jsonl"));
    let summary = world.ingest(["--reject-file", &rejects, &file]);
    check_numbers(&summary, &[("lines", 4), ("records", 2), ("rejected", 2)]);
    let content = std::fs::read_to_string(&rejects).expect("the reject file");
    let rows: Vec<Value> = content
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    assert_eq!(rows.len(), 2, "{content}");
    for (row, number) in rows.iter().zip([3_usize, 4]) {
        let offset: usize = log
            .lines()
            .take(number - 1)
            .map(|line| line.len() + 1)
            .sum();
        assert_eq!(
            (&row["source"], &row["line"], &row["offset"]),
            (&file.clone().into(), &number.into(), &offset.into())
        );
        assert!(
            row["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{row}"
        );
        let text = row["text"].as_str().expect("the line");
        assert!(
            text.contains("api.stripe.com") && text.contains('\u{2039}'),
            "masked and otherwise whole: {text}"
        );
    }
    for secret in ["s3cr3t-token-value", "0123456789abcdef"] {
        assert!(!content.contains(secret), "{secret} in {content}");
    }
    check_whole(&world);
}

#[test]
fn rejected_lines_can_be_fed_again() {
    let world = World::new();
    let odd = |n: u64| {
        let url = format!("https://api.stripe.com/v1/charges/{n}?api_key=s3cr3t-token-value");
        let ts = format!("2026-11-22T03:00:0{n}Z");
        format!(
            "{}\n",
            serde_json::json!({"ts": ts, "method": "GET", "url": url, "status": 200})
        )
    };
    let files = [("one.log", 0), ("two.log", 5)].map(|(name, n)| {
        let content = [
            line(n),
            line(n + 1),
            odd(n % 3),
            odd(n % 3 + 1),
            line(n + 2),
        ]
        .concat();
        text(&world.file(name, content))
    });
    let rejects = text(&world.path("rejects.jsonl"));
    for file in &files {
        let summary = world.ingest([
            "--input-format",
            "combined",
            "--reject-file",
            &rejects,
            file,
        ]);
        check_numbers(&summary, &[("records", 3), ("rejected", 2)]);
    }
    let content = std::fs::read_to_string(&rejects).expect("the reject file");
    assert_eq!(
        content.lines().count(),
        4,
        "the second run adds to it: {content}"
    );
    // Not understood yet, so nothing is noted of it.
    let run = world.run(["ingest", "--input-format", "combined", &rejects]);
    check_failure(&run, 3, &["rejects.jsonl", "not one line"]);
    let again = [&rejects];
    check_numbers(
        &world.ingest(again),
        &[("lines", 4), ("records", 4), ("rejected", 0)],
    );
    check_numbers(&world.ingest(again), &[("records", 0), ("duplicates", 4)]);
    let rows = world.sql(
        "SELECT source, line, status FROM exchanges WHERE line IN (3, 4) ORDER BY source, line",
    );
    let places: Vec<_> = rows
        .iter()
        .map(|row| (row["source"].as_str(), row["line"].as_u64()))
        .collect();
    let [one, two] = [&files[0], &files[1]].map(|file| Some(file.as_str()));
    assert_eq!(
        places,
        [
            (one, Some(3)),
            (one, Some(4)),
            (two, Some(3)),
            (two, Some(4))
        ]
    );
    assert_eq!(world.count("SELECT COUNT(DISTINCT id) FROM exchanges"), 10);
    check_whole(&world);
}

#[test]
fn a_file_that_is_no_reject_file_is_not_written_to() {
    let world = World::new();
    let notes = world.file("notes.txt", "keep this\n");
    let file = text(&world.file("mixed.log", log_with_rejects()));
    let run = world.run(["ingest", "--reject-file", &text(&notes), &file]);
    check_failure(&run, 2, &["notes.txt", "something else", "name another"]);
    assert_eq!(
        std::fs::read_to_string(notes).expect("there"),
        "keep this\n"
    );
}

#[test]
fn more_rejects_than_allowed_are_told_by_the_exit_code() {
    let world = World::new();
    let file = text(&world.file("mixed.log", log_with_rejects()));
    assert_eq!(
        world
            .run(["ingest", "--dry-run", "--max-reject", "60", &file])
            .code,
        0
    );
    let run = world.run(["ingest", "--max-reject", "1", &file]);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("2 lines rejected"), "{}", run.err);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges"),
        2,
        "the good lines are kept"
    );
    check_whole(&world);
}

#[test]
fn a_dry_run_makes_no_store() {
    let world = World::new();
    let file = world.file("good.log", lines(0..3));
    let summary = world.ingest(["--dry-run".into(), file]);
    check_numbers(&summary, &[("records", 3), ("duplicates", 0)]);
    assert!(!world.data().exists(), "nothing was made");
    check_whole(&world);
}

// ---- the same again ----

#[test]
fn a_file_that_grew_gives_its_new_lines() {
    let world = World::new();
    let file = world.file("access.log", lines(0..20));
    world.ingest([&file]);
    world.file("access.log", lines(0..25));
    check_numbers(
        &world.ingest([&file]),
        &[("records", 5), ("duplicates", 20)],
    );
    let places = world.sql("SELECT line FROM exchanges ORDER BY line");
    let places: Vec<u64> = places
        .iter()
        .map(|row| row["line"].as_u64().expect("a line"))
        .collect();
    assert_eq!(places, (1..=25).collect::<Vec<u64>>());
    check_whole(&world);
}

#[test]
fn a_last_line_that_was_cut_is_stored_once_it_is_whole() {
    let content = lines(0..4);
    let last = content.len() - line(3).len();
    let request = content[last..].find("HTTP/1.1").expect("a request");
    for cut in [request, request + 7, 30, 1] {
        let world = World::new();
        let file = world.file("access.log", &content[..last + cut]);
        check_numbers(&world.ingest([&file]), &[("lines", 4), ("records", 3)]);
        world.file("access.log", &content);
        world.ingest([&file]);
        let rows = world.sql("SELECT line, host, url FROM exchanges ORDER BY line");
        assert_eq!(
            rows.len(),
            4,
            "the completed line is stored, also after a cut at {cut}"
        );
        assert_eq!(
            (&rows[3]["host"], &rows[3]["url"]),
            (&"api.stripe.com".into(), &"/v1/charges/ch_3".into())
        );
        check_whole(&world);
    }
}

/// What was cut behind the status is a record already. It may not be stored a second time.
#[test]
fn a_last_line_that_was_cut_behind_its_status_is_stored_once() {
    let content = lines(0..4);
    for cut in [1, 20, 60] {
        let world = World::new();
        let file = world.file("access.log", &content[..content.len() - cut]);
        check_numbers(&world.ingest([&file]), &[("lines", 4), ("records", 4)]);
        world.file("access.log", content.clone() + &line(4));
        check_numbers(&world.ingest([&file]), &[("records", 1)]);
        assert_eq!(
            world.count("SELECT COUNT(*) FROM exchanges"),
            5,
            "cut {cut} before the end"
        );
        check_whole(&world);
    }
}

/// Where columns are named once, half a row may look like text; it must not be passed over for good.
#[test]
fn a_row_that_was_cut_is_stored_once_it_is_whole() {
    let head = "#Software: Microsoft Internet Information Services 10.0\n\
        #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status sc-substatus sc-win32-status time-taken\n";
    let row = |n: usize| {
        format!(
            "2026-11-22 03:51:4{n} 192.0.2.1 GET /v1/orders/{n} - 443 203.0.113.9 200 0 0 1{n}\n"
        )
    };
    let content = format!("{head}{}{}{}", row(0), row(1), row(2));
    let last = content.len() - row(2).len();
    for cut in [5, 20, 31, 38, 52] {
        let world = World::new();
        let file = world.file("u_ex.log", &content[..last + cut]);
        world.ingest([&file]);
        world.file("u_ex.log", &content);
        world.ingest([&file]);
        let rows = world.count("SELECT COUNT(*) FROM exchanges");
        assert_eq!(rows, 3, "after a cut at {cut}");
        check_whole(&world);
    }
}

// ---- the store ----

#[test]
fn a_full_disk_is_said_and_the_same_command_completes_later() {
    let log = [
        ("first.log".to_owned(), lines(0..3)),
        ("calls.log".to_owned(), long_log()),
    ];
    let first = ["ingest", "--quiet", "first.log"];
    let ingest = [
        "ingest",
        "--quiet",
        "--config",
        "small-commits.toml",
        "calls.log",
    ];
    let undisturbed = repeatable_world(&log);
    run_inside(&undisturbed, &first).ok();
    run_inside(&undisturbed, &ingest).ok();

    let world = repeatable_world(&log);
    let key = std::fs::read(world.data().join("mask.key")).expect("the key");
    let Some(disk) = SmallDisk::mount(&world.data(), "150k") else {
        return eprintln!("skipped: mounting is not allowed here");
    };
    world.file("data/mask.key", key);
    run_inside(&world, &first).ok();
    let refused = [run_inside(&world, &ingest), run_inside(&world, &ingest)];
    let commits = std::fs::read_dir(world.data().join("exchanges/_delta_log"))
        .expect("the log")
        .count();
    assert!(
        commits > 1,
        "something had been stored before the disk was full"
    );
    disk.resize("64m");
    let kept = world.count("SELECT COUNT(*) FROM exchanges");
    let all = undisturbed.count("SELECT COUNT(*) FROM exchanges");
    assert!(
        (3..all).contains(&kept),
        "{kept} of {all}: what was there is there"
    );
    run_inside(&world, &ingest).ok();
    Contents::of(&undisturbed).check_same(&Contents::of(&world), "after the disk was full");
    check_whole(&world);
    for run in &refused {
        check_failure(
            run,
            6,
            &[
                "the disk of",
                &text(&world.data()),
                "is full",
                "run the same command again",
            ],
        );
    }
}

/// The limit on the size of a file makes a write fail in its middle, whatever room there is.
#[test]
fn a_write_that_breaks_off_is_an_error_and_leaves_nothing_half() {
    let log = [
        ("first.log".to_owned(), lines(0..3)),
        ("calls.log".to_owned(), long_log()),
    ];
    let (undisturbed, world) = (repeatable_world(&log), repeatable_world(&log));
    for name in ["first.log", "calls.log"] {
        run_inside(&undisturbed, &["ingest", "--quiet", name]).ok();
    }
    run_inside(&world, &["ingest", "--quiet", "first.log"]).ok();
    let limited = world
        .command_through("sh")
        .current_dir(world.path(""))
        .args(["-c", r#"trap '' XFSZ; ulimit -f 40; exec "$0" "$@""#])
        .args([
            env!("CARGO_BIN_EXE_tidemark"),
            "ingest",
            "--quiet",
            "calls.log",
        ])
        .output();
    let run = Run::of(limited.expect("a shell"));
    check_failure(
        &run,
        6,
        &[
            &text(&world.data()),
            "cannot be written",
            "the same command runs again",
        ],
    );
    assert!(!run.err.contains("panicked"), "{}", run.err);
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 3);
    run_inside(&world, &["ingest", "--quiet", "calls.log"]).ok();
    Contents::of(&undisturbed).check_same(&Contents::of(&world), "after the broken write");
    check_whole(&world);
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let world = World::new();
    let file = text(&world.file("good.log", lines(0..3)));
    world.ingest([&file]);
    let first = world
        .data()
        .join("exchanges/_delta_log/00000000000000000000.json");
    let written = std::fs::read_to_string(&first).expect("the first commit");
    let newer = written
        .replace(
            r#"tidemark.schemaVersion":"1""#,
            r#"tidemark.schemaVersion":"99""#,
        )
        .replace(
            r#"tidemark.schemaVersion\":\"1\""#,
            r#"tidemark.schemaVersion\":\"99\""#,
        );
    assert_ne!(newer, written, "the version stands in the first commit");
    std::fs::write(&first, newer).expect("written");
    let says = ["newer tidemark", "schema 99", "update tidemark"];
    for args in [&["ingest", &file][..], &["sql", "SELECT 1"], &["assess"]] {
        check_failure(&world.run(args), 6, &says);
    }
    std::fs::write(&first, written).expect("written");
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 3);
    check_whole(&world);
}

#[test]
fn a_second_writer_is_told_who_holds_the_store() {
    let world = World::new();
    let file = text(&world.file("good.log", lines(0..3)));
    let mut holder = Holder::start(&world);
    let id = format!("process {}", holder.child.id());
    check_failure(
        &world.run(["ingest", &file]),
        6,
        &["is in use by", &id, "wait for it, stop it", "--data"],
    );
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges"),
        0,
        "reading goes on"
    );
    holder.finish(&lines(10..12));
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges"),
        2,
        "the first writer was not disturbed"
    );
    check_whole(&world);
}

#[test]
fn a_folder_with_other_files_is_no_store() {
    let world = World::new();
    let file = text(&world.file("good.log", lines(0..3)));
    world.file("data/notes.txt", "mine");
    let place = text(&world.data());
    check_failure(
        &world.run(["ingest", &file]),
        6,
        &[&place, "other files and no store", "--data"],
    );
    check_failure(
        &world.run(["sql", "SELECT 1"]),
        6,
        &["no store at", &place, "tidemark ingest"],
    );
    let left: Vec<_> = std::fs::read_dir(world.data())
        .expect("the folder")
        .collect();
    assert_eq!(left.len(), 1, "nothing was added: {left:?}");
    std::fs::remove_file(world.path("data/notes.txt")).expect("removed");
    check_whole(&world);
}

// ---- helpers ----

/// A line of nginx's combined format with the host behind it.
pub fn line(n: u64) -> String {
    format!(
        "10.20.4.11 - - [19/Nov/2026:21:{:02}:{:02} +0000] \"GET /v1/charges/ch_{n} HTTP/1.1\" 200 58 \"-\" \
         \"acme/1.0\" host=api.stripe.com rt=0.010 rid=\"{n:032x}\"\n",
        n / 60 % 60,
        n % 60,
    )
}

pub fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("packs");
    encoder.finish().expect("packs")
}

pub fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// The run is refused, and the store is as good as before.
#[track_caller]
fn check_refused(world: &World, args: &[&str], code: i32, says: &[&str]) {
    check_failure(&world.run(args), code, says);
    check_whole(world);
}

/// One sentence, with all that it has to say, and the code.
#[track_caller]
pub fn check_failure(run: &Run, code: i32, says: &[&str]) {
    assert_eq!(run.code, code, "{}", run.err);
    let sentences: Vec<&str> = run
        .err
        .lines()
        .filter(|line| line.starts_with("tidemark: "))
        .collect();
    let [sentence] = sentences[..] else {
        panic!("one sentence is wanted: {}", run.err)
    };
    for part in says {
        assert!(sentence.contains(part), "{part:?} is not in {sentence:?}");
    }
    assert!(!run.err.contains("panicked"), "{}", run.err);
}

#[track_caller]
pub fn check_numbers(summary: &Value, expected: &[(&str, u64)]) {
    for (key, number) in expected {
        assert_eq!(summary[key].as_u64(), Some(*number), "{key} of {summary:#}");
    }
}

/// Three more lines can be added, and both tables agree.
#[track_caller]
pub fn check_whole(world: &World) {
    let has_store = world.data().join("exchanges").exists();
    let stored = || world.count("SELECT COUNT(*) FROM exchanges");
    let before = if has_store { stored() } else { 0 };
    // Other lines each time, or they would be known already.
    let first = 100_000 + before.unsigned_abs() * 10;
    check_numbers(
        &world.ingest([world.file("afterwards.log", lines(first..first + 3))]),
        &[("records", 3)],
    );
    assert_eq!(stored(), before + 3, "rows of exchanges");
    assert_eq!(
        world.count("SELECT SUM(requests) FROM rates"),
        before + 3,
        "requests in rates"
    );
}

/// Ingests a file and tells the most memory that the process had.
#[track_caller]
pub fn ingest_measured(world: &World, file: &Path) -> (Value, u64) {
    let mut child = world
        .command()
        .args(["ingest", "--format", "json"])
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut memory_kb = 0;
    while child.try_wait().expect("a state").is_none() {
        // The mark only rises, so the last look is the highest.
        memory_kb = high_water(&status).unwrap_or(memory_kb);
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        serde_json::from_slice(&output.stdout).expect("JSON"),
        memory_kb,
    )
}

fn high_water(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn run_inside(world: &World, args: &[&str]) -> Run {
    let output = world
        .command()
        .current_dir(world.path(""))
        .args(args)
        .output();
    Run::of(output.expect("the program starts"))
}

/// An ingest that waits for its standard input, and so holds the store.
struct Holder {
    child: Child,
}

impl Holder {
    fn start(world: &World) -> Self {
        let child = world
            .command()
            .args(["ingest", "-vv", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let holder = Self { child };
        let lock = world.data().join("writer.lock");
        let id = holder.child.id().to_string();
        for _ in 0..2_000 {
            let made = world
                .data()
                .join("rates/_delta_log/00000000000000000000.json")
                .exists();
            if made && std::fs::read_to_string(&lock).is_ok_and(|noted| noted == id) {
                return holder;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the store was not taken");
    }

    fn finish(&mut self, lines: &str) {
        let mut stdin = self.child.stdin.take().expect("a pipe");
        stdin.write_all(lines.as_bytes()).expect("taken");
        drop(stdin);
        assert!(self.child.wait().expect("ends").success());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file system in memory, gone at the end of the test.
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    pub fn mount(at: &Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(at)
            .output()
            .ok()?;
        done.status.success().then(|| Self { at: at.to_owned() })
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let done = Command::new("mount")
            .args(["-o", &options])
            .arg(&self.at)
            .status();
        assert!(done.expect("mount starts").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
    }
}

/// Noise that is the same in each run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| (self.next() & 0xff) as u8).collect()
    }
}
