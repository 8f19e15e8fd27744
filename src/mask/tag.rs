//! Tags of XML and HTML and their attributes, found from either end, whole or cut off.
//!
//! Quotes count: `<a b="x>y">` is one tag. They may be escaped as a string in a string has them (`\"`), and a blank may be
//! written as `+`, as forms do.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

/// No tag reaches further.
pub(crate) const TAG_BYTES_MAX: usize = 1024;
/// Backslashes in front of a quote.
const SLASHES_MAX: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Opens,
    Closes,
    /// `<a/>`
    Empty,
}

#[derive(Clone, Copy)]
pub(crate) struct Tag<'t> {
    text: &'t [u8],
    /// Where its `<` stands.
    pub(crate) start: usize,
    /// Behind its `>`.
    pub(crate) end: usize,
    pub(crate) shape: Shape,
}

impl<'t> Tag<'t> {
    /// The tag that begins at `start`; `None` when it is none, or cut off.
    pub(crate) fn starting_at(text: &'t [u8], start: usize) -> Option<Self> {
        let closes = text.get(start + 1)? == &b'/';
        let name = start + 1 + usize::from(closes);
        if text[start] != b'<' || !text.get(name)?.is_ascii_alphabetic() {
            return None;
        }
        let limit = text.len().min(start + TAG_BYTES_MAX);
        let mut attributes = Attributes::new(text, name, limit);
        // Markup in an attribute: more likely a quote too many before it.
        if attributes.any(|attribute| memchr(b'<', &text[attribute.value]).is_some()) {
            return None;
        }
        let close = attributes.close?;
        let shape = match (closes, text[close - 1]) {
            (true, _) => Shape::Closes,
            (false, b'/') => Shape::Empty,
            (false, _) => Shape::Opens,
        };
        Some(Self {
            text,
            start,
            end: close + 1,
            shape,
        })
    }

    /// The opening tag whose `>` stands at `at`.
    pub(crate) fn opening_before(text: &'t [u8], at: usize) -> Option<Self> {
        let low = at.saturating_sub(TAG_BYTES_MAX - 1);
        let start = low + memrchr(b'<', &text[low..at])?;
        // `<<PASSWORD>>` is a placeholder.
        let twice = start > 0 && text[start - 1] == b'<';
        if twice || !text[start + 1].is_ascii_alphabetic() {
            return None;
        }
        match Self::starting_at(text, start) {
            Some(tag) => (tag.end == at + 1 && tag.shape == Shape::Opens).then_some(tag),
            None => Self::careless(text, start, at),
        }
    }

    /// A tag whose quotes do not match.
    fn careless(text: &'t [u8], start: usize, at: usize) -> Option<Self> {
        let whole = memchr(b'>', &text[start..at]).is_none() && text[at - 1] != b'/';
        whole.then_some(Self {
            text,
            start,
            end: at + 1,
            shape: Shape::Opens,
        })
    }

    /// The name without its namespace.
    pub(crate) fn local(&self) -> &'t [u8] {
        let from = self.start + 1 + usize::from(self.shape == Shape::Closes);
        let name = &self.text[from..self.end];
        local(&name[..name.iter().take_while(|b| in_name(**b)).count()])
    }

    pub(crate) fn attributes(&self) -> Attributes<'t> {
        Attributes::new(self.text, self.start + 1, self.end)
    }
}

#[derive(Clone)]
pub(crate) struct Attribute {
    /// Where its `=` stands.
    pub(crate) equals: usize,
    /// Without the namespace.
    pub(crate) name: Range<usize>,
    /// Without the quotes.
    pub(crate) value: Range<usize>,
}

/// The attributes of a tag, up to its `>` or where it is cut off.
pub(crate) struct Attributes<'t> {
    text: &'t [u8],
    at: usize,
    limit: usize,
    close: Option<usize>,
}

impl<'t> Attributes<'t> {
    pub(crate) fn new(text: &'t [u8], at: usize, limit: usize) -> Self {
        Self {
            text,
            at,
            limit,
            close: None,
        }
    }

    fn value(&self, from: usize) -> (Range<usize>, usize) {
        let rest = &self.text[from..self.limit];
        let lead = rest.iter().take_while(|b| is_blank(**b)).count();
        let slashes = rest[lead..].iter().take(SLASHES_MAX);
        let slashes = slashes.take_while(|b| **b == b'\\').count();
        let start = from + lead + slashes;
        match self.text[..self.limit].get(start) {
            Some(quote @ (b'"' | b'\'')) => self.quoted(start + 1, *quote, slashes),
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || *b == b'>';
                let length = rest[lead..].iter().position(ends);
                let end = length.map_or(self.limit, |length| from + lead + length);
                (from + lead..end, end)
            }
        }
    }

    fn quoted(&self, start: usize, quote: u8, slashes: usize) -> (Range<usize>, usize) {
        let mut from = start;
        while let Some(found) = memchr(quote, &self.text[from..self.limit]) {
            let at = from + found;
            if slashes == 0 || at > start && self.text[at - 1] == b'\\' {
                let before = self.text[start..at].iter().rev().take(slashes);
                let before = before.take_while(|b| **b == b'\\').count();
                return (start..at - before, at + 1);
            }
            from = at + 1;
        }
        (start..self.limit, self.limit)
    }
}

impl Iterator for Attributes<'_> {
    type Item = Attribute;

    fn next(&mut self) -> Option<Attribute> {
        let rest = self.text.get(self.at..self.limit)?;
        let found = self.at + memchr2(b'=', b'>', rest)?;
        if self.text[found] == b'>' {
            self.close = Some(found);
            self.at = self.limit;
            return None;
        }
        let name = name_before(self.text, self.at, found);
        let (value, after) = self.value(found + 1);
        self.at = after;
        Some(Attribute {
            equals: found,
            name,
            value,
        })
    }
}

fn name_before(text: &[u8], floor: usize, at: usize) -> Range<usize> {
    let blanks = text[floor..at].iter().rev();
    let end = at - blanks.take_while(|b| is_blank(**b)).count();
    let name = text[floor..end].iter().rev();
    let length = name.take_while(|b| in_name(**b)).count();
    end - local(&text[end - length..end]).len()..end
}

fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|b| *b == b':').next().unwrap_or(name)
}

fn is_blank(b: u8) -> bool {
    b.is_ascii_whitespace() || b == b'+'
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.:".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(text: &str) -> Vec<(&str, &str)> {
        Attributes::new(text.as_bytes(), 1, text.len())
            .map(|found| (&text[found.name], &text[found.value]))
            .collect()
    }

    #[test]
    fn attributes_are_read_in_every_dress() {
        for text in [
            r#"<add key="k" value="a>b"/>"#,
            "<add key='k' value = 'a>b'/>",
            r#"<n:add n:key=\"k\" n:value=\"a>b\"/>"#,
            r#"<add+key="k"+value="a>b"/>"#,
            "<add key=k value=\"a>b",
        ] {
            assert_eq!(attributes(text), [("key", "k"), ("value", "a>b")], "{text}");
        }
        assert_eq!(attributes("<input disabled value=V>"), [("value", "V")]);
    }

    #[test]
    fn a_tag_is_found_from_its_end() {
        let text = br#"<s:a b="x>y">V</s:a>"#;
        let tag = Tag::opening_before(text, 12).expect("a tag");
        assert_eq!((tag.local(), tag.start, tag.end), (&b"a"[..], 0, 13));
        assert!(Tag::opening_before(text, 9).is_none());
        assert!(Tag::opening_before(text, 19).is_none());
        assert!(Tag::opening_before(b"<a/>", 3).is_none());
        assert!(Tag::opening_before(b"<<a>>", 3).is_none());
        assert!(Tag::opening_before(b"->", 1).is_none());
        let careless = Tag::opening_before(b"<password it's>V", 14).expect("a tag");
        assert_eq!(careless.local(), b"password");
    }
}
