//! `/api/v1/integrations/{name}/report.html` and `.md`: the evidence report.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::assess::FAILURES_SHOWN;
use crate::http::api::integrations;
use crate::http::api::params::{Path, Query, RangeParams};
use crate::http::context::Context;
use crate::http::error::{ApiError, Problem};
use crate::report::{self, ReportError, ReportInput};

#[utoipa::path(get, path = "/api/v1/integrations/{name}/report.html", params(("name" = String, Path), RangeParams), responses(
    (status = 200, description = "The report as one file", content_type = "text/html", body = String),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn html(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(params): Query<RangeParams>,
) -> Result<Response, ApiError> {
    let text = render(&context, &name, &params, report::render_html).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            report::CONTENT_SECURITY_POLICY,
        ),
    ];
    Ok((headers, text).into_response())
}

#[utoipa::path(get, path = "/api/v1/integrations/{name}/report.md", params(("name" = String, Path), RangeParams), responses(
    (status = 200, description = "The report to paste into a case", content_type = "text/markdown", body = String),
    (status = 400, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such integration", body = Problem, content_type = "application/problem+json"),
))]
pub async fn markdown(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(params): Query<RangeParams>,
) -> Result<Response, ApiError> {
    let text = render(&context, &name, &params, report::render_markdown).await?;
    Ok((
        [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")],
        text,
    )
        .into_response())
}

async fn render(
    context: &Context,
    name: &str,
    params: &RangeParams,
    form: fn(&ReportInput<'_>) -> Result<String, ReportError>,
) -> Result<String, ApiError> {
    let view = context.view().await?;
    let assessment = integrations::find(context, &view, name, params).await?;
    let masked = view.session.count_masked(assessment.range, name).await?;
    Ok(form(&ReportInput {
        assessment: &assessment,
        made_at: context.now(),
        tool_version: env!("CARGO_PKG_VERSION"),
        samples_max: FAILURES_SHOWN,
        masked_note: &masked,
    })?)
}
