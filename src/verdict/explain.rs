//! The same tests as text: each with its inputs and its result, for whoever doubts a verdict.

use serde::Serialize;

use crate::model::evidence::Evidence;
use crate::model::verdict::{Class, SeriesId};
use crate::verdict::calm::Recent;
use crate::verdict::reproducible;
use crate::verdict::settings::Settings;
use crate::verdict::silence;
use crate::verdict::slices;
use crate::verdict::span::significance;
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
            let tests = of_series(walked).into_iter();
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

fn of_series(walked: &Walked) -> Vec<Row> {
    let mut rows = vec![baseline(walked), noise(walked)];
    let ground = walked.track.ground();
    let end = walked.track.history.len();
    let windows = 0..limits::WINDOWS.len();
    rows.extend(
        windows
            .filter_map(|window| sustained::test(&ground, window, end))
            .map(risen),
    );
    rows.push(votes(walked));
    rows.push(episodes(walked));
    rows.push(calm(walked));
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
    const NAMES: [&str; limits::WINDOWS.len()] = [
        "alpha_15m",
        "alpha_30m",
        "alpha_1h",
        "alpha_2h",
        "alpha_4h",
        "alpha_8h",
        "alpha_24h",
    ];
    let names = NAMES.into_iter().enumerate();
    let inputs = names
        .map(|(window, name)| input(name, walked.track.noise.alpha(window)))
        .collect();
    let result = "variance of the rate relative to its square; Poisson would be 0".to_owned();
    ("overdispersion".to_owned(), inputs, result)
}

fn risen(test: Test) -> Row {
    let inputs = vec![
        input("requests", test.counted.n),
        input("failures", test.counted.k),
        input("expected", test.counted.e),
        input("alpha", test.alpha),
        input("surprise", test.surprise),
        input("surprise_needed", significance(test.window)),
    ];
    let result = match test.checks {
        None => "not significantly risen".to_owned(),
        Some(checks) => {
            let answers = checks.answers().map(|(name, yes)| format!("{name}: {yes}"));
            let answers: Vec<String> = answers.collect();
            let surprise = checks.surprise;
            format!(
                "{}; surprise since the start {surprise:.1}",
                answers.join(", ")
            )
        }
    };
    let minutes = limits::WINDOWS[test.window].minutes;
    (format!("sustained rise, {minutes} minutes"), inputs, result)
}

fn votes(walked: &Walked) -> Row {
    let track = &walked.track;
    let inputs = vec![
        input("failing_votes", f64::from(track.votes.failing())),
        input("succeeding_votes", f64::from(track.votes.succeeding())),
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

fn episodes(walked: &Walked) -> Row {
    let found = walked.found();
    let list: Vec<String> = found
        .iter()
        .map(|one| {
            format!(
                "{} (alert {})",
                walked.start(one.onset.at),
                walked.end(one.alarm)
            )
        })
        .collect();
    let inputs = vec![
        input("episodes", found.len() as f64),
        input("bursts", walked.track.bursts.len() as f64),
    ];
    ("episodes".to_owned(), inputs, list.join(", "))
}

fn calm(walked: &Walked) -> Row {
    let hours = walked.track.settings.recent_hours;
    let recent = Recent::new(walked, hours, None);
    let inputs = vec![
        input("requests", recent.counted.all_n),
        input("failures", recent.counted.all_k),
        input("expected", recent.counted.all_base),
        input("judged_requests", recent.counted.n),
        input("judged_failures", recent.counted.k),
        input("judged_expected", recent.counted.base),
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
                input("known_errors", kind.known_errors as f64),
                input("known_kinds", kind.known_kinds as f64),
                input("unseen_chance", kind.unseen),
            ],
            result: format!("first seen {}, alert {}", kind.first, kind.alert),
        })
        .collect()
}

fn slice(survey: &Survey, found: &slices::Found) -> Explanation {
    Explanation {
        series: SeriesId {
            integration: survey.integration.clone(),
            operation: found.operation.clone(),
            slice: found.slice.clone(),
            class: found.class,
        },
        test: "reproducible, call by call".to_owned(),
        inputs: vec![
            input("failures", found.counted.failures),
            input("requests", found.counted.requests()),
            input("healed", found.counted.healed),
            input("failing_attempts", found.counted.attempts),
            input("failures_elsewhere", found.outside.k),
            input("requests_elsewhere", found.outside.n),
            input("score", found.score),
            input("score_needed", found.needed),
            input("tried", found.tried as f64),
            input("one_in", f64::from(found.one_in)),
        ],
        result: format!(
            "fails every time since {}, alert {}",
            found.onset, found.alert
        ),
    }
}
