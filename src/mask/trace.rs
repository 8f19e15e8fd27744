//! Why something was masked: where it stood, what it was taken for, and by which rule. Kept only when asked for.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// One value that was masked; safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Masking {
    /// The line of the text, or the first of its lines.
    pub line: u64,
    /// The names that lead to it: `body.customer.email`, `header.authorization`; `text` outside of all names.
    pub position: String,
    pub kind: &'static str,
    /// `name` (its name says it), `shape: jwt`, `echo`, or a rule of the user's own.
    pub rule: String,
    pub stand_in: String,
}

/// How many values stood at a position, and in how many of them something was masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub values: u64,
    pub masked: u64,
}

/// What was masked in the texts so far, and what was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    pub maskings: Vec<Masking>,
    /// Beyond a hundred thousand, these were only counted.
    pub untold: u64,
    pub shares: BTreeMap<String, Share>,
    /// All maskings by position and kind, also those that were only counted.
    pub kinds: BTreeMap<(String, &'static str), u64>,
}

impl Explanation {
    /// Adds what was told of the text that begins on a line.
    pub(crate) fn add(&mut self, more: Self, line: u64) {
        let room = MASKINGS_MAX.saturating_sub(self.maskings.len());
        self.untold += more.untold + more.maskings.len().saturating_sub(room) as u64;
        let told = more.maskings.into_iter().take(room);
        self.maskings
            .extend(told.map(|masking| Masking { line, ..masking }));
        for ((position, kind), n) in more.kinds {
            count_kind(&mut self.kinds, position, kind, n);
        }
        for (position, share) in more.shares {
            let known = self.shares.contains_key(&position);
            let position = match known || self.shares.len() < POSITIONS_MAX {
                true => position,
                false => "…".to_owned(),
            };
            let sum = self.shares.entry(position).or_default();
            sum.values += share.values;
            sum.masked += share.masked;
        }
    }
}

/// More are told only by their number, so that a large file does not fill the memory.
pub const MASKINGS_MAX: usize = 100_000;
/// Positions beyond this many are counted as one, `…`: keys of maps may be ids.
const POSITIONS_MAX: usize = 10_000;
/// Longer names are ids or worse.
const NAME_BYTES_MAX: usize = 40;

/// By what a value was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The name in front of it.
    #[default]
    Name,
    Shape(&'static str),
    Echo,
    /// A rule of the user's own, by its number.
    Own(usize),
}

/// The way to where a search stands, and what it found.
#[derive(Default)]
pub(crate) struct Trail {
    path: Vec<String>,
    told: Explanation,
    /// The text is searched again: its values are counted.
    again: bool,
}

impl Trail {
    pub(crate) fn explanation(self) -> Explanation {
        self.told
    }

    pub(crate) fn enter(&mut self, name: &[u8]) {
        self.path.push(shown(name));
    }

    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Begins a part of the message; returns what to [`cut`](Self::cut) back to.
    pub(crate) fn open(&mut self, position: Position) -> usize {
        let depth = self.path.len();
        if depth == 0 {
            self.enter(position.name().as_bytes());
        }
        depth
    }

    pub(crate) fn cut(&mut self, depth: usize) {
        self.path.truncate(depth);
    }

    fn position(&self) -> String {
        match self.path.is_empty() {
            true => "text".to_owned(),
            false => self.path.join("."),
        }
    }

    /// What is searched from now on was counted before.
    pub(crate) fn go_again(&mut self) {
        self.again = true;
    }

    fn look(&mut self, masked: bool) {
        if self.again {
            return;
        }
        let mut position = self.position();
        let shares = &mut self.told.shares;
        if shares.len() >= POSITIONS_MAX && !shares.contains_key(&position) {
            position = "…".to_owned();
        }
        let share = shares.entry(position).or_default();
        share.values += 1;
        share.masked += u64::from(masked);
    }

    fn found(&self) -> u64 {
        self.told.maskings.len() as u64 + self.told.untold
    }

    fn tell(&mut self, kind: Kind, rule: String, stand_in: &str) {
        let position = self.position();
        count_kind(&mut self.told.kinds, position, kind.name(), 1);
        if self.told.maskings.len() >= MASKINGS_MAX {
            self.told.untold += 1;
            return;
        }
        self.told.maskings.push(Masking {
            line: 0,
            position: self.position(),
            kind: kind.name(),
            rule,
            stand_in: stand_in.to_owned(),
        });
    }
}

fn count_kind(
    kinds: &mut BTreeMap<(String, &'static str), u64>,
    position: String,
    kind: &'static str,
    n: u64,
) {
    let key = (position, kind);
    let key = match kinds.len() < POSITIONS_MAX || kinds.contains_key(&key) {
        true => key,
        false => ("…".to_owned(), kind),
    };
    *kinds.entry(key).or_default() += n;
}

/// A name that may be shown: what holds other signs may hold a secret.
fn shown(name: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-[]$@#".contains(b);
    let short = name.len() <= NAME_BYTES_MAX && name.iter().all(plain);
    match short && !name.is_empty() && !name.contains(&b'@') {
        true => String::from_utf8_lossy(name).to_ascii_lowercase(),
        false => "…".to_owned(),
    }
}

impl Scan {
    /// Searches a value under its name.
    pub(crate) fn under<T>(
        &mut self,
        position: Position,
        name: &[u8],
        search: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let Some(trail) = &mut self.trail else {
            return search(self);
        };
        let depth = trail.open(position);
        trail.enter(name);
        let before = trail.found();
        let done = search(self);
        if let Some(trail) = &mut self.trail {
            trail.look(trail.found() > before);
            trail.cut(depth);
        }
        done
    }

    /// Notes a masking that was made just now.
    #[inline]
    pub(crate) fn told(&mut self, kind: Kind, stand_in: impl FnOnce(&Self) -> String) {
        if self.trail.is_some() {
            self.tell(kind, stand_in);
        }
    }

    #[cold]
    fn tell(&mut self, kind: Kind, stand_in: impl FnOnce(&Self) -> String) {
        let stand_in = stand_in(self);
        let rule = match self.reason {
            Reason::Name => "name".to_owned(),
            Reason::Shape(shape) => format!("shape: {shape}"),
            Reason::Echo => "echo".to_owned(),
            Reason::Own(number) => format!("rule: {}", self.own_name(number)),
        };
        if let Some(trail) = &mut self.trail {
            trail.tell(kind, rule, &stand_in);
        }
    }

    /// Runs a search that finds for a reason of its own.
    pub(crate) fn because<T>(&mut self, reason: Reason, search: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.reason, reason);
        let done = search(self);
        self.reason = before;
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_secrets_are_not_shown() {
        assert_eq!(shown(b"Authorization"), "authorization");
        assert_eq!(shown(b"user[password]"), "user[password]");
        for odd in [&b"jane@x.de"[..], b"a b", &[b'x'; 41], b"", b"https://x"] {
            assert_eq!(shown(odd), "…");
        }
    }
}
