//! `/api/v1/chart.svg` and `.png`: the trend of one integration.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::chart::{self, HEIGHT_MAX, HEIGHT_MIN, Mark, Theme, TrendSpec, WIDTH_MAX, WIDTH_MIN};
use crate::http::api::integrations;
use crate::http::api::params::{Cut, Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::assessment::Assessment;
use crate::query::{By, RateQuery};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChartParams {
    integration: String,
    since: Option<String>,
    until: Option<String>,
    /// Window width: `1m`, `5m`, `1h`, `1d`. Without it as wide as the range needs; windows too narrow to be told apart are
    /// added up.
    step: Option<String>,
    /// As for the rates; the parts are added up again, so that the picture is the same.
    by: Option<String>,
    /// `attempts` (default) or `calls`.
    view: Option<String>,
    /// Pixels, 280 to 4000.
    width: Option<u32>,
    /// Pixels, 200 to 3000.
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
    let cut = Cut::parse(
        params.step.as_deref(),
        params.by.as_deref(),
        params.view.as_deref(),
    )?;
    let view = context.view().await?;
    let mut found = integrations::find(context, &view, &params.integration, &range).await?;
    let usual_s = found.trend.first().map(|row| row.window_s);
    let query = RateQuery {
        integration: Some(found.integration.clone()),
        range: found.range,
        step_s: cut.step_s.or(usual_s).unwrap_or(RateQuery::STEP_S),
        by: By::Integration,
        view: cut.view,
    };
    let bounds = view.session.find_bounds().await?;
    found.trend = view.session.list_rates(&query, &bounds).await?;
    Ok(found)
}

fn spec<'a>(assessment: &'a Assessment, params: &ChartParams) -> Result<TrendSpec<'a>, ApiError> {
    let (width, height) = (params.width.unwrap_or(960), params.height.unwrap_or(420));
    if !(WIDTH_MIN..=WIDTH_MAX).contains(&width) || !(HEIGHT_MIN..=HEIGHT_MAX).contains(&height) {
        return Err(ApiError::bad_request(format!(
            "width is {WIDTH_MIN} to {WIDTH_MAX} and height {HEIGHT_MIN} to {HEIGHT_MAX} pixels"
        )));
    }
    Ok(TrendSpec {
        title: &assessment.integration,
        rows: &assessment.trend,
        range: assessment.range,
        mark: Mark::of(&assessment.headline),
        width,
        height,
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
