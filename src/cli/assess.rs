//! `tidemark assess`: the verdicts, now or over history, from the store or from counts.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::assess::{
    Scope, drop_ended, end_counts, explain_series, judge_series, read_counts, replay_series,
};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows};
use crate::cli::world::check_known;
use crate::cli::{FailOn, World};
use crate::model::digits::thousands;
use crate::model::evidence::Evidence;
use crate::model::verdict::{Category, Verdict};
use crate::verdict::{Explanation, explain, judge};

#[derive(Debug, Args)]
pub struct AssessArgs {
    /// Only this integration
    integration: Option<String>,
    /// Print every test with its inputs
    #[arg(long, conflicts_with = "replay")]
    explain: bool,
    /// Walk the history as if live and list every episode with the time at which it would have alerted
    #[arg(long)]
    replay: bool,
    /// Judge counts from a CSV file instead of the store
    #[arg(long, value_name = "FILE.csv")]
    counts: Option<PathBuf>,
}

pub fn run(world: &World, args: &AssessArgs) -> Result<Exit, Failure> {
    if args.explain {
        return run_explain(world, args);
    }
    let verdicts = match &args.counts {
        Some(file) => from_counts(world, file, args)?,
        None => from_store(world, args)?,
    };
    print_rows(world, &verdicts, &columns())?;
    say_next(world, &verdicts, args);
    Ok(exit_for(world.global.fail_on, &verdicts))
}

/// One row of `--explain`.
#[derive(Serialize)]
struct Explained {
    schema: &'static str,
    #[serde(flatten)]
    explanation: Explanation,
}

fn run_explain(world: &World, args: &AssessArgs) -> Result<Exit, Failure> {
    let (explanations, verdicts) = match &args.counts {
        Some(file) => {
            let (evidence, _) = evidence_of(world, file, args)?;
            let settings = &world.config.verdict;
            (
                explain(&evidence, settings),
                judge(&evidence, settings).standing,
            )
        }
        None => explain_store(world, args)?,
    };
    let rows: Vec<Explained> = explanations.into_iter().map(explained).collect();
    print_rows(world, &rows, &explained_columns())?;
    world.say(&format!(
        "{} tests; next: tidemark assess",
        thousands(rows.len() as u64)
    ));
    Ok(exit_for(world.global.fail_on, &verdicts))
}

fn explain_store(
    world: &World,
    args: &AssessArgs,
) -> Result<(Vec<Explanation>, Vec<Verdict>), Failure> {
    let store = world.open_to_read(&world.data()?)?;
    world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, args.integration.as_deref()).await?;
        let settings = &world.config.verdict;
        let explanations = explain_series(&session, settings, &scope).await?;
        // Only the exit code rests on them here.
        let verdicts = match world.global.fail_on {
            FailOn::None => Vec::new(),
            _ => judge_series(&session, settings, &scope).await?.standing,
        };
        Ok((explanations, verdicts))
    })
}

fn explained(explanation: Explanation) -> Explained {
    Explained {
        schema: "tidemark.explain/1",
        explanation,
    }
}

fn explained_columns() -> [Column<Explained>; 6] {
    [
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |e, _| e.explanation.series.integration.clone(),
        },
        Column {
            title: "OPERATION",
            right: false,
            cell: |e, _| e.explanation.series.operation.clone().unwrap_or_default(),
        },
        Column {
            title: "CLASS",
            right: false,
            cell: |e, _| e.explanation.series.class.name().to_owned(),
        },
        Column {
            title: "TEST",
            right: false,
            cell: |e, _| e.explanation.test.clone(),
        },
        Column {
            title: "INPUTS",
            right: false,
            cell: |e, _| inputs(&e.explanation),
        },
        Column {
            title: "RESULT",
            right: false,
            cell: |e, _| e.explanation.result.clone(),
        },
    ]
}

fn inputs(explanation: &Explanation) -> String {
    let parts: Vec<String> = explanation
        .inputs
        .iter()
        .map(|i| format!("{} {:.4}", i.name, i.value))
        .collect();
    parts.join(", ")
}

fn from_counts(world: &World, file: &PathBuf, args: &AssessArgs) -> Result<Vec<Verdict>, Failure> {
    let (evidence, scope) = evidence_of(world, file, args)?;
    let mut judgement = judge(&evidence, &world.config.verdict);
    if !args.replay {
        return Ok(judgement.standing);
    }
    drop_ended(&mut judgement.episodes, &scope);
    Ok(judgement.episodes)
}

/// The counts that the flags ask for; as with a store, all of them before `--until` count.
fn evidence_of(
    world: &World,
    file: &PathBuf,
    args: &AssessArgs,
) -> Result<(Evidence, Scope), Failure> {
    let failed = |why: String| Failure::input(format!("{}: {why}", file.display()));
    let input = File::open(file).map_err(|error| failed(error.to_string()))?;
    let mut evidence = read_counts(input).map_err(|error| failed(error.to_string()))?;
    let integration = args.integration.as_deref();
    let known: BTreeSet<&str> = evidence
        .series
        .iter()
        .map(|series| series.integration.as_str())
        .collect();
    check_known(integration, known.into_iter())?;
    let scope = world.scope_before(evidence.watermark, integration)?;
    if let Some(name) = integration {
        evidence.series.retain(|series| series.integration == name);
    }
    if let Some(until) = scope.until {
        evidence = end_counts(evidence, until);
    }
    match evidence.watermark {
        Some(_) => Ok((evidence, scope)),
        None => Err(Failure::usage("no window ends before --until")),
    }
}

fn from_store(world: &World, args: &AssessArgs) -> Result<Vec<Verdict>, Failure> {
    let store = world.open_to_read(&world.data()?)?;
    world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, args.integration.as_deref()).await?;
        let settings = &world.config.verdict;
        Ok(if args.replay {
            replay_series(&session, settings, &scope).await?
        } else {
            judge_series(&session, settings, &scope).await?.standing
        })
    })
}

/// The columns of the verdict table; `demo` prints it too.
pub fn columns() -> Vec<Column<Verdict>> {
    vec![
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |v: &Verdict, _| v.series.integration.clone(),
        },
        Column {
            title: "CLASS",
            right: false,
            cell: |v, _| v.series.class.name().to_owned(),
        },
        Column {
            title: "OPERATION",
            right: false,
            cell: |v, _| v.series.operation.clone().unwrap_or_default(),
        },
        Column {
            title: "VERDICT",
            right: false,
            cell: |v, _| verdict_words(v),
        },
        Column {
            title: "SINCE",
            right: false,
            cell: |v, s| s.time(v.onset),
        },
        Column {
            title: "UNTIL",
            right: false,
            cell: |v, s| {
                if v.onset.is_some() {
                    s.time(v.end)
                } else {
                    String::new()
                }
            },
        },
        Column {
            title: "FAILED",
            right: true,
            cell: |v, _| failed(v),
        },
        Column {
            title: "WHY",
            right: false,
            cell: |v, _| v.why.first().cloned().unwrap_or_default(),
        },
    ]
}

pub fn verdict_words(verdict: &Verdict) -> String {
    let title = verdict.category.title();
    match verdict.category {
        Category::Two | Category::One => {
            format!("{title}: {}", verdict.reason.name().replace('_', " "))
        }
        Category::Undecided | Category::Quiet => title.to_owned(),
    }
}

fn failed(verdict: &Verdict) -> String {
    let share = crate::model::window::share(verdict.failures, verdict.requests);
    format!(
        "{} of {} ({})",
        thousands(verdict.failures),
        thousands(verdict.requests),
        percent(share)
    )
}

fn say_next(world: &World, verdicts: &[Verdict], args: &AssessArgs) {
    let urgent = verdicts.iter().find(|v| v.category == Category::Two);
    match urgent {
        Some(v) if args.counts.is_none() => world.say(&format!(
            "next: tidemark report --integration {} -o evidence.html",
            v.series.integration
        )),
        _ => world.say("next: tidemark assess --explain shows every test with its inputs"),
    }
}

fn exit_for(fail_on: FailOn, verdicts: &[Verdict]) -> Exit {
    let at_least = match fail_on {
        FailOn::Category2 => Category::Two.urgency(),
        FailOn::Undecided => Category::Undecided.urgency(),
        FailOn::AdviceHigh | FailOn::None => return Exit::Done,
    };
    let found = verdicts.iter().any(|v| v.category.urgency() >= at_least);
    if found { Exit::Found } else { Exit::Done }
}
