//! Dates of HTTP headers in the three forms that occur, and the instant at which an answer was there.

use chrono::NaiveDate;

use crate::attribute::texts::find_header;
use crate::model::exchange::{Exchange, TsKind};
use crate::model::time::{MICROS_PER_SECOND, Timestamp};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
/// The parts of a date with its time and zone.
const PARTS_MAX: usize = 6;
const DATE_BYTES_MAX: usize = 64;
/// Two digits of a year from here on are of the last century.
const CENTURY_TURNS: i32 = 70;

/// `Fri, 31 Dec 2027 23:59:59 GMT`, `Friday, 31-Dec-27 23:59:59 GMT`, `Fri Dec 31 23:59:59 2027`.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    if text.len() > DATE_BYTES_MAX {
        return None;
    }
    let mut parts = [""; PARTS_MAX];
    let mut count = 0;
    for part in text.split([' ', ',', '-']).filter(|part| !part.is_empty()) {
        *parts.get_mut(count)? = part;
        count += 1;
    }
    match &parts[..count] {
        [_, day, month, year, time, "GMT" | "UTC" | "+0000"] if month_of(month).is_some() => {
            instant(day, month, year, time)
        }
        [_, month, day, time, year] => instant(day, month, year, time),
        _ => None,
    }
}

fn instant(day: &str, month: &str, year: &str, time: &str) -> Option<Timestamp> {
    let year = match (year.len(), year.parse::<i32>().ok()?) {
        (4, year) => year,
        (2, year) if year < CENTURY_TURNS => 2_000 + year,
        (2, year) => 1_900 + year,
        _ => return None,
    };
    let mut clock = time.split(':').map(|part| part.parse::<u32>().ok());
    let at = NaiveDate::from_ymd_opt(year, month_of(month)?, day.parse().ok()?)?.and_hms_opt(
        clock.next()??,
        clock.next()??,
        clock.next()??,
    )?;
    clock
        .next()
        .is_none()
        .then(|| Timestamp::from(at.and_utc()))
}

fn month_of(name: &str) -> Option<u32> {
    let at = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))?;
    u32::try_from(at + 1).ok()
}

/// When the answer was there, by its own Date header or else by the log. Distances are counted from here.
pub fn answered_at(exchange: &Exchange<'_>) -> Option<Timestamp> {
    if let Some(date) =
        find_header(&exchange.response_headers, "date").and_then(|d| parse_http_date(d))
    {
        return Some(date);
    }
    let ts = exchange.ts?;
    match exchange.ts_kind {
        TsKind::End => Some(ts),
        TsKind::Start => Some(plus(
            ts,
            f64::from(exchange.duration_ms.unwrap_or(0.0)) / 1e3,
        )),
    }
}

/// An instant some seconds later; the end of the range when it is outside.
pub fn plus(at: Timestamp, seconds: f64) -> Timestamp {
    let micros = seconds * MICROS_PER_SECOND as f64;
    Timestamp::from_micros(at.micros().saturating_add(micros as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_one_instant() {
        for form in [
            "Fri, 31 Dec 2027 23:59:59 GMT",
            "Friday, 31-Dec-27 23:59:59 GMT",
            "Fri Dec 31 23:59:59 2027",
        ] {
            let at = parse_http_date(form).expect(form);
            assert_eq!(at.to_string(), "2027-12-31T23:59:59Z", "{form}");
        }
        let early = parse_http_date("Sun Nov  6 08:49:37 1994").expect("one digit day");
        assert_eq!(early.to_string(), "1994-11-06T08:49:37Z");
        for bad in [
            "",
            "5",
            "Fri, 31 Foo 2027 23:59:59 GMT",
            "Fri, 31 Dec 2027 23:59 GMT",
            "Fri, 99 Dec 2027 23:59:59 GMT",
            "a b c d e f g",
        ] {
            assert!(parse_http_date(bad).is_none(), "{bad}");
        }
    }
}
