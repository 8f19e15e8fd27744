//! Where a value without quotes ends: at a blank, at the end of its line, at the next parameter, by what it is.

use memchr::memchr;

use crate::mask::address;
use crate::mask::extent::{NAME_BYTES_MAX, in_name};
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::prose::{is_prose, is_scope, is_sentence};
use crate::mask::reach;
use crate::mask::value::{JUDGED_BYTES_MAX, PHONE_DIGITS_MIN};

/// Phone numbers are no longer than this, and addresses of 39 signs with every one escaped twice.
const SHORT_BYTES_MAX: usize = 5 * 39 + 1;
/// The longest date or code that is hidden by stars in text.
const HIDDEN_BYTES_MAX: usize = 32;
/// The same with every sign of a date escaped twice.
const ESCAPED_BYTES_MAX: usize = 5 * 10 + 1;
/// A header's line is looked through so far, and then to the next blank: a token is not cut, and a text full of names of
/// headers is not read to its end for each of them.
const LINE_BYTES_MAX: usize = 8 * 1024;
/// How far back the segment of a path begins that a parameter belongs to.
const SEGMENT_BYTES_MAX: usize = 128;

/// Names of headers of one word.
const PLAIN_HEADERS: &[&[u8]] = &[
    b"host",
    b"accept",
    b"cookie",
    b"date",
    b"via",
    b"origin",
    b"referer",
    b"connection",
    b"server",
    b"authorization",
    b"etag",
    b"vary",
    b"pragma",
    b"expires",
    b"location",
];

/// A value without quotes and what stands around it.
pub(crate) struct Bare<'t> {
    /// Up to where the value may reach.
    pub(crate) text: &'t [u8],
    pub(crate) start: usize,
    /// Where its name begins.
    pub(crate) name: usize,
    /// `name=value`.
    pub(crate) equals: bool,
    /// `name: value`.
    pub(crate) spaced: bool,
}

/// Where the value ends; `None` when it is none. Only a value that is then taken may be long: one that is looked at and
/// left would be looked at again from the next separator inside it.
pub(crate) fn bare_end(policy: Policy, bare: &Bare<'_>) -> Option<usize> {
    let Bare {
        text,
        start,
        equals,
        spaced,
        ..
    } = *bare;
    let rest = &text[start..];
    let max = match policy {
        Policy::Credentials | Policy::Cookies | Policy::SetCookie => return line_end(policy, bare),
        Policy::ClientAddress | Policy::Mask(Kind::Phone) => SHORT_BYTES_MAX,
        Policy::Hide if rest.starts_with(b"%") => ESCAPED_BYTES_MAX,
        Policy::Hide => HIDDEN_BYTES_MAX,
        Policy::Judge(_) | Policy::JudgeInQuery(_) => JUDGED_BYTES_MAX,
        Policy::Mask(Kind::User) if matches!(rest.first(), Some(b'/' | b'(')) => return None,
        _ => usize::MAX,
    };
    let windowed = max < usize::MAX;
    let window = &text[..text.len().min(start.saturating_add(max))];
    let query = equals && in_query(text, start);
    let end = match query {
        true => query_end(window, start),
        false => unquoted(window, start, holds_apostrophes(policy)),
    };
    let end = match equals && !query && in_path(text, start) {
        true => path_end(policy, &text[..end], start),
        false => end,
    };
    let written = &text[start..end];
    // What reaches out of its window is no value of that kind; cutting it would leave the rest.
    let cut = windowed && (end == window.len() && end < text.len() || written.contains(&0xE2));
    if written.is_empty() || cut || spaced && is_prose(written) {
        return None;
    }
    let end = match query {
        true => end,
        false => further(policy, bare, end),
    };
    fits(policy, bare, end)
}

/// Over blanks, if nothing is glued to what is reached: a stand-in there would be part of a longer value.
fn further(policy: Policy, bare: &Bare<'_>, end: usize) -> usize {
    let reached = reach::end(policy, bare, end);
    match reached > end && unquoted(bare.text, reached, false) == reached {
        true => reached,
        false => end,
    }
}

/// Whether what stands there may be a value of its name, and where it ends then.
fn fits(policy: Policy, bare: &Bare<'_>, end: usize) -> Option<usize> {
    let Bare {
        text,
        start,
        equals,
        spaced,
        ..
    } = *bare;
    let written = &text[start..end];
    let digits = written.iter().filter(|b| b.is_ascii_digit()).count();
    let all_digits = digits == written.len();
    let value = match policy {
        Policy::ClientAddress => return Some(address_list(text, start, end)),
        Policy::Judge(_) => equals || spaced,
        // `zip: archive.zip` is no post code.
        Policy::Hide => digits > 0,
        Policy::Mask(kind) if all_digits => {
            kind.number_digits_min().is_some_and(|min| digits >= min)
        }
        Policy::Mask(Kind::Phone) => digits >= PHONE_DIGITS_MIN,
        // `user:email` is a scope, `user:bob` a search term.
        Policy::Mask(Kind::User) => equals || spaced,
        Policy::Mask(Kind::Signature) => return Some(signature_end(text, end)),
        Policy::Mask(Kind::Secret | Kind::Token | Kind::Key) if !equals && !spaced => {
            !is_scope(written)
        }
        // In a sentence the next thing after the colon may be a parameter: `token: request_id=…`.
        Policy::Mask(_) => equals || !spaced || !holds_pair(written),
        _ => true,
    };
    value.then_some(end)
}

/// The end of a header's value, unless a sentence tells of the header.
fn line_end(policy: Policy, bare: &Bare<'_>) -> Option<usize> {
    let Bare { text, start, .. } = *bare;
    let end = match bare.equals && in_query(text, start) {
        true => query_end(text, start),
        false => start + header_end(&text[start..], bare.equals),
    };
    let line = &text[start..end];
    let told = bare.spaced && !opens_scheme(policy, line) && is_sentence(line);
    (end > start && !told).then_some(end)
}

fn opens_scheme(policy: Policy, line: &[u8]) -> bool {
    let word = line.split(|b| *b == b' ').next().unwrap_or_default();
    policy == Policy::Credentials && crate::mask::credentials::is_scheme(word)
}

/// The end of a value without quotes: blank, `&`, `;`, a quote, a bracket of markup, an escaped line end, a comma
/// before something new. Punctuation at its end belongs to the sentence.
pub(crate) fn unquoted(text: &[u8], start: usize, apostrophes: bool) -> usize {
    let mut end = start;
    while let Some(b) = text.get(end) {
        let next = text.get(end + 1);
        let stops = match b {
            b'\'' if apostrophes && end > start => !joins(text[end - 1], next),
            b'&' | b';' | b'"' | b'\'' | b'<' | b'>' | b'|' | b'`' => true,
            // Java's wire log ends lines with `[\r][\n]`.
            b'[' => next == Some(&b'\\'),
            // A stand-in ends what stands before it just as the value did that it replaced.
            b'\\' => next.is_none_or(|b| b"rntux\"'\\\xE2".contains(b)),
            b',' => next.is_none_or(|b| {
                b.is_ascii_whitespace() || b.is_ascii_alphabetic() || b"\"\xE2".contains(b)
            }),
            b => b.is_ascii_whitespace(),
        };
        if stops {
            break;
        }
        end += 1;
    }
    let tail = text[start..end]
        .iter()
        .rev()
        .take_while(|b| b")]},.:!?#".contains(b))
        .count();
    end - tail
}

/// `O'Brien`: letters on both sides.
fn joins(before: u8, after: Option<&u8>) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || !b.is_ascii();
    letter(before) && after.is_some_and(|b| letter(*b))
}

fn holds_apostrophes(policy: Policy) -> bool {
    matches!(
        policy,
        Policy::Mask(Kind::Person | Kind::Address | Kind::Email)
    )
}

/// The end of a header's value in text: the end of the line or of the quotes around the header. A quote behind `=` is
/// one of a parameter: `Digest username="x"`.
fn header_end(text: &[u8], parameter: bool) -> usize {
    let mut at = 0;
    while let Some(b) = text.get(at) {
        match b {
            b'"' if at > 0 && text[at - 1] == b'=' => {
                at += 1 + memchr(b'"', &text[at + 1..]).unwrap_or(text.len() - at - 1);
            }
            b'\'' if at > 0 && joins(text[at - 1], text.get(at + 1)) => {}
            // Java's wire log ends lines with `[\r][\n]`.
            b'[' if text.get(at + 1) == Some(&b'\\') => return at,
            b'&' if parameter => return at,
            b'}' if parameter && ends_map(&text[at + 1..]) => return at,
            b',' if parameter && opens_header(&text[at + 1..]) => return at,
            b'\r' | b'\n' | b'"' | b'\'' | b'\\' | b'<' => return at,
            b' ' if at > LINE_BYTES_MAX => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Whether a map of headers ends before this: `{Accept=*/*, Cookie=a=1; b=2}`.
fn ends_map(rest: &[u8]) -> bool {
    rest.first()
        .is_none_or(|b| b.is_ascii_whitespace() || b",]})\"'\\".contains(b))
}

/// Whether the next header of such a map begins here. A parameter of a credential has no dash in its name.
fn opens_header(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b" ") else {
        return false;
    };
    let rest = &rest[..rest.len().min(NAME_BYTES_MAX)];
    let in_name = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'-';
    let length = rest.iter().take_while(in_name).count();
    let name = &rest[..length];
    let known = || {
        PLAIN_HEADERS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    rest.get(length) == Some(&b'=') && (memchr(b'-', name).is_some() || known())
}

/// `1.2.3.4, 5.6.7.8`: goes on over the blank as long as addresses follow.
fn address_list(text: &[u8], start: usize, end: usize) -> usize {
    let mut end = end;
    while end > start && text.get(end..end + 2) == Some(b", ") {
        let rest = text[end + 2..].iter().take(SHORT_BYTES_MAX);
        let token = rest
            .take_while(|b| b.is_ascii_hexdigit() || b".:[]".contains(b))
            .count();
        if address::parse(&text[end + 2..end + 2 + token]).is_none() {
            break;
        }
        end += 2 + token;
    }
    end
}

/// Whether the name in front of `=` stands behind the `?` or `&` of a query, where `'` and `;` are part of a value:
/// browsers and most clients leave them as they are.
pub(crate) fn in_query(text: &[u8], start: usize) -> bool {
    let head = &text[start.saturating_sub(NAME_BYTES_MAX)..start.saturating_sub(1)];
    let before = head.iter().rev().find(|b| !in_name(**b));
    matches!(before, Some(b'?' | b'&'))
}

/// The end of a value of a query; a quote or bracket around the whole address is none of it.
fn query_end(text: &[u8], start: usize) -> usize {
    let stops = |b: &u8| b.is_ascii_whitespace() || b"&#\"<>\\`|\xE2".contains(b);
    let rest = &text[start..];
    let end = rest.iter().position(stops).unwrap_or(rest.len());
    let tail = rest[..end].iter().rev();
    // The wire log of Java ends lines with `[\r][\n]`.
    start + end - tail.take_while(|b| b"')[]},.;:!".contains(b)).count()
}

/// Whether the name in front of `=` is a parameter of a path's segment: `/orders;jsessionid=…?page=1`.
fn in_path(text: &[u8], start: usize) -> bool {
    let head = &text[start.saturating_sub(SEGMENT_BYTES_MAX)..start.saturating_sub(1)];
    let name = head.iter().rev().take_while(|b| in_name(**b)).count();
    let Some((b';', segment)) = head[..head.len() - name].split_last() else {
        return false;
    };
    let before = segment.iter().rev();
    let sign = before.copied().find(|b| !in_name(*b) && !b"=;".contains(b));
    sign == Some(b'/')
}

/// A base64 value may hold slashes; a name or a session does not.
fn path_end(policy: Policy, text: &[u8], start: usize) -> usize {
    let slash = matches!(
        policy,
        Policy::Mask(Kind::Person | Kind::Address | Kind::Session | Kind::User)
    );
    let stops = |b: &u8| *b == b'?' || slash && *b == b'/';
    let rest = &text[start..];
    start + rest.iter().position(stops).unwrap_or(rest.len())
}

/// `Stripe-Signature: t=1690000000,v1=…`: what commas join belongs to it.
fn signature_end(text: &[u8], end: usize) -> usize {
    let mut end = end;
    while text.get(end) == Some(&b',') {
        let next = unquoted(text, end + 1, false);
        if !holds_pair(&text[end + 1..next]) {
            break;
        }
        end = next;
    }
    end
}

pub(crate) fn holds_pair(written: &[u8]) -> bool {
    memchr(b'=', written)
        .is_some_and(|at| at > 0 && written.get(at + 1).is_some_and(|b| *b != b'='))
}
