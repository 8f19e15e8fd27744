//! Times as spreadsheets and Windows servers write them: date and clock in cells of their own, parts without leading
//! zeros, days counted from 1900.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::model::time::{MICROS_PER_SECOND, Timestamp};
use crate::read::instant::{WallTime, parse_any, parse_offset};

const DAY_MICROS: i64 = 86_400 * MICROS_PER_SECOND;

/// Days of a spreadsheet between 1990 and 2100; smaller numbers are something else.
const SHEET_DAYS: std::ops::Range<f64> = 32_874.0..73_051.0;

/// Day 0 of a spreadsheet, in days before 1970.
const SHEET_EPOCH_DAYS: f64 = 25_569.0;

/// A cell with a whole time.
pub fn parse_moment(text: &str, zone: Option<Tz>) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(wall) = parse_sheet_days(text) {
        return Some(wall.to_timestamp(zone));
    }
    // Fewer seconds since 1970 than this are a duration or a code.
    if text.parse::<f64>().is_ok_and(|number| number.abs() < 1e8) {
        return None;
    }
    if let Some(at) = parse_any(text, zone) {
        return Some(at);
    }
    let (day_micros, clock) = match month_first(text) {
        Some(found) => found,
        None => {
            let (date, clock) = split_moment(text);
            (parse_date(date)?, clock)
        }
    };
    let (clock_micros, offset_s) = match clock {
        "" => (0, None),
        clock => parse_clock(clock)?,
    };
    let wall = WallTime {
        local_micros: day_micros + clock_micros,
        offset_s,
    };
    Some(wall.to_timestamp(zone))
}

/// `11/22/2026, 3:51 AM`, `22-Nov-2026 03:51`, `2026-11-22T03:51`
fn split_moment(text: &str) -> (&str, &str) {
    match text.find([' ', 'T']) {
        Some(at) => (
            text[..at].trim_end_matches(','),
            text[at + 1..].trim_start(),
        ),
        None => (text, ""),
    }
}

/// `Nov 22, 2026 @ 03:51:46.069`, `Nov 22, 2026, 3:51:46 AM`: the day and what is left.
fn month_first(text: &str) -> Option<(i64, &str)> {
    let (month, rest) = text.split_once(' ')?;
    let (day, rest) = rest.split_once(", ")?;
    let (year, clock) = rest.split_at_checked(4)?;
    let named = month.bytes().all(|b| b.is_ascii_alphabetic());
    let date = NaiveDate::from_ymd_opt(
        number(year)? as i32,
        month_of(month).filter(|_| named)?,
        number(day)?,
    )?;
    let day_micros = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros();
    Some((day_micros, clock.trim_start_matches([' ', ',', '@'])))
}

/// `46348.16094`: days since 1900 as a spreadsheet counts them.
fn parse_sheet_days(text: &str) -> Option<WallTime> {
    if !text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    {
        return None;
    }
    let days: f64 = text.replace(',', ".").parse().ok()?;
    SHEET_DAYS.contains(&days).then(|| WallTime {
        // A cell holds days to about the hundredth of a second.
        local_micros: ((days - SHEET_EPOCH_DAYS) * 86_400_000.0).round() as i64 * 1_000,
        offset_s: None,
    })
}

/// Microseconds since 1970 of a day: `2026-11-22`, `2026/11/22`, `22.11.2026`, `22-Nov-2026`, `11/22/2026`, `11/22/26`.
/// With slashes the month comes first, as the programs that write them so do, unless it cannot be one.
pub fn parse_date(text: &str) -> Option<i64> {
    let separator = text.find(['-', '/', '.'])?;
    let mut parts = text.split(text[separator..].chars().next()?);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match text.as_bytes()[separator] {
        _ if a.len() == 4 => (a, number(b)?, number(c)?),
        b'/' if number(a)? <= 12 => (c, number(a)?, number(b)?),
        _ => (c, month_of(b)?, number(a)?),
    };
    let year = match (year.len(), number(year)?) {
        (2, short) => 2000 + short as i32,
        (4, full) => full as i32,
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

fn number(text: &str) -> Option<u32> {
    let short = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    short.then(|| text.parse().ok())?
}

fn month_of(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    number(text).or_else(|| {
        let name = text.get(..3)?.to_ascii_lowercase();
        Some(NAMES.iter().position(|known| *known == name)? as u32 + 1)
    })
}

/// Microseconds since midnight and the offset, if one is told: `03:51:46.069`, `3:51`, `3:51:46 AM`, `03:51:46 +0100`.
pub fn parse_clock(text: &str) -> Option<(i64, Option<i32>)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second_micros = parts.next().map_or(Some(0), parse_second)?;
    let (hour, rest) = to_24_hours(hour, rest.trim())?;
    if hour > 23 || minute > 59 {
        return None;
    }
    let micros = i64::from(hour * 3_600 + minute * 60) * MICROS_PER_SECOND + second_micros;
    Some((micros, parse_offset(rest.as_bytes())?))
}

/// `46`, `46.069`
fn parse_second(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let whole = number(whole).filter(|second| *second <= 60)?;
    let mut micros = 0;
    for at in 0..6 {
        let digit = fraction.as_bytes().get(at).copied().unwrap_or(b'0');
        micros = micros * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some(i64::from(whole) * MICROS_PER_SECOND + micros)
}

/// `12:05 AM` is five past midnight.
fn to_24_hours(hour: u32, rest: &str) -> Option<(u32, &str)> {
    let half = rest.get(..2).map(str::to_ascii_uppercase);
    let (past_noon, rest) = match half.as_deref() {
        Some("AM") => (false, &rest[2..]),
        Some("PM") => (true, &rest[2..]),
        _ => return Some((hour, rest)),
    };
    (1..=12)
        .contains(&hour)
        .then(|| (hour % 12 + 12 * u32::from(past_noon), rest.trim_start()))
}

/// The start of the day of a wall-clock reading.
pub fn day_of(local_micros: i64) -> i64 {
    local_micros.div_euclid(DAY_MICROS) * DAY_MICROS
}

pub fn day_after(day_micros: i64) -> i64 {
    day_micros.saturating_add(DAY_MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let got = parse_moment(text, None).map(|at| at.to_string());
        assert_eq!(got.as_deref(), expected, "{text}");
    }

    #[test]
    fn cells_of_spreadsheets() {
        for text in [
            "22.11.2026 03:51:46",
            "22.11.2026 3:51:46",
            "11/22/2026 3:51:46 AM",
            "11/22/26, 3:51:46 AM",
            "11/22/2026 03:51:46",
            "22/11/2026 03:51:46",
            "22-Nov-2026 03:51:46",
            "Nov 22, 2026 @ 03:51:46.000",
            "Nov 22, 2026, 3:51:46 AM",
            "2026-11-22T04:51:46 +0100",
            "46348.1609490741",
            "46348,1609490741",
        ] {
            check(text, Some("2026-11-22T03:51:46Z"));
        }
        check("2026-11-22 03:51", Some("2026-11-22T03:51:00Z"));
        check("11/22/2026 12:05 PM", Some("2026-11-22T12:05:00Z"));
        check("11/22/2026 12:05 AM", Some("2026-11-22T00:05:00Z"));
        check("22.11.2026", Some("2026-11-22T00:00:00Z"));
        check("1795319506069", Some("2026-11-22T03:51:46.069Z"));
    }

    #[test]
    fn numbers_and_words_are_no_times() {
        for text in [
            "429",
            "12,5",
            "11/31/2026 1:00 AM",
            "25:00",
            "a-b-c",
            "13/13/2026",
            "11/22/2026 13:00 PM",
        ] {
            check(text, None);
        }
    }
}
