//! What stands between two tags: text, CDATA sections, and comments in between that are no part of it.

use memchr::{memchr, memmem};

const CDATA: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";
/// The same in a document that stands in a section itself.
const CDATA_END_INSIDE: &[u8] = b"]]]]><![CDATA[></";
/// How many texts, sections and comments are followed: comments can hold tags, and each of those looks ahead too.
const SEGMENTS_MAX: usize = 16;
/// Comments and instructions are looked through so far.
const COMMENT_BYTES_MAX: usize = 4096;
/// The end of a section behind another piece is looked for so far.
const SECTION_BYTES_MAX: usize = 16 << 10;

/// One text or section without the blanks around it.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// A CDATA section, in which nothing is escaped.
    pub(crate) verbatim: bool,
}

/// The pieces that are not blank.
pub(crate) struct Content {
    pub(crate) first: Option<Piece>,
    /// Seldom any, so that most contents cost no allocation.
    pub(crate) more: Vec<Piece>,
    begin: usize,
    /// Where the next tag begins.
    pub(crate) end: usize,
}

impl Content {
    /// What stands from `start` on. A section may be long only for whoever will take it, see `far`; else each tag in a
    /// section without an end would look through the rest of the text.
    pub(crate) fn of(text: &[u8], start: usize, far: bool) -> Self {
        let mut content = Self {
            first: None,
            more: Vec::new(),
            begin: start,
            end: start,
        };
        for _ in 0..SEGMENTS_MAX {
            if !content.step(text, far) {
                break;
            }
        }
        content
    }

    /// Takes in the next segment; `false` where a tag or the text's end stands.
    fn step(&mut self, text: &[u8], far: bool) -> bool {
        let at = self.end;
        let rest = &text[at..];
        if rest.starts_with(CDATA) {
            let start = at + CDATA.len();
            let (length, after) = self.section(&text[start..], far);
            self.push(text, start, start + length, true);
            self.end = start + after;
        } else if let Some(length) = skipped(rest) {
            self.end = at + length;
        } else {
            let length = memchr(b'<', rest).unwrap_or(rest.len());
            self.push(text, at, at + length, false);
            self.end = at + length;
        }
        self.end > at
    }

    /// How long the inside of a section is, and up to behind its end. A further one without an end reaches to the next
    /// tag: `]]>` put apart by a careless client leaves one open.
    fn section(&self, rest: &[u8], far: bool) -> (usize, usize) {
        let limit = match (&self.first, far) {
            (Some(_), _) => SECTION_BYTES_MAX,
            (None, true) => rest.len(),
            (None, false) => COMMENT_BYTES_MAX,
        };
        let near = &rest[..rest.len().min(limit)];
        if let Some(length) = memmem::find(near, CDATA_END) {
            let inside = length.saturating_sub(2);
            return match near[inside..].starts_with(CDATA_END_INSIDE) {
                true => (inside, inside + CDATA_END_INSIDE.len() - "</".len()),
                false => (length, length + CDATA_END.len()),
            };
        }
        let length = match self.first {
            Some(_) => memchr(b'<', near).unwrap_or(near.len()),
            None => near.len(),
        };
        // Of a document in a section, whose end was put apart there.
        let value = near[..length].strip_suffix(b"]]");
        (value.map_or(length, <[u8]>::len), length)
    }

    fn push(&mut self, text: &[u8], start: usize, end: usize, verbatim: bool) {
        let (start, end) = trim(text, start, end);
        if start == end {
            return;
        }
        let piece = Piece {
            start,
            end,
            verbatim,
        };
        match self.first {
            None => self.first = Some(piece),
            Some(_) => self.more.push(piece),
        }
    }

    /// What to replace if all pieces are replaced as one: inside of sections if it begins and ends in one, else around
    /// them, so that no half of one is left; and whether it is inside.
    pub(crate) fn span(&self) -> Option<(usize, usize, bool)> {
        let first = self.first?;
        let last = *self.more.last().unwrap_or(&first);
        match (first.verbatim, last.verbatim) {
            (true, true) => Some((first.start, last.end, true)),
            (true, false) => Some((self.begin, last.end, false)),
            (false, true) => Some((first.start, self.end, false)),
            (false, false) => Some((first.start, last.end, false)),
        }
    }
}

/// The length of the comment or instruction that a text begins with.
pub(crate) fn skipped(rest: &[u8]) -> Option<usize> {
    let closer: &[u8] = if rest.starts_with(b"<!--") {
        b"-->"
    } else if rest.starts_with(b"<?") {
        b"?>"
    } else {
        return None;
    };
    let near = &rest[..rest.len().min(COMMENT_BYTES_MAX)];
    let found = memmem::find(near, closer)?;
    Some(found + closer.len())
}

/// A range without the blanks at both ends. Line ends may be written as `\n`, where a text stands in a string, and the
/// blanks behind one as `+`, where it stands in a form.
pub(crate) fn trim(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let (mut start, mut end) = (start, end);
    while let Some(length) = blank_at(&text[start..end]) {
        start += length;
    }
    while let Some(length) = blank_before(&text[start..end]) {
        end -= length;
    }
    (start, end)
}

fn blank_at(text: &[u8]) -> Option<usize> {
    let slashes = text.iter().take_while(|b| **b == b'\\').count();
    match text.get(slashes)? {
        b'\n' | b'\r' if slashes == 0 => Some(1 + pluses(text[1..].iter())),
        b if b.is_ascii_whitespace() && slashes == 0 => Some(1),
        b'n' | b'r' | b't' if slashes > 0 => Some(slashes + 1),
        _ => None,
    }
}

fn blank_before(text: &[u8]) -> Option<usize> {
    let pluses = pluses(text.iter().rev());
    let text = &text[..text.len() - pluses];
    match text.last()? {
        b'\n' | b'\r' => Some(1 + pluses),
        _ if pluses > 0 => None,
        b if b.is_ascii_whitespace() => Some(1),
        b'n' | b'r' | b't' => {
            let before = text[..text.len() - 1].iter().rev();
            let slashes = before.take_while(|b| **b == b'\\').count();
            (slashes > 0).then_some(slashes + 1)
        }
        _ => None,
    }
}

fn pluses<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|b| **b == b'+').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(text: &str) -> &str {
        let (start, end) = trim(text.as_bytes(), 0, text.len());
        &text[start..end]
    }

    #[test]
    fn blanks_around_a_value_are_none_of_it() {
        for text in ["V", "\n  V\r\n", r"\n V\n", r"\\r\\n\tV\\n", "\n+++V\n++"] {
            assert_eq!(trimmed(text), "V", "{text:?}");
        }
        assert_eq!(trimmed("+V+"), "+V+");
        assert_eq!(trimmed("  \n "), "");
        assert_eq!(trimmed(r"\"), r"\");
    }

    #[test]
    fn comments_are_left_out_and_sections_put_together() {
        let pieces = |text: &str| -> Vec<String> {
            let content = Content::of(text.as_bytes(), 0, true);
            let all = content.first.into_iter().chain(content.more);
            all.map(|piece| text[piece.start..piece.end].to_owned())
                .collect()
        };
        assert_eq!(pieces("a<!-- x -->b<?y?></p>"), ["a", "b"]);
        assert_eq!(pieces("<![CDATA[a]]]]><![CDATA[>b]]></p>"), ["a]]", ">b"]);
        assert_eq!(pieces("<![CDATA[a]]]]><![CDATA[></p>]]>"), ["a"]);
        assert_eq!(pieces("<![CDATA[a]]"), ["a"]);
        assert_eq!(pieces("\n<![CDATA[cut"), ["cut"]);
        assert_eq!(pieces(" <p>x</p>"), Vec::<String>::new());
    }
}
