//! Values that are not one secret but hold one: connection strings, scopes of credentials, signatures with parameters;
//! and those that hold none: states and placeholders.

use memchr::{memchr, memmem};

use crate::mask::address;
use crate::mask::cookies::is_flag;
use crate::mask::credentials::encoded_pair;
use crate::mask::decode::Encoding;
use crate::mask::detectors::email;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::placeholder::stand_in_at;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// What stands for a value that is not there, or tells how it is.
const STATES: &[&str] = &[
    "expired",
    "invalid",
    "missing",
    "required",
    "revoked",
    "unknown",
    "empty",
    "present",
    "absent",
    "unset",
    "not_set",
    "not set",
    "not_provided",
    "not provided",
    "not_found",
    "not found",
    "not_available",
    "unavailable",
    "unauthorized",
    "string",
    "valid",
    "active",
    "inactive",
    "pending",
    "disabled",
    "enabled",
    "rejected",
    "malformed",
    "mismatch",
    "anonymous",
];

/// Names of the parts of a connection string that tell who connects; blanks aside.
const USERS: &[&str] = &["userid", "uid", "user", "username"];
/// The last part of what a key signs with: `aws4_request`, `tc3_request`, `goog4_request`.
const SCOPE_END: &[u8] = b"_request";

impl Scan {
    /// Masks what is secret in a value of many parts; `false` where the value is one.
    pub(crate) fn inside(&mut self, kind: Kind, value: &[u8], base: usize) -> bool {
        match kind {
            Kind::Cookie => is_flag(value) || self.telling(value, base),
            _ if is_state(kind, value) => true,
            Kind::Signature => self.signature(value, base),
            Kind::Key if let Some(pair) = encoded_pair(value) => {
                self.basic(pair.as_bytes(), value, base, base + value.len());
                true
            }
            Kind::Secret | Kind::Key | Kind::Token => {
                self.scope(value, base) || self.connection(value, base)
            }
            Kind::Email if memchr(b'<', value).is_some() => {
                self.text(value, base, 0);
                true
            }
            _ => false,
        }
    }

    /// An address in a cookie is an address.
    fn telling(&mut self, value: &[u8], base: usize) -> bool {
        if email::is_email(value) {
            self.mask(Kind::Email, value, base, base + value.len());
            return true;
        }
        is_masked_address(value)
            || address::parse(value).is_some() && self.client_address(value, base)
    }

    /// `AKIA…/20240312/eu-west-1/s3/aws4_request`: the key goes, where and when it was used stays.
    fn scope(&mut self, value: &[u8], base: usize) -> bool {
        let Some(slash) = memchr(b'/', value).filter(|_| value.ends_with(SCOPE_END)) else {
            return false;
        };
        self.mask(Kind::Key, &value[..slash], base, base + slash);
        true
    }

    /// `Server=db;User ID=sa;Password=x`: each part by its name.
    fn connection(&mut self, value: &[u8], base: usize) -> bool {
        if memmem::find(value, b"://").is_some() {
            return self.address_with_secret(value, base);
        }
        if !is_connection(value) {
            return false;
        }
        let mut at = 0;
        for part in value.split(|b| *b == b';') {
            self.part_of_connection(part, base + at);
            at += part.len() + 1;
        }
        true
    }

    /// `postgres://app:x@db/main`, `jdbc:…?password=x`: host and database stay. An address without a visible secret may
    /// be one as a whole.
    fn address_with_secret(&mut self, value: &[u8], base: usize) -> bool {
        let mark = self.edits.len();
        self.text(value, base, 0);
        self.edits.len() > mark || memmem::find(value, "‹".as_bytes()).is_some()
    }

    fn part_of_connection(&mut self, part: &[u8], base: usize) {
        let Some(equals) = memchr(b'=', part) else {
            return self.text(part, base, 0);
        };
        let (name, value) = (&part[..equals], &part[equals + 1..]);
        let policy = match self.policy(Position::Query, name) {
            _ if names_user(name) => Policy::Mask(Kind::User),
            // `SharedAccessSignature=sv=…&sig=…`
            Policy::Mask(Kind::Signature) if memchr(b'&', value).is_some() => Policy::Scan,
            policy => policy,
        };
        self.value(policy, Encoding::Plain, value, base + equals + 1);
    }

    /// `sha256=…`, `t=…,v1=…`, `keyId="…",signature="…"`: how and when it was signed stays.
    fn signature(&mut self, value: &[u8], base: usize) -> bool {
        if memchr(b'=', value).is_none() || memchr(b' ', value).is_some() && !value.contains(&b'"')
        {
            return false;
        }
        if memchr(b'"', value).is_some() {
            self.credentials(value, base);
            return true;
        }
        let mut at = 0;
        for part in value.split(|b| *b == b',') {
            let lead = label(part);
            if !is_time(&part[..lead], &part[lead..]) {
                let start = base + at + lead;
                self.mask(
                    Kind::Signature,
                    &part[lead..],
                    start,
                    base + at + part.len(),
                );
            }
            at += part.len() + 1;
        }
        true
    }
}

/// The network that stays of an own address, and the stand-in of the rest.
fn is_masked_address(value: &[u8]) -> bool {
    let network = value
        .iter()
        .take_while(|b| b.is_ascii_hexdigit() || b".:[".contains(b));
    let rest = &value[network.count()..];
    rest.starts_with("‹ip:".as_bytes()) && stand_in_at(rest, 0).is_some()
}

/// The length of `sha256=` in front of a signature. Padding is none.
fn label(part: &[u8]) -> usize {
    const LABEL_BYTES_MAX: usize = 16;
    let word = |b: &&u8| b.is_ascii_alphanumeric() || b"-_".contains(*b);
    let name = part.iter().take(LABEL_BYTES_MAX).take_while(word).count();
    match part.get(name..name + 2) {
        Some([b'=', next]) if name > 0 && *next != b'=' => name + 1,
        _ => 0,
    }
}

fn is_time(label: &[u8], value: &[u8]) -> bool {
    matches!(label, b"t=" | b"ts=") && value.iter().all(u8::is_ascii_digit)
}

/// Two parts or more, each with a name in front.
fn is_connection(value: &[u8]) -> bool {
    let named = |part: &[u8]| {
        let name = &part[..memchr(b'=', part).unwrap_or(0)];
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b" _-.".contains(b);
        !name.is_empty() && name[0].is_ascii_alphabetic() && name.iter().all(plain)
    };
    let parts = || value.split(|b| *b == b';').filter(|part| !part.is_empty());
    parts().count() > 1 && parts().all(|part| named(part.trim_ascii()))
}

fn names_user(name: &[u8]) -> bool {
    let letters = name.iter().filter(|b| b.is_ascii_alphabetic());
    let joined: Vec<u8> = letters.map(u8::to_ascii_lowercase).collect();
    USERS.iter().any(|known| joined == known.as_bytes())
}

/// Whether a value only says how the real one is, or where it comes from.
fn is_state(kind: Kind, value: &[u8]) -> bool {
    let stated = matches!(
        kind,
        Kind::Token
            | Kind::Key
            | Kind::Secret
            | Kind::Password
            | Kind::Session
            | Kind::Signature
            | Kind::Email
            | Kind::Phone
            | Kind::Identity
    );
    let state = |known: &&str| value.eq_ignore_ascii_case(known.as_bytes());
    stated && (STATES.iter().any(state) || is_template(value) || is_crossed(value))
}

/// `${DB_PASSWORD}`, `$DB_PASSWORD`, `%DB_PASSWORD%`, `{{token}}`, `<token>`.
fn is_template(value: &[u8]) -> bool {
    let name = |inner: &[u8]| {
        !inner.is_empty()
            && inner.iter().any(u8::is_ascii_alphabetic)
            && inner
                .iter()
                .all(|b| b.is_ascii_alphabetic() || b"_-. :".contains(b))
    };
    let between = |open: &[u8], close: &[u8]| {
        let inner = value.strip_prefix(open).and_then(|v| v.strip_suffix(close));
        inner.is_some_and(name)
    };
    let variable = || {
        let inner = value.strip_prefix(b"$").unwrap_or_default();
        let capital = |b: &u8| b.is_ascii_uppercase() || *b == b'_';
        inner.len() > 2 && inner.iter().all(capital)
    };
    // The bracket at the end of a value in a sentence is taken for the sentence's.
    value.strip_prefix(b"${").is_some_and(name)
        || between(b"${", b"}")
        || between(b"{{", b"}}")
        || between(b"<", b">")
        || between(b"%", b"%")
        || variable()
}

/// `XXX-XX-1234`: all but the last signs crossed out.
fn is_crossed(value: &[u8]) -> bool {
    const SHOWN_MAX: usize = 4;
    let crossed = value.iter().filter(|b| b"Xx*".contains(b)).count();
    let shown = value.iter().filter(|b| b.is_ascii_digit()).count();
    let joints = value.iter().filter(|b| b"-. ".contains(b)).count();
    crossed > shown && shown <= SHOWN_MAX && crossed + shown + joints == value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_placeholders_are_no_values() {
        for state in [
            "expired",
            "not_provided",
            "${DB_PASSWORD}",
            "$API_KEY",
            "{{token}}",
        ] {
            assert!(is_state(Kind::Token, state.as_bytes()), "{state}");
        }
        assert!(is_state(Kind::Identity, b"XXX-XX-1234"));
        for value in ["hunter2", "${a1}x", "$ecret", "xx12345", "expired1"] {
            assert!(!is_state(Kind::Token, value.as_bytes()), "{value}");
        }
        assert!(!is_state(Kind::Person, b"Valid"));
    }

    #[test]
    fn a_connection_string_has_names_in_all_its_parts() {
        assert!(is_connection(b"Server=db;User ID=sa;Password=x;"));
        assert!(!is_connection(b"abc;def=="));
        assert!(!is_connection(b"Server=db"));
    }
}
