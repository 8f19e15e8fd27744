//! `/api/v1/errors`: kinds of errors.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::assess::settle_whole_range;
use crate::http::api::params::{Query, RangeParams, find_time};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::assessment::ErrorKind;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ErrorParams {
    integration: Option<String>,
    /// Begin of the range (default: of the data).
    since: Option<String>,
    /// End of the range (default, and latest: of the data).
    until: Option<String>,
    /// Only kinds first seen at or after this time. Without it all are listed, and `new` are those first seen in the last
    /// day of the range.
    new_since: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Errors {
    schema: &'static str,
    rows: Vec<ErrorKind>,
}

#[utoipa::path(get, path = "/api/v1/errors", params(ErrorParams), responses(
    (status = 200, description = "One row a kind of error of the range, or of all data, most frequent first", body = Errors),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list_errors(
    State(context): State<Context>,
    Query(params): Query<ErrorParams>,
) -> Result<Json<Errors>, ApiError> {
    let view = context.view().await?;
    let anchors = context.anchors(&view).await?;
    let range = RangeParams {
        integration: params.integration,
        since: params.since,
        until: params.until,
    };
    let scope = range.scope(anchors)?;
    let new_since = find_time(params.new_since.as_deref(), anchors)?;
    let bounds = context.bounds(&view, &scope).await?;
    let rows = match settle_whole_range(&bounds, &scope) {
        Some(range) => {
            view.session
                .list_errors(range, scope.integration.as_deref(), new_since)
                .await?
        }
        None => Vec::new(),
    };
    Ok(Json(Errors {
        schema: ErrorKind::SCHEMA,
        rows,
    }))
}
