//! A stream of bytes cut into texts that are masked as one.

use std::sync::Arc;

use crate::mask::table::Table;
use crate::mask::together::block::Block;
use crate::mask::together::document::{Document, Step};
use crate::mask::together::exchange::Exchange;
use crate::mask::together::execution::Execution;

/// A text longer than this is masked in pieces: a line of a log, however long, stays below it.
const UNIT_BYTES_MAX: usize = 64 << 20;
/// The document that a file is, such as a HAR.
const DOCUMENT_BYTES_MAX: usize = 512 << 20;

/// Texts that are whole, in the order of the stream.
#[derive(Debug, Default)]
pub struct Ready {
    pub(crate) bytes: Vec<u8>,
    /// Where each ends.
    pub(crate) ends: Vec<usize>,
    /// Whether the first goes on where the last one of the texts before was cut.
    pub(crate) goes_on: bool,
    /// Whether the last was cut, and what it told is to be looked for in what follows.
    pub(crate) cut: bool,
    /// From which text on which head holds.
    tables: Vec<(usize, Option<Arc<Table>>)>,
}

/// One of them, and the head that names its columns.
#[derive(Clone, Copy)]
pub(crate) struct Text<'t> {
    pub(crate) bytes: &'t [u8],
    pub(crate) table: Option<&'t Arc<Table>>,
}

impl Ready {
    pub(crate) fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let spans = starts.zip(&self.ends).enumerate();
        let mut tables = self.tables.iter().peekable();
        let mut table = None;
        spans.map(move |(order, (from, to))| {
            while let Some((_, next)) = tables.next_if(|(first, _)| *first <= order) {
                table = next.as_ref();
            }
            Text {
                bytes: &self.bytes[*from..*to],
                table,
            }
        })
    }
}

/// What is open.
enum Open {
    Nothing,
    Document(Document),
    Exchange(Exchange),
    Block(Block),
    Execution(Execution),
    /// Everything, to the end of the input.
    All,
}

/// Cuts what is pushed. Line ends stay with their lines.
pub struct Units {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Where the text that is open begins, and where its lines end that were looked at.
    start: usize,
    at: usize,
    /// Where the search for the end of a line goes on.
    searched: usize,
    open: Open,
    /// How long the text that is open may be.
    bytes_max: usize,
    begun: bool,
    /// Whether a line was looked at.
    read: bool,
    /// The head that holds, and those of the texts that are ready.
    table: Option<Arc<Table>>,
    tables: Vec<(usize, Option<Arc<Table>>)>,
    goes_on: bool,
    cut: bool,
    /// Bytes left out so far of a line that is too long.
    leaving_out: u64,
    left_out: u64,
}

impl Default for Units {
    fn default() -> Self {
        Self::with(Open::Nothing)
    }
}

impl Units {
    /// Of a source that is one document.
    pub fn whole() -> Self {
        Self::with(Open::All)
    }

    fn with(open: Open) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            start: 0,
            at: 0,
            searched: 0,
            open,
            bytes_max: UNIT_BYTES_MAX,
            begun: false,
            read: false,
            table: None,
            tables: Vec::new(),
            goes_on: false,
            cut: false,
            leaving_out: 0,
            left_out: 0,
        }
    }

    /// How many lines were too long to be masked; a note stands for each.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The longest text that is masked as one.
    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub fn push(&mut self, more: &[u8]) {
        let mut more = more;
        if !std::mem::replace(&mut self.begun, true)
            && (matches!(self.open, Open::All) || may_be_document(more))
        {
            self.bytes_max = DOCUMENT_BYTES_MAX;
        }
        while !more.is_empty() {
            let taken = match self.leaving_out {
                0 => more.len().min(self.room()),
                _ => 0,
            };
            self.bytes.extend_from_slice(&more[..taken]);
            self.find_lines();
            more = &more[taken..];
            if !more.is_empty() && self.room() == 0 {
                more = self.leave_out(more);
            }
        }
    }

    /// Nothing more comes for now: what need not wait for more is ready.
    pub fn pause(&mut self) {
        if let Open::Exchange(exchange) = &self.open
            && exchange.may_pause()
            && self.start < self.at
        {
            self.close();
            self.cut = true;
        }
    }

    /// Nothing more comes.
    pub fn end(&mut self) {
        if self.leaving_out > 0 {
            self.note();
        }
        if self.at < self.bytes.len() && !matches!(self.open, Open::All) {
            let last = self.bytes.len();
            self.line(last);
        }
        self.at = self.bytes.len();
        self.close();
        self.open = Open::Nothing;
    }

    /// Takes what is ready.
    pub fn ready(&mut self) -> Ready {
        let Some(end) = self.ends.last().copied() else {
            return Ready::default();
        };
        let rest = self.bytes.split_off(end);
        for place in [&mut self.start, &mut self.at, &mut self.searched] {
            *place -= end;
        }
        Ready {
            bytes: std::mem::replace(&mut self.bytes, rest),
            ends: std::mem::take(&mut self.ends),
            goes_on: std::mem::replace(&mut self.goes_on, self.cut),
            cut: std::mem::take(&mut self.cut),
            tables: std::mem::replace(&mut self.tables, vec![(0, self.table.clone())]),
        }
    }

    /// How much more of the text that is open may come.
    fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.bytes.len() - self.start)
    }

    fn find_lines(&mut self) {
        while let Some(found) = memchr::memchr(b'\n', &self.bytes[self.searched..]) {
            let end = self.searched + found + 1;
            self.searched = end;
            match self.open {
                Open::All => self.at = end,
                _ => self.line(end),
            }
        }
        self.searched = self.bytes.len();
    }

    /// One more line, that ends here.
    fn line(&mut self, end: usize) {
        let first = !std::mem::replace(&mut self.read, true);
        let line = &self.bytes[self.at..end];
        let step = match &mut self.open {
            Open::Nothing | Open::All => Step::Apart,
            Open::Document(document) => document.take(line),
            Open::Exchange(exchange) => exchange.take(line),
            Open::Block(block) => block.take(line),
            Open::Execution(execution) => execution.take(line),
        };
        match step {
            Step::On => self.at = end,
            Step::Ends => {
                self.at = end;
                self.close();
                self.open = Open::Nothing;
            }
            Step::Apart => {
                self.goes_on &= self.start < self.at || !self.ends.is_empty();
                self.close();
                self.open = begun_by(&self.bytes[self.at..end]);
                self.at = end;
                if matches!(self.open, Open::Nothing) {
                    self.head(first);
                    self.close();
                }
            }
        }
    }

    /// A line alone may name the columns of those that follow.
    fn head(&mut self, first: bool) {
        let line = &self.bytes[self.start..self.at];
        if let Some(table) = Table::begun_by(line, first) {
            self.table = Some(Arc::new(table));
            self.tables.push((self.ends.len() + 1, self.table.clone()));
        }
    }

    /// What was looked at and not handed over is one text.
    fn close(&mut self) {
        if self.start < self.at {
            self.ends.push(self.at);
            self.start = self.at;
            if !matches!(self.open, Open::All) {
                self.bytes_max = UNIT_BYTES_MAX;
            }
        }
    }

    /// There is no room for what comes: the lines before make a text; a line that is too long alone is left out.
    fn leave_out<'m>(&mut self, more: &'m [u8]) -> &'m [u8] {
        if self.leaving_out == 0 && self.start < self.at {
            self.close();
            return more;
        }
        if self.leaving_out == 0 {
            self.leaving_out = (self.bytes.len() - self.at) as u64;
        }
        let end = memchr::memchr(b'\n', more);
        let gone = end.unwrap_or(more.len());
        self.leaving_out += gone as u64;
        if end.is_some() {
            self.note();
        }
        &more[gone..]
    }

    /// What stands for a line that was left out; its end follows.
    fn note(&mut self) {
        let note = format!(
            "[left out by tidemark: {} bytes without the end of a line]",
            self.leaving_out
        );
        self.bytes.truncate(self.at);
        self.bytes.extend_from_slice(note.as_bytes());
        self.searched = self.bytes.len();
        self.leaving_out = 0;
        self.left_out += 1;
        self.open = Open::Nothing;
        self.bytes_max = UNIT_BYTES_MAX;
    }
}

/// Whether a source begins as a file of JSON does, which may be one document on one line.
fn may_be_document(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn begun_by(line: &[u8]) -> Open {
    if let Some(exchange) = Exchange::begun_by(line) {
        return Open::Exchange(exchange);
    }
    if let Some(execution) = Execution::begun_by(line) {
        return Open::Execution(execution);
    }
    match Document::begun_by(line) {
        Some(document) => Open::Document(document),
        None => Block::begun_by(line).map_or(Open::Nothing, Open::Block),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(mut units: Units, input: &[u8], chunk: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut take = |units: &mut Units| {
            let ready = units.ready();
            let mut from = 0;
            for end in ready.ends {
                all.push(String::from_utf8_lossy(&ready.bytes[from..end]).into_owned());
                from = end;
            }
            assert_eq!(from, ready.bytes.len());
        };
        for part in input.chunks(chunk) {
            units.push(part);
            take(&mut units);
        }
        units.end();
        take(&mut units);
        all
    }

    #[test]
    fn what_belongs_together_stays_together() {
        let parts = [
            "a=1\n",
            "\r\n",
            "x -----BEGIN PRIVATE KEY-----\r\nMIIE\r\n-----END PRIVATE KEY-----\r\n",
            "{\"a\":1}\n",
            "{\n \"a\": 1\n}\n",
            "2026-11-22 03:51:45 INFO body {\n",
            "2026-11-22 03:51:45 INFO x\n",
            "<r>\n <a/>\n</r>\n",
            "[\n",
            "{\n \"a\": 1\n},\n",
            "{\"b\":2}\n",
            "]\n",
            "--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n--B--\n",
            "--verbose\n",
            "tokens:\n  - a\n  - {\n  }\n",
            "done:\n",
            "x\n",
            "> GET / HTTP/1.1\n> \n< HTTP/1.1 200 OK\n< \nok\n",
            "> GET / HTTP/1.1\n> \n< HTTP/1.1 200 OK\n< \nlast",
        ];
        let input = parts.concat();
        for chunk in [1, 7, input.len()] {
            assert_eq!(cut(Units::default(), input.as_bytes(), chunk), parts);
        }
        assert_eq!(cut(Units::whole(), input.as_bytes(), 7), [input]);
    }

    #[test]
    fn a_line_without_an_end_is_left_out_and_told() {
        let mut units = Units {
            begun: true,
            bytes_max: 16,
            ..Units::default()
        };
        units.push(b"a line too long of the first");
        units.push(b" kind\nshort\n");
        units.bytes_max = 16;
        units.push(&[b'x'; 40]);
        units.end();
        let ready = units.ready();
        let text = String::from_utf8(ready.bytes).expect("UTF-8");
        assert_eq!(units.left_out(), 2);
        assert_eq!(
            text,
            "[left out by tidemark: 33 bytes without the end of a line]\nshort\n[left out by tidemark: 40 bytes without the end of a line]"
        );
    }

    #[test]
    fn an_exchange_does_not_wait_in_a_pause_and_goes_on_behind_it() {
        let mut units = Units::default();
        units.push(b"> GET / HTTP/1.1\n> A: b");
        units.pause();
        let ready = units.ready();
        assert_eq!(
            (ready.bytes.as_slice(), ready.cut, ready.goes_on),
            (&b"> GET / HTTP/1.1\n"[..], true, false)
        );
        units.push(b"\n< HTTP/1.1 200 OK\nx\n");
        units.end();
        let ready = units.ready();
        assert_eq!(
            (ready.ends.len(), ready.goes_on, ready.cut),
            (1, true, false)
        );
    }
}
