//! `tidemark check-config`: what is in force.

use std::io::Write;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};

pub fn run(world: &World) -> Result<Exit, Failure> {
    // Building the parts finds what no single key shows: patterns that do not compile, rules that contradict.
    world.attributor()?;
    world.passing_masker()?;
    world.keys(&world.data()?)?.check()?;
    for source in &world.config.sources {
        source.spec()?;
    }
    let text = toml::to_string_pretty(&world.config)
        .map_err(|error| Failure::usage(format!("the configuration cannot be shown: {error}")))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "# data = {}", world.data()?.display())?;
    out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}
