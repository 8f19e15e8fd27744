//! Squid's own format and its `combined`. Tunnels are connections: what went through them is not told.

use crate::read::engine::layouts::Layouts;
use crate::read::engine::squid;
use crate::read::format::{Format, Layout, LineParser, Options};

const NAME: &str = "squid";
const COMBINED: &str = "squid_combined";

const NATIVE_LAYOUT: &str = "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt";
const COMBINED_LAYOUT: &str =
    r#"%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh"#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "Squid access logs, native",
    specificity: 60,
    layout: Layout::Lines(|options| {
        Box::new(Layouts::new(
            NAME,
            looks_native,
            one(NATIVE_LAYOUT, options),
        ))
    }),
    samples: &[
        (
            "1795319556.151     17 127.0.0.1 TCP_MISS/429 406 POST http://api.hubapi.com/crm/v3/objects - FIRSTUP_PARENT/127.0.0.1 application/json",
            Some(429),
        ),
        (
            "1795319556.140     50 127.0.0.1 TCP_MISS_ABORTED/000 0 POST http://api.hubapi.com/v2/token - HIER_DIRECT/10.0.0.1 -",
            None,
        ),
        (
            r#"1642667037.129      0 10.0.4.4 TCP_DENIED/403 3868 CONNECT api.example.com:80 - HIER_NONE/- text/html "-" "-""#,
            Some(403),
        ),
        (
            "1795319567.734      0 127.0.0.1 NONE_NONE/400 3400 - error:invalid-request - HIER_NONE/- text/html",
            Some(400),
        ),
    ],
};

pub const COMBINED_FORMAT: Format = Format {
    name: COMBINED,
    aliases: &[],
    title: "Squid access logs, combined",
    specificity: 55,
    layout: Layout::Lines(|options| {
        Box::new(Layouts::new(
            COMBINED,
            looks_combined,
            one(COMBINED_LAYOUT, options),
        ))
    }),
    samples: &[
        (
            r#"127.0.0.1 - - [22/Nov/2026:03:52:36 +0000] "GET http://api.hubapi.com/crm/v3/objects HTTP/1.1" 200 466 "-" "app/1" TCP_MISS:FIRSTUP_PARENT"#,
            Some(200),
        ),
        (
            r#"127.0.0.1 - - [22/Nov/2026:03:52:36 +0000] "POST http://api.hubapi.com/x HTTP/1.1" 201 466 "https://a.example/?q="x"&t=c\" "app/1" TCP_MISS:FIRSTUP_PARENT"#,
            Some(201),
        ),
        (
            r#"127.0.0.1 - - [22/Nov/2026:03:52:47 +0000] "- error:transaction-end-before-headers NONE/0.0" 0 0 "-" "-" NONE_NONE:HIER_NONE"#,
            None,
        ),
    ],
};

fn one(layout: &str, options: &Options) -> Vec<Box<dyn LineParser>> {
    squid::compile(layout, options).into_iter().collect()
}

/// Ten digits, a point, three digits, a space.
fn looks_native(line: &[u8]) -> bool {
    line.get(10) == Some(&b'.')
        && line.get(14) == Some(&b' ')
        && line[..10].iter().all(u8::is_ascii_digit)
}

/// The line ends in `:HIER_DIRECT`; that of others ends in a quote or a number.
fn looks_combined(line: &[u8]) -> bool {
    line.last().is_some_and(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Exchange, Outcome, StatusSource, TsKind};
    use crate::read::format::Parsed;
    use crate::read::skip::Ignored;

    fn parse(format: &Format, line: &'static str) -> (Parsed, Vec<Exchange<'static>>) {
        let Layout::Lines(build) = &format.layout else {
            panic!("lines");
        };
        let mut out = Vec::new();
        (build(&Options::default()).parse(line, &mut out), out)
    }

    #[test]
    fn whom_it_asked_and_who_left_are_told() {
        let got: Vec<_> = FORMAT
            .samples
            .iter()
            .flat_map(|(line, _)| parse(&FORMAT, line).1)
            .map(|e| {
                (
                    e.host.to_string(),
                    e.method.to_string(),
                    e.status_source,
                    e.outcome,
                )
            })
            .collect();
        let expected = [
            (
                "api.hubapi.com",
                "POST",
                StatusSource::Origin,
                Outcome::NoResponse,
            ),
            (
                "api.hubapi.com",
                "POST",
                StatusSource::Client,
                Outcome::ClientGone,
            ),
            ("", "CONNECT", StatusSource::Edge, Outcome::NoResponse),
            ("", "INVALID", StatusSource::Edge, Outcome::NoResponse),
        ]
        .map(|(host, method, source, outcome)| {
            (host.to_owned(), method.to_owned(), source, outcome)
        });
        assert_eq!(got, expected);
    }

    #[test]
    fn a_tunnel_is_no_exchange() {
        let connection = Parsed::Ignored(Ignored::Connection);
        let native = "1564655684.277   3387 192.168.0.1 TCP_TUNNEL/200 19131 CONNECT example.org:443 - HIER_DIRECT/example.org -";
        assert_eq!(parse(&FORMAT, native).0, connection);
        let combined = r#"10.0.0.1 - - [22/Nov/2026:03:52:36 +0000] "CONNECT example.org:443 HTTP/1.1" 200 466 "-" "app/1" TCP_TUNNEL:HIER_DIRECT"#;
        assert_eq!(parse(&COMBINED_FORMAT, combined).0, connection);
    }

    #[test]
    fn the_time_is_the_end() {
        assert!(parse(&FORMAT, FORMAT.samples[0].0).1[0].ts_kind == TsKind::End);
    }
}
