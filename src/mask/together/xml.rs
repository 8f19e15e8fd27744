//! XML and HTML over many lines.

use memchr::memmem;

use crate::mask::together::document::Step;
use crate::mask::together::record::begins_record;

const NAME_BYTES_MAX: usize = 64;
/// What is open longer than this was never going to be closed.
const LINES_MAX: usize = 20_000;
/// Elements of HTML that have no end.
const VOID: [&[u8]; 8] = [
    b"br", b"hr", b"img", b"input", b"link", b"meta", b"p", b"li",
];

pub(crate) struct Xml {
    lines: usize,
    /// What closes the root: `</name`. Empty before there is one.
    closing: Vec<u8>,
}

impl Xml {
    /// A line of nothing but markup.
    pub(super) fn begun_by(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii();
        let prolog = line.starts_with(b"<?xml") || line.starts_with(b"<!DOCTYPE");
        match root(line) {
            None if prolog => Some(Self::closed_by(Vec::new())),
            Some(at) if at == 0 || prolog => Self::left_open(&line[at..]),
            _ => None,
        }
    }

    /// Markup behind other words: only what is surely a document, `<?xml` or an element with a prefix.
    pub(super) fn begun_inside(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        if !line.ends_with(b">") {
            return None;
        }
        if let Some(prolog) = memmem::find(line, b"<?xml") {
            return Self::begun_by(&line[prolog..]);
        }
        let at = root(line)?;
        name(&line[at + 1..]).contains(&b':').then_some(())?;
        Self::left_open(&line[at..])
    }

    fn closed_by(closing: Vec<u8>) -> Self {
        Self { lines: 0, closing }
    }

    fn left_open(element: &[u8]) -> Option<Self> {
        let name = name(&element[1..]);
        let closing = [b"</", name].concat();
        let single = element.ends_with(b"/>") && memchr::memchr_iter(b'<', element).count() == 1;
        let open = !VOID.contains(&name) && !single && memmem::find(element, &closing).is_none();
        (open && name.len() <= NAME_BYTES_MAX).then(|| Self::closed_by(closing))
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Step {
        self.lines += 1;
        if self.lines > LINES_MAX || begins_record(line) {
            return Step::Apart;
        }
        if !self.closing.is_empty() {
            return match memmem::find(line, &self.closing) {
                Some(_) => Step::Ends,
                None => Step::On,
            };
        }
        let Some(at) = root(line) else {
            return match line.trim_ascii_start().first() {
                None | Some(b'<') => Step::On,
                _ => Step::Apart,
            };
        };
        match Self::left_open(line[at..].trim_ascii_end()) {
            Some(found) => {
                self.closing = found.closing;
                Step::On
            }
            None => Step::Ends,
        }
    }
}

/// Where the first element of a line begins.
fn root(line: &[u8]) -> Option<usize> {
    let opens = |pair: &[u8]| pair[0] == b'<' && pair[1].is_ascii_alphabetic();
    line.windows(2).position(opens)
}

fn name(tag: &[u8]) -> &[u8] {
    let holds = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.:".contains(*b);
    &tag[..tag.iter().take_while(holds).count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_ends_with_its_root() {
        use Step::{Apart, Ends, On};
        let steps = |lines: &[&str]| -> Vec<Step> {
            let mut xml = Xml::begun_by(lines[0].as_bytes())
                .or_else(|| Xml::begun_inside(lines[0].as_bytes()))
                .expect(lines[0]);
            lines[1..]
                .iter()
                .map(|line| xml.take(line.as_bytes()))
                .collect()
        };
        assert_eq!(
            steps(&["<?xml version=\"1.0\"?>", "<r>", " <a>", " </a>", "</r>"]),
            [On, On, On, Ends]
        );
        assert_eq!(steps(&["<password>", "x", "</password>"]), [On, Ends]);
        assert_eq!(steps(&["<a b=\"c\"", " d=\"e\">", "</a>"]), [On, Ends]);
        assert_eq!(steps(&["INFO got <s:Envelope>", "</s:Envelope>"]), [Ends]);
        assert_eq!(steps(&["<r>", "2026-11-22 03:51:45 x"]), [Apart]);
        for other in [
            "<a>1</a>",
            "<a/>",
            "<br>",
            "< HTTP/1.1 200",
            "<134>Nov",
            "x <none>",
            "List<String> x",
        ] {
            let line = other.as_bytes();
            assert!(
                Xml::begun_by(line).is_none() && Xml::begun_inside(line).is_none(),
                "{other}"
            );
        }
    }
}
