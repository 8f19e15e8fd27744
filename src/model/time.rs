//! Instants and ranges of event time.
//!
//! One integer of microseconds since 1970 is what every format can give, what Parquet stores and what windows are
//! aligned on; calendars and zones are for parsers and for display.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Seconds since 1970, saturating at the ends of the range.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS_PER_SECOND))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The start of the window of `step_s` seconds that holds this instant; windows are aligned to 1970 in UTC.
    pub fn floor(self, step_s: u32) -> Self {
        let step = i64::from(step_s.max(1)) * MICROS_PER_SECOND;
        Self(self.0.div_euclid(step).saturating_mul(step))
    }

    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(
            self.0
                .saturating_add(secs.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// Seconds from `earlier` to here; negative when `earlier` is later.
    pub const fn secs_since(self, earlier: Self) -> i64 {
        self.0
            .saturating_sub(earlier.0)
            .div_euclid(MICROS_PER_SECOND)
    }

    /// The calendar form; `None` outside the years that a calendar date can hold.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }
}

/// RFC 3339 in UTC with as many fraction digits as the value needs: 0, 3 or 6.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an RFC 3339 time")]
pub struct ParseTimestampError(String);

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.timestamp_micros()))
            .map_err(|_| ParseTimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A half-open range of event time: `since <= t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TimeRange {
    #[schema(value_type = String)]
    pub since: Timestamp,
    #[schema(value_type = String)]
    pub until: Timestamp,
}

impl TimeRange {
    pub fn contains(self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }

    pub fn secs(self) -> i64 {
        self.until.secs_since(self.since).max(0)
    }

    /// Does a window of `width_s` seconds have a part in it? Windows are aligned to 1970, so that the first of a range
    /// may start before it.
    pub fn overlaps(self, start: Timestamp, width_s: u32) -> bool {
        start < self.until && start.plus_secs(i64::from(width_s)) > self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_to_the_epoch_also_before_it() {
        assert_eq!(
            Timestamp::from_secs(119).floor(60),
            Timestamp::from_secs(60)
        );
        assert_eq!(
            Timestamp::from_secs(-1).floor(60),
            Timestamp::from_secs(-60)
        );
    }

    #[test]
    fn text_form_round_trips() {
        let at: Timestamp = "2026-11-22T04:51:46.069+01:00".parse().expect("valid");
        assert_eq!(at.to_string(), "2026-11-22T03:51:46.069Z");
        assert_eq!(Timestamp::from_secs(0).to_string(), "1970-01-01T00:00:00Z");
    }
}
