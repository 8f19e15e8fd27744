//! Times that leave out the year, as syslog of old writes them (`Nov 22 03:51:45`).
//!
//! The year is the latest that makes sense when the source was last written or came in (`formats.md` 0.2).

use chrono::Datelike;
use chrono_tz::Tz;

use crate::model::time::{MICROS_PER_SECOND, Timestamp};
use crate::read::instant::{
    WallTime, date_micros, digits, month_number, parse_any, parse_clock, parse_fraction,
};

/// As loggers around a program write it: any of the forms above, or without a year.
pub fn parse_logged(text: &str, zone: Option<Tz>, now: Option<Timestamp>) -> Option<Timestamp> {
    parse_any(text, zone).or_else(|| {
        let (day, rest) = parse_yearless(text)?;
        rest.is_empty().then(|| day.nearest(zone, now?))?
    })
}

/// Splits `Nov 22 03:51:45`, with or without a fraction, from what follows it.
pub fn split_yearless(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = parse_yearless(text)?;
    let time = &text[..text.len() - rest.len()];
    Some((time, rest.strip_prefix(' ')?))
}

/// A wall-clock reading of a year that the text may leave out.
#[derive(Clone, Copy)]
struct Yearless {
    year: Option<i64>,
    month: i64,
    day: i64,
    micros_of_day: i64,
}

/// Lines may come from clocks that are ahead, or from zones that are.
const AHEAD_MICROS_MAX: i64 = 86_400 * MICROS_PER_SECOND;

/// The 29th of February can be that far from the next.
const LEAP_YEARS_APART_MAX: i64 = 8;

impl Yearless {
    /// In the latest year that puts it not more than a day after `now`. December before January is a year back by
    /// that, whatever the order of lines.
    fn nearest(self, zone: Option<Tz>, now: Timestamp) -> Option<Timestamp> {
        let latest = now.micros().saturating_add(AHEAD_MICROS_MAX);
        let year_of_now = chrono::DateTime::from_timestamp_micros(latest)?.year();
        let first = self.year.unwrap_or(i64::from(year_of_now) + 1);
        let years = if self.year.is_some() {
            0
        } else {
            LEAP_YEARS_APART_MAX + 1
        };
        (first - years..=first).rev().find_map(|year| {
            let local_micros = date_micros(year, self.month, self.day)? + self.micros_of_day;
            let wall = WallTime {
                local_micros,
                offset_s: None,
            };
            let at = wall.to_timestamp(zone);
            (self.year.is_some() || at.micros() <= latest).then_some(at)
        })
    }
}

/// `Nov 22 03:51:45`, `Nov  2 2026 03:51:45.818`; the rest of the text.
fn parse_yearless(text: &str) -> Option<(Yearless, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 14 || bytes[3] != b' ' {
        return None;
    }
    let month = month_number(&bytes[..3])?;
    let (day, rest) = leading_number(bytes[4..].trim_ascii_start(), 2)?;
    let mut rest = rest.strip_prefix(b" ")?;
    let mut year = None;
    if let Some((value, after)) = leading_number(rest, 4)
        && let Some(after) = after.strip_prefix(b" ")
    {
        (year, rest) = (Some(value), after);
    }
    let (second_of_day, rest) = parse_clock(rest)?;
    let (micros, rest) = parse_fraction(rest);
    let read = Yearless {
        year,
        month,
        day,
        micros_of_day: second_of_day * MICROS_PER_SECOND + micros,
    };
    Some((read, text.get(text.len() - rest.len()..)?))
}

/// A number of at most `len_max` digits at the beginning.
fn leading_number(text: &[u8], len_max: usize) -> Option<(i64, &[u8])> {
    let len = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let value = (1..=len_max)
        .contains(&len)
        .then(|| digits(&text[..len]))??;
    Some((value, &text[len..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_that_is_left_out_is_the_latest_before_now() {
        let now = parse_any("2026-01-03T12:00:00Z", None);
        for (text, expected) in [
            ("Jan  3 11:00:00", Some("2026-01-03T11:00:00Z")),
            ("Jan  4 11:00:00", Some("2026-01-04T11:00:00Z")),
            ("Jan  5 11:00:00", Some("2025-01-05T11:00:00Z")),
            ("Dec 31 23:59:59.5", Some("2025-12-31T23:59:59.500Z")),
            ("Feb 29 00:00:00", Some("2024-02-29T00:00:00Z")),
            ("Feb 30 00:00:00", None),
            ("Nov 22 2031 03:51:45", Some("2031-11-22T03:51:45Z")),
        ] {
            let got = parse_logged(text, None, now).map(|at| at.to_string());
            assert_eq!(got.as_deref(), expected, "{text}");
        }
        assert_eq!(parse_logged("Jan  3 11:00:00", None, None), None);
    }
}
