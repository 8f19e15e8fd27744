//! `/api/v1/errors`: kinds of errors.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::assess;
use crate::http::api::params::{Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::assessment::ErrorKind;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Errors {
    schema: &'static str,
    rows: Vec<ErrorKind>,
}

#[utoipa::path(get, path = "/api/v1/errors", params(RangeParams), responses(
    (status = 200, description = "One row a kind of error, most frequent first", body = Errors),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list_errors(
    State(context): State<Context>,
    Query(params): Query<RangeParams>,
) -> Result<Json<Errors>, ApiError> {
    let view = context.view().await?;
    let scope = params.scope(context.anchors(&view).await?)?;
    let bounds = context.bounds(&view, &scope).await?;
    let rows = match assess::settle_range(&bounds, &scope, None) {
        Some(range) => {
            view.session
                .list_errors(range, scope.integration.as_deref(), range.since)
                .await?
        }
        None => Vec::new(),
    };
    Ok(Json(Errors {
        schema: ErrorKind::SCHEMA,
        rows,
    }))
}
