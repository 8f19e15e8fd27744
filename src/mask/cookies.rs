//! `Cookie` and `Set-Cookie`: names and attributes stay, values go.
//!
//! Nearly every cookie names a session or a person, and the stand-in still tells which requests shared one.

use memchr::memchr;

use crate::mask::address;
use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// Shorter values are flags and languages.
const VALUE_BYTES_MIN: usize = 4;

/// Fewer digits are a flag, more are a number with a stand-in of its own.
const CODE_DIGITS_MIN: usize = 3;
const CODE_DIGITS_MAX: usize = 8;

const ATTRIBUTES: &[&str] = &[
    "path",
    "domain",
    "expires",
    "max-age",
    "samesite",
    "secure",
    "httponly",
    "priority",
    "partitioned",
    "version",
    "comment",
];

/// Words of names under which a site keeps how it is to look: with a value of letters, such a cookie names nobody.
const PREFERENCES: &[&str] = &[
    "theme",
    "lang",
    "language",
    "locale",
    "tz",
    "timezone",
    "consent",
    "currency",
    "country",
    "region",
    "mode",
    "view",
    "layout",
    "sort",
    "variant",
    "test",
    "experiment",
    "ab",
    "color",
    "scheme",
    "step",
    "units",
    "format",
    "market",
    "store",
    "i18n",
    "culture",
    "banner",
    "accepted",
    "dismissed",
];
/// Longer values are more than a word or two.
const PREFERENCE_BYTES_MAX: usize = 32;

/// Flags and languages.
pub(crate) fn is_flag(value: &[u8]) -> bool {
    value.len() < VALUE_BYTES_MIN
}

/// The few digits of a card's code, a one-time code, a post code.
fn is_code(value: &[u8]) -> bool {
    (CODE_DIGITS_MIN..=CODE_DIGITS_MAX).contains(&value.len())
        && value.iter().all(u8::is_ascii_digit)
}

/// Whether a cookie only tells how its site is to look or behave.
pub(crate) fn is_preference(name: &[u8], value: &[u8]) -> bool {
    let word = |b: &u8| b.is_ascii_alphabetic() || b"-_/.".contains(b);
    let words = name.split(|b| b"_-.".contains(b));
    let known = |word: &[u8]| {
        PREFERENCES
            .iter()
            .any(|p| word.eq_ignore_ascii_case(p.as_bytes()))
    };
    value.len() <= PREFERENCE_BYTES_MAX && value.iter().all(word) && words.into_iter().any(known)
}

impl Scan {
    /// `a=1; b=2`; a text without `=` is one value.
    pub(crate) fn cookies(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        for pair in text.split(|b| *b == b';') {
            self.cookie(pair, base + at);
            at += pair.len() + 1;
        }
    }

    /// One a line, as Chrome joins them in a HAR.
    pub(crate) fn set_cookie(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        for line in text.split(|b| *b == b'\n') {
            self.set_cookie_line(line, base + at);
            at += line.len() + 1;
        }
    }

    /// `a=1; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT`, also several folded into one with commas.
    fn set_cookie_line(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        for (order, part) in text.split(|b| *b == b';').enumerate() {
            let skip = if order > 0 && is_attribute(part) {
                folded(part)
            } else {
                Some(0)
            };
            if let Some(skip) = skip {
                self.cookie(&part[skip..], base + at + skip);
            }
            at += part.len() + 1;
        }
    }

    fn cookie(&mut self, pair: &[u8], base: usize) {
        let equals = memchr(b'=', pair);
        let name = &pair[..equals.unwrap_or(0)];
        let start = equals.map_or(0, |equals| equals + 1);
        self.cookie_value(name, &pair[start..], base + start);
    }

    pub(crate) fn cookie_value(&mut self, name: &[u8], written: &[u8], base: usize) {
        let lead = written.iter().take_while(|b| b" \"".contains(b)).count();
        let trail = written[lead..]
            .iter()
            .rev()
            .take_while(|b| b" \"".contains(b))
            .count();
        let value = &written[lead..written.len() - trail];
        // A quote that closes amid the value is a part of it, as what is behind belongs to it too.
        let lead = match memchr(b'"', value) {
            Some(_) if trail == 0 => lead - quotes_before(written, lead),
            _ => lead,
        };
        let value = &written[lead..written.len() - trail];
        let code = is_code(value);
        if is_flag(value) && !code {
            return;
        }
        let policy = match self.policy(Position::Cookie, name.trim_ascii()) {
            Policy::Hide if code => Policy::Hide,
            _ if is_flag(value) => return,
            policy @ (Policy::Never | Policy::Mask(_) | Policy::Own(_)) => policy,
            Policy::ClientAddress if address::begins(value) => Policy::ClientAddress,
            _ if is_preference(name.trim_ascii(), value) => Policy::Scan,
            _ => Policy::Mask(Kind::Cookie),
        };
        self.value(policy, Encoding::Percent, value, base + lead);
    }
}

fn quotes_before(text: &[u8], at: usize) -> usize {
    let before = text[..at].iter().rev();
    before.take_while(|b| **b == b'"').count()
}

/// First names of lists in which `;` parts something else than cookies: `Forwarded`, `X-Amzn-Trace-Id`.
const OTHER_LISTS: &[&str] = &[
    "for", "by", "host", "proto", "root", "self", "parent", "v", "q",
];

/// Whether a text is several cookies as a client sends them (RFC 6265, section 4.2): `a=1; b=2`, and nothing else.
pub(crate) fn is_list(text: &[u8]) -> bool {
    if memchr(b';', text).is_none() {
        return false;
    }
    let mut parts = 0;
    for part in text.split(|b| *b == b';') {
        let pair = if parts == 0 {
            Some(part)
        } else {
            part.strip_prefix(b" ")
        };
        let Some((pair, equals)) = pair.and_then(|pair| Some((pair, memchr(b'=', pair)?))) else {
            return false;
        };
        let name = &pair[..equals];
        let other = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
        let odd = |b: &u8| b.is_ascii_whitespace() || b"\"<>{}()\\,?&/".contains(b);
        let spaced = |b: &u8| b.is_ascii_whitespace() || b"\"<>\\".contains(b);
        if name.is_empty()
            || name.iter().any(odd)
            || pair[equals..].iter().any(spaced)
            || parts == 0 && OTHER_LISTS.iter().any(other)
        {
            return false;
        }
        parts += 1;
    }
    parts > 1
}

fn is_attribute(part: &[u8]) -> bool {
    let name = &part[..memchr(b'=', part).unwrap_or(part.len())];
    ATTRIBUTES
        .iter()
        .any(|known| name.trim_ascii().eq_ignore_ascii_case(known.as_bytes()))
}

/// Where a further cookie begins behind the comma of an attribute; a date has a comma too, but no `=` behind it.
fn folded(part: &[u8]) -> Option<usize> {
    let comma = memchr(b',', part)?;
    memchr(b'=', &part[comma..]).map(|_| comma + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cookies_is_told_from_others() {
        assert!(is_list(b"locale=en; sid=abc"));
        assert!(is_list(
            b"_ga=GA1.2.3; _fbp=fb.1/x, y=z"
                .split(|b| *b == b',')
                .next()
                .expect("one")
        ));
        for other in [
            &b"sid=abc"[..],
            b"text/html; charset=utf-8",
            b"max-age=300; includeSubDomains",
            b"for=192.0.2.60; proto=https",
            b"Root=1-67891233-abcdef012345678912345678; Sampled=1",
            b"Mozilla/5.0 (X11; Linux=1; rv=2)",
            b"a=1;b=2",
            b"x=\"1\"; y=2",
        ] {
            assert!(!is_list(other), "{}", String::from_utf8_lossy(other));
        }
    }
}
