//! Where a value may be cut out of a document so that what is left still is one: not amid an escape, and not with a
//! quote that opens or closes a string of the document.

/// The longest escape: `\u00e9`.
const ESCAPE_BYTES_MAX: usize = 6;

pub(crate) fn opens_document(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '[', '"'])
}

/// A span of a document, with the whole of the escapes that it cuts; `None` where it reaches out of a string.
pub(crate) fn in_document(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let start = escape_around(text, start).map_or(start, |(escape, _)| escape);
    let end = escape_around(text, end).map_or(end, |(_, escape)| escape);
    let leaves = (start..end).any(|at| text[at] == b'"' && is_structure(text, at));
    (!leaves).then_some((start, end))
}

/// Where the escape begins and ends that a place lies in.
fn escape_around(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let low = at.saturating_sub(ESCAPE_BYTES_MAX - 1);
    let slash = low + text[low..at].iter().rposition(|b| *b == b'\\')?;
    let end = slash + escape_bytes(&text[slash..])?;
    (at < end && is_escape(text, slash)).then_some((slash, end))
}

fn escape_bytes(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'u' => {
            let digits = text.get(2..ESCAPE_BYTES_MAX)?;
            let whole = digits.iter().all(u8::is_ascii_hexdigit);
            whole.then_some(ESCAPE_BYTES_MAX)
        }
        b => b"\"\\/bfnrt".contains(b).then_some(2),
    }
}

/// Whether a backslash begins an escape, and is not the second of two.
fn is_escape(text: &[u8], slash: usize) -> bool {
    let before = text[..slash].iter().rev();
    before.take_while(|b| **b == b'\\').count() % 2 == 0
}

/// Whether a quote is one of the document's: none is escaped, and beside it stands what joins strings.
fn is_structure(text: &[u8], quote: usize) -> bool {
    let escaped = quote > 0 && text[quote - 1] == b'\\' && is_escape(text, quote - 1);
    let joins = |b: Option<&u8>| b.is_some_and(|b| b"{}[]:,".contains(b));
    let before = quote.checked_sub(1).and_then(|at| text.get(at));
    !escaped && (joins(before) || joins(text.get(quote + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_takes_the_escapes_that_it_cuts() {
        let text = br#"{"a":"\nabc\u00e9d","b":"x"}"#;
        let span = |start, end| in_document(text, start, end);
        assert_eq!(span(8, 11), Some((8, 11)));
        assert_eq!(span(7, 11), Some((6, 11)));
        assert_eq!(span(8, 14), Some((8, 17)));
        assert_eq!(span(8, 21), None);
        let text = br#"{"a":"x\\nabc \"quoted\""}"#;
        assert_eq!(in_document(text, 9, 13), Some((9, 13)));
        assert_eq!(in_document(text, 9, 22), Some((9, 22)));
    }
}
