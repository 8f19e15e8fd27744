//! HAProxy: from a `log-format` string to a parser.
//!
//! Variables follow the chapter on custom log formats of HAProxy's configuration manual.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::hop::Told;
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const NAME: &str = "haproxy";

/// `option httplog`; the names of 1.5 stand in the same places.
pub const HTTP: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";

/// What `option httpslog` writes behind it.
pub const TLS: &str = " %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

/// Compiles `log-format "…"`, just the string, or a part of the configuration: there, `capture … header NAME` names what
/// stands in the braces, and without a `log-format` the format is the one of `option httplog`.
pub fn compile(text: &str, options: &Options) -> Result<Box<dyn LineParser>, TemplateError> {
    let dialect = Dialect {
        escaped: false,
        cut: true,
        ..Dialect::new(NAME, TsKind::Start)
    };
    let pieces = pieces(&unwrap_directive(&format_of(text)))?;
    let pieces = join_endpoints(name_captures(pieces, text));
    Ok(Box::new(Template::new(&dialect, pieces, options)?))
}

/// The format in a part of a configuration.
fn format_of(text: &str) -> String {
    let lines = || text.lines().map(str::trim);
    if let Some(line) = lines().find(|line| line.starts_with("log-format")) {
        return line.to_owned();
    }
    let says = |start: &str| lines().any(|line| line.starts_with(start));
    if says("option httpslog") {
        return format!("{HTTP}{TLS}");
    }
    if says("option httplog") || says("capture re") {
        return HTTP.to_owned();
    }
    text.to_owned()
}

/// Gives the captures the names that the configuration has for them.
fn name_captures(mut pieces: Vec<(Piece, String)>, text: &str) -> Vec<(Piece, String)> {
    for (alias, side) in [("%hr", "request"), ("%hs", "response")] {
        let fields: Vec<Field> = captured_headers(text, side)
            .map(|name| captured_field(name, side))
            .collect();
        if fields.is_empty() {
            continue;
        }
        if let Some((piece, _)) = pieces.iter_mut().find(|(_, name)| name == alias) {
            *piece = Piece::Braced(Field::List(fields.into()));
        }
    }
    pieces
}

/// Of `capture request header NAME len 64`, in the order of the configuration.
fn captured_headers<'t>(text: &'t str, side: &'static str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let mut words = line.split_whitespace();
        let told = [words.next()?, words.next()?, words.next()?];
        (told == ["capture", side, "header"]).then(|| words.next())?
    })
}

fn captured_field(name: &str, side: &str) -> Field {
    let name = name.to_ascii_lowercase();
    match (side, name.as_str()) {
        ("request", "host") => Field::Host,
        ("request", "user-agent") => Field::Client,
        ("request", "x-forwarded-for") => Field::ClientAddress,
        ("request", "x-request-id") => Field::RequestId,
        ("request", "idempotency-key") => Field::IdempotencyKey,
        ("request", _) => Field::RequestHeader(name.into()),
        (_, "x-request-id" | "request-id") => Field::VendorRequestId,
        _ => Field::ResponseHeader(name.into()),
    }
}

/// Takes the directive's name, quotes and escapes away.
fn unwrap_directive(text: &str) -> String {
    let mut text = text.trim();
    for name in ["error-log-format", "log-format"] {
        text = text.strip_prefix(name).map_or(text, str::trim_start);
    }
    let quoted = text.len() > 1
        && ((text.starts_with('"')
            && text.ends_with('"')
            && (text.contains("\\\"") || text.matches('"').count() == 2))
            || (text.starts_with('\'') && text.ends_with('\'')));
    if quoted {
        text = &text[1..text.len() - 1];
    }
    text.replace("\\ ", " ")
        .replace("\\\"", "\"")
        .replace("\\t", "\t")
}

/// What one `%…` says.
struct Variable<'f> {
    name: &'f str,
    piece: Option<Piece>,
    quoted: bool,
    after: &'f str,
}

fn pieces(format: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces: Vec<(Piece, String)> = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    let mut quote_all = false;
    while let Some(at) = rest.find('%') {
        literal.push_str(&rest[..at]);
        if let Some(after) = rest[at..].strip_prefix("%%") {
            literal.push('%');
            rest = after;
            continue;
        }
        let variable = variable(&rest[at..])?;
        rest = variable.after;
        let Some(piece) = variable.piece else {
            quote_all = variable.quoted;
            continue;
        };
        let quoted = variable.quoted || (quote_all && !is_number(&piece));
        if quoted {
            literal.push('"');
        }
        if !literal.is_empty() {
            pieces.push((Piece::Literal(std::mem::take(&mut literal)), String::new()));
        }
        pieces.push((piece, variable.name.to_owned()));
        if quoted {
            literal.push('"');
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal), String::new()));
    }
    Ok(pieces)
}

/// `%{+Q}o` quotes what is text.
fn is_number(piece: &Piece) -> bool {
    matches!(
        piece.field(),
        Some(
            Field::Status
                | Field::ResponseBytes
                | Field::RequestBytes
                | Field::Duration(_)
                | Field::Resends
                | Field::Time(_)
        )
    )
}

/// Reads `%name`, `%{flags}name`, `%[expression]`, `%{flags}[expression]`, and `%(label)…` of newer versions.
fn variable(text: &str) -> Result<Variable<'_>, TemplateError> {
    let mut at = 1;
    for (open, close) in [('(', ')'), ('{', '}')] {
        if text[at..].starts_with(open) {
            let end = text[at..]
                .find(close)
                .ok_or_else(|| malformed(text, "the closing bracket is missing"))?;
            at += end + 1;
        }
    }
    let quoted = text[..at].contains("+Q");
    if text[at..].starts_with('[') {
        let end = bracket_end(&text[at..])
            .ok_or_else(|| malformed(text, "the closing bracket is missing"))?;
        return Ok(Variable {
            name: &text[..at + end + 1],
            piece: Some(Piece::Value(expression(&text[at + 1..at + end]))),
            quoted,
            after: &text[at + end + 1..],
        });
    }
    let (alias, piece) = ALIASES
        .iter()
        .filter(|(alias, _)| text[at..].starts_with(alias))
        .max_by_key(|(alias, _)| alias.len())
        .ok_or_else(|| TemplateError::Unknown(text.chars().take(at + 3).collect()))?;
    let end = at + alias.len();
    if text[end..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(TemplateError::Unknown(text.chars().take(end + 1).collect()));
    }
    Ok(Variable {
        name: &text[..end],
        piece: piece.piece(),
        quoted,
        after: &text[end..],
    })
}

/// Where the bracket that opens at 0 closes; expressions may hold brackets.
fn bracket_end(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn malformed(text: &str, what: &'static str) -> TemplateError {
    TemplateError::Malformed {
        name: text.chars().take(20).collect(),
        what,
    }
}

/// What an alias stands for.
#[derive(Clone, Copy)]
enum Means {
    Clf,
    Seconds,
    Millis,
    Duration,
    Request,
    Method,
    Url,
    Path,
    Query,
    Status,
    Sent,
    Received,
    Retries,
    Id,
    Client,
    Told(Told),
    RequestCaptures,
    ResponseCaptures,
    Nothing,
    /// `%o` gives its flags to all that follow.
    Flags,
}

impl Means {
    fn piece(self) -> Option<Piece> {
        Some(Piece::Value(match self {
            Self::Clf => Field::Time(TimeForm::Clf),
            Self::Seconds => Field::Time(TimeForm::Any),
            Self::Millis => Field::Time(TimeForm::Fraction(3)),
            Self::Duration => Field::Duration(Unit::Millis),
            Self::Request => Field::RequestLine,
            Self::Method => Field::Method,
            Self::Url => Field::Url,
            Self::Path => Field::Path,
            Self::Query => Field::Query,
            Self::Status => Field::Status,
            Self::Sent => Field::ResponseBytes,
            Self::Received => Field::RequestBytes,
            Self::Retries => Field::Resends,
            Self::Id => Field::RequestId,
            Self::Client => Field::ClientAddress,
            Self::Told(told) => Field::Told(told),
            Self::RequestCaptures => return Some(Piece::Braced(Field::Told(Told::Captures))),
            Self::ResponseCaptures => return Some(Piece::Braced(Field::Skip)),
            Self::Nothing => Field::Word,
            Self::Flags => return None,
        }))
    }
}

const ALIASES: &[(&str, Means)] = &[
    ("o", Means::Flags),
    ("B", Means::Sent),
    ("U", Means::Received),
    ("CC", Means::Nothing),
    ("CS", Means::Nothing),
    ("H", Means::Nothing),
    ("HM", Means::Method),
    ("HP", Means::Path),
    ("HPO", Means::Path),
    ("HQ", Means::Query),
    ("HU", Means::Url),
    ("HV", Means::Nothing),
    ("ID", Means::Id),
    ("ST", Means::Status),
    ("T", Means::Clf),
    ("Tl", Means::Clf),
    ("Ts", Means::Seconds),
    ("t", Means::Clf),
    ("tr", Means::Clf),
    ("trg", Means::Clf),
    ("trl", Means::Clf),
    ("ms", Means::Millis),
    ("Ta", Means::Duration),
    ("Tt", Means::Duration),
    ("TR", Means::Nothing),
    ("Tc", Means::Nothing),
    ("Td", Means::Nothing),
    ("Th", Means::Nothing),
    ("Ti", Means::Nothing),
    ("Tq", Means::Nothing),
    ("Tr", Means::Nothing),
    ("Tu", Means::Nothing),
    ("Tw", Means::Nothing),
    ("ac", Means::Nothing),
    ("b", Means::Told(Told::Backend)),
    ("bc", Means::Nothing),
    ("bi", Means::Nothing),
    ("bp", Means::Nothing),
    ("bq", Means::Nothing),
    ("ci", Means::Client),
    ("cp", Means::Nothing),
    ("f", Means::Nothing),
    ("fc", Means::Nothing),
    ("fi", Means::Nothing),
    ("fp", Means::Nothing),
    ("ft", Means::Nothing),
    ("hr", Means::RequestCaptures),
    ("hrl", Means::Nothing),
    ("hs", Means::ResponseCaptures),
    ("hsl", Means::Nothing),
    ("lc", Means::Nothing),
    ("pid", Means::Nothing),
    ("r", Means::Request),
    ("rc", Means::Retries),
    ("rt", Means::Nothing),
    ("s", Means::Told(Told::HaproxyServer)),
    ("sc", Means::Nothing),
    ("si", Means::Nothing),
    ("sp", Means::Nothing),
    ("sq", Means::Nothing),
    ("sslc", Means::Nothing),
    ("sslv", Means::Nothing),
    ("ts", Means::Told(Told::HaproxyFlags)),
    ("tsc", Means::Told(Told::HaproxyFlags)),
];

/// What a sample expression gives, by the fetch it begins with.
fn expression(text: &str) -> Field {
    let (fetch, argument) = text.split_once('(').unwrap_or((text, ""));
    let argument = argument.split([')', ',']).next().unwrap_or_default();
    let fetch = fetch.split(',').next().unwrap_or(fetch);
    let header = argument.trim_matches(['"', '\'']).to_ascii_lowercase();
    match fetch.trim() {
        "req.hdr" | "req.fhdr" | "hdr" | "capture.req.hdr" | "var" if header.contains("host") => {
            Field::Host
        }
        "req.hdr" | "req.fhdr" | "hdr" if header == "user-agent" => Field::Client,
        "req.hdr" | "req.fhdr" | "hdr" => Field::RequestHeader(header.into()),
        "res.hdr" | "res.fhdr" => Field::ResponseHeader(header.into()),
        "capture.req.hdr" => Field::Told(Told::Captures),
        "capture.req.method" | "method" => Field::Method,
        "capture.req.uri" | "url" | "pathq" => Field::Url,
        "path" => Field::Path,
        "query" => Field::Query,
        "base" => Field::Address,
        "status" | "txn.status" => Field::Status,
        "src" => Field::ClientAddress,
        "unique-id" => Field::RequestId,
        "ssl_fc_sni" | "req.ssl_sni" => Field::ServerName,
        "be_name" => Field::Told(Told::Backend),
        "srv_name" => Field::Told(Told::HaproxyServer),
        name if name.starts_with("fc_") || name.starts_with("ssl_") => Field::Word,
        _ => Field::Skip,
    }
}

/// `%ci:%cp` is one value: an address of IPv6 has colons itself.
fn join_endpoints(pieces: Vec<(Piece, String)>) -> Vec<(Piece, String)> {
    let mut joined: Vec<(Piece, String)> = Vec::with_capacity(pieces.len());
    for (piece, name) in pieces {
        if name == "%cp"
            && let [.., (address, _), (Piece::Literal(colon), _)] = joined.as_mut_slice()
            && colon == ":"
            && address.field() == Some(&Field::ClientAddress)
        {
            *address = Piece::Value(Field::ClientEndpoint);
            joined.pop();
            continue;
        }
        joined.push((piece, name));
    }
    joined
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
    fn quotes_are_taken_off_in_pairs() {
        for (written, read) in [
            ("\"%ST %U\"", "%ST %U"),
            ("\"%ST\" %\u{9a}", "\"%ST\" %\u{9a}"),
            ("log-format \"%ST \\\"%r\\\"\"", "%ST \"%r\""),
            ("'%ST'", "%ST"),
        ] {
            assert_eq!(unwrap_directive(written), read);
        }
    }

    #[test]
    fn a_pasted_directive_reads_its_own_lines() {
        let got = parse_one(
            r#"log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %rc %{+Q}[req.hdr(Host)] %{+Q}[res.hdr(Retry-After)] %{+Q}r""#,
            r#"::1:41092 [22/Nov/2026:03:52:26.135] out~ be/a 0/4/1/7/+12 502 +209 SH-- +2 "api.stripe.com" "5" "GET /q?a="b" HTTP/1.1""#,
        );
        assert_eq!(
            (got.host.as_ref(), got.status),
            ("api.stripe.com", Some(502))
        );
        assert_eq!(got.client_address.as_deref(), Some("::1"));
        assert_eq!(
            (got.status_source, got.error_code.as_deref(), got.attempt),
            (StatusSource::Edge, Some("SH"), 3)
        );
        assert_eq!(
            (got.duration_ms, got.response_bytes),
            (Some(12.0), Some(209))
        );
        assert_eq!(got.query.as_deref(), Some("a=\"b\""));
    }

    #[test]
    fn escaped_spaces_methods_and_seconds() {
        let got = parse_one(
            r"log-format %Ts.%ms\ %HM\ %HU\ %HV\ %ST\ %Ta",
            "1795319506.069 POST /v1/a?x=1 HTTP/1.1 201 17",
        );
        assert_eq!(
            (got.method.as_ref(), got.path.as_ref(), got.status),
            ("POST", "/v1/a", Some(201))
        );
        assert_eq!(
            got.ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:51:46.069Z")
        );
    }

    #[test]
    fn captures_get_their_names_from_the_configuration() {
        let config = "option httplog\n  capture request header User-Agent len 64\n  capture request header Host len 64\n  capture response header Retry-After len 20";
        let got = parse_one(
            config,
            r#"127.0.0.1:41092 [22/Nov/2026:03:52:33.523] out be/a 0/0/0/9/9 429 225 - - ---- 3/3/2/0/0 0/0 {app 9.1|api.stripe.com} {5} "POST /v1/a HTTP/1.1""#,
        );
        assert_eq!(
            (got.client.as_deref(), got.host.as_ref()),
            (Some("app 9.1"), "api.stripe.com")
        );
        let retry_after = &got.response_headers[0];
        assert_eq!((&*retry_after.0, &*retry_after.1), ("retry-after", "5"));
        let bad = parse_one(
            config,
            r#"127.0.0.1:4 [22/Nov/2026:03:52:33.523] out out/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>""#,
        );
        assert_eq!((bad.status, bad.host.as_ref()), (Some(400), ""));
    }

    #[test]
    fn faults_of_the_format_are_named() {
        for (format, part) in [
            ("%ST %zz", "%zz"),
            ("%ST %[req.hdr(Host)", "closing bracket"),
            ("%ci %cp", "neither a status nor a request"),
        ] {
            let error = compile(format, &Options::default()).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(part), "{format}: {text}");
        }
    }
}
