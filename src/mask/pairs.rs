//! Name and value in text: `name=value`, `Name: value`, `"name": "value"`, escaped or not, whole or cut off.
//!
//! This is what finds a password in a broken document, a header in a transcript, a parameter in a request line. It
//! starts from the separator and looks left for the name, so no list of key words has to be searched for.

use memchr::memchr;

use crate::mask::address;
use crate::mask::attribute::is_attribute_with_entities;
use crate::mask::bare::{Bare, bare_end};
use crate::mask::base64;
use crate::mask::cookies;
use crate::mask::decode::Encoding;
use crate::mask::detectors::python;
use crate::mask::extent::{Value, closing, name_before, value_after};
use crate::mask::form::{GRANTED_BYTES_MAX, grants_code};
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::naming::{is_padding, signed, special};
use crate::mask::placeholder::{is_masked, percent_undone, stand_in_at};
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::mask::value::looks_secret;

/// Names of cookies are no longer than this.
const COOKIE_NAME_BYTES_MAX: usize = 64;

impl Scan {
    /// Follows a separator; returns where the value ends if it was taken.
    pub(crate) fn pair(
        &mut self,
        text: &[u8],
        base: usize,
        floor: usize,
        at: usize,
    ) -> Option<usize> {
        if let Some(end) = self.quoted_cookies(text, base, at) {
            return Some(end);
        }
        let name = name_before(text, floor, at)?;
        let equals = text[at] == b'=';
        let quoted = at > 0 && matches!(text[at - 1], b'"' | b'\'');
        let position = match (equals, quoted) {
            (true, _) => Position::Query,
            (false, true) => Position::Body,
            (false, false) => Position::Header,
        };
        if equals && is_padding(text, name.clone(), at) {
            return None;
        }
        let policy = self.policy_written(position, &text[name.clone()]);
        let policy = special(text, name.clone(), at).unwrap_or(policy);
        let policy = match policy {
            Policy::JudgeInQuery(kind) if equals && is_code_of_grant(text, name.start) => {
                Policy::Mask(kind)
            }
            policy => policy,
        };
        if policy.claims() || equals && matches!(policy, Policy::JudgeInQuery(_)) {
            let value = value_after(text, at)?;
            return self.take(policy, text, base, name.start, at, value);
        }
        if equals && self.may_go_deeper() && ODATA_FILTERS.contains(&&text[name.clone()]) {
            return Some(self.odata_filter(text, base, at + 1));
        }
        // Version 2 of Python printed what it sent and got as text.
        if text[at..].starts_with(b": '") && matches!(&text[name.clone()], b"send" | b"reply") {
            return python::literal(self, text, base, at + 3);
        }
        if equals && let Some(end) = self.attribute(text, base, at, &name) {
            return Some(end);
        }
        if equals && let Some(end) = self.pair_base64(text, base, at + 1) {
            return Some(end);
        }
        self.quoted_escapes(text, base, at)
    }

    /// `data=eyJ…`, whatever the name.
    fn pair_base64(&mut self, text: &[u8], base: usize, start: usize) -> Option<usize> {
        let holds = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_".contains(*b);
        let run = text[start..].iter().take_while(holds).count();
        let padding = text[start + run..]
            .iter()
            .take(2)
            .take_while(|b| **b == b'=');
        let end = start + run + padding.count();
        let inner = base64::text_in(&text[start..end])?;
        self.base64(&text[start..end], &inner, base + start);
        Some(end)
    }

    /// The policy of a name that may be percent-encoded, as in `user%5Bpassword%5D`.
    pub(crate) fn policy_written(&mut self, position: Position, name: &[u8]) -> Policy {
        let escaped = name.contains(&b'%');
        match escaped.then(|| Encoding::Percent.decode(name)).flatten() {
            // `user%255Bpassword%255D` was encoded twice.
            Some(once) => match Encoding::Percent.decode(&once.bytes) {
                Some(twice) => self.policy(position, &twice.bytes),
                None => self.policy(position, &once.bytes),
            },
            None => self.policy(position, name),
        }
    }

    fn take(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        name: usize,
        at: usize,
        value: Value,
    ) -> Option<usize> {
        let Value {
            start,
            closer,
            list_end,
        } = value;
        let equals = text[at] == b'=';
        let bare = closer.is_empty();
        let policy = match policy {
            Policy::Mask(Kind::Signature) if bare => signed(&text[start..])?,
            policy => policy,
        };
        // What is told of a token may hold a blank where a form was decoded.
        if bare
            && let Some(span) = stand_in_at(text, start)
            && text[span.clone()].contains(&b' ')
        {
            return Some(span.end);
        }
        let start = start + usize::from(bare && equals && in_parentheses(policy, &text[start..]));
        let end = match bare {
            true => bare_end(
                policy,
                &Bare {
                    text: list_end.map_or(text, |end| &text[..end]),
                    start,
                    name,
                    equals,
                    spaced: start > at + 1,
                },
            )?,
            false => closing(text, start, closer),
        };
        let written = &text[start..end];
        // What is not claimed is left to the search that goes on behind the separator.
        match policy {
            Policy::Credentials if bare => {
                return Some(start + self.header_credentials(written, base + start));
            }
            Policy::Judge(kind) | Policy::JudgeInQuery(kind) if !looks_secret(kind, written) => {
                return self.quoted_escapes(text, base, at);
            }
            Policy::ClientAddress if !begins_with_address(written) => {
                return self.quoted_escapes(text, base, at);
            }
            _ => {}
        }
        let encoding = match (bare, written.contains(&b'\\')) {
            (false, _) if equals && is_attribute_with_entities(text, at, written) => Encoding::Xml,
            (false, true) => Encoding::Backslash,
            (true, _) if equals => Encoding::Percent,
            _ => Encoding::Plain,
        };
        let mark = self.edits.len();
        self.value(policy, encoding, written, base + start);
        if bare && let Some(quote) = quote_of_member(text, at, written) {
            self.edits.quote_from(mark, quote);
        }
        Some(match list_end {
            Some(list) if list > end => self.list_rest(policy, &text[..list], base, end, closer),
            _ => end,
        })
    }

    /// What follows the first value of a list: `['a', 'b']`, `[a, b]`.
    fn list_rest(
        &mut self,
        policy: Policy,
        list: &[u8],
        base: usize,
        end: usize,
        closer: &[u8],
    ) -> usize {
        let mut at = end;
        while let Some(rest) = list[at..].strip_prefix(closer)
            && let Some(rest) = rest.strip_prefix(b",")
            && let Some(rest) = rest.trim_ascii_start().strip_prefix(closer)
        {
            let start = list.len() - rest.len();
            let ends = |b: &u8| closer.last().unwrap_or(&b',') == b;
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            let plain = Encoding::Plain;
            self.value(policy, plain, &rest[..length], base + start);
            at = start + length;
        }
        at
    }

    /// `Authorization: Bearer x` at the end of a line or in the middle of one: the token ends at a blank, what follows
    /// is other text. Returns how many bytes were taken.
    fn header_credentials(&mut self, line: &[u8], base: usize) -> usize {
        let scheme = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let name = line[..scheme].strip_suffix(b":").unwrap_or(&line[..scheme]);
        let rest = line[scheme..].iter().take_while(|b| **b == b' ').count();
        let second = scheme + rest;
        let word = |from: usize| {
            let ends = |b: &u8| b" ,;\t)]}".contains(b);
            from + line[from..]
                .iter()
                .position(ends)
                .unwrap_or(line.len() - from)
        };
        let parameters = memchr(b'=', &line[second..word(second)]).is_some_and(|at| {
            line.get(second + at + 1)
                .is_some_and(|b| !b"= ,]})".contains(b))
        });
        let named = name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
            && line.first().is_some_and(u8::is_ascii_alphabetic);
        let end = match second < line.len() {
            true if is_masked(&line[..scheme]) => scheme,
            true if named && !parameters => word(second),
            _ => line.len(),
        };
        self.apply(Policy::Credentials, &line[..end], base);
        end
    }

    /// `"a=1; b=2"`, whatever stands before it: the cookies in a field of a line that has no name.
    fn quoted_cookies(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        if text[at] != b'=' {
            return None;
        }
        let name = text[..at].iter().rev().take_while(|b| !b"\" ;".contains(b));
        let start = at - name.take(COOKIE_NAME_BYTES_MAX).count();
        if start == 0 || text[start - 1] != b'"' {
            return None;
        }
        let field = &text[start..];
        let field = &field[..memchr(b'"', field)?];
        if !cookies::is_list(field) {
            return None;
        }
        self.cookies(field, base + start);
        Some(start + field.len())
    }

    /// `msg="…\"password\"…"`: the inside of a quoted value with escapes is searched decoded.
    fn quoted_escapes(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        if text.get(at + 1) != Some(&b'"') || !self.may_go_deeper() {
            return None;
        }
        let start = at + 2;
        let end = closing(text, start, b"\"");
        let written = &text[start..end];
        memchr(b'\\', written)?;
        self.value(Policy::Scan, Encoding::Backslash, written, base + start);
        Some(end)
    }
}

/// The condition of an OData query, as browsers and clients write its name.
const ODATA_FILTERS: &[&[u8]] = &[b"$filter", b"%24filter"];

/// The same as in a form, where a form is searched as text: what it is stands in front.
fn is_code_of_grant(text: &[u8], name: usize) -> bool {
    let low = name.saturating_sub(GRANTED_BYTES_MAX);
    text[..name].ends_with(b"&") && grants_code(&text[low..name])
}

/// `Key (email)=(jane@example.com)`, as databases name what is there already.
fn in_parentheses(policy: Policy, value: &[u8]) -> bool {
    let told = Policy::Mask(Kind::Email) == policy || Policy::Mask(Kind::Identity) == policy;
    told && value.starts_with(b"(")
}

/// The quote behind the name of a number, as it is written: in its place only a string keeps the document valid.
fn quote_of_member<'t>(text: &'t [u8], colon: usize, written: &[u8]) -> Option<&'t str> {
    let number = |b: &u8| b.is_ascii_digit() || b"-+.eE".contains(b);
    if text[colon] != b':' || !written.iter().all(number) {
        return None;
    }
    let name = text[..colon].trim_ascii_end().strip_suffix(b"\"")?;
    let lead = match name.last() {
        // In a field of CSV.
        Some(b'"') => 1,
        _ => name.iter().rev().take_while(|b| **b == b'\\').count(),
    };
    std::str::from_utf8(&text[name.len() - lead..=name.len()]).ok()
}

fn begins_with_address(written: &[u8]) -> bool {
    match percent_undone(written) {
        Some(plain) => address::begins(&plain),
        None => address::begins(written),
    }
}
