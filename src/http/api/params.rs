//! Parameters that most routes share.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::assess::Scope;
use crate::http::error::ApiError;
use crate::model::time::Timestamp;
use crate::model::timespec::{Anchors, parse_step, parse_time};
use crate::query::{By, View};

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

/// The parts of a path; as `Query`.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(params)) => Ok(Self(params)),
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

/// A time, or `None` where there is none or an empty one.
pub fn find_time(text: Option<&str>, anchors: Anchors) -> Result<Option<Timestamp>, ApiError> {
    let given = text.filter(|text| !text.is_empty());
    Ok(given.map(|text| parse_time(text, anchors)).transpose()?)
}

/// How a rate table is cut; `None` stands for the usual. An empty text is as good as none.
pub struct Cut {
    pub step_s: Option<u32>,
    pub by: By,
    pub view: View,
}

impl Cut {
    pub fn parse(
        step: Option<&str>,
        by: Option<&str>,
        view: Option<&str>,
    ) -> Result<Self, ApiError> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self {
            step_s: given(step).map(|text| parse_step(&text)).transpose()?,
            by: given(by)
                .map_or(Ok(By::default()), |text| text.parse())
                .map_err(ApiError::bad_request)?,
            view: given(view)
                .map_or(Ok(View::default()), |text| text.parse())
                .map_err(ApiError::bad_request)?,
        })
    }
}

impl RangeParams {
    pub fn scope(&self, anchors: Anchors) -> Result<Scope, ApiError> {
        let (since, until) = (
            find_time(self.since.as_deref(), anchors)?,
            find_time(self.until.as_deref(), anchors)?,
        );
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
