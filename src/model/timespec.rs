//! Times and spans as people type them, on the command line and in URLs.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};

use crate::model::time::{TimeRange, Timestamp};

/// The widest window that a rate table may have: a year.
pub const STEP_S_MAX: u32 = 366 * 86_400;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeSpecError {
    #[error(
        "{0:?} is no time; write 2026-11-22T03:00:00Z, 2026-11-22, seconds since 1970, now-6h or 6h"
    )]
    NotATime(String),
    #[error("{0:?} is outside the years 1 to 9999")]
    OutsideCalendar(String),
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

/// The first second of the year 1 and the last of 9999: what a calendar date of four digits can say.
const CALENDAR: TimeRange = TimeRange {
    since: Timestamp::from_secs(-62_135_596_800),
    until: Timestamp::from_secs(253_402_300_800),
};

/// RFC 3339, a date, epoch seconds or milliseconds, `now-6h`, `6h`.
pub fn parse_time(text: &str, anchors: Anchors) -> Result<Timestamp, TimeSpecError> {
    let text = text.trim();
    let at = find_instant(text)
        .or_else(|| find_relative(text, anchors))
        .ok_or_else(|| TimeSpecError::NotATime(text.to_owned()))?;
    in_calendar(at, text)
}

/// As `parse_time`, without those that count back from something.
pub fn parse_instant(text: &str) -> Result<Timestamp, TimeSpecError> {
    let text = text.trim();
    let at = find_instant(text).ok_or_else(|| TimeSpecError::NotATime(text.to_owned()))?;
    in_calendar(at, text)
}

fn in_calendar(at: Timestamp, text: &str) -> Result<Timestamp, TimeSpecError> {
    if CALENDAR.contains(at) {
        Ok(at)
    } else {
        Err(TimeSpecError::OutsideCalendar(text.to_owned()))
    }
}

fn find_instant(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| parse_calendar(text))
        .or_else(|| text.parse::<i64>().ok().map(of_epoch))
}

/// Seconds since 1970 have ten digits for centuries; larger numbers are milliseconds.
fn of_epoch(number: i64) -> Timestamp {
    if number.saturating_abs() < 100_000_000_000 {
        Timestamp::from_secs(number)
    } else {
        Timestamp::from_micros(number.saturating_mul(1_000))
    }
}

fn find_relative(text: &str, anchors: Anchors) -> Option<Timestamp> {
    if text == "now" {
        return Some(anchors.now);
    }
    let (anchor, span) = match text.strip_prefix("now-") {
        Some(span) => (anchors.now, span),
        None => (anchors.latest, text),
    };
    let span = humantime::parse_duration(span).ok()?;
    let secs = i64::try_from(span.as_secs()).ok()?;
    Some(anchor.plus_secs(secs.saturating_neg()))
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

/// Window widths that people count in; wider ones are whole days.
const STEPS: [u32; 8] = [60, 300, 900, 1_800, 3_600, 10_800, 21_600, DAY_S];
const DAY_S: u32 = 86_400;

/// The narrowest usual window width that cuts a range into at most `windows_max` windows.
pub fn step_for(range_s: i64, windows_max: i64) -> u32 {
    let fits = |step: &u32| range_s / i64::from(*step) <= windows_max;
    STEPS.into_iter().find(fits).unwrap_or_else(|| {
        let days = range_s / windows_max.max(1) / i64::from(DAY_S) + 1;
        u32::try_from(days).map_or(u32::MAX, |days| days.saturating_mul(DAY_S))
    })
}

/// The next wider of the usual window widths, up to the widest that a rate table may have.
pub fn wider_step(step_s: u32) -> Option<u32> {
    STEPS
        .into_iter()
        .find(|wider| *wider > step_s)
        .or_else(|| step_s.checked_mul(2))
        .filter(|wider| *wider <= STEP_S_MAX)
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
        check("0001-01-01", Some("0001-01-01T00:00:00Z"));
        check("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z"));
        for outside in ["0000-12-31", "10000-01-01", "99999999999999999", "9000y"] {
            check(outside, None);
        }
        check("-9223372036854775808", None);
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
    }

    #[test]
    fn steps_widen_until_the_range_fits() {
        assert_eq!(step_for(86_400, 300), 300);
        let century_s = 100 * 366 * 86_400;
        for (range_s, windows_max) in [(century_s, 400), (century_s * 80, 400), (century_s, 1)] {
            let step = i64::from(step_for(range_s, windows_max));
            assert!(range_s / step <= windows_max, "{range_s} {windows_max}");
        }
        assert_eq!(wider_step(300), Some(900));
        assert_eq!(wider_step(7_200), Some(10_800));
        assert_eq!(wider_step(86_400), Some(2 * 86_400));
        assert_eq!(wider_step(STEP_S_MAX), None);
    }
}
