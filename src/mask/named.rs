//! Elements that name what stands beside or inside them: `<Name>password</Name><Value>…</Value>`, in either order, the
//! key and string of a property list, the members of XML-RPC, `<field name="apiKey"><value>…</value>`.
//!
//! Nothing is remembered from tag to tag: a name looks ahead for its value, and a value that comes first for its name.
//! Both look over a few tags only, so a text without values costs no more for it.

use crate::mask::content::{Content, trim};
use crate::mask::keywords::{Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::scan::Scan;
use crate::mask::tag::{Shape, Tag};
use crate::mask::walk::{GAP_BYTES_MAX, Part, TYPES, Walk, stem};
use crate::mask::xml::is_one_of;

/// A longer text names nothing.
const NAME_BYTES_MAX: usize = 64;

/// Elements around a pair of which nothing but the order tells the name.
const PAIRS: &[&str] = &["entry", "pair", "void"];

impl Scan {
    /// An element that names its neighbour or is named by it; returns where what was dealt with ends.
    pub(crate) fn beside(
        &mut self,
        text: &[u8],
        base: usize,
        tag: &Tag<'_>,
        content: &Content,
        role: Role,
        policy: Policy,
    ) -> Option<usize> {
        match role {
            Role::Names => self.names(text, base, tag, content),
            Role::Holds if policy == Policy::Scan => self.holds(text, base, tag, content),
            _ if is_one_of(TYPES, tag.local()) && first_of_pair(text, tag) => {
                self.names(text, base, tag, content)
            }
            _ if !policy.claims() && has_partner(text, tag, content) => {
                self.names(text, base, tag, content)
            }
            _ => None,
        }
    }

    fn names(
        &mut self,
        text: &[u8],
        base: usize,
        tag: &Tag<'_>,
        content: &Content,
    ) -> Option<usize> {
        let (policy, place) = self.name_in(text, tag, content)?;
        match policy {
            Policy::Scan => self.plain_name(text, base, tag, place),
            policy => self.values(policy, text, base, tag.end, place),
        }
    }

    /// A key with a value beside it is a name and no key to anything, whatever it looks like.
    fn plain_name(
        &mut self,
        text: &[u8],
        base: usize,
        tag: &Tag<'_>,
        place: (usize, usize),
    ) -> Option<usize> {
        if !matches!(self.markup_name(tag.local()).policy, Policy::Judge(_)) {
            return None;
        }
        let (part, _) = Walk::new(place).next(self, text)?;
        if part == Part::Names {
            return None;
        }
        self.text(&text[..place.0], base, tag.end);
        Some(place.0)
    }

    /// What the text of an element says as a name, and where the search for values begins. `<key><string>password`
    /// has it one level further down.
    fn name_in(
        &mut self,
        text: &[u8],
        tag: &Tag<'_>,
        content: &Content,
    ) -> Option<(Policy, (usize, usize))> {
        if let Some(name) = name_of(text, content) {
            return Some((self.markup_policy(name), (content.end, 1)));
        }
        let inner = Tag::starting_at(text, content.end).filter(|inner| {
            content.first.is_none()
                && inner.shape == Shape::Opens
                && inner.start < tag.end + GAP_BYTES_MAX
        })?;
        let content = Content::of(text, inner.end, false);
        let name = name_of(text, &content).filter(|_| is_one_of(TYPES, inner.local()))?;
        Some((self.markup_policy(name), (content.end, 2)))
    }

    /// A value whose name comes behind it. Only the first of its parent, or `<key>a</key><value>1</value><key>` would
    /// name the wrong one.
    fn holds(
        &mut self,
        text: &[u8],
        base: usize,
        tag: &Tag<'_>,
        content: &Content,
    ) -> Option<usize> {
        parent_before(text, tag)?;
        let policy = self.name_behind(text, content.end)?;
        if content.first.is_none() {
            return self.values(policy, text, base, tag.end, (tag.end, 0));
        }
        let content = Content::of(text, tag.end, self.takes_sections(policy));
        self.content(policy, text, base, &content)
    }

    fn name_behind(&mut self, text: &[u8], at: usize) -> Option<Policy> {
        let mut walk = Walk::new((at, 1));
        while let Some((part, tag)) = walk.next(self, text) {
            if part == Part::Names {
                let content = Content::of(text, tag.end, false);
                let (policy, _) = self.name_in(text, &tag, &content)?;
                return (policy != Policy::Scan).then_some(policy);
            }
            walk.at = Content::of(text, tag.end, false).end;
        }
        None
    }

    /// Judges the values among the tags at a place (and depth in it) by what their name says, and searches what stands
    /// between, from `from` on. Returns where what was dealt with ends, if there was any value.
    pub(crate) fn values(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        from: usize,
        place: (usize, usize),
    ) -> Option<usize> {
        let mut done = None;
        let mut walk = Walk::new(place);
        while let Some((part, tag)) = walk.next(self, text) {
            if part == Part::Names {
                break;
            }
            let own = self.markup_name(tag.local()).policy;
            let policy = if own.claims() { own } else { policy };
            let content = Content::of(text, tag.end, self.takes_sections(policy));
            let Some(first) = content.first else {
                continue;
            };
            let policy = match part {
                Part::HoldsNumber => of_number(policy, &text[first.start..first.end]),
                _ => policy,
            };
            self.text(&text[..first.start], base, done.unwrap_or(from));
            // What is not taken has to be searched by whoever goes on here.
            done = Some(first.start);
            let Some(end) = self.content(policy, text, base, &content) else {
                break;
            };
            done = Some(end);
            walk.go_on(content.end);
        }
        done
    }
}

fn name_of<'t>(text: &'t [u8], content: &Content) -> Option<&'t [u8]> {
    let first = content.first.filter(|_| content.more.is_empty())?;
    let name = &text[first.start..first.end];
    (name.len() <= NAME_BYTES_MAX).then_some(name)
}

/// The parent's opening tag, where nothing stands between it and a tag.
fn parent_before<'t>(text: &'t [u8], tag: &Tag<'_>) -> Option<Tag<'t>> {
    let low = tag.start.saturating_sub(GAP_BYTES_MAX);
    let (_, end) = trim(text, low, tag.start);
    (end > low && text[end - 1] == b'>').then(|| Tag::opening_before(text, end - 1))?
}

fn first_of_pair(text: &[u8], tag: &Tag<'_>) -> bool {
    parent_before(text, tag).is_some_and(|parent| is_one_of(PAIRS, parent.local()))
}

/// `<param-name>` before `<param-value>`, `<ParameterKey>` before `<ParameterValue>`.
fn has_partner(text: &[u8], tag: &Tag<'_>, content: &Content) -> bool {
    let name = tag.local();
    let named = stem(name, b"name").or_else(|| stem(name, b"key"));
    let close = named.and_then(|_| Tag::starting_at(text, content.end));
    let next = close.and_then(|close| {
        let limit = text.len().min(close.end + GAP_BYTES_MAX);
        Tag::starting_at(text, trim(text, close.end, limit).0)
    });
    next.is_some_and(|next| {
        let partner = stem(next.local(), b"value");
        partner.is_some() && partner == named
    })
}

/// A few digits under such a name are a count or a flag.
fn of_number(policy: Policy, written: &[u8]) -> Policy {
    let enough = |kind: Kind| {
        let min = kind.number_digits_min();
        min.is_some_and(|min| written.len() >= min)
    };
    match policy {
        Policy::Mask(kind) if !enough(kind) => Policy::Scan,
        policy => policy,
    }
}
