//! Splunk's HTTP Event Collector: `/services/collector` and what stands below it.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::api::ingest::text;
use crate::http::api::params::Query;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::hec_acks::Acks;
use crate::http::shippers::take;
use crate::live::{Protocol, PushError};
use crate::read::push::Reason;

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
    let channel = match params.channel(headers) {
        Ok(channel) => channel,
        Err(fault) => return fault.answer(),
    };
    let mut request = match take(context, headers, body).await {
        Ok(request) => request,
        Err(error) => return refuse(&error),
    };
    if protocol == Protocol::HecRaw {
        request.source = params.source.or(params.host);
    }
    match context.pusher().push_protocol(protocol, request).await {
        Ok(taken) => match taken.told {
            Ok(_) => accept(channel.map(|channel| acks.give(&channel))),
            Err(error) => wrong(error.reason, error.index),
        },
        Err(PushError::Wire(error)) => wrong(error.reason, error.index),
        Err(error) => refuse(&error.into()),
    }
}

/// A code of the protocol, its status and its text.
#[derive(Clone, Copy)]
struct Fault(StatusCode, u8, &'static str);

const NO_DATA: Fault = Fault(StatusCode::BAD_REQUEST, 5, "No data");
const INVALID: Fault = Fault(StatusCode::BAD_REQUEST, 6, "Invalid data format");
const INTERNAL: Fault = Fault(
    StatusCode::INTERNAL_SERVER_ERROR,
    8,
    "Internal server error",
);
const BUSY: Fault = Fault(StatusCode::SERVICE_UNAVAILABLE, 9, "Server is busy");
const NO_CHANNEL: Fault = Fault(StatusCode::BAD_REQUEST, 10, "Data channel is missing");
const BAD_CHANNEL: Fault = Fault(StatusCode::BAD_REQUEST, 11, "Invalid data channel");
const NO_EVENT: Fault = Fault(StatusCode::BAD_REQUEST, 12, "Event field is required");
const BLANK: Fault = Fault(StatusCode::BAD_REQUEST, 13, "Event field cannot be blank");
const TOO_LARGE: Fault = Fault(
    StatusCode::PAYLOAD_TOO_LARGE,
    27,
    "Request entity too large",
);

impl Fault {
    fn body(self) -> Value {
        json!({"text": self.2, "code": self.1})
    }

    fn answer(self) -> Response {
        (self.0, Json(self.body())).into_response()
    }
}

impl HecParams {
    /// The sender's channel, when it has named one.
    fn channel(&self, headers: &HeaderMap) -> Result<Option<String>, Fault> {
        let channel = text(headers, "x-splunk-request-channel").or_else(|| self.channel.clone());
        match channel {
            Some(channel) if !Acks::is_channel(&channel) => Err(BAD_CHANNEL),
            channel => Ok(channel),
        }
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
    let fault = match reason {
        Reason::NoData => NO_DATA,
        Reason::EventMissing => NO_EVENT,
        Reason::EventBlank => BLANK,
        reason if reason.is_size() => TOO_LARGE,
        _ => INVALID,
    };
    let mut body = fault.body();
    if reason != Reason::NoData {
        body["invalid-event-number"] = json!(index);
    }
    (fault.0, Json(body)).into_response()
}

fn refuse(error: &ApiError) -> Response {
    let fault = match error.status() {
        // Senders know one way to be told to wait.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => BUSY,
        StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE,
        StatusCode::INTERNAL_SERVER_ERROR => INTERNAL,
        _ => INVALID,
    };
    let status = match fault.1 {
        6 => error.status(),
        _ => fault.0,
    };
    error.in_words_of((status, Json(fault.body())))
}

/// Which of the numbers were given to batches of this channel.
async fn acknowledge(
    State(context): State<Context>,
    Extension(acks): Extension<Acks>,
    Query(params): Query<HecParams>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let channel = match params.channel(&headers) {
        Ok(Some(channel)) => channel,
        Ok(None) => return NO_CHANNEL.answer(),
        Err(fault) => return fault.answer(),
    };
    let body = match context.body(&headers, body).await {
        Ok((body, _)) => body,
        Err(error) => return refuse(&error),
    };
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return INVALID.answer();
    };
    let told: BTreeMap<u64, bool> = asked
        .acks
        .into_iter()
        .map(|number| (number, acks.was_given(&channel, number)))
        .collect();
    Json(json!({ "acks": told })).into_response()
}

#[derive(Deserialize)]
struct Asked {
    acks: Vec<u64>,
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
