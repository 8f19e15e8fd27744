//! The head of a part of a multipart body, in whatever dress a log writes it: line ends as they are, as `\r\n` once or
//! several times escaped, as `\x0D\x0A`, or lost; names in quotes, in escaped quotes, in entities, or bare.

use std::ops::Range;

use memchr::memmem;

const NAME: &[u8] = b"name=";
/// A head is no longer than this.
const HEAD_BYTES_MAX: usize = 2048;
/// How far in front of its name a part's boundary stands.
const BEFORE_BYTES_MAX: usize = 512;
const BOUNDARY_BYTES_MAX: usize = 200;
/// Backslashes in front of a letter or quote, as nested JSON has them.
const SLASHES_MAX: usize = 16;
const LINE_END_BYTES_MAX: usize = 2 * SLASHES_MAX + 4;
/// A part is looked for its end within this; a value that is longer is no password.
const BODY_BYTES_MAX: usize = 64 << 10;

pub(crate) struct Head {
    pub(crate) name: Range<usize>,
    /// Where the value begins.
    pub(crate) body: usize,
}

impl Head {
    /// What stands behind `form-data;`.
    pub(crate) fn read(text: &[u8], from: usize) -> Option<Self> {
        let max = text.len().min(from + HEAD_BYTES_MAX);
        let name = name(&text[..max], from)?;
        // `multipart/form-data; boundary=…` is the head of the whole.
        if memmem::find(&text[from..name.start], b"boundary=").is_some() {
            return None;
        }
        let body = body_after(text, name.end, max);
        Some(Self { name, body })
    }

    /// Where the value ends: at the next boundary, without the end of the line before it. `None` where there is none.
    pub(crate) fn value_end(&self, text: &[u8], from: usize) -> Option<usize> {
        let boundary = boundary_before(text, from)?;
        let before = &text[self.body..];
        let before = &before[..memmem::find(before, &text[boundary])?];
        let ends = |back: &usize| line_end(&before[before.len() - back..]) == *back;
        let end = (1..=before.len().min(LINE_END_BYTES_MAX)).rev().find(ends);
        let value = &before[..before.len() - end.unwrap_or(0)];
        Some(self.body + value.trim_ascii_end().len())
    }

    /// The same in text that may go on with something else: the boundary is near, or the value ends with its line.
    pub(crate) fn near_end(&self, text: &[u8], from: usize) -> usize {
        let window = &text[..text.len().min(self.body + BODY_BYTES_MAX)];
        let line = || self.body + line_of(&window[self.body..]);
        self.value_end(window, from).unwrap_or_else(line)
    }
}

/// The value of the parameter `name`.
fn name(text: &[u8], from: usize) -> Option<Range<usize>> {
    let named = |at: &usize| {
        let word = text[*at..].get(..NAME.len());
        let before = *at == from || matches!(text[*at - 1], b' ' | b';' | b'\t');
        before && word.is_some_and(|word| word.eq_ignore_ascii_case(NAME))
    };
    let start = (from..text.len()).find(named)? + NAME.len();
    let quote = quote(&text[start..]);
    if quote == 0 {
        let bare = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.[]%$+".contains(*b);
        return Some(start..start + text[start..].iter().take_while(bare).count());
    }
    let (start, closer) = (start + quote, &text[start..start + quote]);
    let end = memmem::find(&text[start..], closer)?;
    Some(start..start + end)
}

/// Behind the empty line; in a text that has lost its line ends, behind the next blank that no parameter follows.
fn body_after(text: &[u8], from: usize, max: usize) -> usize {
    let mut at = from;
    while at < max {
        let first = line_end(&text[at..]);
        if first == 0 {
            at += 1;
            continue;
        }
        let second = line_end(&text[at + first..]);
        if second > 0 {
            return at + first + second;
        }
        at += first;
    }
    flat_body(text, from, max)
}

fn flat_body(text: &[u8], from: usize, max: usize) -> usize {
    let mut at = from + quote(&text[from..]);
    while at < max {
        let rest = &text[at..max];
        let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let word = &rest[blanks..];
        let word = &word[..word.iter().take_while(|b| !b.is_ascii_whitespace()).count()];
        // A parameter, a header, or the value of one.
        let value = !(word.starts_with(b";")
            || word.ends_with(b";")
            || word.ends_with(b":")
            || holds_parameter(word));
        let header = at > from && text[..at].ends_with(b":") || text[..at].ends_with(b";");
        if value && !header {
            return at + blanks;
        }
        at += blanks + word.len().max(1);
    }
    at.min(max)
}

fn holds_parameter(word: &[u8]) -> bool {
    [&b"filename"[..], b"charset=", b"boundary="]
        .iter()
        .any(|known| word.starts_with(known))
}

/// The boundary of the part, with its dashes.
fn boundary_before(text: &[u8], from: usize) -> Option<Range<usize>> {
    let low = from.saturating_sub(BEFORE_BYTES_MAX);
    let head = &text[low..from];
    let holds = |b: &&u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(*b);
    let mut end = head.len();
    while let Some(found) = memmem::rfind(&head[..end], b"--") {
        let dashes = head[..found]
            .iter()
            .rev()
            .take_while(|b| **b == b'-')
            .count();
        let start = found - dashes;
        let length = head[start..]
            .iter()
            .take(BOUNDARY_BYTES_MAX)
            .take_while(holds)
            .count();
        // The name of the header may follow without a line end between.
        let named = head[start..start + length]
            .iter()
            .any(u8::is_ascii_alphanumeric);
        let opens = start == 0
            || !head[start - 1].is_ascii_alphanumeric()
            || line_end_before(&head[..start]);
        if named && opens {
            return Some(low + start..low + start + length);
        }
        end = start;
    }
    None
}

/// Whether a text ends with a line end whose last sign is a letter or digit.
fn line_end_before(text: &[u8]) -> bool {
    text.ends_with(b"\\n")
        || text.ends_with(b"\\r")
        || text.len() >= 4 && line_end(&text[text.len() - 4..]) == 4
}

/// How much of a text is one line, when no boundary tells where a value ends.
fn line_of(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() && !matches!(text[at], b'"' | b'\'') && line_end(&text[at..]) == 0 {
        at += 1;
    }
    at
}

/// How many backslashes a text begins with, up to so many.
fn backslashes(text: &[u8], max: usize) -> usize {
    let first = text.iter().take(max);
    first.take_while(|b| **b == b'\\').count()
}

/// How many bytes the end of a line takes that a text begins with.
fn line_end(text: &[u8]) -> usize {
    let slashes = backslashes(text, SLASHES_MAX);
    let rest = &text[slashes..];
    match (slashes, rest.first()) {
        (0, Some(b'\r')) => 1 + usize::from(rest.get(1) == Some(&b'\n')),
        (0, Some(b'\n')) => 1,
        (1.., Some(b'r')) => {
            let next = &rest[1..];
            let again = backslashes(next, slashes);
            let joined = again == slashes && next.get(again) == Some(&b'n');
            slashes + 1 + if joined { again + 1 } else { 0 }
        }
        (1.., Some(b'n')) => slashes + 1,
        (1.., Some(b'x' | b'u')) => slashes + written_end(rest, slashes),
        _ => 0,
    }
}

/// `x0D\x0A` and `u000d\u000a`, behind the first backslash.
fn written_end(text: &[u8], slashes: usize) -> usize {
    let digits = if text[0] == b'x' { 3 } else { 5 };
    let is = |text: &[u8], sign: &[u8]| {
        text.len() >= digits
            && text[digits - 1..digits].eq_ignore_ascii_case(sign)
            && text[1..digits - 1].iter().all(|b| *b == b'0')
    };
    if is(text, b"a") {
        return digits;
    }
    if !is(text, b"d") {
        return 0;
    }
    let next = &text[digits..];
    let again = backslashes(next, slashes);
    let joined = again == slashes && next.get(again) == Some(&text[0]) && is(&next[again..], b"a");
    digits + if joined { again + digits } else { 0 }
}

/// How many bytes a quote takes that a text begins with.
fn quote(text: &[u8]) -> usize {
    let slashes = backslashes(text, SLASHES_MAX);
    let rest = &text[slashes..];
    match rest.first() {
        Some(b'"' | b'\'') => slashes + 1,
        Some(b'x') if slashes > 0 && rest.starts_with(b"x22") => slashes + 3,
        Some(b'u') if slashes > 0 && rest.starts_with(b"u0022") => slashes + 5,
        Some(b'&') => [&b"&#34;"[..], b"&quot;", b"&#39;", b"&#x22;"]
            .iter()
            .find(|entity| rest.starts_with(entity))
            .map_or(0, |entity| slashes + entity.len()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, value: &str) {
        let text_of = |range: Range<usize>| &text[range];
        let from = text.find("form-data;").expect("there") + "form-data;".len();
        let head = Head::read(text.as_bytes(), from).expect(text);
        assert_eq!(text_of(head.name.clone()), name, "{text}");
        assert_eq!(
            text_of(head.body..head.near_end(text.as_bytes(), from)),
            value,
            "{text}"
        );
    }

    #[test]
    fn a_part_is_read_in_every_dress() {
        check(
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv w\r\n--B--",
            "a",
            "v w",
        );
        check(
            "--B\nX: y\nContent-Disposition: form-data; filename=\"n\"; name=a\nX: y\n\nv\n--B--",
            "a",
            "v",
        );
        check(
            r#"x "--B1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n--B1--\r\n""#,
            "a",
            "v",
        );
        check(
            r#"b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--B--\r\n'"#,
            "a",
            "v",
        );
        check(
            r#"--B\\r\\nContent-Disposition: form-data; name=\\\"a\\\"\\r\\n\\r\\nv\\r\\n--B"#,
            "a",
            "v",
        );
        check(
            r"--B\x0D\x0AContent-Disposition: form-data; name=\x22a\x22\x0D\x0A\x0D\x0Av\x0D\x0A--B--",
            "a",
            "v",
        );
        check(
            "--B Content-Disposition: form-data; name=\"a\"  v --B--",
            "a",
            "v",
        );
        check(
            "--B Content-Disposition: form-data; name=a; filename=\"x\" Content-Type: text/plain v --B--",
            "a",
            "v",
        );
        check(
            "--B\nContent-Disposition: form-data; name=&#34;a&#34;\n\nv\n--B",
            "a",
            "v",
        );
        check(
            r#"x "Content-Disposition: form-data; name=\"a\"\r\n\r\nv" 200"#,
            "a",
            "v",
        );
        check(
            "--B\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nv\r\n\r\n--B",
            "a",
            "v",
        );
    }
}
