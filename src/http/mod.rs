//! The dashboard and its API, served by axum.
//!
//! Handlers take the request apart, call one function below and shape the body. Reading configuration files is `config`'s
//! work, judging `verdict`'s.

mod api;
mod assets;
mod body;
mod connection;
mod context;
mod counts;
mod error;
mod exposition;
mod guard;
mod router;
mod settings;
mod shippers;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::http::connection::{Handling, Places};

pub use context::{Context, Rooms};
pub use error::ApiError;
pub use router::{openapi, router};
pub use settings::Settings;

/// Time for requests under way once the end was asked for: more than the queue stays open, less than a supervisor waits.
/// A sender that is slow does not hold up the end.
const FINISHED_WITHIN: Duration = Duration::from_secs(8);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{0} is not a loopback address; listening beyond this machine needs tokens, and none are configured"
    )]
    NeedsTokens(SocketAddr),
    #[error("cannot listen on {addr}: {source}; name another address with --listen")]
    Bind {
        addr: SocketAddr,
        source: std::io::Error,
    },
    #[error("the service stopped: {0}")]
    Stopped(std::io::Error),
}

/// Takes the address, or says why not.
pub async fn bind(addr: SocketAddr) -> Result<TcpListener, ServeError> {
    if !addr.ip().is_loopback() {
        return Err(ServeError::NeedsTokens(addr));
    }
    TcpListener::bind(addr)
        .await
        .map_err(|source| ServeError::Bind { addr, source })
}

/// Serves until `shutdown` completes; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    context: Context,
    settings: &Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (ending, ended) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = ending.send(());
    };
    let service = router(context).into_make_service_with_connect_info::<Handling>();
    let served = axum::serve(Places::new(listener, settings), service);
    let too_late = async {
        let _ = ended.await;
        tokio::time::sleep(FINISHED_WITHIN).await;
    };
    tokio::select! {
        served = served.with_graceful_shutdown(shutdown) => served.map_err(ServeError::Stopped),
        () = too_late => Ok(()),
    }
}
