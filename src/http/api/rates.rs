//! `/api/v1/rates`: the rate table.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::assess;
use crate::http::api::params::{Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::timespec::parse_step;
use crate::model::window::RateRow;
use crate::query::RateQuery;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RateParams {
    integration: Option<String>,
    since: Option<String>,
    until: Option<String>,
    /// Window width: `1m`, `5m` (default), `1h`, `1d`.
    step: Option<String>,
    /// `integration` (default), `operation`, `client`, `status` or `outcome`.
    by: Option<String>,
    /// `attempts` (default) or `calls`.
    view: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Rates {
    schema: &'static str,
    rows: Vec<RateRow>,
}

#[utoipa::path(get, path = "/api/v1/rates", params(RateParams), responses(
    (status = 200, description = "One row a window; quiet windows are there with zero requests", body = Rates),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list_rates(
    State(context): State<Context>,
    Query(params): Query<RateParams>,
) -> Result<Json<Rates>, ApiError> {
    let view = context.view().await?;
    let range = RangeParams {
        integration: params.integration,
        since: params.since,
        until: params.until,
    };
    let scope = range.scope(context.anchors(&view).await?)?;
    let bounds = context.bounds(&view, &scope).await?;
    let Some(range) = assess::settle_range(&bounds, &scope, None) else {
        return Ok(Json(Rates {
            schema: RateRow::SCHEMA,
            rows: Vec::new(),
        }));
    };
    let query = RateQuery {
        integration: scope.integration,
        range,
        step_s: parse_step(params.step.as_deref().unwrap_or("5m"))?,
        by: params
            .by
            .as_deref()
            .unwrap_or("integration")
            .parse()
            .map_err(ApiError::bad_request)?,
        view: params
            .view
            .as_deref()
            .unwrap_or("attempts")
            .parse()
            .map_err(ApiError::bad_request)?,
    };
    let rows = view.session.list_rates(&query, &bounds).await?;
    Ok(Json(Rates {
        schema: RateRow::SCHEMA,
        rows,
    }))
}
