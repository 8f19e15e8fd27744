//! The text of an element under a policy: in one piece or in several, plain or in a CDATA section.

use memchr::memchr;

use crate::mask::address;
use crate::mask::content::{Content, Piece};
use crate::mask::decode::Encoding;
use crate::mask::edits::line_ends;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::scan::Scan;
use crate::mask::xml::is_one_of;

/// First words of what is said about a value in its place. No articles: passphrases begin with those.
const REMARKS: &[&str] = &[
    "is",
    "are",
    "was",
    "has",
    "must",
    "should",
    "can",
    "cannot",
    "can't",
    "could",
    "does",
    "doesn't",
    "did",
    "needs",
    "not",
    "no",
    "too",
    "invalid",
    "incorrect",
    "wrong",
    "missing",
    "required",
    "expired",
    "unknown",
    "unauthorized",
    "malformed",
    "mismatch",
    "failed",
    "expected",
    "unexpected",
    "unable",
    "please",
    "denied",
    "blank",
];

impl Scan {
    /// Whether the inside of a section will be taken, so that its end may be looked for.
    pub(crate) fn takes_sections(&self, policy: Policy) -> bool {
        self.may_go_deeper() || is_terminal(policy) || policy == Policy::ClientAddress
    }

    /// Judges the text of an element; returns where what was dealt with ends.
    pub(crate) fn content(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        content: &Content,
    ) -> Option<usize> {
        let Piece {
            start,
            end,
            verbatim,
        } = content.first?;
        let written = &text[start..end];
        let policy = match is_remark(policy, written) {
            true => Policy::Scan,
            false => policy,
        };
        if policy.claims()
            && !content.more.is_empty()
            && let Some(end) = self.joined_content(policy, text, base, content)
        {
            return Some(end);
        }
        match verbatim {
            true if is_terminal(policy) || is_address(policy, written) => {
                self.apply(policy, written, base + start);
            }
            true => {
                self.deeper(|scan| scan.value(policy, Encoding::Plain, written, base + start))?;
            }
            false if policy == Policy::Scan && memchr(b'&', written).is_none() => return None,
            false => self.value(policy, Encoding::Xml, written, base + start),
        }
        Some(end)
    }

    /// A value in several pieces, as `]]>` in a section makes them: judged and replaced as one.
    fn joined_content(
        &mut self,
        policy: Policy,
        text: &[u8],
        base: usize,
        content: &Content,
    ) -> Option<usize> {
        let (start, end, verbatim) = content.span()?;
        let value = String::from_utf8(together(text, content)).ok()?;
        let mark = self.edits.len();
        match is_terminal(policy) {
            true => self.apply(policy, value.as_bytes(), 0),
            false => self.deeper(|scan| scan.apply(policy, value.as_bytes(), 0))?,
        }
        if let Some(masked) = self.edits.take_from(mark, &value) {
            // Those of entities are none of the text's lines.
            let masked = match line_ends(masked.as_bytes()) > line_ends(&text[start..end]) {
                true => masked.replace('\n', " "),
                false => masked,
            };
            let masked = match verbatim && !masked.contains("]]>") {
                true => masked,
                false => masked.replace('&', "&amp;").replace('<', "&lt;"),
            };
            self.edits
                .add(base + start, base + end, |out| out.push_str(&masked));
            self.edits.has_signs();
        }
        Some(end)
    }
}

/// The pieces of a value decoded and put together.
fn together(text: &[u8], content: &Content) -> Vec<u8> {
    let mut value = Vec::new();
    for piece in content.first.iter().chain(&content.more) {
        let written = &text[piece.start..piece.end];
        match Encoding::Xml.decode(written).filter(|_| !piece.verbatim) {
            Some(decoded) => value.extend(decoded.bytes),
            None => value.extend(written),
        }
    }
    value
}

/// Whether a policy replaces without a search inside, so that no depth limits it.
fn is_terminal(policy: Policy) -> bool {
    matches!(policy, Policy::Mask(_) | Policy::Hide)
}

fn is_address(policy: Policy, written: &[u8]) -> bool {
    policy == Policy::ClientAddress && address::begins(written)
}

/// `<password>is too short</password>`: what was wrong, not what was sent.
fn is_remark(policy: Policy, written: &[u8]) -> bool {
    let secret = matches!(
        policy,
        Policy::Mask(
            Kind::Token
                | Kind::Key
                | Kind::Password
                | Kind::Secret
                | Kind::Session
                | Kind::Signature
        )
    );
    let word = written.split(|b| b.is_ascii_whitespace()).next();
    secret && word.is_some_and(|word| is_one_of(REMARKS, word))
}
