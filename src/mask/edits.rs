//! The changes found in one text, kept apart from it: spans and what stands there afterwards.
//!
//! Nothing is copied while a text is searched, and every byte outside a span stays as it was. A search inside a decoded
//! part notes spans in the decoded bytes; [`Edits::map_from`] carries them back to the text as written.

use memchr::{memchr, memchr_iter};

use crate::mask::decode::{Decoded, Encoding, is_sign};
use crate::mask::placeholder::FIXED;

/// One span and where its replacement lies in the arena.
#[derive(Clone, Copy)]
struct Edit {
    start: usize,
    end: usize,
    from: usize,
    to: usize,
}

/// The edits of one text. Cleared and used again, so a text without a secret costs no allocation.
#[derive(Default)]
pub(crate) struct Edits {
    list: Vec<Edit>,
    arena: String,
    /// Whether a sign was written that some encoding escapes.
    has_signs: bool,
}

impl Edits {
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.arena.clear();
        self.has_signs = false;
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Notes that `start..end` becomes what `write` appends; returns what was written.
    pub(crate) fn add(
        &mut self,
        start: usize,
        end: usize,
        write: impl FnOnce(&mut String),
    ) -> &str {
        let from = self.arena.len();
        write(&mut self.arena);
        let to = self.arena.len();
        self.list.push(Edit {
            start,
            end,
            from,
            to,
        });
        &self.arena[from..to]
    }

    /// What stands in the place of the last span.
    pub(crate) fn last(&self) -> &str {
        let last = self.list.last();
        last.map_or("", |edit| &self.arena[edit.from..edit.to])
    }

    /// Puts what was noted since `mark` in quotes.
    pub(crate) fn quote_from(&mut self, mark: usize, quote: &str) {
        for edit in &mut self.list[mark..] {
            let made = [quote, &self.arena[edit.from..edit.to], quote].concat();
            edit.from = self.arena.len();
            self.arena.push_str(&made);
            edit.to = self.arena.len();
            self.has_signs = true;
        }
    }

    /// Notes that what was written last has signs besides those of a stand-in: quotes around it, or text.
    pub(crate) fn has_signs(&mut self) {
        self.has_signs = true;
    }

    /// Writes what was noted since `mark` the way that the text around it is written. Stand-ins never need it.
    pub(crate) fn escape_from(&mut self, mark: usize, encoding: Encoding) {
        if !self.has_signs {
            return;
        }
        for edit in &mut self.list[mark..] {
            let made = &self.arena[edit.from..edit.to];
            if !made.contains(is_sign) {
                continue;
            }
            let escaped = encoding.escape(made);
            edit.from = self.arena.len();
            self.arena.push_str(&escaped);
            edit.to = self.arena.len();
        }
    }

    /// Moves the spans noted since `mark` from the coordinates of a decoded part to those of the text around it.
    pub(crate) fn map_from(&mut self, mark: usize, place: impl Fn(usize) -> usize) {
        for edit in &mut self.list[mark..] {
            edit.start = place(edit.start);
            edit.end = place(edit.end);
        }
    }

    /// The same, where an end lies elsewhere than a start at the same place would.
    pub(crate) fn map_spans_from(&mut self, mark: usize, decoded: &Decoded) {
        for edit in &mut self.list[mark..] {
            edit.end = decoded.written_end(edit.end);
            edit.start = decoded.written(edit.start).min(edit.end);
        }
    }

    /// Whether something that is masked touches other text without a sign between. Replacing it may then show a
    /// secret that it hid, as the letters behind a card number hide it.
    pub(crate) fn touch_text(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let byte = |at: usize| text.get(at).copied().unwrap_or(b' ');
        let before = |at: usize| match at.checked_sub(1).map(byte) {
            Some(b'=') => at < 2 || byte(at - 2) != b'=',
            Some(b) => b" \"'&?,:<>/(\n\t".contains(&b),
            None => true,
        };
        let after = |at: usize| match byte(at) {
            b'&' => byte(at + 1).is_ascii_alphanumeric(),
            // The end of a string inside a string.
            b'\\' => byte(at + 1) == b'"',
            b => b" \",:</)\n\t".contains(&b),
        };
        let free = |edit: &Edit| before(edit.start) && after(edit.end);
        !self.list.iter().all(free)
    }

    /// The text with all edits made; `None` when there are none. Of spans that overlap, the outer or first one wins.
    pub(crate) fn apply(&mut self, text: &str) -> Option<String> {
        self.made_from(0, text)
    }

    /// Makes the edits noted since `mark` and forgets them: the part they belong to is replaced as one.
    pub(crate) fn take_from(&mut self, mark: usize, text: &str) -> Option<String> {
        let made = self.made_from(mark, text);
        self.list.truncate(mark);
        made
    }

    fn made_from(&mut self, mark: usize, text: &str) -> Option<String> {
        let list = &mut self.list[mark..];
        if list.is_empty() {
            return None;
        }
        if !list.is_sorted_by_key(|edit| edit.start) {
            list.sort_by_key(|edit| (edit.start, usize::MAX - edit.end));
        }
        let mut out = String::with_capacity(text.len() + self.arena.len());
        let mut done = 0;
        for edit in list {
            let start = text.floor_char_boundary(edit.start);
            let end = text.ceil_char_boundary(edit.end);
            if start < done || end < start {
                continue;
            }
            out.push_str(&text[done..start]);
            let made = &self.arena[edit.from..edit.to];
            out.push_str(made);
            push_line_ends(&text[start..end], made, &mut out);
            done = end;
        }
        out.push_str(&text[done..]);
        Some(out)
    }
}

/// The lines of what was replaced behind those that were made for it: a text keeps its lines, so that their numbers
/// still lead to them, and stars stand where something stood, as an empty line would end the head of a message.
pub(crate) fn push_line_ends(replaced: &str, made: &str, out: &mut String) {
    if memchr(b'\n', replaced.as_bytes()).is_none() {
        return;
    }
    let mut lines = replaced.split('\n').skip(line_ends(made.as_bytes()));
    let mut before = lines.next();
    for line in lines {
        if before.is_some_and(|before| before.ends_with('\r')) {
            out.push('\r');
        }
        out.push('\n');
        if !line.trim_ascii().is_empty() {
            out.push_str(FIXED);
        }
        before = Some(line);
    }
}

pub(crate) fn line_ends(text: &[u8]) -> usize {
    memchr_iter(b'\n', text).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_may_come_in_any_order_and_the_outer_one_wins() {
        let mut edits = Edits::default();
        edits.add(6, 7, |out| out.push('X'));
        edits.add(0, 1, |out| out.push_str("YY"));
        edits.add(6, 9, |out| out.push('Z'));
        assert_eq!(edits.apply("abcdefghij").as_deref(), Some("YYbcdefZj"));
    }

    #[test]
    fn a_span_inside_a_character_takes_the_whole_character() {
        let mut edits = Edits::default();
        edits.add(2, 3, |out| out.push('*'));
        assert_eq!(edits.apply("aéb").as_deref(), Some("a*b"));
    }

    #[test]
    fn what_is_replaced_keeps_its_line_ends() {
        let mut edits = Edits::default();
        edits.add(1, 9, |out| out.push('*'));
        assert_eq!(
            edits.apply("ab\r\nc\n\nde").as_deref(),
            Some("a*\r\n***\n\n***")
        );
    }

    #[test]
    fn without_edits_nothing_is_copied() {
        assert_eq!(Edits::default().apply("abc"), None);
    }
}
