//! The verbs: each builds the parts it needs, starts them, and stops them.

mod assess;
mod check_config;
mod completions;
mod demo;
mod errors;
mod exit;
mod explain;
mod formats;
mod ingest;
mod key;
mod live;
mod mask;
mod output;
mod progress;
mod rates;
mod report;
mod serve;
mod sql;
mod store;
mod world;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::mem::ManuallyDrop;
use std::panic::{self, Location};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::cli::exit::{Exit, Failure};
use crate::cli::world::World;
use crate::model::time::Timestamp;
use crate::model::timespec::{Anchors, parse_time};

/// Tells whether an API you depend on is really failing or just noisy, and gives the proof.
#[derive(Debug, Parser)]
#[command(name = "tidemark", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every verb.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the store [default: the user's data folder + tidemark]
    #[arg(long, global = true, env = "TIDEMARK_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file
    #[arg(long, global = true, env = "TIDEMARK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Begin of the range: RFC 3339, a date, epoch s or ms, now-6h, 6h (before the end of the data). Without a range, rates
    /// and errors tell of all data, a report of the last day
    #[arg(long, global = true, value_name = "T")]
    pub since: Option<String>,
    /// End of the range
    #[arg(long, global = true, value_name = "T")]
    pub until: Option<String>,
    /// Zone for times in tables; machine formats stay in UTC
    #[arg(long, global = true, value_name = "ZONE", default_value = "UTC")]
    pub tz: chrono_tz::Tz,
    /// [default: table on a terminal, jsonl in a pipe]
    #[arg(long, global = true, value_enum)]
    pub format: Option<OutputFormat>,
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub color: Color,
    /// Only data and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more about what is done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No progress line, also on a terminal
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Exit with 1 when something at or above this is found
    #[arg(long, global = true, value_name = "WHAT", default_value = "none")]
    pub fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Table,
    Json,
    Jsonl,
    Csv,
    Md,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Category2,
    Undecided,
    #[value(name = "advice:high")]
    AdviceHigh,
    None,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load the bundled example logs into a fresh store, print the verdicts, serve the dashboard
    Demo(demo::DemoArgs),
    /// Read logs into the store
    Ingest(ingest::IngestArgs),
    /// What formats are understood, and how a file would be read
    #[command(subcommand)]
    Formats(formats::FormatsCommand),
    /// Mask secrets and personal data in text, line by line
    Mask(mask::MaskArgs),
    /// The rate table, of all data unless a range is given
    Rates(rates::RatesArgs),
    /// The verdicts
    Assess(assess::AssessArgs),
    /// Kinds of errors, of all data unless a range is given
    Errors(errors::ErrorsArgs),
    /// Write the evidence report of an integration
    Report(report::ReportArgs),
    /// Ask the tables exchanges, rates and vendors in SQL, read-only
    Sql(sql::SqlArgs),
    /// The tables themselves
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// The masking key: list, rotate, forget, and find what stands for a value
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Serve the dashboard and the API
    Serve(serve::ServeArgs),
    /// Print shell completions
    Completions(completions::CompletionsArgs),
    /// Check the configuration and print what is in force
    CheckConfig,
}

/// The whole program.
pub fn main() -> ExitCode {
    tell_panics();
    let cli = Cli::parse();
    match run(cli) {
        Ok(exit) => exit.into(),
        // Nobody reads on: what they wanted to see they have seen.
        Err(failure) if failure.exit == Exit::Done => Exit::Done.into(),
        Err(failure) => {
            eprintln!("tidemark: {}", failure.message);
            failure.exit.into()
        }
    }
}

/// Says where a panic was, and not its message, which may hold a piece of a log.
///
/// When a file cannot be written (a full disk), `object_store` 0.13 panics in the clean-up (`BufWriter::abort` after a
/// failed shutdown), `deltalake` catches that, and the error itself comes back as one: of that nothing is said.
fn tell_panics() {
    panic::set_hook(Box::new(|info| {
        let Some(at) = info.location().filter(|at| !is_caught(at)) else {
            return;
        };
        eprintln!("tidemark: panicked at {at}; this is a fault of the program, please report it");
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            eprintln!("{trace}");
        }
    }));
}

/// A misspelt time is told by every verb, before anything is done.
fn check_times(global: &Global) -> Result<(), Failure> {
    let now = Timestamp::from_secs(1_000_000_000);
    let anchors = Anchors { now, latest: now };
    for text in [&global.since, &global.until].into_iter().flatten() {
        parse_time(text, anchors)?;
    }
    Ok(())
}

fn is_caught(at: &Location<'_>) -> bool {
    at.file().contains("object_store") && at.file().ends_with("buffered.rs")
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let Cli { global, command } = cli;
    check_times(&global)?;
    // It ends with the process and not before: a task under way (the joining of files, say) can be cut off there without
    // harm, but libraries beneath it panic when the runtime goes away under them.
    let world = ManuallyDrop::new(World::new(global)?);
    match command {
        Command::Demo(args) => demo::run(&world, &args),
        Command::Ingest(args) => ingest::run(&world, &args),
        Command::Formats(command) => formats::run(&world, &command),
        Command::Mask(args) => mask::run(&world, &args),
        Command::Rates(args) => rates::run(&world, &args),
        Command::Assess(args) => assess::run(&world, &args),
        Command::Errors(args) => errors::run(&world, &args),
        Command::Report(args) => report::run(&world, &args),
        Command::Sql(args) => sql::run(&world, &args),
        Command::Store(command) => store::run(&world, &command),
        Command::Key(command) => key::run(&world, &command),
        Command::Serve(args) => serve::run(&world, &args),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
        Command::CheckConfig => check_config::run(&world),
    }
}
