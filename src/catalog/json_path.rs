//! Where in a JSON document a value stands: `error.code`, `errors[].code`, `[0].errorCode`.
//!
//! Only what vendor files need: keys, fixed elements and "each element". Keys may hold anything but `.` and `[`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

/// Elements looked at where a path says "each": enough for any batch, and a bound on hostile bodies.
const ELEMENTS_MAX: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Element(usize),
    Each,
}

impl JsonPath {
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            parse_part(part, &mut steps)?;
        }
        Some(Self {
            text: text.to_owned(),
            steps,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last key, to look for where a document is cut off and cannot be parsed.
    pub fn leaf(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// Calls `visit` with each value that the path leads to, until it answers `true`. Says whether it did.
    pub fn visit<'v>(&self, value: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        walk(&self.steps, value, visit)
    }
}

fn parse_part(part: &str, steps: &mut Vec<Step>) -> Option<()> {
    let (key, mut rest) = match part.find('[') {
        Some(at) => part.split_at(at),
        None => (part, ""),
    };
    if key.is_empty() && rest.is_empty() {
        return None;
    }
    if !key.is_empty() {
        steps.push(Step::Key(key.to_owned()));
    }
    while !rest.is_empty() {
        let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(match index {
            "" => Step::Each,
            digits => Step::Element(digits.parse().ok()?),
        });
        rest = after;
    }
    Some(())
}

fn walk<'v>(steps: &[Step], value: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return visit(value);
    };
    match step {
        Step::Key(key) => value.get(key).is_some_and(|inner| walk(rest, inner, visit)),
        Step::Element(at) => value.get(at).is_some_and(|inner| walk(rest, inner, visit)),
        Step::Each => value.as_array().is_some_and(|all| {
            all.iter()
                .take(ELEMENTS_MAX)
                .any(|inner| walk(rest, inner, visit))
        }),
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for JsonPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is not a path such as \"error.code\" or \"errors[].code\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, body: &str, expected: &[&str]) {
        let body: Value = serde_json::from_str(body).expect("valid JSON");
        let mut found = Vec::new();
        JsonPath::parse(path)
            .expect("valid path")
            .visit(&body, &mut |value| {
                found.push(value.to_string());
                false
            });
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn paths_lead_through_objects_and_arrays() {
        check("error.code", r#"{"error":{"code":4}}"#, &["4"]);
        check("[0].errorCode", r#"[{"errorCode":"X"}]"#, &["\"X\""]);
        check(
            "errors[].code",
            r#"{"errors":[{"code":1},{"code":2}]}"#,
            &["1", "2"],
        );
        check("a[1][0]", r#"{"a":[[1],[2]]}"#, &["2"]);
        check("error.code", r#"{"error":"text"}"#, &[]);
        check("o:e[].o:c", r#"{"o:e":[{"o:c":"N"}]}"#, &["\"N\""]);
    }

    #[test]
    fn bad_paths_are_refused() {
        for bad in ["", ".", "a..b", "a[", "a[x]", "a[0", "a]b["] {
            assert!(JsonPath::parse(bad).is_none(), "{bad}");
        }
    }
}
