//! OpenTelemetry over HTTP: `/v1/logs` and `/v1/traces`, protobuf and JSON. The answer is in the encoding of the request.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::http::api::ingest::media_type;
use crate::http::context::Context;
use crate::http::error::ApiError;
use crate::http::shippers::take;
use crate::live::{Protocol, Taken};
use crate::read::push::otlp::Encoding;
use crate::read::push::otlp::answer::{Kind, failure, success};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/logs", post(logs))
        .route("/v1/traces", post(traces))
        // Exporters send metrics to the same address; there is nothing of them to keep.
        .route("/v1/metrics", post(metrics))
}

async fn logs(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let Some(encoding) = encoding_of(&headers) else {
        return unknown_kind();
    };
    let answer = store(&context, &headers, body, Protocol::OtlpLogs(encoding)).await;
    settle(answer, encoding, Kind::Logs)
}

async fn traces(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let Some(encoding) = encoding_of(&headers) else {
        return unknown_kind();
    };
    let answer = store(&context, &headers, body, Protocol::OtlpTraces(encoding)).await;
    settle(answer, encoding, Kind::Traces)
}

async fn metrics(headers: HeaderMap) -> Response {
    match encoding_of(&headers) {
        Some(encoding) => accept(encoding, Kind::Logs, 0),
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
    match media_type(headers).as_str() {
        PROTOBUF | "application/protobuf" => Some(Encoding::Protobuf),
        JSON => Some(Encoding::Json),
        _ => None,
    }
}

fn unknown_kind() -> Response {
    let what = "send application/x-protobuf or application/json\n";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, what).into_response()
}

fn settle(answer: Result<Taken, ApiError>, encoding: Encoding, kind: Kind) -> Response {
    match answer {
        Ok(taken) => accept(encoding, kind, taken.pushed.summary.rejected),
        // Exporters send again after 429 and 503, and after nothing else.
        Err(error) => error.in_words_of(respond(
            error.status(),
            encoding,
            failure(encoding, error.detail()),
        )),
    }
}

/// All was stored, but for `rejected` of them: those are not to be sent again.
fn accept(encoding: Encoding, kind: Kind, rejected: u64) -> Response {
    let rejected = usize::try_from(rejected).unwrap_or(usize::MAX);
    let why = "they lack what an HTTP exchange needs";
    let body = success(encoding, kind, rejected, why);
    respond(StatusCode::OK, encoding, body)
}

fn respond(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let kind = match encoding {
        Encoding::Protobuf => PROTOBUF,
        Encoding::Json => JSON,
    };
    let kind = HeaderValue::from_static(kind);
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
