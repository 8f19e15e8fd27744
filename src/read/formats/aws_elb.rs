//! AWS load balancers: Application Load Balancer and the classic one.
//!
//! Columns are fixed; the product adds some at the end over the years, so what follows the known ones is left alone.
//! The balancer's own status is what the caller got, the target's is what the far end answered; `-` means that the
//! balancer answered by itself.

use crate::model::exchange::{Exchange, Outcome, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm};
use crate::read::engine::quoted::unescape;
use crate::read::engine::tokens::split_spaced;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::instant::parse_iso;
use crate::read::skip::{Ignored, Rejected};

pub const ALB: Format = Format {
    name: "aws_alb",
    aliases: &["alb"],
    title: "AWS Application Load Balancer access logs",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(Balancer::new(&ALB_COLUMNS, options))),
    samples: &[
        (
            r#"http 2026-11-22T03:51:46.463821Z app/hooks/490d68edf04676fe 192.0.2.10:44740 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-22T03:51:46.462000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_dc57cebed65b444ebc8177bb698fe166"#,
            Some(200),
        ),
        (
            r#"h2 2026-11-22T03:51:46.000000Z app/hooks/1 203.0.113.7:1 10.0.0.2:80 0.001 29.998 0.000 504 - 512 274 "POST https://hooks.acme.example:443/webhooks/stripe HTTP/2.0" "Stripe/1.0" - - arn:x "Root=1-a" "hooks.acme.example" "session-reused" 1 2026-11-22T03:51:16.000000Z "forward" "-" "-" "10.0.0.2:80" "-" "-" "-""#,
            Some(504),
        ),
    ],
};

pub const CLASSIC: Format = Format {
    name: "aws_elb",
    aliases: &["elb", "classic_elb"],
    title: "AWS Classic Load Balancer access logs",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(Balancer::new(&CLASSIC_COLUMNS, options))),
    samples: &[
        (
            r#"2026-11-22T03:51:46.945958Z my-loadbalancer 192.0.2.39:2817 10.0.0.1:80 0.000086 0.001048 0.001337 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.38.0" DHE-RSA-AES128-SHA TLSv1.2"#,
            Some(200),
        ),
        (
            r#"2026-11-22T03:51:46.945958Z my-loadbalancer 192.0.2.39:2817 - -1 -1 -1 503 0 0 0 "GET http://www.example.com:80/ HTTP/1.1""#,
            Some(503),
        ),
    ],
};

/// Where the columns of one product stand.
struct Columns {
    name: &'static str,
    /// Before the time.
    kinds: &'static [&'static str],
    /// What the time is; the classic one logs when the request came.
    ts_kind: TsKind,
    time: usize,
    client: usize,
    /// Three durations: before, at and behind the target.
    durations: usize,
    status: usize,
    target_status: usize,
    received: usize,
    sent: usize,
    request: usize,
    agent: usize,
    trace: Option<usize>,
    domain: Option<usize>,
    created: Option<usize>,
    error: Option<usize>,
}

const ALB_COLUMNS: Columns = Columns {
    name: ALB.name,
    kinds: &["http ", "https ", "h2 ", "grpcs ", "ws ", "wss "],
    ts_kind: TsKind::End,
    time: 1,
    client: 3,
    durations: 5,
    status: 8,
    target_status: 9,
    received: 10,
    sent: 11,
    request: 12,
    agent: 13,
    trace: Some(17),
    domain: Some(18),
    created: Some(21),
    error: Some(24),
};

const CLASSIC_COLUMNS: Columns = Columns {
    name: CLASSIC.name,
    kinds: &[],
    ts_kind: TsKind::Start,
    time: 0,
    client: 2,
    durations: 4,
    status: 7,
    target_status: 8,
    received: 9,
    sent: 10,
    request: 11,
    agent: 12,
    trace: None,
    domain: None,
    created: None,
    error: None,
};

struct Balancer {
    columns: &'static Columns,
    options: Options,
}

impl Balancer {
    fn new(columns: &'static Columns, options: &Options) -> Self {
        Self {
            columns,
            options: options.clone(),
        }
    }

    /// Whether a line begins as this product's do: a kind and a time, or a time and a name.
    fn begins(&self, line: &str) -> bool {
        let kinds = self.columns.kinds;
        let rest = match kinds.iter().find_map(|kind| line.strip_prefix(kind)) {
            Some(rest) => rest,
            None if kinds.is_empty() => line,
            None => return false,
        };
        rest.split_once(' ').is_some_and(|(time, after)| {
            is_utc_time(time) && (!kinds.is_empty() || has_addresses(after))
        })
    }

    fn draft<'a>(&self, values: &[&'a str]) -> Result<Draft<'a>, Rejected> {
        let c = self.columns;
        let value = |at: usize| values.get(at).copied().unwrap_or("-");
        let mut draft = Draft::new(c.ts_kind, self.options.zone);
        draft.set(&Field::Time(TimeForm::Any), value(c.time).into())?;
        draft.set(&Field::Status, value(c.status).into())?;
        draft.set(
            &Field::UpstreamStatus,
            target_status(value(c.target_status)).into(),
        )?;
        draft.set(&Field::ClientAddress, address(value(c.client)).into())?;
        draft.set(&Field::RequestBytes, value(c.received).into())?;
        draft.set(&Field::ResponseBytes, value(c.sent).into())?;
        draft.set(&Field::Client, unescape(value(c.agent)))?;
        for (at, field) in [
            (c.trace, Field::TraceId),
            (c.error, Field::ErrorCode),
            (c.domain, Field::Host),
        ] {
            draft.set(&field, unescape(at.map_or("-", value)))?;
        }
        set_request(&mut draft, value(c.request))?;
        draft.exchange.duration_ms = self.duration_ms(values);
        if draft.exchange.status == Some(460) {
            draft.exchange.outcome = Outcome::ClientGone;
        }
        Ok(draft)
    }

    /// The three parts together; where one was not reached, from when the request came to when the answer was made.
    fn duration_ms(&self, values: &[&str]) -> Option<f32> {
        let c = self.columns;
        let parts = values.get(c.durations..c.durations + 3)?;
        let sum: Option<f64> = parts
            .iter()
            .map(|part| part.parse::<f64>().ok().filter(|s| (0.0..1e9).contains(s)))
            .sum();
        if let Some(seconds) = sum {
            return Some((seconds * 1_000.0) as f32);
        }
        let at = |column: usize| instant(values.get(column).copied()?);
        let micros = at(c.time)?.micros() - at(c.created?)?.micros();
        (0..LONGEST_MICROS)
            .contains(&micros)
            .then_some(micros as f32 / 1_000.0)
    }
}

/// A balancer closes idle connections after 4,000 seconds at most; a longer distance is a wrong clock.
const LONGEST_MICROS: i64 = 24 * 3_600 * 1_000_000;

impl LineParser for Balancer {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !self.begins(line) {
            // The network load balancer's log stands in the same folders and tells of connections.
            return match line.starts_with("tls 2.0 ") || line.starts_with("tls 1.0 ") {
                true => Parsed::Ignored(Ignored::NotHttp),
                false => Parsed::Rejected(Rejected::NoFormatMatched),
            };
        }
        let values = split_spaced(line);
        let c = self.columns;
        let (Some(request), Some(status)) = (values.get(c.request), values.get(c.status)) else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        // A TCP listener's line: no request and no status.
        if request.starts_with("- ") && *status == "-" {
            return Parsed::Ignored(Ignored::NotHttp);
        }
        match self.draft(&values) {
            Ok(draft) => draft.finish(out),
            Err(reason) => return Parsed::Rejected(reason),
        }
        Parsed::Record(c.name)
    }
}

/// The classic balancer writes 0 where the target was not reached.
fn target_status(text: &str) -> &str {
    if matches!(text, "0" | "000") {
        "-"
    } else {
        text
    }
}

/// `- http://host:80- -` and `- - - ` stand for a request that could not be read.
fn set_request<'a>(draft: &mut Draft<'a>, request: &'a str) -> Result<(), Rejected> {
    if request == "-" || request.starts_with("- ") {
        draft.exchange.method = "INVALID".into();
        return Ok(());
    }
    draft.set(&Field::RequestLine, unescape(request))
}

/// Without the port.
fn address(text: &str) -> &str {
    let bare = text.rsplit_once(':').map_or(text, |(address, _)| address);
    bare.trim_matches(['[', ']'])
}

fn instant(text: &str) -> Option<Timestamp> {
    Some(parse_iso(text.as_bytes())?.to_timestamp(None))
}

fn is_utc_time(text: &str) -> bool {
    text.ends_with('Z') && parse_iso(text.as_bytes()).is_some()
}

/// A balancer's name and then the caller's address with its port.
fn has_addresses(text: &str) -> bool {
    let mut words = text.split(' ').skip(1);
    let port = |word: &str| {
        let (_, port) = word.rsplit_once(':').unwrap_or_default();
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
    };
    words.next().is_some_and(port) && words.next().is_some_and(|word| word == "-" || port(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::StatusSource::{self, Edge, Origin};

    fn parse(columns: &'static Columns, line: &'static str) -> (Parsed, Option<Exchange<'static>>) {
        let mut out = Vec::new();
        let parsed = Balancer::new(columns, &Options::default()).parse(line, &mut out);
        (parsed, out.pop())
    }

    #[track_caller]
    fn check(
        line: &'static str,
        (status, edge, source): (Option<u16>, Option<u16>, StatusSource),
        (method, host, path, ms): (&str, &str, &str, Option<f32>),
    ) {
        let columns = match line.starts_with('2') {
            true => &CLASSIC_COLUMNS,
            false => &ALB_COLUMNS,
        };
        let (parsed, found) = parse(columns, line);
        assert_eq!(parsed, Parsed::Record(columns.name), "{line}");
        let e = found.expect("an exchange");
        assert_eq!(
            (e.status, e.edge_status, e.status_source),
            (status, edge, source),
            "{line}"
        );
        assert_eq!(
            (
                e.method.as_ref(),
                e.host.as_ref(),
                e.path.as_ref(),
                e.duration_ms
            ),
            (method, host, path, ms),
            "{line}"
        );
    }

    #[test]
    fn who_answered_and_how_long_it_took() {
        check(
            r#"https 2026-11-22T03:51:46.679895Z app/a/1 192.0.2.13:44740 - -1 -1 -1 404 - 204 167 "GET https://api.example.com:443/%%32%65/ HTTP/1.1" "Mozilla/5.0" E TLSv1.2 - "Root=1-6" "api.example.com" "arn" 0 2026-11-22T03:51:46.678895Z "waf,fixed-response" "-" "-" "-" "-" "-" "-""#,
            (Some(404), None, Edge),
            ("GET", "api.example.com", "/%%32%65/", Some(1.0)),
        );
        check(
            r#"https 2026-11-22T03:51:46.186641Z app/a/1 192.0.2.11:44740 10.0.0.1:80 0.086 0.048 0.037 502 500 0 57 "POST https://www.example.com:443/hook HTTP/1.1" "a \"b\" c" E TLSv1.2 arn "Root=1-5" "www.example.com" "arn" 1 2026-11-22T03:51:45.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "500" "-" "-""#,
            (Some(500), Some(502), Origin),
            ("POST", "www.example.com", "/hook", Some(171.0)),
        );
        check(
            r#"http 2026-11-22T03:51:46.000000Z app/a/1 192.0.2.1:1 10.0.0.2:80 0.001 -1 -1 460 - 512 0 "POST http://h.example:80/x HTTP/1.1" "-" - - arn "Root=1-a" "-" "-" 1 2026-11-22T03:51:41.000000Z "forward" "-" "-" "10.0.0.2:80" "-" "-" "-""#,
            (Some(460), None, Edge),
            ("POST", "h.example", "/x", Some(5000.0)),
        );
        check(
            r#"h2 2026-11-22T03:51:46.000000Z app/a/1 192.0.2.1:1 - -1 -1 -1 464 - 0 0 "- http://h.example:80- -" "-" - - - "-" "-" "-" - 2026-11-22T03:51:46.000000Z "-" "-" "-" "-" "-" "-" "-""#,
            (Some(464), None, Edge),
            ("INVALID", "", "", Some(0.0)),
        );
        check(
            r#"wss 2026-11-22T03:51:46.364000Z app/a/1 [2001:db8::1]:40914 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 786 "GET https://10.0.0.30:443/ws HTTP/1.1" "-" E TLSv1.2 arn "Root=1-5" "-" "-" 1 2026-11-22T03:51:46.000000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-""#,
            (Some(101), None, Origin),
            ("GET", "10.0.0.30", "/ws", Some(4.0)),
        );
        check(
            r#"2026-11-22T03:51:46.945958Z lb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/a?b=1 HTTP/1.1" "curl/7.38.0" - -"#,
            (Some(200), None, Origin),
            ("GET", "www.example.com", "/a", Some(1.178)),
        );
    }

    #[test]
    fn connections_are_no_requests_and_cut_lines_are_told() {
        let fate = |columns, line| parse(columns, line).0;
        assert_eq!(
            fate(
                &CLASSIC_COLUMNS,
                r#"2026-11-22T03:51:46.945958Z lb 192.0.2.1:2817 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -"#
            ),
            Parsed::Ignored(Ignored::NotHttp)
        );
        assert_eq!(
            fate(
                &ALB_COLUMNS,
                "tls 2.0 2026-11-22T03:51:46 net/lb/c6 g3 192.0.2.1:51341 10.0.0.1:443 5 2 98 246 - arn - - - - -"
            ),
            Parsed::Ignored(Ignored::NotHttp)
        );
        assert_eq!(
            fate(
                &ALB_COLUMNS,
                "http 2026-11-22T03:51:46.463821Z app/hooks/49 192.0.2.10:44740 10.0.0.1:80 0.0"
            ),
            Parsed::Rejected(Rejected::NoRequest)
        );
        assert_eq!(
            fate(&ALB_COLUMNS, "https port is 443 of course"),
            Parsed::Rejected(Rejected::NoFormatMatched)
        );
    }
}
