//! A text in base64 of several lines of one width, of which the last may be shorter.

use crate::mask::base64::{is_digit, opens_lines};
use crate::mask::together::document::Step;

const LINES_MAX: usize = 20_000;

pub(crate) struct Base64 {
    lines: usize,
    width: usize,
}

impl Base64 {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        opens_lines(line).then(|| Self {
            lines: 0,
            width: line.trim_ascii().len(),
        })
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        let core = line.trim_ascii();
        let belongs = core.len() <= self.width && core.iter().all(|b| is_digit(*b));
        if core.is_empty() || !belongs || self.lines > LINES_MAX {
            return Step::Apart;
        }
        match core.len() == self.width && core.last() != Some(&b'=') {
            true => Step::On,
            false => Step::Ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_width_belong_together() {
        let line = b"eyJ1c2VybmFtZSI6ImpvLmRvZUBleGFtcGxlLmNvbSIsInBhc3N3b3JkIjoiaHVu\n";
        let mut text = Base64::begun_by(line).expect("begins");
        assert_eq!(text.take(line), Step::On);
        assert_eq!(text.take(b"dGVy\r\n"), Step::Ends);
        let mut text = Base64::begun_by(line).expect("begins");
        assert_eq!(text.take(b"an end\n"), Step::Apart);
        for other in [
            &b"GET / HTTP/1.1"[..],
            b"0af7651916cd43dd8448eb211c80319c0af7651916cd",
            b"",
        ] {
            assert!(Base64::begun_by(other).is_none());
        }
    }
}
