//! JSON documents, whole, cut off or joined: each string and number is judged under its key, all other bytes stay.
//!
//! A tokeniser and not a parser: it keeps a small stack instead of a tree, needs no valid UTF-8 or numbers, and where a
//! text stops being JSON it says so, and the rest is searched as text.

mod frame;
mod leaf;
mod tokens;

use std::ops::Range;

use memchr::memchr;

use crate::mask::decode::Encoding;
use crate::mask::json::frame::{Frame, Leaf, Open};
use crate::mask::json::tokens::{
    begins_number, colon_after, lost_end, number_bytes, string_end, word,
};
use crate::mask::keywords::{Name, Policy};
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// What is deeper begins as a document of its own, so that a hostile one takes little memory.
const DEPTH_MAX: usize = 512;

impl Scan {
    /// Walks the document that begins at `from`; returns where it ends or stops being one.
    pub(crate) fn json(&mut self, text: &[u8], base: usize, from: usize) -> usize {
        let depth = self.trail.as_mut().map(|trail| trail.open(Position::Body));
        let (mark, mut open) = (self.edits.len(), Open::default());
        let end = self.json_on(text, base, from, &mut open);
        if let (Some(trail), Some(depth)) = (&mut self.trail, depth) {
            trail.cut(depth);
        }
        // Brackets and numbers alone that break off were none: `[4111 1111 …`, `[-----BEGIN …`.
        let is_open = !open.stack.is_empty();
        self.is_loose |= is_open && self.edits.len() > mark;
        let is_none = is_open && end < text.len() && self.edits.len() == mark;
        match is_none && memchr(b'"', &text[from..end]).is_none() {
            true => from,
            false => end,
        }
    }

    /// A document of several lines, to its end: where it breaks, the rest is searched as text, and what can still be
    /// followed is followed too, as a name and its value may stand on two lines.
    pub(crate) fn json_whole(&mut self, text: &[u8], base: usize) {
        let blank = |b: &&u8| b.is_ascii_whitespace() || matches!(b, 0xEF | 0xBB | 0xBF);
        let from = text.iter().take_while(blank).count();
        let depth = self.trail.as_mut().map(|trail| trail.open(Position::Body));
        let mark = self.edits.len();
        let mut open = Open::default();
        let mut at = self.json_on(text, base, from, &mut open);
        let is_broken = at < text.trim_ascii_end().len() || !open.stack.is_empty();
        self.text(text, base, at);
        while at < text.len() && !open.stack.is_empty() {
            let resumes = |b: &u8| b"\"{}[],\n".contains(b);
            let gap = text[at + 1..].iter().position(resumes);
            at = gap.map_or(text.len(), |gap| at + 1 + gap);
            at = self.json_on(text, base, at, &mut open);
        }
        self.is_loose |= is_broken && self.edits.len() > mark;
        if let (Some(trail), Some(depth)) = (&mut self.trail, depth) {
            trail.cut(depth);
        }
    }

    /// Goes on at `from` with what is open.
    fn json_on(&mut self, text: &[u8], base: usize, from: usize, open: &mut Open) -> usize {
        let Open { stack, columns } = open;
        let mut at = from;
        while let Some(b) = text.get(at) {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'{' | b'[' if stack.len() >= DEPTH_MAX => return at,
                b'{' | b'[' => {
                    let frame = Frame::new(*b == b'{', stack.last(), text);
                    if frame.about.columns && !frame.object {
                        columns.clear();
                    }
                    if let Some(parent) = stack.last_mut() {
                        parent.index += 1;
                        self.enter(text, parent);
                    }
                    stack.push(frame);
                    at += 1;
                }
                b'}' | b']' => {
                    close(stack, *b == b'}');
                    self.leave(stack);
                    at += 1;
                    if stack.is_empty() {
                        return at;
                    }
                }
                b',' => {
                    if let Some(frame) = stack.last_mut() {
                        frame.key = None;
                    }
                    at += 1;
                }
                b'"' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_string(text, base, at, frame, columns);
                    if self.asks_where() {
                        self.ask_where(text, stack);
                    }
                }
                b'-' | b'0'..=b'9' if !begins_number(text, from, at) => return at,
                b'-' | b'0'..=b'9' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_number(text, base, at, frame, columns);
                }
                b't' | b'f' | b'n' => match word(&text[at..]) {
                    Some(length) if !stack.is_empty() => at += length,
                    _ => return at,
                },
                _ => return at,
            }
        }
        text.len()
    }

    /// What the user's own rules say of the key that was read last, under the keys around it.
    fn ask_where(&self, text: &[u8], stack: &mut [Frame]) {
        let name = |frame: &Frame| &text[frame.key_span.0..frame.key_span.1];
        let Some((last, outer)) = stack.split_last_mut() else {
            return;
        };
        let around: Vec<&[u8]> = outer.iter().filter(|f| f.object).map(name).collect();
        let policy = self.policy_under(name(last), &around);
        if let Some(key) = &mut last.key {
            key.policy = policy;
        }
    }

    /// A key and its colon, or a value; returns what comes after.
    fn json_string(
        &mut self,
        text: &[u8],
        base: usize,
        open: usize,
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) -> usize {
        let (end, escaped) = string_end(text, open + 1);
        let end = match self.in_lines {
            true => lost_end(text, open + 1, end),
            false => end,
        };
        let after = (end + 1).min(text.len());
        // What a colon follows is a name, also where a comma or a bracket was lost.
        let may_be_name = frame.object && frame.key.is_none() || self.in_lines;
        if may_be_name && let Some(colon) = colon_after(text, after) {
            let key = self.json_key(&text[open + 1..end], escaped);
            if key.marks.odd {
                self.odd_key(&text[open + 1..end], escaped, base + open + 1);
            }
            frame.object = true;
            frame.is_jwk |= &text[open + 1..end] == b"kty";
            self.see_grant(text, base, open + 1..end, frame);
            frame.key = Some(key);
            frame.key_span = (open + 1, end);
            return colon + 1;
        }
        let leaf = Leaf {
            start: open + 1,
            end,
            escaped,
            number: false,
        };
        self.leaf(text, base, leaf, frame, columns);
        after
    }

    fn json_number(
        &mut self,
        text: &[u8],
        base: usize,
        start: usize,
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) -> usize {
        let end = start + number_bytes(&text[start..]);
        let leaf = Leaf {
            start,
            end,
            escaped: false,
            number: true,
        };
        self.leaf(text, base, leaf, frame, columns);
        end
    }

    /// A code beside one of these is worth a token.
    fn see_grant(&mut self, text: &[u8], base: usize, key: Range<usize>, frame: &mut Frame) {
        const BESIDE: [&[u8]; 6] = [
            b"grant_type",
            b"grantType",
            b"redirect_uri",
            b"redirectUri",
            b"code_verifier",
            b"codeVerifier",
        ];
        if !frame.is_grant && BESIDE.contains(&&text[key]) {
            frame.is_grant = true;
            if let Some(code) = frame.code.take() {
                self.judge(Policy::Mask(Kind::Code), text, base, code);
            }
        }
    }

    /// A key that may hold a value.
    fn odd_key(&mut self, key: &[u8], escaped: bool, base: usize) {
        let search = |scan: &mut Self, key: &[u8], at| scan.text(key, at, 0);
        match escaped {
            true => self.encoded(Encoding::Backslash, key, base, search),
            false => search(self, key, base),
        }
    }

    fn json_key(&mut self, key: &[u8], escaped: bool) -> Name {
        match escaped.then(|| Encoding::Backslash.decode(key)).flatten() {
            Some(decoded) => self.name(Position::Body, &decoded.bytes),
            None => self.name(Position::Body, key),
        }
    }
}

/// Whether a text is one string and nothing else, which is a document too.
pub(crate) fn is_lone_string(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.len() > 1 && text.ends_with(b"\"") && string_end(text, 1).0 == text.len() - 1
}

/// Closes what is open. A bracket that does not fit closes what should have been closed before, too.
fn close(stack: &mut Vec<Frame>, object: bool) {
    let last = stack.pop();
    let fits = |frame: &Frame| frame.object == object;
    if !last.as_ref().is_none_or(fits) && stack.last().is_some_and(fits) {
        stack.pop();
    }
}
