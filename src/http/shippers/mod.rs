//! Routes that log shippers and exporters already speak. Each answers as its protocol has it, and only when what was
//! taken is stored.

mod bulk;
mod bulk_answer;
mod datadog;
mod firehose;
mod hec;
mod hec_acks;
mod loki;
mod otlp;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;

pub use bulk::{asks_for_product, product};

use crate::http::api::ingest::{batch_key, encoding};
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::guard::{Scope, check_scope};
use crate::live::Request;

pub fn routes() -> Router<Context> {
    Router::new()
        .merge(otlp::routes())
        .merge(bulk::routes())
        .merge(loki::routes())
        .merge(hec::routes())
        .merge(datadog::routes())
        .merge(firehose::routes())
}

/// What any of them needs: the right to push, and the body.
async fn take(context: &Context, headers: &HeaderMap, body: Body) -> Result<Request, ApiError> {
    check_scope(Scope::Ingest, headers)?;
    let (body, room) = context.body(headers, body).await?;
    Ok(Request {
        body,
        room: Some(room),
        encoding: encoding(headers),
        key: batch_key(headers),
        nonce: rand::random(),
        ..Request::default()
    })
}
