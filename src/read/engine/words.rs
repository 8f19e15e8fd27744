//! Format strings of libraries and services whose variables are whole words: morgan (`:status`), Guzzle (`{code}`),
//! Amazon API Gateway (`$context.status`).

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const MORGAN: &str = "morgan";
pub const GUZZLE: &str = "guzzle";

type Compiled = Result<Box<dyn LineParser>, TemplateError>;

/// How a dialect writes its variables.
struct Style {
    opening: &'static str,
    /// The name, and how much of the text it took; `None` where the opening is meant literally.
    take: fn(&str) -> Option<(&str, usize)>,
    lookup: fn(&str) -> Option<Field>,
}

pub fn compile_morgan(text: &str, options: &Options) -> Compiled {
    let style = Style {
        opening: ":",
        take: take_morgan,
        lookup: morgan,
    };
    compile(MORGAN, TsKind::End, &style, text, options)
}

pub fn compile_guzzle(text: &str, options: &Options) -> Compiled {
    let style = Style {
        opening: "{",
        take: |text| text.split_once('}').map(|(name, _)| (name, name.len() + 1)),
        lookup: guzzle,
    };
    compile(GUZZLE, TsKind::End, &style, text, options)
}

fn compile(
    name: &'static str,
    ts_kind: TsKind,
    style: &Style,
    text: &str,
    options: &Options,
) -> Compiled {
    let text = text.replace("\\\"", "\"").replace("\\t", "\t");
    let dialect = Dialect::new(name, ts_kind);
    Ok(Box::new(Template::new(
        &dialect,
        pieces(&text, style)?,
        options,
    )?))
}

fn pieces(format: &str, style: &Style) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(style.opening) {
        let inside = &rest[at + style.opening.len()..];
        let Some((name, used)) = (style.take)(inside) else {
            literal.push_str(&rest[..at + style.opening.len()]);
            rest = inside;
            continue;
        };
        literal.push_str(&rest[..at]);
        let shown = format!("{}{}", style.opening, &inside[..used]);
        let field = (style.lookup)(name).ok_or_else(|| TemplateError::Unknown(shown.clone()))?;
        if !literal.is_empty() {
            pieces.push((Piece::Literal(std::mem::take(&mut literal)), String::new()));
        }
        pieces.push((Piece::Value(field), shown));
        rest = &inside[used..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal), String::new()));
    }
    Ok(pieces)
}

/// `name` or `name[argument]`, two letters at least, because a time has colons too.
fn take_morgan(text: &str) -> Option<(&str, usize)> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .unwrap_or(text.len());
    if end < 2 || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let closed = text[end..]
        .strip_prefix('[')
        .and_then(|inner| inner.find(']'));
    let end = closed.map_or(end, |close| end + close + 2);
    Some((&text[..end], end))
}

fn morgan(name: &str) -> Option<Field> {
    let (name, argument) = name
        .trim_end_matches(']')
        .split_once('[')
        .unwrap_or((name, ""));
    Some(match name {
        "method" => Field::Method,
        "url" => Field::Url,
        "status" => Field::Status,
        "response-time" => Field::Duration(Unit::Millis),
        "total-time" => Field::Skip,
        "date" if argument == "clf" => Field::Time(TimeForm::Clf),
        "date" => Field::Time(TimeForm::Any),
        "remote-addr" => Field::ClientAddress,
        "remote-user" => Field::User,
        "user-agent" => Field::Client,
        "req" => request_header(argument),
        "res" => response_header(argument),
        // A program's own tokens may have any name.
        _ => Field::Skip,
    })
}

fn guzzle(name: &str) -> Option<Field> {
    Some(match name {
        "method" => Field::Method,
        "uri" | "url" | "target" | "resource" => Field::Url,
        "host" => Field::Host,
        "code" => Field::Status,
        "error" => Field::ErrorMessage,
        "ts" | "date_iso_8601" => Field::Time(TimeForm::Any),
        "date_common_log" => Field::Time(TimeForm::Clf),
        "req_body" => Field::RequestBody,
        "res_body" => Field::ResponseBody,
        "hostname" | "version" | "req_version" | "res_version" | "phrase" | "request"
        | "response" | "req_headers" | "res_headers" => Field::Skip,
        _ => {
            let request = name.strip_prefix("req_header_").map(request_header);
            return request.or_else(|| name.strip_prefix("res_header_").map(response_header));
        }
    })
}

fn request_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "host" => Field::Host,
        "user-agent" => Field::Client,
        "x-request-id" => Field::RequestId,
        "idempotency-key" => Field::IdempotencyKey,
        name => Field::RequestHeader(name.into()),
    }
}

fn response_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "content-length" => Field::ResponseBytes,
        "request-id" | "x-request-id" => Field::VendorRequestId,
        name => Field::ResponseHeader(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::Parsed;

    #[track_caller]
    fn parse_one(compiled: Compiled, line: &'static str) -> Exchange<'static> {
        let parser = compiled.expect("compiles");
        let mut out = Vec::new();
        assert!(
            matches!(parser.parse(line, &mut out), Parsed::Record(_)),
            "{line}"
        );
        out.pop().expect("an exchange")
    }

    #[test]
    fn morgan_with_headers_of_its_own() {
        let format =
            ":date[iso] :req[host] :method :url :status ra=:res[retry-after] :response-time[1]ms";
        let got = parse_one(
            compile_morgan(format, &Options::default()),
            "2026-11-22T03:54:16.899Z hooks.acme.example POST /hook?a=1 429 ra=5 12.1ms",
        );
        assert_eq!(
            (got.host.as_ref(), got.status, got.duration_ms),
            ("hooks.acme.example", Some(429), Some(12.1))
        );
        assert_eq!(got.response_headers[0].1, "5");
    }

    #[test]
    fn guzzle_without_an_answer() {
        let format = r#"{hostname} {req_header_User-Agent} - [{date_common_log}] \"{method} {target} HTTP/{version}\" {code} {res_header_Content-Length}"#;
        let got = parse_one(
            compile_guzzle(format, &Options::default()),
            r#"web-1 GuzzleHttp/7 - [22/Nov/2026:03:51:46 +0000] "GET /v1/x HTTP/1.1" NULL NULL"#,
        );
        assert_eq!((got.path.as_ref(), got.status), ("/v1/x", None));
        assert_eq!(got.client.as_deref(), Some("GuzzleHttp/7"));
    }
}
