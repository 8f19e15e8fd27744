//! What the lines of a sample are wrapped in: one layer after the other, as deep as most of them have it.

use std::borrow::Cow;

use crate::read::format::{Parsed, Place};
use crate::read::reader::{clean, is_aside};
use crate::read::skip::Ignored;
use crate::read::wrap::objects::Objects;
use crate::read::wrap::ordered::Layer;
use crate::read::wrap::pieces::{Pieces, Taken};
use crate::read::wrap::wrapper::Wrapper;
use crate::read::wrap::{LAYERS_MAX, WRAPPERS};

/// Lines of a sample that are tried, blank ones among them.
pub const LINES_TRIED_MAX: usize = 400;

/// Layers that were peeled off the sample, and its lines without them.
pub struct Chain<'s> {
    pub layers: Vec<Peeling>,
    pub lines: Vec<Cow<'s, str>>,
}

#[derive(Clone, Copy)]
pub enum Peeling {
    Each(&'static Wrapper),
    /// Its lines may come in pieces.
    Joined(&'static Wrapper),
    /// Whether objects go over line ends.
    Objects {
        over_lines: bool,
    },
}

impl Peeling {
    pub fn name(self) -> &'static str {
        match self {
            Self::Each(wrapper) | Self::Joined(wrapper) => wrapper.name,
            Self::Objects { .. } => "json objects",
        }
    }

    pub fn is_sure(self) -> bool {
        match self {
            Self::Each(wrapper) | Self::Joined(wrapper) => wrapper.sure,
            Self::Objects { .. } => false,
        }
    }

    pub fn has_memory(self) -> bool {
        matches!(self, Self::Joined(_) | Self::Objects { over_lines: true })
    }

    pub fn layer(self) -> Option<Layer> {
        match self {
            Self::Each(wrapper) => Some(Layer::Peel(wrapper)),
            Self::Joined(wrapper) => Some(Layer::Join(wrapper, Pieces::default())),
            Self::Objects { over_lines: true } => Some(Layer::Objects(Objects::default())),
            // A reader of lines looks for several on one line by itself.
            Self::Objects { over_lines: false } => None,
        }
    }
}

impl Chain<'_> {
    /// Whether it is another with layers that nothing else looks like.
    pub fn only_adds_sure(&self, other: &Chain<'_>) -> bool {
        let (names, known) = (self.names(), other.names());
        let added = self.layers.get(known.len()..).unwrap_or_default();
        names.starts_with(&known) && added.iter().all(|layer| layer.is_sure())
    }

    /// Whether it is another with layers behind, one of them of this name.
    pub fn adds(&self, name: &str, other: &Chain<'_>) -> bool {
        let (names, known) = (self.names(), other.names());
        let added = names.get(known.len()..).unwrap_or_default();
        names.starts_with(&known) && added.contains(&name)
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.layers.iter().map(|layer| layer.name()).collect()
    }
}

/// The sample as it stands, and at every depth that it can be peeled to.
pub fn chains<'s>(lines: &[&'s str]) -> Vec<Chain<'s>> {
    let mut found = vec![Chain {
        layers: Vec::new(),
        lines: lines.iter().map(|line| Cow::Borrowed(*line)).collect(),
    }];
    let mut at = 0;
    while let Some(chain) = found.get(at) {
        let objects = gathered(chain);
        let deeper = (chain.layers.len() < LAYERS_MAX)
            .then(|| peeled(chain))
            .flatten();
        found.extend(deeper);
        found.extend(objects);
        at += 1;
    }
    found
}

pub fn tells(line: &str) -> bool {
    !clean(line).is_empty() && is_aside(line).is_none()
}

/// One layer more, when enough lines have it.
fn peeled<'s>(chain: &Chain<'s>) -> Option<Chain<'s>> {
    if chain
        .layers
        .iter()
        .any(|layer| matches!(layer, Peeling::Objects { .. }))
    {
        return None;
    }
    let sample: Vec<&str> = chain
        .lines
        .iter()
        .map(|line| clean(line))
        .filter(|line| tells(line))
        .take(LINES_TRIED_MAX)
        .collect();
    let share = |wrapper: &Wrapper| {
        let hits = sample.iter().filter(|line| (wrapper.peel)(line).is_some());
        hits.count()
    };
    let (wrapper, _) = WRAPPERS
        .iter()
        .map(|wrapper| (wrapper, share(wrapper)))
        .filter(|(wrapper, hits)| *hits > 0 && hits * 100 >= sample.len() * wrapper.share_pct)
        .rev()
        .max_by_key(|(wrapper, hits)| (wrapper.share_pct < 50, wrapper.sure, *hits))?;
    Some(peel_all(chain, wrapper))
}

fn peel_all<'s>(chain: &Chain<'s>, wrapper: &'static Wrapper) -> Chain<'s> {
    let peeling = match comes_in_pieces(&chain.lines, wrapper) {
        true => Peeling::Joined(wrapper),
        false => Peeling::Each(wrapper),
    };
    let mut pieces = Pieces::default();
    let mut lines = Vec::new();
    for line in &chain.lines {
        // Blanks at the end of a piece are part of its line.
        let Some(peeled) = (wrapper.peel)(line) else {
            lines.push(line.clone());
            continue;
        };
        if !peeling.has_memory() {
            lines.push(Cow::Owned(peeled.inner.into_owned()));
            continue;
        }
        match pieces.take(peeled, Place::default()) {
            Taken::Part => {}
            Taken::Whole(peeled) => lines.push(Cow::Owned(peeled.inner.into_owned())),
            Taken::Joined(begun) => lines.push(Cow::Owned(begun.text)),
        }
    }
    let mut layers = chain.layers.clone();
    layers.push(peeling);
    Chain { layers, lines }
}

/// Where most are whole, the others wait for more. Where hardly any is, whoever passed the lines on took the marks of
/// their ends away.
fn comes_in_pieces(lines: &[Cow<'_, str>], wrapper: &Wrapper) -> bool {
    let ends = lines
        .iter()
        .filter_map(|line| Some((wrapper.peel)(line)?.piece?.ends));
    let (mut whole, mut all) = (0, 0);
    for ends in ends {
        all += 1;
        whole += usize::from(ends);
    }
    whole * 2 >= all && all > 0
}

/// The same lines as the JSON objects that are in them, where that makes a difference.
fn gathered<'s>(chain: &Chain<'s>) -> Option<Chain<'s>> {
    let known = chain
        .layers
        .iter()
        .any(|l| matches!(l, Peeling::Objects { .. }));
    let begins = |line: &Cow<'_, str>| line.trim_start().starts_with(['{', '[']);
    if known || !chain.lines.iter().any(begins) {
        return None;
    }
    let mut objects = Objects::default();
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    let (mut over_lines, mut differs) = (false, false);
    for line in &chain.lines {
        let before = lines.len();
        let fate = objects.line(line, Place::default(), &mut |text, _| {
            lines.push(Cow::Owned(text.to_owned()));
            Parsed::Ignored(Ignored::Text)
        });
        match lines.get(before..) {
            _ if fate.is_none() => lines.push(line.clone()),
            Some([one]) => {
                let inside = line.contains(one.as_ref());
                over_lines |= !inside;
                differs |= inside && one.as_ref() != line.trim();
            }
            Some([_, _, ..]) => differs = true,
            _ => {}
        }
    }
    let mut layers = chain.layers.clone();
    layers.push(Peeling::Objects { over_lines });
    (over_lines || differs).then_some(Chain { layers, lines })
}
