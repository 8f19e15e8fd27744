//! Where names and values begin and end in text that nobody has parsed: quotes, escapes, punctuation, prose.

use std::ops::Range;

use memchr::memchr;

pub(crate) const NAME_BYTES_MAX: usize = 64;
/// Quotes and the escapes in front of them, as nested JSON in text has: `\\\"`.
const QUOTE_BYTES_MAX: usize = 16;

/// The longest list of header values that is looked through for its end.
const LIST_BYTES_MAX: usize = 4096;
/// The blanks in front of a value on a line of its own.
const LINE_LEAD_BYTES_MAX: usize = 32;

/// The name in front of a separator, quotes and one blank between aside.
pub(crate) fn name_before(text: &[u8], floor: usize, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    if end > floor && text[end - 1] == b' ' {
        end -= 1;
    }
    // PHP prints `["password"]=>`.
    if end > floor + 1 && text[end - 1] == b']' && matches!(text[end - 2], b'"' | b'\'') {
        end -= 1;
    }
    if end > floor && !in_name(text[end - 1]) {
        let quotes = |b: &&u8| matches!(b, b'"' | b'\'' | b'\\' | b'`');
        let low = floor.max(end.saturating_sub(QUOTE_BYTES_MAX));
        end -= text[low..end].iter().rev().take_while(quotes).count();
    }
    let low = floor.max(end.saturating_sub(NAME_BYTES_MAX));
    let mut start = end;
    let mut letters = false;
    while start > low && in_name(text[start - 1]) {
        start -= 1;
        letters |= text[start].is_ascii_alphabetic();
    }
    letters.then_some(start..end)
}

/// How far back a name may be looked for where a document of JSON stopped being one: the last string of `{"a"=>1}` or
/// `["a"]=>` is a name there.
pub(crate) fn key_start(text: &[u8], end: usize) -> usize {
    match text.get(end) {
        Some(b'=') => name_before(text, 0, end).map_or(end, |name| name.start),
        _ => end,
    }
}

pub(crate) fn in_name(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'[' | b']' | b'(' | b')' | b'%' | b'$')
}

/// Where a value begins and what closes it; an empty closer is an unquoted value.
pub(crate) struct Value<'t> {
    pub(crate) start: usize,
    pub(crate) closer: &'t [u8],
    /// Where the list around it ends, as Java and Go print headers: `[Bearer x]`.
    pub(crate) list_end: Option<usize>,
}

pub(crate) fn value_after(text: &[u8], at: usize) -> Option<Value<'_>> {
    let mut start = at + 1;
    // Ruby's `=>`, Go's `:=` is met at its `=`, and one or two blanks.
    start += usize::from(text[at] == b'=' && text.get(start) == Some(&b'>'));
    start += text[start..]
        .iter()
        .take(2)
        .take_while(|b| **b == b' ')
        .count();
    // A blank of a form that is searched as it was written.
    let plus = matches!(
        text.get(start..start + 2),
        Some([b'+', b'"' | b'\'' | b'{' | b'['])
    );
    start += usize::from(plus);
    start += php_type(&text[start.min(text.len())..]);
    let list = text.get(start) == Some(&b'[');
    start += usize::from(list);
    let list_end = list.then(|| list_end(text, start)).flatten();
    let prefixed = matches!(
        text.get(start..start + 2),
        Some([b'b' | b'u' | b'r', b'"' | b'\''])
    );
    start += usize::from(prefixed);
    let rest = &text[start.min(text.len())..];
    let slashes = rest
        .iter()
        .take(QUOTE_BYTES_MAX)
        .take_while(|b| **b == b'\\')
        .count();
    match rest.get(slashes) {
        None | Some(b'{') => None,
        Some(quote @ (b'"' | b'\'')) => {
            // `""x""` is a quoted value inside a quoted CSV field, `""` before anything else is an empty one.
            let twice = slashes == 0 && *quote == b'"' && rest.get(1) == Some(quote);
            let filled = rest.get(2).is_some_and(|b| !b",}] \t\r\n&;".contains(b));
            let closer = &rest[..slashes + 1 + usize::from(twice && filled)];
            Some(Value {
                start: start + closer.len(),
                closer,
                list_end,
            })
        }
        Some(_) => Some(Value {
            start,
            closer: b"",
            list_end,
        }),
    }
}

/// The bracket that closes a list, in the same line.
fn list_end(text: &[u8], start: usize) -> Option<usize> {
    let rest = &text[start..text.len().min(start + LIST_BYTES_MAX)];
    let end = rest.iter().position(|b| b"]\n\"".contains(b))?;
    (rest[end] == b']').then_some(start + end)
}

/// `string(16) ` in front of a value, as PHP's `var_dump` writes it, on the same line or the next.
fn php_type(text: &[u8]) -> usize {
    let blank = text.iter().take(LINE_LEAD_BYTES_MAX);
    let blank = blank.take_while(|b| b.is_ascii_whitespace()).count();
    let Some(digits) = text[blank..].strip_prefix(b"string(") else {
        return 0;
    };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    match digits[count..].starts_with(b") ") {
        true => blank + b"string(".len() + count + b") ".len(),
        false => 0,
    }
}

/// The end of a quoted value: the closer as it opened, not escaped any further. Cut-off text ends it too.
pub(crate) fn closing(text: &[u8], start: usize, closer: &[u8]) -> usize {
    let Some((quote, slashes)) = closer.split_last() else {
        return start;
    };
    let doubled = slashes.first() == Some(quote);
    let mut from = start;
    while let Some(found) = memchr(*quote, &text[from..]) {
        let at = from + found;
        let before = text[start..at]
            .iter()
            .rev()
            .take_while(|b| **b == b'\\')
            .count();
        let closes = match doubled {
            true => text.get(at + 1) == Some(quote),
            false => before == slashes.len() || slashes.is_empty() && before % 2 == 0,
        };
        if closes {
            return if doubled { at } else { at - slashes.len() };
        }
        from = at + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, value: &str) {
        let at = text.find(['=', ':']).expect("a separator");
        let found = name_before(text.as_bytes(), 0, at).expect("a name");
        assert_eq!(&text[found], name);
        let Value { start, closer, .. } = value_after(text.as_bytes(), at).expect("a value");
        let end = match closer {
            b"" => crate::mask::bare::unquoted(text.as_bytes(), start, false),
            closer => closing(text.as_bytes(), start, closer),
        };
        assert_eq!(&text[start..end], value, "{text}");
    }

    #[test]
    fn names_and_values_are_found_in_every_dress() {
        check("x?password=hunter2&b=1", "password", "hunter2");
        check("password = hunter2.", "password", "hunter2");
        check(
            r#"{"password": "hun\"ter2", "x""#,
            "password",
            r#"hun\"ter2"#,
        );
        check(r#"{\"password\":\"hunter2\",\"x\""#, "password", "hunter2");
        check(
            r#""{""password"":""hunter2"",""x"":1}""#,
            "password",
            "hunter2",
        );
        check("{'password': b'hunter2'}", "password", "hunter2");
        check("{password=>\"hunter2\"}", "password", "hunter2");
        check(r#"{"password": "cut of"#, "password", "cut of");
        check("password:hunter2,host:x", "password", "hunter2");
        check("user%5Bpassword%5D=a%26b", "user%5Bpassword%5D", "a%26b");
    }

    #[test]
    fn times_and_ports_have_no_name() {
        assert!(name_before(b"at 03:51:46", 0, 5).is_none());
        assert!(name_before(b"=x", 0, 0).is_none());
    }
}
