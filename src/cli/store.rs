//! `tidemark store`: the tables themselves.

use clap::Subcommand;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::print_object;
use crate::model::digits::thousands;
use crate::store::{self, Extent, Joined, StoreInfo, TableInfo};

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Where it is, how large, which version
    Info,
    /// Join small files, also while a service reads and writes; replaced files go from the disk after an hour
    Compact,
}

pub fn run(world: &World, command: &StoreCommand) -> Result<Exit, Failure> {
    match command {
        StoreCommand::Info => info(world),
        StoreCommand::Compact => compact(world),
    }
}

fn compact(world: &World) -> Result<Exit, Failure> {
    let done = world
        .runtime
        .block_on(store::compact(&world.data()?, Extent::All))?;
    let table = |name: &str, t: &Joined| {
        format!(
            "{name}: {} files became {}; {} replaced ones removed\n",
            thousands(t.files_before),
            thousands(t.files_after),
            thousands(t.files_removed)
        )
    };
    print_object(world, &done, || {
        table("exchanges", &done.exchanges) + &table("rates", &done.rates)
    })?;
    world.say("the same rows in fewer files; next: tidemark store info");
    Ok(Exit::Done)
}

fn info(world: &World) -> Result<Exit, Failure> {
    let store = world.open_to_read(&world.data()?)?;
    let mut info = store.info()?;
    info.proof = world.runtime.block_on(store.last_proof())?;
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
    let proof = info.proof.as_ref().map_or_else(String::new, |proof| {
        format!(
            "last commit: {} rows, {} values masked, 0 of {} originals present (policy {}, key {})\n",
            thousands(proof.rows),
            thousands(proof.masked.values().sum()),
            thousands(proof.searched),
            proof.policy,
            proof.key,
        )
    });
    format!(
        "{} (schema {})\n{}{}{proof}",
        info.dir.display(),
        info.schema_version,
        table("exchanges", &info.exchanges),
        table("rates", &info.rates)
    )
}
