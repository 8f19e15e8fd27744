//! JSON as programs really write it, to [`Json`] values that borrow from the line.
//!
//! A strict parser loses whole records to one bad value: a lone surrogate in a cut user agent, `NaN` for a time that was
//! not measured, a raw control character that nginx passed through. Here such a value alone is lost. Numbers keep their
//! digits as they stand, because nanoseconds since 1970 do not fit a float and `1.0` says more about its unit than `1`.

use std::borrow::Cow;

use memchr::memchr2;

use crate::model::exchange::Text;
use crate::read::engine::json::Json;

/// Deeper values are damage or an attack on the stack; no log nests so far.
const DEPTH_MAX: usize = 128;

/// Room for a text with escapes, which is mostly a small body.
const UNDONE_BYTES: usize = 256;
/// Room for members; most objects of logs have as many or fewer.
const MEMBERS: usize = 8;

/// A word outside of quotes (`true`, `-`, `000`) is not longer than this.
const WORD_BYTES_MAX: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not valid JSON at byte {at}: {what}")]
pub struct JsonError {
    pub at: usize,
    pub what: &'static str,
}

impl From<JsonError> for std::io::Error {
    fn from(error: JsonError) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, error)
    }
}

/// One value and nothing behind it.
pub fn parse(text: &str) -> Result<Json<'_>, JsonError> {
    let mut parser = Parser::new(text);
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error("something stands behind the value"));
    }
    Ok(value)
}

/// Values one after the other, as `{…}{…}`, `{…},{…}` or on lines of their own.
pub struct Values<'a>(Parser<'a>);

impl<'a> Values<'a> {
    pub fn new(text: &'a str) -> Self {
        Self(Parser::new(text))
    }

    /// Bytes read so far.
    pub fn at(&self) -> usize {
        self.0.at
    }

    /// Goes into an array, so that its items come one by one; says whether there was one.
    pub fn enter_array(&mut self) -> bool {
        self.0.skip_space();
        self.0.take(b'[')
    }

    /// Leaves an array that was entered.
    pub fn leave_array(&mut self) -> bool {
        self.0.skip_separators();
        self.0.take(b']')
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Result<Json<'a>, JsonError>;

    /// Ends at the end of the text or before a closing bracket; after an error there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        self.0.skip_separators();
        if self.0.peek().is_none_or(|byte| byte == b']') {
            return None;
        }
        let value = self.0.value(0);
        if value.is_err() {
            self.0.at = self.0.text.len();
        }
        Some(value)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r' | 0)) {
            self.at += 1;
        }
    }

    fn skip_separators(&mut self) {
        self.skip_space();
        while self.take(b',') {
            self.skip_space();
        }
    }

    fn error(&self, what: &'static str) -> JsonError {
        JsonError { at: self.at, what }
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        if depth > DEPTH_MAX {
            return Err(self.error("it nests too deep"));
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            // `"status":,` is what an empty variable leaves behind; outside of an object nothing is no value.
            Some(b',' | b'}') if depth > 0 => Ok(Json::Null),
            Some(_) => self.word(),
            None => Err(self.error("it ends too early")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.at += 1;
        let mut members = Vec::with_capacity(MEMBERS);
        loop {
            self.skip_separators();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if self.peek() != Some(b'"') {
                return Err(self.error("a member without a name"));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.error("a name without a value"));
            }
            members.push((name, self.value(depth + 1)?));
            self.end_of_item(b'}')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_separators();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.end_of_item(b']')?;
        }
    }

    /// Behind a member or an item stands a comma or the end of what holds it.
    fn end_of_item(&mut self, close: u8) -> Result<(), JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b',') => Ok(()),
            Some(byte) if byte == close => Ok(()),
            Some(_) => Err(self.error("no comma between two values")),
            None => Err(self.error("it ends too early")),
        }
    }

    /// A text from its opening quote on. Control characters inside are taken as they are.
    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.at += 1;
        let start = self.at;
        let mut undone: Option<String> = None;
        let mut copied = start;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                return Err(self.error("a text without its closing quote"));
            };
            let end = self.at + found;
            if rest[found] == b'"' {
                self.at = end + 1;
                let tail = &self.text[copied..end];
                return Ok(match undone {
                    None => Cow::Borrowed(tail),
                    Some(mut text) => {
                        text.push_str(tail);
                        Cow::Owned(text)
                    }
                });
            }
            let text = undone.get_or_insert_with(|| String::with_capacity(UNDONE_BYTES));
            text.push_str(&self.text[copied..end]);
            self.at = end + 1;
            self.escape(text)?;
            copied = self.at;
        }
    }

    /// What follows a backslash. An unknown escape (`\x16` of a hand-made format) is kept as it stands.
    fn escape(&mut self, text: &mut String) -> Result<(), JsonError> {
        // By far the most: quotes of an object inside the text.
        if self.take(b'"') {
            text.push('"');
            return Ok(());
        }
        let Some(kind) = self.text[self.at..].chars().next() else {
            return Err(self.error("a text without its closing quote"));
        };
        self.at += kind.len_utf8();
        match kind {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            '\\' | '/' => text.push(kind),
            'u' => self.unicode(text),
            other => text.extend(['\\', other]),
        }
        Ok(())
    }

    /// `\u` and four hex digits, two of them for what lies beyond; half of a pair alone becomes the replacement character.
    fn unicode(&mut self, text: &mut String) {
        let Some(first) = self.hex4(self.at) else {
            text.push_str("\\u");
            return;
        };
        self.at += 4;
        if let Some(c) = char::from_u32(first) {
            text.push(c);
            return;
        }
        let second = self.text[self.at..]
            .starts_with("\\u")
            .then(|| self.hex4(self.at + 2))
            .flatten();
        let pair = |low: u32| 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
        match second {
            Some(low) if first < 0xDC00 && (0xDC00..0xE000).contains(&low) => {
                self.at += 6;
                text.push(char::from_u32(pair(low)).unwrap_or('\u{fffd}'));
            }
            _ => text.push('\u{fffd}'),
        }
    }

    fn hex4(&self, at: usize) -> Option<u32> {
        let digits = self.text.as_bytes().get(at..at + 4)?;
        digits.iter().try_fold(0, |value, byte| {
            Some(value * 16 + char::from(*byte).to_digit(16)?)
        })
    }

    /// Numbers, `true`, `false`, `null`; and what servers write without quotes when a variable is empty.
    fn word(&mut self) -> Result<Json<'a>, JsonError> {
        let rest = &self.text[self.at..];
        let ends = |byte: &u8| {
            matches!(
                byte,
                b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' | b':' | b'"' | b'{' | b'['
            )
        };
        let head = &rest.as_bytes()[..rest.len().min(WORD_BYTES_MAX)];
        let len = head.iter().position(ends).unwrap_or(head.len());
        let word = rest
            .get(..len)
            .filter(|_| len < WORD_BYTES_MAX)
            .ok_or_else(|| self.error("a value that is none"))?;
        let value = word_value(word).ok_or_else(|| self.error("a value that is none"))?;
        self.at += len;
        Ok(value)
    }
}

fn word_value(word: &str) -> Option<Json<'_>> {
    Some(match word {
        "true" | "True" => Json::Bool(true),
        "false" | "False" => Json::Bool(false),
        "null" | "None" | "undefined" | "NaN" | "nan" | "-NaN" | "Infinity" | "-Infinity"
        | "inf" | "-inf" => Json::Null,
        "-" => Json::Text(Cow::Borrowed(word)),
        _ => number(word)?,
    })
}

fn integer(word: &str) -> Option<i128> {
    match word.parse::<i64>() {
        Ok(value) => Some(value.into()),
        Err(_) => word.parse().ok(),
    }
}

/// Integers that are written as JSON has them, and every other number by its own digits (`1.0`, `1e3`, `000`).
fn number(word: &str) -> Option<Json<'_>> {
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let plain = word == "0" || !unsigned.starts_with('0') && !word.starts_with('+');
    if plain && let Some(value) = integer(word) {
        return Some(Json::Integer(value));
    }
    word.parse::<f64>().is_ok().then_some(Json::Number(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match parse(text) {
            Ok(value) => value.to_string(),
            Err(error) => format!("{error}"),
        };
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn plain_json_reads_as_it_stands() {
        check(
            r#" {"a":[1,-2,true,null,"x"],"b":{}} "#,
            r#"{"a":[1,-2,true,null,"x"],"b":{}}"#,
        );
        check(
            r#"{"a":"\u00e9\n\"\\\/\ud83d\ude00"}"#,
            "{\"a\":\"é\\n\\\"\\\\/😀\"}",
        );
        check("[]", "[]");
    }

    #[test]
    fn one_bad_value_does_not_lose_the_record() {
        check(r#"{"a":"x\ud83d","b":1}"#, "{\"a\":\"x\u{fffd}\",\"b\":1}");
        check(
            r#"{"a":"\ud83dA\ude00","b":1}"#,
            "{\"a\":\"\u{fffd}A\u{fffd}\",\"b\":1}",
        );
        check(r#"{"a":"\ud83d\u0041"}"#, "{\"a\":\"\u{fffd}A\"}");
        check(
            r#"{"a":NaN,"b":-Infinity,"c":Infinity}"#,
            r#"{"a":null,"b":null,"c":null}"#,
        );
        check("{\"a\":\"tab\there\u{1}\"}", r#"{"a":"tab\there\u0001"}"#);
        check(r#"{"a":"\x16\u00"}"#, r#"{"a":"\\x16\\u00"}"#);
        check(r#"{"a":,"b":-,"c":000}"#, r#"{"a":null,"b":"-","c":000}"#);
        check(r#"{"a":1,}"#, r#"{"a":1}"#);
    }

    #[test]
    fn numbers_keep_their_digits() {
        check(
            "[1.0,1795319505818000001,1e3,-0.50]",
            "[1.0,1795319505818000001,1e3,-0.50]",
        );
        check(
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        );
        let huge = "9".repeat(60);
        check(&huge, &huge);
    }

    #[test]
    fn what_is_no_json_is_said() {
        for text in [
            "",
            "{",
            "[1",
            "{\"a\":1",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1} x",
            "\"abc",
            "\"a\\",
            "{\"a\":b}",
            "{\"a\":1 2}",
            "]",
            "1:2",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
        assert!(parse(&"1".repeat(100_000)).is_err());
    }

    #[test]
    fn values_come_one_by_one() {
        let all = |text| {
            Values::new(text)
                .map(|value| value.map_or("error".to_owned(), |v| v.to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(all("{\"a\":1}{\"b\":2}"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(all("{\"a\":1}, {\"b\":2},"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(all("{\"a\":1} {\"b"), ["{\"a\":1}", "error"]);
        assert_eq!(all("{\"a\":1}}"), ["{\"a\":1}", "error"]);
        assert_eq!(all("{\"a\":1}:"), ["{\"a\":1}", "error"]);
        assert_eq!(all(" "), [""; 0]);
    }
}
