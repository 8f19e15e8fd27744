//! Heroku's router: logfmt behind a time and the router's name, or bare behind a syslog header.
//!
//! An H code means that the router answered by itself, because of the application (H10 crashed, H12 too slow, H13 closed,
//! H18 broke off, …) or of the platform; H27 and H28 say that the caller had left.

use crate::model::exchange::{Outcome, StatusSource, TsKind};
use crate::read::engine::draft::{Draft, parse_duration_ms};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::logfmt::{Keys, Logfmt, Pair};
use crate::read::format::{Format, Layout};

const KEYS: Keys = Keys {
    name: "heroku",
    markers: &["at", "method", "path", "fwd", "dyno", "connect", "service"],
    ts_kind: TsKind::End,
    own: &[
        ("fwd", Field::ClientAddress),
        ("bytes", Field::ResponseBytes),
        ("code", Field::ErrorCode),
        ("desc", Field::ErrorMessage),
        ("dyno", Field::Skip),
        ("service", Field::Skip),
    ],
    settle,
};

pub const FORMAT: Format = Format {
    name: KEYS.name,
    aliases: &["heroku_router"],
    title: "Heroku router",
    specificity: 70,
    layout: Layout::Lines(|options| Box::new(Logfmt::new(&KEYS, options))),
    samples: &[
        (
            r#"2026-11-22T03:51:46.069123+00:00 heroku[router]: at=info method=POST path="/webhooks/stripe" host=acme.herokuapp.com request_id=8a3e2f26-1c0b fwd="203.0.113.9" dyno=web.1 connect=0ms service=18ms status=200 bytes=15 protocol=https"#,
            Some(200),
        ),
        (
            r#"2010-10-06T21:51:12-07:00 heroku[router]: at=error code=H10 desc="App crashed" method=GET path="/" host=myapp.herokuapp.com fwd=17.17.17.17 dyno= connect= service= status=503 bytes="#,
            Some(503),
        ),
    ],
};

fn settle(pairs: &[Pair<'_>], draft: &mut Draft<'_>) {
    let told = |key: &str| {
        pairs
            .iter()
            .find(|pair| pair.key == key)
            .map(|pair| &pair.value)
    };
    let ms = |key: &str| told(key).and_then(|value| parse_duration_ms(value, Unit::Millis));
    let exchange = &mut draft.exchange;
    exchange.duration_ms = match (ms("connect"), ms("service")) {
        (None, None) => None,
        (connect, service) => Some(connect.unwrap_or(0.0) + service.unwrap_or(0.0)),
    };
    match exchange.error_code.as_deref() {
        Some("H27" | "H28") => {
            exchange.status_source = StatusSource::Client;
            exchange.outcome = Outcome::ClientGone;
        }
        Some(_) => exchange.status_source = StatusSource::Edge,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::{LineParser, Options, Parsed};
    use crate::read::skip::Rejected;

    fn parse(line: &str) -> (Parsed, Option<Exchange<'_>>) {
        let mut out = Vec::new();
        let parsed = Logfmt::new(&KEYS, &Options::default()).parse(line, &mut out);
        (parsed, out.pop())
    }

    #[track_caller]
    fn check(line: &str, status: u16, source: StatusSource, code: Option<&str>, ms: Option<f32>) {
        let (parsed, found) = parse(line);
        assert_eq!(parsed, Parsed::Record(KEYS.name), "{line}");
        let e = found.expect("an exchange");
        assert_eq!(
            (
                e.status,
                e.status_source,
                e.error_code.as_deref(),
                e.duration_ms
            ),
            (Some(status), source, code, ms),
            "{line}"
        );
    }

    #[test]
    fn whose_fault_it_was() {
        use StatusSource::{Client, Edge, Origin};
        check(
            r#"2026-11-22T03:52:16+00:00 heroku[router]: at=error code=H12 desc="Request timeout" method=POST path="/webhooks/shopify/orders" host=acme.herokuapp.com request_id=77 fwd="203.0.113.9" dyno=web.2 connect=1ms service=30001ms status=503 bytes=0 protocol=https"#,
            503,
            Edge,
            Some("H12"),
            Some(30_002.0),
        );
        check(
            r#"2026-11-22T03:52:16+00:00 heroku[router]: sock=client at=warning code=H27 desc="Client Request Interrupted" method=POST path="/submit" host=acme.herokuapp.com fwd=203.0.113.9 dyno=web.1 connect=1ms service=0ms status=499 bytes=0"#,
            499,
            Client,
            Some("H27"),
            Some(1.0),
        );
        check(
            r#"at=error code=H14 desc="No web processes running" method=GET path="/" host=acme.herokuapp.com fwd=203.0.113.9 dyno= connect= service= status=503 bytes="#,
            503,
            Edge,
            Some("H14"),
            None,
        );
        check(
            r#"<158>1 2026-11-22T03:52:16.000000+00:00 host heroku router - at=info method=GET path="/a?b=c d" host=acme.herokuapp.com request_id=1 fwd="203.0.113.9,198.51.100.7" dyno=web.1 connect=2ms service=6ms status=500 bytes=15 protocol=http1.1 tls=true tls_version=tls1.3"#,
            500,
            Origin,
            None,
            Some(8.0),
        );
    }

    #[test]
    fn the_applications_own_lines_are_not_the_routers() {
        let line = "2026-11-22T03:52:16+00:00 app[web.1]: method=GET path=/a status=200";
        assert_eq!(parse(line).0, Parsed::Rejected(Rejected::NoFormatMatched));
    }
}
