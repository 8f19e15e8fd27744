//! Multipart bodies, from their first boundary to the last.

use crate::mask::together::document::Step;
use crate::mask::together::record::begins_record;

/// RFC 2046 allows 70 bytes; some clients take more.
const BOUNDARY_BYTES_MAX: usize = 200;
const LINES_MAX: usize = 20_000;

pub(crate) struct Multipart {
    lines: usize,
    /// With the dashes in front, and those that end the body.
    last: Vec<u8>,
}

impl Multipart {
    /// A line that may end with a boundary; what follows tells.
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let blank = |b: &u8| b.is_ascii_whitespace();
        let line = line.trim_ascii_end();
        // Of all lines most end here.
        if !line.last().is_some_and(may_end_boundary) {
            return None;
        }
        let near = line.len().saturating_sub(BOUNDARY_BYTES_MAX + 3);
        let line = line[near..].rsplit(blank).next()?;
        let boundary = line.strip_prefix(b"--")?;
        let graphic = boundary.iter().all(u8::is_ascii_graphic);
        let named = boundary.iter().any(u8::is_ascii_alphanumeric);
        let opens =
            graphic && named && boundary.len() <= BOUNDARY_BYTES_MAX && !boundary.ends_with(b"--");
        opens.then(|| Self {
            lines: 0,
            last: [line, b"--"].concat(),
        })
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        let header = b"content-";
        let named = |line: &[u8]| {
            line.get(..header.len())
                .is_some_and(|l| l.eq_ignore_ascii_case(header))
        };
        if self.lines == 1 && !named(line.trim_ascii_start())
            || self.lines > LINES_MAX
            || begins_record(line)
        {
            return Step::Apart;
        }
        match line.trim_ascii() == self.last {
            true => Step::Ends,
            false => Step::On,
        }
    }
}

/// `bcharsnospace` of RFC 2046.
fn may_end_boundary(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_one_by_what_follows() {
        let mut body = Multipart::begun_by(b"------B1\r\n").expect("may be one");
        assert_eq!(
            body.take(b"content-disposition: form-data; name=\"a\"\r\n"),
            Step::On
        );
        assert_eq!(body.take(b"\r\n"), Step::On);
        assert_eq!(body.take(b"------B1\r\n"), Step::On);
        assert_eq!(body.take(b"------B1--\r\n"), Step::Ends);
        let mut rule = Multipart::begun_by(b"--verbose").expect("may be one");
        assert_eq!(rule.take(b"and more"), Step::Apart);
        let mut logged = Multipart::begun_by(b"2026-11-22 INFO body: --B").expect("may be one");
        assert_eq!(logged.take(b"Content-Type: a/b"), Step::On);
        for other in [&b"-----"[..], b"--> POST /", b"--B--", b"-x"] {
            assert!(Multipart::begun_by(other).is_none());
        }
    }
}
