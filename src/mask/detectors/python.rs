//! Bytes as Python prints them: `send: b'{"password": "x\\n"}'`. Undone as one, so that what is inside is read as it was
//! sent.

use crate::mask::decode::Encoding;
use crate::mask::detector::{Class, Detector, Pattern, Place};
use crate::mask::extent::closing;
use crate::mask::scan::Scan;

pub(crate) const PYTHON: Detector = Detector {
    name: "password",
    hints: &["b'"],
    exact: true,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        (
            r#"send: b'{"query":"mutation { login(password: \\"kD93jLpQz71xWm\\") { ok } }"}'"#,
            "kD93jLp",
        ),
        (
            r#"send: b'GET / HTTP/1.1\r\nX-Db-Password: kD93jLpQz71xWm\r\n\r\n'"#,
            "kD93jLp",
        ),
    ],
    misses: &[
        "and: 'x\\ny'",
        "send: b'GET / HTTP/1.1\\r\\nHost: a\\r\\n'",
        "Bob's password",
        "b'",
    ],
};

/// Without an escape there is nothing to undo, and the inside is searched with the rest.
fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let (text, start) = (place.text, place.end);
    let opens = place.start == 0 || !Class::Dash.holds(text[place.start - 1]);
    opens.then(|| literal(scan, text, base, start)).flatten()
}

/// The inside of a literal that begins at `start`, behind its quote.
pub(crate) fn literal(scan: &mut Scan, text: &[u8], base: usize, start: usize) -> Option<usize> {
    let end = closing(text, start, &text[start - 1..start]);
    let written = &text[start..end];
    if !scan.may_go_deeper() || !written.contains(&b'\\') {
        return None;
    }
    scan.encoded(Encoding::Backslash, written, base + start, Scan::any);
    Some(end)
}
