//! `Authorization` and its like: the scheme stays, what proves who one is goes.

use memchr::memchr;

use crate::mask::base64;
use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::note::{ECHO_BYTES_MIN, is_echoed, is_void};
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// Schemes followed by one token.
const TOKEN_SCHEMES: &[&str] = &[
    "bearer",
    "token",
    "dpop",
    "ssws",
    "splunk",
    "apikey",
    "api-key",
    "negotiate",
    "ntlm",
    "jwt",
    "key",
    "zoho-oauthtoken",
    "klaviyo-api-key",
    "genie-key",
    "sso-key",
    "apitoken",
    "authtoken",
    "access_token",
    "privatetoken",
    "bot",
    "user",
    "geniekey",
    "sharedkey",
    "sharedkeylite",
    "kakaoak",
    "deepl-auth-key",
    "app",
    "pveapitoken",
    "oauth",
    "hmac",
    "hmac-sha1",
    "hmac-sha256",
    "hmac-sha512",
];

/// Schemes of vendors are no longer than this.
const SCHEME_BYTES_MAX: usize = 24;
/// Behind a scheme that is not known a token is at least as long as this.
const TOKEN_BYTES_MIN: usize = 16;

/// Parameters of a challenge or a signature that say how, not who.
const PLAIN_PARAMETERS: &[&str] = &[
    "realm",
    "qop",
    "uri",
    "algorithm",
    "signedheaders",
    "headers",
    "nc",
    "oauth_version",
    "oauth_signature_method",
    "oauth_timestamp",
    "keyid",
    "scope",
    "error",
    "error_description",
    "created",
    "expires",
    "stale",
    "charset",
    "ts",
    "version",
    "timestamp",
    "auth_version",
];

/// A credential in its parts.
pub(crate) enum Credential<'v> {
    /// `Bearer x`, or no scheme at all.
    Token(&'v [u8]),
    /// User and password, and the base64 text they came from.
    Basic(Vec<u8>, &'v [u8]),
    /// `name=value` pairs.
    Parameters(&'v [u8]),
}

/// Takes the scheme off. A scheme without a token has nothing to hide.
pub(crate) fn credential(value: &[u8]) -> Credential<'_> {
    let value = value.trim_ascii();
    if opens_parameters(value) {
        return Credential::Parameters(value);
    }
    let Some(space) = value.iter().position(|b| b" \t".contains(b)) else {
        return Credential::Token(if is_scheme(value) { b"" } else { value });
    };
    let (scheme, rest) = (&value[..space], value[space..].trim_ascii());
    let scheme = scheme.strip_suffix(b":").unwrap_or(scheme);
    // `Login(authorization=x, locale=en)`: the next member is not its own.
    if let Some(token) = scheme.strip_suffix(b",").filter(|_| has_parameters(rest)) {
        return Credential::Token(token);
    }
    if scheme.eq_ignore_ascii_case(b"basic") {
        return match user_password(rest) {
            Some(decoded) => Credential::Basic(decoded, rest),
            None if is_masked(rest) => Credential::Token(b""),
            None => Credential::Token(rest),
        };
    }
    if has_parameters(rest) && !(is_scheme(scheme) && is_run(rest)) {
        return Credential::Parameters(rest);
    }
    match is_scheme(scheme) || leads(scheme, rest) {
        true => Credential::Token(signature_of(scheme, rest)),
        false => Credential::Token(value),
    }
}

/// Whether a word is a scheme that is known.
pub(crate) fn is_scheme(word: &[u8]) -> bool {
    let word = word.strip_suffix(b":").unwrap_or(word);
    let known = |name: &&str| word.eq_ignore_ascii_case(name.as_bytes());
    word.eq_ignore_ascii_case(b"basic") || TOKEN_SCHEMES.iter().any(known)
}

/// Whether a word of letters leads a token that no word of a sentence could be: the scheme of some vendor.
fn leads(scheme: &[u8], rest: &[u8]) -> bool {
    let letters = |b: &u8| b.is_ascii_alphabetic() || b"-_".contains(b);
    let word = scheme.len() <= SCHEME_BYTES_MAX && scheme.iter().all(letters);
    let one = !rest.iter().any(|b| b.is_ascii_whitespace());
    word && one && rest.len() >= TOKEN_BYTES_MIN && rest.iter().any(u8::is_ascii_digit)
}

/// `SharedKey account:signature`: the name of the account stays.
fn signature_of<'v>(scheme: &[u8], rest: &'v [u8]) -> &'v [u8] {
    match memchr(b':', rest) {
        Some(colon) if scheme.to_ascii_lowercase().starts_with(b"sharedkey") => &rest[colon + 1..],
        _ => rest,
    }
}

/// `keyId="…",signature="…"`, without a scheme.
fn opens_parameters(value: &[u8]) -> bool {
    let name = value.iter().take_while(|b| is_name(**b)).count();
    name > 0 && value[name..].starts_with(b"=\"")
}

impl Scan {
    pub(crate) fn credentials(&mut self, value: &[u8], base: usize) {
        if is_masked(value) {
            return;
        }
        let place = |part: &[u8]| base + (part.as_ptr() as usize - value.as_ptr() as usize);
        match credential(value) {
            // A scheme alone.
            Credential::Token(b"") => {}
            Credential::Token(token) => {
                let kind = if token.len() < value.trim_ascii().len() {
                    Kind::Bearer
                } else {
                    Kind::Token
                };
                self.mask(kind, token, place(token), place(token) + token.len());
            }
            Credential::Basic(decoded, written) => {
                self.basic(
                    &decoded,
                    written,
                    place(written),
                    place(written) + written.len(),
                );
            }
            Credential::Parameters(rest) => self.parameters(rest, place(rest)),
        }
    }

    /// User and password each by its own stand-in; the base64 text of both may be echoed too.
    pub(crate) fn basic(&mut self, decoded: &[u8], written: &[u8], start: usize, end: usize) {
        let (kind, user, password) = split_basic(decoded);
        let first = self.part(kind, user);
        let second = self.part(Kind::Basic, password);
        let pair = self.replace(Kind::Basic, start, end, |_, out| {
            out.push_str(&first);
            out.push(':');
            out.push_str(&second);
        });
        self.remember(written, &pair, Kind::Basic);
        for (kind, part, stand_in) in [(kind, user, first), (Kind::Basic, password, second)] {
            if is_echoed(kind, part) && part.len() >= ECHO_BYTES_MIN {
                self.remember(part, &stand_in, kind);
            }
        }
    }

    /// Of a part that holds nothing, what cannot end the line, the string or the tag that it comes to.
    fn part(&mut self, kind: Kind, part: &[u8]) -> String {
        let plain = |b: &&u8| b.is_ascii_alphanumeric() || b"-_*/".contains(*b);
        match is_void(part) {
            true => part.iter().filter(plain).map(|b| char::from(*b)).collect(),
            false => self.stand_in(kind, part),
        }
    }

    /// Digest, SigV4, OAuth 1: all parameters but the known harmless ones. Of a SigV4 credential scope, the key alone.
    fn parameters(&mut self, text: &[u8], base: usize) {
        // A shared access signature is written as a query.
        if memchr(b'&', text).is_some() && memchr(b'"', text).is_none() {
            return self.form(text, base);
        }
        let mut at = 0;
        while let Some(equals) = memchr(b'=', &text[at..]).map(|found| at + found) {
            let named = text[at..equals]
                .iter()
                .rev()
                .take_while(|b| is_name(**b))
                .count();
            let name = &text[equals - named..equals];
            let quoted = text.get(equals + 1) == Some(&b'"');
            let start = equals + 1 + usize::from(quoted);
            let ends = |b: &u8| {
                if quoted {
                    *b == b'"'
                } else {
                    b", ;\t".contains(b)
                }
            };
            let rest = &text[start..];
            let end = start + rest.iter().position(ends).unwrap_or(rest.len());
            self.parameter(name, &text[start..end], base + start);
            at = end.max(equals + 1);
        }
    }

    fn parameter(&mut self, name: &[u8], value: &[u8], base: usize) {
        let harmless = |plain: &str| name.eq_ignore_ascii_case(plain.as_bytes());
        if PLAIN_PARAMETERS.iter().any(|plain| harmless(plain)) {
            return self.value(Policy::Scan, Encoding::Plain, value, base);
        }
        let value = match name.eq_ignore_ascii_case(b"credential") {
            true => {
                let key = &value[..memchr(b'/', value).unwrap_or(value.len())];
                return self.value(Policy::Mask(Kind::Key), Encoding::Percent, key, base);
            }
            false => value,
        };
        let policy = match self.policy(Position::Header, name) {
            policy @ Policy::Mask(_) => policy,
            _ if name.eq_ignore_ascii_case(b"username") => Policy::Mask(Kind::User),
            _ => Policy::Mask(Kind::Token),
        };
        self.value(policy, Encoding::Percent, value, base);
    }
}

/// The parts of `user:password`. Where vendors want a key as the user and nothing or an `x` as password, the user is
/// the secret.
pub(crate) fn split_basic(decoded: &[u8]) -> (Kind, &[u8], &[u8]) {
    let colon = memchr(b':', decoded).unwrap_or(decoded.len());
    let (user, password) = (
        &decoded[..colon],
        decoded.get(colon + 1..).unwrap_or_default(),
    );
    match password {
        b"" | b"x" | b"X" => (Kind::Token, user, b""),
        password => (Kind::BasicUser, user, password),
    }
}

/// `user:password` from base64 of either alphabet.
pub(crate) fn user_password(text: &[u8]) -> Option<Vec<u8>> {
    base64::decode(text).filter(|decoded| decoded.contains(&b':'))
}

/// Whether what looks like a parameter is a token that holds `=`: no name has digits or letters of both cases, and no
/// token has quotes or parameters behind it.
fn is_run(rest: &[u8]) -> bool {
    let name = &rest[..memchr(b'=', rest).unwrap_or(rest.len())];
    let named = name
        .iter()
        .all(|b| b.is_ascii_lowercase() || b"_-".contains(b));
    let further = |part: &[u8]| has_parameters(part);
    let listed = rest.split(|b| *b == b',').skip(1).any(further);
    !named && !listed && !rest.iter().any(|b| b"\" &".contains(b))
}

/// `user:password` in base64 without a scheme, as Docker keeps it under `auth`.
pub(crate) fn encoded_pair(written: &[u8]) -> Option<String> {
    let text = base64::text_in(written)?;
    let user = text.split_once(':')?.0;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._@-".contains(&b);
    (!user.is_empty() && user.bytes().all(plain)).then_some(text)
}

/// A name, `=` and something that is no further padding.
fn has_parameters(text: &[u8]) -> bool {
    memchr(b'=', text).is_some_and(|at| {
        let after = text.get(at + 1);
        at > 0 && text[..at].iter().all(|b| is_name(*b)) && after.is_some_and(|b| *b != b'=')
    })
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(value: &str) -> String {
        match credential(value.as_bytes()) {
            Credential::Token(token) => String::from_utf8_lossy(token).into_owned(),
            Credential::Basic(decoded, _) => String::from_utf8_lossy(&decoded).into_owned(),
            Credential::Parameters(rest) => format!("?{}", String::from_utf8_lossy(rest)),
        }
    }

    #[test]
    fn schemes_are_taken_off() {
        assert_eq!(token("Bearer abc=="), "abc==");
        assert_eq!(token("token 0001"), "0001");
        assert_eq!(token("abc"), "abc");
        assert_eq!(token("Unknown abc"), "Unknown abc");
        assert_eq!(token("Basic Ym9iOmh1bnRlcjI"), "bob:hunter2");
        assert_eq!(token("Basic Ym9iOmh1bnRlcjI="), "bob:hunter2");
        assert_eq!(token("Digest username=\"x\""), "?username=\"x\"");
    }
}
