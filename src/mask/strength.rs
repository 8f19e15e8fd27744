//! Which masked values are looked for beyond their own record.
//!
//! In its record a value is gone in every spelling (`echo`). In all other records only a value that can be nothing else
//! may count as found: a user's name is a word of many paths, a client's address is another call's server, and a cookie
//! may hold a locale, a date or the page to go back to. Everything that is not searched for is counted with its reason.

use crate::mask::kind::Kind;

/// Shorter values stand in texts by chance or by use.
const BYTES_MIN: usize = 12;
/// An address of mail is one whatever stands around it.
const EMAIL_BYTES_MIN: usize = 8;
/// Numbers of cards and accounts; shorter ones are also counts, times and ids.
const NUMBER_DIGITS_MIN: usize = 15;
/// Bytes in runs that mix letters and digits. Words, dates, versions and hosts have fewer, random values have more.
const MIXED_BYTES_MIN: usize = 8;
/// `20261122T030000Z` is a time and no secret.
const LETTERS_MIN: usize = 3;
const DIGITS_MIN: usize = 2;

/// Why a value is not looked for outside its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsearched {
    /// Names, streets, phone numbers and addresses of machines rightly stand elsewhere.
    Kind,
    Short,
    /// Words, numbers, dates, versions: nothing that only chance could not repeat.
    Plain,
    /// A path or a URL, as cookies hold them.
    Place,
    /// No text, or text with a stand-in inside.
    NoText,
}

impl Unsearched {
    pub(crate) const ALL: [Self; 5] = [
        Self::Kind,
        Self::Short,
        Self::Plain,
        Self::Place,
        Self::NoText,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Short => "short",
            Self::Plain => "plain",
            Self::Place => "place",
            Self::NoText => "no_text",
        }
    }
}

/// The value as it is looked for, or why it is not.
pub(crate) fn searchable(kind: Kind, value: &[u8]) -> Result<&str, Unsearched> {
    let strange = |c: char| c == '‹' || c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = match std::str::from_utf8(value) {
        Ok(text) if !text.contains(strange) => text,
        _ => return Err(Unsearched::NoText),
    };
    match kind {
        Kind::Ip | Kind::User | Kind::BasicUser | Kind::Person | Kind::Address => {
            Err(Unsearched::Kind)
        }
        Kind::Phone | Kind::Short => Err(Unsearched::Kind),
        Kind::Email if is_address(text) => Ok(text),
        Kind::Card | Kind::Identity if is_long_number(text) => Ok(text),
        _ if text.len() < BYTES_MIN => Err(Unsearched::Short),
        // Chosen by people, and still no word of another record.
        Kind::Password | Kind::Secret | Kind::Basic | Kind::Bearer if has_digit(text) => Ok(text),
        Kind::Webhook => mixed(text),
        _ if text.starts_with('/') || text.contains("://") => Err(Unsearched::Place),
        _ => mixed(text),
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    text.len() >= EMAIL_BYTES_MIN
        && parts.is_some_and(|(name, host)| !name.is_empty() && host.len() > 2)
}

fn is_long_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= NUMBER_DIGITS_MIN && text.bytes().filter(|b| !b.is_ascii_digit()).count() < digits
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

fn mixed(text: &str) -> Result<&str, Unsearched> {
    let (mut bytes, mut letters, mut digits) = (0, 0, 0);
    for run in text.as_bytes().split(|b| !b.is_ascii_alphanumeric()) {
        let n = run.iter().filter(|b| b.is_ascii_digit()).count();
        if n > 0 && n < run.len() {
            bytes += run.len();
            digits += n;
            letters += run.len() - n;
        }
    }
    match bytes >= MIXED_BYTES_MIN && letters >= LETTERS_MIN && digits >= DIGITS_MIN {
        true => Ok(text),
        false => Err(Unsearched::Plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_nothing_else_is_looked_for() {
        for (kind, value) in [
            (Kind::Token, "8f14e45fceea167a5a36dedd4bea2543"),
            (Kind::Session, "34c411c3-4d9a-4436-a6d9-8b80e6b6122f"),
            (Kind::Bearer, "cnry-bearer-Vq3kTz81mWd0PxLh7sYe52RbNu94"),
            (Kind::Email, "ana.lee@example.org"),
            (Kind::Session, "cnry-newsess-Xo4vG6uC2"),
            (Kind::Password, "Narwhal-Ocarina-4471"),
            (Kind::Card, "4111 1111 1111 1111"),
            (Kind::Identity, "DE89370400440532013000"),
        ] {
            assert_eq!(searchable(kind, value.as_bytes()), Ok(value), "{value}");
        }
    }

    #[test]
    fn what_stands_elsewhere_by_right_is_not() {
        use Unsearched::{NoText, Place, Plain, Short};
        for (kind, value, why) in [
            (Kind::Ip, "203.0.113.7", Unsearched::Kind),
            (Kind::User, "8f14e45fceea167a5a36", Unsearched::Kind),
            (Kind::Cookie, "en_US", Short),
            (Kind::Cookie, "Europe/Berlin", Plain),
            (Kind::Cookie, "2026-11-22T03:00:00Z", Plain),
            (Kind::Cookie, "20261122T030000Z", Plain),
            (Kind::Cookie, "Chrome/120.0.6099.71", Plain),
            (Kind::Cookie, "api5-018.responsys.net", Plain),
            (Kind::Cookie, "/v1/customers/cus_9s6XKzkNRiz8i3", Place),
            (Kind::Key, "welcome-email-2024", Plain),
            (Kind::Token, "1234567890123", Plain),
            (Kind::Token, "x\u{1}8f14e45fceea167a5a36", NoText),
        ] {
            assert_eq!(searchable(kind, value.as_bytes()), Err(why), "{value}");
        }
        assert_eq!(
            searchable(Kind::Token, b"\xff8f14e45fceea167a"),
            Err(NoText)
        );
    }
}
