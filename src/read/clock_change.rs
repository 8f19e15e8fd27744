//! The hour that happens twice in autumn, for times that do not tell which of the two they mean.
//!
//! A reader alone takes the first. In file order a step back inside that hour is the change of the clock, and what
//! follows belongs to the second (`formats.md` 0.2). Lines that tell their offset are known by it: they never stand at
//! the first reading once the change is over.

use chrono::{DateTime, LocalResult, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::exchange::Exchange;
use crate::model::time::{MICROS_PER_SECOND, Timestamp};

const MINUTE: i64 = 60 * MICROS_PER_SECOND;

/// A smaller step back is a line that was written late.
const STEP_BACK_MIN: i64 = 30 * MINUTE;

/// Lines are out of order by the longest request.
const LATE_MAX: i64 = 5 * MINUTE;

/// What the lines so far told of a change.
#[derive(Debug)]
pub struct ClockChange {
    zone: Tz,
    /// The latest instant since the last new beginning.
    latest: Option<i64>,
    /// The clock has been set back, and the hour goes its second time.
    second: bool,
}

impl ClockChange {
    /// `None` for a zone whose clocks are never set back.
    pub fn of(zone: Tz) -> Option<Self> {
        has_changes(zone).then_some(Self {
            zone,
            latest: None,
            second: false,
        })
    }

    /// Moves what belongs to the second reading of its hour.
    pub fn settle(&mut self, exchanges: &mut [Exchange<'_>]) {
        let mut known = None;
        for exchange in exchanges {
            let Some(first) = exchange.ts else { continue };
            // Attempts of one line have one time.
            let settled = match known {
                Some((same, settled)) if same == first => settled,
                _ => self.settled(first),
            };
            known = Some((first, settled));
            exchange.ts = Some(settled);
        }
    }

    fn settled(&mut self, first: Timestamp) -> Timestamp {
        let micros = first.micros();
        let Some(repeats) = self.repeats_after(first) else {
            self.go_on(micros);
            return first;
        };
        let latest = self.latest.unwrap_or(micros);
        let near = latest < micros + 2 * repeats + LATE_MAX;
        if !near {
            self.second = false;
            self.latest = Some(micros);
        } else if !self.second && latest - micros >= STEP_BACK_MIN {
            self.second = true;
        }
        let late = latest - micros <= LATE_MAX;
        if !self.second || late {
            self.latest = Some(latest.max(micros).min(micros + LATE_MAX));
            return first;
        }
        self.latest = Some(latest.max(micros + repeats));
        Timestamp::from_micros(micros + repeats)
    }

    /// Outside of the hour. Far back is the beginning of another log.
    fn go_on(&mut self, micros: i64) {
        match self.latest {
            Some(latest) if micros > latest - STEP_BACK_MIN => {
                self.latest = Some(latest.max(micros));
            }
            _ => {
                self.latest = Some(micros);
                self.second = false;
            }
        }
    }

    /// How much later the same reading of the clock came again; `None` where it came once, or this is the second.
    fn repeats_after(&self, at: Timestamp) -> Option<i64> {
        let local = utc(at)?.with_timezone(&self.zone).naive_local();
        match self.zone.from_local_datetime(&local) {
            LocalResult::Ambiguous(first, second) if first.timestamp() == at.secs() => {
                Some((second - first).num_microseconds()?)
            }
            _ => None,
        }
    }
}

fn utc(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(at.micros())
}

/// Looks at every month of the years that logs are of.
fn has_changes(zone: Tz) -> bool {
    const MONTH: i64 = 30 * 24 * 60 * MINUTE;
    const FROM: i64 = 1_100_000_000 * MICROS_PER_SECOND;
    const MONTHS: i64 = 40 * 12;
    let local = |month: i64| {
        let at = utc(Timestamp::from_micros(FROM + month * MONTH))?;
        Some(at.with_timezone(&zone).naive_local() - at.naive_utc())
    };
    (1..MONTHS).any(|month| local(month) != local(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::instant::parse_any;

    /// Wall-clock readings of one October night in Berlin, with the UTC time they must get.
    #[track_caller]
    fn check(lines: &[(&str, &str)]) {
        let zone: Tz = "Europe/Berlin".parse().expect("zone");
        let mut change = ClockChange::of(zone).expect("changes");
        for (local, expected) in lines {
            let mut exchange = Exchange {
                ts: parse_any(&format!("2026-10-{local}"), Some(zone)),
                ..Exchange::default()
            };
            change.settle(std::slice::from_mut(&mut exchange));
            let got = exchange.ts.map(|at| at.to_string()).unwrap_or_default();
            assert_eq!(got, format!("2026-10-{expected}Z"), "{local} in {lines:?}");
        }
    }

    #[test]
    fn a_step_back_in_the_hour_is_the_change() {
        check(&[
            ("25 01:59:59", "24T23:59:59"),
            ("25 02:10:00", "25T00:10:00"),
            ("25 02:59:59", "25T00:59:59"),
            ("25 02:59:40", "25T00:59:40"),
            ("25 02:00:01", "25T01:00:01"),
            ("25 02:59:58", "25T00:59:58"),
            ("25 02:30:00", "25T01:30:00"),
            ("25 02:59:59", "25T01:59:59"),
            ("25 03:00:01", "25T02:00:01"),
            ("25 02:59:58", "25T01:59:58"),
            ("25 03:20:00", "25T02:20:00"),
        ]);
    }

    #[test]
    fn another_log_begins_anew() {
        check(&[
            ("25 02:50:00", "25T00:50:00"),
            ("25 02:05:00", "25T01:05:00"),
            ("26 02:05:00", "26T01:05:00"),
            ("25 01:00:00", "24T23:00:00"),
            ("25 02:40:00", "25T00:40:00"),
        ]);
        check(&[
            ("26 12:00:00", "26T11:00:00"),
            ("25 02:40:00", "25T00:40:00"),
        ]);
    }

    #[test]
    fn lines_that_tell_their_offset_stay() {
        check(&[
            ("25T02:59:00+02:00", "25T00:59:00"),
            ("25T02:01:00+01:00", "25T01:01:00"),
            ("25T02:40:00+01:00", "25T01:40:00"),
        ]);
    }

    #[test]
    fn zones_that_never_change_need_no_memory() {
        for (zone, changes) in [
            ("UTC", false),
            ("Asia/Kolkata", false),
            ("America/New_York", true),
        ] {
            let zone = zone.parse().expect("zone");
            assert_eq!(ClockChange::of(zone).is_some(), changes, "{zone}");
        }
    }
}
