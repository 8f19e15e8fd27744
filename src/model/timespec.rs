//! Times and spans as people type them, on the command line and in URLs.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};

use crate::model::time::Timestamp;

/// The widest window that a rate table may have: a year.
pub const STEP_S_MAX: u32 = 366 * 86_400;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeSpecError {
    #[error(
        "{0:?} is no time; write 2026-11-22T03:00:00Z, 2026-11-22, seconds since 1970, now-6h or 6h"
    )]
    NotATime(String),
    #[error("{0:?} is no window width; write 1m, 5m, 1h, 1d")]
    NotAStep(String),
}

/// What relative times count back from.
#[derive(Clone, Copy, Debug)]
pub struct Anchors {
    /// The wall clock, for `now` and `now-6h`.
    pub now: Timestamp,
    /// The end of the data, for `6h`: logs may have ended long ago.
    pub latest: Timestamp,
}

/// RFC 3339, a date, epoch seconds or milliseconds, `now-6h`, `6h`.
pub fn parse_time(text: &str, anchors: Anchors) -> Result<Timestamp, TimeSpecError> {
    let text = text.trim();
    let bad = || TimeSpecError::NotATime(text.to_owned());
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Some(at) = parse_calendar(text) {
        return Ok(at);
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(if number.abs() < 100_000_000_000 {
            Timestamp::from_secs(number)
        } else {
            Timestamp::from_micros(number.saturating_mul(1_000))
        });
    }
    if text == "now" {
        return Ok(anchors.now);
    }
    let (anchor, span) = match text.strip_prefix("now-") {
        Some(span) => (anchors.now, span),
        None => (anchors.latest, text),
    };
    let span = humantime::parse_duration(span).map_err(|_| bad())?;
    let secs = i64::try_from(span.as_secs()).map_err(|_| bad())?;
    Ok(anchor.plus_secs(secs.saturating_neg()))
}

/// `2026-11-22`, `2026-11-22T03:00`, `2026-11-22 03:00:00`: UTC.
fn parse_calendar(text: &str) -> Option<Timestamp> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_hms_opt(0, 0, 0)?.and_utc().into());
    }
    [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    .map(|local| local.and_utc().into())
}

/// A window width: whole minutes, at most a year.
pub fn parse_step(text: &str) -> Result<u32, TimeSpecError> {
    let bad = || TimeSpecError::NotAStep(text.to_owned());
    let span: Duration = humantime::parse_duration(text.trim()).map_err(|_| bad())?;
    let secs = u32::try_from(span.as_secs()).map_err(|_| bad())?;
    if secs == 0 || !secs.is_multiple_of(60) || secs > STEP_S_MAX {
        return Err(bad());
    }
    Ok(secs)
}

/// The narrowest usual window width that cuts a range into at most `windows_max` windows.
pub fn step_for(range_s: i64, windows_max: i64) -> u32 {
    const STEPS: [u32; 8] = [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 86_400];
    STEPS
        .into_iter()
        .find(|step| range_s / i64::from(*step) <= windows_max)
        .unwrap_or(86_400 * 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let anchors = Anchors {
            now: "2026-11-22T12:00:00Z".parse().expect("time"),
            latest: "2026-11-20T00:00:00Z".parse().expect("time"),
        };
        let got = parse_time(text, anchors).ok().map(|at| at.to_string());
        assert_eq!(got.as_deref(), expected, "{text}");
    }

    #[test]
    fn times_as_people_type_them() {
        check("2026-11-22T04:51:46+01:00", Some("2026-11-22T03:51:46Z"));
        check("2026-11-22", Some("2026-11-22T00:00:00Z"));
        check("2026-11-22 03:00", Some("2026-11-22T03:00:00Z"));
        check("1795319506", Some("2026-11-22T03:51:46Z"));
        check("1795319506000", Some("2026-11-22T03:51:46Z"));
        check("now-6h", Some("2026-11-22T06:00:00Z"));
        check("6h", Some("2026-11-19T18:00:00Z"));
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn steps_are_whole_minutes() {
        assert_eq!(parse_step("5m"), Ok(300));
        assert_eq!(parse_step("1d"), Ok(86_400));
        for bad in ["0s", "90s", "10y", "x", ""] {
            assert!(parse_step(bad).is_err(), "{bad}");
        }
        assert_eq!(step_for(86_400, 300), 300);
    }
}
