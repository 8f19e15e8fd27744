//! `tidemark sql`: a question of the user's own.

use std::io::{self, Write};

use clap::Args;

use crate::cli::exit::{Exit, Failure};
use crate::cli::output::print_texts;
use crate::cli::{OutputFormat, World};
use crate::query::Format;

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// One SELECT over exchanges, rates and vendors
    sql: String,
}

pub fn run(world: &World, args: &SqlArgs) -> Result<Exit, Failure> {
    let store = world.open_to_read(&world.data()?)?;
    let table = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        Ok::<_, Failure>(session.run_sql(&args.sql).await?)
    })?;
    let write = |format| {
        let mut out = io::BufWriter::new(io::stdout().lock());
        table.write(format, &mut out)?;
        out.flush()
    };
    match world.format() {
        OutputFormat::Json => write(Format::Json)?,
        OutputFormat::Jsonl => write(Format::Jsonl)?,
        OutputFormat::Csv => write(Format::Csv)?,
        OutputFormat::Table | OutputFormat::Md => {
            print_texts(world, &table.titles(), &table.texts()?)?;
        }
    }
    world.say(&format!("{} rows", table.rows()));
    Ok(Exit::Done)
}
