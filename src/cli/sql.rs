//! `tidemark sql`: a question of the user's own.

use std::io::{self, Write};

use clap::Args;

use crate::cli::exit::{Exit, Failure};
use crate::cli::{OutputFormat, World};
use crate::query::Format;

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// One SELECT over exchanges, rates and vendors
    sql: String,
}

pub fn run(world: &World, args: &SqlArgs) -> Result<Exit, Failure> {
    let store = world.open_to_read()?;
    let table = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        Ok::<_, Failure>(session.run_sql(&args.sql).await?)
    })?;
    let format = match world.format() {
        OutputFormat::Table => Format::Table,
        OutputFormat::Json => Format::Json,
        OutputFormat::Jsonl => Format::Jsonl,
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Md => Format::Markdown,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    table.write(format, &mut out)?;
    out.flush()?;
    world.say(&format!("{} rows", table.rows()));
    Ok(Exit::Done)
}
