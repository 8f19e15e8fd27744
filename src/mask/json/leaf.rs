//! What becomes of a string or a number under its key, beside its neighbours.

use crate::mask::cookies::is_preference;
use crate::mask::decode::Encoding;
use crate::mask::detectors::card;
use crate::mask::har::Sent;
use crate::mask::hints::Hints;
use crate::mask::json::frame::{Frame, Leaf};
use crate::mask::keywords::{Policy, Role};
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::prose::is_prose;
use crate::mask::scan::Scan;

/// More columns than this no table of a log has.
const COLUMNS_MAX: usize = 1_024;

impl Scan {
    pub(super) fn leaf(
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
        if let Policy::JudgeInQuery(kind) = policy
            && frame.name_in(text) == b"code"
            && !leaf.number
        {
            frame.code = Some(leaf);
            policy = match frame.is_grant {
                true => Policy::Mask(kind),
                false => Policy::Scan,
            };
        }
        if policy.searches() && self.trail.is_none() && Hints::none_in(value) {
            return;
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
    pub(super) fn enter(&mut self, text: &[u8], parent: &Frame) {
        if let Some(trail) = &mut self.trail {
            trail.enter(parent.name_in(text));
        }
    }

    pub(super) fn leave(&mut self, stack: &[Frame]) {
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
        let named = matches!(
            policy,
            Policy::Mask(_)
                | Policy::Hide
                | Policy::Cookies
                | Policy::SetCookie
                | Policy::Credentials
        );
        match before != Policy::Scan && in_place && !named {
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

    pub(super) fn judge(&mut self, policy: Policy, text: &[u8], base: usize, leaf: Leaf) {
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
