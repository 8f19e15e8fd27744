//! Attributes whose value another one names: `<add key="ApiKey" value="…"/>`, `<input value="…" name="csrf_token">`,
//! in any order, and `<token value="…"/>`.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::mask::decode::Encoding;
use crate::mask::keywords::{Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::tag::{Attribute, Attributes, TAG_BYTES_MAX};
use crate::mask::xml::is_one_of;

/// Types of inputs whose value is a label or a choice.
const LABEL_TYPES: &[&str] = &[
    "submit", "button", "reset", "image", "checkbox", "radio", "color", "range",
];

impl Scan {
    /// Follows the `=` behind a name; returns where the value ends if it is an attribute's and was dealt with.
    pub(crate) fn attribute(
        &mut self,
        text: &[u8],
        base: usize,
        at: usize,
        name: &Range<usize>,
    ) -> Option<usize> {
        let before = *text.get(name.start.checked_sub(1)?)?;
        if !(before.is_ascii_whitespace() || matches!(before, b':' | b'+')) {
            return None;
        }
        let holds = self.name(Position::Body, &text[name.clone()]).role == Role::Holds;
        if !holds && !is_escaped_twice(text, at) {
            return None;
        }
        let (open, this) = attribute_at(text, at)?;
        let policy = match holds {
            true => self.named_beside(text, open, &this),
            false => Policy::Scan,
        };
        let written = &text[this.value.clone()];
        if policy == Policy::Scan && !is_escaped_twice(text, at) || !is_whole(text, &this) {
            return None;
        }
        self.value(policy, Encoding::Xml, written, base + this.value.start);
        Some(this.value.end)
    }

    /// What the other attributes or the tag itself say of a value.
    fn named_beside(&mut self, text: &[u8], open: usize, this: &Attribute) -> Policy {
        let head = Attributes::new(text, open, this.equals);
        let limit = text.len().min(this.value.end + TAG_BYTES_MAX);
        // Behind the closing quote, which stands behind backslashes or is missing.
        let quote = text[this.value.end..limit].iter();
        let after = this.value.end + quote.take_while(|b| b"\\\"'".contains(b)).count();
        let tail = Attributes::new(text, after, limit);
        let (mut named, mut id) = (Policy::Scan, Policy::Scan);
        for attribute in head.chain(tail) {
            let (name, value) = (&text[attribute.name], &text[attribute.value]);
            if name.eq_ignore_ascii_case(b"type") {
                match value {
                    b"password" => return Policy::Mask(Kind::Password),
                    value if is_one_of(LABEL_TYPES, value) => return Policy::Scan,
                    _ => {}
                }
            } else if named == Policy::Scan && self.names_in_markup(name) {
                named = self.markup_policy(value);
            } else if name.eq_ignore_ascii_case(b"id") {
                id = self.markup_policy(value);
            }
        }
        match (named, id) {
            (Policy::Scan, Policy::Scan) => self.tag_policy(text, open),
            (Policy::Scan, id) => id,
            (named, _) => named,
        }
    }

    fn tag_policy(&mut self, text: &[u8], open: usize) -> Policy {
        let in_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.:".contains(b);
        let name = text[open + 1..].split(|b| !in_name(b)).next();
        let local = name.and_then(|name| name.rsplit(|b| *b == b':').next());
        self.markup_name(local.unwrap_or_default()).policy
    }
}

/// Whether the value behind the `=` at `at` is an attribute's and has to be read as one.
pub(crate) fn is_attribute_with_entities(text: &[u8], at: usize, written: &[u8]) -> bool {
    memchr(b'&', written).is_some() && attribute_at(text, at).is_some()
}

/// The attribute whose `=` stands at `at`, and where its tag begins.
fn attribute_at(text: &[u8], at: usize) -> Option<(usize, Attribute)> {
    let low = at.saturating_sub(TAG_BYTES_MAX);
    let open = low + memrchr(b'<', &text[low..at])?;
    text.get(open + 1).filter(|b| b.is_ascii_alphabetic())?;
    let mut attributes = Attributes::new(text, open + 1, text.len());
    let found = attributes.find(|attribute| attribute.equals >= at)?;
    (found.equals == at).then_some((open, found))
}

/// Whether a value is an attribute's. With a tag inside, or without an end and with a bracket inside, more likely a quote
/// is missing.
fn is_whole(text: &[u8], attribute: &Attribute) -> bool {
    let value = &text[attribute.value.clone()];
    let opens = |at: usize| {
        let next = value.get(at + 1);
        next.is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b))
    };
    match attribute.value.end == text.len() {
        true => memchr2(b'<', b'>', value).is_none(),
        false => !memchr_iter(b'<', value).any(opens),
    }
}

/// A quoted value with backslashes and entities: in a tag the entities are undone first.
fn is_escaped_twice(text: &[u8], at: usize) -> bool {
    let Some((quote @ (b'"' | b'\''), rest)) = text[at + 1..].split_first() else {
        return false;
    };
    let value = &rest[..memchr(*quote, rest).unwrap_or(rest.len())];
    memchr(b'\\', value).is_some() && memchr(b'&', value).is_some()
}
