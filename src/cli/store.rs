//! `tidemark store`: the tables themselves.

use clap::Subcommand;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::print_object;
use crate::model::digits::thousands;
use crate::store::{StoreInfo, TableInfo};

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Where it is, how large, which version
    Info,
}

pub fn run(world: &World, command: &StoreCommand) -> Result<Exit, Failure> {
    let StoreCommand::Info = command;
    let info = world.open_to_read(&world.data()?)?.info()?;
    print_object(world, &info, || describe(&info))?;
    world.say(&format!(
        "{} exchanges in the store; next: tidemark rates",
        thousands(info.exchanges.rows)
    ));
    Ok(Exit::Done)
}

fn describe(info: &StoreInfo) -> String {
    let table = |name: &str, t: &TableInfo| {
        format!(
            "{name}: {} rows in {} files, {} bytes, version {}\n",
            thousands(t.rows),
            thousands(t.files as u64),
            thousands(t.bytes),
            t.version
        )
    };
    format!(
        "{} (schema {})\n{}{}",
        info.dir.display(),
        info.schema_version,
        table("exchanges", &info.exchanges),
        table("rates", &info.rates)
    )
}
