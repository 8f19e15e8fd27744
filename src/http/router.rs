//! Every route, in one function.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::{
    assess, charts, errors, health, ingest, integrations, metrics, rates, reports,
};
use crate::http::assets::{self, CONTENT_SECURITY_POLICY};
use crate::http::body::let_go_by;
use crate::http::connection::note_request;
use crate::http::context::Context;
use crate::http::counts::count_push;
use crate::http::error::ApiError;
use crate::http::guard::{catch_panic, local_host_only, own_pages_only};
use crate::http::shippers;

#[derive(OpenApi)]
#[openapi(info(
    title = "tidemark",
    description = "Rates, verdicts and evidence for the APIs you depend on. Times are RFC 3339 in UTC; rates come with numerator and denominator; unknown is null."
))]
struct Description;

fn api() -> OpenApiRouter<Context> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(integrations::list_integrations))
        .routes(routes!(integrations::find_integration))
        .routes(routes!(reports::html))
        .routes(routes!(reports::markdown))
        .routes(routes!(rates::list_rates))
        .routes(routes!(assess::list_verdicts))
        .routes(routes!(errors::list_errors))
        .routes(routes!(charts::svg))
        .routes(routes!(charts::png))
        .routes(routes!(ingest::push))
        .routes(routes!(ingest::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
}

/// The description of the API, generated from the handlers.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}

pub fn router(context: Context) -> Router {
    let (api, description) = api().split_for_parts();
    api.route(
        "/api/v1/openapi.json",
        get(move || async move { axum::Json(description) }),
    )
    .route("/", get(front))
    .merge(shippers::routes())
    .route("/i/{name}", get(assets::page))
    .route("/assets/{*name}", get(assets::asset))
    .fallback(no_route)
    .method_not_allowed_fallback(wrong_method)
    .layer(middleware::from_fn(catch_panic))
    .layer(middleware::from_fn(own_pages_only))
    .layer(middleware::from_fn(local_host_only))
    .layer(middleware::from_fn_with_state(context.clone(), count_push))
    .layer(middleware::from_fn(let_go_by))
    .layer(middleware::from_fn(note_request))
    // Outermost, so that refusals carry it too.
    .layer(middleware::map_response(with_policy))
    .with_state(context)
}

/// The dashboard, but shippers take this for a cluster and ask what it is.
async fn front(headers: HeaderMap) -> Response {
    match shippers::asks_for_product(&headers) {
        true => shippers::product(),
        false => assets::page(headers).await,
    }
}

async fn no_route(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is no page or resource {:?}", uri.path()))
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::method_not_allowed(format!("this resource cannot be asked with {method}"))
}

/// Headers that hold for every answer, unless a handler has set its own policy.
async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}
