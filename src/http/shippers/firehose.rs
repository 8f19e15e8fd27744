//! Amazon Data Firehose's delivery to an HTTP endpoint. Every answer echoes the request's id; a delivery that is tried
//! again has the same one, so it adds nothing.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;

use crate::http::api::ingest::text;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;

const REQUEST_ID: &str = "x-amz-firehose-request-id";
const SOURCE_ARN: &str = "x-amz-firehose-source-arn";

pub fn routes() -> Router<Context> {
    Router::new().route("/api/v1/firehose", post(push))
}

async fn push(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let id = text(&headers, REQUEST_ID);
    let stored = store(&context, &headers, body).await;
    let now = context.now().micros() / 1_000;
    match stored {
        Ok(found) => {
            let id = id.or(found);
            Json(json!({"requestId": id, "timestamp": now})).into_response()
        }
        Err(error) => {
            let told = json!({"requestId": id, "timestamp": now, "errorMessage": error.detail()});
            error.in_words_of((error.status(), Json(told)))
        }
    }
}

/// Gives the id that stands in the body.
async fn store(
    context: &Context,
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<String>, ApiError> {
    let mut request = take(context, headers, body).await?;
    request.source = Some(source_of(headers));
    let key = text(headers, REQUEST_ID);
    Ok(context.pusher().push_firehose(request, key).await?)
}

/// The stream's name of `arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME`.
fn source_of(headers: &HeaderMap) -> String {
    let arn = text(headers, SOURCE_ARN).unwrap_or_default();
    match arn.split_once("deliverystream/") {
        Some((_, name)) if !name.is_empty() => format!("firehose/{name}"),
        _ => "firehose".to_owned(),
    }
}
