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
}

impl ApiError {
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "bad-request",
            detail: detail.into(),
        }
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not-found",
            detail: detail.into(),
        }
    }

    pub fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "method-not-allowed",
            detail: detail.into(),
        }
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "forbidden",
            detail: detail.into(),
        }
    }

    /// The same fault, said to a probe that decides whether to send requests here.
    pub fn into_unavailable(self) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..self
        }
    }

    fn internal(code: &'static str, detail: String) -> Self {
        tracing::error!(code, detail, "a request failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code,
            detail,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
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
