//! Situations that only single requests tell, made anew from a seed: which operation, value, tenant or region fails
//! every time, what retries heal, which kinds of errors are new. Logs in, through `ingest` and `assess --replay`, and the
//! right reason and the right slice out.
//!
//! The default run is small; the tables of larger ones are kept in `benches/runs/`:
//!
//! ```sh
//! TIDEMARK_EVENT_SEEDS=101,102,103 TIDEMARK_BIN=target/release/tidemark \
//!     cargo test --test it score_of_events -- --ignored --nocapture
//! ```

mod families;
pub mod random;
mod score;
mod traffic;

use std::collections::HashMap;

use serde_json::Value;

use families::{FAMILIES, Situation, situation};
use score::{Score, judge, table};

use crate::world::{Run, World};

/// Bars, as shares.
const REASONS_MIN: f64 = 0.98;
const SLICES_MIN: f64 = 0.85;

/// The default run: what differs most, once each.
const SEED: u64 = 20_261_122;
const USUAL: [&str; 10] = [
    "operation",
    "parameter",
    "pair",
    "region",
    "ten-retries",
    "retries-heal",
    "novel",
    "coded-value",
    "half",
    "mixed",
];

#[test]
fn single_requests_tell_the_right_reason_and_slice() {
    let (all, table) = run(&[SEED], |family| USUAL.contains(&family));
    let misses = all.misses.join("\n");
    assert_eq!(all.false_alerts, 0, "{table}\n{misses}");
    assert_eq!(all.found, all.truths, "{table}\n{misses}");
    assert!(
        all.reasons as f64 >= REASONS_MIN * all.truths as f64,
        "{table}\n{misses}"
    );
    assert!(
        all.slices as f64 >= SLICES_MIN * all.named as f64,
        "{table}\n{misses}"
    );
}

/// The table goes to standard output, and each miss to standard error.
#[test]
#[ignore = "takes minutes and asserts nothing"]
fn score_of_events() {
    let seeds = std::env::var("TIDEMARK_EVENT_SEEDS").unwrap_or("1,2,3".to_owned());
    let seeds: Vec<u64> = seeds
        .split(',')
        .map(|seed| seed.trim().parse().expect("a seed"))
        .collect();
    let only = std::env::var("TIDEMARK_EVENT_FAMILY").ok();
    let (all, table) = run(&seeds, |family| {
        only.as_deref().is_none_or(|only| family == only)
    });
    println!("{table}");
    for miss in all.misses {
        eprintln!("{miss}");
    }
}

/// The wanted families of some seeds, each an integration of its own in one store.
fn run(seeds: &[u64], is_wanted: impl Fn(&str) -> bool) -> (Score, String) {
    let families: Vec<usize> = (0..FAMILIES.len())
        .filter(|at| is_wanted(FAMILIES[*at].0))
        .collect();
    let mut scores = Vec::new();
    for seed in seeds {
        let situations: Vec<Situation> = families
            .iter()
            .map(|family| situation(*family, *seed))
            .collect();
        let told = replay(&situations);
        scores.extend(situations.iter().map(|one| {
            let own = told
                .get(&one.name)
                .map(|list| list.iter().collect::<Vec<_>>());
            (one.family, judge(one, &own.unwrap_or_default()))
        }));
    }
    table(&scores)
}

/// The episodes of each integration.
fn replay(situations: &[Situation]) -> HashMap<String, Vec<Value>> {
    let world = World::new();
    let mut lines: Vec<_> = situations.iter().flat_map(|one| &one.lines).collect();
    lines.sort();
    let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
    let log = world.file("events.jsonl", text.join("\n") + "\n");
    let program =
        std::env::var("TIDEMARK_BIN").unwrap_or(env!("CARGO_BIN_EXE_tidemark").to_owned());
    let start = |args: &[&str]| {
        let mut command = world.command_through(&program);
        Run::of(command.args(args).output().expect("the program starts")).ok()
    };
    start(&["ingest", log.to_str().expect("a path")]);
    let mut told: HashMap<String, Vec<Value>> = HashMap::new();
    for episode in start(&["assess", "--replay", "--format", "jsonl"]).rows() {
        let name = episode["series"]["integration"]
            .as_str()
            .expect("a name")
            .to_owned();
        told.entry(name).or_default().push(episode);
    }
    told
}
