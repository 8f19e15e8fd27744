//! `/api/v1/integrations`: the overview, and everything about one.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::assess;
use crate::http::api::params::{Path, Query, RangeParams};
use crate::http::context::{Context, View};
use crate::http::error::{ApiError, Problem};
use crate::model::assessment::{Assessment, IntegrationSummary};
use crate::model::time::{TimeRange, Timestamp};

#[derive(Serialize, utoipa::ToSchema)]
pub struct Integrations {
    schema: &'static str,
    range: Option<TimeRange>,
    #[schema(value_type = Option<String>)]
    watermark: Option<Timestamp>,
    integrations: Vec<IntegrationSummary>,
}

#[utoipa::path(get, path = "/api/v1/integrations", params(RangeParams), responses(
    (status = 200, description = "One line an integration, what needs a person first", body = Integrations),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list_integrations(
    State(context): State<Context>,
    Query(params): Query<RangeParams>,
) -> Result<Json<Integrations>, ApiError> {
    let view = context.view().await?;
    let scope = params.scope(context.anchors(&view).await?)?;
    let watermark = context.bounds(&view, &scope).await?.watermark();
    let judgement = context.judgement(&view, &scope).await?;
    let (range, integrations) = assess::overview(&view.session, &judgement, &scope).await?;
    Ok(Json(Integrations {
        schema: "tidemark.integrations/1",
        range,
        watermark,
        integrations,
    }))
}

/// Everything about one integration.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Integration {
    schema: &'static str,
    #[serde(flatten)]
    assessment: Assessment,
}

#[utoipa::path(get, path = "/api/v1/integrations/{name}", params(("name" = String, Path), RangeParams), responses(
    (status = 200, description = "Verdicts, trend, operations, errors and samples", body = Integration),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn find_integration(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(params): Query<RangeParams>,
) -> Result<Json<Integration>, ApiError> {
    let view = context.view().await?;
    let assessment = find(&context, &view, &name, &params).await?;
    Ok(Json(Integration {
        schema: "tidemark.integration/1",
        assessment,
    }))
}

/// The assessment that page, chart and report of an integration share.
pub async fn find(
    context: &Context,
    view: &View,
    name: &str,
    params: &RangeParams,
) -> Result<Assessment, ApiError> {
    let scope = params.scope(context.anchors(view).await?)?;
    let judgement = context.judgement(view, &scope).await?;
    assess::assess_integration(
        &view.session,
        &judgement,
        name,
        &scope,
        assess::FAILURES_SHOWN,
    )
    .await?
    .ok_or_else(|| ApiError::not_found(format!("there is no integration {name:?} in the store")))
}
