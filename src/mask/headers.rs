//! Header lists: masked by name, written as one JSON object.

use std::borrow::Cow;

use crate::mask::decode::Encoding;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::model::exchange::Headers;

/// A list of headers with masked values; names in the order of their first occurrence.
pub(crate) type MaskedHeaders<'e> = Vec<(&'e str, Cow<'e, str>)>;

impl Scan {
    pub(crate) fn headers<'e>(&mut self, headers: &'e Headers<'_>) -> MaskedHeaders<'e> {
        headers
            .iter()
            .map(|(name, value)| {
                let policy = self.policy(Position::Header, name.as_bytes());
                let value = self.under(Position::Header, name.as_bytes(), |scan| {
                    scan.settled(value, |scan, text| {
                        scan.value(policy, Encoding::Plain, text, 0)
                    })
                });
                (name.as_ref(), value)
            })
            .collect()
    }
}

/// Names beyond this many are written as they come, even if they repeat: comparing each with all before it is only
/// cheap for a real message.
const COMPARED_MAX: usize = 256;

/// `{"Name":"value"}`; a name that repeats, in whatever case, has an array of its values.
pub(crate) fn to_json(headers: &MaskedHeaders<'_>) -> String {
    let mut json = String::from("{");
    let out = &mut json;
    let (compared, rest) = headers.split_at(headers.len().min(COMPARED_MAX));
    for (at, (name, value)) in compared.iter().enumerate() {
        let same = |(other, _): &&(&str, Cow<'_, str>)| other.eq_ignore_ascii_case(name);
        if compared[..at].iter().any(|other| same(&other)) {
            continue;
        }
        push_name(name, out);
        let mut more = compared[at + 1..].iter().filter(same).peekable();
        if more.peek().is_none() {
            push_json_text(value, out);
            continue;
        }
        out.push('[');
        push_json_text(value, out);
        for (_, value) in more {
            out.push(',');
            push_json_text(value, out);
        }
        out.push(']');
    }
    for (name, value) in rest {
        push_name(name, out);
        push_json_text(value, out);
    }
    json.push('}');
    json
}

fn push_name(name: &str, out: &mut String) {
    if out.len() > 1 {
        out.push(',');
    }
    push_json_text(name, out);
    out.push(':');
}

/// A JSON string; the usual text without anything to escape is copied as it is.
fn push_json_text(text: &str, out: &mut String) {
    out.push('"');
    let mut done = 0;
    for (at, b) in text.bytes().enumerate() {
        let escape = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        match escape {
            "" => out.push_str(&format!("\\u{b:04x}")),
            escape => out.push_str(escape),
        }
        done = at + 1;
    }
    out.push_str(&text[done..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_one_valid_object() {
        let headers = vec![
            ("A", Cow::Borrowed("1\"\u{1}\\")),
            ("B", Cow::Borrowed("x")),
            ("a", Cow::Borrowed("2")),
        ];
        let out = to_json(&headers);
        let value: serde_json::Value = serde_json::from_str(&out).expect("valid");
        assert_eq!(
            value,
            serde_json::json!({"A": ["1\"\u{1}\\", "2"], "B": "x"})
        );
    }
}
