//! Texts of several lines: the documents in them are followed as what they are, the lines between as lines of a log.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::mask::base64;
use crate::mask::decode::{Decoded, Encoding};
use crate::mask::form::is_multipart;
use crate::mask::keywords::Policy;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::together::{Document, Step, indent, is_one_document, name_above, payload};

/// A document that is open, and what of its lines is its own: the rest is the dress of a transcript.
struct Opened {
    document: Document,
    start: usize,
    dressed: bool,
    lines: Vec<Range<usize>>,
}

impl Scan {
    /// One line, or the lines of one thing.
    pub(crate) fn joined(&mut self, text: &[u8]) {
        let alone = text.strip_suffix(b"\n").unwrap_or(text);
        if memchr(b'\n', alone).is_none() {
            return self.line(alone, 0);
        }
        if is_one_document(text) {
            return self.document(text, 0);
        }
        let mut done = 0;
        let mut opened: Option<Opened> = None;
        let mut at = 0;
        while at < text.len() {
            let end = memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found + 1);
            let inside = at + payload(&text[at..end]).start..at + payload(&text[at..end]).end;
            let step = opened.as_mut().map(|opened| opened.take(text, &inside));
            if matches!(step, Some(Step::Ends | Step::Apart))
                && let Some(ended) = opened.take()
            {
                done = self.opened(text, done, &ended);
            }
            if matches!(step, None | Some(Step::Apart)) {
                opened = Opened::begun_by(text, at..end, inside);
            }
            at = end;
        }
        if let Some(open) = opened {
            done = self.opened(text, done, &open);
        }
        self.line(&text[done..], done);
        self.blocks(text);
    }

    /// Values on the lines below their name.
    fn blocks(&mut self, text: &[u8]) {
        let mut named = (Policy::Scan, 0);
        let mut beside = Policy::Scan;
        let mut at = 0;
        for line in text.split_inclusive(|b| *b == b'\n') {
            let (policy, outer) = named;
            let inside = payload(line);
            let bare = &line[inside.clone()];
            if policy.claims() && indent(bare) > outer {
                self.block_value(policy, bare, at + inside.start);
            } else if let Some(name) = name_above(bare) {
                named = (self.policy(Position::Body, name), indent(bare));
            } else {
                named.0 = Policy::Scan;
            }
            if beside.claims() {
                self.value_beside(beside, bare, at + inside.start);
            }
            beside = match member(bare, b"name: ") {
                Some(name) => self.policy(Position::Body, &bare[name]),
                None => Policy::Scan,
            };
            at += line.len();
        }
    }

    /// `value: x` below `- name: PASSWORD`.
    fn value_beside(&mut self, policy: Policy, line: &[u8], base: usize) {
        if let Some(value) = member(line, b"value: ") {
            self.value(
                policy,
                Encoding::Plain,
                &line[value.clone()],
                base + value.start,
            );
        }
    }

    /// One word, which may be a member of a list; what has a name of its own is found by it.
    fn block_value(&mut self, policy: Policy, line: &[u8], base: usize) {
        let value = line.trim_ascii();
        let value = value.strip_prefix(b"- ").unwrap_or(value).trim_ascii();
        let quote = |b: &&u8| matches!(b, b'"' | b'\'');
        let value = &value[value.iter().take_while(quote).count()..];
        let value = &value[..value.len() - value.iter().rev().take_while(quote).count()];
        let signs = |b: &u8| b.is_ascii_whitespace() || b"=,{}[]<>".contains(b);
        let padding = value.iter().rev().take_while(|b| **b == b'=').count();
        let word = &value[..value.len() - padding];
        if word.is_empty() || value.ends_with(b":") || word.iter().any(signs) {
            return;
        }
        let start = memmem::find(line, value).unwrap_or_default();
        self.value(policy, Encoding::Plain, value, base + start);
    }

    fn line(&mut self, text: &[u8], base: usize) {
        let start = self.lines.then(|| self.line_start(text, base, 0)).flatten();
        match start {
            Some(at) => self.text(text, base, at),
            None => self.any(text, base),
        }
    }

    /// The lines before a document and the document; returns where it ends.
    fn opened(&mut self, text: &[u8], done: usize, opened: &Opened) -> usize {
        // One line that might have been a boundary and was none.
        let alone = opened.lines.len() == 1 && matches!(opened.document, Document::Multipart(_));
        if alone {
            return done;
        }
        let end = opened.lines.last().map_or(opened.start, |line| line.end);
        // Digits that hold no text belong to what stands around them.
        if matches!(opened.document, Document::Base64(_))
            && base64::lines_in(&text[opened.start..end]).is_none()
        {
            return done;
        }
        if matches!(opened.document, Document::Pem(_) | Document::Xml(_)) && !opened.dressed {
            return done;
        }
        self.line(&text[done..opened.start], done);
        match opened.dressed {
            false if matches!(opened.document, Document::Base64(_)) => {
                self.any(&text[opened.start..end], opened.start);
            }
            true => self.undressed(text, &opened.lines),
            false => self.document(&text[opened.start..end], opened.start),
        }
        end
    }

    fn document(&mut self, text: &[u8], base: usize) {
        self.in_lines = true;
        match text.trim_ascii_start().first() {
            Some(b'-') if is_multipart(text) => self.multipart(text, base),
            Some(b'-') => self.line(text, base),
            _ => self.json_whole(text, base),
        }
        self.in_lines = false;
    }

    /// A document whose lines stand in the dress of a transcript: searched without it.
    fn undressed(&mut self, text: &[u8], lines: &[Range<usize>]) {
        let mut bare = Decoded::default();
        for line in lines {
            bare.keep(text, line.clone());
            if !text[line.clone()].ends_with(b"\n") {
                bare.keep_line_end();
            }
        }
        let mark = self.edits.len();
        self.deeper(|scan| scan.document(&bare.bytes, 0));
        self.edits.map_from(mark, |at| bare.written(at));
    }
}

impl Opened {
    fn begun_by(text: &[u8], line: Range<usize>, inside: Range<usize>) -> Option<Self> {
        let document = Document::begun_by(&text[inside.clone()])?;
        let start = inside.start + document.start();
        Some(Self {
            document,
            start,
            dressed: inside != line,
            lines: std::iter::once(start..inside.end).collect(),
        })
    }

    fn take(&mut self, text: &[u8], inside: &Range<usize>) -> Step {
        let step = self.document.take(&text[inside.clone()]);
        if step != Step::Apart {
            self.lines.push(inside.clone());
        }
        step
    }
}

/// What stands behind the key of a member of YAML, without quotes.
fn member(line: &[u8], key: &[u8]) -> Option<Range<usize>> {
    let bare = line.trim_ascii_start();
    let bare = bare.strip_prefix(b"- ").unwrap_or(bare);
    let value = bare.strip_prefix(key)?.trim_ascii();
    let quote = |b: &&u8| matches!(b, b'"' | b'\'');
    let value = &value[value.iter().take_while(quote).count()..];
    let value = &value[..value.len() - value.iter().rev().take_while(quote).count()];
    let start = value.as_ptr() as usize - line.as_ptr() as usize;
    (!value.is_empty()).then_some(start..start + value.len())
}
