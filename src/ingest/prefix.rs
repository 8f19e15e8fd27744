//! The hash of a source's beginning, at the end of each of its lines.

use std::hash::Hasher;

use twox_hash::XxHash3_64;

use crate::read::lines::Block;

pub struct Prefix {
    /// Of all bytes so far; `None` behind a line of which a part was left out.
    hash: Option<XxHash3_64>,
    lines: u64,
    end: u64,
    key: u64,
}

/// The end of a line.
pub struct LineEnd<'p> {
    /// 1-based.
    pub line: u64,
    /// Offset behind it.
    pub end: u64,
    hash: &'p XxHash3_64,
    key: u64,
}

impl LineEnd<'_> {
    /// Of all up to here. Without the key nobody can tell whether a guess of what stood there is right; it is never 0.
    pub fn mark(&self) -> u32 {
        let bytes = self.hash.finish().to_le_bytes();
        (XxHash3_64::oneshot_with_seed(self.key, &bytes) as u32).max(1)
    }
}

impl Prefix {
    /// Goes on behind `lines` lines, where the hash of the bytes has this state.
    pub fn new(hash: XxHash3_64, lines: u64, key: u64) -> Self {
        Self {
            hash: Some(hash),
            lines,
            end: 0,
            key,
        }
    }

    /// Takes the next block and shows the ends of its lines, of those that are wanted by their number.
    pub fn walk(
        &mut self,
        block: &Block,
        wants: impl Fn(u64) -> bool,
        found: &mut dyn FnMut(LineEnd<'_>),
    ) {
        let Some(hash) = self.hash.as_mut().filter(|_| block.dropped == 0) else {
            self.hash = None;
            return;
        };
        let mut from = 0;
        for at in memchr::memchr_iter(b'\n', &block.bytes) {
            self.lines += 1;
            if !wants(self.lines) {
                continue;
            }
            hash.write(&block.bytes[from..=at]);
            from = at + 1;
            found(LineEnd {
                line: self.lines,
                end: block.start + from as u64,
                hash,
                key: self.key,
            });
        }
        hash.write(&block.bytes[from..]);
        self.end = block.end();
    }

    /// Shows the end that the last line would have.
    pub fn complete(mut self, found: &mut dyn FnMut(LineEnd<'_>)) {
        if let Some(hash) = &mut self.hash {
            hash.write(b"\n");
            found(LineEnd {
                line: self.lines + 1,
                end: self.end + 1,
                hash,
                key: self.key,
            });
        }
    }
}
