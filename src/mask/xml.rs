//! Elements of XML, SOAP and HTML: their text is judged by their name, by an attribute that names it (`<param
//! name="password">`), or by what stands beside them (`named`). Attributes are met at their `=` (`attribute`).

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use crate::mask::content::Content;
use crate::mask::decode::Encoding;
use crate::mask::keywords::{Name, Policy, Role};
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::tag::{TAG_BYTES_MAX, Tag};

const ENTITY: &[u8] = b"<!ENTITY ";
/// Attributes that name what stands beside or inside, besides those that do in JSON too.
const NAMING: &[&str] = &[
    "friendlyname",
    "attributename",
    "parametername",
    "paramname",
    "fieldname",
    "propertyname",
    "property",
];

impl Scan {
    /// Follows a `>`; if it ends an opening tag and the element's text was dealt with, returns where that text ends.
    pub(crate) fn element(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        let Some(tag) = Tag::opening_before(text, at) else {
            return self.declared(text, base, at);
        };
        let Name {
            policy: own, role, ..
        } = self.markup_name(tag.local());
        let policy = match own {
            Policy::Scan => self.named_by_attribute(text, &tag),
            own => own,
        };
        let content = Content::of(text, tag.end, self.takes_sections(policy));
        // What an attribute names holds a value, whatever its own name says.
        if policy == own
            && let Some(end) = self.beside(text, base, &tag, &content, role, policy)
        {
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
            let policy = match self.names_in_markup(&text[attribute.name]) {
                true => self.markup_policy(&text[attribute.value]),
                false => Policy::Scan,
            };
            if policy != Policy::Scan {
                return policy;
            }
        }
        Policy::Scan
    }

    /// Whether an attribute's value is the name of another or of the element's text.
    pub(crate) fn names_in_markup(&mut self, attribute: &[u8]) -> bool {
        self.markup_name(attribute).role == Role::Names || is_one_of(NAMING, attribute)
    }

    /// `<!ENTITY password "…">`, which is no tag.
    fn declared(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        let low = at.saturating_sub(TAG_BYTES_MAX);
        let start = low + memrchr(b'<', &text[low..at])?;
        let rest = text[start..at].strip_prefix(ENTITY)?;
        let name = rest.iter().position(|b| *b == b' ')?;
        let policy = self.markup_policy(&rest[..name]);
        let value = start + ENTITY.len() + name + 2;
        let quote = text.get(value - 1).filter(|b| b"\"'".contains(b))?;
        let end = value + memchr(*quote, text.get(value..at)?)?;
        if policy.claims() {
            self.value(policy, Encoding::Xml, &text[value..end], base + value);
        }
        None
    }
}

pub(crate) fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    names
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}
