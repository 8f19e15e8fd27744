//! `tidemark serve`: the dashboard and the API, and what comes in meanwhile.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::live::{LiveRoom, close_in_time, ended, wall_clock};
use crate::http::{self, Context, Rooms};
use crate::ingest::Plan;
use crate::live::{Hold, Pusher, SourceError, Spec};
use crate::store::{Access, Store, StoreError};

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on [default: 127.0.0.1:7433]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Files, folders or globs to follow, besides the sources of the configuration; they may be rotated, and more may
    /// appear
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub follow: Vec<PathBuf>,
    /// Address on which to take lines sent by syslog, over UDP and TCP
    #[arg(long, value_name = "ADDR")]
    pub syslog: Option<SocketAddr>,
}

pub fn run(world: &World, args: &ServeArgs) -> Result<Exit, Failure> {
    let sources = world.config.sources.iter();
    let specs: Result<Vec<Spec>, SourceError> = sources.map(|source| source.spec()).collect();
    let mut specs = specs?;
    if !args.follow.is_empty() {
        specs.push(Spec {
            paths: args.follow.clone(),
            plan: Arc::new(Plan::default()),
        });
    }
    serve(world, &world.data()?, args.listen, specs, args.syslog)
}

/// Serves a store until Ctrl-C or a termination signal. What is followed or comes by syslog needs the writer's lock from
/// start to end; pushed batches take it when they come.
pub fn serve(
    world: &World,
    dir: &Path,
    listen: Option<SocketAddr>,
    specs: Vec<Spec>,
    syslog: Option<SocketAddr>,
) -> Result<Exit, Failure> {
    let hold = match specs.is_empty() && syslog.is_none() {
        true => Hold::WhileNeeded,
        false => Hold::Always,
    };
    let address = listen.unwrap_or(world.config.server.listen);
    let listener = world.runtime.block_on(http::bind(address))?;
    let (room, store) = open(world, dir, hold)?;
    let running = room.start(world, specs, syslog)?;
    let context = Context::new(Rooms {
        store,
        facts: world.catalog()?.facts(),
        query: world.config.query.clone(),
        verdict: world.config.verdict.clone(),
        pusher: Pusher::new(running.desk.clone(), world.config.live.clone()),
        body_patience: Duration::from_secs(world.config.server.body_s),
        clock: wall_clock,
    });
    if let Some(address) = running.syslog_address() {
        eprintln!("syslog: {address} (UDP and TCP)");
    }
    let address = listener.local_addr().unwrap_or(address);
    eprintln!("dashboard: http://{address}/  (Ctrl-C ends)");
    let queue = Arc::clone(&running.desk.queue);
    let ending = async move {
        ended(&queue).await;
        close_in_time(queue);
    };
    let serving = http::serve(listener, context, &world.config.server, ending);
    let served = world.runtime.block_on(serving);
    running.end()?;
    served?;
    Ok(Exit::Done)
}

fn open(world: &World, dir: &Path, hold: Hold) -> Result<(LiveRoom, Store), Failure> {
    let open = |access| world.runtime.block_on(Store::open(dir, access));
    if hold == Hold::Always {
        let room = LiveRoom::open(world, dir, hold, None)?;
        // With the lock in hand the tables are there, and the writer brings them up to date.
        return Ok((room, open(Access::Read)?));
    }
    if let Err(StoreError::Missing { .. }) = open(Access::Read) {
        // Batches may be pushed into it.
        drop(open(Access::Write)?);
        world.say(&format!(
            "note: the store at {} is new and empty; load logs with `tidemark ingest`, or push them to /api/v1/ingest",
            dir.display()
        ));
    }
    let store = world.open_to_read(dir)?;
    Ok((LiveRoom::open(world, dir, hold, None)?, store))
}
