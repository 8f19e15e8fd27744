//! Whether a value stands in a text, in whatever way it is written there.
//!
//! Each character may be written in its own way: as it is, percent-encoded (also twice), escaped as in JSON or by nginx,
//! as an XML entity. Base64 is compared bit by bit, since a value begins anywhere in a group of it.

use std::ops::Range;

/// The longest way to write a character that is looked for: a surrogate pair in JSON inside JSON.
const SPELLING_BYTES_MAX: usize = 14;

/// Where `value` stands in `text` if its byte `from` is written at `at`.
pub(crate) fn text_at(text: &[u8], at: usize, value: &str, from: usize) -> Option<Range<usize>> {
    let start = at.wrapping_sub(from);
    let plain = start..start.wrapping_add(value.len());
    if from <= at && text.get(plain.clone()) == Some(value.as_bytes()) {
        return Some(plain);
    }
    let (mut start, mut end) = (at, at);
    for c in value[from..].chars() {
        end += written_at(text, end, c)?;
    }
    for c in value[..from].chars().rev() {
        start -= written_before(text, start, c)?;
    }
    Some(start..end)
}

fn written_at(text: &[u8], at: usize, c: char) -> Option<usize> {
    let rest = text.get(at..)?;
    let plain = || rest.starts_with(c.encode_utf8(&mut [0; 4]).as_bytes());
    let escaped = || longest(c, |spelling| rest.starts_with(spelling));
    match rest.first()? {
        b'%' | b'\\' | b'&' | b'+' => escaped().or_else(|| plain().then_some(c.len_utf8())),
        _ => plain().then_some(c.len_utf8()),
    }
}

fn written_before(text: &[u8], end: usize, c: char) -> Option<usize> {
    let before = &text[..end];
    let near = &before[end.saturating_sub(SPELLING_BYTES_MAX)..];
    let escaped = || longest(c, |spelling| before.ends_with(spelling));
    let plain = before.ends_with(c.encode_utf8(&mut [0; 4]).as_bytes());
    let may_escape = near.iter().any(|b| b"%\\&+".contains(b));
    let escaped = may_escape.then(escaped).flatten();
    escaped.or_else(|| plain.then_some(c.len_utf8()))
}

fn longest(c: char, stands: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let found = escapes(c)
        .into_iter()
        .filter(|spelling| stands(spelling.as_bytes()));
    found.map(|spelling| spelling.len()).max()
}

/// Every way to write a character that is not the character itself.
pub(crate) fn escapes(c: char) -> Vec<String> {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).as_bytes();
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units);
    let code = u32::from(c);
    let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|b| write(*b)).collect::<String>();
    let unit = |write: &dyn Fn(u16) -> String| units.iter().map(|u| write(*u)).collect::<String>();
    let mut all = vec![
        each(&|b| format!("%{b:02X}")),
        each(&|b| format!("%{b:02x}")),
        each(&|b| format!("%25{b:02X}")),
        each(&|b| format!("%25{b:02x}")),
        unit(&|u| format!("\\u{u:04X}")),
        unit(&|u| format!("\\u{u:04x}")),
        unit(&|u| format!("\\\\u{u:04X}")),
        unit(&|u| format!("\\\\u{u:04x}")),
        each(&|b| format!("\\x{b:02X}")),
        each(&|b| format!("\\x{b:02x}")),
        each(&|b| format!("\\\\x{b:02X}")),
        each(&|b| format!("\\\\x{b:02x}")),
        format!("&#{code};"),
        format!("&#x{code:x};"),
        format!("&#x{code:X};"),
    ];
    let named: &[&str] = match c {
        ' ' => &["+"],
        '"' => &["\\\"", "\\\\\\\"", "&quot;", "&#34;"],
        '\\' => &["\\\\", "\\\\\\\\"],
        '/' => &["\\/", "\\\\/"],
        '\n' => &["\\n", "\\\\n"],
        '\r' => &["\\r", "\\\\r"],
        '\t' => &["\\t", "\\\\t"],
        '&' => &["&amp;"],
        '<' => &["&lt;"],
        '>' => &["&gt;"],
        '\'' => &["&apos;", "&#039;"],
        _ => &[],
    };
    all.extend(named.iter().map(|spelling| (*spelling).to_owned()));
    all
}

/// Where the base64 of `value` stands if its byte `from` begins a group that is written at `at`.
pub(crate) fn base64_at(text: &[u8], at: usize, value: &[u8], from: usize) -> Option<Range<usize>> {
    // Counted in signs of six bits each, from the group that holds the first byte.
    let groups = from.div_ceil(3);
    let begin = at.checked_sub(4 * groups)?;
    let lead = 3 * groups - from;
    for (n, b) in value.iter().enumerate() {
        let bit = 8 * (lead + n);
        let sign = |n: usize| text.get(begin + bit / 6 + n).and_then(|b| sextet(*b));
        let pair = sign(0)? << 6 | sign(1)?;
        if (pair >> (4 - bit % 6)) as u8 != *b {
            return None;
        }
    }
    let first = begin + 8 * lead / 6;
    Some(first..begin + (8 * (lead + value.len())).div_ceil(6))
}

fn sextet(b: u8) -> Option<u16> {
    Some(u16::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE};

    #[test]
    fn a_value_is_found_however_its_signs_are_written() {
        let value = "k\"y/ü1 <&\\\n";
        for written in [
            "k\"y/ü1 <&\\\n",
            "k%22y%2F%C3%BC1%20%3C%26%5C%0A",
            "k%22y%2f%c3%bc1+%3c%26%5c%0a",
            "%6B%22%79%2F%C3%BC%31%20%3C%26%5C%0A",
            "k\\\"y\\/\\u00FC1 <&\\\\\\n",
            "k\\x22y/\\xC3\\xBC1 <&\\x5C\\x0A",
            "k&quot;y/&#252;1 &lt;&amp;\\&#10;",
            "k%2522y%252F%25C3%25BC1%2520%253C%2526%255C%250A",
        ] {
            for around in ["", "xx"] {
                let text = format!("{around}{written}{around}");
                let span = around.len()..around.len() + written.len();
                let found = text_at(text.as_bytes(), around.len(), value, 0);
                assert_eq!(found, Some(span.clone()), "{text}");
                let last = text_at(text.as_bytes(), span.end, value, value.len());
                assert_eq!(last, Some(span), "{text} from its end");
            }
        }
        assert_eq!(text_at(b"k\"y/", 0, value, 0), None);
        assert_eq!(text_at(b"", 0, value, 3), None);
    }

    #[test]
    fn base64_is_found_at_every_alignment() {
        let value = b"8f14>?45fceea167";
        for before in 0..4 {
            let text = [&b"xyzv"[..before], value, b"tail"].concat();
            for written in [STANDARD_NO_PAD.encode(&text), URL_SAFE.encode(&text)] {
                let groups = (0..value.len()).filter(|from| (before + from) % 3 == 0);
                for from in groups {
                    let at = (before + from) / 3 * 4;
                    let span = base64_at(written.as_bytes(), at, value, from);
                    let span = span.expect("stands there");
                    assert!(span.end - span.start >= value.len() * 4 / 3);
                    assert_eq!(base64_at(written.as_bytes(), at + 1, value, from), None);
                }
            }
        }
        assert_eq!(base64_at(b"OGYx", 4, value, 3), None);
    }
}
