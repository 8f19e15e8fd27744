//! Keyed stand-ins `‹kind:keyid:mac›`: equal values stay equal, and nobody without the key can guess the value.
//!
//! The MAC covers the canonical value alone (decoded, scheme stripped, addresses lower-cased, card digits only), not
//! the kind and not the position, so one token correlates across header, body, query and encodings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;
use memchr::{memchr, memchr_iter, memrchr};
use zeroize::Zeroize;

use crate::mask::action::{Action, Actions, push_last_4};
use crate::mask::claims;
use crate::mask::decode::Encoding;
use crate::mask::detectors::pem;
use crate::mask::detectors::phone;
use crate::mask::key::{HmacSha256, MaskKey, tag};
use crate::mask::kind::Kind;
use crate::mask::note::is_void;
use crate::mask::odd;

/// What stands where a value is too small to hide behind a MAC: with 10,000 PINs, a stand-in is the PIN.
pub(crate) const FIXED: &str = "***";
/// Opens the mark of a cut body.
pub(crate) const CUT: &str = "…[cut, ";

const OPEN: &str = "‹";
const CLOSE: &str = "›";
/// Base32 digits of the MAC: 100 of its bits.
const MAC_CHARS: usize = 20;
const KEY_ID_CHARS: usize = 4;
const LABEL_CHARS_MAX: usize = 12;
/// The signs, kind, key and code of one, and what is told of a token.
const STAND_IN_BYTES_MAX: usize = 64 + claims::TOLD_BYTES_MAX;
/// How many values a cache keeps before it starts again, some 5 MB. A log has few tokens, many times.
const CACHE_MAX: usize = 1 << 15;

/// Makes stand-ins under one key, and remembers the last ones.
pub(crate) struct Stamp {
    mac: HmacSha256,
    key_id: String,
    actions: Actions,
    cache: HashMap<Vec<u8>, Code, RandomState>,
    /// What tokens tell, by their codes.
    claims: HashMap<Code, Box<str>>,
}

type Code = [u8; MAC_CHARS];

impl Stamp {
    pub(crate) fn new(key: &MaskKey, actions: Actions) -> Self {
        Self {
            mac: key.mac(),
            key_id: key.id(),
            actions,
            cache: HashMap::default(),
            claims: HashMap::new(),
        }
    }

    pub(crate) fn action(&self, kind: Kind) -> Action {
        self.actions.of(kind)
    }

    /// Appends what stands for a canonical value.
    pub(crate) fn write(&mut self, kind: Kind, canonical: &[u8], out: &mut String) {
        match self.action(kind) {
            Action::Fixed => out.push_str(FIXED),
            Action::KeepLast4 => push_last_4(canonical, out),
            Action::Drop => {}
            Action::Pseudonym | Action::Keep | Action::KeepNetwork => {
                self.pseudonym(kind, canonical, out);
            }
        }
    }

    /// Appends the stand-in, whatever the user wishes to see.
    pub(crate) fn pseudonym(&mut self, kind: Kind, canonical: &[u8], out: &mut String) {
        let code = self.code(canonical);
        out.push_str(OPEN);
        out.push_str(kind.label());
        out.push(':');
        out.push_str(&self.key_id);
        out.push(':');
        out.push_str(std::str::from_utf8(&code).expect("base32 digits are ASCII"));
        if kind == Kind::Jwt {
            out.push_str(self.told(code, canonical));
        }
        out.push_str(CLOSE);
    }

    fn told(&mut self, code: Code, token: &[u8]) -> &str {
        if self.claims.len() >= CACHE_MAX {
            self.claims.clear();
        }
        self.claims
            .entry(code)
            .or_insert_with(|| claims::told(token).into())
    }

    fn code(&mut self, canonical: &[u8]) -> Code {
        let canonical = &*spaced(canonical);
        if let Some(code) = self.cache.get(canonical) {
            return *code;
        }
        let code = base32(&tag(&self.mac, canonical));
        if self.cache.len() >= CACHE_MAX {
            self.forget();
        }
        self.cache.insert(canonical.to_vec(), code);
        code
    }

    /// Wipes the remembered values, which are secrets.
    fn forget(&mut self) {
        for (mut value, _) in self.cache.drain() {
            value.zeroize();
        }
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        self.forget();
    }
}

/// How often a value may be percent-encoded.
const PERCENT_LAYERS_MAX: usize = 4;

/// The form of a value that its stand-in is made from.
pub(crate) fn canonical(kind: Kind, value: &[u8]) -> Cow<'_, [u8]> {
    match percent_undone(value) {
        None => of_kind(kind, value),
        Some(plain) => Cow::Owned(of_kind(kind, &plain).into_owned()),
    }
}

/// A value without any percent-encoding: clients encode twice, and exporters write what a query held as it was written
/// there, so nothing else makes a value the same wherever it stands. `None` where there is none.
pub(crate) fn percent_undone(value: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Encoding::Percent.decode(value)?.bytes;
    for _ in 1..PERCENT_LAYERS_MAX {
        match Encoding::Percent.decode(&plain) {
            Some(next) => plain = next.bytes,
            None => break,
        }
    }
    Some(plain)
}

fn of_kind(kind: Kind, value: &[u8]) -> Cow<'_, [u8]> {
    match kind {
        Kind::Email if value.iter().any(u8::is_ascii_uppercase) => {
            Cow::Owned(value.to_ascii_lowercase())
        }
        Kind::Phone => Cow::Owned(phone::canonical(value)),
        Kind::Card => value.iter().copied().filter(u8::is_ascii_digit).collect(),
        Kind::Pem => pem::canonical(value),
        Kind::Identity => {
            let signs = value.iter().filter(|b| b.is_ascii_alphanumeric());
            signs.map(u8::to_ascii_uppercase).collect()
        }
        _ => odd::to_bytes(value),
    }
}

/// A value with blanks for its plus signs: a form writes the one as the other, and many who read it or write it forget.
fn spaced(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'+', value).is_none() {
        return Cow::Borrowed(value);
    }
    let sign = |b: &u8| if *b == b'+' { b' ' } else { *b };
    value.iter().map(sign).collect()
}

/// The stand-in that starts at `at`, if one does.
pub(crate) fn stand_in_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let inner = text.get(at..)?.strip_prefix(OPEN.as_bytes())?;
    let label = run(inner, LABEL_CHARS_MAX, u8::is_ascii_lowercase);
    let rest = inner.get(label..)?.strip_prefix(b":")?;
    let id = run(rest, KEY_ID_CHARS, u8::is_ascii_hexdigit);
    let rest = rest.get(id..)?.strip_prefix(b":")?;
    let code = run(rest, MAC_CHARS, |b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    let whole = label > 0 && id == KEY_ID_CHARS && code == MAC_CHARS;
    let told = match inner.starts_with(b"jwt:") {
        true => claims::length(&rest[code..]),
        false => 0,
    };
    if !whole || !rest[code + told..].starts_with(CLOSE.as_bytes()) {
        return None;
    }
    let end = at + OPEN.len() + label + 1 + id + 1 + code + told + CLOSE.len();
    Some(at..end)
}

pub(crate) fn holds_stand_in(text: &[u8]) -> bool {
    let mut opens = memchr_iter(OPEN.as_bytes()[0], text);
    opens.any(|at| stand_in_at(text, at).is_some())
}

/// Whether a place lies in the middle of a stand-in.
pub(crate) fn holds_inside(text: &[u8], at: usize) -> bool {
    let low = at.saturating_sub(STAND_IN_BYTES_MAX);
    let open = memrchr(OPEN.as_bytes()[0], &text[low..at]).map(|open| low + open);
    open.and_then(|open| stand_in_at(text, open))
        .is_some_and(|span| at < span.end)
}

/// Whether a value is nothing but stand-ins, stars and what joins them, so that masking again must not touch it.
pub(crate) fn is_masked(value: &[u8]) -> bool {
    value.starts_with(CUT.as_bytes())
        || is_last_4(value)
        || holds_stand_ins_only(value)
        || is_masked_pair(value)
}

fn holds_stand_ins_only(value: &[u8]) -> bool {
    let mut at = 0;
    let mut found = false;
    while at < value.len() {
        if let Some(span) = stand_in_at(value, at) {
            found = true;
            at = span.end;
        } else if matches!(
            value[at],
            b'*' | b':' | b',' | b';' | b' ' | b'.' | b'"' | b'\'' | b'\r' | b'\n'
        ) {
            found |= value[at] == b'*';
            at += 1;
        } else {
            return false;
        }
    }
    found
}

/// `none:‹secret:…›`: of a user and a password, one may have held nothing.
fn is_masked_pair(value: &[u8]) -> bool {
    if !(value.starts_with(OPEN.as_bytes()) || value.ends_with(CLOSE.as_bytes())) {
        return false;
    }
    let user = stand_in_at(value, 0).map_or(0, |span| span.end);
    let colon = memchr(b':', &value[user..]).map(|colon| user + colon);
    let is_gone = |part: &[u8]| is_void(part) || holds_stand_ins_only(part);
    colon.is_some_and(|colon| is_gone(&value[..colon]) && is_gone(&value[colon + 1..]))
}

/// Stars and the last four signs.
fn is_last_4(value: &[u8]) -> bool {
    let last = value.strip_prefix(FIXED.as_bytes());
    last.is_some_and(|last| last.len() == 4 && last.iter().all(u8::is_ascii_alphanumeric))
}

fn run(text: &[u8], max: usize, holds: impl Fn(&u8) -> bool) -> usize {
    text.iter().take(max).take_while(|b| holds(b)).count()
}

/// Lower-case base32 (RFC 4648) of the first 100 bits.
fn base32(mac: &[u8; 32]) -> [u8; MAC_CHARS] {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    std::array::from_fn(|i| {
        let bit = i * 5;
        let pair = u16::from_be_bytes([mac[bit / 8], mac[bit / 8 + 1]]);
        DIGITS[usize::from(pair >> (11 - bit % 8) & 31)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(value: &str) -> String {
        let mut out = String::new();
        let mut stamp = Stamp::new(&MaskKey::from_bytes([1; 32]), Actions::default());
        stamp.write(Kind::Token, value.as_bytes(), &mut out);
        out
    }

    #[test]
    fn base32_is_the_rfc_4648_one() {
        let mut mac = [0; 32];
        mac[..5].copy_from_slice(b"fooba");
        assert_eq!(&base32(&mac)[..8], b"mzxw6ytb");
    }

    #[test]
    fn a_stand_in_is_recognised_and_a_lookalike_is_not() {
        let made = stamp("abc");
        assert_eq!(made.len(), 6 + "token:".len() + 5 + MAC_CHARS);
        assert_eq!(stand_in_at(made.as_bytes(), 0), Some(0..made.len()));
        assert!(is_masked(made.as_bytes()));
        assert!(is_masked(format!("{made}:{made}").as_bytes()));
        assert!(is_masked(b"***"));
        for lookalike in [
            "‹token:abcd:short›",
            "‹:abcd:aaaaaaaaaaaaaaaaaaaa›",
            "‹",
            "",
        ] {
            assert!(!is_masked(lookalike.as_bytes()), "{lookalike}");
        }
        assert!(!is_masked(format!("{made}x").as_bytes()));
    }

    #[test]
    fn equal_values_stay_equal_and_others_differ() {
        assert_eq!(stamp("abc"), stamp("abc"));
        assert_ne!(stamp("abc"), stamp("abd"));
    }
}
