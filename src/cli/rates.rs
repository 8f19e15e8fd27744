//! `tidemark rates`: the rate table.

use clap::Args;

use crate::assess::settle_range;
use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows};
use crate::model::digits::thousands;
use crate::model::timespec::parse_step;
use crate::model::window::RateRow;
use crate::query::{By, RateQuery, View};

#[derive(Debug, Args)]
pub struct RatesArgs {
    /// Only this integration
    integration: Option<String>,
    /// integration, operation, client, status or outcome
    #[arg(long, default_value = "integration", value_name = "DIMENSION")]
    by: By,
    /// Width of a window: 1m, 5m, 1h, 1d
    #[arg(long, default_value = "5m", value_name = "STEP")]
    step: String,
    /// attempts (what the vendor did) or calls (what our users felt)
    #[arg(long, default_value = "attempts", value_name = "VIEW")]
    view: View,
}

pub fn run(world: &World, args: &RatesArgs) -> Result<Exit, Failure> {
    let step_s = parse_step(&args.step)?;
    let store = world.open_to_read()?;
    let rows = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let mut scope = world.scope(&session, args.integration.as_deref()).await?;
        let bounds = session.find_bounds().await?;
        if let Some(name) = &args.integration
            && bounds.first(name).is_none()
        {
            return Err(unknown(name, bounds.integrations()));
        }
        // Without a range all that is stored is shown, not just the last day.
        scope.since = scope
            .since
            .or(bounds.range(scope.integration.as_deref()).map(|r| r.since));
        let Some(range) = settle_range(&bounds, &scope, None) else {
            return Ok(Vec::new());
        };
        let query = RateQuery {
            integration: args.integration.clone(),
            range,
            step_s,
            by: args.by,
            view: args.view,
        };
        Ok::<_, Failure>(session.list_rates(&query, &bounds).await?)
    })?;
    print_rows(world, &rows, &columns(args.by))?;
    world.say(&format!(
        "{} windows; next: tidemark assess",
        thousands(rows.len() as u64)
    ));
    Ok(Exit::Done)
}

/// What to say to a name that the store does not know.
pub fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let known: Vec<&str> = known.take(20).collect();
    Failure::usage(format!(
        "there is no integration {name:?} in the store; there are {}",
        known.join(", ")
    ))
}

fn columns(by: By) -> Vec<Column<RateRow>> {
    let dimension: Option<Column<RateRow>> = match by {
        By::Integration => None,
        By::Operation => Some(Column {
            title: "OPERATION",
            right: false,
            cell: |r, _| r.operation.clone().unwrap_or_default(),
        }),
        By::Client => Some(Column {
            title: "CLIENT",
            right: false,
            cell: |r, _| r.client.clone().unwrap_or_default(),
        }),
        By::Status => Some(Column {
            title: "STATUS",
            right: false,
            cell: |r, _| r.status.clone().unwrap_or_default(),
        }),
        By::Outcome => Some(Column {
            title: "OUTCOME",
            right: false,
            cell: |r, _| r.outcome.clone().unwrap_or_default(),
        }),
    };
    let mut columns = vec![
        Column {
            title: "WINDOW",
            right: false,
            cell: |r: &RateRow, s| s.time(Some(r.window_start)),
        },
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |r, _| r.integration.clone(),
        },
    ];
    columns.extend(dimension);
    columns.extend([
        Column {
            title: "REQUESTS",
            right: true,
            cell: |r: &RateRow, _| thousands(r.requests),
        },
        Column {
            title: "429",
            right: true,
            cell: |r, _| thousands(r.throttled),
        },
        Column {
            title: "",
            right: true,
            cell: |r, _| percent(r.rate_429),
        },
        Column {
            title: "5XX",
            right: true,
            cell: |r, _| thousands(r.server_errors),
        },
        Column {
            title: "",
            right: true,
            cell: |r, _| percent(r.rate_5xx),
        },
        Column {
            title: "NO RESPONSE",
            right: true,
            cell: |r, _| thousands(r.no_response),
        },
        Column {
            title: "P50",
            right: true,
            cell: |r, _| millis(r.duration_p50_ms),
        },
        Column {
            title: "P95",
            right: true,
            cell: |r, _| millis(r.duration_p95_ms),
        },
    ]);
    columns
}

fn millis(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0} ms"))
}
