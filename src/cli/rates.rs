//! `tidemark rates`: the rate table.

use std::time::Duration;

use clap::Args;

use crate::assess::settle_whole_range;
use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows_of};
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
    /// Width of a window: 1m, 5m, 1h, 1d [default: 5m, or wider where that would be too many rows]
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// attempts (what the vendor did) or calls (what our users felt)
    #[arg(long, default_value = "attempts", value_name = "VIEW")]
    view: View,
}

pub fn run(world: &World, args: &RatesArgs) -> Result<Exit, Failure> {
    let step = args.step.as_deref().map(parse_step).transpose()?;
    let store = world.open_to_read(&world.data()?)?;
    let rows = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, args.integration.as_deref()).await?;
        let bounds = session.find_bounds().await?;
        let Some(range) = settle_whole_range(&bounds, &scope) else {
            return Ok(Vec::new());
        };
        let query = RateQuery {
            integration: args.integration.clone(),
            range,
            step_s: step.unwrap_or(RateQuery::STEP_S),
            by: args.by,
            view: args.view,
        };
        Ok::<_, Failure>(match step {
            Some(_) => session.list_rates(&query, &bounds).await?,
            None => {
                let rows_max = session.settings().rows_max;
                session.list_rates_within(&query, &bounds, rows_max).await?
            }
        })
    })?;
    print_rows_of(world, &rows, &columns(args.by), &fields(args.by))?;
    world.say(&describe(&rows, step));
    Ok(Exit::Done)
}

fn describe(rows: &[RateRow], step: Option<u32>) -> String {
    let widened = rows
        .first()
        .map(|row| row.window_s)
        .filter(|width| *width != step.unwrap_or(RateQuery::STEP_S));
    let widths = widened.map_or_else(String::new, |width_s| {
        let width = humantime::format_duration(Duration::from_secs(width_s.into()));
        format!(
            " of {width}, because narrower ones would be too many rows (see --step and --since)"
        )
    });
    format!(
        "{} windows{widths}; next: tidemark assess",
        thousands(rows.len() as u64)
    )
}

/// The fields of a row, for the head of a CSV.
fn fields(by: By) -> Vec<&'static str> {
    let dimension = Some(by.name()).filter(|_| by != By::Integration);
    let counted = [
        "window_start",
        "window_s",
        "requests",
        "throttled",
        "server_errors",
        "no_response",
        "client_errors",
        "throttled_local",
        "rate_429",
        "rate_5xx",
        "duration_p50_ms",
        "duration_p95_ms",
    ];
    std::iter::once("integration")
        .chain(dimension)
        .chain(counted)
        .collect()
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
