//! What was masked once in a record is masked everywhere in it: error messages echo passwords, raw lines repeat
//! headers, and a shapeless value is recognised only where its name stands beside it.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::memmem::Finder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::mask::crowd::Crowd;
use crate::mask::disguise;
use crate::mask::edits::push_line_ends;
use crate::mask::escapes::{in_document, opens_document};
use crate::mask::fields::plain_run;
use crate::mask::kind::Kind;
use crate::mask::note::{ECHO_BYTES_MIN, Secret};
use crate::mask::part::may_hold;
use crate::mask::placeholder::holds_inside;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::trace::Reason;

/// More secrets or spellings than this are looked for together instead of one by one.
const FINDERS_MAX: usize = 24;
/// From this length on, a value of letters and digits is no word that occurs inside others.
const STRONG_BYTES_MIN: usize = 12;
/// A user's name from this length on, with a digit or a sign in it, is no word that stands in paths and texts.
const DISTINCT_BYTES_MIN: usize = 6;
/// What `encodeURIComponent` and most clients leave as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The secrets of one record in all their spellings.
pub(crate) struct Echo {
    needles: Vec<Needle>,
    search: Search,
}

/// A spelling of a secret; the secret itself where it is one of many.
struct Needle {
    spelling: String,
    stand_in: String,
    kind: Kind,
    edge: Edge,
}

/// Where a needle stands: from, to, which one, and what it needs beside it.
type Found = (usize, usize, usize, Edge);

/// What may stand beside a needle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Anything,
    /// No letter or digit: the value might be part of a word.
    NoWord,
    /// Only what parts the fields of a log line, and only there: a user name such as `api` is a word of many paths.
    Field,
    /// A piece of base64; the whole run goes with it.
    Base64,
}

enum Search {
    Each(Vec<Finder<'static>>),
    Together(Crowd),
}

impl Echo {
    /// `None` when there is nothing to look for.
    pub(crate) fn new(secrets: &[Secret], scan: &mut Scan) -> Option<Self> {
        if secrets.is_empty() {
            return None;
        }
        let mut seen: HashSet<&str> = HashSet::new();
        let mut needles = Vec::new();
        for secret in secrets {
            // A value that is itself a key word would take the names out of the record.
            let Some(value) = core(secret) else {
                continue;
            };
            if is_word(value) && scan.policy(Position::Body, &secret.value).claims() {
                continue;
            }
            // The few of a usual record are all different, see `Scan::remember`.
            if secrets.len() > FINDERS_MAX && !seen.insert(value) {
                continue;
            }
            needles.push(Needle {
                spelling: value.to_owned(),
                stand_in: secret.stand_in.clone(),
                kind: secret.kind,
                edge: edge_of(secret),
            });
        }
        match needles.len() {
            0 => None,
            1..=FINDERS_MAX => Some(Self::each(needles)),
            _ => Some(Self::together(needles)),
        }
    }

    /// Every spelling looked for by itself.
    fn each(secrets: Vec<Needle>) -> Self {
        let mut needles = Vec::new();
        for secret in &secrets {
            for (spelling, is_base64) in all_spellings(secret) {
                needles.push(Needle {
                    spelling,
                    stand_in: secret.stand_in.clone(),
                    kind: secret.kind,
                    edge: if is_base64 { Edge::Base64 } else { secret.edge },
                });
            }
        }
        if needles.len() > FINDERS_MAX {
            return Self::together(secrets);
        }
        let spellings = needles.iter().map(|needle| needle.spelling.as_bytes());
        let finders = spellings.map(|spelling| Finder::new(spelling).into_owned());
        let search = Search::Each(finders.collect());
        Self { needles, search }
    }

    fn together(needles: Vec<Needle>) -> Self {
        let values = needles.iter().map(|needle| needle.spelling.as_str());
        let crowd = Crowd::new(values, |number| all_spellings(&needles[number]));
        let search = Search::Together(crowd);
        Self { needles, search }
    }

    /// A field without the secrets. Counts what it replaced.
    pub(crate) fn field<'t>(&self, text: Cow<'t, str>, scan: &mut Scan) -> Cow<'t, str> {
        self.replace(text, scan, |edge| edge != Edge::Field)
    }

    /// A whole source line without the secrets and without the user's name.
    pub(crate) fn line<'t>(&self, text: Cow<'t, str>, scan: &mut Scan) -> Cow<'t, str> {
        self.replace(text, scan, |_| true)
    }

    fn replace<'t>(
        &self,
        text: Cow<'t, str>,
        scan: &mut Scan,
        wanted: fn(Edge) -> bool,
    ) -> Cow<'t, str> {
        let mut spans = self.find(text.as_bytes());
        if disguise::is_odd(text.as_bytes()) {
            self.find_undone(text.as_bytes(), &mut spans);
        }
        if spans.is_empty() {
            return text;
        }
        spans.sort_unstable_by_key(|(start, end, ..)| (*start, usize::MAX - end));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let is_document = opens_document(&text);
        for (start, end, needle, edge) in spans {
            let needle = &self.needles[needle];
            if start < done || !wanted(edge) || !fits(edge, text.as_bytes(), start, end) {
                continue;
            }
            let (start, end) = match edge {
                Edge::Base64 => disguise::base64_run(text.as_bytes(), start, end),
                _ => (start, end),
            };
            let Some((start, end)) = (match is_document {
                true => in_document(text.as_bytes(), start, end),
                false => Some((start, end)),
            }) else {
                continue;
            };
            let (start, end) = (
                text.floor_char_boundary(start),
                text.ceil_char_boundary(end),
            );
            if start < done || cuts_stand_in(text.as_bytes(), start, end) {
                continue;
            }
            out.push_str(&text[done..start]);
            out.push_str(&needle.stand_in);
            push_line_ends(&text[start..end], &needle.stand_in, &mut out);
            scan.count(needle.kind, 1);
            scan.because(Reason::Echo, |scan| {
                scan.told(needle.kind, |_| needle.stand_in.clone())
            });
            done = end;
        }
        if done == 0 {
            return text;
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    /// The same in the text with its escapes undone.
    fn find_undone(&self, text: &[u8], spans: &mut Vec<Found>) {
        for undone in disguise::undone(text) {
            let found = self.find(undone.bytes()).into_iter();
            let fitting =
                found.filter(|(start, end, _, edge)| fits(*edge, undone.bytes(), *start, *end));
            spans.extend(fitting.map(|(start, end, needle, edge)| {
                (undone.written(start), undone.written(end), needle, edge)
            }));
        }
    }

    fn find(&self, text: &[u8]) -> Vec<Found> {
        match &self.search {
            Search::Each(finders) => finders
                .iter()
                .enumerate()
                .flat_map(|(at, finder)| {
                    let length = finder.needle().len();
                    let edge = self.needles[at].edge;
                    finder
                        .find_iter(text)
                        .map(move |start| (start, start + length, at, edge))
                })
                .collect(),
            Search::Together(crowd) => {
                let found = crowd.find(text, |number| &self.needles[number].spelling);
                let edge = |number: usize, is_base64| match is_base64 {
                    true => is_named(self.needles[number].kind).then_some(Edge::Base64),
                    false => Some(self.needles[number].edge),
                };
                found
                    .into_iter()
                    .filter_map(|(start, end, number, is_base64)| {
                        Some((start, end, number, edge(number, is_base64)?))
                    })
                    .collect()
            }
        }
    }
}

/// A value without the quotes and backslashes at its ends: in a document those next to an echo are the document's.
fn core(secret: &Secret) -> Option<&str> {
    let value = std::str::from_utf8(&secret.value).ok()?;
    let core = value.trim_matches(['"', '\\']);
    (core.len() == value.len() || core.len() >= ECHO_BYTES_MIN).then_some(core)
}

fn edge_of(secret: &Secret) -> Edge {
    match secret.kind {
        Kind::User | Kind::BasicUser if !is_distinct(&secret.value) => Edge::Field,
        Kind::User | Kind::BasicUser | Kind::Ip => Edge::NoWord,
        _ if is_strong(&secret.value) => Edge::Anything,
        _ => Edge::NoWord,
    }
}

/// Those of a secret, and whether each is a piece of base64.
fn all_spellings(secret: &Needle) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    spellings(&secret.spelling, |spelling| all.push((spelling, false)));
    if is_named(secret.kind) {
        let pieces = disguise::base64_pieces(secret.spelling.as_bytes());
        all.extend(pieces.into_iter().map(|piece| (piece, true)));
    }
    all
}

/// Whether a secret may stand in a text, in whatever way it is written.
pub(crate) fn may_stand(secret: &Secret, text: &str) -> bool {
    may_stand_plainly(secret, text) || disguise::is_odd(text.as_bytes())
}

/// The same, but for escapes of letters.
pub(crate) fn may_stand_plainly(secret: &Secret, text: &str) -> bool {
    let Ok(value) = std::str::from_utf8(&secret.value) else {
        return false;
    };
    may_hold(text, plain_run(value))
        || is_named(secret.kind) && disguise::may_hold_base64(text, value)
}

/// Known by its name, so that nothing else finds it in base64.
fn is_named(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Password | Kind::Secret | Kind::Basic | Kind::Key | Kind::Session | Kind::Token
    )
}

fn is_word(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || b"_-".contains(&b))
}

/// Plain, percent-encoded (also as a form), in JSON, in XML; each only if it differs.
fn spellings(value: &str, mut take: impl FnMut(String)) {
    take(value.to_owned());
    if value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-.~".contains(&b))
    {
        return;
    }
    let percent = utf8_percent_encode(value, UNRESERVED).to_string();
    let form = percent.replace("%20", "+");
    let json = serde_json::to_string(value).map(|json| json[1..json.len() - 1].to_owned());
    let lower = lower_hex(&percent);
    let slashed = value.replace('/', "\\/");
    let xml = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let mut others = Vec::from([percent, form, lower, slashed, xml]);
    others.extend(json);
    others.retain(|spelling| spelling != value);
    others.sort_unstable();
    others.dedup();
    others.into_iter().for_each(take);
}

/// `%2B` as `%2b`.
fn lower_hex(percent: &str) -> String {
    let mut out = String::with_capacity(percent.len());
    let mut hex = 0;
    for c in percent.chars() {
        out.push(if hex > 0 { c.to_ascii_lowercase() } else { c });
        hex = if c == '%' { 2 } else { hex.max(1) - 1 };
    }
    out
}

fn is_strong(value: &[u8]) -> bool {
    value.len() >= STRONG_BYTES_MIN && value.iter().any(u8::is_ascii_digit)
}

fn is_distinct(name: &[u8]) -> bool {
    name.len() >= DISTINCT_BYTES_MIN && !name.iter().all(u8::is_ascii_alphabetic)
}

fn fits(edge: Edge, text: &[u8], start: usize, end: usize) -> bool {
    let parts = |b: Option<&u8>| b.is_none_or(|b| b.is_ascii_whitespace() || b",;\"'|".contains(b));
    match edge {
        Edge::Anything | Edge::Base64 => true,
        Edge::NoWord => stands_alone(text, start, end),
        Edge::Field => parts(start.checked_sub(1).map(|at| &text[at])) && parts(text.get(end)),
    }
}

fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    // The letter of an escape such as `\n` is no part of a word.
    let escaped = start >= 2 && text[start - 2] == b'\\';
    let dotted = |b: u8| b == b'.' && text[start].is_ascii_digit();
    let before = start > 0 && !escaped && (joins(text[start - 1]) || dotted(text[start - 1]));
    let after = text.get(end).is_some_and(|b| joins(*b))
        || text.get(end) == Some(&b'.') && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    // What stands before a colon in JSON is a name, whatever else it is.
    let key = text[end..].starts_with(b"\":") || text[end..].starts_with(b"\\\":");
    !(before || after || key)
}

/// A piece of a stand-in is nobody's value.
fn cuts_stand_in(text: &[u8], start: usize, end: usize) -> bool {
    holds_inside(text, start) || holds_inside(text, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_looked_for_in_every_spelling() {
        let mut all = Vec::new();
        spellings("a/b+\"c d", |spelling| all.push(spelling));
        for expected in [
            "a/b+\"c d",
            "a%2Fb%2B%22c%20d",
            "a%2Fb%2B%22c+d",
            "a%2fb%2b%22c%20d",
            "a/b+\\\"c d",
            "a\\/b+\"c d",
        ] {
            assert!(all.iter().any(|s| s == expected), "{expected} in {all:?}");
        }
        all.clear();
        spellings("abc-123", |spelling| all.push(spelling));
        assert_eq!(all, ["abc-123"]);
    }

    #[test]
    fn a_word_is_not_cut_out_of_another() {
        assert!(stands_alone(b"wrong hunter22.", 6, 14));
        assert!(!stands_alone(b"xhunter22", 1, 9));
        assert!(stands_alone(br"\nhunter22", 2, 10));
        assert!(!stands_alone(b"1.2.3.45", 0, 7));
        assert!(!stands_alone(b"9.1.2.3.4", 2, 9));
    }
}
