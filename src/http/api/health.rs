//! `/healthz`, `/readyz`, `/metrics`.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::assess::{self, Scope};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::live::PushError;
use crate::model::assessment::IntegrationSummary;
use crate::query::Bounds;

#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "The process answers", body = String)))]
pub async fn live() -> &'static str {
    "ok\n"
}

#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, description = "The store is open and can be read, and what comes in can be stored", body = String),
    (status = 503, description = "It cannot", body = Problem, content_type = "application/problem+json"),
))]
pub async fn ready(State(context): State<Context>) -> Result<&'static str, ApiError> {
    let queue = &context.pusher().desk().queue;
    if let Some(why) = queue.trouble().or_else(|| queue.lag()) {
        return Err(PushError::Unavailable(why).into());
    }
    match find_bounds(&context).await {
        Ok(_) => Ok("ready\n"),
        Err(error) => Err(error.into_unavailable()),
    }
}

async fn find_bounds(context: &Context) -> Result<Bounds, ApiError> {
    Ok(context.view().await?.session.find_bounds().await?)
}

#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, description = "Prometheus text: counts of the last day of the data and the verdict of each integration", body = String),
))]
pub async fn metrics(State(context): State<Context>) -> Result<Response, ApiError> {
    let view = context.view().await?;
    let scope = Scope::default();
    let judgement = context.judgement(&view, &scope).await?;
    let (_, integrations) = assess::overview(&view.session, &judgement, &scope).await?;
    let text = exposition(&integrations, view.version);
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response())
}

/// The Prometheus text format, version 0.0.4.
fn exposition(integrations: &[IntegrationSummary], version: u64) -> String {
    type Value = fn(&IntegrationSummary) -> u64;
    let gauges: [(&str, &str, Value); 5] = [
        (
            "tidemark_requests",
            "Requests in the last day of the data",
            |i| i.counts.requests,
        ),
        (
            "tidemark_throttled",
            "Requests that the vendor throttled in that day",
            |i| i.counts.throttled,
        ),
        ("tidemark_server_errors", "Server errors in that day", |i| {
            i.counts.server_errors
        }),
        (
            "tidemark_no_response",
            "Requests without a response in that day",
            |i| i.counts.no_response,
        ),
        (
            "tidemark_category",
            "Verdict: 3 Category 2, 2 undecided, 1 Category 1, 0 quiet",
            |i| i.headline.category.urgency().into(),
        ),
    ];
    let mut text = String::new();
    for (name, help, value) in gauges {
        let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} gauge");
        for integration in integrations {
            let label = integration
                .integration
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = writeln!(
                text,
                "{name}{{integration=\"{label}\"}} {}",
                value(integration)
            );
        }
    }
    let _ = writeln!(
        text,
        "# HELP tidemark_table_version Version of the rates table.\n# TYPE tidemark_table_version counter\ntidemark_table_version {version}"
    );
    text
}
