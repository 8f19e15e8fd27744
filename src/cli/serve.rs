//! `tidemark serve`: the dashboard and the API.

use std::net::SocketAddr;

use clap::Args;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::http::{self, Context, Rooms};
use crate::model::time::Timestamp;
use crate::store::Store;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on [default: 127.0.0.1:7433]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

pub fn run(world: &World, args: &ServeArgs) -> Result<Exit, Failure> {
    let store = world.open_to_read()?;
    serve(world, store, args.listen)
}

/// Serves a store until Ctrl-C or a termination signal.
pub fn serve(world: &World, store: Store, listen: Option<SocketAddr>) -> Result<Exit, Failure> {
    let context = Context::new(Rooms {
        store,
        facts: world.catalog()?.facts(),
        query: world.config.query.clone(),
        verdict: world.config.verdict.clone(),
        clock: wall_clock,
    });
    let address = listen.unwrap_or(world.config.server.listen);
    world.runtime.block_on(async {
        let listener = http::bind(address).await?;
        let address = listener.local_addr().unwrap_or(address);
        eprintln!("dashboard: http://{address}/  (Ctrl-C ends)");
        http::serve(listener, context, stopped()).await?;
        Ok::<_, Failure>(Exit::Done)
    })
}

fn wall_clock() -> Timestamp {
    chrono::Utc::now().into()
}

async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
