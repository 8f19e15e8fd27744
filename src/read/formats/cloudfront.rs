//! Amazon CloudFront standard logs, with their header or without.
//!
//! Which columns a file without header has is told by their number: versions only added some at the end.

use crate::model::exchange::{Outcome, StatusSource, TsKind};
use crate::read::engine::columns::{MOMENT, Mark, OWN, Role, Word, own};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::w3c::{Kind, Layout, Marks, Spelling, W3c};
use crate::read::format::{self, Format};

pub const FORMAT: Format = Format {
    name: KIND.name,
    aliases: &[],
    title: "Amazon CloudFront standard logs",
    specificity: 80,
    layout: format::Layout::Sequence(|options| Box::new(W3c::new(&KIND, options))),
    samples: &[
        (
            "2026-11-22\t03:51:46\tFRA2\t0\t203.0.113.9\tPOST\td1.cloudfront.net\t/webhooks/stripe\t504\t-\tStripe/1.0\t-\t-\tError\tabc==\thooks.acme.example\thttps\t900\t30.001\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\tHTTP/1.1\t-\t-\t40000\t30.001\tOriginCommError\ttext/html\t-\t-\t-",
            Some(504),
        ),
        (
            "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n2026-11-22\t03:51:46\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t000\t-\tMozilla/5.0%20(X11)\t-\t-\tError\tSOX4xwn4XV6Q4rgb7XiVGOHms\td111111abcdef8.cloudfront.net\thttps\t23\t0.001",
            None,
        ),
    ],
};

const KIND: Kind = Kind {
    name: "cloudfront",
    ts_kind: TsKind::End,
    claims: |names| names.iter().any(|name| name.starts_with("x-edge-")),
    own: VOCABULARY,
    layouts: &[Layout {
        columns: COLUMNS,
        least: 12,
    }],
    tabs: true,
    spelling: |name| match name {
        "cs-uri-stem" | "cs-uri-query" => Spelling::PercentOfPercent,
        _ if name.starts_with("cs(") => Spelling::Percent,
        _ => Spelling::Plain,
    },
    settle,
};

const VOCABULARY: &[Word] = &[
    ("date", Role::Date),
    ("time", Role::Clock),
    ("timestamp", MOMENT),
    ("timestamp(ms)", MOMENT),
    ("cs-method", own(Field::Method)),
    ("x-host-header", own(Field::Host)),
    // The distribution's own name, which callers may not have used.
    ("cs(Host)", Role::Field(Field::Host, OWN + 1)),
    ("cs-uri-stem", own(Field::Path)),
    ("cs-uri-query", own(Field::Query)),
    ("sc-status", own(Field::Status)),
    ("sc-bytes", own(Field::ResponseBytes)),
    ("cs-bytes", own(Field::RequestBytes)),
    ("c-ip", own(Field::ClientAddress)),
    ("cs(User-Agent)", own(Field::Client)),
    ("time-taken", own(Field::Duration(Unit::Seconds))),
    ("x-edge-request-id", own(Field::RequestId)),
    ("x-edge-result-type", Role::Mark(Mark::EdgeResult)),
    ("x-edge-detailed-result-type", Role::Mark(Mark::EdgeDetail)),
];

const COLUMNS: &[&str] = &[
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
];

/// Who answered: the origin, unless the result says that the edge did it alone. A plain `Error` is the origin's own.
fn settle(marks: &Marks<'_>, draft: &mut Draft<'_>) {
    let exchange = &mut draft.exchange;
    let detail = marks.edge_detail.unwrap_or_default();
    let result = marks.edge_result.unwrap_or_default();
    let word = if detail.is_empty() || detail == "Error" {
        result
    } else {
        detail
    };
    match word {
        "ClientCommError" | "ClientHungUpRequest" => {
            exchange.status_source = StatusSource::Client;
            exchange.outcome = Outcome::ClientGone;
        }
        "LimitExceeded" | "FunctionThrottledError" => {
            exchange.status_source = StatusSource::Edge;
            exchange.outcome = Outcome::Throttled;
        }
        "" | "Miss" | "RefreshHit" | "Error" | "AbortedOrigin" => {}
        _ => exchange.status_source = StatusSource::Edge,
    }
    // The viewer was gone before anything could be sent.
    if exchange.status.is_none() && exchange.outcome != Outcome::ClientGone {
        exchange.status_source = StatusSource::Client;
        exchange.outcome = Outcome::ClientGone;
    }
    if result.ends_with("Error") || result.ends_with("Exceeded") {
        exchange.error_code = Some(word.to_owned().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::{Options, Place, SequenceParser};

    /// `status source outcome code host path?query client` of one line without a header.
    fn read(line: &str) -> String {
        let mut told = String::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            for e in exchanges.iter() {
                told = format!(
                    "{:?} {:?} {:?} {} {} {}?{} {}",
                    e.status,
                    e.status_source,
                    e.outcome,
                    e.error_code.as_deref().unwrap_or("-"),
                    e.host,
                    e.path,
                    e.query.as_deref().unwrap_or("-"),
                    e.client.as_deref().unwrap_or("-"),
                );
            }
        };
        let mut parser = W3c::new(&KIND, &Options::default());
        parser.line(line, Place::default(), &mut found);
        told
    }

    fn line(status: &str, result: &str, detail: &str) -> String {
        format!(
            "2026-11-22\t03:51:46\tFRA2\t0\t203.0.113.9\tPOST\td1.cloudfront.net\t/a%2520b\t{status}\t-\tMozilla/5.0%2520(X11)\tq=%2541%20b\t-\t{result}\tabc==\tHooks.acme.example\thttps\t900\t30.001\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t{result}\tHTTP/1.1\t-\t-\t40000\t30.001\t{detail}\ttext/html\t-\t-\t-"
        )
    }

    #[test]
    fn who_answered() {
        let rest = "hooks.acme.example /a%20b?q=%41%20b Mozilla/5.0 (X11)";
        for (status, result, detail, expected) in [
            ("200", "Miss", "Miss", "Some(200) Origin NoResponse -"),
            ("200", "Hit", "Hit", "Some(200) Edge NoResponse -"),
            ("503", "Error", "Error", "Some(503) Origin NoResponse Error"),
            (
                "504",
                "Error",
                "OriginCommError",
                "Some(504) Edge NoResponse OriginCommError",
            ),
            (
                "502",
                "Error",
                "OriginDnsError",
                "Some(502) Edge NoResponse OriginDnsError",
            ),
            (
                "503",
                "LimitExceeded",
                "LimitExceeded",
                "Some(503) Edge Throttled LimitExceeded",
            ),
            (
                "503",
                "CapacityExceeded",
                "CapacityExceeded",
                "Some(503) Edge NoResponse CapacityExceeded",
            ),
            (
                "000",
                "Error",
                "ClientCommError",
                "None Client ClientGone ClientCommError",
            ),
            ("000", "Error", "Error", "None Client ClientGone Error"),
            ("301", "Redirect", "Redirect", "Some(301) Edge NoResponse -"),
        ] {
            let line = line(status, result, detail);
            assert_eq!(
                read(&line),
                format!("{expected} {rest}"),
                "{status} {result} {detail}"
            );
        }
    }

    #[test]
    fn every_version_is_known_by_its_number_of_columns() {
        let line = line("429", "Error", "Error");
        for columns in [12, 15, 18, 19, 23, 24, 26, 29, 33] {
            let cut: Vec<&str> = line.split('\t').take(columns).collect();
            assert!(
                read(&cut.join("\t")).starts_with("Some(429) Origin"),
                "{columns}"
            );
        }
        assert_eq!(read("2026-11-22\t03:51:46\tFRA2\t0\tnot an address"), "");
    }
}
