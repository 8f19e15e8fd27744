//! Times as logs write them, to [`Timestamp`]s.
//!
//! Written by hand because the common-log date is read once a line and a general parser costs more than the rest of
//! the line. Calendar arithmetic follows Howard Hinnant, "chrono-compatible low-level date algorithms" (days_from_civil).

use std::ops::RangeInclusive;

use chrono::{LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::model::time::{MICROS_PER_SECOND, Timestamp};

/// From the year 1 to 9999, which is what RFC 3339 can write and every calendar can compute.
const MICROS_OF_CALENDAR: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// Integer parts below these are seconds, milliseconds, microseconds; above, nanoseconds (`formats.md` 0.2).
const SECONDS_BELOW: i128 = 100_000_000_000;
const MILLIS_BELOW: i128 = 100_000_000_000_000;
const MICROS_BELOW: i128 = 100_000_000_000_000_000;

/// A wall-clock reading, and the offset from UTC if the text gave one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WallTime {
    /// Microseconds since 1970 as if the reading were UTC.
    pub local_micros: i64,
    pub offset_s: Option<i32>,
}

impl WallTime {
    /// The instant: by its own offset, else by `zone`, else as UTC. A reading that occurs twice (autumn) takes the
    /// first, one that never occurs (spring) is taken as if the clock had not yet changed.
    pub fn to_timestamp(self, zone: Option<Tz>) -> Timestamp {
        if let Some(offset_s) = self.offset_s {
            return Timestamp::from_micros(
                self.local_micros
                    .saturating_sub(i64::from(offset_s) * MICROS_PER_SECOND),
            );
        }
        let Some(zone) = zone else {
            return Timestamp::from_micros(self.local_micros);
        };
        match in_zone(self.local_micros, zone) {
            Some(at) => at,
            None => Timestamp::from_micros(self.local_micros),
        }
    }
}

fn in_zone(local_micros: i64, zone: Tz) -> Option<Timestamp> {
    let local = chrono::DateTime::from_timestamp_micros(local_micros)?.naive_utc();
    let at = match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at,
        LocalResult::None => zone
            .from_local_datetime(&(local - chrono::Duration::hours(1)))
            .earliest()?
            .checked_add_signed(chrono::Duration::hours(1))?,
    };
    Some(Timestamp::from_micros(at.timestamp_micros()))
}

/// `22/Nov/2026:03:51:46 +0000` with an optional fraction after the seconds; the offset may be missing.
pub fn parse_clf(text: &[u8]) -> Option<WallTime> {
    // Python's servers write a space before the clock time.
    if text.len() < 20 || text[2] != b'/' || text[6] != b'/' || !matches!(text[11], b':' | b' ') {
        return None;
    }
    let day = digits(&text[0..2])?;
    let month = month_number(&text[3..6])?;
    let year = digits(&text[7..11])?;
    let (second_of_day, rest) = parse_clock(&text[12..])?;
    let (micros, rest) = parse_fraction(rest);
    let offset_s = parse_offset(rest.trim_ascii())?;
    Some(WallTime {
        local_micros: date_micros(year, month, day)? + second_of_day * MICROS_PER_SECOND + micros,
        offset_s,
    })
}

/// ISO 8601 as logs write it: `T` or space between date and time, `-` or `/` in the date, comma or point before the
/// fraction, and `Z`, `+00:00`, `+0000`, `+01`, ` UTC` or nothing at the end.
pub fn parse_iso(text: &[u8]) -> Option<WallTime> {
    let text = text.trim_ascii();
    if text.len() < 19 || !matches!(text[4], b'-' | b'/') || text[7] != text[4] {
        return None;
    }
    if !matches!(text[10], b'T' | b't' | b' ') {
        return None;
    }
    let day = date_micros(
        digits(&text[0..4])?,
        digits(&text[5..7])?,
        digits(&text[8..10])?,
    )?;
    let (second_of_day, rest) = parse_clock(&text[11..])?;
    let (micros, rest) = parse_fraction(rest);
    Some(WallTime {
        local_micros: day + second_of_day * MICROS_PER_SECOND + micros,
        offset_s: parse_offset(rest.trim_ascii())?,
    })
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude; a fraction means seconds.
pub fn parse_epoch(text: &[u8]) -> Option<Timestamp> {
    let text = text.trim_ascii();
    let text_str = std::str::from_utf8(text).ok()?;
    if text.is_empty()
        || !text
            .iter()
            .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
    {
        return None;
    }
    if text.iter().all(u8::is_ascii_digit) {
        return epoch_from_integer(text_str.parse().ok()?);
    }
    if text.iter().any(|b| matches!(b, b'e' | b'E')) {
        return parse_epoch(without_exponent(text_str)?.as_bytes());
    }
    let (whole, fraction) = text_str.split_once('.')?;
    let secs: i64 = whole.parse().ok()?;
    if i128::from(secs.abs()) >= SECONDS_BELOW {
        return epoch_from_integer(i128::from(secs));
    }
    let (micros, rest) = fraction_micros(fraction.as_bytes());
    let micros = micros
        + i64::from(
            fraction
                .as_bytes()
                .get(6)
                .is_some_and(|digit| *digit >= b'5'),
        );
    if !rest.is_empty() {
        return None;
    }
    within_calendar(
        secs.saturating_mul(MICROS_PER_SECOND)
            .saturating_add(micros),
    )
}

/// `1.795319506069e+09` with all its digits, as a plain number. None that needs more than these is a time.
fn without_exponent(text: &str) -> Option<String> {
    const DIGITS_MAX: usize = 40;
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let digits = [whole, fraction].concat();
    let point = whole.len().checked_add(exponent)?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || point > DIGITS_MAX || digits.len() > DIGITS_MAX {
        return None;
    }
    Some(match digits.split_at_checked(point) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits:0<point$}"),
    })
}

pub fn epoch_from_integer(value: i128) -> Option<Timestamp> {
    let micros = match value.abs() {
        v if v < SECONDS_BELOW => value * 1_000_000,
        v if v < MILLIS_BELOW => value * 1_000,
        v if v < MICROS_BELOW => value,
        _ => value / 1_000,
    };
    within_calendar(i64::try_from(micros).ok()?)
}

fn within_calendar(micros: i64) -> Option<Timestamp> {
    let fits = MICROS_OF_CALENDAR.contains(&micros);
    fits.then(|| Timestamp::from_micros(micros))
}

/// Any of the forms above, and RFC 2822 (`Sun, 22 Nov 2026 03:51:46 GMT`).
pub fn parse_any(text: &str, zone: Option<Tz>) -> Option<Timestamp> {
    let bytes = text.trim().as_bytes();
    if let Some(at) = parse_epoch(bytes) {
        return Some(at);
    }
    let inner = bytes
        .strip_prefix(b"[")
        .and_then(|b| b.strip_suffix(b"]"))
        .unwrap_or(bytes);
    if let Some(at) = parse_iso(inner).or_else(|| parse_clf(inner)) {
        return Some(at.to_timestamp(zone));
    }
    if let Some(at) = parse_day_first(inner).or_else(|| parse_month_first(text)) {
        return Some(at.to_timestamp(zone));
    }
    chrono::DateTime::parse_from_rfc2822(text.trim())
        .ok()
        .map(|at| Timestamp::from_micros(at.timestamp_micros()))
}

/// `22.11.2026 03:51:46`
fn parse_day_first(text: &[u8]) -> Option<WallTime> {
    if text.len() < 19 || text[2] != b'.' || text[5] != b'.' || text[10] != b' ' {
        return None;
    }
    let day = date_micros(
        digits(&text[6..10])?,
        digits(&text[3..5])?,
        digits(&text[0..2])?,
    )?;
    let (second_of_day, rest) = parse_clock(&text[11..])?;
    let (micros, rest) = parse_fraction(rest);
    Some(WallTime {
        local_micros: day + second_of_day * MICROS_PER_SECOND + micros,
        offset_s: parse_offset(rest.trim_ascii())?,
    })
}

/// `11/22/2026 3:51:46 AM`
fn parse_month_first(text: &str) -> Option<WallTime> {
    let local = NaiveDateTime::parse_from_str(text.trim(), "%m/%d/%Y %I:%M:%S %p").ok()?;
    Some(WallTime {
        local_micros: local.and_utc().timestamp_micros(),
        offset_s: None,
    })
}

/// What a strftime format told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WallPart {
    /// At least the date.
    Whole(WallTime),
    /// Microseconds of a day that another piece names.
    Clock(i64),
}

/// A strftime format with its value, for `%{FORMAT}t` of Apache and its like.
pub fn parse_strftime(text: &str, format: &str) -> Option<WallPart> {
    if format.contains("%z") {
        let local = chrono::DateTime::parse_from_str(text, format).ok()?;
        return Some(WallPart::Whole(WallTime {
            local_micros: local.naive_local().and_utc().timestamp_micros(),
            offset_s: Some(local.offset().local_minus_utc()),
        }));
    }
    if !names_a_date(format) {
        let clock = NaiveTime::parse_from_str(text, format).ok()?;
        let micros = i64::from(clock.num_seconds_from_midnight()) * MICROS_PER_SECOND;
        return Some(WallPart::Clock(
            micros + i64::from(clock.nanosecond() / 1_000),
        ));
    }
    let local = NaiveDateTime::parse_from_str(text, format)
        .ok()
        .or_else(|| {
            NaiveDate::parse_from_str(text, format)
                .ok()
                .and_then(|day| day.and_hms_opt(0, 0, 0))
        })?;
    Some(WallPart::Whole(WallTime {
        local_micros: local.and_utc().timestamp_micros(),
        offset_s: None,
    }))
}

fn names_a_date(format: &str) -> bool {
    let mut letters = format.split('%').skip(1);
    letters.any(|spec| spec.starts_with(|c| "YyCGmbBhdejDFxcvs+".contains(c)))
}

/// The offset in seconds of `+0100`, `+01:00`, `+01`, `Z`, `UTC`, `GMT`; `Some(None)` for an empty text.
pub fn parse_offset(text: &[u8]) -> Option<Option<i32>> {
    match text {
        b"" => return Some(None),
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some(Some(0)),
        _ => {}
    }
    let (sign, rest) = match text.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest)?, 0),
        4 => (digits(&rest[0..2])?, digits(&rest[2..4])?),
        5 if rest[2] == b':' => (digits(&rest[0..2])?, digits(&rest[3..5])?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then(|| Some(sign * (hours * 3600 + minutes * 60) as i32))
}

/// `hh:mm:ss` and what follows it.
pub fn parse_clock(text: &[u8]) -> Option<(i64, &[u8])> {
    if text.len() < 8 || text[2] != b':' || text[5] != b':' {
        return None;
    }
    let (h, m, s) = (
        digits(&text[0..2])?,
        digits(&text[3..5])?,
        digits(&text[6..8])?,
    );
    (h < 24 && m < 60 && s <= 60).then(|| (h * 3600 + m * 60 + s, &text[8..]))
}

pub fn parse_fraction(text: &[u8]) -> (i64, &[u8]) {
    match text.split_first() {
        // Log4j-like times put a colon before the milliseconds.
        Some((b'.' | b',' | b':', rest)) if rest.first().is_some_and(u8::is_ascii_digit) => {
            fraction_micros(rest)
        }
        _ => (0, text),
    }
}

fn fraction_micros(text: &[u8]) -> (i64, &[u8]) {
    let len = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut micros = 0;
    for position in 0..6 {
        let digit = text[..len].get(position).map_or(0, |b| i64::from(b - b'0'));
        micros = micros * 10 + digit;
    }
    (micros, &text[len..])
}

pub fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, b| {
        b.is_ascii_digit().then(|| value * 10 + i64::from(b - b'0'))
    })
}

pub fn month_number(text: &[u8]) -> Option<i64> {
    const NAMES: [&[u8; 3]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let lower = [text[0] | 0x20, text[1] | 0x20, text[2] | 0x20];
    NAMES
        .iter()
        .position(|name| **name == lower)
        .map(|i| i as i64 + 1)
}

pub fn date_micros(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 * MICROS_PER_SECOND)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let got = parse_any(text, None).map(|at| at.to_string());
        assert_eq!(got.as_deref(), expected, "{text}");
    }

    #[test]
    fn every_spelling_gives_the_same_instant() {
        for text in [
            "22/Nov/2026:04:51:46 +0100",
            "[22/Nov/2026:03:51:46 +0000]",
            "2026-11-22T03:51:46Z",
            "2026-11-22 03:51:46",
            "2026/11/22 03:51:46 UTC",
            "2026-11-22T04:51:46+01",
            "1795319506",
            "1795319506000",
            "1795319506000000000",
            "1.795319506e9",
            "Sun, 22 Nov 2026 03:51:46 GMT",
            "22.11.2026 03:51:46",
            "11/22/2026 3:51:46 AM",
        ] {
            check(text, Some("2026-11-22T03:51:46Z"));
        }
    }

    #[test]
    fn fractions_are_kept() {
        check("1693840791.7564995", Some("2023-09-04T15:19:51.756500Z"));
        check("1.795319506069e9", Some("2026-11-22T03:51:46.069Z"));
        check("1.795319506069123e+09", Some("2026-11-22T03:51:46.069123Z"));
        check("1.7953195060691E12", Some("2026-11-22T03:51:46.069Z"));
        check(
            "1.795319506069123456e+18",
            Some("2026-11-22T03:51:46.069123Z"),
        );
        check("1795319505.818", Some("2026-11-22T03:51:45.818Z"));
        check("2026-11-22 03:53:58,953", Some("2026-11-22T03:53:58.953Z"));
        check("2026/11/22 03:54:29:142", Some("2026-11-22T03:54:29.142Z"));
        check(
            "2026-11-22T03:51:46.1234567Z",
            Some("2026-11-22T03:51:46.123456Z"),
        );
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in [
            "",
            "-",
            "31/Feb/2026:00:00:00 +0000",
            "2026-13-01T00:00:00Z",
            "hello",
            "12:00:00",
            "1e400",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_configured_zone_applies_only_without_an_offset() {
        let berlin: Tz = "Europe/Berlin".parse().expect("zone");
        let at = |text| parse_any(text, Some(berlin)).map(|at| at.to_string());
        assert_eq!(
            at("2026-11-22 04:51:46").as_deref(),
            Some("2026-11-22T03:51:46Z")
        );
        assert_eq!(
            at("2026-11-22T04:51:46Z").as_deref(),
            Some("2026-11-22T04:51:46Z")
        );
        // The hour that never was: 02:30 on the spring change is read as 03:30 summer time.
        assert_eq!(
            at("2026-03-29 02:30:00").as_deref(),
            Some("2026-03-29T01:30:00Z")
        );
    }
}
