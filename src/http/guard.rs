//! Keeps other sites out: a page elsewhere must not reach this service through the visitor's browser.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;

use crate::http::error::ApiError;

/// Answers only requests that name this machine. A name that was made to point here (DNS rebinding) is refused.
pub async fn local_host_only(request: Request, next: Next) -> Result<Response, ApiError> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| request.uri().host())
        .unwrap_or_default();
    if !is_local(host) {
        return Err(ApiError::forbidden(
            "this service answers to localhost only",
        ));
    }
    Ok(next.run(request).await)
}

/// A page elsewhere may send, though not read: only pages of this machine may make the visitor's browser write here.
/// Programs send no origin.
pub async fn own_pages_only(request: Request, next: Next) -> Result<Response, ApiError> {
    let origin = request.headers().get(header::ORIGIN);
    let foreign = origin.is_some_and(|origin| !is_own_page(origin.to_str().unwrap_or_default()));
    if foreign && !request.method().is_safe() {
        return Err(ApiError::forbidden(
            "pages of other sites cannot write to this service",
        ));
    }
    Ok(next.run(request).await)
}

/// Answers for a handler that panics; without, the connection would close without a word.
pub async fn catch_panic(request: Request, next: Next) -> Result<Response, ApiError> {
    // Nothing of the request is seen again.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.map_err(|_| ApiError::fault("the service has a fault, and its log tells where"))
}

fn is_own_page(origin: &str) -> bool {
    origin
        .split_once("://")
        .is_some_and(|(_, host)| is_local(host))
}

/// What a sender may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Ingest,
}

/// Whether the sender has shown a token of this scope. The service listens on this machine alone and knows no tokens,
/// so everybody who reaches it may; every route that takes something in asks here.
pub fn check_scope(scope: Scope, _headers: &HeaderMap) -> Result<(), ApiError> {
    match scope {
        Scope::Ingest => Ok(()),
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Router, middleware};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in [
            "localhost:7433",
            "127.0.0.1:7433",
            "[::1]:7433",
            "LOCALHOST",
            "127.0.0.1",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "evil.example:7433",
            "localhost.evil.example",
            "10.0.0.1:7433",
            "127.0.0.1.nip.example",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_page_elsewhere_is_known_by_its_origin() {
        for origin in ["http://localhost:7433", "http://127.0.0.1:8080"] {
            assert!(is_own_page(origin), "{origin}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
        ] {
            assert!(!is_own_page(origin), "{origin}");
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_for() {
        let faulty = get(async || -> &'static str { panic!("a token") });
        let router = Router::new()
            .route("/", faulty)
            .layer(middleware::from_fn(catch_panic));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async { axum::serve(listener, router).await });
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let asked = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(asked.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("text");
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("/problems/fault"), "{answer}");
        assert!(!answer.contains("token"), "{answer}");
    }
}
