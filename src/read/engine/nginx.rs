//! nginx: from a pasted `log_format` to a parser.
//!
//! Variables and their meaning follow the documentation of ngx_http_log_module, ngx_http_core_module and
//! ngx_http_upstream_module.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::record::JsonTemplate;
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const NAME: &str = "nginx";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    Default,
    Json,
    None,
}

/// Compiles `log_format NAME [escape=…] 'part' 'part' …;` or just the string.
pub fn compile(text: &str, options: &Options) -> Result<Box<dyn LineParser>, TemplateError> {
    let (escape, format) = unwrap_directive(text)?;
    if escape == Escape::Json || format.trim_start().starts_with('{') {
        return Ok(Box::new(JsonTemplate::compile(&format, lookup, options)?));
    }
    let dialect = Dialect {
        escaped: escape == Escape::Default,
        ..Dialect::new(NAME, TsKind::End)
    };
    Ok(Box::new(Template::new(
        &dialect,
        pieces(&format)?,
        options,
    )?))
}

/// Splits at `$name` and `${name}`.
pub fn pieces(format: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    pieces_by(format, lookup)
}

/// The same with other meanings of the names.
pub fn pieces_by(
    format: &str,
    lookup: fn(&str) -> Option<Field>,
) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('$') {
        if at > 0 {
            pieces.push((Piece::Literal(rest[..at].to_owned()), String::new()));
        }
        let (name, after) = variable_name(&rest[at + 1..])?;
        let field = lookup(name).ok_or_else(|| TemplateError::Unknown(format!("${name}")))?;
        pieces.push((Piece::Value(field), format!("${name}")));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push((Piece::Literal(rest.to_owned()), String::new()));
    }
    Ok(pieces)
}

fn variable_name(text: &str) -> Result<(&str, &str), TemplateError> {
    if let Some(braced) = text.strip_prefix('{') {
        return braced
            .split_once('}')
            .ok_or_else(|| TemplateError::Malformed {
                name: "${".to_owned(),
                what: "the closing brace is missing",
            });
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    if end == 0 {
        return Err(TemplateError::Malformed {
            name: "$".to_owned(),
            what: "a name must follow",
        });
    }
    Ok(text.split_at(end))
}

/// What a variable means; `None` for a name that no nginx module documents as one.
pub fn lookup(name: &str) -> Option<Field> {
    Some(match name {
        "time_local" => Field::Time(TimeForm::Clf),
        "time_iso8601" => Field::Time(TimeForm::Any),
        "msec" => Field::Time(TimeForm::Epoch),
        "request" => Field::RequestLine,
        "request_method" => Field::Method,
        "request_uri" => Field::Url,
        "uri" | "document_uri" => Field::Path,
        "args" | "query_string" => Field::Query,
        "status" => Field::Status,
        "upstream_status" => Field::UpstreamStatus,
        "request_time" => Field::Duration(Unit::Seconds),
        "upstream_response_time" => Field::UpstreamTime,
        "host" | "http_host" | "proxy_host" => Field::Host,
        "server_name" => Field::ServerName,
        "request_id" | "req_id" => Field::RequestId,
        "http_user_agent" => Field::Client,
        "http_idempotency_key" => Field::IdempotencyKey,
        "http_x_request_id" => Field::RequestId,
        "remote_addr"
        | "realip_remote_addr"
        | "http_x_forwarded_for"
        | "proxy_add_x_forwarded_for" => Field::ClientAddress,
        "remote_user" => Field::User,
        "limit_req_status" | "limit_conn_status" => Field::LocalLimit,
        "body_bytes_sent" => Field::ResponseBytes,
        "request_length" => Field::RequestBytes,
        "request_body" => Field::RequestBody,
        "bytes_sent" => Field::Skip,
        _ => return lookup_family(name),
    })
}

fn lookup_family(name: &str) -> Option<Field> {
    let header = |name: &str| name.replace('_', "-").into_boxed_str();
    if let Some(rest) = name.strip_prefix("upstream_http_") {
        return Some(vendor_header(rest));
    }
    if let Some(rest) = name.strip_prefix("sent_http_") {
        return Some(Field::ResponseHeader(header(rest)));
    }
    if let Some(rest) = name.strip_prefix("http_") {
        return Some(Field::RequestHeader(header(rest)));
    }
    const FAMILIES: [&str; 18] = [
        "upstream_",
        "ssl_",
        "proxy_",
        "server_",
        "remote_",
        "geoip",
        "connection",
        "arg_",
        "cookie_",
        "tcpinfo_",
        "pipe",
        "scheme",
        "realip_",
        "gzip_ratio",
        "content_",
        "hostname",
        "pid",
        "request_",
    ];
    // A site's own `set` and `map` variables may have any name: they are read over.
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (plain || FAMILIES.iter().any(|family| name.starts_with(family))).then_some(Field::Skip)
}

fn vendor_header(name: &str) -> Field {
    match name {
        "request_id" | "x_request_id" => Field::VendorRequestId,
        _ => Field::ResponseHeader(name.replace('_', "-").into_boxed_str()),
    }
}

/// Takes `log_format`, name, escape, quotes, comments and the semicolon away.
fn unwrap_directive(text: &str) -> Result<(Escape, String), TemplateError> {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("log_format") else {
        return Ok((Escape::Default, unquote(text)?));
    };
    let mut rest = rest.trim_start();
    rest = rest
        .split_once(char::is_whitespace)
        .map_or("", |(_, after)| after)
        .trim_start();
    let mut escape = Escape::Default;
    if let Some(after) = rest.strip_prefix("escape=") {
        let (kind, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        escape = match kind {
            "json" => Escape::Json,
            "none" => Escape::None,
            _ => Escape::Default,
        };
        rest = after;
    }
    Ok((escape, join_quoted(rest)?))
}

/// Only the string, with its quotes or without; a tab may be written as `\t`.
fn unquote(text: &str) -> Result<String, TemplateError> {
    let inner = text.trim_end_matches(';').trim_end();
    let whole = |quote: char| {
        inner.len() > 1
            && inner.starts_with(quote)
            && inner.ends_with(quote)
            && (quote == '\'' || !inner[1..inner.len() - 1].replace("\\\"", "").contains('"'))
    };
    if whole('\'') || whole('"') {
        return join_quoted(inner);
    }
    Ok(text.replace("\\t", "\t").replace("\\\"", "\""))
}

/// Joins `'part' "part" …` up to the semicolon; line breaks and `#` comments may stand between.
fn join_quoted(text: &str) -> Result<String, TemplateError> {
    let mut joined = String::new();
    let mut rest = text.trim_start();
    while let Some(quote) = rest.chars().next() {
        match quote {
            '\'' | '"' => {
                let (part, after) = read_quoted(&rest[1..], quote)?;
                joined.push_str(&part);
                rest = after.trim_start();
            }
            '#' => {
                rest = rest
                    .split_once('\n')
                    .map_or("", |(_, after)| after)
                    .trim_start()
            }
            ';' if rest[1..].trim_start().starts_with("log_format") => {
                return Err(TemplateError::SeveralFormats);
            }
            ';' => break,
            _ => {
                let end = rest.find([' ', ';', '\n', '\t']).unwrap_or(rest.len());
                joined.push_str(&rest[..end]);
                rest = rest[end..].trim_start();
            }
        }
    }
    Ok(joined)
}

fn read_quoted(text: &str, quote: char) -> Result<(String, &str), TemplateError> {
    let mut part = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((part, &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 't')) => part.push('\t'),
                Some((_, 'n')) => part.push('\n'),
                Some((_, other @ ('"' | '\'' | '\\'))) => part.push(other),
                Some((_, other)) => {
                    part.push('\\');
                    part.push(other);
                }
                None => break,
            },
            c => part.push(c),
        }
    }
    Err(TemplateError::Malformed {
        name: quote.to_string(),
        what: "the closing quote is missing",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::Parsed;

    const EGRESS: &str = r#"log_format egress '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
        # the rest
        '"$http_referer" "$http_user_agent" host=$host rt=$request_time us="$upstream_status" ra="$sent_http_retry_after"';"#;

    #[track_caller]
    fn parse_one(format: &str, line: &'static str) -> Exchange<'static> {
        let parser = compile(format, &Options::default()).expect("compiles");
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        out.pop().expect("an exchange")
    }

    #[test]
    fn a_pasted_directive_reads_its_own_lines() {
        let got = parse_one(
            EGRESS,
            r#"127.0.0.1 - - [22/Nov/2026:03:51:46 +0000] "GET /a?b=\x22 HTTP/1.1" 429 58 "-" "agent \"x\" y" host=api.hubapi.com rt=0.012 us="429" ra="5""#,
        );
        assert_eq!(
            (got.status, got.host.as_ref(), got.query.as_deref()),
            (Some(429), "api.hubapi.com", Some("b=\""))
        );
        assert_eq!(got.duration_ms, Some(12.0));
        assert_eq!(got.client.as_deref(), Some("agent \"x\" y"));
    }

    #[test]
    fn tabs_and_unescaped_quotes() {
        let got = parse_one(
            r#"log_format tabbed "$time_iso8601\t$host\t$request_method\t$request_uri\t$status\t$request_time\t$upstream_status";"#,
            "2026-11-22T03:51:45+00:00\tapi.stripe.com\tGET\t/v1/x?limit=3\t200\t0.017\t200",
        );
        assert_eq!((got.method.as_ref(), got.path.as_ref()), ("GET", "/v1/x"));
        let got = parse_one(
            r#"[$time_local] "$request" $status $body_bytes_sent"#,
            r#"[22/Nov/2026:03:51:46 +0000] "GET /?t=<script>alert("x") 9</script> HTTP/1.0" 200 5"#,
        );
        assert_eq!(
            got.query.as_deref(),
            Some("t=<script>alert(\"x\") 9</script>")
        );
    }

    #[test]
    fn host_and_target_may_touch() {
        for (format, line) in [
            (
                r#"$status $scheme://$host$request_uri $request_time"#,
                "200 https://api.example.com/v1/a?x=1 0.5",
            ),
            (
                r#"$status $host:$server_port$uri$is_args$args "$http_user_agent""#,
                r#"200 api.example.com:443/v1/a?x=1 "app""#,
            ),
            (
                r#""$status" "$http_host$request_uri""#,
                r#""200" "api.example.com/v1/a?x=1""#,
            ),
        ] {
            let got = parse_one(format, line);
            assert_eq!(
                (got.host.as_ref(), got.path.as_ref(), got.query.as_deref()),
                ("api.example.com", "/v1/a", Some("x=1")),
                "{format}"
            );
        }
    }

    #[test]
    fn only_the_string_may_be_pasted() {
        for format in [
            r"$status\t$request_method\t$request_uri",
            r"'$status\t$request_method\t' '$request_uri';",
            r#""$status\t$request_method\t$request_uri""#,
        ] {
            let got = parse_one(format, "503\tGET\t/a b");
            assert_eq!((got.status, got.path.as_ref()), (Some(503), "/a b"));
        }
    }

    #[test]
    fn faults_of_the_format_are_named() {
        for (format, part) in [
            ("$status$request", "nothing separates $status from $request"),
            ("no variables", "names no variable"),
            (
                "$remote_addr [$time_local]",
                "neither a status nor a request",
            ),
            (
                "log_format a '$status';\nlog_format b '$status';",
                "more than one log_format",
            ),
            ("${status", "closing brace"),
        ] {
            let error = compile(format, &Options::default())
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(error.contains(part), "{format}: {error}");
        }
    }
}
