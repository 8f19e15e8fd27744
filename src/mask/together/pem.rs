//! Private keys in PEM, line by line.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::mask::together::document::Step;

const BEGIN: &[u8] = b"-----BEGIN ";
/// Looked for in every line of a stream.
static BEGIN_FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(BEGIN));
const END: &[u8] = b"-----END ";
/// The label, such as `ENCRYPTED PRIVATE KEY`, ends within this.
const LABEL_BYTES_MAX: usize = 48;
/// The longest line of base64 that programs write.
const WIDTH_MAX: usize = 128;
/// A key of 16,384 bits has 200 lines.
const LINES_MAX: usize = 2048;

pub(crate) struct Pem {
    lines: usize,
    /// Of the first line of base64: a shorter one is the last.
    width: usize,
    last: bool,
}

impl Pem {
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let begin = BEGIN_FINDER.find(line)? + BEGIN.len();
        let label = &line[begin..line.len().min(begin + LABEL_BYTES_MAX)];
        let label = &label[..memmem::find(label, b"-----")?];
        memmem::find(label, b"PRIVATE KEY")?;
        let rest = &line[begin + label.len() + 5..];
        core(rest).is_empty().then_some(Self {
            lines: 0,
            width: 0,
            last: false,
        })
    }

    /// One that was cut off ends with its last line of base64.
    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        if memmem::find(line, END).is_some() {
            return Step::Ends;
        }
        let width = core(line).len();
        if self.lines > LINES_MAX || self.last && width > 0 || !(is_body(line) || is_header(line)) {
            return Step::Apart;
        }
        if self.width == 0 && is_body(line) {
            self.width = width;
        }
        self.last = width > 0 && width < self.width;
        Step::On
    }
}

/// Whether a line holds nothing but base64, with what a program may write around it.
pub(crate) fn is_body(line: &[u8]) -> bool {
    let core = core(line);
    core.len() <= WIDTH_MAX
        && core
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// `Proc-Type: 4,ENCRYPTED`, `DEK-Info: …`.
fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"Proc-Type: ") || line.starts_with(b"DEK-Info: ")
}

/// A line without indentation, quotes and the escape of its end.
fn core(line: &[u8]) -> &[u8] {
    let around = |b: &&u8| b.is_ascii_whitespace() || b"\"',;<>|#*\\".contains(*b);
    let line = &line[line.iter().take_while(around).count()..];
    let core = &line[..line.len() - line.iter().rev().take_while(around).count()];
    let core = core.strip_suffix(b"\\n").unwrap_or(core);
    core.strip_suffix(b"\\r").unwrap_or(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_with_its_label_or_its_last_line() {
        let mut pem = Pem::begun_by(b"x: -----BEGIN RSA PRIVATE KEY-----\r\n").expect("begins");
        assert_eq!(pem.take(b"  MIIEowIBAAKCAQEA\r\n"), Step::On);
        assert_eq!(pem.take(b"  VTLw7onL\r\n"), Step::On);
        assert_eq!(pem.take(b"  -----END RSA PRIVATE KEY-----\r\n"), Step::Ends);
        let mut cut = Pem::begun_by(b"-----BEGIN PRIVATE KEY-----").expect("begins");
        assert_eq!(cut.take(b"MIIEowIBAAKCAQEA"), Step::On);
        assert_eq!(cut.take(b"VTLw7onL"), Step::On);
        assert_eq!(cut.take(b"done"), Step::Apart);
        for other in [
            &b"-----BEGIN CERTIFICATE-----"[..],
            b"-----BEGIN PRIVATE KEY----- MII -----END PRIVATE KEY-----",
        ] {
            assert!(Pem::begun_by(other).is_none());
        }
    }
}
