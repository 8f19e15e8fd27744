//! The way from a name in markup to its value, or back: from tag to tag over what stands between.

use memchr::memchr;

use crate::mask::content::{skipped, trim};
use crate::mask::keywords::Role;
use crate::mask::scan::Scan;
use crate::mask::tag::{Shape, Tag};
use crate::mask::xml::is_one_of;

/// How many tags may stand between a name and its value, and how many bytes.
const TAGS_MAX: usize = 16;
pub(crate) const GAP_BYTES_MAX: usize = 1024;

/// Elements that say of a value only what type it has.
pub(crate) const TYPES: &[&str] = &[
    "string", "str", "data", "base64", "item", "element", "anytype",
];
const NUMBER_TYPES: &[&str] = &["integer", "int", "long", "i4", "i8", "decimal"];
/// Elements around several values.
const LISTS: &[&str] = &["array", "arr", "list", "values", "set"];

/// What an element is to a name before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The next name.
    Names,
    Holds,
    HoldsNumber,
    Wraps,
    Other,
}

impl Scan {
    fn part_of_pair(&mut self, name: &[u8]) -> Part {
        match self.markup_name(name).role {
            Role::Names => Part::Names,
            Role::Holds => Part::Holds,
            _ if is_one_of(TYPES, name) || ends_with_value(name) => Part::Holds,
            _ if is_one_of(NUMBER_TYPES, name) => Part::HoldsNumber,
            _ if is_one_of(LISTS, name) => Part::Wraps,
            _ => Part::Other,
        }
    }
}

/// Goes from tag to tag among the neighbours of an element.
pub(crate) struct Walk {
    pub(crate) at: usize,
    /// How many elements have to close before the neighbours begin; below that their parent ends.
    depth: usize,
    /// How deep inside a neighbour that is neither name nor value.
    foreign: usize,
    tags: usize,
    limit: usize,
}

impl Walk {
    pub(crate) fn new((at, depth): (usize, usize)) -> Self {
        Self {
            at,
            depth,
            foreign: 0,
            tags: 0,
            limit: at + GAP_BYTES_MAX,
        }
    }

    /// Behind a value.
    pub(crate) fn go_on(&mut self, at: usize) {
        self.at = at;
        self.tags = 0;
        self.limit = at + GAP_BYTES_MAX;
    }

    /// The next name or value; `None` where the parent ends, or something else stands.
    pub(crate) fn next<'t>(&mut self, scan: &mut Scan, text: &'t [u8]) -> Option<(Part, Tag<'t>)> {
        while self.tags < TAGS_MAX {
            self.tags += 1;
            let tag = self.next_tag(text)?;
            self.at = tag.end;
            match tag.shape {
                Shape::Empty => {}
                Shape::Closes if self.foreign > 0 => self.foreign -= 1,
                Shape::Closes => self.depth = self.depth.checked_sub(1)?,
                Shape::Opens if self.foreign > 0 => self.foreign += 1,
                Shape::Opens => match scan.part_of_pair(tag.local()) {
                    Part::Other => self.foreign = 1,
                    Part::Wraps => self.depth += 1,
                    part => {
                        self.depth += 1;
                        return Some((part, tag));
                    }
                },
            }
        }
        None
    }

    /// Between neighbours stand only blanks and comments.
    fn next_tag<'t>(&self, text: &'t [u8]) -> Option<Tag<'t>> {
        let limit = text.len().min(self.limit);
        let mut at = self.at;
        while at < limit {
            at = match self.foreign {
                0 => trim(text, at, limit).0,
                _ => at + memchr(b'<', &text[at..limit])?,
            };
            match skipped(&text[at..limit]) {
                Some(length) => at += length,
                None => return (at < limit).then(|| Tag::starting_at(text, at)).flatten(),
            }
        }
        None
    }
}

/// A name without its last word, if it has another.
pub(crate) fn stem<'n>(name: &'n [u8], last: &[u8]) -> Option<&'n [u8]> {
    let (stem, end) = name.split_at_checked(name.len().checked_sub(last.len())?)?;
    (!stem.is_empty() && end.eq_ignore_ascii_case(last)).then_some(stem)
}

/// `AttributeValue`, `stringValue`.
fn ends_with_value(name: &[u8]) -> bool {
    stem(name, b"value").is_some()
}
