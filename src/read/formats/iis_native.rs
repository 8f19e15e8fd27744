//! The IIS log file format of its own: fixed values between commas, local time, the month first.

use crate::model::exchange::{Exchange, Outcome, TsKind};
use crate::read::engine::calendar::{parse_clock, parse_date};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::instant::WallTime;
use crate::read::skip::Rejected;

const NAME: &str = "iis_native";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "IIS in its own comma-separated format",
    specificity: 60,
    layout: Layout::Lines(|options| {
        Box::new(Native {
            options: options.clone(),
        })
    }),
    samples: &[
        (
            "::1, -, 11/20/2026, 15:44:03, W3SVC1, IIS-server, ::1, 2, 769, 143, 304, 0, GET, /, -,",
            Some(304),
        ),
        (
            "203.0.113.9, -, 11/22/26, 3:51:46, W3SVC2, SERVER, 192.0.2.45, 4502, 163, 3223, 503, 64, POST, /hook, a=b,c,",
            Some(503),
        ),
    ],
};

/// client, user, date, time, service, computer, address, elapsed, bytes in, bytes out, status, Windows' code, method,
/// target, parameters.
const VALUES: usize = 15;

struct Native {
    options: Options,
}

impl Native {
    fn draft<'a>(&self, values: &[&'a str; VALUES]) -> Result<Draft<'a>, Rejected> {
        let mut draft = Draft::new(TsKind::End, self.options.zone);
        let (clock, _) = parse_clock(values[3]).ok_or(Rejected::BadTime)?;
        draft.set_wall(WallTime {
            local_micros: parse_date(values[2]).ok_or(Rejected::BadTime)? + clock,
            offset_s: None,
        });
        for (at, field) in [
            (0, Field::ClientAddress),
            (1, Field::User),
            (5, Field::ServerName),
            (7, Field::Duration(Unit::Millis)),
            (8, Field::RequestBytes),
            (9, Field::ResponseBytes),
            (10, Field::Status),
            (12, Field::Method),
            (13, Field::Path),
            (14, Field::Query),
        ] {
            draft.set(&field, values[at].into())?;
        }
        // The name is gone, the time is up, the connection was aborted: nobody took the answer.
        if matches!(values[11], "64" | "121" | "1236") {
            draft.exchange.outcome = Outcome::ClientGone;
        }
        Ok(draft)
    }
}

impl LineParser for Native {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some((values, whole)) = split(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        if !whole {
            return Parsed::Rejected(Rejected::BadColumns);
        }
        match self.draft(&values) {
            Ok(draft) => draft.finish(out),
            Err(reason) => return Parsed::Rejected(reason),
        }
        Parsed::Record(NAME)
    }
}

/// The values and whether there are enough; `None` for lines of other shapes. The parameters may hold commas.
fn split(line: &str) -> Option<([&str; VALUES], bool)> {
    let line = line.trim_end().trim_end_matches(',');
    let mut parts = line.splitn(VALUES, ',').map(str::trim);
    let values: [&str; VALUES] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let web = values[4].strip_prefix("W3SVC")?;
    let site = web.bytes().all(|b| b.is_ascii_digit());
    (site && parse_date(values[2]).is_some()).then_some((values, !values[VALUES - 1].is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_and_cut_lines() {
        let berlin = Options {
            zone: "Europe/Berlin".parse().ok(),
            ..Options::default()
        };
        let parser = Native { options: berlin };
        let mut out = Vec::new();
        assert_eq!(
            parser.parse(FORMAT.samples[1].0, &mut out),
            Parsed::Record(NAME)
        );
        let e = out.pop().expect("an exchange");
        assert_eq!(
            e.ts.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T02:51:46Z")
        );
        assert_eq!(
            (e.duration_ms, e.query.as_deref()),
            (Some(4502.0), Some("a=b,c"))
        );
        let mut fate = |line| parser.parse(line, &mut out);
        assert_eq!(
            fate("::1, -, 11/20/2026, 15:44:03, W3SVC1, IIS-server, ::1, 2, 769"),
            Parsed::Rejected(Rejected::BadColumns)
        );
        assert_eq!(
            fate(
                "::1, -, 11/20/2026, 15:44:03, MSFTPSVC1, s, ::1, 2, 769, 143, 226, 0, QUIT, -, -,"
            ),
            Parsed::Rejected(Rejected::NoFormatMatched)
        );
    }
}
