//! `tidemark completions`: for the shell.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::cli::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs, command: &mut clap::Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "tidemark", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
