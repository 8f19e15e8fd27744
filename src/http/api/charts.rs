//! `/api/v1/chart.svg` and `.png`: the trend of one integration.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::chart::{self, Mark, Theme, TrendSpec};
use crate::http::api::integrations;
use crate::http::api::params::{Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::assessment::Assessment;

/// Pixels that a picture may have on a side.
const SIDE_MIN: u32 = 200;
const SIDE_MAX: u32 = 4_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChartParams {
    integration: String,
    since: Option<String>,
    until: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    /// `light` (default) or `dark`.
    theme: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/chart.svg", params(ChartParams), responses(
    (status = 200, description = "The trend chart", content_type = "image/svg+xml", body = String),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn svg(
    State(context): State<Context>,
    Query(params): Query<ChartParams>,
) -> Result<Response, ApiError> {
    let assessment = find(&context, &params).await?;
    let svg = chart::render_svg(&spec(&assessment, &params)?)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

#[utoipa::path(get, path = "/api/v1/chart.png", params(ChartParams), responses(
    (status = 200, description = "The trend chart", content_type = "image/png", body = Vec<u8>),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn png(
    State(context): State<Context>,
    Query(params): Query<ChartParams>,
) -> Result<Response, ApiError> {
    let assessment = find(&context, &params).await?;
    let png = chart::render_png(&spec(&assessment, &params)?)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

async fn find(context: &Context, params: &ChartParams) -> Result<Assessment, ApiError> {
    let range = RangeParams {
        integration: None,
        since: params.since.clone(),
        until: params.until.clone(),
    };
    let view = context.view().await?;
    integrations::find(context, &view, &params.integration, &range).await
}

fn spec<'a>(assessment: &'a Assessment, params: &ChartParams) -> Result<TrendSpec<'a>, ApiError> {
    let side = |given: Option<u32>, usual: u32| match given.unwrap_or(usual) {
        side @ SIDE_MIN..=SIDE_MAX => Ok(side),
        _ => Err(ApiError::bad_request(format!(
            "width and height are {SIDE_MIN} to {SIDE_MAX} pixels"
        ))),
    };
    Ok(TrendSpec {
        title: &assessment.integration,
        rows: &assessment.trend,
        range: assessment.range,
        mark: Mark::of(&assessment.headline),
        width: side(params.width, 960)?,
        height: side(params.height, 420)?,
        theme: match params.theme.as_deref() {
            Some("dark") => Theme::Dark,
            None | Some("light") => Theme::Light,
            Some(other) => {
                return Err(ApiError::bad_request(format!(
                    "theme {other:?} is not light or dark"
                )));
            }
        },
    })
}
