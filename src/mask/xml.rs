//! Elements of XML, SOAP and HTML: their text is judged by their name, by an attribute that names it (`<param
//! name="password">`), or by what stands beside them (`named`). Attributes are met at their `=` (`attribute`).

use std::borrow::Cow;

use memchr::memchr;

use crate::mask::content::{Content, Piece};
use crate::mask::decode::Encoding;
use crate::mask::extent::is_prose;
use crate::mask::keywords::{Name, Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::tag::{TAG_BYTES_MAX, Tag};

const ENTITY: &[u8] = b"<!ENTITY ";

impl Scan {
    /// Follows a `>`; if it ends an opening tag and the element's text was dealt with, returns where that text ends.
    pub(crate) fn element(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        let Some(tag) = Tag::opening_before(text, at) else {
            return self.declared(text, base, at);
        };
        let Name { policy, role } = self.markup_name(tag.local());
        let policy = match policy {
            Policy::Scan => self.named_by_attribute(text, &tag),
            policy => policy,
        };
        let content = Content::of(text, tag.end, self.takes_sections(policy));
        if let Some(end) = self.beside(text, base, &tag, &content, role, policy) {
            return Some(end);
        }
        match content.first {
            Some(_) => self.content(policy, text, base, &content),
            None if policy.claims() => self.values(policy, text, base, tag.end, (tag.end, 0)),
            None => None,
        }
    }

    /// What a name in markup says. A code in it is an error code.
    pub(crate) fn markup_name(&mut self, name: &[u8]) -> Name {
        let mut name = self.name(Position::Body, name);
        if matches!(name.policy, Policy::JudgeInQuery(_) | Policy::Server) {
            name.policy = Policy::Scan;
        }
        name
    }

    /// The same of a name that stands as a value and may hold entities.
    pub(crate) fn markup_policy(&mut self, written: &[u8]) -> Policy {
        let name = match Encoding::Xml.decode(written) {
            Some(decoded) => Cow::Owned(decoded.bytes),
            None => Cow::Borrowed(written),
        };
        self.markup_name(&name).policy
    }

    /// `<param name="password">`: the policy of what the attribute names.
    fn named_by_attribute(&mut self, text: &[u8], tag: &Tag<'_>) -> Policy {
        for attribute in tag.attributes() {
            if self.markup_name(&text[attribute.name]).role == Role::Names {
                return self.markup_policy(&text[attribute.value]);
            }
        }
        Policy::Scan
    }

    /// Whether the inside of a section will be taken, so that its end may be looked for.
    pub(crate) fn takes_sections(&self, policy: Policy) -> bool {
        self.may_go_deeper() || is_terminal(policy)
    }

    /// Judges the text of an element; returns where what was dealt with ends.
    pub(crate) fn content(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        content: &Content,
    ) -> Option<usize> {
        let Piece {
            start,
            end,
            verbatim,
        } = content.first?;
        let written = &text[start..end];
        let policy = match is_remark(policy, written) {
            true => Policy::Scan,
            false => policy,
        };
        if policy.claims() && !content.more.is_empty() {
            return self.joined(policy, text, base, content);
        }
        match verbatim {
            true if is_terminal(policy) => self.apply(policy, written, base + start),
            true => {
                self.deeper(|scan| scan.value(policy, Encoding::Plain, written, base + start))?;
            }
            false if policy == Policy::Scan && memchr(b'&', written).is_none() => return None,
            false => self.value(policy, Encoding::Xml, written, base + start),
        }
        Some(end)
    }

    /// A value in several pieces, as `]]>` in a section makes them: judged and replaced as one.
    fn joined(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        content: &Content,
    ) -> Option<usize> {
        let (start, end, verbatim) = content.span()?;
        let value = String::from_utf8(together(text, content)).ok()?;
        let mark = self.edits.len();
        self.deeper(|scan| scan.apply(policy, value.as_bytes(), 0))?;
        if let Some(masked) = self.edits.take_from(mark, &value) {
            let masked = match verbatim && !masked.contains("]]>") {
                true => masked,
                false => masked.replace('&', "&amp;").replace('<', "&lt;"),
            };
            self.edits
                .add(base + start, base + end, |out| out.push_str(&masked));
        }
        Some(end)
    }

    /// `<!ENTITY password "…">`, which is no tag.
    fn declared(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        let low = at.saturating_sub(TAG_BYTES_MAX);
        let start = low + memchr::memrchr(b'<', &text[low..at])?;
        let rest = text[start..at].strip_prefix(ENTITY)?;
        let name = rest.iter().position(|b| *b == b' ')?;
        let policy = self.markup_policy(&rest[..name]);
        let value = start + ENTITY.len() + name + 2;
        let end = value + memchr(*text.get(value - 1)?, text.get(value..at)?)?;
        if policy.claims() {
            self.value(policy, Encoding::Xml, &text[value..end], base + value);
        }
        None
    }
}

/// The pieces of a value decoded and put together.
fn together(text: &[u8], content: &Content) -> Vec<u8> {
    let mut value = Vec::new();
    for piece in content.first.iter().chain(&content.more) {
        let written = &text[piece.start..piece.end];
        match Encoding::Xml.decode(written).filter(|_| !piece.verbatim) {
            Some(decoded) => value.extend(decoded.bytes),
            None => value.extend(written),
        }
    }
    value
}

/// Whether a policy replaces without a search inside, so that no depth limits it.
fn is_terminal(policy: Policy) -> bool {
    matches!(policy, Policy::Mask(_) | Policy::Hide)
}

/// `<password>is too short</password>`: what was wrong, not what was sent.
fn is_remark(policy: Policy, written: &[u8]) -> bool {
    let secret = matches!(
        policy,
        Policy::Mask(
            Kind::Token
                | Kind::Key
                | Kind::Password
                | Kind::Secret
                | Kind::Session
                | Kind::Signature
        )
    );
    let word = written.split(|b| b.is_ascii_whitespace()).next();
    secret && word.is_some_and(is_prose)
}
