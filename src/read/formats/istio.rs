//! Istio's default text format, which is Envoy's with more fields, in the three shapes that its releases wrote.

use crate::read::engine::envoy;
use crate::read::engine::layouts::Layouts;
use crate::read::format::{Format, Layout, LineParser, Options};
use crate::read::formats::envoy::looks;

const NAME: &str = "istio";

/// Behind the flags: what each release told of the answer.
const ABOUT_THE_ANSWER: [&str; 3] = [
    r#"%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%""#,
    r#"%RESPONSE_CODE_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%""#,
    r#""%DYNAMIC_METADATA(istio.mixer:status)%" "%UPSTREAM_TRANSPORT_FAILURE_REASON%""#,
];

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "Istio access logs, default text",
    specificity: 65,
    layout: Layout::Lines(|options| Box::new(Layouts::new(NAME, looks, templates(options)))),
    samples: &[
        (
            r#"[2026-11-22T04:01:02.500Z] "GET /v1/x HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 95 1 - "-" "app" "d1" "api.hubapi.com" "104.17.2.3:443" outbound|443||api.hubapi.com 10.4.1.3:8 10.4.1.3:9 10.4.1.3:10 - default"#,
            Some(503),
        ),
        (
            r#"[2026-11-22T04:01:03.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream "-" 0 135 4 4 "-" "curl/7.73.0" "8496" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default"#,
            Some(418),
        ),
        (
            r#"[2026-11-22T04:01:04.409Z] "GET /a HTTP/1.1" 200 - "-" "-" 0 135 4 3 "-" "curl/7.60" "8497" "web:80" "127.0.0.1:80" inbound|8000|http|web.foo.svc.cluster.local - 172.30.0.9:80 172.30.0.7:6 outbound_.8000_._.web.foo.svc.cluster.local default"#,
            Some(200),
        ),
    ],
};

fn templates(options: &Options) -> Vec<Box<dyn LineParser>> {
    let whole = |about: &str| {
        format!(
            r#"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% {about} %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%"#
        )
    };
    ABOUT_THE_ANSWER
        .iter()
        .filter_map(|about| envoy::compile(&whole(about), options).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Direction, StatusSource};
    use crate::read::format::Parsed;
    use crate::read::skip::Ignored;

    #[test]
    fn the_cluster_names_the_far_end() {
        let parser = Layouts::new(NAME, looks, templates(&Options::default()));
        let mut out = Vec::new();
        for (line, _) in FORMAT.samples {
            parser.parse(line, &mut out);
        }
        let got: Vec<_> = out
            .iter()
            .map(|e| (e.host.as_ref(), e.direction, e.status_source))
            .collect();
        assert_eq!(
            got,
            [
                ("api.hubapi.com", Direction::Outbound, StatusSource::Edge),
                (
                    "httpbin.foo.svc.cluster.local",
                    Direction::Outbound,
                    StatusSource::Origin
                ),
                (
                    "web.foo.svc.cluster.local",
                    Direction::Inbound,
                    StatusSource::Origin
                ),
            ]
        );
    }

    #[test]
    fn tls_that_is_passed_through_is_no_exchange() {
        let parser = Layouts::new(NAME, looks, templates(&Options::default()));
        let line = r#"[2026-11-22T04:01:02.001Z] "- - -" 0 - - - "-" 2912 6821 30042 - "-" "-" "-" "-" "52.31.0.9:443" outbound|443||api.stripe.com 10.4.1.3:5 10.4.1.3:6 10.4.1.3:7 api.stripe.com -"#;
        assert_eq!(
            parser.parse(line, &mut Vec::new()),
            Parsed::Ignored(Ignored::Connection)
        );
    }
}
