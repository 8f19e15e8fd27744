//! What becomes of a value that was found: a stand-in, stars, or nothing, and a place among the record's secrets.

use zeroize::Zeroize;

use crate::mask::action::Action;
use crate::mask::detectors::card;
use crate::mask::detectors::pem;
use crate::mask::kind::Kind;
use crate::mask::placeholder::{self, FIXED, Stamp};
use crate::mask::scan::Scan;

/// Shorter values are not looked for elsewhere: they would hit what is no secret.
pub(crate) const ECHO_BYTES_MIN: usize = 8;
/// So many of a record are looked for in the rest of it, which takes some 100 MB; the others are masked where their names
/// or shapes show them, and no record has as many that is one.
const SECRETS_MAX: usize = 1 << 17;

/// A value that was masked, to be looked for in the rest of its record.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) value: Vec<u8>,
    pub(crate) stand_in: String,
    pub(crate) kind: Kind,
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl Scan {
    /// Replaces `start..end` by the stand-in of a decoded value, unless there is nothing to hide.
    pub(crate) fn mask(&mut self, kind: Kind, value: &[u8], start: usize, end: usize) {
        if is_void(value) || placeholder::is_masked(value) {
            return;
        }
        let kind = kind_of_value(kind, value);
        if self.stamp.action(kind) == Action::Keep {
            return;
        }
        let canonical = placeholder::canonical(kind, value);
        let stamp = &mut self.stamp;
        let stand_in = self
            .edits
            .add(start, end, |out| stamp.write(kind, &canonical, out));
        self.notes.note(kind, value, stand_in);
        // With a stand-in inside it stands nowhere else as it is.
        if is_echoed(kind, value) && !placeholder::holds_stand_in(value) {
            let other = (*canonical != *value).then_some(value);
            for spelling in [Some(&*canonical), other].into_iter().flatten() {
                if spelling.len() >= ECHO_BYTES_MIN {
                    remember(&mut self.secrets, spelling, stand_in, kind);
                }
            }
        }
        self.count(kind, 1);
        self.told(kind, |scan| scan.edits.last().to_owned());
    }

    /// Replaces a bare JSON number; the quotes keep the document valid.
    pub(crate) fn mask_number(&mut self, kind: Kind, value: &[u8], start: usize, end: usize) {
        let action = self.stamp.action(kind);
        if action == Action::Keep {
            return;
        }
        let stamp = &mut self.stamp;
        let written = self.edits.add(start, end, |out| {
            out.push('"');
            match (kind, action) {
                (Kind::Short, Action::Pseudonym) => out.push_str(FIXED),
                _ => stamp.write(kind, value, out),
            }
            out.push('"');
        });
        self.notes.note(kind, value, written.trim_matches('"'));
        self.edits.has_signs();
        self.count(kind, 1);
        self.told(kind, |scan| scan.edits.last().to_owned());
    }

    /// Replaces `start..end` by stars.
    pub(crate) fn hide(&mut self, value: &[u8], start: usize, end: usize) {
        if is_void(value) || placeholder::is_masked(value) {
            return;
        }
        match self.stamp.action(Kind::Short) {
            Action::Keep => return,
            Action::Drop => self.edits.add(start, end, |_| {}),
            _ => self.edits.add(start, end, |out| out.push_str(FIXED)),
        };
        self.notes.note(Kind::Short, value, FIXED);
        self.count(Kind::Short, 1);
        self.told(Kind::Short, |scan| scan.edits.last().to_owned());
    }

    /// Notes a value that `write` replaces in its own way, with stand-ins made by [`Stamp`].
    pub(crate) fn replace(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        write: impl FnOnce(&mut Stamp, &mut String),
    ) -> String {
        let stamp = &mut self.stamp;
        let written = self
            .edits
            .add(start, end, |out| write(stamp, out))
            .to_owned();
        self.count(kind, 1);
        self.told(kind, |scan| scan.edits.last().to_owned());
        written
    }

    /// The stand-in of a value, without a place where it stands.
    pub(crate) fn stand_in(&mut self, kind: Kind, value: &[u8]) -> String {
        let kind = kind_of_value(kind, value);
        let mut out = String::new();
        self.stamp
            .write(kind, &placeholder::canonical(kind, value), &mut out);
        self.notes.note(kind, value, &out);
        out
    }

    /// The same for a column that joins calls: a stand-in, whatever the user wishes to see in texts.
    pub(crate) fn pseudonym(&mut self, kind: Kind, value: &[u8]) -> String {
        let kind = kind_of_value(kind, value);
        let mut out = String::new();
        self.stamp
            .pseudonym(kind, &placeholder::canonical(kind, value), &mut out);
        self.notes.note(kind, value, &out);
        out
    }

    /// Adds a value to be looked for in the rest of the record.
    pub(crate) fn remember_secret(&mut self, secret: &Secret) {
        remember(
            &mut self.secrets,
            &secret.value,
            &secret.stand_in,
            secret.kind,
        );
    }

    /// The same for a value and its stand-in.
    pub(crate) fn remember(&mut self, value: &[u8], stand_in: &str, kind: Kind) {
        self.notes.note(kind, value, stand_in);
        remember(&mut self.secrets, value, stand_in, kind);
    }
}

/// Whether a value is looked for in the rest of its record: not what is found by its shape wherever it stands, and not
/// what may be a word there.
pub(crate) fn is_echoed(kind: Kind, value: &[u8]) -> bool {
    match kind {
        Kind::User => has_digit(value) && value.len() >= ECHO_BYTES_MIN,
        Kind::Person => value.contains(&b' '),
        Kind::BasicUser => true,
        kind => kind.echoes() && !is_wordlike(value),
    }
}

fn has_digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

/// `production`, `checkout`: small letters, perhaps with a capital in front.
fn is_wordlike(value: &[u8]) -> bool {
    const BYTES_MAX: usize = 16;
    let small = |b: &u8| b.is_ascii_lowercase() || b"_-".contains(b);
    let first = value.first().is_some_and(u8::is_ascii_alphabetic);
    value.len() < BYTES_MAX && first && value[1..].iter().all(small)
}

/// A record repeats its secrets, in the line if nowhere else; the last few are enough to keep most of that out.
fn remember(secrets: &mut Vec<Secret>, value: &[u8], stand_in: &str, kind: Kind) {
    const COMPARED_MAX: usize = 16;
    if secrets.len() >= SECRETS_MAX {
        return;
    }
    let mut last = secrets.iter().rev().take(COMPARED_MAX);
    if !last.any(|secret| secret.value == value) {
        secrets.push(Secret {
            value: value.to_vec(),
            stand_in: stand_in.to_owned(),
            kind,
        });
    }
}

/// What a value is says more than the name it stands under: a user name may be an address, a token a JWT. So the same
/// value gets the same stand-in under both.
fn kind_of_value(kind: Kind, value: &[u8]) -> Kind {
    let dots = || value.iter().filter(|b| **b == b'.').count();
    if value.starts_with(b"eyJ") && matches!(dots(), 2 | 4) {
        return Kind::Jwt;
    }
    if pem::is_key(value) {
        return Kind::Pem;
    }
    match kind {
        Kind::User | Kind::BasicUser if value.contains(&b'@') => Kind::Email,
        Kind::Token | Kind::Key | Kind::Cookie if card::is_number(value) => Kind::Card,
        _ => kind,
    }
}

/// The longest of the words below.
const VOID_WORD_BYTES_MAX: usize = 12;

/// What stands for a value that is not there, or that somebody took out.
const VOID_WORDS: [&str; 14] = [
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "n/a",
    "redacted",
    "filtered",
    "masked",
    "removed",
    "hidden",
    "scrubbed",
    "omitted",
];

/// Whether a value says that there is none, or was taken out by somebody else already.
pub(crate) fn is_void(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let inner = |b: &&u8| !b"[]<>(){}*_- \"'".contains(b);
    let lead = value.len() - value.iter().skip_while(|b| !inner(b)).count();
    let trail = value.iter().rev().take_while(|b| !inner(b)).count();
    let Some(core) = value.get(lead..value.len() - trail) else {
        return true;
    };
    let template = value.starts_with(b"{")
        && value.ends_with(b"}")
        && core.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    core.is_empty()
        || template
        || core.len() >= 3 && core.iter().all(|b| matches!(b, b'x' | b'X'))
        || core.len() <= VOID_WORD_BYTES_MAX
            && VOID_WORDS
                .iter()
                .any(|word| core.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_hide_is_left() {
        for value in [
            "",
            "-",
            "null",
            "[Redacted]",
            "****",
            "<REDACTED>",
            "xxxxxx",
            "{token}",
        ] {
            assert!(is_void(value.as_bytes()), "{value}");
        }
        for value in ["-x1-", "hunter2", "nullify", "{a1}", "‹", "xx"] {
            assert!(!is_void(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_value_is_named_by_what_it_is() {
        assert_eq!(kind_of_value(Kind::Token, b"eyJhbGci.eyJz.sig"), Kind::Jwt);
        assert_eq!(kind_of_value(Kind::User, b"a@b.de"), Kind::Email);
        assert_eq!(kind_of_value(Kind::Password, b"a@b.de"), Kind::Password);
    }
}
