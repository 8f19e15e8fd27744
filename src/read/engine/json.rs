//! JSON values that borrow from the line wherever no escape had to be undone.

use std::borrow::Cow;
use std::fmt;

use crate::model::exchange::{Headers, Text};
use crate::read::engine::json_parse::{self, JsonError};

/// Duplicate keys keep their order; the last one wins on look-up, as most parsers have it.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Integer(i128),
    /// Any other number, as it is written.
    Number(&'a str),
    Text(Text<'a>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Text<'a>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// One value and nothing behind it.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        json_parse::parse(text)
    }

    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Self::Object(members) => members.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// `a.b.c`; a member whose name itself holds the dots wins over nesting. `items[0].x` indexes.
    pub fn at_path(&self, path: &str) -> Option<&Json<'a>> {
        if let Some(found) = self.get(path) {
            return Some(found);
        }
        for (dot, _) in path.match_indices('.') {
            if let Some(found) = self
                .step(&path[..dot])
                .and_then(|inner| inner.at_path(&path[dot + 1..]))
            {
                return Some(found);
            }
        }
        self.step(path)
    }

    fn step(&self, name: &str) -> Option<&Json<'a>> {
        let Some((member, index)) = name.strip_suffix(']').and_then(|n| n.split_once('[')) else {
            return self.get(name);
        };
        let index: usize = index.parse().ok()?;
        let array = if member.is_empty() {
            self
        } else {
            self.get(member)?
        };
        match array {
            Self::Array(items) => items.get(index),
            _ => None,
        }
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Json<'static> {
        let owned = |text: Text<'_>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Integer(value) => Json::Integer(value),
            // Digits that no integer holds, read as text where they are used.
            Self::Number(digits) => Json::Text(Cow::Owned(digits.to_owned())),
            Self::Text(text) => Json::Text(owned(text)),
            Self::Array(items) => Json::Array(items.into_iter().map(Json::into_owned).collect()),
            Self::Object(members) => Json::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (owned(name), value.into_owned()))
                    .collect(),
            ),
        }
    }

    /// The text of a scalar; `None` for null and containers.
    pub fn scalar(&self) -> Option<Text<'a>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Integer(value) => Some(Cow::Owned(value.to_string())),
            Self::Number(digits) => Some(Cow::Borrowed(digits)),
            Self::Bool(value) => Some(Cow::Owned(value.to_string())),
            Self::Null | Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// The text of a scalar at a path that says something: neither empty nor the dash of an unset variable.
    pub fn told(&self, path: &str) -> Option<Text<'a>> {
        let text = self.at_path(path)?.scalar()?;
        (!text.is_empty() && text != "-").then_some(text)
    }

    /// A status that a server could have answered with; logs write 0, -1 or nothing for none.
    pub fn status_at(&self, path: &str) -> Option<u16> {
        let status = self.told(path)?.trim().parse().ok()?;
        (100..=599).contains(&status).then_some(status)
    }

    /// The text of anything: scalars as they are, an array of one as its member, containers as JSON.
    pub fn text(&self) -> Option<Text<'a>> {
        match self {
            Self::Null => None,
            Self::Array(items) if items.len() == 1 => items[0].text(),
            Self::Array(_) | Self::Object(_) => Some(Cow::Owned(self.to_string())),
            _ => self.scalar(),
        }
    }

    /// Header objects in the shapes that occur: `{name: value}`, `{name: [values]}`, `[[name, value]]`,
    /// `[{name, value}]`, `[name, value, name, value]`.
    pub fn headers(&self) -> Headers<'a> {
        match self {
            Self::Object(members) => members
                .iter()
                .flat_map(|(name, value)| named(name, value))
                .collect(),
            Self::Array(items) if is_flat(items) => {
                items.chunks_exact(2).filter_map(flat_pair).collect()
            }
            Self::Array(items) => items.iter().filter_map(pair).collect(),
            _ => Vec::new(),
        }
    }
}

fn named<'a>(name: &Text<'a>, value: &Json<'a>) -> Headers<'a> {
    match value {
        Json::Array(values) => values
            .iter()
            .filter_map(|v| Some((name.clone(), v.scalar()?)))
            .collect(),
        value => value
            .scalar()
            .map(|text| (name.clone(), text))
            .into_iter()
            .collect(),
    }
}

/// `[name, value, name, value]`, as Node's raw headers have it.
pub fn is_flat(items: &[Json<'_>]) -> bool {
    items.len().is_multiple_of(2) && items.iter().all(|item| matches!(item, Json::Text(_)))
}

fn flat_pair<'a>(pair: &[Json<'a>]) -> Option<(Text<'a>, Text<'a>)> {
    match pair {
        [name, value] => Some((name.scalar()?, value.scalar()?)),
        _ => None,
    }
}

fn pair<'a>(item: &Json<'a>) -> Option<(Text<'a>, Text<'a>)> {
    match item {
        Json::Array(pair) => Some((pair.first()?.scalar()?, pair.get(1)?.scalar()?)),
        Json::Object(_) => {
            let name = item.get("name").or_else(|| item.get("key"))?;
            Some((name.scalar()?, item.get("value")?.scalar()?))
        }
        _ => None,
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => write_text(f, text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    write_text(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
    f.write_str(&quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reach_nested_and_dotted_members() {
        let value = Json::parse(
            r#"{"http":{"status":1,"a.b":2},"http.code":3,"x":[{"y":4}],"x":[{"y":5}]}"#,
        )
        .expect("JSON");
        for (path, expected) in [
            ("http.status", 1),
            ("http.a.b", 2),
            ("http.code", 3),
            ("x[0].y", 5),
        ] {
            assert_eq!(
                value.at_path(path),
                Some(&Json::Integer(expected)),
                "{path}"
            );
        }
        assert_eq!(value.at_path("http.none"), None);
    }

    #[test]
    fn plain_texts_are_borrowed_and_integers_exact() {
        let value = Json::parse(r#"["plain","esc\u0041ped",1795319505818000001]"#).expect("JSON");
        let Json::Array(items) = &value else {
            panic!("array")
        };
        assert!(matches!(&items[0], Json::Text(Cow::Borrowed("plain"))));
        assert!(matches!(&items[1], Json::Text(Cow::Owned(t)) if t == "escAped"));
        assert_eq!(items[2].scalar().as_deref(), Some("1795319505818000001"));
    }

    #[test]
    fn headers_in_every_shape() {
        for text in [
            r#"{"Retry-After":"5"}"#,
            r#"{"Retry-After":["5"]}"#,
            r#"[["Retry-After","5"]]"#,
            r#"[{"name":"Retry-After","value":"5"}]"#,
            r#"["Retry-After","5"]"#,
        ] {
            let value = Json::parse(text).expect("JSON");
            assert_eq!(
                value.headers(),
                [(Cow::Borrowed("Retry-After"), Cow::Borrowed("5"))],
                "{text}"
            );
        }
    }
}
