//! The same tests as text: each with its inputs and its result, for whoever doubts a verdict.

use serde::Serialize;

use crate::model::evidence::{Evidence, RetryCounts};
use crate::model::time::TimeRange;
use crate::model::verdict::{Class, SeriesId};
use crate::verdict::calm::Recent;
use crate::verdict::found::Found;
use crate::verdict::ground::Ground;
use crate::verdict::reckoning::{self, Numbers};
use crate::verdict::reproducible;
use crate::verdict::retried::retried;
use crate::verdict::settings::Settings;
use crate::verdict::silence;
use crate::verdict::slices;
use crate::verdict::survey::{Survey, survey};
use crate::verdict::sustained::{self, Test};
use crate::verdict::thresholds as limits;
use crate::verdict::walked::Walked;

/// One test of one series, as of the watermark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    pub series: SeriesId,
    pub test: String,
    pub inputs: Vec<Input>,
    pub result: String,
}

/// A number that a test looked at; `null` where there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Input {
    pub name: &'static str,
    pub value: f64,
}

/// Every test of every series that had failures, with the numbers it saw.
pub fn explain(evidence: &Evidence, settings: &Settings) -> Vec<Explanation> {
    let settings = settings.sane();
    let surveyed = survey(evidence, &settings);
    surveyed.iter().flat_map(of_integration).collect()
}

fn of_integration(survey: &Survey) -> Vec<Explanation> {
    let mut all = Vec::new();
    for class in &survey.classes {
        for walked in class.walked() {
            let series = SeriesId {
                integration: survey.integration.clone(),
                operation: walked.operation.clone(),
                slice: None,
                class: class.class,
            };
            let tests = of_series(walked, retries(survey, &series, walked)).into_iter();
            all.extend(tests.map(|(test, inputs, result)| Explanation {
                series: series.clone(),
                test,
                inputs,
                result,
            }));
        }
    }
    all.extend(novel(survey));
    all.extend(survey.seen.slices.iter().map(|found| slice(survey, found)));
    all.extend(silence(survey));
    all
}

type Row = (String, Vec<Input>, String);

fn input(name: &'static str, value: f64) -> Input {
    Input { name, value }
}

fn named(numbers: Numbers) -> Vec<Input> {
    let all = numbers.into_iter();
    all.map(|(name, value)| input(name, value)).collect()
}

/// The retries that the verdict of the series was told.
fn retries(survey: &Survey, series: &SeriesId, walked: &Walked) -> Option<RetryCounts> {
    let until = walked.grid.watermark;
    let seconds = walked.track.settings.recent_hours as i64 * 3600;
    let range = TimeRange {
        since: until.plus_secs(-seconds),
        until,
    };
    retried(
        &survey.seen,
        series.class,
        series.operation.as_deref(),
        range,
    )
}

fn of_series(walked: &Walked, retries: Option<RetryCounts>) -> Vec<Row> {
    let mut rows = vec![baseline(walked), noise(walked)];
    let ground = walked.track.ground();
    let end = walked.track.history.len();
    let windows = 0..limits::WINDOWS.len();
    rows.extend(
        windows
            .filter_map(|window| sustained::test(&ground, window, end))
            .flat_map(|test| risen(walked, &ground, &test)),
    );
    rows.push(votes(walked));
    rows.extend(episodes(walked));
    rows.push(calm(walked, retries));
    rows
}

fn baseline(walked: &Walked) -> Row {
    let baseline = &walked.track.baseline;
    let price = baseline.price();
    let pattern = baseline.pattern_minutes();
    let inputs = vec![
        input("level", baseline.level()),
        input("level_failures", baseline.level_failures()),
        input("slot_centre", price.centre),
        input("slot_allowed", price.allowed),
    ];
    let result = match pattern.as_slice() {
        [] => "no pattern minutes".to_owned(),
        minutes => format!("pattern minutes {minutes:?}"),
    };
    ("baseline".to_owned(), inputs, result)
}

fn noise(walked: &Walked) -> Row {
    const NAMES: [&str; limits::WINDOW_COUNT] = [
        "alpha_15m",
        "alpha_30m",
        "alpha_1h",
        "alpha_2h",
        "alpha_4h",
        "alpha_8h",
        "alpha_24h",
    ];
    const BLOCKS: [&str; limits::WINDOW_COUNT] = [
        "blocks_15m",
        "blocks_30m",
        "blocks_1h",
        "blocks_2h",
        "blocks_4h",
        "blocks_8h",
        "blocks_24h",
    ];
    let noise = &walked.track.noise;
    let names = NAMES.into_iter().zip(BLOCKS).enumerate();
    let inputs = names
        .flat_map(|(window, (name, blocks))| {
            [
                input(name, noise.alpha(window)),
                input(blocks, noise.blocks(window)),
            ]
        })
        .collect();
    let result = "variance of the rate relative to its square; Poisson would be 0".to_owned();
    ("overdispersion".to_owned(), inputs, result)
}

/// The test of a window and, where it holds a supposed rise, the questions about that.
fn risen(walked: &Walked, ground: &Ground, test: &Test) -> Vec<Row> {
    let minutes = limits::WINDOWS[test.window].minutes;
    let inputs = vec![
        input("requests", test.counted.n),
        input("failures", test.counted.k),
        input("expected", test.counted.e),
        input("alpha", test.alpha),
        input("surprise", test.surprise),
        input("surprise_needed", limits::WORTH_A_LOOK_NATS),
    ];
    let result = match test.checks {
        None if test.alpha.is_nan() => {
            "not worth a look: not up by half and five failures".to_owned()
        }
        None => "not significantly risen".to_owned(),
        Some(checks) => format!(
            "worth a look; the rise may have begun {}",
            walked.start(checks.from)
        ),
    };
    let mut rows = vec![(format!("sustained rise, {minutes} minutes"), inputs, result)];
    if let Some(checks) = test.checks {
        let answers = checks.answers().map(|(name, yes)| format!("{name}: {yes}"));
        let answers: Vec<String> = answers.collect();
        rows.push((
            format!("questions, {minutes} minutes"),
            named(reckoning::of_checks(
                ground,
                test.window,
                walked.track.history.len(),
                &checks,
            )),
            answers.join(", "),
        ));
    }
    rows
}

fn votes(walked: &Walked) -> Row {
    let track = &walked.track;
    let inputs = vec![
        input("failing_votes", f64::from(track.votes.failing())),
        input("succeeding_votes", f64::from(track.votes.succeeding())),
        input("failing_share", track.votes.share()),
        input("minutes", (track.votes.cells() * track.cell_minutes) as f64),
        input("normal_rate", track.votes.normal_rate()),
        input("score", track.votes.score()),
        input("score_needed", reproducible::threshold(track.operations)),
    ];
    let alarm = track
        .votes
        .alarm(track.operations, track.cell_minutes, &track.settings);
    let result = match alarm {
        Some(from) => format!("fails every time since {}", walked.start(from)),
        None => "not reproducible".to_owned(),
    };
    ("reproducible".to_owned(), inputs, result)
}

/// All episodes, and each of them with what its onset and its rise rest on.
fn episodes(walked: &Walked) -> Vec<Row> {
    let found = walked.found();
    let all = walked.track.book.episodes.len();
    let inputs = vec![
        input("episodes", found.len() as f64),
        input("not_borne_out_by_calls", (all - found.len()) as f64),
        input("bursts", walked.track.bursts.len() as f64),
    ];
    let began: Vec<String> = found
        .iter()
        .map(|one| {
            format!(
                "{} (alert {})",
                walked.start(one.onset.at),
                walked.end(one.alarm)
            )
        })
        .collect();
    let mut rows = vec![("episodes".to_owned(), inputs, began.join(", "))];
    rows.extend(found.iter().map(|one| episode(walked, one)));
    rows
}

fn episode(walked: &Walked, found: &Found) -> Row {
    let inputs = named(reckoning::of_episode(walked, found));
    let (low, high) = (
        walked.start(found.onset.low),
        walked.end(found.onset.high + 1),
    );
    let result = format!("began between {low} and {high}");
    (
        format!("episode of {}", walked.start(found.onset.at)),
        inputs,
        result,
    )
}

fn calm(walked: &Walked, retries: Option<RetryCounts>) -> Row {
    let hours = walked.track.settings.recent_hours;
    let recent = Recent::new(walked, hours, retries);
    let retries = retries.unwrap_or_default();
    let inputs = vec![
        input("requests", recent.counted.all_n),
        input("requests_needed", recent.needed_requests()),
        input("failures", recent.counted.all_k),
        input("failures_before", recent.day_before()),
        input("expected", recent.counted.all_base),
        input("judged_requests", recent.counted.n),
        input("judged_failures", recent.counted.k),
        input("judged_expected", recent.counted.base),
        input("judged_allowed", recent.counted.e),
        input("alpha", recent.alpha()),
        input("chance", recent.chance_of_normal()),
        input("retried", retries.tried as f64),
        input("healed", retries.healed as f64),
        input("history_seconds", walked.history_seconds() as f64),
    ];
    (
        "without an episode".to_owned(),
        inputs,
        format!("{:?}", recent.decide()),
    )
}

fn silence(survey: &Survey) -> Option<Explanation> {
    let found = silence::find(survey)?;
    Some(Explanation {
        series: SeriesId {
            integration: survey.integration.clone(),
            operation: None,
            slice: None,
            class: Class::Silence,
        },
        test: "silence".to_owned(),
        inputs: vec![
            input("seconds", found.seconds as f64),
            input("missing_requests", found.missing as f64),
        ],
        result: format!("no request since {}", found.since),
    })
}

fn novel(survey: &Survey) -> Vec<Explanation> {
    let kinds = survey.seen.novel.iter();
    kinds
        .map(|kind| Explanation {
            series: SeriesId {
                integration: survey.integration.clone(),
                operation: kind.operation.clone(),
                slice: Some(kind.name.clone()),
                class: Class::ErrorCode,
            },
            test: "novel".to_owned(),
            inputs: vec![
                input("count", kind.count as f64),
                input("calls_at_alert", kind.requests as f64),
                input("calls_needed", kind.needed as f64),
                input("known_errors", kind.known_errors as f64),
                input("known_kinds", kind.known_kinds as f64),
                input("unseen_chance", kind.unseen),
            ],
            result: format!("first seen {}, alert {}", kind.first, kind.alert),
        })
        .collect()
}

fn slice(survey: &Survey, found: &slices::Found) -> Explanation {
    let neighbours = &found.neighbours;
    let mut inputs = vec![
        input("failures", found.counted.failures),
        input("requests", found.counted.requests()),
        input("healed", found.counted.healed),
        input("failing_attempts", found.counted.attempts),
        input("failures_elsewhere", found.outside.k),
        input("requests_elsewhere", found.outside.n),
        input("score", found.score),
        input("score_needed", found.needed),
        input("tried", found.tried as f64),
        input("normal_rate_by_neighbours", neighbours.usual),
        input("score_by_neighbours", neighbours.score),
    ];
    if let Some(split) = neighbours.split {
        inputs.push(input("split_from_neighbours", split));
        inputs.push(input("split_needed", neighbours.split_needed));
    }
    inputs.push(input("one_in", f64::from(found.one_in)));
    Explanation {
        series: SeriesId {
            integration: survey.integration.clone(),
            operation: found.operation.clone(),
            slice: found.slice.clone(),
            class: found.class,
        },
        test: "reproducible, call by call".to_owned(),
        inputs,
        result: format!(
            "fails every time since {}, alert {}",
            found.onset, found.alert
        ),
    }
}
