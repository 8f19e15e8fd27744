//! Queries, form bodies and multipart bodies: pairs whose ends are certain, so a value may hold anything.

use memchr::{memchr, memmem};

use crate::mask::base64;
use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// How far a first name may reach in what is taken for a form.
const NAME_BYTES_MAX: usize = 64;

impl Scan {
    /// `a=1&b=2`, without the `?`.
    pub(crate) fn form(&mut self, text: &[u8], base: usize) {
        let mut at = 0;
        for pair in text.split(|b| *b == b'&') {
            self.form_pair(pair, base + at);
            at += pair.len() + 1;
        }
    }

    fn form_pair(&mut self, pair: &[u8], base: usize) {
        let Some(equals) = memchr(b'=', pair) else {
            return self.text(pair, base, 0);
        };
        let (start, value) = (base + equals + 1, &pair[equals + 1..]);
        let policy = self.policy_written(Position::Query, &pair[..equals]);
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
            Policy::Scan if memchr(b'%', value).is_none() => match base64::text_in(value) {
                Some(inner) => self.base64(value, &inner, start),
                None => self.text(value, start, 0),
            },
            policy => self.value(policy, encoding, value, start),
        }
    }

    /// Parts of a multipart body: the name stands in a header of the part, the value after an empty line.
    pub(crate) fn multipart(&mut self, text: &[u8], base: usize) {
        let first_line = &text[..memchr(b'\n', text).unwrap_or(text.len())];
        let boundary = [b"\n", first_line.trim_ascii_end()].concat();
        let boundary = memmem::Finder::new(&boundary);
        let mut at = 0;
        while let Some(found) = memmem::find(&text[at..], b"name=\"") {
            let name_start = at + found + b"name=\"".len();
            let rest = &text[name_start..];
            let name = &rest[..memchr(b'"', rest).unwrap_or(rest.len())];
            let Some(head) = memmem::find(rest, b"\r\n\r\n")
                .map(|end| end + 4)
                .or_else(|| memmem::find(rest, b"\n\n").map(|end| end + 2))
            else {
                break;
            };
            let start = name_start + head;
            let body = &text[start..];
            let end = start
                + boundary.find(body).map_or(body.len(), |end| {
                    end - usize::from(end > 0 && body[end - 1] == b'\r')
                });
            let policy = self.policy(Position::Query, name);
            self.text(&text[at..start], base + at, 0);
            self.value(policy, Encoding::Plain, &text[start..end], base + start);
            at = end;
        }
        self.text(&text[at..], base + at, 0);
    }
}

/// `%7B`, `%5B`, `%3C`: an encoded document.
fn begins_document(value: &[u8]) -> bool {
    let [b'%', high, low, ..] = value else {
        return false;
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
    text.starts_with(b"--") && memmem::find(&text[..text.len().min(1024)], b"form-data").is_some()
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
