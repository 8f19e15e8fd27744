//! A process killed at any moment loses nothing and doubles nothing: the same command again gives the same tables.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;

use crate::world::{World, fixture};

/// Times the log of 1,512 lines is repeated.
const REPEATS: usize = 2;

/// A commit is at least one block of 1 MiB, so lines are made long enough that 3,024 of them give several commits.
const PADDING: usize = 1_500;

/// Rounds that are tried at the most to get the kills that are wanted.
const ROUNDS_MAX: usize = 40;

/// Kills that one store has to bear at the most; moments are spread, so one of them comes after the end long before.
const KILLS_OF_ONE_STORE_MAX: usize = 50;

/// No run takes this long; one that does hangs.
const RUN_MAX: Duration = Duration::from_secs(60);

/// What a store holds, apart from when it was read.
pub struct Contents {
    exchanges: Vec<String>,
    rates: Vec<String>,
}

impl Contents {
    pub fn of(world: &World) -> Self {
        // The sum of fractions depends on their order, so it is compared to the microsecond.
        let rates = "SELECT window_start, date, integration, operation, client, status, status_source, outcome, \
             attempt_kind, SUM(requests) AS requests, SUM(duration_count) AS durations, \
             ROUND(SUM(duration_sum_ms), 3) AS duration_ms FROM rates \
             GROUP BY window_start, date, integration, operation, client, status, status_source, outcome, attempt_kind \
             ORDER BY window_start, date, integration, operation, client, status, status_source, outcome, attempt_kind";
        Self {
            exchanges: rows(
                world,
                "SELECT * EXCEPT (ingested_at) FROM exchanges ORDER BY id",
            ),
            rates: rows(world, rates),
        }
    }

    /// Says the first difference, not both tables.
    #[track_caller]
    pub fn check_same(&self, other: &Self, when: &str) {
        for (table, expected, got) in [
            ("exchanges", &self.exchanges, &other.exchanges),
            ("rates", &self.rates, &other.rates),
        ] {
            let differing = expected
                .iter()
                .zip(got)
                .find(|(expected, got)| expected != got);
            assert_eq!(differing, None, "{when}: {table}: expected and got");
            assert_eq!(expected.len(), got.len(), "{when}: rows of {table}");
        }
        assert!(
            !self.exchanges.is_empty() && !self.rates.is_empty(),
            "{when}: there is something to compare"
        );
    }
}

fn rows(world: &World, sql: &str) -> Vec<String> {
    world
        .run(["sql", "--format", "jsonl", sql])
        .ok()
        .out
        .lines()
        .map(str::to_owned)
        .collect()
}

/// 3,024 lines of nginx on two days, about 5 MB.
pub fn long_log() -> String {
    let mut lines = String::new();
    let packed = std::fs::File::open(fixture("logs/nginx/egress_custom.log.gz")).expect("fixture");
    GzDecoder::new(packed)
        .read_to_string(&mut lines)
        .expect("text");
    let padding = "-".repeat(PADDING);
    let mut log = String::new();
    for repeat in 0..REPEATS {
        let time = format!("{}/Nov/2026:{:02}", 22 - repeat % 2, 3 + repeat);
        for line in lines.lines() {
            log.push_str(&format!(
                "{} pad=\"{padding}\"\n",
                line.replace("22/Nov/2026:03", &time)
            ));
        }
    }
    log
}

/// A world with a key that is always the same, small commits and these files; runs happen in its folder, so that
/// sources have the same names everywhere.
pub fn repeatable_world(files: &[(String, String)]) -> World {
    let world = World::new();
    for (name, content) in files {
        world.file(name, content);
    }
    world.file("data/mask.key", [7; 32]);
    world.file("small-commits.toml", "[ingest]\ncommit_rows = 200\n");
    world
}

#[test]
fn a_killed_ingest_of_one_file_ends_as_if_nothing_had_been() {
    check_kills(&[("calls.log".to_owned(), long_log())], "calls.log", 20);
}

#[test]
fn a_killed_ingest_of_many_files_ends_as_if_nothing_had_been() {
    let log = long_log().replace(&"-".repeat(PADDING), "-");
    let lines: Vec<&str> = log.lines().collect();
    let files: Vec<_> = lines
        .chunks(400)
        .enumerate()
        .map(|(at, part)| (format!("logs/part-{at}.log"), part.join("\n") + "\n"))
        .collect();
    check_kills(&files, "logs", 8);
}

/// Kills ingests of `path` until `wanted` were killed, and lets each store be finished by the same command.
#[track_caller]
fn check_kills(files: &[(String, String)], path: &str, wanted: usize) {
    let undisturbed = repeatable_world(files);
    let started = Instant::now();
    assert!(
        !run_and_kill(&undisturbed, path, RUN_MAX),
        "the undisturbed run ends by itself"
    );
    let duration = started.elapsed();
    let expected = Contents::of(&undisturbed);
    let commits = count_commits(&undisturbed.data());
    assert!(
        commits >= 5,
        "{commits} commits are too few to be cut in the middle"
    );

    let mut moments = Moments::new(duration, wanted);
    let (mut killed, mut partly_committed) = (0, 0);
    for round in 0..ROUNDS_MAX {
        if killed >= wanted {
            break;
        }
        let world = repeatable_world(files);
        let killed_before = killed;
        // On a machine that has become slower since, a run would otherwise never be given the time to end.
        let patience = |kills: usize| 1.0 + kills as f64 / 10.0;
        while run_and_kill(
            &world,
            path,
            moments.next().mul_f64(patience(killed - killed_before)),
        ) {
            killed += 1;
            assert!(
                killed - killed_before < KILLS_OF_ONE_STORE_MAX,
                "round {round} does not get on"
            );
            // The first commit makes the table.
            partly_committed += usize::from((2..commits).contains(&count_commits(&world.data())));
        }
        expected.check_same(
            &Contents::of(&world),
            &format!("round {round}, after {killed} kills"),
        );
    }
    eprintln!(
        "{killed} kills of a run of {duration:?}, {partly_committed} of them between its commits"
    );
    assert!(
        killed >= wanted,
        "only {killed} of {wanted} kills hit a live process"
    );
    assert!(
        partly_committed * 4 >= wanted,
        "only {partly_committed} kills hit a partly committed run"
    );
}

/// Whether the run had to be killed `after` this time; if not, it ended well by itself.
fn run_and_kill(world: &World, path: &str, after: Duration) -> bool {
    let mut child = world
        .command()
        .current_dir(world.path(""))
        .args(["ingest", "--quiet", "--config", "small-commits.toml", path])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let deadline = Instant::now() + after;
    // The moment itself is what is tested, so time is waited for and no condition.
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("a state") {
            let mut words = String::new();
            child
                .stderr
                .take()
                .expect("a pipe")
                .read_to_string(&mut words)
                .expect("text");
            assert!(status.success(), "{status}: {words}");
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("killed");
    // It may have ended by itself just before; then it was done, and the next run only confirms that.
    !child.wait().expect("ends").success()
}

fn count_commits(data: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(data.join("exchanges/_delta_log")) else {
        return 0;
    };
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| name.ends_with(".json") && name.len() == "00000000000000000000.json".len())
        .count()
}

/// Moments spread over a duration, always the same shares of it.
struct Moments {
    duration: Duration,
    slots: u32,
    state: u64,
}

impl Moments {
    fn new(duration: Duration, slots: usize) -> Self {
        Self {
            duration,
            slots: u32::try_from(slots).expect("few"),
            state: 0x7469_6465_6d61_726b,
        }
    }

    /// One of the slots, and a place within it.
    fn next(&mut self) -> Duration {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let slot = (self.state >> 33) as u32 % self.slots;
        let within = ((self.state >> 20) & 0xfff) as f64 / 4096.0;
        self.duration
            .mul_f64((f64::from(slot) + within) / f64::from(self.slots))
    }
}
