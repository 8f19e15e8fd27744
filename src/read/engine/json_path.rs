//! Paths into a JSON value as users write them: `http.status`, `["a.b"].c`, `items[0].x`, `response.headers.retry-after`.
//!
//! A header is found in every shape that logs have for headers, without regard to case, so that nobody has to know
//! which of them a library chose.

use crate::read::engine::json::{Json, is_flat};

/// Steps in one path; a longer one is a mistake.
const STEPS_MAX: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    /// The path as it was written, when it has no quoted names: a member whose name holds its dots wins over nesting.
    plain: Option<String>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl JsonPath {
    /// `None` when a bracket or a quote is not closed, or a name is empty.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("$.").unwrap_or(text);
        let text = text
            .strip_prefix('$')
            .filter(|rest| rest.starts_with('['))
            .unwrap_or(text);
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, tail) = next_step(rest)?;
            steps.push(step);
            rest = tail;
        }
        let quoted = text.contains("[\"") || text.contains("['");
        let fits = !steps.is_empty() && steps.len() <= STEPS_MAX;
        fits.then(|| Self {
            plain: (!quoted).then(|| text.to_owned()),
            steps,
        })
    }

    /// Whether it is this name and nothing more, as where records have columns and no depth.
    pub fn is_name(&self, name: &str) -> bool {
        match (self.plain.as_deref(), self.steps.as_slice()) {
            (Some(plain), _) => plain == name,
            (None, [Step::Name(only)]) => only == name,
            _ => false,
        }
    }

    pub fn find<'v, 'a>(&self, value: &'v Json<'a>) -> Option<&'v Json<'a>> {
        self.plain
            .as_deref()
            .and_then(|path| value.at_path(path))
            .or_else(|| {
                self.steps
                    .iter()
                    .try_fold(value, |inner, step| take_step(inner, step))
            })
    }
}

fn next_step(text: &str) -> Option<(Step, &str)> {
    let (step, rest) = match text.strip_prefix('[') {
        Some(inner) => bracketed(inner)?,
        None => {
            let end = text.find(['.', '[']).unwrap_or(text.len());
            (Step::Name(text[..end].to_owned()), &text[end..])
        }
    };
    if step == Step::Name(String::new()) {
        return None;
    }
    match rest.strip_prefix('.') {
        Some("") => None,
        Some(next) => Some((step, next)),
        None if rest.is_empty() || rest.starts_with('[') => Some((step, rest)),
        None => None,
    }
}

/// `0]…`, `"a.b"]…` or `'a.b']…`, the opening bracket taken.
fn bracketed(inner: &str) -> Option<(Step, &str)> {
    for quote in ['"', '\''] {
        let Some(rest) = inner.strip_prefix(quote) else {
            continue;
        };
        let (name, rest) = rest.split_once(quote)?;
        return Some((Step::Name(name.to_owned()), rest.strip_prefix(']')?));
    }
    let (index, rest) = inner.split_once(']')?;
    Some((Step::Index(index.trim().parse().ok()?), rest))
}

fn take_step<'v, 'a>(value: &'v Json<'a>, step: &Step) -> Option<&'v Json<'a>> {
    match (value, step) {
        (Json::Array(items), Step::Index(index)) => items.get(*index),
        (Json::Object(members), Step::Name(name)) => value.get(name).or_else(|| {
            let mut last_first = members.iter().rev();
            last_first
                .find(|(found, _)| name.eq_ignore_ascii_case(found))
                .map(|(_, found)| found)
        }),
        (Json::Array(items), Step::Name(name)) => header_in(items, name),
        _ => None,
    }
}

/// A header in `[{name, value}]`, `[[name, value]]` or `[name, value, name, value]`.
fn header_in<'v, 'a>(items: &'v [Json<'a>], name: &str) -> Option<&'v Json<'a>> {
    let same = |found: &Json<'_>| {
        found
            .scalar()
            .is_some_and(|text| text.eq_ignore_ascii_case(name))
    };
    if is_flat(items) {
        let pair = items
            .chunks_exact(2)
            .find(|pair| pair.first().is_some_and(same));
        return pair.and_then(|pair| pair.get(1));
    }
    items.iter().find_map(|item| match item {
        Json::Array(pair) => pair.first().filter(|found| same(found)).and(pair.get(1)),
        Json::Object(_) => item
            .get("name")
            .or_else(|| item.get("key"))
            .filter(|found| same(found))
            .and(item.get("value")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let value = Json::parse(
            r#"{"a.b":{"c":1},"items":[{"x":2},{"x":3}],"h":[{"name":"Retry-After","value":"4"}],
                "p":[["retry-after","5"]],"f":["RETRY-AFTER","6"],"o":{"Retry-After":["7"]},"n":null}"#,
        )
        .expect("JSON");
        let path = JsonPath::parse(path).expect(path);
        let got = path.find(&value).and_then(Json::text);
        assert_eq!(got.as_deref(), expected, "{path:?}");
    }

    #[test]
    fn paths_reach_what_they_name() {
        check(r#"["a.b"].c"#, Some("1"));
        check("$['a.b']['c']", Some("1"));
        check("a.b.c", Some("1"));
        check("items[1].x", Some("3"));
        check("$.items[0].x", Some("2"));
        check("items[9].x", None);
        check("ITEMS[0].X", Some("2"));
        check("n", None);
    }

    #[test]
    fn headers_are_found_in_every_shape() {
        for (path, value) in [
            ("h.retry-after", "4"),
            ("p.Retry-After", "5"),
            ("f.retry-after", "6"),
            ("o.retry-after", "7"),
        ] {
            check(path, Some(value));
        }
        check("h.x-none", None);
    }

    #[test]
    fn paths_that_are_none() {
        for path in ["", "a.", "a..b", "a[", "a[x]", "[\"a]", "[\"a\"]b", "."] {
            assert_eq!(JsonPath::parse(path), None, "{path}");
        }
    }
}
