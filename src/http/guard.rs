//! Keeps other sites out: a page elsewhere must not reach this service through the visitor's browser.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

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
}
