//! A value whose name is known: what the policy of the name does to it.

use memchr::memchr;

use crate::mask::credentials;
use crate::mask::decode::Encoding;
use crate::mask::form::is_form;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::scan::Scan;
use crate::mask::trace::Reason;
use crate::mask::uuid::{UUID_BYTES, is_uuid};

/// A value judged by its look is no longer than this; what is longer is a document and is searched.
pub(crate) const JUDGED_BYTES_MAX: usize = 512;
/// Fewer digits are a flag or an extension.
pub(crate) const PHONE_DIGITS_MIN: usize = 5;
const JUDGED_BYTES_MIN: usize = 16;
/// What a document calls a secret as a whole may be shorter.
const PASSWORD_BYTES_MIN: usize = 8;
/// How many different bytes a random value of that length has at least.
const DISTINCT_MIN: usize = 8;

impl Scan {
    /// Applies a policy to a value as written.
    pub(crate) fn value(
        &mut self,
        policy: Policy,
        encoding: Encoding,
        written: &[u8],
        base: usize,
    ) {
        // Undoing escapes would break what a stand-in tells of a token.
        if written.first() == Some(&0xE2) && is_masked(written) {
            return;
        }
        let apply = |scan: &mut Self, value: &[u8], at| scan.apply(policy, value, at);
        match encoding {
            Encoding::Plain => apply(self, written, base),
            encoding => self.encoded_to(policy.claims(), encoding, written, base, apply),
        }
    }

    /// Applies a policy to a decoded value.
    pub(crate) fn apply(&mut self, policy: Policy, value: &[u8], base: usize) {
        self.because(Reason::Name, |scan| scan.apply_policy(policy, value, base));
    }

    fn apply_policy(&mut self, policy: Policy, value: &[u8], base: usize) {
        match policy {
            Policy::Scan | Policy::Server => self.any(value, base),
            Policy::Never => self.sure(value, base),
            Policy::Mask(kind) => self.whole(kind, value, base),
            Policy::Judge(kind) | Policy::JudgeInQuery(kind) if looks_secret(kind, value) => {
                if !self.pair_of_form(value, base) {
                    self.whole(kind, value, base);
                }
            }
            // Not `any`: a value that begins like a form would come here again, once for each `=` in it.
            Policy::Judge(_) | Policy::JudgeInQuery(_) => self.text(value, base, 0),
            Policy::Hide => self.hide(value, base, base + value.len()),
            Policy::Credentials => self.credentials(value, base),
            Policy::Cookies => self.cookies(value, base),
            Policy::SetCookie => self.set_cookie(value, base),
            Policy::Userinfo => self.userinfo(value, base),
            Policy::ClientAddress => self.client_addresses(value, base),
            Policy::Own(number) => self.own(number, value, base),
        }
    }

    /// `state="api_token=…"`: a pair in which a name or a shape says what is secret; `false` where none does.
    fn pair_of_form(&mut self, value: &[u8], base: usize) -> bool {
        let equals = memchr(b'=', value).unwrap_or(value.len());
        let is_padding = value.get(equals + 1).is_none_or(|b| *b == b'=');
        if is_padding || !is_form(value) {
            return false;
        }
        let mark = self.edits.len();
        self.deeper(|scan| scan.form(value, base));
        self.edits.len() > mark
    }

    /// A value that is masked as one, without the blanks around it; a scheme in front of a token stays.
    fn whole(&mut self, kind: Kind, value: &[u8], base: usize) {
        let lead = value.len() - value.trim_ascii_start().len();
        let trimmed = value.trim_ascii();
        let (start, end) = (base + lead, base + lead + trimmed.len());
        match kind {
            _ if self.inside(kind, trimmed, start) => {}
            Kind::Token | Kind::Key if trimmed.contains(&b' ') => {
                self.credentials(trimmed, start);
                // Without the blank that may have gone it is one value.
                self.is_loose = true;
            }
            // A list of addresses: each gets the stand-in it has alone.
            Kind::Email if trimmed.contains(&b'@') && trimmed.iter().any(|b| b",;".contains(b)) => {
                self.text(trimmed, start, 0);
            }
            // `sec-ch-ua-mobile: ?0`, and `full_name` of a repository.
            Kind::Phone
                if trimmed.iter().filter(|b| b.is_ascii_digit()).count() < PHONE_DIGITS_MIN => {}
            Kind::Person if trimmed.contains(&b'/') => self.text(trimmed, start, 0),
            _ => self.mask(kind, trimmed, start, end),
        }
    }
}

/// Whether a value under a name that may or may not hold a secret is one: long, of one run, mixed, and none of the
/// things that identifiers are made of. Random bytes alone do not decide, the name has spoken first.
pub(crate) fn looks_secret(kind: Kind, value: &[u8]) -> bool {
    match kind {
        Kind::Address => return looks_like_street(value),
        Kind::Phone => return looks_like_phone(value),
        Kind::Identity => return looks_like_device(value),
        _ => {}
    }
    if kind == Kind::Key && credentials::encoded_pair(value).is_some() {
        return true;
    }
    let (least, distinct_min) = match kind {
        Kind::Password | Kind::Secret => (PASSWORD_BYTES_MIN, PASSWORD_BYTES_MIN - 2),
        _ => (JUDGED_BYTES_MIN, DISTINCT_MIN),
    };
    let in_token = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_-.~%!$@".contains(b);
    let long = (least..=JUDGED_BYTES_MAX).contains(&value.len());
    long && value.iter().all(in_token)
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && distinct(value) >= distinct_min
        && (!value.starts_with(b"/") || value.ends_with(b"="))
        && !(holds_uuid(value) || is_host(value) || is_path(value))
}

/// `exports/2024/03/r.csv`: an object's name ends like a file's.
fn is_path(value: &[u8]) -> bool {
    let mut parts = value.rsplit(|b| *b == b'/');
    let file = parts.next().unwrap_or_default();
    let ending = file.rsplit(|b| *b == b'.').next().unwrap_or_default();
    parts.next().is_some() && ending.len() < file.len() && (2..=5).contains(&ending.len())
}

/// A UUID or another long id: what names a device names its owner. `dev1` is one of ours.
fn looks_like_device(value: &[u8]) -> bool {
    let long = (14..=JUDGED_BYTES_MAX).contains(&value.len());
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-:_".contains(b);
    long && value.iter().all(plain) && value.iter().any(u8::is_ascii_digit)
}

/// The digits of an international number without its sign, and no time of ten or thirteen digits.
fn looks_like_phone(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    digits == value.len() && matches!(digits, 11 | 12 | 14 | 15) && value[0] != b'0'
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [0u64; 4];
    for b in value {
        seen[usize::from(*b) / 64] |= 1 << (b % 64);
    }
    seen.iter().map(|word| word.count_ones() as usize).sum()
}

/// A number and words: `12 High Street`. A host, an IP address or a mail address under the same name is none.
fn looks_like_street(value: &[u8]) -> bool {
    value.contains(&b' ')
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 4
}

/// Four dashes in the places of a UUID, wherever it begins: ids are made from those.
fn holds_uuid(value: &[u8]) -> bool {
    value.windows(UUID_BYTES).any(is_uuid)
}

/// Small letters and digits in short parts joined by dots or dashes: a host, a file, a slug.
fn is_host(value: &[u8]) -> bool {
    value.iter().any(|b| b".-".contains(b))
        && value
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(b))
        && value
            .split(|b| b".-".contains(b))
            .all(|part| part.len() < JUDGED_BYTES_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_tells_keys_from_identifiers() {
        for secret in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "AbCd1234EfGh5678IjKl",
            "YWJj+ZGVm/Z2hpMTIz==",
        ] {
            assert!(looks_secret(Kind::Key, secret.as_bytes()), "{secret}");
        }
        for id in [
            "Orders_2",
            "RATE_LIMIT_EXCEEDED",
            "00000000000000000000",
            "my-service.internal.example1.com",
            "APIEvent-6d2a95db-7eef-46c4-84d0-3d704d8721cd",
            "order key for customer 12",
            "/v1/a/b/c/d/e/f/g1234",
        ] {
            assert!(!looks_secret(Kind::Key, id.as_bytes()), "{id}");
        }
        assert!(looks_secret(Kind::Address, b"12 High Street"));
        assert!(!looks_secret(Kind::Address, b"10.0.0.1:80"));
    }
}
