//! AWS API Gateway access logs in the layouts that its console offers: common log, CSV, XML. Others by `--log-format`.

use crate::model::exchange::Exchange;
use crate::read::engine::api_gateway::{NAME, compile};
use crate::read::engine::template::Template;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::skip::Rejected;

const LAYOUTS: [&str; 4] = [
    COMMON,
    r#"$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId"#,
    "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,$context.status,$context.responseLength,$context.requestId",
    r#"<request id="$context.requestId"> <ip>$context.identity.sourceIp</ip> <caller>$context.identity.caller</caller> <user>$context.identity.user</user> <requestTime>$context.requestTime</requestTime> <httpMethod>$context.httpMethod</httpMethod> <resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> <protocol>$context.protocol</protocol> <responseLength>$context.responseLength</responseLength> </request>"#,
];

/// The common form, as people write it who miss the blank; only its id tells it from any server's.
const COMMON: &str = r#"$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId"#;

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "AWS API Gateway access logs as common log, CSV or XML",
    specificity: 60,
    layout: Layout::Lines(|options| Box::new(Console::new(options))),
    samples: &[
        (
            r#"203.0.113.7 - - [22/Nov/2026:03:51:46 +0000]"POST /hooks/{source} HTTP/1.1" 200 15 c6af9ac6-7b61-11e6-9a41-93e8deadbeef"#,
            Some(200),
        ),
        (
            r#"203.0.113.7 - - [22/Nov/2026:03:51:46 +0000] "POST /hooks/{source} HTTP/1.1" 502 15 c6af9ac6-7b61-11e6-9a41-93e8deadbeef"#,
            Some(502),
        ),
        (
            "203.0.113.7,-,-,22/Nov/2026:03:51:46 +0000,POST,/hooks/{source},HTTP/1.1,429,29,c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            Some(429),
        ),
        (
            r#"<request id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef"> <ip>203.0.113.7</ip> <caller>-</caller> <user>-</user> <requestTime>22/Nov/2026:03:51:46 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/users/{id}</resourcePath> <status>504</status> <protocol>HTTP/1.1</protocol> <responseLength>29</responseLength> </request>"#,
            Some(504),
        ),
    ],
};

/// An id, an address and two names stand before the time.
const HEAD_BYTES: usize = 1_000;

struct Console {
    layouts: Vec<Template>,
}

impl Console {
    fn new(options: &Options) -> Self {
        let layouts = LAYOUTS
            .iter()
            .filter_map(|text| compile(text, options).ok());
        Self {
            layouts: layouts.collect(),
        }
    }
}

impl LineParser for Console {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        // Its times are always UTC, and stand near the beginning.
        let head = &line.as_bytes()[..line.len().min(HEAD_BYTES)];
        if memchr::memmem::find(head, b" +0000").is_none() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let others = usize::from(!ends_in_id(line));
        for layout in self.layouts.iter().skip(others) {
            if let Parsed::Record(_) = layout.parse(line, out) {
                return Parsed::Record(NAME);
            }
        }
        Parsed::Rejected(Rejected::NoFormatMatched)
    }
}

fn ends_in_id(line: &str) -> bool {
    let id = line.rsplit(' ').next().unwrap_or_default().as_bytes();
    id.len() == 36
        && [8, 13, 18, 23].iter().all(|at| id[*at] == b'-')
        && id.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::StatusSource::{self, Edge, Origin};

    #[track_caller]
    fn check(format: &str, line: &str, (status, edge, source): (u16, Option<u16>, StatusSource)) {
        let parser = compile(format, &Options::default()).expect(format);
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        let e = out.pop().expect("an exchange");
        assert_eq!(
            (e.status, e.edge_status, e.status_source),
            (Some(status), edge, source),
            "{line}"
        );
        assert_eq!(
            (e.method.as_ref(), e.path.as_ref()),
            ("POST", "/stripe"),
            "{line}"
        );
    }

    #[test]
    fn who_answered() {
        let format = "$context.requestTimeEpoch;$context.routeKey;$context.status;$context.integration.status;$context.error.responseType;$context.responseLatency";
        check(
            format,
            "1795319506069;POST /stripe;502;500;INTEGRATION_FAILURE;29020",
            (500, Some(502), Origin),
        );
        check(
            format,
            "1795319506069;POST /stripe;429;-;THROTTLED;3",
            (429, None, Edge),
        );
        let format = "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.error.responseType";
        check(
            format,
            "aa1 POST /stripe 429 QUOTA_EXCEEDED",
            (429, None, Edge),
        );
        check(format, "aa1 POST /stripe 429 -", (429, None, Origin));
    }
}
