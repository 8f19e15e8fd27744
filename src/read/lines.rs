//! Bytes to blocks of whole lines, with offsets, in constant memory.

use std::borrow::Cow;
use std::hash::Hasher;
use std::io::{self, Read};

use twox_hash::XxHash3_64;

/// One line longer than this keeps its head and loses its tail (`formats.md` 0.8: 1 MiB is enough).
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// A document (HAR) is held whole while it is read.
pub const DOCUMENT_BYTES_MAX: usize = 512 << 20;

/// A block is handed to one worker: large enough to make the hand-over free, small enough to keep memory flat.
pub const BLOCK_BYTES: usize = 1 << 20;

/// Whole lines of one source, as they stood there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Offset of the first byte in the unpacked source.
    pub start: u64,
    /// 1-based number of the first line.
    pub first_line: u64,
    pub bytes: Vec<u8>,
    /// Bytes of an overlong line that were left out behind `bytes`.
    pub dropped: u64,
    /// The last line has no line end: the source ends here.
    pub unterminated: bool,
    /// Hash of everything from the start of the source to the end of this block.
    pub check: u64,
}

impl Block {
    /// Offset behind the block.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64 + self.dropped
    }

    /// Each line without its end, with its offset and number.
    pub fn lines(&self) -> impl Iterator<Item = (u64, u64, &[u8])> {
        let mut position = 0;
        let mut number = self.first_line;
        std::iter::from_fn(move || {
            if position >= self.bytes.len() {
                return None;
            }
            let rest = &self.bytes[position..];
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let found = (self.start + position as u64, number, &rest[..end]);
            position += end + 1;
            number += 1;
            Some(found)
        })
    }
}

/// A line as text; bytes that are no UTF-8 become replacement characters. Checking first is much cheaper for the many
/// lines that are.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// What stood before the place where reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub bytes: u64,
    pub lines: u64,
    /// Hash of those bytes.
    pub check: u64,
    /// The same where the end of the source was told to its reader.
    pub check_ended: u64,
    /// The last byte was no line end: what follows is the rest of a line.
    pub mid_line: bool,
}

/// Cuts a stream into [`Block`]s.
pub struct Blocks<R> {
    source: R,
    hash: XxHash3_64,
    /// Read but not yet handed over: the beginning of a line.
    pending: Vec<u8>,
    /// Room of a block that is done with.
    spare: Option<Vec<u8>>,
    offset: u64,
    line: u64,
    done: bool,
}

impl<R: Read> Blocks<R> {
    pub fn new(source: R) -> Self {
        Self {
            source,
            hash: XxHash3_64::new(),
            pending: Vec::new(),
            spare: None,
            offset: 0,
            line: 1,
            done: false,
        }
    }

    /// Takes back the bytes of a block that is done with: making room anew costs more than reading.
    pub fn reuse(&mut self, bytes: Vec<u8>) {
        self.spare = Some(bytes);
    }

    /// Number and offset of the line that comes next.
    pub fn place(&self) -> (u64, u64) {
        (self.line, self.offset)
    }

    /// The state of the hash of all that was handed over or passed, for whoever goes on from here.
    pub fn hash(&self) -> XxHash3_64 {
        self.hash.clone()
    }

    /// Of a fresh stream, only the first `bytes` bytes.
    pub fn limit(self, bytes: u64) -> Blocks<io::Take<R>> {
        Blocks::new(self.source.take(bytes))
    }

    /// Reads over the first `bytes` bytes, which an earlier run has read. Comes short when the source ends or fails
    /// before; a failure has to show again when reading goes on.
    pub fn pass(&mut self, bytes: u64) -> Passed {
        let mut chunk = vec![0; 64 * 1024];
        let mut last = b'\n';
        while self.offset < bytes {
            let want = chunk
                .len()
                .min(usize::try_from(bytes - self.offset).unwrap_or(usize::MAX));
            let n = match self.source.read(&mut chunk[..want]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(n) => n,
            };
            self.hash.write(&chunk[..n]);
            self.offset += n as u64;
            self.line += memchr::memchr_iter(b'\n', &chunk[..n]).count() as u64;
            last = chunk[n - 1];
        }
        Passed {
            bytes: self.offset,
            lines: self.line - 1,
            check: self.hash.clone().finish(),
            check_ended: self.check_ended(),
            mid_line: last != b'\n',
        }
    }

    /// The next block; `Ok(None)` at the end. After an error the lines read so far have been handed over, and what
    /// was read of the line in progress comes with the next call.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        while !self.done {
            let target = BLOCK_BYTES.max(self.pending.len() + 1);
            let read = self.fill(target);
            if let Some(last) = memchr::memrchr(b'\n', &self.pending) {
                let mut next = self.spare.take().unwrap_or_default();
                next.clear();
                next.extend_from_slice(&self.pending[last + 1..]);
                self.pending.truncate(last + 1);
                let bytes = std::mem::replace(&mut self.pending, next);
                // An error shows again on the next call, when the whole lines are safe.
                return Ok(Some(self.block(bytes, false)));
            }
            match read {
                Ok(0) => self.done = true,
                Ok(_) if self.pending.len() >= LINE_BYTES_MAX => return self.overlong().map(Some),
                Ok(_) => {}
                Err(error) => {
                    self.done = true;
                    return Err(error);
                }
            }
        }
        if self.pending.is_empty() {
            return Ok(None);
        }
        let bytes = std::mem::take(&mut self.pending);
        Ok(Some(self.block(bytes, true)))
    }

    /// All that is left as one block, whatever its lines; `Ok(None)` when that is more than `bytes_max`.
    pub fn rest(&mut self, bytes_max: usize) -> io::Result<Option<Block>> {
        while self.pending.len() <= bytes_max {
            if self.fill(self.pending.len() + BLOCK_BYTES)? == 0 {
                self.done = true;
                let bytes = std::mem::take(&mut self.pending);
                let unterminated = bytes.last().is_some_and(|b| *b != b'\n');
                return Ok(Some(self.block(bytes, unterminated)));
            }
        }
        Ok(None)
    }

    /// Stands for the end of the source: no lines, and a check that tells it from the block before.
    pub fn end(&self) -> Block {
        Block {
            start: self.offset,
            first_line: self.line,
            check: self.check_ended(),
            ..Block::default()
        }
    }

    fn check_ended(&self) -> u64 {
        let mut hash = self.hash.clone();
        hash.write(b"end");
        hash.finish()
    }

    /// Reads until `target` bytes are pending, the stream ends (0) or fails.
    fn fill(&mut self, target: usize) -> io::Result<usize> {
        let before = self.pending.len();
        let want = target.saturating_sub(before) as u64;
        self.pending.reserve_exact(target.saturating_sub(before));
        // What was read before an error stays.
        (&mut self.source).take(want).read_to_end(&mut self.pending)
    }

    /// Keeps the head of a line that exceeds the cap, reads over the rest.
    fn overlong(&mut self) -> io::Result<Block> {
        let mut head = std::mem::take(&mut self.pending);
        self.hash.write(&head);
        let mut dropped = (head.len() - LINE_BYTES_MAX) as u64;
        head.truncate(LINE_BYTES_MAX);
        let mut chunk = [0; 64 * 1024];
        loop {
            let n = match self.source.read(&mut chunk) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if n == 0 {
                self.done = true;
                return Ok(self.hashed_block(head, dropped, true));
            }
            if let Some(end) = memchr::memchr(b'\n', &chunk[..n]) {
                dropped += end as u64 + 1;
                self.hash.write(&chunk[..=end]);
                self.pending.extend_from_slice(&chunk[end + 1..n]);
                return Ok(self.hashed_block(head, dropped, false));
            }
            self.hash.write(&chunk[..n]);
            dropped += n as u64;
        }
    }

    fn block(&mut self, bytes: Vec<u8>, unterminated: bool) -> Block {
        self.hash.write(&bytes);
        self.hashed_block(bytes, 0, unterminated)
    }

    fn hashed_block(&mut self, bytes: Vec<u8>, dropped: u64, unterminated: bool) -> Block {
        let ends = memchr::memchr_iter(b'\n', &bytes).count() as u64;
        let lines = ends + u64::from(dropped > 0 || unterminated);
        let block = Block {
            start: self.offset,
            first_line: self.line,
            bytes,
            dropped,
            unterminated,
            check: self.hash.clone().finish(),
        };
        self.offset = block.end();
        self.line += lines;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Vec<Block> {
        let mut blocks = Blocks::new(input);
        std::iter::from_fn(|| blocks.next_block().expect("reads")).collect()
    }

    #[test]
    fn a_document_is_read_whole_up_to_its_limit() {
        let mut input = vec![b'x'; 2 * LINE_BYTES_MAX];
        input.extend_from_slice(b"\nend");
        let whole = |max| Blocks::new(&input[..]).rest(max).expect("reads");
        let block = whole(input.len()).expect("fits");
        assert_eq!((block.bytes.len(), block.dropped), (input.len(), 0));
        assert_eq!(block.check, all(&input).last().expect("some").check);
        assert_eq!(whole(input.len() - 1), None);
    }

    #[test]
    fn lines_keep_their_offsets_and_numbers() {
        let blocks = all(b"a\r\nbb\n\nccc");
        let lines: Vec<_> = blocks.iter().flat_map(Block::lines).collect();
        assert_eq!(
            lines,
            [
                (0, 1, &b"a\r"[..]),
                (3, 2, b"bb"),
                (6, 3, b""),
                (7, 4, b"ccc")
            ]
        );
        assert!(
            blocks
                .last()
                .is_some_and(|b| b.unterminated && b.end() == 10)
        );
    }

    #[test]
    fn an_overlong_line_keeps_its_head_and_the_next_line_stands() {
        let mut input = vec![b'x'; 3 * LINE_BYTES_MAX];
        input.extend_from_slice(b"\nnext\n");
        let blocks = all(&input);
        let lines: Vec<_> = blocks
            .iter()
            .flat_map(Block::lines)
            .map(|(o, n, l)| (o, n, l.len()))
            .collect();
        assert_eq!(
            lines,
            [
                (0, 1, LINE_BYTES_MAX),
                (3 * LINE_BYTES_MAX as u64 + 1, 2, 4)
            ]
        );
    }

    #[test]
    fn many_blocks_add_up_to_the_input() {
        let input: Vec<u8> = (0..300_000u32)
            .flat_map(|i| format!("line {i}\n").into_bytes())
            .collect();
        let blocks = all(&input);
        assert!(blocks.len() > 2);
        let joined: Vec<u8> = blocks.iter().flat_map(|b| b.bytes.clone()).collect();
        assert_eq!(joined, input);
        assert_eq!(
            blocks
                .iter()
                .flat_map(Block::lines)
                .last()
                .map(|(_, n, _)| n),
            Some(300_000)
        );
    }

    #[test]
    fn passing_over_gives_the_same_check_as_reading() {
        let mut input = vec![b'x'; 2 * LINE_BYTES_MAX + 7];
        input.extend_from_slice(b"\nnext\nlast");
        for block in all(&input) {
            let passed = Blocks::new(&input[..]).pass(block.end());
            assert_eq!((passed.bytes, passed.check), (block.end(), block.check));
            assert_eq!(passed.mid_line, block.unterminated);
        }
        assert_eq!(
            Blocks::new(&input[..]).pass(u64::MAX).bytes,
            input.len() as u64
        );
    }

    #[test]
    fn a_failing_stream_gives_its_whole_lines_first() {
        struct Failing(u8);
        impl Read for Failing {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 1 {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "cut"));
                }
                out[..6].copy_from_slice(b"a\nb\ncc");
                Ok(6)
            }
        }
        let mut blocks = Blocks::new(Failing(0));
        assert_eq!(
            blocks.next_block().expect("lines").map(|b| b.bytes),
            Some(b"a\nb\n".to_vec())
        );
        assert!(blocks.next_block().is_err());
        assert_eq!(
            blocks.next_block().expect("rest").map(|b| b.bytes),
            Some(b"cc".to_vec())
        );
    }
}
