//! JSON documents, whole, cut off or joined: each string and number is judged under its key, all other bytes stay.
//!
//! A tokeniser and not a parser: it keeps a small stack instead of a tree, needs no valid UTF-8 or numbers, and where a
//! text stops being JSON it says so, and the rest is searched as text.

use memchr::memchr2;

use crate::mask::decode::Encoding;
use crate::mask::detectors::card;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::scan::Scan;

/// Keys that say what the `value` beside them is: HAR, Postman, OTLP, SOAP turned into JSON.
const NAME_KEYS: [&[u8]; 6] = [b"name", b"key", b"header", b"field", b"param", b"attribute"];
const VALUE_KEYS: [&[u8]; 10] = [
    b"value",
    b"val",
    b"v",
    b"stringvalue",
    b"token",
    b"raw",
    b"text",
    b"#text",
    b"data",
    b"content",
];
/// Keys of a cookie object that are not its value.
const COOKIE_KEYS: [&[u8]; 11] = [
    b"name",
    b"path",
    b"domain",
    b"expires",
    b"httponly",
    b"secure",
    b"samesite",
    b"maxage",
    b"max-age",
    b"comment",
    b"priority",
];

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
    key: Option<(usize, usize)>,
    policy: Policy,
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
            policy: Policy::Scan,
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
                    let inherited = stack
                        .last()
                        .map_or(Policy::Scan, |frame| handed_down(frame, text));
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
                        frame.policy = Policy::Scan;
                    }
                    at += 1;
                }
                b'"' => {
                    let Some(frame) = stack.last_mut() else {
                        return at;
                    };
                    at = self.json_string(text, base, at, frame);
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
                frame.key = Some((open + 1, end));
                frame.policy = self.json_key(&text[open + 1..end], escaped);
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

    fn json_key(&mut self, key: &[u8], escaped: bool) -> Policy {
        match Encoding::Backslash.decode(key) {
            Some(decoded) if escaped => self.policy(&decoded.bytes),
            _ => self.policy(key),
        }
    }

    fn leaf(&mut self, text: &[u8], base: usize, leaf: Leaf, frame: &mut Frame) {
        let key = frame.key.map_or(&b""[..], |(from, to)| &text[from..to]);
        if frame.object && !leaf.number && is_one_of(&NAME_KEYS, key) {
            self.name_value(text, base, leaf, frame);
        }
        let policy = policy_of_leaf(frame, key);
        if frame.object && is_one_of(&VALUE_KEYS, key) {
            frame.waiting = Some(leaf);
        }
        if !frame.object {
            frame.before = self.header_name(&text[leaf.start..leaf.end]);
        }
        self.judge(policy, text, base, leaf);
    }

    /// Takes in what a `name` says; a `value` that came first is judged again under it.
    fn name_value(&mut self, text: &[u8], base: usize, leaf: Leaf, frame: &mut Frame) {
        frame.named = self.policy(&text[leaf.start..leaf.end]);
        if let Some(value) = frame.waiting.take()
            && frame.named.claims()
        {
            self.judge(frame.named, text, base, value);
        }
    }

    /// In `["Authorization", "Bearer …"]` the first is a name; other lists of words are not taken for headers.
    fn header_name(&mut self, text: &[u8]) -> Policy {
        match self.policy(text) {
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

/// What the members of a container take over from its key.
fn handed_down(frame: &Frame, text: &[u8]) -> Policy {
    let key = frame.key.map_or(&b""[..], |(from, to)| &text[from..to]);
    match frame.policy {
        Policy::Scan if frame.object && is_one_of(&VALUE_KEYS, key) => frame.named,
        Policy::Scan if !frame.object => frame.inherited,
        Policy::Scan if frame.inherited == Policy::Server => Policy::Server,
        policy => policy,
    }
}

fn policy_of_leaf(frame: &Frame, key: &[u8]) -> Policy {
    if !frame.object {
        return match frame.before {
            Policy::Scan => frame.inherited,
            policy => policy,
        };
    }
    match (frame.policy, frame.inherited) {
        (Policy::ClientAddress, Policy::Server) => Policy::Scan,
        (Policy::Scan | Policy::Judge(_) | Policy::Mask(_), _) if is_one_of(&VALUE_KEYS, key) => {
            match (frame.named, frame.inherited) {
                (Policy::Scan, Policy::Cookies) => Policy::Mask(Kind::Cookie),
                (Policy::Scan, Policy::Scan | Policy::Server) => frame.policy,
                (Policy::Scan, inherited) => inherited,
                // The cookies of a HAR are named by the site.
                (_, Policy::Cookies) => Policy::Mask(Kind::Cookie),
                (named, _) => named,
            }
        }
        (Policy::Scan, Policy::Cookies) if !is_one_of(&COOKIE_KEYS, key) => {
            Policy::Mask(Kind::Cookie)
        }
        (policy, _) => policy,
    }
}

fn is_one_of(keys: &[&[u8]], key: &[u8]) -> bool {
    key.len() <= 11 && keys.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Where a string ends, and whether it has escapes. Cut-off text ends it too.
fn string_end(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    while let Some(found) = memchr2(b'"', b'\\', &text[at..]) {
        if text[at + found] == b'"' {
            return (at + found, escaped);
        }
        escaped = true;
        at = (at + found + 2).min(text.len());
    }
    (text.len(), escaped)
}

fn word(text: &[u8]) -> Option<usize> {
    [&b"true"[..], b"false", b"null"]
        .iter()
        .find(|word| text.starts_with(word))
        .map(|word| word.len())
}
