//! `tidemark ingest`: logs into the store.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;

use crate::cli::exit::{Exit, Failure};
use crate::cli::live::{LiveRoom, ended};
use crate::cli::output::print_object;
use crate::cli::progress::{stop_on_interrupt, with_progress};
use crate::cli::{OutputFormat, World};
use crate::ingest::{
    FormatChoice, Ingest, Input, IntoStore, Keep, Plan, Progress, RejectFile, Summary, gather,
};
use crate::live::{Hold, SourceError, Spec};
use crate::mask::Maskers;
use crate::model::digits::thousands;
use crate::model::exchange::Direction;
use crate::read::engine::mapping::Mapping;
use crate::read::format::Options;
use crate::store::Proved;

#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files, folders (recursive), globs, or - for standard input; plain, gz, zst or bz2 [default: the sources of
    /// the configuration]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub how: HowArgs,
    /// The name to note as source instead of the path
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The integration that all lines belong to
    #[arg(long, value_name = "NAME")]
    pub integration: Option<String>,
    /// Who called whom
    #[arg(long, value_enum)]
    direction: Option<DirectionArg>,
    /// Go on reading what is written to the files, until Ctrl-C; they may be rotated, and more may appear
    #[arg(long, conflicts_with = "dry_run")]
    follow: bool,
    /// Count and mask, but store nothing
    #[arg(long)]
    dry_run: bool,
    /// Add rejected lines to this file, masked, as JSON lines with source and offset; `ingest` reads them again from it,
    /// say with --log-format
    #[arg(long, value_name = "FILE")]
    pub reject_file: Option<PathBuf>,
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
    let specs = specs(world, args)?;
    if world.has_range() {
        world.say("note: --since and --until choose what is shown; ingest reads everything");
    }
    if args.follow {
        return follow(world, args, specs);
    }
    let mut batches = Vec::new();
    for spec in specs {
        batches.push((gather(&spec.paths)?, spec.plan));
    }
    let stop = stop_on_interrupt(world);
    let summary = if args.dry_run {
        let maskers = Maskers::new(world.passing_masker()?);
        read(world, &batches, args, None, &maskers, &stop)?
    } else {
        let dir = world.data()?;
        let mut store = world.open_to_write(&dir)?;
        // Nobody rotates it: a run ends under the key that it began with, and so each of its commits is under one.
        let maskers = Maskers::new(world.masker(store.dir())?);
        let runtime = world.runtime.handle().clone();
        let mut keep = IntoStore {
            marks: world.marks(store.dir())?,
            store: &mut store,
            runtime,
        };
        let mut summary = read(world, &batches, args, Some(&mut keep), &maskers, &stop)?;
        summary.proof = Some(store.proved().clone());
        summary
    };
    report(world, &summary)?;
    let exit = match stop.load(Ordering::Relaxed) {
        true => Exit::Interrupted,
        false => judge(args, &summary)?,
    };
    world.say(&describe(&summary, args.dry_run));
    if let Some(proof) = summary.proof.filter(|_| world.is_verbose()) {
        world.say(&describe_proof(&proof));
    }
    Ok(exit)
}

/// What the command line names, or else the configuration.
fn specs(world: &World, args: &IngestArgs) -> Result<Vec<Spec>, Failure> {
    if args.paths.is_empty() {
        let sources = &world.config.sources;
        let specs: Result<Vec<Spec>, SourceError> = sources.iter().map(|s| s.spec()).collect();
        let specs = specs?;
        return match specs.is_empty() {
            true => Err(Failure::usage(
                "nothing to read: name files, folders or globs, or put [[sources]] into the configuration",
            )),
            false => Ok(specs),
        };
    }
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
    Ok(vec![Spec {
        paths: args.paths.clone(),
        plan: Arc::new(plan),
    }])
}

/// Follows until Ctrl-C or a termination signal, and tells then what was read.
fn follow(world: &World, args: &IngestArgs, specs: Vec<Spec>) -> Result<Exit, Failure> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::usage(
            "standard input ends by itself and cannot be followed; leave --follow out",
        ));
    }
    let started = std::time::Instant::now();
    let rejects = args.reject_file.as_deref();
    let rejects = rejects
        .map(|path| RejectFile::create(path, &[]))
        .transpose()?;
    let room = LiveRoom::open(world, &world.data()?, Hold::Always, rejects)?;
    let running = room.start(world, specs, None)?;
    world.say("following; Ctrl-C ends");
    world.runtime.block_on(ended(&running.desk.queue));
    let mut summary = running.end()?;
    summary.seconds = started.elapsed().as_secs_f64();
    report(world, &summary)?;
    world.say(&describe(&summary, false));
    match args.max_reject {
        Some(max) if summary.reject_pct() > max => Ok(Exit::TooManyRejects),
        _ => Ok(Exit::Done),
    }
}

fn read(
    world: &World,
    batches: &[(Vec<Input>, Arc<Plan>)],
    args: &IngestArgs,
    mut keep: Option<&mut IntoStore<'_>>,
    maskers: &Maskers,
    stop: &std::sync::atomic::AtomicBool,
) -> Result<Summary, Failure> {
    let progress = Progress::default();
    let attributor = world.attributor()?;
    let mut total = Summary::new();
    for (inputs, plan) in batches {
        let ingest = Ingest {
            plan,
            settings: &world.config.ingest,
            attributor: &attributor,
            maskers,
            keep: keep.as_deref_mut().map(|keep| keep as &mut dyn Keep),
            growing: false,
            rejects: args.reject_file.as_deref(),
            now: world.now(),
            progress: &progress,
            stop,
        };
        let summary = with_progress(world, &progress, || ingest.run(inputs))?;
        total.seconds += summary.seconds;
        total.merge(summary);
    }
    Ok(total)
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

fn describe_proof(proof: &Proved) -> String {
    format!(
        "proved: 0 of {} originals present in {} files ({} more were masked and are too common to be looked for; {} \
         stood unmasked in other records and were masked there; {} ids are such a value and were left), {:.2} s",
        thousands(proof.searched),
        thousands(proof.files),
        thousands(proof.originals - proof.searched),
        thousands(proof.healed),
        thousands(proof.left_in_ids),
        proof.seconds,
    )
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
        if args.paths.is_empty() {
            return "the sources of the configuration".to_owned();
        }
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
