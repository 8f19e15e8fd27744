//! Parameters that most routes share.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::assess::Scope;
use crate::http::error::ApiError;
use crate::model::timespec::{Anchors, parse_time};

/// The parameters of a query string; what cannot be read is refused in the form of every other refusal.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(params)) => Ok(Self(params)),
            Err(refused) => Err(ApiError::bad_request(refused.body_text())),
        }
    }
}

/// Which integration and which range. Times may be RFC 3339, dates, seconds since 1970, `now-6h` (wall clock) or `6h`
/// (before the end of the data).
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RangeParams {
    pub integration: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
}

impl RangeParams {
    pub fn scope(&self, anchors: Anchors) -> Result<Scope, ApiError> {
        let time = |text: &Option<String>| {
            text.as_deref()
                .filter(|t| !t.is_empty())
                .map(|t| parse_time(t, anchors))
                .transpose()
        };
        let (since, until) = (time(&self.since)?, time(&self.until)?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(ApiError::bad_request("since must be before until"));
        }
        Ok(Scope {
            integration: self.integration.clone().filter(|name| !name.is_empty()),
            since,
            until,
        })
    }
}
