//! Envoy: from an access log format string to a parser.
//!
//! Operators follow Envoy's documentation of access logging: `%NAME%`, `%NAME(argument)%`, `%NAME(argument):length%`.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::hop::Told;
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const NAME: &str = "envoy";

/// Compiles a format string, with or without the quotes and the line end of the configuration.
pub fn compile(text: &str, options: &Options) -> Result<Box<dyn LineParser>, TemplateError> {
    Ok(Box::new(template(text, options)?))
}

pub fn template(text: &str, options: &Options) -> Result<Template, TemplateError> {
    let dialect = Dialect {
        escaped: false,
        is_connection: |draft| draft.names_no_request(),
        ..Dialect::new(NAME, TsKind::Start)
    };
    Template::new(&dialect, pieces(&plain(text))?, options)
}

/// Without the quotes around, the escapes in front of quotes and the line end.
fn plain(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_suffix("\\n").unwrap_or(text);
    if !text.contains("\\\"") {
        return text.to_owned();
    }
    let text = text.strip_prefix('"').unwrap_or(text);
    let text = text.strip_suffix("\\n\"").unwrap_or(text);
    text.replace("\\\"", "\"")
}

fn pieces(format: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            literal.push('%');
            rest = after;
            continue;
        }
        if !literal.is_empty() {
            pieces.push((Piece::Literal(std::mem::take(&mut literal)), String::new()));
        }
        let (name, argument, after) = operator(rest)?;
        let shown = format!("%{name}%");
        let field = lookup(name, argument).ok_or_else(|| TemplateError::Unknown(shown.clone()))?;
        pieces.push((Piece::Value(field), shown));
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal), String::new()));
    }
    Ok(pieces)
}

/// The name, the argument and what follows the closing percent sign. An argument may hold percent signs itself.
fn operator(text: &str) -> Result<(&str, &str, &str), TemplateError> {
    let malformed = |what| TemplateError::Malformed {
        name: format!("%{}", text.chars().take(20).collect::<String>()),
        what,
    };
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let (argument, rest) = match rest.strip_prefix('(') {
        Some(inner) => inner
            .split_once(')')
            .ok_or_else(|| malformed("the closing bracket is missing"))?,
        None => ("", rest),
    };
    let (length, after) = rest
        .split_once('%')
        .ok_or_else(|| malformed("the closing percent sign is missing"))?;
    let digits = length.strip_prefix(':').unwrap_or(length);
    if name.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed("it is no operator of Envoy"));
    }
    Ok((name, argument, after))
}

fn lookup(name: &str, argument: &str) -> Option<Field> {
    Some(match name {
        "START_TIME" | "START_TIME_LOCAL" => start_time(argument),
        "REQ" | "REQUEST_HEADER" => request_header(argument),
        "RESP" | "RESPONSE_HEADER" => response_header(argument),
        "PATH" => Field::Url,
        "RESPONSE_CODE" => Field::Status,
        "RESPONSE_FLAGS" | "RESPONSE_FLAGS_LONG" => Field::Told(Told::EnvoyFlags),
        "RESPONSE_CODE_DETAILS" => Field::Told(Told::EnvoyDetails),
        "BYTES_RECEIVED" => Field::RequestBytes,
        "BYTES_SENT" => Field::ResponseBytes,
        "DURATION" => Field::Duration(Unit::Millis),
        "UPSTREAM_HOST" => Field::Told(Told::UpstreamHost),
        "UPSTREAM_CLUSTER" | "UPSTREAM_CLUSTER_RAW" => Field::Cluster,
        "UPSTREAM_REQUEST_ATTEMPT_COUNT" => Field::Attempt,
        "REQUESTED_SERVER_NAME" => Field::ServerName,
        "DOWNSTREAM_REMOTE_ADDRESS" => Field::ClientEndpoint,
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" => Field::ClientAddress,
        "TRACE_ID" => Field::TraceId,
        _ => return read_over(name),
    })
}

/// Operators whose values say nothing about the exchange.
fn read_over(name: &str) -> Option<Field> {
    const NAMES: &[&str] = &[
        "PROTOCOL",
        "HOSTNAME",
        "TRAILER",
        "METADATA",
        "ENVIRONMENT",
        "UNIQUE_ID",
        "STREAM_ID",
        "EMIT_TIME",
        "XFCC",
        "QUERY_PARAM",
        "QUERY_PARAMS",
        "CUSTOM_FLAGS",
    ];
    const FAMILIES: &[&str] = &[
        "UPSTREAM_",
        "DOWNSTREAM_",
        "CONNECTION_",
        "DYNAMIC_",
        "CLUSTER_",
        "FILTER_",
        "ROUTE_",
        "VIRTUAL_",
        "LOCAL_",
        "RESPONSE_",
        "REQUEST_",
        "GRPC_",
        "ACCESS_",
        "TLS_",
        "COMMON_",
        "ROUNDTRIP_",
        "PEER_",
        "BYTES_",
    ];
    let known = NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family));
    let word = name.ends_with("_ADDRESS") || name == "PROTOCOL";
    known.then_some(if word { Field::Word } else { Field::Skip })
}

/// ISO 8601 in UTC unless a strftime format says otherwise; `%3f` and its like are fractions without a point.
fn start_time(format: &str) -> Field {
    let only_epoch = format
        .split('%')
        .skip(1)
        .all(|spec| matches!(spec, "s" | "s." | "3f" | "6f" | "9f" | "f"));
    if format.is_empty() || (format.starts_with('%') && only_epoch) {
        return Field::Time(TimeForm::Any);
    }
    let pattern = format
        .replace("%E3S", "%S%.3f")
        .replace("%E6S", "%S%.6f")
        .replace("%E*S", "%S%.f")
        .replace("%Ez", "%:z")
        .replace("%E4Y", "%Y");
    Field::Time(TimeForm::Strftime(pattern.into()))
}

/// `X?Y`: the second is asked where the first is missing.
fn request_header(argument: &str) -> Field {
    let argument = argument.to_ascii_lowercase();
    let (first, second) = argument.split_once('?').unwrap_or((&argument, ""));
    match (first, second) {
        (":method", _) => Field::Method,
        (":path", _) | (_, ":path") => Field::Url,
        (":authority" | "host", _) | (_, ":authority") => Field::Host,
        (":scheme", _) => Field::Skip,
        ("user-agent", _) => Field::Client,
        ("x-request-id", _) => Field::RequestId,
        ("x-forwarded-for", _) => Field::ClientAddress,
        ("idempotency-key", _) => Field::IdempotencyKey,
        ("x-envoy-attempt-count", _) => Field::Attempt,
        _ => Field::RequestHeader(first.into()),
    }
}

fn response_header(argument: &str) -> Field {
    let argument = argument.to_ascii_lowercase();
    let first = argument.split('?').next().unwrap_or_default();
    match first {
        ":status" => Field::Status,
        "x-envoy-upstream-service-time" => Field::VendorDuration(Unit::Millis),
        "x-request-id" | "request-id" => Field::VendorRequestId,
        _ => Field::ResponseHeader(first.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Exchange, StatusSource};
    use crate::read::format::Parsed;

    #[track_caller]
    fn parse_one(format: &str, line: &'static str) -> Exchange<'static> {
        let parser = compile(format, &Options::default()).expect(format);
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        out.pop().expect("an exchange")
    }

    #[test]
    fn a_custom_format_is_compiled() {
        let got = parse_one(
            r#"%START_TIME(%s.%3f)% %REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH):64% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% n=%UPSTREAM_REQUEST_ATTEMPT_COUNT% %DURATION%ms c=%UPSTREAM_CLUSTER% ra=%RESP(RETRY-AFTER)% 100%%\n"#,
            "1795319506.069 POST /v1/charges?x=1 503 via_upstream n=3 41ms c=outbound|443||api.stripe.com ra=2 100%",
        );
        assert_eq!(
            got.ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:51:46.069Z")
        );
        assert_eq!((got.status, got.attempt), (Some(503), 3));
        assert_eq!(
            (got.host.as_ref(), got.status_source),
            ("api.stripe.com", StatusSource::Origin)
        );
        assert_eq!(got.duration_ms, Some(41.0));
    }

    #[test]
    fn times_by_strftime() {
        let got = parse_one(
            r#"[%START_TIME(%Y/%m/%dT%H:%M:%S%z)%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE%"#,
            r#"[2026/11/22T04:51:46+0100] "GET /a b HTTP/2" 200"#,
        );
        assert_eq!(
            (got.ts.map(|t| t.to_string()).as_deref(), got.path.as_ref()),
            (Some("2026-11-22T03:51:46Z"), "/a b")
        );
    }

    #[test]
    fn faults_of_the_format_are_named() {
        for (format, part) in [
            ("%RESPONSE_CODE% %WHATEVER%", "%WHATEVER%"),
            ("%REQ(:METHOD %RESPONSE_CODE%", "closing bracket"),
            ("%RESPONSE_CODE", "closing percent sign"),
            ("%DURATION%", "neither a status nor a request"),
        ] {
            let error = compile(format, &Options::default()).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(part), "{format}: {text}");
        }
    }
}
