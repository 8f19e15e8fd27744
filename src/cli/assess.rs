//! `tidemark assess`: the verdicts, now or over history, from the store or from counts.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;

use crate::assess::{explain_series, judge_series, read_counts, replay_series};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows};
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
        Some(file) => {
            let evidence = evidence_of(file, args)?;
            let judgement = judge(&evidence, &world.config.verdict);
            if args.replay {
                judgement.episodes
            } else {
                judgement.standing
            }
        }
        None => from_store(world, args)?,
    };
    print_rows(world, &verdicts, &columns())?;
    say_next(world, &verdicts, args);
    Ok(exit_for(world.global.fail_on, &verdicts))
}

fn run_explain(world: &World, args: &AssessArgs) -> Result<Exit, Failure> {
    let explanations: Vec<Explanation> = match &args.counts {
        Some(file) => explain(&evidence_of(file, args)?, &world.config.verdict),
        None => {
            let store = world.open_to_read()?;
            world.runtime.block_on(async {
                let session = world.session(&store).await?;
                let scope = world.scope(&session, args.integration.as_deref()).await?;
                Ok::<_, Failure>(explain_series(&session, &world.config.verdict, &scope).await?)
            })?
        }
    };
    let columns = [
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |e: &Explanation, _| e.series.integration.clone(),
        },
        Column {
            title: "OPERATION",
            right: false,
            cell: |e, _| e.series.operation.clone().unwrap_or_default(),
        },
        Column {
            title: "CLASS",
            right: false,
            cell: |e, _| e.series.class.name().to_owned(),
        },
        Column {
            title: "TEST",
            right: false,
            cell: |e, _| e.test.clone(),
        },
        Column {
            title: "INPUTS",
            right: false,
            cell: |e, _| inputs(e),
        },
        Column {
            title: "RESULT",
            right: false,
            cell: |e, _| e.result.clone(),
        },
    ];
    print_rows(world, &explanations, &columns)?;
    Ok(Exit::Done)
}

fn inputs(explanation: &Explanation) -> String {
    let parts: Vec<String> = explanation
        .inputs
        .iter()
        .map(|i| format!("{} {:.4}", i.name, i.value))
        .collect();
    parts.join(", ")
}

fn evidence_of(file: &PathBuf, args: &AssessArgs) -> Result<Evidence, Failure> {
    let input =
        File::open(file).map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    let mut evidence = read_counts(input)
        .map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    if let Some(name) = &args.integration {
        evidence.series.retain(|series| series.integration == *name);
    }
    Ok(evidence)
}

fn from_store(world: &World, args: &AssessArgs) -> Result<Vec<Verdict>, Failure> {
    let store = world.open_to_read()?;
    world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, args.integration.as_deref()).await?;
        let bounds = session.find_bounds().await?;
        if let Some(name) = &args.integration
            && bounds.first(name).is_none()
        {
            return Err(crate::cli::rates::unknown(name, bounds.integrations()));
        }
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
