//! Squid: from a `logformat` string to a parser.
//!
//! Codes follow Squid's documentation of the directive.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::hop::Told;
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::{LineParser, Options};

pub const NAME: &str = "squid";

/// Compiles `logformat NAME …` or just the string.
pub fn compile(text: &str, options: &Options) -> Result<Box<dyn LineParser>, TemplateError> {
    let dialect = Dialect {
        // Quotes and backslashes of headers are written as they are.
        escaped: false,
        // Caches ask each other by a protocol of their own.
        is_connection: |draft| draft.is_tunnel() || draft.exchange.method == "ICP_QUERY",
        ..Dialect::new(NAME, TsKind::End)
    };
    let pieces = pieces(unwrap_directive(text))?;
    Ok(Box::new(Template::new(&dialect, pieces, options)?))
}

fn unwrap_directive(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix("logformat") {
        Some(rest) => rest
            .trim_start()
            .split_once(char::is_whitespace)
            .map_or("", |(_, format)| format.trim()),
        None => text,
    }
}

fn pieces(format: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces: Vec<(Piece, String)> = Vec::new();
    let mut literal = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal.push_str(&rest[..at]);
        if let Some(after) = rest[at..].strip_prefix("%%") {
            literal.push('%');
            rest = after;
            continue;
        }
        // The one code that is written for three, because a target may hold spaces.
        let line = ["%rm %ru HTTP/%rv", "%>rm %>ru HTTP/%>rv"]
            .into_iter()
            .find_map(|line| rest[at..].strip_prefix(line));
        let code = match line {
            Some(after) => Code::request_line(after),
            None => code(&rest[at..])?,
        };
        rest = code.after;
        push(&mut pieces, &mut literal, code);
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal), String::new()));
    }
    Ok(pieces)
}

/// `%ts.%03tu` is one value: seconds with their fraction.
fn push(pieces: &mut Vec<(Piece, String)>, literal: &mut String, code: Code<'_>) {
    if code.letters == "tu"
        && literal == "."
        && let Some((Piece::Value(seconds), _)) = pieces.last_mut()
        && *seconds == Field::Time(TimeForm::Any)
    {
        *seconds = Field::Time(TimeForm::Epoch);
        literal.clear();
        return;
    }
    if !literal.is_empty() {
        pieces.push((Piece::Literal(std::mem::take(literal)), String::new()));
    }
    let piece = if code.padded {
        Piece::Padded(code.field)
    } else {
        Piece::Value(code.field)
    };
    pieces.push((piece, format!("%{}", code.letters)));
}

struct Code<'f> {
    letters: &'f str,
    field: Field,
    padded: bool,
    after: &'f str,
}

impl<'f> Code<'f> {
    fn request_line(after: &'f str) -> Self {
        Self {
            letters: "rm %ru HTTP/%rv",
            field: Field::RequestLine,
            padded: false,
            after,
        }
    }
}

/// Reads one `%…`: quoting, alignment, width, argument, name space, code, argument.
fn code(text: &str) -> Result<Code<'_>, TemplateError> {
    let rest = text[1..].trim_start_matches(['"', '[', '#', '/', '\'']);
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let width = rest.len()
        - rest
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len();
    let (width, rest) = rest.split_at(width);
    let (before, rest) = argument(rest)?;
    let spaced = [
        "ssl::",
        "tls::",
        "http::",
        "adapt::",
        "icap::",
        "transport::",
        "proxy_protocol::",
    ]
    .into_iter()
    .find_map(|space| rest.strip_prefix(space))
    .unwrap_or(rest);
    let mark = usize::from(spaced.starts_with(['<', '>']));
    let end = spaced[mark..]
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '_'))
        .map_or(spaced.len(), |end| end + mark);
    let (letters, rest) = spaced.split_at(end);
    let (behind, after) = argument(rest)?;
    let given = if before.is_empty() { behind } else { before };
    let field =
        lookup(letters, given).ok_or_else(|| TemplateError::Unknown(format!("%{letters}")))?;
    let padded = !width.is_empty() && !width.starts_with(['0', '.']);
    Ok(Code {
        letters,
        field,
        padded,
        after,
    })
}

fn argument(text: &str) -> Result<(&str, &str), TemplateError> {
    let Some(inner) = text.strip_prefix('{') else {
        return Ok(("", text));
    };
    inner
        .split_once('}')
        .ok_or_else(|| TemplateError::Malformed {
            name: text.chars().take(20).collect(),
            what: "the closing brace is missing",
        })
}

fn lookup(code: &str, argument: &str) -> Option<Field> {
    Some(match code {
        "ts" => Field::Time(TimeForm::Any),
        "tu" => Field::Time(TimeForm::Fraction(3)),
        "tl" | "tg" if argument.is_empty() => Field::Time(TimeForm::Clf),
        "tl" | "tg" => Field::Time(TimeForm::Strftime(argument.into())),
        "tr" => Field::Duration(Unit::Millis),
        "<tt" | "<pt" => Field::VendorDuration(Unit::Millis),
        ">a" | ">A" => Field::ClientAddress,
        "un" | "ul" | "ui" | "us" | "ue" => Field::User,
        "rm" | ">rm" | "<rm" => Field::Method,
        "ru" | ">ru" | "<ru" => Field::Url,
        "rp" | ">rp" => Field::Path,
        ">rd" | "<rd" | "rd" => Field::Host,
        ">Hs" | "Hs" => Field::Status,
        "<Hs" => Field::UpstreamStatus,
        "<st" => Field::ResponseBytes,
        ">st" => Field::RequestBytes,
        "Ss" => Field::Told(Told::SquidResult),
        "Sh" => Field::Told(Told::SquidHierarchy),
        "err_code" => Field::Told(Told::OwnError),
        ">sni" => Field::ServerName,
        ">h" | ">ha" => request_header(argument),
        "<h" => response_header(argument),
        _ => return read_over(code),
    })
}

fn read_over(code: &str) -> Option<Field> {
    const CODES: &[&str] = &[
        "sn",
        "err_detail",
        ">p",
        ">eui",
        ">la",
        ">lp",
        "la",
        "lp",
        ">nfmark",
        "<nfmark",
        "<a",
        "<A",
        "<p",
        "<la",
        "<lp",
        "tS",
        "dt",
        "busy_time",
        "credentials",
        "et",
        "ea",
        "note",
        "mt",
        "rs",
        ">rs",
        "<rs",
        "rv",
        ">rv",
        "<rv",
        ">rP",
        "<rP",
        "rP",
        ">rp",
        "<rp",
        ">sh",
        "<sh",
        "st",
        "<bs",
        "<sS",
        "<sH",
        "tt",
        ">qos",
        "<qos",
        "bump_mode",
        ">cert_subject",
        ">cert_issuer",
        "<cert_subject",
        "<cert_issuer",
        "<cert_errors",
        ">negotiated_version",
        "<negotiated_version",
        ">received_hello_version",
        "<received_hello_version",
        ">negotiated_cipher",
        "<negotiated_cipher",
        "master_xaction",
        "ha",
        "all_trs",
        "sum_trs",
        "vh",
    ];
    CODES.contains(&code).then_some(Field::Skip)
}

fn request_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "" | "referer" => Field::Skip,
        "host" => Field::Host,
        "user-agent" => Field::Client,
        "x-forwarded-for" => Field::ClientAddress,
        name => Field::RequestHeader(name.into()),
    }
}

fn response_header(name: &str) -> Field {
    match name.to_ascii_lowercase().as_str() {
        "" => Field::Skip,
        "request-id" | "x-request-id" => Field::VendorRequestId,
        name => Field::ResponseHeader(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::Parsed;
    use crate::read::skip::Ignored;

    #[track_caller]
    fn parse_one(format: &str, line: &'static str) -> Exchange<'static> {
        let parser = compile(format, &Options::default()).expect(format);
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(NAME), "{line}");
        out.pop().expect("an exchange")
    }

    const BUMPED: &str = r#"logformat out %ts.%03tu %6tr %>a %Ss/%03>Hs %<Hs %<st %rm %ru %ssl::>sni %err_code "%{Retry-After}<h" %<tt"#;

    #[test]
    fn a_pasted_directive_reads_its_own_lines() {
        let got = parse_one(
            BUMPED,
            r#"1795319556.151     17 127.0.0.1 TCP_MISS/429 429 406 POST https://api.stripe.com/v1/charges api.stripe.com - "2" 15"#,
        );
        assert_eq!(
            (got.host.as_ref(), got.path.as_ref(), got.status),
            ("api.stripe.com", "/v1/charges", Some(429))
        );
        assert_eq!(
            got.ts.map(|t| t.to_string()).as_deref(),
            Some("2026-11-22T03:52:36.151Z")
        );
        assert_eq!(got.duration_ms, Some(15.0));
    }

    #[test]
    fn a_tunnel_is_no_exchange() {
        let parser = compile(BUMPED, &Options::default()).expect("compiles");
        let line = r#"1795319556.151   1700 127.0.0.1 TCP_TUNNEL/200 - 40600 CONNECT api.stripe.com:443 api.stripe.com - "-" -"#;
        assert_eq!(
            parser.parse(line, &mut Vec::new()),
            Parsed::Ignored(Ignored::Connection)
        );
    }

    #[test]
    fn a_question_between_caches_is_no_exchange() {
        let parser = compile(
            "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru",
            &Options::default(),
        );
        let line = "1795319556.151      0 10.0.0.2 UDP_MISS/000 60 ICP_QUERY http://a.example/";
        assert_eq!(
            parser.expect("compiles").parse(line, &mut Vec::new()),
            Parsed::Ignored(Ignored::Connection)
        );
    }

    #[test]
    fn faults_of_the_format_are_named() {
        for (format, part) in [
            ("%>Hs %zz", "%zz"),
            ("%>Hs %{Host>h", "closing brace"),
            ("%ts %>a", "neither a status nor a request"),
        ] {
            let error = compile(format, &Options::default()).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(part), "{format}: {text}");
        }
    }
}
