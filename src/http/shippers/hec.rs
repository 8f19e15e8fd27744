//! Splunk's HTTP Event Collector: `/services/collector` and what stands below it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::api::params::Query;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;
use crate::live::{Protocol, PushError};
use crate::read::push::Reason;

/// Numbers given to senders that want each batch acknowledged.
type Acks = Arc<AtomicU64>;

#[derive(Debug, Default, Deserialize)]
struct HecParams {
    source: Option<String>,
    host: Option<String>,
    channel: Option<String>,
}

pub fn routes() -> Router<Context> {
    let base = "/services/collector";
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(base, post(events))
        .route(&at("/event"), post(events))
        .route(&at("/event/1.0"), post(events))
        .route(&at("/raw"), post(raw))
        .route(&at("/raw/1.0"), post(raw))
        .route(&at("/ack"), post(acknowledge))
        .route(&at("/health"), get(health))
        .route(&at("/health/1.0"), get(health))
        .layer(Extension(Acks::default()))
}

async fn events(
    State(context): State<Context>,
    Extension(acks): Extension<Acks>,
    Query(params): Query<HecParams>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    store(&context, &acks, params, &headers, body, Protocol::HecEvents).await
}

async fn raw(
    State(context): State<Context>,
    Extension(acks): Extension<Acks>,
    Query(params): Query<HecParams>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    store(&context, &acks, params, &headers, body, Protocol::HecRaw).await
}

async fn store(
    context: &Context,
    acks: &Acks,
    params: HecParams,
    headers: &HeaderMap,
    body: Body,
    protocol: Protocol,
) -> Response {
    let mut request = match take(context, headers, body).await {
        Ok(request) => request,
        Err(error) => return refuse(&error),
    };
    if protocol == Protocol::HecRaw {
        request.source = params.source.or(params.host);
    }
    let channel = headers.contains_key("x-splunk-request-channel") || params.channel.is_some();
    match context.pusher().push_protocol(protocol, request).await {
        Ok(taken) => match taken.told {
            Ok(_) => accept(channel.then(|| acks.fetch_add(1, Ordering::Relaxed))),
            Err(error) => wrong(error.reason, error.index),
        },
        Err(PushError::Wire(error)) => wrong(error.reason, error.index),
        Err(error) => refuse(&error.into()),
    }
}

fn accept(ack: Option<u64>) -> Response {
    let mut body = json!({"text": "Success", "code": 0});
    if let Some(ack) = ack {
        body["ackId"] = json!(ack);
    }
    Json(body).into_response()
}

/// The events before the wrong one are stored; its number tells where to go on.
fn wrong(reason: Reason, index: usize) -> Response {
    let (code, text) = match reason {
        Reason::NoData => (5, "No data"),
        Reason::EventMissing => (12, "Event field is required"),
        Reason::EventBlank => (13, "Event field cannot be blank"),
        _ => (6, "Invalid data format"),
    };
    let mut body = json!({"text": text, "code": code});
    if reason != Reason::NoData {
        body["invalid-event-number"] = json!(index);
    }
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn refuse(error: &ApiError) -> Response {
    let (status, code, text) = match error.status() {
        // Senders know one way to be told to wait.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            (StatusCode::SERVICE_UNAVAILABLE, 9, "Server is busy")
        }
        StatusCode::PAYLOAD_TOO_LARGE => (StatusCode::PAYLOAD_TOO_LARGE, 27, error.detail()),
        status => (status, 6, error.detail()),
    };
    let body = json!({"text": text, "code": code});
    error.in_words_of((status, Json(body)))
}

/// Every batch was stored before its number was given.
async fn acknowledge(Json(asked): Json<Value>) -> Json<Value> {
    let numbers = asked["acks"].as_array().cloned().unwrap_or_default();
    let acks: serde_json::Map<String, Value> = numbers
        .iter()
        .map(|number| (number.to_string(), json!(true)))
        .collect();
    Json(json!({ "acks": acks }))
}

async fn health(State(context): State<Context>) -> Response {
    match context.pusher().desk().queue.has_room() {
        Ok(()) => Json(json!({"text": "HEC is healthy", "code": 17})).into_response(),
        Err(_) => {
            let body = json!({"text": "HEC is unhealthy, queues are full", "code": 18});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}
