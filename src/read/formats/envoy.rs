//! Envoy's default text format.

use crate::read::engine::envoy;
use crate::read::engine::layouts::Layouts;
use crate::read::format::{Format, Layout, LineParser, Options};

const NAME: &str = "envoy";

const DEFAULT: &str = r#"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%""#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "Envoy access logs, default text",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(Layouts::new(NAME, looks, templates(options)))),
    samples: &[
        (
            r#"[2026-11-22T03:51:46.310Z] "POST /v1/charges HTTP/1.1" 429 RL 12 18 0 - "-" "app/1" "5f0e" "api.stripe.com" "-""#,
            Some(429),
        ),
        (
            r#"[2026-11-22T03:51:47.102Z] "GET /crm/v3/objects/contacts/51 HTTP/1.1" 503 UF,URX 0 91 3004 - "-" "app/1" "9ab2" "api.hubapi.com" "104.16.1.2:443""#,
            Some(503),
        ),
        (
            r#"[2026-11-22T03:51:48.555Z] "GET /x HTTP/2" 0 DC 0 0 1500 - "10.0.0.7, 10.0.0.9" "app/1" "77c1" "api.github.com" "tcp://140.82.1.1:443""#,
            None,
        ),
    ],
};

fn templates(options: &Options) -> Vec<Box<dyn LineParser>> {
    envoy::compile(DEFAULT, options).into_iter().collect()
}

/// `[2026-11-22T03:51:46.310Z] "`
pub fn looks(line: &[u8]) -> bool {
    line.first() == Some(&b'[') && line.get(5) == Some(&b'-') && line.get(11) == Some(&b'T')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Outcome, StatusSource};
    use crate::read::format::Parsed;
    use crate::read::skip::Ignored;

    #[test]
    fn the_far_ends_own_time_and_answer_are_told_apart_from_envoys() {
        let parser = Layouts::new(NAME, looks, templates(&Options::default()));
        let mut out = Vec::new();
        for (line, _) in FORMAT.samples {
            parser.parse(line, &mut out);
        }
        let line = r#"[2026-11-22T03:51:46.310Z] "POST /v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21" "locations" "tcp://10.0.2.1:80""#;
        parser.parse(line, &mut out);
        let got: Vec<_> = out
            .iter()
            .map(|e| {
                (
                    e.status_source,
                    e.outcome,
                    e.error_code.as_deref(),
                    e.duration_ms,
                )
            })
            .collect();
        assert_eq!(
            got,
            [
                (
                    StatusSource::Edge,
                    Outcome::Throttled,
                    Some("RL"),
                    Some(0.0)
                ),
                (
                    StatusSource::Edge,
                    Outcome::NoResponse,
                    Some("UF,URX"),
                    Some(3004.0)
                ),
                (
                    StatusSource::Client,
                    Outcome::ClientGone,
                    Some("DC"),
                    Some(1500.0)
                ),
                (StatusSource::Origin, Outcome::NoResponse, None, Some(100.0)),
            ]
        );
    }

    #[test]
    fn a_connection_is_no_exchange() {
        let parser = Layouts::new(NAME, looks, templates(&Options::default()));
        let line = r#"[2026-11-22T04:01:02.001Z] "- - -" 0 - 2912 6821 30042 - "-" "-" "-" "-" "52.31.0.9:443""#;
        assert_eq!(
            parser.parse(line, &mut Vec::new()),
            Parsed::Ignored(Ignored::Connection)
        );
    }
}
