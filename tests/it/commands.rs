//! What the commands answer beside their rows: exit codes, last lines, heads, and text that is harmless to look at.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::service::demo;
use crate::world::{Run, World, fixture};

/// A clean call, and a failure whose message holds what a terminal and Markdown would obey.
const HOSTILE: &str = r#"
{"timestamp":"2026-11-12T03:00:00Z","method":"GET","url":"https://api.stripe.com/v1/a","status":200}
{"timestamp":"2026-11-12T03:01:00Z","method":"GET","url":"https://api.stripe.com/v1/a","status":500,"error_message":"\u001b[2Jgone | and\nback"}
"#;

fn hostile() -> World {
    let world = World::new();
    world.ingest([world.file("calls.log", HOSTILE)]);
    world
}

/// Counts of a vendor that goes on throttling: Category 2.
fn sustained() -> PathBuf {
    fixture("stories/sustained-429/counts.csv")
}

#[track_caller]
fn check_refused(run: &Run, code: i32, says: &str) {
    assert_eq!(run.code, code, "{}", run.err);
    assert!(run.err.contains(says), "{}", run.err);
    assert_eq!(run.err.trim_end().lines().count(), 1, "{}", run.err);
    assert_eq!(run.out, "");
}

#[test]
fn an_unknown_integration_is_refused_by_every_command() {
    let world = hostile();
    for args in [
        &["rates", "nope"][..],
        &["assess", "nope"],
        &["assess", "nope", "--explain"],
        &["assess", "nope", "--replay"],
        &["errors", "nope"],
        &["report", "--integration", "nope", "-o", "/dev/null"],
    ] {
        let says = "there is no integration \"nope\"; there are stripe";
        check_refused(&world.run(args), 2, says);
    }
}

#[test]
fn sql_that_fails_on_a_value_is_the_callers() {
    let world = hostile();
    for (sql, says) in [
        ("select 1/0", "Divide by zero"),
        ("select cast('x' as int)", "Cannot cast string 'x'"),
        ("select cast(integration as int) from rates", "Cannot cast"),
        ("select nothing from rates", "No field named nothing"),
    ] {
        check_refused(&world.run(["sql", sql]), 2, says);
    }
}

#[test]
fn sql_writes_nulls_and_explains_itself() {
    let world = hostile();
    let sql = "select null as a, 1 as b";
    for format in ["json", "jsonl"] {
        let run = world.run(["sql", sql, "--format", format]).ok();
        let rows = match format {
            "json" => run.json(),
            _ => Value::Array(run.rows()),
        };
        assert_eq!(rows, json!([{"a": null, "b": 1}]), "{format}");
    }
    let run = world.run(["sql", "explain analyze select count(*) from rates"]);
    assert_eq!(run.ok().rows()[0]["plan_type"], "Plan with Metrics");
}

#[test]
fn a_closed_pipe_ends_sql_quietly() {
    let world = hostile();
    let many = "select a.* from exchanges a, generate_series(1, 20000)";
    for format in ["jsonl", "json", "csv", "table"] {
        let output = world
            .command_through("bash")
            .args(["-c", r#"set -o pipefail; "$0" "$@" | head -c 1 >/dev/null"#])
            .arg(env!("CARGO_BIN_EXE_tidemark"))
            .args(["sql", many, "--format", format])
            .output();
        let run = Run::of(output.expect("a shell"));
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn control_characters_and_bars_stay_in_their_cell() {
    let world = hostile();
    let sql = "select error_message as \"a|b\", status from exchanges where status = 500";
    for args in [&["errors"][..], &["sql", sql]] {
        let shown = |format| world.run([args, &["--format", format]].concat()).ok().out;
        let (table, markdown) = (shown("table"), shown("md"));
        for text in [&table, &markdown] {
            assert!(text.contains("⟨U+001B⟩[2Jgone"), "{text}");
            assert!(!text.contains('\u{1b}'), "{text}");
        }
        assert!(markdown.contains(r"gone \| and⟨U+000A⟩back"), "{markdown}");
        let bars = |line: &str| line.replace(r"\|", "").matches('|').count();
        let counts: Vec<usize> = markdown.lines().map(bars).collect();
        assert_eq!(counts.len(), 3, "{markdown}");
        assert!(
            counts.windows(2).all(|pair| pair[0] == pair[1]),
            "{markdown}"
        );
    }
}

#[test]
fn a_csv_has_its_head_without_rows_too() {
    let world = hostile();
    for by in ["integration", "operation", "client", "status", "outcome"] {
        let head = |since: &str| {
            let args = ["rates", "--by", by, "--since", since, "--format", "csv"];
            let out = world.run(args).ok().out;
            let lines: Vec<String> = out.lines().map(str::to_owned).collect();
            (lines[0].clone(), lines.len())
        };
        let (with_rows, without) = (head("2026-11-12"), head("2027-01-01"));
        assert!(with_rows.1 > 1, "{by}");
        assert_eq!(without, (with_rows.0, 1), "{by}");
    }
    let info = world.run(["store", "info", "--format", "csv"]).ok().out;
    let lines: Vec<&str> = info.lines().collect();
    assert_eq!(lines.len(), 2, "{info}");
    assert!(lines[0].starts_with("dir,schema_version,"), "{info}");
}

#[test]
fn every_command_ends_with_what_to_do_next() {
    let world = hostile();
    let report = world.path("report.md").to_string_lossy().into_owned();
    for args in [
        &["rates"][..],
        &["assess"],
        &["assess", "--explain"],
        &["errors"],
        &["report", "--integration", "stripe", "-o", &report],
        &["store", "info"],
    ] {
        let run = world.run(args).ok();
        let last = run.err.lines().last().unwrap_or_default();
        assert!(last.contains("next: "), "{args:?}: {}", run.err);
    }
}

#[test]
fn an_explanation_fails_on_the_same_verdicts() {
    let counts = sustained().to_string_lossy().into_owned();
    for (what, code) in [("category2", 1), ("none", 0)] {
        let explain = [
            "assess",
            "--explain",
            "--fail-on",
            what,
            "--format",
            "jsonl",
        ];
        let of_counts = [&explain[..], &["--counts", &counts]].concat();
        for run in [demo().run(&explain), World::new().run(of_counts)] {
            assert_eq!(run.code, code, "{}", run.err);
            let rows = run.rows();
            assert!(!rows.is_empty());
            assert!(rows.iter().all(|row| row["schema"] == "tidemark.explain/1"));
        }
    }
}

/// Without --step the windows are as wide as the limit of rows needs; with it the limit stands.
#[test]
fn rates_widen_their_windows_rather_than_refuse() {
    let world = hostile();
    world.ingest([world.file("later.log", HOSTILE.replace("11-12", "11-15"))]);
    let config = world.file("small.toml", "[query]\nrows_max = 100\n");
    let run = |more: &[&str]| {
        let config = config.to_string_lossy();
        let args = ["rates", "--format", "jsonl", "--config", &config];
        world.run([&args, more].concat())
    };
    for by in ["integration", "outcome"] {
        let widened = run(&["--by", by]).ok();
        let rows = widened.rows();
        assert!((2..=100).contains(&rows.len()), "{}", rows.len());
        assert!(rows[0]["window_s"].as_u64() > Some(300), "{}", rows[0]);
        let sum: u64 = rows.iter().filter_map(|r| r["requests"].as_u64()).sum();
        assert_eq!(sum, 4);
        assert!(widened.err.contains("too many rows"), "{}", widened.err);
    }
    let refused = run(&["--step", "5m"]);
    check_refused(&refused, 2, "more than 100 rows");
    assert_eq!(run(&["--since", "6h"]).ok().rows()[0]["window_s"], 300);
}

#[test]
fn counts_from_a_file_are_cut_and_named_like_a_store() {
    let (world, file) = (World::new(), sustained());
    let file = file.to_string_lossy();
    let assess = |more: &[&str]| {
        let args = ["assess", "--counts", &file, "--format", "jsonl"];
        world.run([&args, more].concat())
    };
    let refused = assess(&["nope"]);
    check_refused(&refused, 2, "there is no integration \"nope\"; there are ");
    let whole = assess(&[]).ok().rows();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let end: String = text(&whole[0]["watermark"]);
    let cut = assess(&["--until", "2h"]).ok().rows();
    assert!(text(&cut[0]["watermark"]) < end, "{} {end}", cut[0]);
    let nothing = assess(&["--until", "2000-01-01"]);
    check_refused(&nothing, 2, "no window ends before --until");
    let episodes = assess(&["--replay"]).ok().rows();
    assert!(!episodes.is_empty());
    let later = assess(&["--replay", "--since", "9999-12-31"]).ok().rows();
    assert!(later.iter().all(|row| row["end"].is_null()));
}

#[test]
fn a_time_outside_the_calendar_is_refused() {
    let world = hostile();
    let run = world.run(["rates", "--since", "99999999999999999"]);
    check_refused(&run, 2, "is outside the years 1 to 9999");
}

#[test]
fn masking_keeps_its_input_and_takes_a_format_by_name() {
    let world = World::new();
    let document = "{\"name\": \"password\",\n \"value\": \"hunter2 and more\"}\n";
    let file = world.file("pair.json", document);
    let path = file.to_str().expect("UTF-8");
    check_refused(
        &world.run(["mask", path, "-o", path]),
        2,
        "name another file",
    );
    assert_eq!(std::fs::read_to_string(&file).expect("there"), document);
    check_refused(
        &world.run(["mask", "--input-format", "nope", path]),
        2,
        "there is no input format",
    );
    for args in [
        &["mask", path][..],
        &["mask", "--input-format", "har", path],
    ] {
        let masked = world.run(args).ok().out;
        assert!(!masked.contains("hunter2"), "{masked}");
    }
    let one = world.file(
        "line.json",
        "{\"name\": \"password\", \"value\": \"hunter2\"}\n",
    );
    let checked = world.run(["mask", "--check", one.to_str().expect("UTF-8")]);
    assert_eq!((checked.code, checked.out.as_str()), (1, ""));
}

#[test]
fn masking_keeps_packing_aside_what_it_does_not_mask() {
    let world = World::new();
    let text = "\u{feff}id 7 password=hunter2222 é\r\nid 8\r\n";
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide = world.file("wide.log", units);
    let out = world.path("out.log");
    let [wide, out] = [&wide, &out].map(|path| path.to_str().expect("UTF-8"));
    world.run(["mask", wide, "-o", out]).ok();
    let written = std::fs::read(out).expect("there");
    let units: Vec<u16> = written
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    let masked = String::from_utf16(&units).expect("UTF-16");
    assert!(
        masked.starts_with("\u{feff}id 7 password=‹secret:"),
        "{masked}"
    );
    assert!(masked.ends_with("› é\r\nid 8\r\n"), "{masked}");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(b"caf\xE9 password=hunter2222\nid 8\n")
        .expect("packs");
    let packed = world.file("a.log.gz", packed.finish().expect("packs"));
    world
        .run(["mask", packed.to_str().expect("UTF-8"), "-o", out])
        .ok();
    let written = std::fs::read(out).expect("there");
    assert!(written.starts_with(b"caf\xE9 password=\xE2\x80\xB9secret:"));
    assert!(written.ends_with(b"\nid 8\n"));
}

#[test]
fn a_line_too_long_to_be_masked_is_left_out_and_told() {
    let world = World::new();
    let mut input = b"first\npassword=".to_vec();
    input.resize(input.len() + (65 << 20), b'x');
    input.extend_from_slice(b"\npassword=hunter2222\n");
    let long = world.file("long.log", input);
    let out = world.path("out.log");
    let [long, out] = [&long, &out].map(|path| path.to_str().expect("UTF-8"));
    let run = world.run(["mask", long, "-o", out]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(
        run.err.contains("a line of more than 64 MB left out"),
        "{}",
        run.err
    );
    let written = std::fs::read_to_string(out).expect("there");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 3, "{written}");
    assert!(
        lines[1].starts_with("[left out by tidemark: 68157449 bytes"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("password=‹secret:"), "{}", lines[2]);
}
