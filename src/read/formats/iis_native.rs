//! IIS's own format: values between commas, local time, the month first.
//!
//! `client, user, date, time, service, computer, server, ms, received, sent, status, win32, method, target, parameters,`

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Outcome, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::skip::{Ignored, Rejected};

const NAME: &str = "iis_native";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "IIS log file format (comma separated)",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(IisNative { zone: options.zone })),
    samples: &[
        (
            "::1, -, 11/20/2026, 15:44:03, W3SVC1, IIS-server, ::1, 2, 769, 143, 304, 0, GET, /hook, a=1,",
            Some(304),
        ),
        (
            "192.168.114.201, joe, 03/20/01, 7:55:20, W3SVC2, SALES1, 172.21.13.45, 4502, 163, 3223, 503, 0, POST, /a.gif, -,",
            Some(503),
        ),
    ],
};

const PARTS: usize = 15;
/// The caller closed the connection (Win32: the network name is no longer available).
const CALLER_LEFT: &str = "64";

struct IisNative {
    zone: Option<chrono_tz::Tz>,
}

impl LineParser for IisNative {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let mut parts = [""; PARTS];
        let mut told = 0;
        for part in line.splitn(PARTS, ',') {
            parts[told] = part.trim();
            told += 1;
        }
        let (Some(time), true) = (wall_time(parts[2], parts[3]), has_service(parts[4])) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        if !parts[4].starts_with("W3SVC") {
            return Parsed::Ignored(Ignored::NotHttp);
        }
        if told < PARTS - 1 {
            return Parsed::Rejected(Rejected::Truncated);
        }
        let mut draft = Draft::new(TsKind::End, self.zone);
        if let Err(reason) = set_parts(&mut draft, &parts, time) {
            return Parsed::Rejected(reason);
        }
        draft.finish(out);
        Parsed::Record(NAME)
    }
}

fn set_parts<'a>(
    draft: &mut Draft<'a>,
    parts: &[&'a str; PARTS],
    time: String,
) -> Result<(), Rejected> {
    draft.set(&Field::Time(TimeForm::Any), Cow::Owned(time))?;
    if !Field::Status.accepts(parts[10].as_bytes()) {
        return Err(Rejected::BadStatus);
    }
    let values = [
        (Field::ClientAddress, parts[0]),
        (Field::User, parts[1]),
        (Field::Duration(Unit::Millis), parts[7]),
        (Field::RequestBytes, parts[8]),
        (Field::ResponseBytes, parts[9]),
        (Field::Status, parts[10]),
        (Field::Method, parts[12]),
        (Field::Url, parts[13]),
        (Field::Query, parts[14].trim_end_matches(',').trim_end()),
    ];
    for (field, value) in values {
        draft.set(&field, Cow::Borrowed(value))?;
    }
    if parts[11] == CALLER_LEFT {
        draft.exchange.outcome = Outcome::ClientGone;
    }
    Ok(())
}

/// Services are named with a number behind: `W3SVC1`, `MSFTPSVC2`.
fn has_service(part: &str) -> bool {
    part.len() > 4
        && part
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .ends_with("SVC")
}

/// ISO 8601 of `11/20/2026` or `11/20/26` and `7:55:20`.
fn wall_time(date: &str, clock: &str) -> Option<String> {
    let (month, rest) = date.split_once('/')?;
    let (day, year) = rest.split_once('/')?;
    let (month, day, year): (u32, u32, u32) =
        (month.parse().ok()?, day.parse().ok()?, year.parse().ok()?);
    let year = if year < 100 { year + 2000 } else { year };
    let well_formed = clock.len() <= 8 && clock.bytes().all(|b| b.is_ascii_digit() || b == b':');
    (well_formed && year < 10_000).then(|| format!("{year:04}-{month:02}-{day:02} {clock:0>8}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Parsed) {
        let got = IisNative { zone: None }.parse(line, &mut Vec::new());
        assert_eq!(got, expected, "{line}");
    }

    #[test]
    fn the_month_comes_first_and_may_have_a_short_year() {
        let mut out = Vec::new();
        for (line, _) in FORMAT.samples {
            IisNative { zone: None }.parse(line, &mut out);
        }
        let got: Vec<_> = out
            .iter()
            .map(|e| {
                (
                    e.ts.map(|t| t.to_string()),
                    e.query.as_deref(),
                    e.duration_ms,
                )
            })
            .collect();
        assert_eq!(
            got,
            [
                (
                    Some("2026-11-20T15:44:03Z".to_owned()),
                    Some("a=1"),
                    Some(2.0)
                ),
                (Some("2001-03-20T07:55:20Z".to_owned()), None, Some(4502.0)),
            ]
        );
    }

    #[test]
    fn other_services_and_broken_lines() {
        check(
            "::1, -, 11/20/2026, 15:44:03, MSFTPSVC1, FTP, ::1, 2, 7, 1, 226, 0, RETR, /a, -,",
            Parsed::Ignored(Ignored::NotHttp),
        );
        check(
            "::1, -, 11/20/2026, 15:44:03, W3SVC1, IIS-server, ::1, 2, 7",
            Parsed::Rejected(Rejected::Truncated),
        );
        check(
            "::1, -, 13/40/2026, 15:44:03, W3SVC1, S, ::1, 2, 7, 1, 200, 0, GET, /a, -,",
            Parsed::Rejected(Rejected::BadTime),
        );
        check("a, b, c", Parsed::Rejected(Rejected::NoFormatMatched));
    }
}
