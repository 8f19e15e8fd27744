//! Tagged netstrings: `LENGTH:DATA` and a byte that says of what type the data is.

/// Flows nest a handful of levels; more is made to exhaust the stack.
const DEPTH_MAX: usize = 32;

/// Lengths beyond this many digits are longer than any file.
const LENGTH_DIGITS_MAX: usize = 12;

#[derive(Clone, Debug, PartialEq)]
pub enum Value<'b> {
    Null,
    Bool(bool),
    /// Integers and floats as they are written.
    Number(&'b str),
    Bytes(&'b [u8]),
    List(Vec<Value<'b>>),
    Dict(Vec<(&'b [u8], Value<'b>)>),
}

impl<'b> Value<'b> {
    /// The first value, and the bytes behind it; `None` where it is damaged or cut.
    pub fn parse(bytes: &'b [u8]) -> Option<(Self, &'b [u8])> {
        parse(bytes, DEPTH_MAX)
    }

    pub fn get(&self, name: &str) -> Option<&Value<'b>> {
        let Self::Dict(members) = self else {
            return None;
        };
        let found = members.iter().find(|(key, _)| *key == name.as_bytes());
        found.map(|(_, value)| value)
    }

    /// The text of bytes and numbers.
    pub fn text(&self) -> Option<&'b str> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Value<'b>] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

fn parse(bytes: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    let depth = depth.checked_sub(1)?;
    let digits = bytes
        .iter()
        .take(LENGTH_DIGITS_MAX + 1)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits > LENGTH_DIGITS_MAX || bytes.get(digits) != Some(&b':') {
        return None;
    }
    let length: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let rest = &bytes[digits + 1..];
    let data = rest.get(..length)?;
    let tag = rest.get(length)?;
    Some((value(*tag, data, depth)?, &rest[length + 1..]))
}

fn value(tag: u8, data: &[u8], depth: usize) -> Option<Value<'_>> {
    Some(match tag {
        b',' | b';' => Value::Bytes(data),
        b'#' | b'^' => Value::Number(std::str::from_utf8(data).ok()?),
        b'!' => Value::Bool(data == b"true"),
        b'~' => Value::Null,
        b']' => Value::List(list(data, depth)?),
        b'}' => Value::Dict(dict(data, depth)?),
        _ => return None,
    })
}

fn list(mut data: &[u8], depth: usize) -> Option<Vec<Value<'_>>> {
    let mut items = Vec::new();
    while !data.is_empty() {
        let (item, rest) = parse(data, depth)?;
        items.push(item);
        data = rest;
    }
    Some(items)
}

fn dict(mut data: &[u8], depth: usize) -> Option<Vec<(&[u8], Value<'_>)>> {
    let mut members = Vec::new();
    while !data.is_empty() {
        let (Value::Bytes(key), rest) = parse(data, depth)? else {
            return None;
        };
        let (value, rest) = parse(rest, depth)?;
        members.push((key, value));
        data = rest;
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_type() {
        let text = b"43:4:code;3:429#2:ok;4:true!1:n;0:~1:l;4:1:a,]}x";
        let (value, rest) = Value::parse(text).expect("whole");
        assert_eq!(value.get("code").and_then(Value::text), Some("429"));
        assert_eq!(value.get("ok"), Some(&Value::Bool(true)));
        assert_eq!(value.get("n"), Some(&Value::Null));
        assert_eq!(value.get("l").map(|l| l.items().len()), Some(1));
        assert_eq!(rest, b"x");
    }

    #[test]
    fn damage_is_no_value() {
        for text in [
            "",
            "5",
            "5:",
            "5:abc,",
            "3:abc?",
            "99999999999999:a,",
            "a:b,",
            "-1:a,",
            "4:3:ab]",
        ] {
            assert_eq!(Value::parse(text.as_bytes()), None, "{text}");
        }
        let mut deep = b"0:]".to_vec();
        for _ in 0..100 {
            deep = [format!("{}:", deep.len()).as_bytes(), &deep, b"]"].concat();
        }
        assert_eq!(Value::parse(&deep), None);
    }
}
