//! Holds the page on the method, `docs/verdict.md`, to the code: its tables of constants and its worked example.

use std::collections::BTreeSet;

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::timespec::parse_instant;
use crate::model::verdict::{Class, Verdict};
use crate::model::window::Counts;
use crate::verdict::explain::{Explanation, explain};
use crate::verdict::settings::Settings;
use crate::verdict::verdicts::judge;

const PAGE: &str = include_str!("../../../docs/verdict.md");
const COUNTS: &str = include_str!("../../../docs/verdict-example.csv");

/// The files whose constants decide, by the heading over their table.
const SOURCES: [(&str, &str); 9] = [
    ("src/verdict/keeper.rs", include_str!("../keeper.rs")),
    ("src/verdict/volume.rs", include_str!("../volume.rs")),
    (
        "src/verdict/thresholds.rs",
        include_str!("../thresholds.rs"),
    ),
    (
        "src/verdict/slices/limits.rs",
        include_str!("../slices/limits.rs"),
    ),
    ("src/calls/link.rs", include_str!("../../calls/link.rs")),
    ("src/calls/gather.rs", include_str!("../../calls/gather.rs")),
    ("src/model/call.rs", include_str!("../../model/call.rs")),
    ("src/query/calls.rs", include_str!("../../query/calls.rs")),
    (
        "src/query/questions.rs",
        include_str!("../../query/questions.rs"),
    ),
];

/// Name and value of each constant, as they are written, without spaces.
fn constants(code: &str) -> BTreeSet<(String, String)> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = BTreeSet::new();
    for part in code.split("const ").skip(1) {
        let Some((head, rest)) = part.split_once('=') else {
            continue;
        };
        let Some((name, _)) = head.split_once(':') else {
            continue;
        };
        if !name
            .chars()
            .all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c))
        {
            continue;
        }
        let value = rest.split_once(';').map_or(rest, |(value, _)| value);
        // The type of an array has a semicolon, but stands before the sign.
        found.insert((name.to_owned(), tight(value)));
    }
    found
}

fn tight(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.replace(",]", "]")
}

/// The rows of the table under a heading that names the file.
fn table(file: &str) -> Vec<Vec<String>> {
    let heading = format!("### `{file}`\n");
    let (_, rest) = PAGE
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no heading for {file}"));
    let section = rest.split("\n#").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}

#[test]
fn every_constant_stands_on_the_page_with_its_value() {
    for (file, code) in SOURCES {
        let bare = |text: &str| tight(text.trim_matches('`'));
        let told: BTreeSet<(String, String)> = table(file)
            .iter()
            .map(|row| (bare(&row[0]), bare(&row[1])))
            .collect();
        let known = constants(code);
        assert!(!known.is_empty(), "{file}");
        let missing: Vec<_> = known.difference(&told).collect();
        let stale: Vec<_> = told.difference(&known).collect();
        assert!(missing.is_empty(), "{file}: not on the page: {missing:?}");
        assert!(stale.is_empty(), "{file}: not in the code: {stale:?}");
    }
}

#[test]
fn every_constant_has_a_unit_a_purpose_and_a_kind_of_reason() {
    let kinds = ["derived", "data", "convention", "limit"];
    for row in SOURCES.iter().flat_map(|(file, _)| table(file)) {
        assert_eq!(row.len(), 6, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        let kind = row[4].split([':', ' ']).next().unwrap_or_default();
        assert!(kinds.contains(&kind), "{row:?}");
    }
}

/// The example's counts up to `until`, as `assess --counts --until` reads them.
fn example(until: &str) -> Evidence {
    let at = |text: &str| -> Timestamp { parse_instant(text).expect("a time") };
    let until = at(until);
    let rows = COUNTS.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: usize| cells[cell].parse::<u64>().expect("a number");
        let counts = Counts {
            requests: number(4),
            throttled: number(5),
            server_errors: number(6),
            ..Counts::default()
        };
        (at(cells[0]), counts)
    });
    Evidence {
        series: vec![SeriesHistory {
            integration: "shop".to_owned(),
            operation: None,
            window_s: 300,
            windows: rows.filter(|(at, _)| at.plus_secs(300) <= until).collect(),
        }],
        watermark: Some(until),
        ..Evidence::default()
    }
}

/// What a block of the page shows: the instant it was asked at, and the lines below the command.
fn blocks() -> Vec<(String, Vec<String>)> {
    let fenced = PAGE.split("```text\n$ ").skip(1);
    fenced
        .map(|block| {
            let block = block.split("```").next().unwrap_or_default();
            let (command, shown) = block.split_once('\n').expect("a command and what it says");
            let until = command
                .split_once("--until ")
                .map_or("2026-11-11T10:00:00Z", |(_, rest)| &rest[..20]);
            (until.to_owned(), shown.lines().map(str::to_owned).collect())
        })
        .collect()
}

fn of_5xx(until: &str) -> Verdict {
    let all = judge(&example(until), &Settings::default()).standing;
    let mut own = all
        .into_iter()
        .filter(|one| one.series.class == Class::ServerError);
    own.next().expect("judged")
}

fn shown(one: &Explanation) -> String {
    let inputs = one.inputs.iter();
    let inputs: Vec<String> = inputs
        .map(|input| format!("{} {:.4}", input.name, input.value))
        .collect();
    format!(
        "TEST {} INPUTS {} RESULT {}",
        one.test,
        inputs.join(", "),
        one.result
    )
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_tests_of_the_example_are_those_of_the_program() {
    let mut seen = 0;
    for (until, lines) in blocks() {
        let explanations = explain(&example(&until), &Settings::default());
        let said: Vec<String> = explanations.iter().map(shown).collect();
        let text = single_spaced(&lines.join(" "));
        for row in text.split("TEST ").skip(1) {
            let row = format!("TEST {}", row.trim());
            assert!(said.contains(&row), "{until}: {row}\nbut {said:#?}");
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} rows");
}

#[test]
fn the_sentences_of_the_example_are_those_of_the_program() {
    let mut seen = 0;
    for (until, lines) in blocks() {
        let verdict = of_5xx(&until);
        let mut said = verdict.why.clone();
        said.push(verdict.action.clone());
        said.extend(verdict.clears_when.clone());
        for line in lines.iter().filter_map(|line| line.strip_prefix("- ")) {
            assert!(said.contains(&line.to_owned()), "{line}\nbut {said:#?}");
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen} sentences");
}

/// What the page works out by hand, worked out here by the same formulas from the counts.
#[test]
fn what_is_worked_out_by_hand_is_what_the_program_says() {
    let verdict = of_5xx("2026-11-11T10:00:00Z");
    let (rise, low, high) = (
        verdict.rise_factor.expect("known"),
        verdict.rise_low.expect("known"),
        verdict.rise_high.expect("known"),
    );
    let level = (1609.0 + 0.5) / (162_000.0 + 0.5 / 0.005);
    let centre = (18.0 + 8.0) / (1800.0 + 8.0 / level);
    let count = |failures: f64, expected: f64, alpha: f64| {
        let shape = 1.0 / alpha;
        let tilt = (failures * (expected + shape) / (expected * (failures + shape))).ln();
        let both = failures + shape;
        failures * (failures / expected).ln() - both * (both / (expected + shape)).ln()
            + 0.5 * (2.0 * std::f64::consts::PI * failures * both / shape).ln()
            + (1.0 - (-tilt).exp()).ln()
    };
    let profile = |k: f64, e: f64| k * (k / e).ln() - (k - e);
    let facts = [
        format!("{level:.6}"),
        format!("{centre:.6}"),
        format!("{:.4}", 300.0 * centre),
        format!("{:.2}", count(53.0, 12.7796, 0.0582)),
        format!("{:.2}", count(25.0, 6.4474, 0.0582)),
        format!("{:.2}", profile(158.0, 37.4177)),
        format!("{:.2}", profile(145.0, 33.9639)),
        format!("{rise:.4}"),
        format!("{low:.2}"),
        format!("{high:.2}"),
    ];
    for fact in facts {
        assert!(PAGE.contains(&fact), "{fact} is not on the page");
    }
    let sigma = (1.0_f64 / 158.0 + 0.052_36 + 0.0392 / 3.0 + 1.0 / 1609.5 + 1.0 / 60.0).sqrt();
    let spread = (1.96 * sigma).exp();
    assert_eq!(format!("{:.2}", rise / spread), format!("{low:.2}"));
    assert_eq!(format!("{:.2}", rise * spread), format!("{high:.2}"));
}
