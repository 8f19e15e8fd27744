//! Counts how pushes are answered, by protocol and status.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::context::Context;

/// Answers by protocol and status, and the bytes of bodies that were taken. Cheap to clone.
#[derive(Clone, Default)]
pub struct PushCounts(Arc<Mutex<Counts>>);

#[derive(Clone, Default)]
pub struct Counts {
    pub answers: BTreeMap<(&'static str, u16), u64>,
    pub bytes: u64,
}

impl PushCounts {
    pub fn add_bytes(&self, bytes: usize) {
        self.with(|counts| counts.bytes += bytes as u64);
    }

    pub fn get(&self) -> Counts {
        self.with(|counts| counts.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub async fn count_push(
    State(context): State<Context>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let pushes = matches!(*request.method(), Method::POST | Method::PUT);
    let protocol = path.filter(|_| pushes);
    let protocol = protocol.and_then(|path| protocol_of(path.as_str()));
    let response = next.run(request).await;
    if let Some(protocol) = protocol {
        let answer = (protocol, response.status().as_u16());
        let counts = context.push_counts();
        counts.with(|counts| *counts.answers.entry(answer).or_default() += 1);
    }
    response
}

/// By the route and not by the path that was asked for, so that there are few.
fn protocol_of(route: &str) -> Option<&'static str> {
    Some(match route {
        "/api/v1/ingest" => "ingest",
        "/api/v1/firehose" => "firehose",
        "/v1/logs" | "/v1/traces" | "/v1/metrics" => "otlp",
        "/_bulk" | "/{index}/_bulk" => "elasticsearch",
        "/loki/api/v1/push" => "loki",
        "/api/v2/logs" | "/v1/input" | "/v1/input/{key}" => "datadog",
        route if route.starts_with("/services/collector") => "splunk",
        _ => return None,
    })
}
