//! Parameters that most routes share.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::assess::Scope;
use crate::http::error::ApiError;
use crate::model::timespec::{Anchors, parse_time};

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
