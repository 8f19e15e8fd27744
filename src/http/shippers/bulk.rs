//! Elasticsearch's `_bulk`, and what shippers ask a cluster before they send.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::http::api::ingest::text;
use crate::http::api::params::Path;
use crate::http::context::Context;
use crate::http::shippers::bulk_answer::{accept, refuse, refuse_push};
use crate::http::shippers::take;
use crate::live::Request;

/// Clients refuse to talk to a cluster that does not say so.
const PRODUCT: (&str, &str) = ("x-elastic-product", "Elasticsearch");

/// The version that is answered: new enough for data streams, old enough for what is in use.
const VERSION: &str = "8.17.0";

pub fn routes() -> Router<Context> {
    let mut router = Router::new()
        .route("/_bulk", post(bulk).put(bulk))
        .route("/{index}/_bulk", post(bulk_into).put(bulk_into))
        .route("/_license", get(license))
        .route("/_xpack", get(async || Json(json!({"features": {}}))))
        .route("/_cluster/health", get(cluster_health));
    // Templates, policies and pipelines shape an index; there is none here, so any of them is welcome.
    for kind in [
        "_template",
        "_index_template",
        "_component_template",
        "_ilm/policy",
        "_ingest/pipeline",
        "_data_stream",
        "_alias",
    ] {
        router = router.route(&format!("/{kind}/{{*name}}"), any(shape));
    }
    router.layer(middleware::from_fn(as_product))
}

/// Whether `GET /` comes from a shipper and not from a browser.
pub fn asks_for_product(headers: &HeaderMap) -> bool {
    let accept = text(headers, "accept").unwrap_or_default();
    let accept = accept.to_ascii_lowercase();
    let agent = text(headers, "user-agent").unwrap_or_default();
    let agent = agent.to_ascii_lowercase();
    let shippers = [
        "elastic",
        "beat",
        "logstash",
        "fluent",
        "vector",
        "opensearch",
    ];
    !accept.contains("text/html")
        && (accept.contains("elasticsearch") || shippers.iter().any(|name| agent.contains(name)))
}

/// What a cluster says of itself.
pub fn product() -> Response {
    let mut response = Json(json!({
        "name": "tidemark",
        "cluster_name": "tidemark",
        "cluster_uuid": "tidemark",
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "lucene_version": "9.12.0",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    }))
    .into_response();
    let (name, value) = PRODUCT;
    let headers = response.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
    response
}

/// Clients of a cluster want its name, and the kind of content they asked for, in every answer.
async fn as_product(headers: HeaderMap, request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let (name, value) = PRODUCT;
    let wanted = headers.get(header::ACCEPT).filter(|kind| {
        kind.as_bytes()
            .starts_with(b"application/vnd.elasticsearch+json")
    });
    let headers = response.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
    if let Some(kind) = wanted {
        headers.insert(header::CONTENT_TYPE, kind.clone());
    }
    response
}

async fn license() -> Json<Value> {
    Json(json!({"license": {
        "status": "active",
        "uid": "tidemark",
        "type": "basic",
        "mode": "basic",
        "issued_to": "tidemark",
        "issuer": "tidemark",
    }}))
}

async fn cluster_health() -> Json<Value> {
    Json(json!({
        "cluster_name": "tidemark",
        "status": "green",
        "timed_out": false,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
    }))
}

async fn shape(method: Method) -> Json<Value> {
    match method.is_safe() {
        true => Json(json!({})),
        false => Json(json!({"acknowledged": true})),
    }
}

async fn bulk(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    store(&context, &headers, body, None).await
}

async fn bulk_into(
    State(context): State<Context>,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    store(&context, &headers, body, Some(index)).await
}

async fn store(
    context: &Context,
    headers: &HeaderMap,
    body: Body,
    index: Option<String>,
) -> Response {
    let request = match take(context, headers, body).await {
        Ok(request) => request,
        Err(error) => return refuse(&error),
    };
    let Request { nonce, .. } = request;
    match context.pusher().push_bulk(request).await {
        Ok((items, _)) => accept(&items, index.as_deref(), nonce),
        Err(error) => refuse_push(error),
    }
}
