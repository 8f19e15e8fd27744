//! The time that an application puts somewhere into the beginning of its lines, in whatever form its logger is set to.
//!
//! A logger may leave out the date. Such a reading gets its date, and its zone, from the Date header of an answer that
//! was logged beside it.

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use crate::model::time::{MICROS_PER_SECOND, Timestamp};
use crate::read::instant::{parse_clf, parse_epoch, parse_iso};

const DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Zones differ from UTC by multiples of this.
const ZONE_STEP: i64 = 15 * 60 * MICROS_PER_SECOND;

/// Prefixes are shorter; a time further on belongs to the message.
const PREFIX_BYTES_MAX: usize = 100;

/// When a line was written, as far as it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamp {
    #[default]
    Untold,
    Instant(Timestamp),
    /// Microseconds since midnight of an unknown day in an unknown zone.
    Clock(i64),
}

impl Stamp {
    pub fn is_told(self) -> bool {
        self != Self::Untold
    }

    /// Microseconds from `self` to `later`.
    pub fn micros_until(self, later: Self) -> Option<i64> {
        match (self, later) {
            (Self::Instant(from), Self::Instant(to)) => {
                Some(to.micros().saturating_sub(from.micros()))
            }
            // Past midnight the clock begins anew.
            (Self::Clock(from), Self::Clock(to)) => Some((to - from).rem_euclid(DAY)),
            _ => None,
        }
    }
}

/// What a clock showed at a known instant.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    clock: i64,
    at: Timestamp,
}

impl Anchor {
    /// A clock reading beside a Date header: the zone is the one that brings the two together.
    pub fn of_date(clock: i64, date: Timestamp) -> Self {
        let ahead = clock - date.micros().rem_euclid(DAY);
        let zone = (ahead + ZONE_STEP / 2).div_euclid(ZONE_STEP) * ZONE_STEP;
        Self {
            clock,
            at: Timestamp::from_micros(date.micros().saturating_add(ahead - zone)),
        }
    }

    /// The instant of another reading, not more than half a day away.
    pub fn instant(self, clock: i64) -> Timestamp {
        let ahead = (clock - self.clock + DAY / 2).rem_euclid(DAY) - DAY / 2;
        Timestamp::from_micros(self.at.micros().saturating_add(ahead))
    }
}

/// `hh:mm:ss.uuuuuu ` at the beginning, and the rest of the line.
pub fn leading_clock(line: &str) -> Option<(i64, &str)> {
    let (clock, len) = clock(line.as_bytes())?;
    let rest = line.get(len..)?;
    Some((clock, rest.strip_prefix(' ')?))
}

/// The first time in the beginning of a line.
pub fn find_stamp(line: &str, zone: Option<Tz>) -> Stamp {
    let head = &line.as_bytes()[..line.len().min(PREFIX_BYTES_MAX)];
    if let Some(at) = month_first(line).or_else(|| epoch(head)) {
        return Stamp::Instant(at);
    }
    let mut after_digit = false;
    for (at, byte) in head.iter().enumerate() {
        let begins = byte.is_ascii_digit() && !after_digit;
        after_digit = byte.is_ascii_digit();
        if begins {
            let found = time_at(&head[at..], zone);
            if found.is_told() {
                return found;
            }
        }
    }
    Stamp::Untold
}

fn time_at(text: &[u8], zone: Option<Tz>) -> Stamp {
    let separator = text.get(4);
    if matches!(separator, Some(b'-' | b'/')) && text.get(7) == separator {
        let wall = text.get(..iso_len(text)).and_then(parse_iso);
        return wall.map_or(Stamp::Untold, |wall| {
            Stamp::Instant(wall.to_timestamp(zone))
        });
    }
    if text.get(2) == Some(&b'/') {
        let wall = text
            .get(..26)
            .and_then(parse_clf)
            .or_else(|| text.get(..20).and_then(parse_clf));
        return wall.map_or(Stamp::Untold, |wall| {
            Stamp::Instant(wall.to_timestamp(zone))
        });
    }
    clock(text).map_or(Stamp::Untold, |(clock, _)| Stamp::Clock(clock))
}

/// Date, clock, fraction and offset from UTC; the fraction may stand behind a colon.
fn iso_len(text: &[u8]) -> usize {
    const SECONDS: usize = 19;
    let mut len = SECONDS;
    if matches!(text.get(len), Some(b'.' | b',' | b':')) {
        len += 1 + digits(text.get(len + 1..).unwrap_or_default());
    }
    let rest = text.get(len..).unwrap_or_default();
    if rest.starts_with(b"Z") {
        return len + 1;
    }
    if rest.starts_with(b" UTC") || rest.starts_with(b" GMT") {
        return len + 4;
    }
    let spaced = usize::from(rest.first() == Some(&b' '));
    let rest = &rest[spaced.min(rest.len())..];
    if !matches!(rest.first(), Some(b'+' | b'-')) {
        return len;
    }
    match (digits(&rest[1..]), rest.get(3)) {
        (4, _) => len + spaced + 5,
        (2, Some(b':')) if digits(rest.get(4..).unwrap_or_default()) == 2 => len + spaced + 6,
        (2, _) if spaced == 0 => len + 3,
        _ => len,
    }
}

/// `hh:mm:ss` with an optional fraction, and how many bytes it takes.
fn clock(text: &[u8]) -> Option<(i64, usize)> {
    const WHOLE: usize = 8;
    if text.get(2) != Some(&b':') || text.get(5) != Some(&b':') {
        return None;
    }
    let two = |at: usize| -> Option<i64> {
        let pair = text.get(at..at + 2)?;
        (digits(pair) == 2).then(|| i64::from(pair[0] - b'0') * 10 + i64::from(pair[1] - b'0'))
    };
    let (hours, minutes, seconds) = (two(0)?, two(3)?, two(6)?);
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let mut micros = ((hours * 60 + minutes) * 60 + seconds) * MICROS_PER_SECOND;
    let mut len = WHOLE;
    if matches!(text.get(len), Some(b'.' | b',')) {
        let fraction = text.get(len + 1..).unwrap_or_default();
        let count = digits(fraction);
        let mut unit = MICROS_PER_SECOND;
        for digit in &fraction[..count.min(6)] {
            unit /= 10;
            micros += unit * i64::from(digit - b'0');
        }
        len += 1 + count;
    }
    Some((micros, len))
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// `Nov 22, 2026 3:51:46 AM`, as java.util.logging begins its lines.
fn month_first(line: &str) -> Option<Timestamp> {
    if !line.as_bytes().first()?.is_ascii_uppercase() {
        return None;
    }
    let end = line.find(" AM").or_else(|| line.find(" PM"))? + 3;
    let text = line.get(..end).filter(|text| text.len() <= 30)?;
    let at = NaiveDateTime::parse_from_str(text, "%b %d, %Y %I:%M:%S %p").ok()?;
    Some(Timestamp::from_micros(at.and_utc().timestamp_micros()))
}

/// Seconds or milliseconds since 1970 in front.
fn epoch(head: &[u8]) -> Option<Timestamp> {
    let whole = digits(head);
    if !(10..=19).contains(&whole) {
        return None;
    }
    let mut len = whole;
    if head.get(len) == Some(&b'.') {
        len += 1 + digits(&head[len + 1..]);
    }
    parse_epoch(&head[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let got = match find_stamp(line, None) {
            Stamp::Untold => "-".to_owned(),
            Stamp::Instant(at) => at.to_string(),
            Stamp::Clock(micros) => format!("clock {micros}"),
        };
        assert_eq!(got, expected, "{line}");
    }

    #[test]
    fn times_of_loggers() {
        let at = "2026-11-22T03:51:46.069Z";
        check("2026-11-22 03:51:46,069 DEBUG x", at);
        check("DEBUG x [2026-11-22 03:51:46.069] y", at);
        check("2026/11/22 03:51:46:069 UTC [DEBUG] x", at);
        check("I, [2026-11-22T03:51:46.069000 #7]  INFO -- x", at);
        check("2026-11-22T04:51:46.069+01:00  INFO 7 --- x", at);
        check("2026-11-22 04:51:46.069 +0100 x", at);
        check("1795319506.069 x", at);
        check("Nov 22, 2026 3:51:46 AM java.x y", "2026-11-22T03:51:46Z");
        check("[22/Nov/2026:03:51:46 +0000] x", "2026-11-22T03:51:46Z");
        check("03:51:46.069 [main] DEBUG x", "clock 13906069000");
        check("11-22 03:51:46.069 D/OkHttp: x", "clock 13906069000");
    }

    #[test]
    fn other_numbers_are_no_time() {
        check("", "-");
        check("DEBUG:urllib3.connectionpool:x", "-");
        check("127.0.0.1:41584: GET https://a.example/", "-");
        check("2026-13-77 99:99:99 x", "-");
        check("é 12 €", "-");
    }

    #[test]
    fn a_clock_gets_day_and_zone_from_a_date_header() {
        let at = |text: &str| text.parse::<Timestamp>().expect("time");
        let hms = |h: i64, m: i64, s: i64| ((h * 60 + m) * 60 + s) * MICROS_PER_SECOND;
        let anchor = Anchor::of_date(hms(0, 10, 5), at("2026-11-22T23:10:04Z"));
        assert_eq!(anchor.instant(hms(0, 10, 5)), at("2026-11-22T23:10:05Z"));
        assert_eq!(anchor.instant(hms(23, 59, 0)), at("2026-11-22T22:59:00Z"));
        let india = Anchor::of_date(hms(9, 21, 46), at("2026-11-22T03:51:46Z"));
        assert_eq!(india.instant(hms(9, 21, 47)), at("2026-11-22T03:51:47Z"));
    }
}
