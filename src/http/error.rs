//! Refusals as RFC 9457 problem documents: status, stable code, one sentence.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::chart::ChartError;
use crate::model::timespec::TimeSpecError;
use crate::query::QueryError;
use crate::report::ReportError;
use crate::store::StoreError;

/// What went wrong, for the caller.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// Seconds after which it may be tried again.
    retry_after_s: Option<u32>,
    rejects: Vec<RejectedLine>,
}

/// A line that was not understood, masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RejectedLine {
    pub line: u64,
    pub offset: u64,
    pub reason: &'static str,
    pub text: String,
}

/// The body, `application/problem+json`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A stable code as a relative reference, for programs.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The first lines of a body that were not understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<RejectedLine>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after_s: None,
            rejects: Vec::new(),
        }
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn with_rejects(mut self, rejects: Vec<RejectedLine>) -> Self {
        self.rejects = rejects;
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same refusal in the words of another protocol, with when to try again.
    pub fn in_words_of(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        if let Some(seconds) = self.retry_after_s {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    /// The same fault, said to a probe that decides whether to send requests here.
    pub fn into_unavailable(self) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..self
        }
    }

    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// A fault of the program; where it is was logged when it came about.
    pub fn fault(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail)
    }

    fn internal(code: &'static str, detail: String) -> Self {
        tracing::error!(code, detail, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, detail)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            rejects: self.rejects,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Unreadable(_) => Self::internal("unreadable", error.to_string()),
            _ => Self::bad_request(error.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal("store", error.to_string())
    }
}

impl From<TimeSpecError> for ApiError {
    fn from(error: TimeSpecError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<ChartError> for ApiError {
    fn from(error: ChartError) -> Self {
        Self::internal("chart", error.to_string())
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        Self::internal("report", error.to_string())
    }
}
