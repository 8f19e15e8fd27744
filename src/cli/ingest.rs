//! `tidemark ingest`: logs into the store.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::Args;

use crate::cli::exit::{Exit, Failure};
use crate::cli::output::print_object;
use crate::cli::progress::{stop_on_interrupt, with_progress};
use crate::cli::{OutputFormat, World};
use crate::ingest::{FormatChoice, Ingest, Input, Plan, Progress, Summary, gather};
use crate::mask::Masker;
use crate::model::digits::thousands;
use crate::model::exchange::Direction;
use crate::read::engine::mapping::Mapping;
use crate::read::format::Options;
use crate::store::{Access, Store};

#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files, folders (recursive), globs, or - for standard input; plain, gz, zst or bz2
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    pub how: HowArgs,
    /// The name to note as source instead of the path
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The integration that all lines belong to
    #[arg(long, value_name = "NAME")]
    integration: Option<String>,
    /// Who called whom
    #[arg(long, value_enum)]
    direction: Option<DirectionArg>,
    /// Count and mask, but store nothing
    #[arg(long)]
    dry_run: bool,
    /// Write rejected lines here, masked, as JSON lines
    #[arg(long, value_name = "FILE")]
    reject_file: Option<PathBuf>,
    /// Exit with 4 when more than this share of the records was rejected
    #[arg(long, value_name = "PCT", value_parser = parse_pct)]
    max_reject: Option<f64>,
}

/// How lines are to be read; the same for `ingest`, `formats` and `mask`.
#[derive(Debug, Default, Args)]
pub struct HowArgs {
    /// A format by name (see `tidemark formats list`) [default: by content]
    #[arg(long, value_name = "NAME")]
    pub input_format: Option<String>,
    /// The server's own format string (nginx, Apache, Envoy, HAProxy, Squid, morgan, …)
    #[arg(long, value_name = "STRING", conflicts_with = "input_format")]
    pub log_format: Option<String>,
    /// Where a JSON record holds a field, such as status=http.response.code
    #[arg(long, value_name = "FIELD=PATH")]
    pub map: Vec<String>,
    /// Zone of times that have no offset [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<chrono_tz::Tz>,
}

impl HowArgs {
    pub fn choice(&self) -> Result<FormatChoice, Failure> {
        Ok(FormatChoice::parse(
            self.input_format.as_deref(),
            self.log_format.as_deref(),
        )?)
    }

    pub fn options(&self) -> Result<Options, Failure> {
        Ok(Options {
            zone: self.zone,
            mapping: Mapping::parse(&self.map)?,
            // Each source has its own, which the ingest knows.
            ..Options::default()
        })
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum DirectionArg {
    Outbound,
    Inbound,
}

fn parse_pct(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(pct) if (0.0..=100.0).contains(&pct) => Ok(pct),
        _ => Err("a share between 0 and 100 is needed".to_owned()),
    }
}

pub fn run(world: &World, args: &IngestArgs) -> Result<Exit, Failure> {
    let plan = Plan {
        format: args.how.choice()?,
        options: args.how.options()?,
        source_name: args.source.clone(),
        integration: args.integration.clone(),
        direction: args.direction.map(|d| match d {
            DirectionArg::Outbound => Direction::Outbound,
            DirectionArg::Inbound => Direction::Inbound,
        }),
    };
    let inputs = gather(&args.paths)?;
    let stop = stop_on_interrupt(world);
    let summary = if args.dry_run {
        read(
            world,
            &plan,
            &inputs,
            args,
            None,
            &world.passing_masker()?,
            &stop,
        )?
    } else {
        let dir = world.data()?;
        let mut store = world.runtime.block_on(Store::open(&dir, Access::Write))?;
        let masker = world.masker(store.dir())?;
        read(
            world,
            &plan,
            &inputs,
            args,
            Some(&mut store),
            &masker,
            &stop,
        )?
    };
    report(world, &summary)?;
    let exit = match stop.load(Ordering::Relaxed) {
        true => Exit::Interrupted,
        false => judge(args, &summary)?,
    };
    world.say(&describe(&summary, args.dry_run));
    Ok(exit)
}

fn read(
    world: &World,
    plan: &Plan,
    inputs: &[Input],
    args: &IngestArgs,
    store: Option<&mut Store>,
    masker: &Masker,
    stop: &std::sync::atomic::AtomicBool,
) -> Result<Summary, Failure> {
    let progress = Progress::default();
    let attributor = world.attributor()?;
    let ingest = Ingest {
        plan,
        settings: &world.config.ingest,
        attributor: &attributor,
        masker,
        store,
        rejects: args.reject_file.as_deref(),
        now: world.now(),
        runtime: world.runtime.handle().clone(),
        progress: &progress,
        stop,
    };
    Ok(with_progress(world, &progress, || ingest.run(inputs))?)
}

fn report(world: &World, summary: &Summary) -> Result<(), Failure> {
    for warning in &summary.warnings {
        world.say(&format!("warning: {warning}"));
    }
    if summary.files > 0 && !summary.understood() {
        world.say("warning: no HTTP exchange was found in it");
    }
    for passed in summary.passed_over.iter().filter(|p| !p.named) {
        world.say(&format!("note: {} {}", passed.source, passed.why));
    }
    match world.format() {
        // On a terminal the sentence at the end says it.
        OutputFormat::Table => Ok(()),
        _ => print_object(world, summary, String::new),
    }
}

fn describe(summary: &Summary, dry_run: bool) -> String {
    let mut text = format!(
        "{} {} records ({} attempts) from {} files in {:.1} s",
        if dry_run { "would store" } else { "stored" },
        thousands(summary.records),
        thousands(summary.attempts),
        summary.files,
        summary.seconds,
    );
    for (n, what) in [
        (summary.ignored, "lines ignored"),
        (summary.rejected, "lines rejected"),
        (summary.duplicates, "lines known already"),
        (summary.untimed, "records without a time"),
        (summary.masked.total(), "values masked"),
    ] {
        if n > 0 {
            text.push_str(&format!("; {} {what}", thousands(n)));
        }
    }
    text.push_str("; next: tidemark assess");
    text
}

fn judge(args: &IngestArgs, summary: &Summary) -> Result<Exit, Failure> {
    let named: Vec<_> = summary.passed_over.iter().filter(|p| p.named).collect();
    if let Some(first) = named.first() {
        let more = if named.len() > 1 {
            format!(" (and {} more)", named.len() - 1)
        } else {
            String::new()
        };
        let remedy = match first.empty {
            true => "; run the same command again when something was written to it".to_owned(),
            false => format!(
                "; name its format with --input-format or --log-format, or see `tidemark formats detect {}`",
                first.source
            ),
        };
        let (source, why) = (&first.source, &first.why);
        return Err(Failure::input(format!("{source} {why}{more}{remedy}")));
    }
    let places = || {
        args.paths
            .iter()
            .map(|p| p.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if summary.files == 0 {
        return Err(Failure::input(format!(
            "{} holds no log that is understood; name the format with --input-format or --log-format, or see `tidemark formats detect FILE`",
            places()
        )));
    }
    if !summary.understood() && summary.rejected > 0 {
        return Err(Failure::input(format!(
            "{}: not one line of it could be read; nothing is noted of it, so it can be read again with the right \
             --input-format, --log-format or --map (--reject-file tells what was wrong)",
            places()
        )));
    }
    match args.max_reject {
        Some(max) if summary.reject_pct() > max => Ok(Exit::TooManyRejects),
        _ => Ok(Exit::Done),
    }
}
