//! The zone of a time that is written without one, where a wrapper around the line tells its own: HAProxy's accept date
//! behind a syslog header.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::model::exchange::Exchange;
use crate::model::time::{MICROS_PER_SECOND, Timestamp};
use crate::read::instant::{WallTime, parse_clf, parse_iso};
use crate::read::wrap::wrapper::Outer;

/// A line is passed on that long after its exchange at most. Where the two times lie further apart, the header was
/// written by a machine in another zone.
const APART_MICROS_MAX: i64 = 10 * 60 * MICROS_PER_SECOND;

/// HAProxy's accept date: `[22/Nov/2026:03:52:33.523]`.
const DATE_BYTES: usize = "22/Nov/2026:03:52:33.523".len();

/// Reads the time of an exchange anew, in the zone of the header around its line. `zone` is the one that it was read in.
#[cold]
pub fn settle(exchange: &mut Exchange<'_>, line: &str, outer: &Outer<'_>, zone: Option<Tz>) {
    if let Some(at) = instant(exchange, line, outer, zone) {
        exchange.ts = Some(at);
    }
}

fn instant(
    exchange: &Exchange<'_>,
    line: &str,
    outer: &Outer<'_>,
    zone: Option<Tz>,
) -> Option<Timestamp> {
    let header = header_time(outer)?;
    if !has_bare_date(line) {
        return None;
    }
    let read = exchange.ts?;
    let wall = WallTime {
        local_micros: read.micros().saturating_add(offset_micros(read, zone)),
        offset_s: header.offset_s,
    };
    let at = wall.to_timestamp(None);
    let took = exchange.duration_ms.unwrap_or_default() * 1_000.0;
    let ended = at.micros().saturating_add(took as i64);
    let apart = header.to_timestamp(None).micros().saturating_sub(ended);
    (apart.saturating_abs() <= APART_MICROS_MAX).then_some(at)
}

/// Of the innermost header that tells its zone.
fn header_time(outer: &Outer<'_>) -> Option<WallTime> {
    let own = outer.time.as_deref().and_then(|t| parse_iso(t.as_bytes()));
    own.filter(|wall| wall.offset_s.is_some())
        .or_else(|| header_time(outer.around?))
}

fn offset_micros(at: Timestamp, zone: Option<Tz>) -> i64 {
    let offset = zone.zip(DateTime::from_timestamp_micros(at.micros()));
    offset.map_or(0, |(zone, at)| {
        let offset = zone.offset_from_utc_datetime(&at.naive_utc());
        i64::from(offset.fix().local_minus_utc()) * MICROS_PER_SECOND
    })
}

/// A date in brackets with nothing behind its seconds.
fn has_bare_date(line: &str) -> bool {
    const BRACKETS_MAX: usize = 4;
    let opens = memchr::memchr_iter(b'[', line.as_bytes()).take(BRACKETS_MAX);
    opens.into_iter().any(|open| {
        let date = line.as_bytes().get(open + 1..=open + 1 + DATE_BYTES);
        let date = date.and_then(|date| date.strip_suffix(b"]"));
        date.and_then(parse_clf)
            .is_some_and(|w| w.offset_s.is_none())
    })
}
