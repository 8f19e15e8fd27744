//! Situations with known truth, made anew from a seed, and a score of what the judge says of them.
//!
//! The measures and the definitions are those of the method: an episode is found when an alert falls into it; every other
//! alert is false, a second one for the same episode too, unless it falls where nothing is judged. The default run is
//! small; the tables of larger ones are kept in `benches/runs/`:
//!
//! ```sh
//! TIDEMARK_EPISODE_SEEDS=1000-1040 \
//!     cargo test --release --test it score_of_episodes -- --ignored --nocapture
//! ```
//!
//! With `TIDEMARK_EPISODE_FAMILY=step` only families with that in their name, with `TIDEMARK_EPISODE_PROGRAM=1` through
//! the program (`assess --counts`) in place of the library.

mod families;
mod library;
mod program;
mod random;
mod sample;
mod scene;
mod score;
mod shows;
mod tally;

use std::ops::Range;

use families::scenes_named;
use sample::{Sampled, sample};
use scene::Scene;
use score::{Said, score};
use tally::Table;

use crate::world::World;

/// The bars, over all families.
const F1_MIN: f64 = 0.98;
const FOUND_MIN: f64 = 0.98;
const FALSE_A_MONTH_MAX: f64 = 0.03;
const DELAY_MAX: (f64, f64) = (12.0, 80.0);
const ONSET_ERROR_MAX: (f64, f64) = (1.0, 5.0);
const RISE_ERROR_MAX: f64 = 0.12;
const HELD_MIN: f64 = 0.93;
const REASON_MIN: f64 = 0.98;

/// The default run: a family of each kind, so that it takes seconds.
const SEEDS: Range<u64> = 1..2;
const FAMILIES: [&str; 10] = [
    "calm, ordinary",
    "spikes",
    "step x10",
    "flapping",
    "slow ramp",
    "partial outage of one operation",
    "few requests, all fail",
    "5xx turn into no response",
    "bursts at the top of the hour",
    "volume falls, a poller keeps failing",
];

#[test]
fn episodes_are_found_and_nothing_else() {
    let mut table = Table::default();
    for family in FAMILIES {
        for seed in SEEDS {
            add(&mut table, seed, family, &library::judge);
        }
    }
    assert_eq!(table.faults(), Vec::<String>::new(), "{}", table.markdown());
}

#[test]
fn the_program_says_of_counts_what_the_library_says() {
    let world = World::new();
    for family in ["partial outage", "few requests"] {
        for mut scene in scenes_named(1, family) {
            let sampled = sample(&mut scene);
            let said = program::judge(&world, &scene, &sampled);
            assert!(!said.is_empty());
            let expected = library::judge(&scene, &sampled);
            assert_eq!(said.len(), expected.len(), "{family}");
            for (said, expected) in said.iter().zip(&expected) {
                assert!(said.is(expected), "{family}: {said:?}, not {expected:?}");
            }
        }
    }
}

/// Prints the table; it asserts nothing, because a bar is for the judge and not for a seed.
#[test]
#[ignore = "takes minutes and asserts nothing"]
fn score_of_episodes() {
    let family = variable("TIDEMARK_EPISODE_FAMILY").unwrap_or_default();
    let world = World::new();
    let mut table = Table::default();
    for seed in seeds() {
        if variable("TIDEMARK_EPISODE_PROGRAM").is_some() {
            let through =
                |scene: &Scene, sampled: &[Sampled]| program::judge(&world, scene, sampled);
            add(&mut table, seed, &family, &through);
        } else {
            add(&mut table, seed, &family, &library::judge);
        }
    }
    println!("{}", table.markdown());
}

type Judge<'a> = &'a dyn Fn(&Scene, &[Sampled]) -> Vec<Said>;

fn add(table: &mut Table, seed: u64, family: &str, judge: Judge) {
    for mut scene in scenes_named(seed, family) {
        let sampled = sample(&mut scene);
        let said = judge(&scene, &sampled);
        table.add(&scene.family, &score(&scene, &sampled, &said));
    }
}

/// `1000-1040`, the last one not included.
fn seeds() -> Range<u64> {
    let given = variable("TIDEMARK_EPISODE_SEEDS").unwrap_or("1-4".to_owned());
    let (first, end) = given
        .split_once('-')
        .expect("two seeds with a line between");
    first.parse().expect("a seed")..end.parse().expect("a seed")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Table {
    /// The bars that do not hold.
    fn faults(&self) -> Vec<String> {
        let total = &self.total;
        let ((delay, delay90), (onset, onset90)) = (total.delay(), total.onset_error());
        let ((onsets, rises), (reason, _)) = (total.held(), total.right());
        let bars = [
            ("F1", total.f1() >= F1_MIN),
            ("found", total.share_found() >= FOUND_MIN),
            ("false", total.false_a_month() <= FALSE_A_MONTH_MAX),
            ("delay", delay <= DELAY_MAX.0 && delay90 <= DELAY_MAX.1),
            (
                "onset",
                onset <= ONSET_ERROR_MAX.0 && onset90 <= ONSET_ERROR_MAX.1,
            ),
            ("rise", total.rise_error() <= RISE_ERROR_MAX),
            ("intervals", onsets >= HELD_MIN && rises >= HELD_MIN),
            ("reason", reason >= REASON_MIN),
        ];
        let failed = bars.iter().filter(|(_, holds)| !holds);
        failed.map(|(name, _)| (*name).to_owned()).collect()
    }
}
