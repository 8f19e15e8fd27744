//! Apache httpd: from a `LogFormat` string to a parser.
//!
//! Directives follow the documentation of mod_log_config.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::hop::Told;
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const NAME: &str = "apache";

/// Compiles `LogFormat "…" nickname` or just the string.
pub fn compile(text: &str, options: &Options) -> Result<Box<dyn LineParser>, TemplateError> {
    let format = unwrap_directive(text)?;
    let mut pieces = pieces(&format)?;
    let is_end = |name: &str| name.starts_with("%{end:");
    let is_begin = |(piece, name): &(Piece, String)| {
        matches!(piece, Piece::Value(Field::Time(_))) && !is_end(name)
    };
    let begins = pieces.iter().any(is_begin);
    if begins {
        // Of two times the later one of the line would win, whichever that is.
        for (piece, _) in pieces.iter_mut().filter(|(_, name)| is_end(name)) {
            *piece = Piece::Value(Field::Skip);
        }
    }
    let ends = !begins && format.contains("{end:");
    let dialect = Dialect::new(NAME, if ends { TsKind::End } else { TsKind::Start });
    Ok(Box::new(Template::new(&dialect, pieces, options)?))
}

fn pieces(format: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal.push_str(&rest[..at]);
        if let Some(after) = rest[at..].strip_prefix("%%") {
            literal.push('%');
            rest = after;
            continue;
        }
        if !literal.is_empty() {
            pieces.push((Piece::Literal(std::mem::take(&mut literal)), String::new()));
        }
        let (found, name, after) = directive(&rest[at..], format.contains("%>s"))?;
        for piece in found {
            push_piece(&mut pieces, piece, name);
        }
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal), String::new()));
    }
    Ok(pieces)
}

/// `%U%q` stand together because the query brings its own question mark: one value.
fn push_piece(pieces: &mut Vec<(Piece, String)>, piece: Piece, name: &str) {
    if let (Some((Piece::Value(last), _)), Piece::Value(Field::Query)) = (pieces.last_mut(), &piece)
        && *last == Field::Path
    {
        *last = Field::Url;
        return;
    }
    pieces.push((piece, name.to_owned()));
}

/// Reads one `%…x`: conditions (`!200,304`), `<` or `>`, `{argument}` and the letter.
fn directive(
    text: &str,
    final_status_told: bool,
) -> Result<(Vec<Piece>, &str, &str), TemplateError> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while bytes
        .get(at)
        .is_some_and(|b| b.is_ascii_digit() || matches!(b, b'!' | b',' | b'<' | b'>'))
    {
        at += 1;
    }
    let mut argument = "";
    if bytes.get(at) == Some(&b'{') {
        let close = text[at..]
            .find('}')
            .ok_or_else(|| malformed(text, "the closing brace is missing"))?;
        argument = &text[at + 1..at + close];
        at += close + 1;
    }
    let letter = text[at..]
        .chars()
        .next()
        .ok_or_else(|| malformed(text, "it ends too early"))?;
    // Trailers and first bytes are named with three: `^ti`, `^to`, `^FU`, `^FB`.
    let rest = &text[at + letter.len_utf8()..];
    let triple = ["ti", "to", "FU", "FB"]
        .iter()
        .any(|more| rest.starts_with(more));
    if letter == '^' && !triple {
        return Err(TemplateError::Unknown(text[..=at].to_owned()));
    }
    let end = at + letter.len_utf8() + if letter == '^' { 2 } else { 0 };
    let (name, after) = (&text[..end], &text[end..]);
    let first = text[1..at].contains('<') || (final_status_told && !text[1..at].contains('>'));
    let fields =
        lookup(letter, argument, first).ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
    Ok((fields, name, after))
}

fn malformed(text: &str, what: &'static str) -> TemplateError {
    TemplateError::Malformed {
        name: text.chars().take(20).collect(),
        what,
    }
}

fn lookup(letter: char, argument: &str, first: bool) -> Option<Vec<Piece>> {
    let field = match (letter, argument) {
        ('h' | 'a', _) => Field::ClientAddress,
        ('u', _) => Field::User,
        ('t', "") => return Some(bracketed_time()),
        ('t', format) => time_field(format)?,
        ('r', _) => Field::RequestLine,
        ('m', _) => Field::Method,
        ('U', _) => Field::Path,
        ('q', _) => Field::Query,
        ('X', _) => Field::Told(Told::ApacheConnection),
        ('s', _) if first => Field::Skip,
        ('s', _) => Field::Status,
        ('b' | 'B' | 'O', _) => Field::ResponseBytes,
        ('I', _) => Field::RequestBytes,
        ('D', _) | ('T', "us") => Field::Duration(Unit::Micros),
        ('T', "ms") => Field::Duration(Unit::Millis),
        ('T', _) => Field::Duration(Unit::Seconds),
        ('v' | 'V', _) => Field::ServerName,
        ('i', name) => request_header(name),
        ('o', name) => response_header(name),
        ('e', "UNIQUE_ID") | ('L', _) => Field::RequestId,
        (
            'l' | 'H' | 'f' | 'k' | 'p' | 'P' | 'R' | 'S' | 'n' | 'C' | 'e' | 'A' | 'c' | 'x' | '^',
            _,
        ) => Field::Skip,
        _ => return None,
    };
    Some(vec![Piece::Value(field)])
}

/// `%t` brings its own brackets.
fn bracketed_time() -> Vec<Piece> {
    vec![
        Piece::Literal("[".to_owned()),
        Piece::Value(Field::Time(TimeForm::Clf)),
        Piece::Literal("]".to_owned()),
    ]
}

fn time_field(format: &str) -> Option<Field> {
    let format = format
        .strip_prefix("begin:")
        .or_else(|| format.strip_prefix("end:"))
        .unwrap_or(format);
    Some(Field::Time(match format {
        "sec" | "msec" | "usec" => TimeForm::Any,
        "msec_frac" => TimeForm::Fraction(3),
        "usec_frac" => TimeForm::Fraction(6),
        "%z" => TimeForm::Offset,
        "%s" => TimeForm::Any,
        "%d/%b/%Y:%H:%M:%S %z" => TimeForm::Clf,
        pattern => TimeForm::Strftime(pattern.into()),
    }))
}

fn request_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "host" => Field::Host,
        "user-agent" => Field::Client,
        "referer" => Field::Skip,
        "x-forwarded-for" => Field::ClientAddress,
        "idempotency-key" => Field::IdempotencyKey,
        "x-request-id" => Field::RequestId,
        _ => Field::RequestHeader(name.into()),
    }
}

fn response_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "request-id" | "x-request-id" => Field::VendorRequestId,
        _ => Field::ResponseHeader(name.into()),
    }
}

/// The pattern of Tomcat's access log valve as it stands in XML. Its letters are Apache's but for some: `%I` is a thread,
/// `%F` another time, and `%D` counts in milliseconds or microseconds by release, so it is read over.
fn unwrap_valve(pattern: &str) -> String {
    let inner = pattern.trim_start_matches('"');
    let inner = inner.split('"').next().unwrap_or(inner);
    ["%D", "%I", "%F"]
        .iter()
        .fold(inner.replace("&quot;", "\""), |text, letter| {
            text.replace(letter, "%{valve}n")
        })
}

fn unwrap_directive(text: &str) -> Result<String, TemplateError> {
    let text = text.trim();
    if let Some((_, pattern)) = text.split_once("pattern=") {
        return Ok(unwrap_valve(pattern));
    }
    let Some(rest) = text.strip_prefix("LogFormat") else {
        return Ok(text.replace("\\\"", "\"").replace("\\t", "\t"));
    };
    if rest.contains("\nLogFormat") {
        return Err(TemplateError::SeveralFormats);
    }
    let rest = rest.trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        return Err(malformed(rest, "the format must stand in quotes"));
    };
    let mut format = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(format),
            '\\' => match chars.next() {
                Some('t') => format.push('\t'),
                Some('n') => format.push('\n'),
                Some(other) => format.push(other),
                None => break,
            },
            c => format.push(c),
        }
    }
    Err(malformed(rest, "the closing quote is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::format::Parsed;

    const EGRESS: &str = r#"LogFormat "%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t %{Host}i \"%m %U%q %H\" %s/%>s %B %D us %{UNIQUE_ID}e ra=\"%{Retry-After}o\" rid=%{Request-Id}o conn=%X" egress"#;

    #[test]
    fn time_in_pieces_method_path_query_and_headers() {
        let parser = compile(EGRESS, &Options::default()).expect("compiles");
        let line = r#"2026-11-22T03:52:08.399+0000 mcabc.rest.marketingcloudapis.com "GET /a/name:Email?x=1 HTTP/1.1" 429/429 92 3372 us awJm6D6RVeGnJ0DhxvoraAAAAAI ra="2" rid=- conn=-"#;
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME));
        let got = &out[0];
        assert_eq!(
            got.ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:52:08.399Z")
        );
        assert_eq!(
            (got.status, got.path.as_ref(), got.query.as_deref()),
            (Some(429), "/a/name:Email", Some("x=1"))
        );
        assert_eq!(got.duration_ms, Some(3.372));
        assert_eq!(
            got.request_id.as_deref(),
            Some("awJm6D6RVeGnJ0DhxvoraAAAAAI")
        );
        assert_eq!(got.vendor_request_id, None);
    }

    #[track_caller]
    fn one(format: &str, line: &'static str) -> crate::model::exchange::Exchange<'static> {
        let parser = compile(format, &Options::default()).expect(format);
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        out.remove(0)
    }

    #[test]
    fn of_begin_and_end_the_begin_counts() {
        let begin = "2026-11-22T03:51:46.069Z";
        for (format, line, ts, kind) in [
            (
                r#"%{begin:msec}t %{end:msec}t "%r" %>s"#,
                r#"1795319506069 1795319507069 "GET /p HTTP/1.1" 200"#,
                begin,
                TsKind::Start,
            ),
            (
                r#"%{end:%Y-%m-%d %T}t [%{%d/%b/%Y:%H:%M:%S}t.%{msec_frac}t] "%r" %>s"#,
                r#"2026-11-22 03:51:47 [22/Nov/2026:03:51:46.069] "GET /p HTTP/1.1" 200"#,
                begin,
                TsKind::Start,
            ),
            (
                r#"%{end:msec}t "%r" %>s"#,
                r#"1795319506069 "GET /p HTTP/1.1" 200"#,
                begin,
                TsKind::End,
            ),
        ] {
            let got = one(format, line);
            let told = got.ts.map(|t| t.to_string());
            assert_eq!((told.as_deref(), got.ts_kind), (Some(ts), kind), "{format}");
        }
    }

    #[test]
    fn an_aborted_connection_is_the_callers_doing() {
        use crate::model::exchange::Outcome::{ClientGone, NoResponse};
        for (line, outcome) in [
            (r#""GET /p HTTP/1.1" 502 X"#, ClientGone),
            (r#""GET /p HTTP/1.1" 502 +"#, NoResponse),
            (r#""GET /p HTTP/1.1" 502 -"#, NoResponse),
        ] {
            assert_eq!(one(r#""%r" %>s %X"#, line).outcome, outcome, "{line}");
        }
    }

    #[test]
    fn times_in_pieces_of_all_kinds() {
        for (format, time) in [
            (
                "%{%Y-%m-%d}t %{%H:%M:%S}t.%{msec_frac}t",
                "2026-11-22 03:51:46.069",
            ),
            (
                "%{%H:%M:%S}t.%{usec_frac}t on %{%d.%m.%y}t",
                "03:51:46.069000 on 22.11.26",
            ),
            ("%{sec}t.%{msec_frac}t", "1795319506.069"),
            ("%{msec}t", "1795319506069"),
            (
                "[%{%d/%b/%Y:%H:%M:%S}t.%{msec_frac}t %{%z}t]",
                "[22/Nov/2026:04:51:46.069 +0100]",
            ),
        ] {
            let format = format!("{format} %{{SSL_PROTOCOL}}x %>s");
            let parser = compile(&format, &Options::default()).expect(&format);
            let line = format!("{time} TLSv1.3 200");
            let mut out = Vec::new();
            assert_eq!(
                parser.parse(&line, &mut out),
                Parsed::Record(NAME),
                "{line}"
            );
            assert_eq!(
                out[0].ts.map(|t| t.to_string()).as_deref(),
                Some("2026-11-22T03:51:46.069Z"),
                "{format}"
            );
        }
    }

    #[test]
    fn a_valve_of_tomcat_is_read() {
        let valve = r#"pattern="%h %l %u %t &quot;%r&quot; %s %b %D %I""#;
        let parser = compile(valve, &Options::default()).expect("compiles");
        let line = r#"10.0.0.1 - - [22/Nov/2026:03:51:46 +0000] "GET /a HTTP/1.1" 503 12 41 http-nio-8080-exec-1"#;
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME));
        assert_eq!((out[0].status, out[0].duration_ms), (Some(503), None));
    }

    #[test]
    fn the_shipped_nicknames_compile() {
        for format in [
            r#"%h %l %u %t "%r" %>s %b"#,
            r#"LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined"#,
            r#"%!200,304{X-Trace}i %{ms}T %>s %%"#,
            r#"%{X-Sum}^ti %^FB %{SSL_CIPHER}x %>s"#,
        ] {
            compile(format, &Options::default()).expect(format);
        }
        for format in ["%h %y %s", "%s %^", "%s %^é", "%s %{x"] {
            assert!(compile(format, &Options::default()).is_err(), "{format}");
        }
    }
}
