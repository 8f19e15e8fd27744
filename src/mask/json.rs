//! JSON documents, whole, cut off or joined: each string and number is judged under its key, all other bytes stay.
//!
//! A tokeniser and not a parser: it keeps a small stack instead of a tree, needs no valid UTF-8 or numbers, and where a
//! text stops being JSON it says so, and the rest is searched as text.

use memchr::memchr2;

use crate::mask::cookies::is_preference;
use crate::mask::decode::Encoding;
use crate::mask::detectors::card;
use crate::mask::keywords::{Name, Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// How far the end of a string is looked for in this way.
const NEAR_BYTES: usize = 48;

/// A string or number of the document.
#[derive(Clone, Copy)]
struct Leaf {
    start: usize,
    end: usize,
    escaped: bool,
    number: bool,
}

/// One open object or array.
#[derive(Clone, Copy)]
struct Frame {
    object: bool,
    /// From the key it stands under.
    inherited: Policy,
    /// From a `name` inside it, for the `value` beside it.
    named: Policy,
    /// A `value` that came before its `name`.
    waiting: Option<Leaf>,
    /// In a flat list of header names and values, what the name before says.
    before: Policy,
    /// The key that was read and has no value yet, and where it stands.
    key: Option<Name>,
    key_span: (usize, usize),
    /// Where the `name` inside it stands.
    name_span: (usize, usize),
}

impl Frame {
    fn new(object: bool, inherited: Policy) -> Self {
        Self {
            object,
            inherited,
            named: Policy::Scan,
            waiting: None,
            before: Policy::Scan,
            key: None,
            key_span: (0, 0),
            name_span: (0, 0),
        }
    }

    fn role(&self) -> Role {
        self.key.map_or(Role::Other, |key| key.role)
    }

    fn policy(&self) -> Policy {
        self.key.map_or(Policy::Scan, |key| key.policy)
    }

    /// What the members of a container take over from its key.
    fn handed_down(&self) -> Policy {
        match self.policy() {
            Policy::Scan if self.role() == Role::Holds => self.named,
            Policy::Scan if !self.object || self.inherited == Policy::Server => self.inherited,
            policy => policy,
        }
    }

    fn policy_of_leaf(&self) -> Policy {
        if !self.object {
            return self.inherited;
        }
        match (self.policy(), self.inherited, self.role()) {
            (Policy::ClientAddress, Policy::Server, _) => Policy::Scan,
            // The cookies of a HAR are named by the site.
            (_, Policy::Cookies, Role::Holds) => Policy::Mask(Kind::Cookie),
            (Policy::Scan, Policy::Cookies, Role::Other) => Policy::Mask(Kind::Cookie),
            (_, _, Role::Holds) if self.named.claims() => self.named,
            (_, inherited, Role::Holds) if inherited.claims() => inherited,
            (Policy::Scan, _, Role::Holds) => self.named,
            (policy, _, _) => policy,
        }
    }
}

impl Scan {
    /// Walks the document that begins at `from`; returns where it ends or stops being one.
    pub(crate) fn json(&mut self, text: &[u8], base: usize, from: usize) -> usize {
        let mut stack: Vec<Frame> = Vec::new();
        let mut at = from;
        while let Some(b) = text.get(at) {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'{' | b'[' => {
                    let inherited = stack.last().map_or(Policy::Scan, Frame::handed_down);
                    stack.push(Frame::new(*b == b'{', inherited));
                    at += 1;
                }
                b'}' | b']' => {
                    stack.pop();
                    at += 1;
                    if stack.is_empty() {
                        return at;
                    }
                }
                b',' => {
                    if let Some(frame) = stack.last_mut() {
                        frame.key = None;
                    }
                    at += 1;
                }
                b'"' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_string(text, base, at, frame);
                    if self.asks_where() {
                        self.ask_where(text, &mut stack);
                    }
                }
                b'-' | b'0'..=b'9' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_number(text, base, at, frame);
                }
                b't' | b'f' | b'n' => match word(&text[at..]) {
                    Some(length) if !stack.is_empty() => at += length,
                    _ => return at,
                },
                _ => return at,
            }
        }
        text.len()
    }

    /// What the user's own rules say of the key that was read last, under the keys around it.
    fn ask_where(&self, text: &[u8], stack: &mut [Frame]) {
        let name = |frame: &Frame| &text[frame.key_span.0..frame.key_span.1];
        let Some((last, outer)) = stack.split_last_mut() else {
            return;
        };
        let around: Vec<&[u8]> = outer.iter().filter(|f| f.object).map(|f| name(f)).collect();
        let policy = self.policy_under(name(last), &around);
        if let Some(key) = &mut last.key {
            key.policy = policy;
        }
    }

    /// A key and its colon, or a value; returns what comes after.
    fn json_string(&mut self, text: &[u8], base: usize, open: usize, frame: &mut Frame) -> usize {
        let (end, escaped) = string_end(text, open + 1);
        let after = (end + 1).min(text.len());
        if frame.object && frame.key.is_none() {
            let blanks = text[after..]
                .iter()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
            if text.get(after + blanks) == Some(&b':') {
                frame.key = Some(self.json_key(&text[open + 1..end], escaped));
                frame.key_span = (open + 1, end);
                return after + blanks + 1;
            }
        }
        let leaf = Leaf {
            start: open + 1,
            end,
            escaped,
            number: false,
        };
        self.leaf(text, base, leaf, frame);
        after
    }

    fn json_number(&mut self, text: &[u8], base: usize, start: usize, frame: &mut Frame) -> usize {
        let in_number = |b: &&u8| b.is_ascii_digit() || b"+-.eE".contains(b);
        let end = start + text[start..].iter().take_while(in_number).count();
        let leaf = Leaf {
            start,
            end,
            escaped: false,
            number: true,
        };
        self.leaf(text, base, leaf, frame);
        end
    }

    fn json_key(&mut self, key: &[u8], escaped: bool) -> Name {
        match escaped.then(|| Encoding::Backslash.decode(key)).flatten() {
            Some(decoded) => self.name(Position::Body, &decoded.bytes),
            None => self.name(Position::Body, key),
        }
    }

    fn leaf(&mut self, text: &[u8], base: usize, leaf: Leaf, frame: &mut Frame) {
        match frame.role() {
            Role::Names if !leaf.number => self.name_value(text, base, leaf, frame),
            Role::Holds => frame.waiting = Some(leaf),
            _ => {}
        }
        let mut policy = frame.policy_of_leaf();
        if !frame.object {
            let element = &text[leaf.start..leaf.end];
            let before = std::mem::replace(&mut frame.before, self.header_name(element));
            // A list of names alone, as in `Vary`, has no values.
            if before != Policy::Scan && frame.before == Policy::Scan && !is_name(element) {
                policy = before;
            }
        }
        let name = match frame.role() {
            Role::Holds => frame.name_span,
            _ => frame.key_span,
        };
        let value = &text[leaf.start..leaf.end];
        if policy == Policy::Mask(Kind::Cookie) && is_preference(&text[name.0..name.1], value) {
            policy = Policy::Scan;
        }
        self.judge(policy, text, base, leaf);
    }

    /// Takes in what a `name` says; a `value` that came first is judged again under it.
    fn name_value(&mut self, text: &[u8], base: usize, leaf: Leaf, frame: &mut Frame) {
        frame.name_span = (leaf.start, leaf.end);
        frame.named = self.policy(Position::Header, &text[leaf.start..leaf.end]);
        if let Some(value) = frame.waiting.take()
            && frame.named.claims()
        {
            self.judge(frame.named, text, base, value);
        }
    }

    /// In `["Authorization", "Bearer …"]` the first is a name; other lists of words are not taken for headers.
    fn header_name(&mut self, text: &[u8]) -> Policy {
        if text.starts_with(b"-") {
            return self.argument_after(text);
        }
        if !is_name(text) {
            return Policy::Scan;
        }
        match self.policy(Position::Header, text) {
            policy @ (Policy::Credentials | Policy::Cookies | Policy::SetCookie) => policy,
            policy @ Policy::Mask(Kind::Token | Kind::Key | Kind::Signature)
                if text.contains(&b'-') =>
            {
                policy
            }
            _ => Policy::Scan,
        }
    }

    fn judge(&mut self, policy: Policy, text: &[u8], base: usize, leaf: Leaf) {
        let written = &text[leaf.start..leaf.end];
        let at = base + leaf.start;
        if leaf.number {
            return self.number(policy, written, at);
        }
        let encoding = if leaf.escaped {
            Encoding::Backslash
        } else {
            Encoding::Plain
        };
        // A code in JSON is an error code.
        let policy = match policy {
            Policy::JudgeInQuery(_) => Policy::Scan,
            policy => policy,
        };
        self.value(policy, encoding, written, at);
    }

    fn number(&mut self, policy: Policy, written: &[u8], at: usize) {
        let digits = written.iter().filter(|b| b.is_ascii_digit()).count();
        let kind = match policy {
            Policy::Mask(kind) if kind.number_digits_min().is_some_and(|min| digits >= min) => kind,
            Policy::Hide => Kind::Short,
            Policy::Own(number) => match self.own_number(number, written) {
                Some(kind) => kind,
                None => return,
            },
            Policy::Scan | Policy::Judge(_)
                if digits == written.len() && card::is_card(written) =>
            {
                Kind::Card
            }
            _ => return,
        };
        if !is_masked(written) {
            self.mask_number(kind, written, at, at + written.len());
        }
    }
}

fn is_name(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-')
}

/// Where a string ends, and whether it has escapes. Cut-off text ends it too.
fn string_end(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    loop {
        // Most strings are short: eight bytes at a time are there before a search by vectors has begun.
        let near = text.len().min(at + NEAR_BYTES);
        match sign_in(&text[at..near])
            .or_else(|| Some(near - at + memchr2(b'"', b'\\', &text[near..])?))
        {
            None => return (text.len(), escaped),
            Some(found) => at += found,
        }
        if text[at] == b'"' {
            return (at, escaped);
        }
        escaped = true;
        at = (at + 2).min(text.len());
    }
}

/// Where a quote or backslash stands first.
fn sign_in(text: &[u8]) -> Option<usize> {
    let is_sign = |b: &u8| matches!(b, b'"' | b'\\');
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ every(b'"')) | zero_bytes(word ^ every(b'\\'));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    Some(at + text[at..].iter().position(is_sign)?)
}

/// A byte eight times.
const fn every(b: u8) -> u64 {
    u64::from_ne_bytes([b; 8])
}

/// The high bit of each byte that is zero; of those behind the first one it may be wrong.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & every(0x80)
}

fn word(text: &[u8]) -> Option<usize> {
    [&b"true"[..], b"false", b"null"]
        .iter()
        .find(|word| text.starts_with(word))
        .map(|word| word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_string_is_found_at_every_place() {
        for length in 0..2 * NEAR_BYTES {
            for sign in [&b"\""[..], b"\\n\"", b"\\\"\"", b""] {
                let text = [&b"!#[]\xC3\xA9x".repeat(20)[..length], sign].concat();
                let expected = (text.len() - usize::from(!sign.is_empty()), sign.len() > 1);
                assert_eq!(string_end(&text, 0), expected, "{length} {sign:?}");
            }
        }
    }
}
