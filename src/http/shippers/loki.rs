//! `/loki/api/v1/push`: snappy-packed protobuf, which agents send, or JSON.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::http::api::ingest::media_type;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;
use crate::live::Protocol;

pub fn routes() -> Router<Context> {
    Router::new()
        .route("/loki/api/v1/push", post(push))
        .route("/ready", get(async || "ready\n"))
}

async fn push(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    match store(&context, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(&error),
    }
}

async fn store(context: &Context, headers: &HeaderMap, body: Body) -> Result<(), ApiError> {
    let protocol = match media_type(headers).as_str() {
        "application/json" => Protocol::LokiJson,
        _ => Protocol::LokiSnappy,
    };
    let mut request = take(context, headers, body).await?;
    // Some agents say that snappy is the encoding of the content; it is part of the format.
    request.encoding = request
        .encoding
        .filter(|encoding| !encoding.eq_ignore_ascii_case("snappy"));
    context.pusher().push_protocol(protocol, request).await?;
    Ok(())
}

/// In words; agents look at the status.
fn refuse(error: &ApiError) -> Response {
    error.in_words_of((error.status(), format!("{}\n", error.detail())))
}
