//! What an error body says: codes, message, wait and ids, from JSON, XML, HTML or plain text.
//!
//! Bodies come as a log kept them: whole, cut off, or something else than their type says. A body that cannot be
//! parsed is searched for the same keys.

use serde_json::Value;

use crate::attribute::json_scan::find_scalar;
use crate::attribute::texts::head;
use crate::catalog::{ErrorPlaces, JsonPath};

/// More of a body is not looked at: errors are short.
const BODY_BYTES_MAX: usize = 256 * 1024;
const CODE_BYTES_MAX: usize = 96;
const MESSAGE_BYTES_MAX: usize = 1_024;
const PLAIN_BYTES_MAX: usize = 400;
const CODES_MAX: usize = 32;
const ELEMENTS_MAX: usize = 2_000;

/// A body that was looked into.
pub struct Body<'b> {
    pub text: &'b str,
    kind: Kind,
}

enum Kind {
    Json(Value),
    /// Began like JSON and could not be parsed: mostly cut off by the log.
    BrokenJson,
    Xml,
    Plain,
}

impl<'b> Body<'b> {
    pub fn read(text: &'b str) -> Self {
        let whole = text.len() <= BODY_BYTES_MAX;
        let text = head(text, BODY_BYTES_MAX)
            .trim_start_matches('\u{feff}')
            .trim();
        let kind = match text.as_bytes().first() {
            Some(b'{' | b'[') if whole => match serde_json::from_str(text) {
                Ok(value) => Kind::Json(value),
                Err(_) => Kind::BrokenJson,
            },
            Some(b'{' | b'[') => Kind::BrokenJson,
            Some(b'<') => Kind::Xml,
            _ => Kind::Plain,
        };
        Self { text, kind }
    }

    /// All codes at the places, the most telling first.
    pub fn codes(&self, places: &[ErrorPlaces], status: Option<u16>) -> Vec<String> {
        let mut codes = Vec::new();
        for place in places {
            for path in &place.code {
                self.visit(path, &mut |value| {
                    add_code(&mut codes, value, status);
                    codes.len() >= CODES_MAX
                });
            }
            if let Some(value) = self.xml_text(&place.xml_code) {
                add_code(&mut codes, value, status);
            }
        }
        codes
    }

    pub fn message(&self, places: &[ErrorPlaces]) -> Option<String> {
        let mut message = None;
        for place in places {
            for path in &place.message {
                let found = self.visit(path, &mut |value| {
                    let telling =
                        !value.trim().is_empty() && !value.bytes().all(|b| b.is_ascii_digit());
                    if telling {
                        message = Some(head(value.trim(), MESSAGE_BYTES_MAX).to_owned());
                    }
                    telling
                });
                if found {
                    return message;
                }
            }
            if let Some(value) = self.xml_text(&place.xml_message) {
                return Some(head(value, MESSAGE_BYTES_MAX).to_owned());
            }
        }
        self.plain_message()
    }

    /// The first value at the path, strings and numbers as text.
    pub fn scalar(&self, path: &JsonPath) -> Option<String> {
        let mut found = None;
        self.visit(path, &mut |value| {
            found = Some(value.to_owned());
            true
        });
        found.filter(|value| !value.is_empty())
    }

    /// The value at the path that is one of those.
    pub fn find(&self, path: &JsonPath, values: &[String]) -> Option<String> {
        let mut found = None;
        self.visit(path, &mut |value| {
            found = values.iter().find(|other| *other == value).cloned();
            found.is_some()
        });
        found
    }

    /// Calls `visit` with scalars as text until it answers `true`. Says whether it did.
    pub fn visit(&self, path: &JsonPath, visit: &mut dyn FnMut(&str) -> bool) -> bool {
        match &self.kind {
            Kind::Json(value) => path.visit(value, &mut |value| match value {
                Value::String(text) => visit(text),
                Value::Number(number) => visit(&number.to_string()),
                Value::Bool(flag) => visit(if *flag { "true" } else { "false" }),
                _ => false,
            }),
            Kind::BrokenJson => path
                .leaf()
                .and_then(|leaf| find_scalar(self.text, leaf))
                .is_some_and(visit),
            Kind::Xml | Kind::Plain => false,
        }
    }

    /// The text of the first element with one of these local names that has text.
    fn xml_text(&self, names: &[String]) -> Option<&'b str> {
        if names.is_empty() || !matches!(self.kind, Kind::Xml) {
            return None;
        }
        let opens = memchr::memchr_iter(b'<', self.text.as_bytes()).take(ELEMENTS_MAX);
        opens
            .filter_map(|at| element(&self.text[at + 1..]))
            .find(|(name, text)| !text.is_empty() && names.iter().any(|other| other == name))
            .map(|(_, text)| text)
    }

    /// A short line of text, or the title of an error page.
    fn plain_message(&self) -> Option<String> {
        let text = match self.kind {
            Kind::Xml => self.xml_text(&["title".to_owned(), "TITLE".to_owned()])?,
            Kind::Plain => self.text.lines().next().unwrap_or("").trim(),
            Kind::Json(_) | Kind::BrokenJson => return None,
        };
        (!text.is_empty() && text.len() <= PLAIN_BYTES_MAX).then(|| text.to_owned())
    }
}

/// A code is one word; what it is prefixed with by its protocol is left out.
fn add_code(codes: &mut Vec<String>, value: &str, status: Option<u16>) {
    let Some(code) = clean_code(value) else {
        return;
    };
    let is_status = status.is_some_and(|status| code.parse() == Ok(status));
    if !is_status && !codes.iter().any(|other| other == code) {
        codes.push(code.to_owned());
    }
}

/// `com.amazonaws#ThrottlingException` and `soap:Server` without what stands in front; `None` for texts and addresses.
pub fn clean_code(value: &str) -> Option<&str> {
    let value = value.trim();
    let value = value.rsplit('#').next().unwrap_or(value);
    let code = match value.split_once(':') {
        // `ThrottlingException:http://…` of AWS, `sf:REQUEST_LIMIT_EXCEEDED` of SOAP.
        Some((front, rest)) if rest.starts_with("http") => front,
        Some((_, rest)) => rest,
        None => value,
    };
    let word = !code.is_empty()
        && code.len() <= CODE_BYTES_MAX
        && !code.starts_with("//")
        && code != "null"
        && code
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>\"@".contains(&byte));
    word.then_some(code)
}

/// Local name and text of the element whose tag begins here.
fn element(after: &str) -> Option<(&str, &str)> {
    let (tag, rest) = after.split_once('>')?;
    if tag.starts_with(['/', '?', '!']) || tag.ends_with('/') {
        return None;
    }
    let name = tag.split([' ', '\n', '\t', '\r']).next().unwrap_or(tag);
    let local = name.rsplit(':').next().unwrap_or(name);
    let text = match rest.strip_prefix("<![CDATA[") {
        Some(data) => data.split("]]>").next().unwrap_or(""),
        None => rest.split('<').next().unwrap_or(""),
    };
    Some((local, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn check(text: &str, codes: &[&str], message: Option<&str>) {
        let catalog = Catalog::embedded().expect("embedded facts load");
        let places = &catalog.any().errors;
        let body = Body::read(text);
        assert_eq!(body.codes(places, Some(429)), codes, "{text}");
        assert_eq!(body.message(places).as_deref(), message, "{text}");
    }

    #[test]
    fn bodies_of_all_kinds_are_understood() {
        check(
            r#"{"message":"Rate limit exceeded","errorcode":50100}"#,
            &["50100"],
            Some("Rate limit exceeded"),
        );
        check(
            r#"{"message":"Rate limit exceeded","errorcode":50100,"docum"#,
            &["50100"],
            Some("Rate limit exceeded"),
        );
        check(
            r#"{"code":429,"error":{"status":"RESOURCE_EXHAUSTED","message":"m"}}"#,
            &["RESOURCE_EXHAUSTED"],
            Some("m"),
        );
        check(
            r#"{"error":"invalid_grant","error_description":"expired"}"#,
            &["invalid_grant"],
            Some("expired"),
        );
        check(r#"{"error":"it went wrong"}"#, &[], Some("it went wrong"));
        check(
            "<s:Fault><faultcode>sf:REQUEST_LIMIT_EXCEEDED</faultcode><faultstring xml:lang=\"en\">too many</faultstring>",
            &["REQUEST_LIMIT_EXCEEDED"],
            Some("too many"),
        );
        check(
            "<Error><Code>SlowDown</Code><Message><![CDATA[Reduce <it>]]></Message></Error>",
            &["SlowDown"],
            Some("Reduce <it>"),
        );
        check(
            "<html><head><title>429 Too Many Requests</title>",
            &[],
            Some("429 Too Many Requests"),
        );
        check(
            "Number of allowed API requests exceeded",
            &[],
            Some("Number of allowed API requests exceeded"),
        );
        check("", &[], None);
        check("{", &[], None);
        check("<", &[], None);
        check("[1,2]", &[], None);
    }

    #[test]
    fn codes_are_words_without_prefix() {
        assert_eq!(
            clean_code("com.amazonaws.dynamodb#ThrottlingException"),
            Some("ThrottlingException")
        );
        assert_eq!(
            clean_code("ThrottlingException:http://x"),
            Some("ThrottlingException")
        );
        assert_eq!(clean_code("soap:Server"), Some("Server"));
        assert_eq!(clean_code("https://errors.example/1"), None);
        assert_eq!(clean_code("two words"), None);
    }
}
