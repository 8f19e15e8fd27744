//! Bitbucket's access log: values between bars, a line when a request comes and one when it is answered.
//!
//! `address | protocol | id | user | time | "request" | "referer" "agent" | status | read | written | labels | ms | session |`;
//! calls of its own services have a second id before the user.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::format::{Format, Layout, LineParser, Parsed};
use crate::read::skip::Rejected;

const NAME: &str = "bitbucket";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["stash"],
    title: "Bitbucket Data Center access logs",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(Bitbucket { zone: options.zone })),
    samples: &[
        (
            r#"10.229.31.195 | https | o@2CM38K4Fx339x113x2 | admin | 2026-04-12 05:39:57,408 | "POST /rest/api/1.0/projects HTTP/1.1" | "http://git.example/" "Mozilla/5.0" | 201 | 832 | 1204 | - | 383 | eyoqcd | "#,
            Some(201),
        ),
        (
            r#"63.246.22.199 | https | i@9K7Z3NNx6x3112x1 | - | 2026-10-29 00:06:26,723 | "GET /git/refs HTTP/1.1" | "" "git/1.7" | - | - | - | - | - | - | "#,
            None,
        ),
        (
            r#"10.229.31.65 | grpc | o@1GGG0Q5Kx420x106x2 | @5XDWX5x420x2768x0 | admin | 2026-04-12 07:09:18,086 | "HostingService/HttpBackend" | - | 0 | 2 | 141583 | 18951 | 3826461940 | - | 508028 |"#,
            None,
        ),
    ],
};

/// From the time on: request, agents, status, read, written, labels, duration.
const PARTS_AFTER_MIN: usize = 4;
/// Where the time may stand.
const TIME_AT: std::ops::RangeInclusive<usize> = 3..=6;

struct Bitbucket {
    zone: Option<chrono_tz::Tz>,
}

impl LineParser for Bitbucket {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        // Addresses of a chain of proxies stand before the first bar.
        const ADDRESSES_BYTES_MAX: usize = 256;
        let head = &line.as_bytes()[..line.len().min(ADDRESSES_BYTES_MAX)];
        if memchr::memmem::find(head, b" | ").is_none() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let parts: Vec<&str> = line.split('|').map(str::trim).take(20).collect();
        if !parts.get(1).is_some_and(|part| is_protocol(part)) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let Some(time) = TIME_AT.into_iter().find(|at| {
            parts.get(*at).is_some_and(|part| is_time(part))
                && parts.get(at + 1).is_some_and(|part| part.starts_with('"'))
        }) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let mut draft = Draft::new(TsKind::End, self.zone);
        if parts[2].starts_with('i') {
            draft = Draft::new(TsKind::Start, self.zone);
        }
        match set_parts(&mut draft, &parts, time) {
            Ok(()) => {
                draft.finish(out);
                Parsed::Record(NAME)
            }
            Err(reason) => Parsed::Rejected(reason),
        }
    }
}

/// Not an address, which stands there when a container's name is in front.
fn is_protocol(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase())
}

fn is_time(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() >= 19 && bytes[4] == b'-' && bytes[10] == b' ' && bytes[13] == b':'
}

fn set_parts<'a>(draft: &mut Draft<'a>, parts: &[&'a str], time: usize) -> Result<(), Rejected> {
    let after = &parts[time + 1..];
    if after.len() < PARTS_AFTER_MIN {
        return Err(Rejected::Truncated);
    }
    let part = |at: usize| Cow::Borrowed(after.get(at).copied().unwrap_or_default());
    let agent = after[1].rsplit('"').nth(1).unwrap_or_default();
    draft.set(&Field::Time(TimeForm::Any), Cow::Borrowed(parts[time]))?;
    draft.set(
        &Field::RequestLine,
        Cow::Borrowed(after[0].trim_matches('"')),
    )?;
    draft.set(&Field::Status, part(2))?;
    draft.set(&Field::Client, Cow::Borrowed(agent))?;
    draft.set(&Field::RequestBytes, part(3))?;
    draft.set(&Field::ResponseBytes, part(4))?;
    draft.set(&Field::Duration(Unit::Millis), part(6))?;
    draft.set(&Field::ClientAddress, Cow::Borrowed(parts[0]))?;
    draft.set(&Field::RequestId, Cow::Borrowed(parts[2]))?;
    draft.set(&Field::User, Cow::Borrowed(parts[time - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_agent_and_id_are_told() {
        let mut out = Vec::new();
        Bitbucket { zone: None }.parse(FORMAT.samples[0].0, &mut out);
        let got = &out[0];
        assert_eq!(
            (got.method.as_ref(), got.path.as_ref()),
            ("POST", "/rest/api/1.0/projects")
        );
        assert_eq!(
            (got.duration_ms, got.client.as_deref()),
            (Some(383.0), Some("Mozilla/5.0"))
        );
        assert_eq!(
            (got.user.as_deref(), got.request_id.as_deref()),
            (Some("admin"), Some("o@2CM38K4Fx339x113x2"))
        );
    }

    #[test]
    fn a_line_that_is_cut_off_is_rejected() {
        let line = r#"10.0.0.1 | https | o@2CM | admin | 2026-04-12 05:39:57,408 | "POST /rest"#;
        assert_eq!(
            Bitbucket { zone: None }.parse(line, &mut Vec::new()),
            Parsed::Rejected(Rejected::Truncated)
        );
    }
}
