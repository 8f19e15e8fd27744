//! The scalars of a request body with the paths to them, as far as it can be read.
//!
//! Bodies are cut at a cap and have stand-ins in them, so this reads what is there and stops where it no longer makes
//! sense, instead of asking for a whole document.

/// Deeper fields are rarely what decides whether a request fails.
const DEPTH_MAX: usize = 4;
/// Fields of one body that are looked at.
const FIELDS_MAX: usize = 32;

/// Calls `take` with the path and text of each scalar: of JSON, or of a form.
pub fn each_field(text: &str, mut take: impl FnMut(&str, &str)) {
    let text = text.trim_start();
    if text.starts_with(['{', '[']) {
        Json::default().read(text, &mut take);
    } else if is_form(text) {
        for (name, value) in pairs(text).take(FIELDS_MAX) {
            take(name, value);
        }
    }
}

/// `name=value` between `&`; a name alone has an empty value.
pub fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn is_form(text: &str) -> bool {
    text.contains('=') && !text.starts_with('<') && !text.contains(char::is_whitespace)
}

#[derive(Default)]
struct Json {
    path: String,
    /// Length of the path outside each open object or array.
    open: Vec<usize>,
    fields: usize,
}

impl Json {
    fn read(&mut self, text: &str, take: &mut impl FnMut(&str, &str)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && self.fields < FIELDS_MAX {
            match bytes[at] {
                b'{' | b'[' => {
                    self.open.push(self.path.len());
                    if bytes[at] == b'[' {
                        self.path.push_str("[]");
                    }
                    at += 1;
                }
                b'}' | b']' => {
                    let Some(length) = self.open.pop() else {
                        return;
                    };
                    self.path.truncate(length);
                    self.close_key();
                    at += 1;
                }
                b'"' => at = self.string(text, at, take),
                byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                    let end = end_of_literal(bytes, at);
                    self.scalar(&text[at..end], take);
                    at = end;
                }
                _ => at += 1,
            }
        }
    }

    /// A key if a colon follows, else a value.
    fn string(&mut self, text: &str, at: usize, take: &mut impl FnMut(&str, &str)) -> usize {
        let bytes = text.as_bytes();
        let Some(end) = end_of_string(bytes, at + 1) else {
            return bytes.len();
        };
        let inside = &text[at + 1..end];
        let rest = text[end + 1..].trim_start();
        if rest.starts_with(':') {
            self.key(inside);
            return bytes.len() - rest.len() + 1;
        }
        self.scalar(inside, take);
        end + 1
    }

    fn key(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
    }

    fn scalar(&mut self, value: &str, take: &mut impl FnMut(&str, &str)) {
        if self.open.len() <= DEPTH_MAX {
            take(&self.path, value);
            self.fields += 1;
        }
        self.close_key();
    }

    /// Back to what was open around the value; in an array that is the array itself.
    fn close_key(&mut self) {
        let Some(outside) = self.open.last().copied() else {
            return;
        };
        let array = self.path[outside..].starts_with("[]");
        self.path.truncate(outside + if array { 2 } else { 0 });
    }
}

fn end_of_literal(bytes: &[u8], at: usize) -> usize {
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']');
    let length = bytes[at..].iter().position(is_end);
    length.map_or(bytes.len(), |length| at + length)
}

fn end_of_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut found = Vec::new();
        each_field(text, |path, value| {
            found.push((path.to_owned(), value.to_owned()));
        });
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(path, value)| (path.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn scalars_come_with_the_path_to_them() {
        check(
            r#"{"amount": 12, "to":{"country":"JP","zip":null},"items":[{"sku":"a"},{"sku":"b"}],"x":"y\"z"}"#,
            &[
                ("amount", "12"),
                ("to.country", "JP"),
                ("to.zip", "null"),
                ("items[].sku", "a"),
                ("items[].sku", "b"),
                ("x", "y\\\"z"),
            ],
        );
        check(
            r#"[1, {"a":[true,false]},"b"]"#,
            &[
                ("[]", "1"),
                ("[].a[]", "true"),
                ("[].a[]", "false"),
                ("[]", "b"),
            ],
        );
        check("currency=JPY&async", &[("currency", "JPY"), ("async", "")]);
    }

    #[test]
    fn what_is_cut_or_no_document_ends_quietly() {
        check(r#"{"a":"b","c":"cut of"#, &[("a", "b")]);
        check(r#"}}{"a":1}"#, &[]);
        check("<soap>a=b</soap>", &[]);
        check("just words", &[]);
        check(r#"{"e":"‹EMAIL:1›"}"#, &[("e", "‹EMAIL:1›")]);
        check(r#"{"a":é"#, &[]);
    }
}
