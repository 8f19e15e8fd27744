//! `tidemark demo`: the whole way through on bundled logs, so that a newcomer sees it work before setting anything up.

use std::net::SocketAddr;
use std::path::Path;

use clap::Args;

use crate::assess::{judge_series, overview};
use crate::cli::assess::verdict_words;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, percent, print_rows};
use crate::cli::progress::{stop_on_interrupt, with_progress};
use crate::cli::{World, serve};
use crate::ingest::{Ingest, Input, IntoStore, Plan, Progress};
use crate::mask::Maskers;
use crate::model::assessment::IntegrationSummary;
use crate::model::digits::thousands;
use crate::store::{Access, Store};

/// What `fixtures/README.md` says how it was made.
const LOGS: [Input; 3] = [
    Input::Embedded {
        name: "demo/nginx-egress.log.gz",
        bytes: include_bytes!("../../fixtures/demo/nginx-egress.log.gz"),
    },
    Input::Embedded {
        name: "demo/order-sync.jsonl.gz",
        bytes: include_bytes!("../../fixtures/demo/order-sync.jsonl.gz"),
    },
    Input::Embedded {
        name: "demo/browser.har",
        bytes: include_bytes!("../../fixtures/demo/browser.har"),
    },
];

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Address to listen on [default: 127.0.0.1:7433]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Exit after the table
    #[arg(long)]
    once: bool,
}

pub fn run(world: &World, args: &DemoArgs) -> Result<Exit, Failure> {
    // Without --data the store is gone when the demo ends.
    let scratch = tempfile::tempdir()?;
    let dir = world.global.data.as_deref().unwrap_or(scratch.path());
    let store = load(world, dir)?;
    print_verdicts(world, &store)?;
    if args.once {
        return Ok(Exit::Done);
    }
    // Between batches that are pushed, the lock is nobody's.
    drop(store);
    serve::serve(world, dir, args.listen, Vec::new(), None)
}

fn load(world: &World, dir: &Path) -> Result<Store, Failure> {
    let mut store = world.runtime.block_on(Store::open(dir, Access::Write))?;
    let maskers = Maskers::new(world.masker(store.dir())?);
    let attributor = world.attributor()?;
    let progress = Progress::default();
    let stop = stop_on_interrupt(world);
    let mut keep = IntoStore {
        marks: world.marks(store.dir())?,
        store: &mut store,
        runtime: world.runtime.handle().clone(),
    };
    let ingest = Ingest {
        plan: &Plan::default(),
        settings: &world.config.ingest,
        attributor: &attributor,
        maskers: &maskers,
        keep: Some(&mut keep),
        growing: false,
        rejects: None,
        now: world.now(),
        progress: &progress,
        stop: &stop,
    };
    let summary = with_progress(world, &progress, || ingest.run(&LOGS))?;
    world.say(&format!(
        "loaded {} records of example logs into {} in {:.1} s",
        thousands(summary.records + summary.duplicates),
        dir.display(),
        summary.seconds
    ));
    Ok(store)
}

fn print_verdicts(world: &World, store: &Store) -> Result<(), Failure> {
    let rows = world.runtime.block_on(async {
        let session = world.session(store).await?;
        let scope = world.scope(&session, None).await?;
        let judgement = judge_series(&session, &world.config.verdict, &scope).await?;
        let (_, rows) = overview(&session, &judgement, &scope).await?;
        Ok::<_, Failure>(rows)
    })?;
    print_rows(world, &rows, &columns())
}

fn columns() -> [Column<IntegrationSummary>; 7] {
    [
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |i, _| i.integration.clone(),
        },
        Column {
            title: "VERDICT",
            right: false,
            cell: |i, _| verdict_words(&i.headline),
        },
        Column {
            title: "SINCE",
            right: false,
            cell: |i, s| s.time(i.headline.onset),
        },
        Column {
            title: "CALLS",
            right: true,
            cell: |i, _| thousands(i.counts.requests),
        },
        Column {
            title: "429",
            right: true,
            cell: |i, _| percent(i.rate_429),
        },
        Column {
            title: "5XX",
            right: true,
            cell: |i, _| percent(i.rate_5xx),
        },
        Column {
            title: "WHY",
            right: false,
            cell: |i, _| i.headline.why.first().cloned().unwrap_or_default(),
        },
    ]
}
