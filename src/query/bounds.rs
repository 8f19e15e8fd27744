//! From when to when there are data.

use std::collections::BTreeMap;

use crate::model::time::{TimeRange, Timestamp};
use crate::model::window::BASE_WINDOW_S;

/// First and last window of each integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub(super) by_integration: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Windows outside come from clocks that are wrong by years; `None` believes every clock.
    pub(super) believable: Option<TimeRange>,
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
        let believed = lasts().filter(|last| self.believes(*last)).max();
        believed
            .or_else(|| lasts().max())
            .map(|last| last.plus_secs(BASE_WINDOW_S.into()))
    }

    /// The start of the first window of all.
    fn start(&self) -> Option<Timestamp> {
        let firsts = || self.by_integration.values().map(|(first, _)| *first);
        let believed = firsts().filter(|first| self.believes(*first)).min();
        believed.or_else(|| firsts().min())
    }

    fn believes(&self, at: Timestamp) -> bool {
        self.believable.is_none_or(|range| range.contains(at))
    }

    /// From the first window to the watermark, of one integration or of all.
    pub fn range(&self, integration: Option<&str>) -> Option<TimeRange> {
        let since = match integration {
            Some(name) => self.first(name)?,
            None => self.start()?,
        };
        Some(TimeRange {
            since,
            until: self.watermark()?,
        })
    }

    /// Each integration asked for that has begun before the end of the range, and from when on it has windows there.
    pub fn reporting<'b>(
        &'b self,
        range: TimeRange,
        integration: Option<&'b str>,
    ) -> impl Iterator<Item = (&'b str, Timestamp)> {
        self.by_integration
            .iter()
            .map(move |(name, (first, _))| (name.as_str(), (*first).max(range.since)))
            .filter(move |(name, from)| {
                *from < range.until && integration.is_none_or(|only| only == *name)
            })
    }
}
