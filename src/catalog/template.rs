//! Templates of operations, such as `/rest/api/{version}/campaigns/{campaign}/email`.
//!
//! Written by people, for a vendor or in a configuration, so they are checked when loaded: a template is stored as an
//! operation, and an operation holds no digits run of an id, no `@` and no UUID. How a path is cut into segments, and
//! what happens to paths that no template fits, stands in `attribute`.

use std::cmp::Ordering;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Longer paths than this are not described by anyone.
const SEGMENTS_MAX: usize = 16;
const DIGITS_RUN_MAX: usize = 5;

/// A placeholder of this name matches a version only, and the version stays in the operation.
const VERSION: &str = "version";
/// In front of a placeholder's name: matches a plain word only, and the word stays (`sobjects/{+object}`).
const KEPT: char = '+';
/// Longer words are hardly names that a vendor gave.
const WORD_BYTES_MAX: usize = 48;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
    /// The last literal part: it differs most among a vendor's templates, so it is compared first.
    pivot: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// `before{name}after`
    Hole {
        before: String,
        name: String,
        after: String,
    },
    Version,
    Word,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("template {0:?} does not start with '/'; write it as /path/{{name}}")]
    NoSlash(String),
    #[error(
        "template {0:?} has an empty segment; write one '/' between segments and none at the end"
    )]
    EmptySegment(String),
    #[error("template {0:?} has more than {SEGMENTS_MAX} segments; leave the tail out")]
    TooLong(String),
    #[error(
        "template {0:?} has a segment with unpaired or several braces; write one {{name}} a segment"
    )]
    Braces(String),
    #[error("template {0:?} holds an id, an '@' or a query; write a {{name}} in its place")]
    Unclean(String),
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let fail = |make: fn(String) -> TemplateError| make(text.to_owned());
        let Some(rest) = text.strip_prefix('/') else {
            return Err(fail(TemplateError::NoSlash));
        };
        let segments: Vec<&str> = rest.split('/').collect();
        if segments.len() > SEGMENTS_MAX {
            return Err(fail(TemplateError::TooLong));
        }
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(fail(TemplateError::EmptySegment));
        }
        if is_unclean(text) {
            return Err(fail(TemplateError::Unclean));
        }
        let parts: Vec<Part> = segments
            .into_iter()
            .map(parse_part)
            .collect::<Option<_>>()
            .ok_or_else(|| fail(TemplateError::Braces))?;
        let literal = |part: &Part| matches!(part, Part::Literal(_));
        Ok(Self {
            text: text.to_owned(),
            pivot: parts.iter().rposition(literal),
            parts,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn segments(&self) -> usize {
        self.parts.len()
    }

    pub fn matches(&self, segments: &[&str]) -> bool {
        self.parts.len() == segments.len()
            && self
                .pivot
                .is_none_or(|at| self.parts[at].matches(segments[at]))
            && self
                .parts
                .iter()
                .zip(segments)
                .all(|(part, segment)| part.matches(segment))
    }

    /// The template with the versions and kept words of the path that it matched.
    pub fn write(&self, segments: &[&str], out: &mut String) {
        if !self.parts.iter().any(Part::is_kept) {
            return out.push_str(&self.text);
        }
        for (part, segment) in self.parts.iter().zip(segments) {
            out.push('/');
            part.write(segment, out);
        }
    }

    /// What stands at the placeholder called `name` in a path that matched.
    pub fn capture<'s>(&self, name: &str, segments: &[&'s str]) -> Option<&'s str> {
        self.parts
            .iter()
            .zip(segments)
            .find_map(|(part, segment)| match part {
                Part::Hole {
                    before,
                    name: hole,
                    after,
                } if hole == name => segment
                    .strip_prefix(before.as_str())?
                    .strip_suffix(after.as_str()),
                _ => None,
            })
    }

    /// The more literal template comes first: its first literal segment beats the other's placeholder.
    pub fn cmp_specific(&self, other: &Self) -> Ordering {
        let ranks = |template: &Self| template.parts.iter().map(Part::rank).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other))
    }
}

impl Part {
    fn matches(&self, segment: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == segment,
            Self::Hole { before, after, .. } => {
                segment.len() > before.len() + after.len()
                    && segment.starts_with(before.as_str())
                    && segment.ends_with(after.as_str())
            }
            Self::Version => is_version(segment),
            Self::Word => is_word(segment),
        }
    }

    fn is_kept(&self) -> bool {
        matches!(self, Self::Version | Self::Word)
    }

    fn write(&self, segment: &str, out: &mut String) {
        match self {
            Self::Literal(literal) => out.push_str(literal),
            Self::Hole {
                before,
                name,
                after,
            } => {
                for piece in [before.as_str(), "{", name.as_str(), "}", after.as_str()] {
                    out.push_str(piece);
                }
            }
            Self::Version | Self::Word => out.push_str(segment),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Version => 1,
            Self::Word => 2,
            Self::Hole { before, after, .. } if !before.is_empty() || !after.is_empty() => 3,
            Self::Hole { .. } => 4,
        }
    }
}

fn parse_part(segment: &str) -> Option<Part> {
    let Some((before, rest)) = segment.split_once('{') else {
        return (!segment.contains('}')).then(|| Part::Literal(segment.to_owned()));
    };
    let (name, after) = rest.split_once('}')?;
    let whole = before.is_empty() && after.is_empty();
    let (name, kept) = match name.strip_prefix(KEPT) {
        Some(name) => (name, true),
        None => (name, false),
    };
    let clean = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !clean || before.contains('}') || after.contains(['{', '}']) {
        return None;
    }
    if name == VERSION && whole {
        return Some(Part::Version);
    }
    if kept {
        return whole.then_some(Part::Word);
    }
    Some(Part::Hole {
        before: before.to_owned(),
        name: name.to_owned(),
        after: after.to_owned(),
    })
}

/// `v1`, `v1.3`, `v1beta1`, `59.0`, `2024-10`, `2010-04-01`, `unstable`.
fn is_version(segment: &str) -> bool {
    if segment == "unstable" {
        return true;
    }
    let bytes = segment.as_bytes();
    let dated = matches!(bytes.len(), 7 | 10) && bytes[4] == b'-';
    let letters = segment.trim_start_matches('v');
    let stage = ["alpha", "beta", "rc"];
    let plain = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    letters.starts_with(|c: char| c.is_ascii_digit())
        && bytes.len() <= 10
        && (dated || longest_digits(segment) < 4)
        && letters
            .split(plain)
            .all(|word| word.is_empty() || stage.contains(&word))
}

/// A name that a vendor or a schema gave: `Account`, `My_Object__c`, `Microsoft.Compute`, `contacts`.
fn is_word(segment: &str) -> bool {
    segment.len() <= WORD_BYTES_MAX
        && longest_digits(segment) < 4
        && segment.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.$".contains(&byte))
}

fn is_unclean(text: &str) -> bool {
    text.contains(['@', '?', '#', ';', ' ']) || longest_digits(text) > DIGITS_RUN_MAX
}

fn longest_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0)
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, path: &str, expected: Option<&str>) {
        let template = Template::parse(template).expect("valid template");
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let found = template.matches(&segments).then(|| {
            let mut out = String::new();
            template.write(&segments, &mut out);
            out
        });
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn placeholders_match_and_versions_stay() {
        check(
            "/v1/charges/{charge}",
            "/v1/charges/ch_9",
            Some("/v1/charges/{charge}"),
        );
        check("/v1/charges/{charge}", "/v1/charges", None);
        check(
            "/api/{version}/x/{id}.json",
            "/api/2024-10/x/7.json",
            Some("/api/2024-10/x/{id}.json"),
        );
        check("/api/{version}/x", "/api/orders/x", None);
        check("/api/{version}/x", "/api/20241022/x", None);
        check(
            "/k/key:{key}/rowset",
            "/k/key:Orders_1/rowset",
            Some("/k/key:{key}/rowset"),
        );
        check("/k/key:{key}/rowset", "/k/key:/rowset", None);
        check(
            "/s/{+object}/{id}",
            "/s/My_Object__c/7",
            Some("/s/My_Object__c/{id}"),
        );
        check("/s/{+object}", "/s/jane%40acme.example", None);
    }

    #[test]
    fn a_template_matches_itself() {
        check(
            "/a/{b}/key:{c}/{d}.json",
            "/a/{b}/key:{c}/{d}.json",
            Some("/a/{b}/key:{c}/{d}.json"),
        );
    }

    #[test]
    fn bad_templates_are_refused_with_a_hint() {
        for bad in [
            "",
            "v1",
            "/",
            "/a//b",
            "/a/",
            "/{a}{b}",
            "/{",
            "/}",
            "/{}",
            "/a?b",
            "/u/123456",
            "/a@b",
        ] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
