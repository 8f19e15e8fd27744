//! OpenTelemetry over HTTP: `/v1/logs` and `/v1/traces`, protobuf and JSON. The answer is in the encoding of the request.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;

use crate::http::api::ingest::text;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;
use crate::live::{Protocol, Taken};
use crate::read::push::otlp::Encoding;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u8 = 3;
const RESOURCE_EXHAUSTED: u8 = 8;
const UNAVAILABLE: u8 = 14;

pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/logs", post(logs))
        .route("/v1/traces", post(traces))
        // Exporters send metrics to the same address; there is nothing of them to keep.
        .route("/v1/metrics", post(metrics))
        .layer(DefaultBodyLimit::disable())
}

async fn logs(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let Some(encoding) = encoding_of(&headers) else {
        return unknown_kind();
    };
    let answer = store(&context, &headers, body, Protocol::OtlpLogs(encoding)).await;
    settle(answer, encoding, "rejectedLogRecords")
}

async fn traces(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let Some(encoding) = encoding_of(&headers) else {
        return unknown_kind();
    };
    let answer = store(&context, &headers, body, Protocol::OtlpTraces(encoding)).await;
    settle(answer, encoding, "rejectedSpans")
}

async fn metrics(headers: HeaderMap) -> Response {
    match encoding_of(&headers) {
        Some(encoding) => accept(encoding, 0, ""),
        None => unknown_kind(),
    }
}

async fn store(
    context: &Context,
    headers: &HeaderMap,
    body: Body,
    protocol: Protocol,
) -> Result<Taken, ApiError> {
    let request = take(context, headers, body).await?;
    Ok(context.pusher().push_protocol(protocol, request).await?)
}

fn encoding_of(headers: &HeaderMap) -> Option<Encoding> {
    let kind = text(headers, "content-type").unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        PROTOBUF | "application/protobuf" => Some(Encoding::Protobuf),
        JSON => Some(Encoding::Json),
        _ => None,
    }
}

fn unknown_kind() -> Response {
    let what = "send application/x-protobuf or application/json\n";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, what).into_response()
}

fn settle(answer: Result<Taken, ApiError>, encoding: Encoding, counted: &str) -> Response {
    match answer {
        Ok(taken) => accept(encoding, taken.pushed.summary.rejected, counted),
        Err(error) => refuse(&error, encoding),
    }
}

/// All was stored, but for `rejected` of them: those are not to be sent again.
fn accept(encoding: Encoding, rejected: u64, counted: &str) -> Response {
    let why = "they lack what an HTTP exchange needs";
    let body = match (encoding, rejected) {
        (Encoding::Protobuf, 0) => Vec::new(),
        (Encoding::Json, 0) => b"{}".to_vec(),
        (Encoding::Protobuf, _) => {
            let mut partial = vec![0x08];
            put_varint(&mut partial, rejected);
            put_text(&mut partial, 2, why);
            let mut body = vec![0x0a];
            put_varint(&mut body, partial.len() as u64);
            body.extend(partial);
            body
        }
        (Encoding::Json, _) => {
            let partial = json!({counted: rejected.to_string(), "errorMessage": why});
            json!({ "partialSuccess": partial })
                .to_string()
                .into_bytes()
        }
    };
    answer(StatusCode::OK, encoding, body)
}

/// A `google.rpc.Status`. Exporters send again after 429 and 503, and after nothing else.
fn refuse(error: &ApiError, encoding: Encoding) -> Response {
    let code = match error.status() {
        StatusCode::TOO_MANY_REQUESTS => RESOURCE_EXHAUSTED,
        StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE,
        _ => INVALID_ARGUMENT,
    };
    let body = match encoding {
        Encoding::Protobuf => {
            let mut body = vec![0x08, code];
            put_text(&mut body, 2, error.detail());
            body
        }
        Encoding::Json => json!({"code": code, "message": error.detail()})
            .to_string()
            .into_bytes(),
    };
    error.in_words_of(answer(error.status(), encoding, body))
}

fn answer(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let kind = match encoding {
        Encoding::Protobuf => PROTOBUF,
        Encoding::Json => JSON,
    };
    let kind = HeaderValue::from_static(kind);
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, field: u8, text: &str) {
    out.push(field << 3 | 2);
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}
