//! `tidemark completions`: for the shell.

use clap::Args;
use clap_complete::Shell;

use crate::cli::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs, command: &mut clap::Command) -> Result<Exit, Failure> {
    clap_complete::generate(args.shell, command, "tidemark", &mut std::io::stdout());
    Ok(Exit::Done)
}
