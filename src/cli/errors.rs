//! `tidemark errors`: kinds of errors.

use clap::Args;

use crate::assess::settle_whole_range;
use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows};
use crate::model::assessment::ErrorKind;
use crate::model::digits::thousands;
use crate::model::timespec::parse_time;

#[derive(Debug, Args)]
pub struct ErrorsArgs {
    /// Only this integration
    integration: Option<String>,
    /// Only kinds first seen at or after this time [default: all; new are those first seen in the last day of the range]
    #[arg(long, value_name = "T")]
    new_since: Option<String>,
}

pub fn run(world: &World, args: &ErrorsArgs) -> Result<Exit, Failure> {
    let store = world.open_to_read(&world.data()?)?;
    let rows = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, args.integration.as_deref()).await?;
        let bounds = session.find_bounds().await?;
        let Some(range) = settle_whole_range(&bounds, &scope) else {
            return Ok(Vec::new());
        };
        let anchors = world.anchors(bounds.watermark());
        let new_since = args
            .new_since
            .as_deref()
            .map(|t| parse_time(t, anchors))
            .transpose()?;
        let integration = scope.integration.as_deref();
        Ok::<_, Failure>(session.list_errors(range, integration, new_since).await?)
    })?;
    let columns = [
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |e: &ErrorKind, _| e.integration.clone(),
        },
        Column {
            title: "OPERATION",
            right: false,
            cell: |e, _| e.operation.clone(),
        },
        Column {
            title: "STATUS",
            right: true,
            cell: |e, _| e.status.map_or("–".to_owned(), |s| s.to_string()),
        },
        Column {
            title: "CODE",
            right: false,
            cell: |e, _| e.error_code.clone().unwrap_or_default(),
        },
        Column {
            title: "COUNT",
            right: true,
            cell: |e, _| thousands(e.count),
        },
        Column {
            title: "SHARE",
            right: true,
            cell: |e, _| percent(e.share),
        },
        Column {
            title: "FIRST",
            right: false,
            cell: |e, s| s.time(Some(e.first_seen)),
        },
        Column {
            title: "LAST",
            right: false,
            cell: |e, s| s.time(Some(e.last_seen)),
        },
        Column {
            title: "NEW",
            right: false,
            cell: |e, _| if e.new { "NEW" } else { "" }.to_owned(),
        },
        Column {
            title: "MESSAGE",
            right: false,
            cell: |e, _| e.template.clone().unwrap_or_default(),
        },
    ];
    print_rows(world, &rows, &columns)?;
    world.say(&format!(
        "{} kinds of errors; next: tidemark assess",
        thousands(rows.len() as u64)
    ));
    Ok(Exit::Done)
}
