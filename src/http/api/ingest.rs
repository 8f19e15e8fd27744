//! `/api/v1/ingest`: batches of log lines, answered when they are stored.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::http::api::params::Query;
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem, RejectedLine};
use crate::http::guard::{Scope, check_scope};
use crate::live::{Figures, PushError, RETRY_BUSY_S, RETRY_TROUBLE_S, Request};
use crate::model::exchange::Direction;

/// Said of an answer to a batch that was stored before.
const REPLAYED: &str = "idempotent-replayed";

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IngestParams {
    /// A format by name (default: by content).
    format: Option<String>,
    /// Stands in the column `source` (default: `push`).
    source: Option<String>,
    /// The integration that all lines belong to.
    integration: Option<String>,
    /// `outbound` or `inbound`.
    direction: Option<String>,
    /// Zone of times without an offset.
    zone: Option<String>,
}

#[derive(Serialize)]
pub struct IngestHealth {
    schema: &'static str,
    #[serde(flatten)]
    figures: Figures,
}

/// Lines of any known format, or a document. A batch with an `Idempotency-Key` (or `X-Batch-Id`) may be sent again: it
/// is answered as at first and adds nothing.
#[utoipa::path(post, path = "/api/v1/ingest", params(IngestParams), request_body(content = String, description = "NDJSON, lines of any known format, or a document; gzip, zstd and deflate are unpacked"), responses(
    (status = 200, description = "Stored durably; the counts of `tidemark ingest`"),
    (status = 400, description = "A parameter is wrong, or no line is understood", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "The body is no text, or packed in an unknown way", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Another batch was stored under the same key", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "The queue is full; `Retry-After` tells when to try again", body = Problem, content_type = "application/problem+json"),
    (status = 500, description = "The service has a fault; nothing is stored", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The store cannot be written; nothing is stored", body = Problem, content_type = "application/problem+json"),
))]
pub async fn push(
    State(context): State<Context>,
    Query(params): Query<IngestParams>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    check_scope(Scope::Ingest, &headers)?;
    check_kind(&headers)?;
    let mut request = params.request(&headers)?;
    let (body, room) = context.body(&headers, body).await?;
    (request.body, request.room) = (body, Some(room));
    let pushed = context.pusher().push(request).await?;
    let mut response = Json(pushed.summary).into_response();
    if pushed.repeated {
        let headers = response.headers_mut();
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

#[utoipa::path(get, path = "/api/v1/ingest/health", responses(
    (status = 200, description = "What was taken in since the service began, and whether the store can be written"),
))]
pub async fn health(State(context): State<Context>) -> Json<IngestHealth> {
    Json(IngestHealth {
        schema: "tidemark.ingest-health/1",
        figures: context.pusher().desk().figures(),
    })
}

impl IngestParams {
    pub fn request(self, headers: &HeaderMap) -> Result<Request, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let direction = match given(self.direction).as_deref() {
            None => None,
            Some("outbound") => Some(Direction::Outbound),
            Some("inbound") => Some(Direction::Inbound),
            Some(_) => {
                return Err(ApiError::bad_request(
                    "direction must be outbound or inbound",
                ));
            }
        };
        let zone = given(self.zone).map(|name| {
            name.parse()
                .map_err(|_| ApiError::bad_request(format!("there is no zone {name:?}")))
        });
        Ok(Request {
            body: Vec::new(),
            room: None,
            encoding: encoding(headers),
            unpacked_mb: None,
            format: given(self.format),
            source: given(self.source),
            integration: given(self.integration),
            direction,
            zone: zone.transpose()?,
            key: batch_key(headers),
            nonce: rand::random(),
        })
    }
}

pub fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The sender's own name for the batch.
pub fn batch_key(headers: &HeaderMap) -> Option<String> {
    let names = ["idempotency-key", "x-batch-id"];
    names.into_iter().find_map(|name| text(headers, name))
}

/// The content type without its parameters, in lower case: capitals mean nothing in it.
pub fn media_type(headers: &HeaderMap) -> String {
    let kind = text(headers, "content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// How the body is packed. Some say it in the content type.
pub fn encoding(headers: &HeaderMap) -> Option<String> {
    text(headers, "content-encoding").or_else(|| match media_type(headers).as_str() {
        "application/gzip" | "application/x-gzip" => Some("gzip".to_owned()),
        "application/zstd" => Some("zstd".to_owned()),
        _ => None,
    })
}

/// Refuses what is surely no log.
fn check_kind(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = media_type(headers);
    let foreign = ["multipart/", "image/", "audio/", "video/"];
    let binary = [
        "application/x-protobuf",
        "application/pdf",
        "application/zip",
    ];
    if foreign.iter().any(|start| kind.starts_with(start)) || binary.contains(&kind.as_str()) {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            format!("{kind:?} is not read here; send lines as text or JSON"),
        ));
    }
    Ok(())
}

impl From<PushError> for ApiError {
    fn from(error: PushError) -> Self {
        let detail = error.to_string();
        match error {
            PushError::TooLarge { .. } | PushError::TooManyDates => Self::too_large(detail),
            PushError::Wire(wire) if wire.reason.is_size() => Self::too_large(detail),
            PushError::Encoding(_) => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", detail)
            }
            PushError::Bad(_) | PushError::Wire(_) => Self::bad_request(detail),
            PushError::NotUnderstood { rejects, .. } => {
                let lines = rejects.into_iter().map(|reject| RejectedLine {
                    line: reject.line,
                    offset: reject.offset,
                    reason: reject.reason.name(),
                    text: reject.text.to_string(),
                });
                Self::new(StatusCode::BAD_REQUEST, "not-understood", detail)
                    .with_rejects(lines.collect())
            }
            PushError::Differs => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "key-used", detail),
            PushError::Broken => Self::fault(detail),
            PushError::Busy => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", detail).retry_after(RETRY_BUSY_S)
            }
            PushError::Unavailable(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
                    .retry_after(RETRY_TROUBLE_S)
            }
        }
    }
}
