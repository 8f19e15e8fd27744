//! Datadog's log intake: `/api/v2/logs`, its older forms, and the check of the key that agents begin with.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;
use crate::live::Protocol;

/// Megabytes of a body, unpacked, as the intake has it: agents make their batches smaller and split one that is refused.
const BODY_MB: u64 = 5;

pub fn routes() -> Router<Context> {
    Router::new()
        .route("/api/v2/logs", post(push))
        .route("/v1/input", post(push))
        .route("/v1/input/{key}", post(push))
        .route(
            "/api/v1/validate",
            get(async || Json(json!({"valid": true}))),
        )
}

async fn push(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    match store(&context, &headers, body).await {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({}))).into_response(),
        Err(error) => refuse(&error),
    }
}

async fn store(context: &Context, headers: &HeaderMap, body: Body) -> Result<(), ApiError> {
    let mut request = take(context, headers, body).await?;
    request.unpacked_mb = Some(BODY_MB);
    let pusher = context.pusher();
    pusher.push_protocol(Protocol::Datadog, request).await?;
    Ok(())
}

fn refuse(error: &ApiError) -> Response {
    let status = error.status();
    let told = json!({"status": status.as_u16().to_string(), "title": error.detail()});
    error.in_words_of((status, Json(json!({ "errors": [told] }))))
}
