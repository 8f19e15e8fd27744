//! From when to when there are data.

use std::collections::BTreeMap;

use crate::model::time::{TimeRange, Timestamp};
use crate::model::window::BASE_WINDOW_S;

/// First and last window of each integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub(super) by_integration: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Later windows come from clocks that are far ahead.
    pub(super) latest: Option<Timestamp>,
}

impl Bounds {
    pub fn integrations(&self) -> impl Iterator<Item = &str> {
        self.by_integration.keys().map(String::as_str)
    }

    pub fn first(&self, integration: &str) -> Option<Timestamp> {
        self.by_integration
            .get(integration)
            .map(|(first, _)| *first)
    }

    /// The start of the integration's last window with a request.
    pub fn last(&self, integration: &str) -> Option<Timestamp> {
        self.by_integration.get(integration).map(|(_, last)| *last)
    }

    /// The end of the last window of all: up to there the data are taken as complete.
    pub fn watermark(&self) -> Option<Timestamp> {
        let lasts = || self.by_integration.values().map(|(_, last)| *last);
        let believable = lasts()
            .filter(|last| self.latest.is_none_or(|latest| *last <= latest))
            .max();
        believable
            .or_else(|| lasts().max())
            .map(|last| last.plus_secs(BASE_WINDOW_S.into()))
    }

    /// From the first window to the watermark, of one integration or of all.
    pub fn range(&self, integration: Option<&str>) -> Option<TimeRange> {
        let since = match integration {
            Some(name) => self.first(name)?,
            None => self
                .by_integration
                .values()
                .map(|(first, _)| *first)
                .min()?,
        };
        Some(TimeRange {
            since,
            until: self.watermark()?,
        })
    }
}
