//! `/api/v1/assess`: the verdicts.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::http::api::params::{Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::model::verdict::Verdict;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Verdicts {
    schema: &'static str,
    verdicts: Vec<Verdict>,
}

#[utoipa::path(get, path = "/api/v1/assess", params(RangeParams), responses(
    (status = 200, description = "One row a judged series", body = Verdicts),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list_verdicts(
    State(context): State<Context>,
    Query(params): Query<RangeParams>,
) -> Result<Json<Verdicts>, ApiError> {
    let view = context.view().await?;
    let scope = params.scope(context.anchors(&view).await?)?;
    context.bounds(&view, &scope).await?;
    let judgement = context.judgement(&view, &scope).await?;
    let wanted = |v: &&Verdict| {
        scope
            .integration
            .as_deref()
            .is_none_or(|name| v.series.integration == name)
    };
    let verdicts = judgement.standing.iter().filter(wanted).cloned().collect();
    Ok(Json(Verdicts {
        schema: Verdict::SCHEMA,
        verdicts,
    }))
}
