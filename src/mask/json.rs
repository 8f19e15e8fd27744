//! JSON documents, whole, cut off or joined: each string and number is judged under its key, all other bytes stay.
//!
//! A tokeniser and not a parser: it keeps a small stack instead of a tree, needs no valid UTF-8 or numbers, and where a
//! text stops being JSON it says so, and the rest is searched as text.

use memchr::{memchr, memchr2};

use crate::mask::cookies::is_preference;
use crate::mask::decode::Encoding;
use crate::mask::detectors::card;
use crate::mask::har::Sent;
use crate::mask::keywords::{Marks, Name, Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::prose::is_prose;
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
    /// What it is about, from its key and those around it.
    about: About,
    /// From a `name` inside it, for the `value` beside it.
    named: Policy,
    /// A `value` that came before its `name`.
    waiting: Option<Leaf>,
    /// In a flat list of header names and values, what the name before says.
    before: Policy,
    /// Whether that was an option of a command.
    is_option: bool,
    /// How many elements of an array were met.
    index: usize,
    /// The key that was read and has no value yet, and where it stands.
    key: Option<Name>,
    key_span: (usize, usize),
    /// A bare `name`, and whether there is an address beside it: then it is a person's.
    name: Option<Leaf>,
    has_email: bool,
    /// Whether it is a JSON Web Key (RFC 7517).
    is_jwk: bool,
    /// How the values in it were sent, and the name of the one that comes.
    sent: Sent,
    name_span: (usize, usize),
}

/// What is open, and what the columns of rows are, once they were named.
#[derive(Default)]
struct Open {
    stack: Vec<Frame>,
    columns: Vec<Policy>,
}

#[derive(Clone, Copy, Default)]
struct About {
    /// One person.
    people: bool,
    /// What is wrong with something: values there are sentences.
    errors: bool,
    /// A list that names columns, and rows of what they name.
    columns: bool,
    rows: bool,
}

impl Frame {
    fn new(object: bool, parent: Option<&Self>, text: &[u8]) -> Self {
        Self {
            object,
            inherited: parent.map_or(Policy::Scan, Self::handed_down),
            about: parent.map(Self::told_about).unwrap_or_default(),
            named: Policy::Scan,
            waiting: None,
            before: Policy::Scan,
            is_option: false,
            index: 0,
            key: None,
            key_span: (0, 0),
            name: None,
            has_email: false,
            is_jwk: false,
            sent: parent.map_or(Sent::Plain, |parent| parent.sent_inside(text)),
            name_span: (0, 0),
        }
    }

    /// How the values of a list in it were sent.
    fn sent_inside(&self, text: &[u8]) -> Sent {
        match self.object {
            true => Sent::under(&text[self.key_span.0..self.key_span.1]),
            false => self.sent,
        }
    }

    fn role(&self) -> Role {
        self.key.map_or(Role::Other, |key| key.role)
    }

    fn policy(&self) -> Policy {
        self.key.map_or(Policy::Scan, |key| key.policy)
    }

    /// The key that is open; `[]` in a list.
    fn name_in<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.object {
            true => &text[self.key_span.0..self.key_span.1],
            false => b"[]",
        }
    }

    fn marks(&self) -> Marks {
        self.key.map(|key| key.marks).unwrap_or_default()
    }

    /// What the members of a container take over from its key.
    fn handed_down(&self) -> Policy {
        match self.policy() {
            Policy::Scan if self.role() == Role::Holds && self.named != Policy::Scan => self.named,
            Policy::Scan if self.role() == Role::Holds => self.inherited,
            Policy::Scan if !self.object || self.inherited == Policy::Server => self.inherited,
            Policy::ClientAddress if self.inherited == Policy::Server => self.inherited,
            policy => policy,
        }
    }

    fn told_about(&self) -> About {
        let marks = self.marks();
        About {
            people: marks.people || !self.object && self.about.people,
            errors: marks.errors || self.about.errors,
            columns: marks.columns,
            rows: marks.rows || self.about.rows,
        }
    }

    fn policy_of_leaf(&self) -> Policy {
        if !self.object {
            return self.inherited;
        }
        let marks = self.marks();
        if self.is_jwk && marks.of_key {
            return Policy::Mask(Kind::Secret);
        }
        match (self.policy(), self.inherited, self.role()) {
            (Policy::ClientAddress, Policy::Server, _) => Policy::Scan,
            // The cookies of a HAR are named by the site.
            (_, Policy::Cookies, Role::Holds) if !marks.whole => Policy::Mask(Kind::Cookie),
            (Policy::Scan, Policy::Cookies, Role::Other) => Policy::Mask(Kind::Cookie),
            (_, _, Role::Holds) if self.named.claims() => self.named,
            (_, inherited, Role::Holds) if inherited.claims() => inherited,
            (Policy::Scan, Policy::Never, Role::Holds) => Policy::Never,
            (Policy::Scan, _, Role::Holds) => self.named,
            (Policy::Scan | Policy::Never, inherited, _) => self.part_of(inherited),
            (policy, _, _) => policy,
        }
    }

    /// What a member that says nothing itself is as a part of what it stands in.
    fn part_of(&self, inherited: Policy) -> Policy {
        let marks = self.marks();
        let address = matches!(
            inherited,
            Policy::Judge(Kind::Address) | Policy::Mask(Kind::Address)
        );
        match (self.policy(), inherited) {
            (Policy::Scan, _) if marks.name_part && self.about.people => Policy::Mask(Kind::Person),
            (Policy::Scan, _) if marks.address_part && (address || self.about.people) => {
                Policy::Mask(Kind::Address)
            }
            (Policy::Never, Policy::Judge(Kind::Session)) if marks.id => inherited,
            (
                Policy::Scan,
                Policy::Mask(kind @ (Kind::Password | Kind::Secret | Kind::Token | Kind::Key))
                | Policy::Judge(kind @ Kind::Token),
            ) => Policy::Judge(kind),
            (policy, _) => policy,
        }
    }
}

impl Scan {
    /// Walks the document that begins at `from`; returns where it ends or stops being one.
    pub(crate) fn json(&mut self, text: &[u8], base: usize, from: usize) -> usize {
        let depth = self.trail.as_mut().map(|trail| trail.open(Position::Body));
        let end = self.json_on(text, base, from, &mut Open::default());
        if let (Some(trail), Some(depth)) = (&mut self.trail, depth) {
            trail.cut(depth);
        }
        end
    }

    /// A document of several lines, to its end: where it breaks, the rest is searched as text, and what can still be
    /// followed is followed too, as a name and its value may stand on two lines.
    pub(crate) fn json_whole(&mut self, text: &[u8], base: usize) {
        let blank = |b: &&u8| b.is_ascii_whitespace() || matches!(b, 0xEF | 0xBB | 0xBF);
        let from = text.iter().take_while(blank).count();
        let depth = self.trail.as_mut().map(|trail| trail.open(Position::Body));
        let mut open = Open::default();
        let mut at = self.json_on(text, base, from, &mut open);
        self.text(text, base, at);
        while at < text.len() && !open.stack.is_empty() {
            let resumes = |b: &u8| b"\"{}[],\n".contains(b);
            let gap = text[at + 1..].iter().position(resumes);
            at = gap.map_or(text.len(), |gap| at + 1 + gap);
            at = self.json_on(text, base, at, &mut open);
        }
        if let (Some(trail), Some(depth)) = (&mut self.trail, depth) {
            trail.cut(depth);
        }
    }

    /// Goes on at `from` with what is open.
    fn json_on(&mut self, text: &[u8], base: usize, from: usize, open: &mut Open) -> usize {
        let Open { stack, columns } = open;
        let mut at = from;
        while let Some(b) = text.get(at) {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'{' | b'[' if stack.len() >= DEPTH_MAX => return at,
                b'{' | b'[' => {
                    let frame = Frame::new(*b == b'{', stack.last(), text);
                    if frame.about.columns && !frame.object {
                        columns.clear();
                    }
                    if let Some(parent) = stack.last_mut() {
                        parent.index += 1;
                        self.enter(text, parent);
                    }
                    stack.push(frame);
                    at += 1;
                }
                b'}' | b']' => {
                    close(stack, *b == b'}');
                    self.leave(stack);
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
                    at = self.json_string(text, base, at, frame, columns);
                    if self.asks_where() {
                        self.ask_where(text, stack);
                    }
                }
                b'-' | b'0'..=b'9' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_number(text, base, at, frame, columns);
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
        let around: Vec<&[u8]> = outer.iter().filter(|f| f.object).map(name).collect();
        let policy = self.policy_under(name(last), &around);
        if let Some(key) = &mut last.key {
            key.policy = policy;
        }
    }

    /// A key and its colon, or a value; returns what comes after.
    fn json_string(
        &mut self,
        text: &[u8],
        base: usize,
        open: usize,
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) -> usize {
        let (end, escaped) = string_end(text, open + 1);
        let end = match self.in_lines {
            true => lost_end(text, open + 1, end),
            false => end,
        };
        let after = (end + 1).min(text.len());
        // What a colon follows is a name, also where a comma or a bracket was lost.
        let may_be_name = frame.object && frame.key.is_none() || self.in_lines;
        if may_be_name && let Some(colon) = colon_after(text, after) {
            let key = self.json_key(&text[open + 1..end], escaped);
            if key.marks.odd {
                self.text(&text[open + 1..end], base + open + 1, 0);
            }
            frame.object = true;
            frame.is_jwk |= &text[open + 1..end] == b"kty";
            frame.key = Some(key);
            frame.key_span = (open + 1, end);
            return colon + 1;
        }
        let leaf = Leaf {
            start: open + 1,
            end,
            escaped,
            number: false,
        };
        self.leaf(text, base, leaf, frame, columns);
        after
    }

    fn json_number(
        &mut self,
        text: &[u8],
        base: usize,
        start: usize,
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) -> usize {
        let in_number = |b: &&u8| b.is_ascii_digit() || b"+-.eE".contains(b);
        let end = start + text[start..].iter().take_while(in_number).count();
        let leaf = Leaf {
            start,
            end,
            escaped: false,
            number: true,
        };
        self.leaf(text, base, leaf, frame, columns);
        end
    }

    fn json_key(&mut self, key: &[u8], escaped: bool) -> Name {
        match escaped.then(|| Encoding::Backslash.decode(key)).flatten() {
            Some(decoded) => self.name(Position::Body, &decoded.bytes),
            None => self.name(Position::Body, key),
        }
    }

    fn leaf(
        &mut self,
        text: &[u8],
        base: usize,
        leaf: Leaf,
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) {
        match frame.role() {
            Role::Names if !leaf.number => self.name_value(text, base, leaf, frame),
            Role::Holds => frame.waiting = Some(leaf),
            _ => {}
        }
        let value = &text[leaf.start..leaf.end];
        let mut policy = frame.policy_of_leaf();
        if frame.object {
            policy = self.beside_email(policy, text, base, leaf, frame);
        } else {
            policy = self.item(policy, value, frame, columns);
        }
        if (frame.about.errors || !frame.object) && is_sentence(value) && policy.claims() {
            policy = Policy::Scan;
        }
        let called = match frame.role() {
            Role::Holds => &text[frame.name_span.0..frame.name_span.1],
            _ => frame.name_in(text),
        };
        if policy == Policy::Mask(Kind::Cookie) && is_preference(called, value) {
            policy = Policy::Scan;
        }
        let name = frame.name_in(text);
        self.under(Position::Body, name, |scan| {
            match frame.role() == Role::Holds && frame.sent != Sent::Plain && !leaf.number {
                true => scan.sent_value(policy, text, base, leaf, frame),
                false => scan.judge(policy, text, base, leaf),
            }
        });
    }

    /// Goes into a container, for whoever asked where things are found.
    fn enter(&mut self, text: &[u8], parent: &Frame) {
        if let Some(trail) = &mut self.trail {
            trail.enter(parent.name_in(text));
        }
    }

    fn leave(&mut self, stack: &[Frame]) {
        if let Some(trail) = self.trail.as_mut().filter(|_| !stack.is_empty()) {
            trail.leave();
        }
    }

    /// An element of a list: the name of a column, a cell, or a header's name or value.
    fn item(
        &mut self,
        policy: Policy,
        value: &[u8],
        frame: &mut Frame,
        columns: &mut Vec<Policy>,
    ) -> Policy {
        let index = frame.index;
        frame.index += 1;
        if frame.about.columns {
            if columns.len() < COLUMNS_MAX {
                columns.push(self.policy(Position::Body, value));
            }
            return policy;
        }
        let cell = columns
            .get(index)
            .filter(|cell| frame.about.rows && cell.claims());
        if let Some(cell) = cell {
            return *cell;
        }
        let before = std::mem::replace(&mut frame.before, self.header_name(value));
        let after_option = std::mem::replace(&mut frame.is_option, value.starts_with(b"-"));
        // Names of headers stand in the even places. A list of names alone, as in `Vary`, has no values.
        let in_place = after_option || index % 2 == 1 && !is_word_name(value);
        match before != Policy::Scan && in_place {
            true => before,
            false => policy,
        }
    }

    /// A bare `name` is a person's where an address stands beside it and it looks like one.
    fn beside_email(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        leaf: Leaf,
        frame: &mut Frame,
    ) -> Policy {
        if policy == Policy::Mask(Kind::Email) {
            frame.has_email = true;
            if let Some(name) = frame.name.take() {
                self.judge(Policy::Mask(Kind::Person), text, base, name);
            }
        }
        let bare = policy == Policy::Scan && frame.marks().name_part && frame.role() == Role::Names;
        if !bare || leaf.number || !is_full_name(&text[leaf.start..leaf.end]) {
            return policy;
        }
        if frame.has_email {
            return Policy::Mask(Kind::Person);
        }
        frame.name = Some(leaf);
        policy
    }

    /// A value in one of the lists of a HAR.
    fn sent_value(&mut self, policy: Policy, text: &[u8], base: usize, leaf: Leaf, frame: &Frame) {
        let name = &text[frame.name_span.0..frame.name_span.1];
        let written = &text[leaf.start..leaf.end];
        let encoding = if leaf.escaped {
            Encoding::Backslash
        } else {
            Encoding::Plain
        };
        self.encoded(
            encoding,
            written,
            base + leaf.start,
            |scan, value, at| match frame.sent {
                Sent::Cookie if !name.is_empty() => scan.cookie_of(name, value, at),
                _ => scan.value(policy, Encoding::Percent, value, at),
            },
        );
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
        if !text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
            return Policy::Scan;
        }
        match self.policy(Position::Header, text) {
            policy @ (Policy::Credentials | Policy::Cookies | Policy::SetCookie) => policy,
            policy if (policy.claims() || policy == Policy::Never) && text.contains(&b'-') => {
                policy
            }
            Policy::Mask(kind @ (Kind::Key | Kind::Token)) => Policy::Judge(kind),
            _ => Policy::Scan,
        }
    }

    fn judge(&mut self, policy: Policy, text: &[u8], base: usize, leaf: Leaf) {
        let written = &text[leaf.start..leaf.end];
        let at = base + leaf.start;
        if leaf.number {
            return self.number(policy, written, at);
        }
        // A code in JSON is an error code.
        let policy = match policy {
            Policy::JudgeInQuery(_) => Policy::Scan,
            policy => policy,
        };
        if leaf.escaped {
            return self.value(policy, Encoding::Backslash, written, at);
        }
        let mark = self.edits.len();
        self.value(policy, Encoding::Plain, written, at);
        self.edits.escape_from(mark, Encoding::Backslash);
    }

    pub(crate) fn number(&mut self, policy: Policy, written: &[u8], at: usize) {
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

/// What is deeper begins as a document of its own, so that a hostile one takes little memory.
const DEPTH_MAX: usize = 512;
/// More columns than this no table of a log has.
const COLUMNS_MAX: usize = 1_024;

/// `Accept-Language`, and no value.
fn is_word_name(text: &[u8]) -> bool {
    let letters = text.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-');
    letters && text.first().is_some_and(u8::is_ascii_uppercase)
}

/// `is too short`, `has already been taken`: what is wrong, not what was sent.
fn is_sentence(value: &[u8]) -> bool {
    let letter = |b: &u8| b.is_ascii_alphabetic() || b" '.,!?-".contains(b);
    let first = value.split(|b| *b == b' ').next().unwrap_or_default();
    value.contains(&b' ') && value.iter().all(letter) && is_prose(first)
}

/// Two to four words that each begin with a capital.
fn is_full_name(value: &[u8]) -> bool {
    const BYTES_MAX: usize = 80;
    let Some(text) = (value.len() <= BYTES_MAX)
        .then(|| std::str::from_utf8(value).ok())
        .flatten()
    else {
        return false;
    };
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let letters = |word: &str| {
        word.chars()
            .all(|c| c.is_alphabetic() || "'’.-".contains(c))
    };
    let words = || text.split(' ');
    (2..=4).contains(&words().count()) && words().all(|word| capital(word) && letters(word))
}

/// Where a colon stands, blanks aside.
#[inline]
fn colon_after(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        match text.get(at)? {
            b':' => return Some(at),
            b if b.is_ascii_whitespace() => at += 1,
            _ => return None,
        }
    }
}

/// Closes what is open. A bracket that does not fit closes what should have been closed before, too.
fn close(stack: &mut Vec<Frame>, object: bool) {
    let last = stack.pop();
    let fits = |frame: &Frame| frame.object == object;
    if !last.as_ref().is_none_or(fits) && stack.last().is_some_and(fits) {
        stack.pop();
    }
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

/// Where a string ends whose quote was lost: at the end of its line, when the next line goes on with the document.
fn lost_end(text: &[u8], start: usize, end: usize) -> usize {
    let Some(line) = memchr(b'\n', &text[start..end]) else {
        return end;
    };
    let next = text[start + line..].trim_ascii_start();
    let goes_on = match next.first() {
        Some(b'"') => {
            let (name, _) = string_end(next, 1);
            let after = next.get(name + 1..).unwrap_or_default().trim_ascii_start();
            matches!(after.first(), Some(b':' | b',' | b']'))
        }
        Some(b'{' | b'}' | b'[' | b']') => true,
        _ => false,
    };
    if goes_on { start + line } else { end }
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
