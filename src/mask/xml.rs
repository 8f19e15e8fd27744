//! Elements of XML, SOAP and HTML. Attributes are name and value pairs like any other and are met at their `=`.

use memchr::{memchr, memmem, memrchr2};

use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// How far back an opening tag may begin.
const TAG_BYTES_MAX: usize = 1024;
const CDATA: &[u8] = b"<![CDATA[";

impl Scan {
    /// Follows a `>`; if it ends an opening tag and the element's text was dealt with, returns where that text ends.
    pub(crate) fn element(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        let tag = opening_tag(text, at)?;
        let name = &tag[..tag.iter().take_while(|b| in_name(**b)).count()];
        let local = name.rsplit(|b| *b == b':').next()?;
        let policy = match self.policy(Position::Body, local) {
            Policy::Scan => self.named_by_attribute(tag),
            policy => policy,
        };
        let (start, end, verbatim) = content(text, at + 1);
        let written = &text[start..end];
        let encoding = if verbatim {
            Encoding::Plain
        } else {
            Encoding::Xml
        };
        let escaped = verbatim || memchr(b'&', written).is_some();
        if written.trim_ascii().is_empty() || !(policy.claims() || escaped) {
            return None;
        }
        match verbatim {
            true => self.deeper(|scan| scan.value(policy, encoding, written, base + start))?,
            false => self.value(policy, encoding, written, base + start),
        }
        Some(end)
    }

    /// `<param name="password">`: the policy of what the attribute names.
    fn named_by_attribute(&mut self, tag: &[u8]) -> Policy {
        for attribute in [&b" name=\""[..], b" key=\"", b" Name=\"", b" Key=\""] {
            if let Some(found) = memmem::find(tag, attribute) {
                let value = &tag[found + attribute.len()..];
                return self.policy(
                    Position::Body,
                    &value[..memchr(b'"', value).unwrap_or(value.len())],
                );
            }
        }
        Policy::Scan
    }
}

/// The inside of an opening tag that ends at `at`.
fn opening_tag(text: &[u8], at: usize) -> Option<&[u8]> {
    let low = at.saturating_sub(TAG_BYTES_MAX);
    let open = low + memrchr2(b'<', b'>', &text[low..at])?;
    let tag = &text[open + 1..at];
    // `<<PASSWORD>>` is a placeholder.
    let twice = open > 0 && text[open - 1] == b'<';
    let opens = text[open] == b'<' && tag.first().is_some_and(u8::is_ascii_alphabetic);
    (opens && !twice && tag.last() != Some(&b'/')).then_some(tag)
}

/// The text of an element up to its first child or end, or the inside of a CDATA section.
fn content(text: &[u8], start: usize) -> (usize, usize, bool) {
    if text[start..].starts_with(CDATA) {
        let start = start + CDATA.len();
        let end = memmem::find(&text[start..], b"]]>").map_or(text.len(), |end| start + end);
        return (start, end, true);
    }
    let end = memchr(b'<', &text[start..]).map_or(text.len(), |end| start + end);
    (start, end, false)
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.:".contains(&b)
}
