//! The user's own format string, whatever it is written in: each dialect is known by its variables.

use crate::read::engine::sheet::{self, NamedRows};
use crate::read::engine::template::TemplateError;
use crate::read::engine::{api_gateway, dialect, grok, pattern};
use crate::read::format::{LineParser, Options};

/// A regular expression has named groups, grok `%{NAME:field}`, API Gateway `$context.…`, other servers their own
/// variables; what has none of these names columns: `ts,method,path,status`.
pub fn compile(
    text: &str,
    options: &Options,
) -> Result<(&'static str, Box<dyn LineParser>), TemplateError> {
    if pattern::is_pattern(text) || grok::is_grok(text) {
        return Ok((pattern::NAME, Box::new(pattern::compile(text, options)?)));
    }
    if api_gateway::is_format(text) && !text.trim_start().starts_with('{') {
        let template = api_gateway::compile(text, options)?;
        return Ok((api_gateway::NAME, Box::new(template)));
    }
    match dialect::compile(text, options) {
        Err(TemplateError::NoVariable) => {
            let rows = NamedRows::compile(text, options)?;
            Ok((sheet::GENERIC.name, Box::new(rows)))
        }
        compiled => compiled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::format::Parsed;

    #[test]
    fn each_dialect_is_known_by_its_variables() {
        for (format, name, line) in [
            (
                r#"log_format t "$time_iso8601\t$host\t$request_method\t$request_uri\t$status";"#,
                "nginx",
                "2026-11-22T03:51:45+00:00\tapi.stripe.com\tGET\t/v1/x?limit=3\t200",
            ),
            (
                r#"%h %l %u %t "%r" %>s %b "%{User-Agent}i""#,
                "apache",
                r#"192.0.2.1 - - [22/Nov/2026:03:51:46 +0000] "GET / HTTP/1.1" 200 5 "curl""#,
            ),
            (
                "$context.requestTime|$context.httpMethod|$context.path|$context.status",
                "api_gateway_text",
                "22/Nov/2026:03:51:46 +0000|GET|/prod/a|200",
            ),
            (
                r"^(?<method>\w+) (?<path>\S+) (?<status>\d+)$",
                "pattern",
                "GET /a 200",
            ),
            (
                "%{WORD:method} %{URIPATHPARAM:path} %{NUMBER:status}",
                "pattern",
                "GET /a?b=c 200",
            ),
            (
                "ts,apiproxy,method,path,status,upstream_status,duration_ms,request_id",
                "csv",
                "2026-11-22 03:51:46.069,sfmc-out,POST,/messaging/v1/email/messages,200,200,143,rt-1-2",
            ),
        ] {
            let (found, parser) = compile(format, &Options::default()).expect(format);
            assert_eq!(found, name, "{format}");
            assert_eq!(
                parser.parse(line, &mut Vec::new()),
                Parsed::Record(name),
                "{format}"
            );
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in ["", "hello", "a,b,c"] {
            assert!(compile(text, &Options::default()).is_err(), "{text}");
        }
    }
}
