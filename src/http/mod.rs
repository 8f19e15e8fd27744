//! The dashboard and its API, served by axum.
//!
//! Handlers take the request apart, call one function below and shape the body. Reading configuration files is `config`'s
//! work, judging `verdict`'s.

mod api;
mod assets;
mod context;
mod error;
mod guard;
mod router;
mod shippers;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

pub use context::{Context, Rooms};
pub use error::ApiError;
pub use router::{openapi, router};

/// Where the service listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub listen: SocketAddr,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7433),
        }
    }
}

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
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    axum::serve(listener, router(context))
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(ServeError::Stopped)
}
