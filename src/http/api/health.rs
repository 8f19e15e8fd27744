//! `/healthz`, `/readyz`.

use axum::extract::State;

use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::live::PushError;
use crate::query::Bounds;

#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "The process answers", body = String)))]
pub async fn live() -> &'static str {
    "ok\n"
}

#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, description = "The store is open and can be read, what comes in can be stored, and the masking key can be read", body = String),
    (status = 503, description = "It cannot", body = Problem, content_type = "application/problem+json"),
))]
pub async fn ready(State(context): State<Context>) -> Result<&'static str, ApiError> {
    let queue = &context.pusher().desk().queue;
    let trouble = queue.trouble().or_else(|| queue.lag());
    if let Some(why) = trouble.or_else(|| queue.key_trouble()) {
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
