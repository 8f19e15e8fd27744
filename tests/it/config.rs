//! Settings and flags: what is in force, what is refused, what takes effect.

use std::path::PathBuf;

use serde_json::Value;

use crate::service::demo;
use crate::world::{Run, World, fixture};

/// A world with a configuration file in it.
fn configured(text: &str) -> (World, PathBuf) {
    let world = World::new();
    let file = world.file("tidemark.toml", text);
    (world, file)
}

fn run_with(text: &str, args: &[&str]) -> Run {
    let (world, file) = configured(text);
    world.run(
        ["--config".as_ref(), file.as_os_str()]
            .into_iter()
            .chain(args.iter().map(AsRef::as_ref)),
    )
}

#[test]
fn check_config_prints_what_is_in_force_and_reads_it_back() {
    let first = run_with(
        "[ingest]\ncommit_rows = 77\n[verdict]\nrise_min = 3.5\n",
        &["check-config"],
    )
    .ok();
    let shown: toml::Table = first.out.parse().expect("TOML");
    assert_eq!(shown["ingest"]["commit_rows"].as_integer(), Some(77));
    assert_eq!(shown["verdict"]["rise_min"].as_float(), Some(3.5));
    for section in [
        "attribute",
        "catalog",
        "ingest",
        "masking",
        "query",
        "server",
        "verdict",
    ] {
        assert!(shown.contains_key(section), "{section}");
    }
    let second = run_with(&first.out, &["check-config"]).ok();
    assert_eq!(second.out.parse::<toml::Table>().expect("TOML"), shown);
}

#[test]
fn check_config_names_the_store() {
    let world = World::new();
    let said = world.run(["check-config"]).ok().out;
    assert_eq!(
        said.lines().next(),
        Some(format!("# data = {}", world.data().display()).as_str())
    );
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_key() {
    let run = run_with("# mine\n[ingest]\ncommit_row = 5\n", &["check-config"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
    for part in [
        "tidemark.toml",
        "line 3",
        "\"commit_row\"",
        "did you mean \"commit_rows\"",
    ] {
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
}

#[test]
fn a_configuration_that_cannot_be_used_says_where_it_is_wrong() {
    for (text, part) in [
        ("[ingest]\ncommit_rows = \"many\"\n", "line 2"),
        ("[ingest\n", "line 1"),
        ("[server]\n\nlisten = \"here\"\n", "line 3"),
        (
            "[[attribute.integrations]]\nname = \"a\"\nhosts = []\n",
            "line 3",
        ),
        (
            "[[attribute.integrations]]\nname = \"a\"\noperations = [\"/a/{b\"]\n",
            "integration \"a\"",
        ),
    ] {
        let run = run_with(text, &["check-config"]);
        assert_eq!(run.code, 2, "{text}: {}", run.err);
        assert!(run.err.contains(part), "{text}: {}", run.err);
        assert_eq!(
            run.err
                .trim()
                .lines()
                .filter(|line| line.starts_with("tidemark: "))
                .count(),
            1,
            "{}",
            run.err
        );
    }
}

#[test]
fn a_missing_configuration_file_is_an_error() {
    let run = World::new().run(["--config", "/nonexistent/tidemark.toml", "check-config"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(
        run.err
            .contains("/nonexistent/tidemark.toml cannot be read"),
        "{}",
        run.err
    );
}

#[test]
fn the_environment_can_name_the_configuration() {
    let (world, file) = configured("[ingest]\ncommit_rows = 78\n");
    let output = world
        .command()
        .env("TIDEMARK_CONFIG", file)
        .arg("check-config")
        .output()
        .expect("runs");
    let shown: toml::Table = String::from_utf8_lossy(&output.stdout)
        .parse()
        .expect("TOML");
    assert_eq!(shown["ingest"]["commit_rows"].as_integer(), Some(78));
}

#[test]
fn the_rows_of_a_commit_can_be_set() {
    let (small, usual) = (
        versions_after("[ingest]\ncommit_rows = 1\n"),
        versions_after(""),
    );
    assert!(small > usual, "{small} commits instead of {usual}");
}

/// The version of the table of exchanges after a log of several blocks; whole blocks are committed.
fn versions_after(settings: &str) -> u64 {
    let (world, file) = configured(settings);
    let log = fixture("demo/order-sync.jsonl.gz");
    world.ingest(["--config".as_ref(), file.as_os_str(), log.as_os_str()]);
    let info = world.run(["store", "info", "--format", "json"]).ok().json();
    info["exchanges"]["version"].as_u64().expect("a version")
}

#[test]
fn a_rule_renames_an_integration() {
    let (world, file) = configured(
        "[[attribute.integrations]]\nname = \"payments\"\nmatch = { host = [\"api.stripe.com\"] }\n\
         operations = [\"/v1/charges/{which}\"]\n",
    );
    let log = fixture("logs/nginx/egress.json.gz");
    world.ingest(["--config".as_ref(), file.as_os_str(), log.as_os_str()]);
    let names =
        world.sql("SELECT DISTINCT integration FROM exchanges WHERE host = 'api.stripe.com'");
    assert_eq!(names, [serde_json::json!({"integration": "payments"})]);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM exchanges WHERE integration = 'stripe'"),
        0
    );
    let named = "SELECT COUNT(*) FROM exchanges WHERE operation = 'GET /v1/charges/{which}'";
    assert!(world.count(named) > 0);
}

#[test]
fn times_are_local_for_people_and_utc_for_programs() {
    let zoned = |format: &str, zone: &str| {
        demo()
            .run(&[
                "rates", "stripe", "--step", "1d", "--tz", zone, "--format", format,
            ])
            .ok()
            .out
    };
    let berlin = zoned("table", "Europe/Berlin");
    assert!(
        berlin.contains("2026-11-17 01:00 CET") && !berlin.contains("UTC"),
        "{berlin}"
    );
    assert!(zoned("md", "Europe/Berlin").contains("2026-11-17 01:00 CET"));
    assert!(zoned("table", "UTC").contains("2026-11-17 00:00 UTC"));
    for format in ["json", "jsonl", "csv"] {
        let out = zoned(format, "Europe/Berlin");
        assert!(out.contains("2026-11-17T00:00:00Z"), "{out}");
        assert_eq!(out, zoned(format, "UTC"), "{format}");
    }
    let verdicts = demo()
        .run(&[
            "assess",
            "responsys",
            "--tz",
            "Europe/Berlin",
            "--format",
            "table",
        ])
        .ok()
        .out;
    assert!(verdicts.contains(" CET"), "{verdicts}");
    let unknown = demo().run(&["rates", "--tz", "Europe/Atlantis"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}

#[test]
fn fail_on_tells_by_the_exit_code() {
    let code = |args: &[&str]| demo().run(&[&["assess"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "category2"]), 1);
    assert_eq!(code(&["--fail-on", "undecided"]), 1);
    assert_eq!(code(&["--fail-on", "none"]), 0);
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["responsys", "--fail-on", "category2"]), 1);
    assert_eq!(code(&["github", "--fail-on", "category2"]), 0);
    assert_eq!(code(&["--fail-on", "sometimes"]), 2);
    let found: Vec<Value> = demo().run(&["assess", "--fail-on", "category2"]).rows();
    assert!(found.iter().any(|verdict| verdict["category"] == 2));
}

#[test]
fn completions_are_made_for_each_shell() {
    let verbs = subcommands(&[]);
    for (shell, mark) in [
        ("bash", "complete -F _tidemark"),
        ("zsh", "#compdef tidemark"),
        ("fish", "complete -c tidemark"),
    ] {
        let script = World::new().run(["completions", shell]).ok().out;
        assert!(script.contains(mark), "{shell}: {script}");
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell} lacks {verb}");
        }
    }
    assert_eq!(World::new().run(["completions", "cobol"]).code, 2);
}

#[test]
fn every_verb_explains_itself() {
    let verbs = subcommands(&[]);
    for verb in [
        "demo", "ingest", "formats", "mask", "rates", "assess", "errors", "report", "sql", "store",
        "key", "serve",
    ] {
        assert!(verbs.iter().any(|known| known == verb), "{verb}");
    }
    for verb in &verbs {
        let help = help_of(&[verb]);
        assert!(help.contains(&format!("Usage: tidemark {verb}")), "{help}");
        assert!(
            help.lines().next().is_some_and(|line| line.len() > 10),
            "{help}"
        );
        for nested in subcommands(&[verb]) {
            let help = help_of(&[verb, &nested]);
            assert!(
                help.contains(&format!("Usage: tidemark {verb} {nested}")),
                "{help}"
            );
        }
    }
}

fn help_of(verbs: &[&str]) -> String {
    World::new().run(verbs.iter().chain(&["--help"])).ok().out
}

/// What the help lists under its heading of commands.
fn subcommands(verbs: &[&str]) -> Vec<String> {
    let help = help_of(verbs);
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|n| *n != "help")
        .map(str::to_owned)
        .collect()
}
