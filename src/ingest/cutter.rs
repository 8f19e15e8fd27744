//! Bytes of a growing source to blocks of whole lines, as they come. What has no line end yet is held.
//!
//! The counterpart of `read::lines::Blocks`, which takes from a source that has an end; positions and checks are the
//! same, so that either can go on where the other stopped.

use std::hash::Hasher;

use twox_hash::XxHash3_64;

use crate::ingest::worker::Task;
use crate::read::lines::{Block, LINE_BYTES_MAX};

pub struct Cutter {
    hash: XxHash3_64,
    /// Came, but not handed over yet: the beginning of a line.
    pending: Vec<u8>,
    /// The head of a line that exceeds the cap, and how much was left out of it.
    overlong: Option<(Vec<u8>, u64)>,
    offset: u64,
    line: u64,
    /// The next line is the rest of one whose beginning was taken.
    continued: bool,
}

impl Cutter {
    /// Goes on behind `offset` bytes in `lines` lines, of which `hash` is the state.
    pub fn resume(hash: XxHash3_64, offset: u64, lines: u64, mid_line: bool) -> Self {
        Self {
            hash,
            pending: Vec::new(),
            overlong: None,
            offset,
            line: lines + 1,
            continued: mid_line,
        }
    }

    /// Bytes that came so far, the held ones among them.
    pub fn taken(&self) -> u64 {
        let overlong = self.overlong.as_ref();
        let held = overlong.map_or(0, |(head, dropped)| head.len() as u64 + dropped);
        self.offset + held + self.pending.len() as u64
    }

    pub fn holds_something(&self) -> bool {
        self.overlong.is_some() || !self.pending.is_empty()
    }

    /// Takes bytes and gives the lines that they complete.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<Task> {
        let mut tasks = Vec::new();
        while !bytes.is_empty() {
            bytes = match self.overlong.take() {
                Some((head, dropped)) => self.skip_overlong(head, dropped, bytes, &mut tasks),
                None => self.gather(bytes, &mut tasks),
            };
        }
        tasks
    }

    /// Leaves out the rest of a line that exceeds the cap; gives what stands behind it.
    fn skip_overlong<'b>(
        &mut self,
        head: Vec<u8>,
        dropped: u64,
        bytes: &'b [u8],
        tasks: &mut Vec<Task>,
    ) -> &'b [u8] {
        let end = memchr::memchr(b'\n', bytes).map(|at| at + 1);
        let (rest, behind) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.hash.write(rest);
        let dropped = dropped + rest.len() as u64;
        match end {
            Some(_) => tasks.push(self.task(head, dropped, false)),
            None => self.overlong = Some((head, dropped)),
        }
        behind
    }

    /// Takes as much as a line may have; gives what is left. So it does not matter in which pieces a line comes.
    fn gather<'b>(&mut self, bytes: &'b [u8], tasks: &mut Vec<Task>) -> &'b [u8] {
        let room = LINE_BYTES_MAX - self.pending.len();
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        self.pending.extend_from_slice(now);
        if let Some(last) = memchr::memrchr(b'\n', &self.pending) {
            let rest = self.pending.split_off(last + 1);
            let whole = std::mem::replace(&mut self.pending, rest);
            self.hash.write(&whole);
            tasks.push(self.task(whole, 0, false));
        } else if self.pending.len() == LINE_BYTES_MAX {
            let head = std::mem::take(&mut self.pending);
            self.hash.write(&head);
            self.overlong = Some((head, 0));
        }
        later
    }

    /// The last line, which got no end.
    pub fn rest(&mut self) -> Option<Task> {
        if let Some((head, dropped)) = self.overlong.take() {
            return Some(self.task(head, dropped, true));
        }
        if self.pending.is_empty() {
            return None;
        }
        let rest = std::mem::take(&mut self.pending);
        self.hash.write(&rest);
        Some(self.task(rest, 0, true))
    }

    /// Stands for the end of the source.
    pub fn end(&self) -> Block {
        let mut hash = self.hash.clone();
        hash.write(b"end");
        Block {
            start: self.offset,
            first_line: self.line,
            check: hash.finish(),
            ..Block::default()
        }
    }

    fn task(&mut self, bytes: Vec<u8>, dropped: u64, unterminated: bool) -> Task {
        let ends = memchr::memchr_iter(b'\n', &bytes).count() as u64;
        let block = Block {
            start: self.offset,
            first_line: self.line,
            bytes,
            dropped,
            unterminated,
            check: self.hash.clone().finish(),
        };
        self.offset = block.end();
        self.line += ends + u64::from(dropped > 0 || unterminated);
        let continued = std::mem::replace(&mut self.continued, unterminated);
        Task {
            block,
            continued,
            cut: false,
            ends: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::Blocks;

    fn start() -> Cutter {
        Cutter::resume(XxHash3_64::new(), 0, 0, false)
    }

    /// The input in pieces of a size, as lines with place and check of each block.
    fn in_pieces(input: &[u8], size: usize) -> (Vec<(u64, u64, usize)>, u64) {
        let mut cutter = start();
        let mut tasks: Vec<Task> = input.chunks(size).flat_map(|c| cutter.push(c)).collect();
        assert_eq!(cutter.taken(), input.len() as u64);
        tasks.extend(cutter.rest());
        let lines = tasks.iter().flat_map(|task| {
            let lines: Vec<_> = task.block.lines().collect();
            lines.into_iter().map(|(at, n, line)| (at, n, line.len()))
        });
        (lines.collect(), tasks.last().map_or(0, |t| t.block.check))
    }

    #[test]
    fn pieces_of_any_size_give_what_the_whole_gives() {
        let mut input = b"a\r\nbb\n\nccc\n".to_vec();
        input.extend(vec![b'x'; 2 * LINE_BYTES_MAX + 7]);
        input.extend_from_slice(b"\nnext\nlast");
        let mut blocks = Blocks::new(&input[..]);
        let all: Vec<Block> = std::iter::from_fn(|| blocks.next_block().expect("reads")).collect();
        let expected: Vec<_> = all
            .iter()
            .flat_map(Block::lines)
            .map(|(at, n, line)| (at, n, line.len()))
            .collect();
        let check = all.last().map_or(0, |b| b.check);
        for size in [7, 4096, 1 << 20, input.len()] {
            let (lines, last) = in_pieces(&input, size);
            assert_eq!((&lines, last), (&expected, check), "pieces of {size}");
        }
    }

    #[test]
    fn a_line_is_held_until_it_ends() {
        let mut cutter = start();
        assert!(cutter.push(b"one").is_empty() && cutter.holds_something());
        let tasks = cutter.push(b" line\ntwo");
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].block.bytes, b"one line\n");
        assert_eq!((tasks[0].block.end(), cutter.taken()), (9, 12));
        let rest = cutter.rest().expect("the rest");
        assert!(rest.block.unterminated && !rest.continued);
        let more = cutter.push(b" goes on\n");
        assert!(more[0].continued, "the line was taken before");
    }
}
