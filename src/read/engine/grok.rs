//! Grok expressions (`%{NAME:field}`) to regular expressions.
//!
//! The names are those that log shippers share; the expressions behind them are written for this engine, which has no
//! look-around.

use crate::read::engine::template::TemplateError;

/// Names inside names; the shared ones stay under five.
const DEPTH_MAX: usize = 8;

/// A whole expression.
const LENGTH_MAX: usize = 64 << 10;

/// An expression and what its groups are called: group `gN` is the Nth name.
#[derive(Debug, Default)]
pub struct Expanded {
    pub regex: String,
    pub names: Vec<String>,
}

/// Whether a text is meant as grok and not as an Apache format, whose directives begin alike.
pub fn is_grok(text: &str) -> bool {
    let mut references = text.match_indices("%{");
    references.any(|(at, _)| {
        let inner = text[at + 2..].split('}').next().unwrap_or_default();
        let (name, field) = inner.split_once(':').unwrap_or((inner, ""));
        let upper = name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        upper && !name.is_empty() && (!field.is_empty() || find(name).is_some())
    })
}

pub fn expand(text: &str) -> Result<Expanded, TemplateError> {
    let mut expanded = Expanded::default();
    expand_into(text, &mut expanded, 0)?;
    Ok(expanded)
}

fn expand_into(text: &str, out: &mut Expanded, depth: usize) -> Result<(), TemplateError> {
    if depth > DEPTH_MAX || out.regex.len() > LENGTH_MAX {
        return Err(TemplateError::BadPattern("it is too long".to_owned()));
    }
    let mut rest = text;
    while let Some(at) = rest.find("%{") {
        out.regex.push_str(&rest[..at]);
        let (inner, after) =
            rest[at + 2..]
                .split_once('}')
                .ok_or_else(|| TemplateError::Malformed {
                    name: "%{".to_owned(),
                    what: "the closing brace is missing",
                })?;
        reference(inner, out, depth)?;
        rest = after;
    }
    out.regex.push_str(rest);
    Ok(())
}

/// `NAME`, `NAME:field` or `NAME:field:type`; a field may be written `[http][request][method]`.
fn reference(inner: &str, out: &mut Expanded, depth: usize) -> Result<(), TemplateError> {
    let mut parts = inner.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let pattern = find(name).ok_or_else(|| TemplateError::UnknownPattern(name.to_owned()))?;
    match parts.next().filter(|field| !field.is_empty()) {
        Some(field) => {
            out.regex.push_str(&format!("(?P<g{}>", out.names.len()));
            out.names.push(plain_name(field));
        }
        None => out.regex.push_str("(?:"),
    }
    expand_into(pattern, out, depth + 1)?;
    out.regex.push(')');
    Ok(())
}

fn plain_name(field: &str) -> String {
    match field.starts_with('[') {
        true => field.replace("][", ".").replace(['[', ']'], ""),
        false => field.to_owned(),
    }
}

fn find(name: &str) -> Option<&'static str> {
    PATTERNS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, pattern)| *pattern)
}

const PATTERNS: &[(&str, &str)] = &[
    ("WORD", r"\b\w+\b"),
    ("NOTSPACE", r"\S+"),
    ("SPACE", r"\s*"),
    ("DATA", r".*?"),
    ("GREEDYDATA", r".*"),
    ("INT", r"[+-]?[0-9]+"),
    ("POSINT", r"\b[1-9][0-9]*\b"),
    ("NONNEGINT", r"\b[0-9]+\b"),
    ("NUMBER", r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    ("BASE10NUM", r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    ("BASE16NUM", r"[+-]?(?:0x)?[0-9A-Fa-f]+"),
    ("QUOTEDSTRING", r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#),
    ("QS", "%{QUOTEDSTRING}"),
    (
        "UUID",
        r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    ),
    ("IPV4", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"),
    ("IPV6", r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?"),
    ("IP", "%{IPV6}|%{IPV4}"),
    (
        "HOSTNAME",
        r"[0-9A-Za-z][0-9A-Za-z_-]*(?:\.[0-9A-Za-z][0-9A-Za-z_-]*)*\.?",
    ),
    ("HOST", "%{HOSTNAME}"),
    ("IPORHOST", "%{IP}|%{HOSTNAME}"),
    ("HOSTPORT", "(?:%{IPORHOST}):%{POSINT}"),
    ("USERNAME", r"[a-zA-Z0-9._-]+"),
    ("USER", "%{USERNAME}"),
    ("EMAILLOCALPART", r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]+"),
    ("EMAILADDRESS", "%{EMAILLOCALPART}@%{HOSTNAME}"),
    ("HTTPDUSER", r"[a-zA-Z0-9._@+-]+"),
    ("PATH", r"(?:/[^/\s]*)+|[A-Za-z]+:(?:\\[^\\?*]*)+"),
    ("UNIXPATH", r"(?:/[^/\s]*)+"),
    ("URIPROTO", r"[A-Za-z][A-Za-z0-9+.-]*"),
    ("URIHOST", "(?:%{IPORHOST})(?::%{POSINT})?"),
    ("URIPATH", r"/[^\s?#]*"),
    ("URIQUERY", r"[^\s#]*"),
    ("URIPARAM", r"\?[^\s#]*"),
    ("URIPATHPARAM", "%{URIPATH}(?:%{URIPARAM})?"),
    (
        "URI",
        r"%{URIPROTO}://(?:[^\s/@]+@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
    ),
    ("YEAR", r"[0-9]{2}(?:[0-9]{2})?"),
    ("MONTH", r"\b[A-Z][a-z]{2,8}\b"),
    ("MONTHNUM", r"0?[1-9]|1[0-2]"),
    ("MONTHDAY", r"0[1-9]|[12][0-9]|3[01]|[1-9]"),
    ("DAY", r"\b[A-Z][a-z]{2,8}\b"),
    ("HOUR", r"2[0-3]|[01]?[0-9]"),
    ("MINUTE", r"[0-5][0-9]"),
    ("SECOND", r"(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?"),
    ("TIME", "(?:%{HOUR}):%{MINUTE}(?::%{SECOND})?"),
    ("DATE_US", "(?:%{MONTHNUM})[/-](?:%{MONTHDAY})[/-]%{YEAR}"),
    ("DATE_EU", "(?:%{MONTHDAY})[./-](?:%{MONTHNUM})[./-]%{YEAR}"),
    ("DATE", "%{DATE_US}|%{DATE_EU}"),
    ("ISO8601_TIMEZONE", r"Z|[+-][0-9]{2}:?(?:[0-9]{2})?"),
    (
        "TIMESTAMP_ISO8601",
        "%{YEAR}-(?:%{MONTHNUM})-(?:%{MONTHDAY})[T ](?:%{HOUR}):?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?",
    ),
    ("DATESTAMP", "(?:%{DATE})[- ]%{TIME}"),
    (
        "HTTPDATE",
        "(?:%{MONTHDAY})/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
    ),
    ("SYSLOGTIMESTAMP", "%{MONTH} +(?:%{MONTHDAY}) %{TIME}"),
    ("TZ", r"[A-Z]{3,4}"),
    ("PROG", r"[^\s\[\]]+"),
    ("SYSLOGPROG", r"%{PROG:_program}(?:\[%{POSINT:_pid}\])?"),
    ("LOGLEVEL", r"[A-Za-z]{4,11}"),
    (
        "JAVACLASS",
        r"(?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*",
    ),
    (
        "HTTPD_COMMONLOG",
        r#"%{IPORHOST:clientip} %{HTTPDUSER:_ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:_httpversion})?|%{DATA:_rawrequest})" (?:-|%{NUMBER:response}) (?:-|%{NUMBER:bytes})"#,
    ),
    (
        "HTTPD_COMBINEDLOG",
        "%{HTTPD_COMMONLOG} %{QS:_referrer} %{QS:agent}",
    ),
    ("COMMONAPACHELOG", "%{HTTPD_COMMONLOG}"),
    ("COMBINEDAPACHELOG", "%{HTTPD_COMBINEDLOG}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_an_expression_by_itself() {
        for (name, _) in PATTERNS {
            let expanded = expand(&format!("%{{{name}:x}}")).expect(name);
            assert!(regex::Regex::new(&expanded.regex).is_ok(), "{name}");
        }
    }

    #[test]
    fn apache_formats_are_not_grok() {
        for (text, expected) in [
            ("%{COMBINEDAPACHELOG}", true),
            ("%{IP:client} %{NUMBER:[http][status]:int}", true),
            (r#"%h %l %u %t "%r" %>s %b "%{Referer}i""#, false),
            ("%{end:msec}t %{UNIQUE_ID}e %>s", false),
        ] {
            assert_eq!(is_grok(text), expected, "{text}");
        }
    }
}
