//! Markup that is escaped as a whole: `&lt;token>…&lt;/token>`, `%3Ctoken%3E…`. Undone piece by piece a tag would be
//! parted from its text, because what else ends an escaped part may stand inside.

use memchr::{memchr, memmem, memrchr2};

use crate::mask::decode::Encoding;
use crate::mask::detector::Place;
use crate::mask::tag::TAG_BYTES_MAX;

/// How an opening bracket of markup is written, and once more escaped.
const PERCENT: &[&str] = &["%3c", "%253c"];
const XML: &[&str] = &["&lt;", "&amp;lt;", "&#60;", "&#x3c;", "&amp;amp;lt;"];

/// Where the markup ends that begins with an escape; `None` when none does, or it stands in an attribute, whose end is
/// the end of the part.
pub(crate) fn markup_end(encoding: Encoding, place: &Place<'_>) -> Option<usize> {
    let rest = &place.text[place.start..];
    match encoding {
        Encoding::Percent if opens(rest, PERCENT) => Some(place.start + percent_length(rest)),
        Encoding::Xml if opens(rest, XML) && !in_tag(place) => {
            Some(place.start + entities_length(rest))
        }
        _ => None,
    }
}

fn opens(rest: &[u8], spellings: &[&str]) -> bool {
    let name = spellings.iter().find_map(|spelling| {
        let (head, tail) = rest.split_at_checked(spelling.len())?;
        head.eq_ignore_ascii_case(spelling.as_bytes())
            .then_some(tail)
    });
    let first = name.and_then(|name| name.first());
    first.is_some_and(|b| b.is_ascii_alphabetic() || b"/!?%&".contains(b))
}

/// Up to what no client leaves in a value: `/`, `=` and others are often not escaped.
fn percent_length(rest: &[u8]) -> usize {
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>&|\\{}[]".contains(b);
    rest.iter().position(ends).unwrap_or(rest.len())
}

/// Up to the end of the line or string behind the last tag before real markup.
fn entities_length(rest: &[u8]) -> usize {
    let real = memchr(b'<', rest).unwrap_or(rest.len());
    let last = memmem::rfind(&rest[..real], b"lt;").unwrap_or(0);
    let last = last + tag_length(&rest[last..real]);
    let ends = |b: &u8| matches!(b, b'"' | b'\n');
    let tail = rest[last..real].iter().position(ends);
    tail.map_or(real, |tail| last + tail)
}

/// How long a tag is, whose `>` may be escaped; nothing when it is cut off.
fn tag_length(rest: &[u8]) -> usize {
    let near = &rest[..rest.len().min(TAG_BYTES_MAX)];
    let plain = memchr(b'>', near);
    plain.or_else(|| memmem::find(near, b"gt;")).unwrap_or(0)
}

fn in_tag(place: &Place<'_>) -> bool {
    let low = place.start.saturating_sub(TAG_BYTES_MAX);
    let before = &place.text[low..place.start];
    let Some(sign) = memrchr2(b'<', b'>', before) else {
        return false;
    };
    before[sign] == b'<' && before.get(sign + 1).is_some_and(u8::is_ascii_alphabetic)
}
