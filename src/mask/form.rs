//! Queries, form bodies and multipart bodies: pairs whose ends are certain, so a value may hold anything.

use memchr::{memchr, memchr2_iter, memmem};

use crate::mask::base64;
use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::part_head::Head;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// How far a first name may reach in what is taken for a form.
const NAME_BYTES_MAX: usize = 64;
/// How far from a code it may stand that it is one.
pub(crate) const GRANTED_BYTES_MAX: usize = 256;
const FORM_DATA: &[u8] = b"form-data;";

impl Scan {
    /// `a=1&b=2`, without the `?`.
    pub(crate) fn form(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        let is_granted = grants_code(text);
        for pair in text.split(|b| *b == b'&') {
            self.form_pair(pair, base + at, is_granted);
            at += pair.len() + 1;
        }
    }

    fn form_pair(&mut self, pair: &[u8], base: usize, is_granted: bool) {
        let Some(equals) = memchr(b'=', pair) else {
            return self.text(pair, base, 0);
        };
        let (start, value) = (base + equals + 1, &pair[equals + 1..]);
        let policy = match self.policy_written(Position::Query, &pair[..equals]) {
            Policy::JudgeInQuery(kind) if is_granted => Policy::Mask(kind),
            policy => policy,
        };
        // A plus is a blank in a form, but clients forget to encode it in addresses: `zoe+1%40example.com`.
        let encoding = match policy {
            Policy::Mask(Kind::Email) => Encoding::Percent,
            Policy::Mask(_) | Policy::Judge(_) | Policy::JudgeInQuery(_) => Encoding::Form,
            // A document was encoded by a program, which wrote blanks so; in other values a plus is one as often.
            _ if begins_document(value) => Encoding::Form,
            _ => Encoding::Percent,
        };
        self.text(&pair[..equals], base, 0);
        match policy {
            // Without an escape the value is no document of its own, and `a=a=a=…` is not followed inwards.
            Policy::Scan if memchr(b'%', value).is_none() => match base64::text_in_pair(value) {
                Some(inner) => self.base64(value, &inner, start),
                None => self.text(value, start, 0),
            },
            policy => self.value(policy, encoding, value, start),
        }
    }

    /// Parts of a multipart body: the name stands in a header of the part, the value after an empty line.
    pub(crate) fn multipart(&mut self, text: &[u8], base: usize) {
        let mut done = 0;
        while let Some((from, head)) = next_part(text, done) {
            let (name, start) = (&text[head.name.clone()], head.body);
            let policy = self.policy_written(Position::Query, name);
            let end = head.value_end(text, from).unwrap_or(text.len());
            self.text(&text[done..start], base + done, 0);
            self.value(policy, Encoding::Plain, &text[start..end], base + start);
            done = end;
        }
        self.text(&text[done..], base + done, 0);
    }

    /// A part inside other text, from behind its `form-data;`: only a value that its name claims is taken out of the
    /// search; returns where it ends.
    pub(crate) fn form_part(&mut self, text: &[u8], base: usize, from: usize) -> Option<usize> {
        let head = Head::read(text, from)?;
        let policy = self.policy_written(Position::Query, &text[head.name.clone()]);
        if !policy.claims() {
            return None;
        }
        let end = head.near_end(text, from);
        let value = &text[head.body..end];
        self.value(policy, Encoding::Plain, value, base + head.body);
        Some(end)
    }
}

/// The next part and where its `form-data;` ends.
fn next_part(text: &[u8], from: usize) -> Option<(usize, Head)> {
    let mut at = from;
    loop {
        at = form_data(text, at)?;
        if let Some(head) = Head::read(text, at) {
            return Some((at, head));
        }
    }
}

fn form_data(text: &[u8], from: usize) -> Option<usize> {
    let is_it = |at: &usize| {
        text.get(*at..at + FORM_DATA.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(FORM_DATA))
    };
    let found = memchr2_iter(b'f', b'F', &text[from..])
        .map(|at| from + at)
        .find(is_it)?;
    Some(found + FORM_DATA.len())
}

/// Whether a form asks for a token by a code (RFC 6749, section 4.1.3): then its `code` is one, whatever it looks like.
pub(crate) fn grants_code(form: &[u8]) -> bool {
    const GRANT: &[u8] = b"grant_type=authorization_code";
    let head = &form[..form.len().min(GRANTED_BYTES_MAX)];
    memmem::find(head, GRANT).is_some()
}

/// `%7B`, `%5B`, `%3C`: an encoded document, or the first line of parts.
pub(crate) fn begins_document(value: &[u8]) -> bool {
    let [b'%', high, low, ..] = value else {
        return value.starts_with(b"--");
    };
    matches!(
        [*high, low.to_ascii_uppercase()],
        [b'7', b'B'] | [b'5', b'B'] | [b'3', b'C']
    )
}

/// A name, `=`, and no blank or markup anywhere: what a form or query looks like and prose does not.
pub(crate) fn is_form(text: &[u8]) -> bool {
    let head = &text[..text.len().min(NAME_BYTES_MAX)];
    let name = head.iter().take_while(|b| in_name(**b)).count();
    name > 0
        && text.get(name) == Some(&b'=')
        && !text
            .iter()
            .any(|b| b.is_ascii_whitespace() || b"\"<>{}\\,;?".contains(b))
}

pub(crate) fn is_multipart(text: &[u8]) -> bool {
    text.starts_with(b"--") && form_data(&text[..text.len().min(1024)], 0).is_some()
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.[]%$+".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_from_prose() {
        for form in [
            "a=1",
            "grant_type=password&username=x",
            "a%5Bb%5D=c+d%20e",
            "a=",
        ] {
            assert!(is_form(form.as_bytes()), "{form}");
        }
        for other in [
            "",
            "=",
            "a = 1",
            "a=1 b=2",
            "{\"a\"=1}",
            "/x?a=1",
            "https://x/?a=1",
        ] {
            assert!(!is_form(other.as_bytes()), "{other}");
        }
    }
}
