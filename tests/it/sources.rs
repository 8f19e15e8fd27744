//! What is known already and what is not: copies, twins, cut copies, pipes, broken documents.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Command;
use std::thread;

use crate::bad_input::{
    MEMORY_KB_MAX, check_failure, check_numbers, check_whole, gzip, ingest_measured, line, lines,
    text,
};
use crate::service::Service;
use crate::world::{Run, World, fixture};

#[test]
fn the_same_bytes_add_nothing_under_any_name() {
    let world = World::new();
    let content = lines(0..20);
    let file = world.file("access.log", &content);
    check_numbers(
        &world.ingest([&file]),
        &[("records", 20), ("duplicates", 0)],
    );
    check_numbers(
        &world.ingest([&file]),
        &[("records", 0), ("duplicates", 20)],
    );
    let renamed = world.file("elsewhere/access.log.1", &content);
    check_numbers(
        &world.ingest([renamed]),
        &[("records", 0), ("duplicates", 20)],
    );
    let packed = world.file("access.log.2.gz", gzip(content.as_bytes()));
    check_numbers(
        &world.ingest([packed]),
        &[("records", 0), ("duplicates", 20)],
    );
    let piped = world
        .run_with_stdin(["ingest", "--format", "json", "-"], content.as_bytes())
        .ok()
        .json();
    check_numbers(&piped, &[("records", 0), ("duplicates", 20)]);
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 20);
    check_whole(&world);
}

#[test]
fn copies_and_twins_are_told_apart_in_one_run() {
    let world = World::new();
    let content = lines(0..100);
    let twin = lines(0..60) + &lines(300..340);
    let paths = [
        world.file("a.log", &content),
        world.file("a.log.gz", gzip(content.as_bytes())),
        world.file("b.log", &twin),
    ];
    std::os::unix::fs::symlink(&paths[0], world.path("current.log")).expect("a link");
    let all = [&paths[..], &[world.path("current.log")]].concat();
    check_numbers(
        &world.ingest(&all),
        &[("records", 200), ("duplicates", 200)],
    );
    check_numbers(&world.ingest(&all), &[("records", 0), ("duplicates", 400)]);
    let ids = "SELECT COUNT(DISTINCT id) FROM exchanges";
    assert_eq!(world.count(ids), 200);
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 200);
    check_whole(&world);
}

#[test]
fn a_cut_copy_adds_nothing_and_is_told() {
    let world = World::new();
    let content = lines(0..1_000);
    world.ingest([world.file("whole.log", &content)]);
    let packed = gzip(content.as_bytes());
    // Of half a line it cannot be told; it is read as the last line of any file.
    for (name, part) in [
        ("half.log", lines(0..500).into_bytes()),
        ("half.log.gz", packed[..packed.len() / 2].to_vec()),
        ("amid.log", (lines(0..500) + &line(500)[..30]).into_bytes()),
    ] {
        let file = world.file(name, part);
        let run = world.run(["ingest", "--format", "json", &text(&file)]).ok();
        check_numbers(&run.json(), &[("records", 0), ("rejected", 0)]);
        assert!(
            run.err.contains(name) && run.err.contains("read before"),
            "{}",
            run.err
        );
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 1_000);
    check_whole(&world);
}

#[test]
fn copies_of_a_part_add_nothing_however_short() {
    let world = World::new();
    let content = lines(0..1_000);
    world.ingest([world.file("whole.log", &content)]);
    for n in [1, 3, 12, 40, 500, 999] {
        let part = world.file("part.log", lines(0..n));
        check_numbers(&world.ingest([part]), &[("records", 0), ("duplicates", n)]);
        let ends = lines(0..n).trim_end().to_owned();
        check_numbers(
            &world.ingest([world.file("ends.log", ends)]),
            &[("records", 0)],
        );
        let piped =
            world.run_with_stdin(["ingest", "--format", "json", "-"], lines(0..n).as_bytes());
        check_numbers(&piped.ok().json(), &[("records", 0)]);
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 1_000);
    check_whole(&world);
}

#[test]
fn shorter_logs_that_begin_like_a_longer_one_are_read() {
    let world = World::new();
    let shared = lines(0..60);
    let logs: Vec<_> = (1..=20)
        .map(|at| {
            let own = lines(1_000 * at..1_000 * at + 100 - 3 * at);
            world.file(&format!("log-{at:02}.log"), shared.clone() + &own)
        })
        .collect();
    let expected: u64 = (1..=20).map(|at| 60 + 100 - 3 * at).sum();
    for (at, log) in logs.iter().enumerate() {
        let at = at as u64 + 1;
        check_numbers(&world.ingest([log]), &[("records", 160 - 3 * at)]);
    }
    check_numbers(&world.ingest(&logs), &[("records", 0)]);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges"),
        expected as i64
    );
    check_whole(&world);
}

#[test]
fn a_shorter_table_under_the_same_long_header_is_read() {
    let world = World::new();
    let columns: Vec<String> = (0..120).map(|n| format!("an_own_column_{n}")).collect();
    let header = format!("time,method,url,status,{}\n", columns.join(","));
    let row = |n: u32| {
        format!(
            "2026-11-22T03:{:02}:{:02}Z,GET,https://api.stripe.com/v1/charges/{n},200{}\n",
            n / 60 % 60,
            n % 60,
            ",".repeat(columns.len())
        )
    };
    let table = |rows: std::ops::Range<u32>| header.clone() + &rows.map(row).collect::<String>();
    check_numbers(
        &world.ingest([world.file("monday.csv", table(0..100))]),
        &[("records", 100)],
    );
    check_numbers(
        &world.ingest([world.file("tuesday.csv", table(100..101))]),
        &[("records", 1)],
    );
    let last = table(200..201).trim_end().to_owned();
    check_numbers(
        &world.ingest([world.file("wednesday.csv", last)]),
        &[("records", 1)],
    );
    // A file that begins with the header alone is read when it has grown, too.
    let thursday = world.file("thursday.csv", &header);
    world.run(["ingest", &text(&thursday)]);
    world.file("thursday.csv", table(300..330));
    check_numbers(&world.ingest([&thursday]), &[("records", 30)]);
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 132);
    check_whole(&world);
}

#[test]
fn a_source_read_in_the_wrong_format_is_read_again_in_the_right_one() {
    let world = World::new();
    let file = text(&world.file("access.log", lines(0..100)));
    let wrong = world.run(["ingest", "--input-format", "json", &file]);
    check_failure(&wrong, 3, &["access.log", "not one line", "--input-format"]);
    check_numbers(&world.ingest([&file]), &[("records", 100)]);
    check_whole(&world);
}

#[test]
fn a_document_that_was_cut_gives_each_entry_once() {
    let world = World::new();
    let whole = std::fs::read(fixture("canaries/canaries.har")).expect("fixture");
    let count = || world.count("SELECT COUNT(*) FROM exchanges");
    let file = world.file("calls.har", &whole[..whole.len() * 2 / 3]);
    for _ in 0..3 {
        world.ingest([&file]);
    }
    let before = count();
    assert!(
        (1..3).contains(&before),
        "{before} of 3 entries before the cut"
    );
    world.file("calls.har", &whole);
    world.ingest([&file]);
    assert_eq!(count(), 3);
    assert_eq!(world.count("SELECT COUNT(DISTINCT id) FROM exchanges"), 3);
    check_whole(&world);
}

#[test]
fn a_pipe_with_a_name_is_read_once() {
    let world = World::new();
    let pipe = world.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let feed = |content: String| -> Run {
        let to = pipe.clone();
        // The program may refuse before it has read everything.
        let writer = thread::spawn(move || {
            let mut pipe = OpenOptions::new().write(true).open(to).expect("a reader");
            let _ = pipe.write_all(content.as_bytes());
        });
        let run = world.run(["ingest", "--format", "json", &text(&pipe)]);
        writer.join().expect("written");
        run
    };
    check_numbers(&feed(lines(0..100)).ok().json(), &[("records", 100)]);
    check_numbers(&feed(lines(0..100)).ok().json(), &[("duplicates", 100)]);
    let differs = feed(lines(0..60) + &lines(300..340));
    check_failure(
        &differs,
        3,
        &[&text(&pipe), "cannot be read twice", "save it"],
    );
    check_whole(&world);
}

#[test]
fn a_time_beyond_the_calendar_costs_its_line_only() {
    let world = World::new();
    let call = |ts: &str| {
        format!(
            "{{\"method\":\"GET\",\"url\":\"https://api.stripe.com/v1/a\",\"status\":500,\"ts\":{ts}}}\n"
        )
    };
    let times = ["9000000000000000000000", "1e300", "-9223372036854775808"];
    let far: String = times.iter().map(|ts| call(ts)).collect();
    let file = world.file("far.jsonl", call("1795319505") + &far);
    check_numbers(
        &world.ingest([file]),
        &[("lines", 4), ("records", 4), ("untimed", 3)],
    );
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 1);
    let latest = world.sql("SELECT CAST(MAX(ts) AS VARCHAR) AS at FROM exchanges");
    assert!(
        latest[0]["at"].as_str().is_some_and(|at| at < "2027"),
        "{latest:?}"
    );
}

#[test]
fn many_dates_take_no_memory() {
    let world = World::new();
    let day = |n: u64| {
        let (year, month, day) = (2016 + n / 336, n / 28 % 12, n % 28 + 1);
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let date = format!("{day:02}/{}/{year}", MONTHS[month as usize]);
        line(n).replace("19/Nov/2026", &date)
    };
    let file = world.file("years.log", (0..700).map(day).collect::<String>());
    let (summary, memory_kb) = ingest_measured(&world, &file);
    check_numbers(&summary, &[("records", 700)]);
    assert!(memory_kb < MEMORY_KB_MAX, "{memory_kb} KB");
    let dates = "SELECT COUNT(DISTINCT date) FROM exchanges";
    assert_eq!(world.count(dates), 700);
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 700);
    check_whole(&world);
}

#[test]
fn a_store_whose_making_was_cut_off_is_made_by_the_next_run() {
    let world = World::new();
    let file = world.file("access.log", lines(0..10));
    for table in ["exchanges", "rates"] {
        std::fs::create_dir_all(world.data().join(table).join("_delta_log")).expect("a folder");
    }
    check_numbers(&world.ingest([&file]), &[("records", 10)]);
    std::fs::remove_dir_all(world.data().join("rates")).expect("removed");
    assert_eq!(world.count("SELECT SUM(requests) FROM rates"), 10);
    check_whole(&world);
}

#[test]
fn a_service_that_brings_rates_up_to_date_keeps_no_writer_out() {
    let world = World::new();
    world.ingest([world.file("access.log", lines(0..10))]);
    std::fs::remove_dir_all(world.data().join("rates")).expect("removed");
    let service = Service::over(&world.data());
    check_numbers(
        &world.ingest([world.file("other.log", lines(500..510))]),
        &[("records", 10)],
    );
    drop(service);
    check_whole(&world);
}

#[test]
fn one_bad_file_keeps_no_other_of_its_folder_out() {
    let world = World::new();
    let har = gzip(&std::fs::read(fixture("canaries/canaries.har")).expect("fixture"));
    world.file("logs/a.log", lines(0..10));
    world.file("logs/b.har.gz", &har[..har.len() / 2]);
    world.file("logs/c.log", lines(500..510));
    let folder = text(&world.path("logs"));
    let run = world.run(["ingest", "--format", "json", &folder]).ok();
    check_numbers(&run.json(), &[("records", 20)]);
    assert!(
        run.err.contains("note: ") && run.err.contains("b.har.gz"),
        "{}",
        run.err
    );
    check_whole(&world);
}

#[test]
fn the_reject_file_is_none_of_the_inputs() {
    let world = World::new();
    let file = world.file("access.log", lines(0..10));
    let path = text(&file);
    let run = world.run(["ingest", "--reject-file", &path, &path]);
    check_failure(&run, 2, &["access.log", "one of the inputs"]);
    assert_eq!(std::fs::read_to_string(&file).expect("there"), lines(0..10));
}
