//! `tidemark report`: the evidence report of an integration as a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::assess::{assess_integration, judge_series};
use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::report::{ReportInput, SAMPLES_MAX, render_html, render_markdown};

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The integration to report on
    #[arg(long, value_name = "NAME")]
    integration: String,
    /// Where to write it
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// The form [default: by the file name, else html]
    #[arg(long, value_enum)]
    bundle: Option<Bundle>,
    /// Request and response pairs to show at the most
    #[arg(long, default_value_t = 6, value_name = "N")]
    samples: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bundle {
    Html,
    Md,
}

pub fn run(world: &World, args: &ReportArgs) -> Result<Exit, Failure> {
    let bundle = args.bundle.unwrap_or_else(|| bundle_of(&args.output));
    let store = world.open_to_read(&world.data()?)?;
    let text = world.runtime.block_on(async {
        let session = world.session(&store).await?;
        let scope = world.scope(&session, Some(&args.integration)).await?;
        // The summary names the first and the last, however few are shown.
        let wanted = args.samples.clamp(2, SAMPLES_MAX);
        let judgement = judge_series(&session, &world.config.verdict, &scope).await?;
        let Some(assessment) =
            assess_integration(&session, &judgement, &args.integration, &scope, wanted).await?
        else {
            return Err(Failure::usage("there are no data to report on"));
        };
        let masked = session
            .count_masked(assessment.range, &args.integration)
            .await?;
        let input = ReportInput {
            assessment: &assessment,
            made_at: world.now(),
            tool_version: env!("CARGO_PKG_VERSION"),
            samples_max: args.samples,
            masked_note: &masked,
        };
        Ok::<_, Failure>(match bundle {
            Bundle::Html => render_html(&input)?,
            Bundle::Md => render_markdown(&input)?,
        })
    })?;
    write(&args.output, &text)?;
    world.say(&format!(
        "wrote {} ({} KB); next: read it, attach it to the case, or see the same in `tidemark serve`",
        args.output.display(),
        text.len().div_ceil(1024)
    ));
    Ok(Exit::Done)
}

fn bundle_of(path: &Path) -> Bundle {
    match path.extension().and_then(|e| e.to_str()) {
        Some("md" | "markdown") => Bundle::Md,
        _ => Bundle::Html,
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
