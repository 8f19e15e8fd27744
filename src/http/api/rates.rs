//! `/api/v1/rates`: the rate table.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::assess::settle_whole_range;
use crate::http::api::params::{Cut, Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::window::RateRow;
use crate::query::RateQuery;

/// Rows of an answer where the caller leaves the window width to us: some 40 MB. Whoever asks for a width gets what the
/// limit of all questions allows.
const ROWS_MAX: usize = 100_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RateParams {
    integration: Option<String>,
    /// Begin of the range (default: of the data).
    since: Option<String>,
    /// End of the range (default, and latest: of the data).
    until: Option<String>,
    /// Window width: `1m`, `5m`, `1h`, `1d`. Without it `5m`, or wider where that would be more than 100 000 rows;
    /// `window_s` tells.
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
    (status = 200, description = "One row a window of the range, or of all data; quiet windows are there with zero requests", body = Rates),
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
    let cut = Cut::parse(
        params.step.as_deref(),
        params.by.as_deref(),
        params.view.as_deref(),
    )?;
    let Some(range) = settle_whole_range(&bounds, &scope) else {
        return Ok(Json(Rates {
            schema: RateRow::SCHEMA,
            rows: Vec::new(),
        }));
    };
    let query = RateQuery {
        integration: scope.integration,
        range,
        step_s: cut.step_s.unwrap_or(RateQuery::STEP_S),
        by: cut.by,
        view: cut.view,
    };
    let session = &view.session;
    let rows = match cut.step_s {
        Some(_) => session.list_rates(&query, &bounds).await?,
        None => session.list_rates_within(&query, &bounds, ROWS_MAX).await?,
    };
    Ok(Json(Rates {
        schema: RateRow::SCHEMA,
        rows,
    }))
}
