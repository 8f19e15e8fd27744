//! JSON objects that do not stand one a line: pretty-printed over many lines, elements of an array, or several on one
//! line without anything between them.

use crate::read::format::{Parsed, Place};
use crate::read::lines::LINE_BYTES_MAX;
use crate::read::skip::{Ignored, Rejected};

/// Gathers the objects of lines that come in order.
#[derive(Default)]
pub struct Objects {
    open: Option<Begun>,
}

/// An object whose end has not come.
struct Begun {
    text: String,
    at: Place,
    /// Blanks before its brace: those of inner objects have more.
    indent: usize,
    depth: Depth,
}

/// Takes a whole object and tells what it was.
pub type Each<'e> = dyn FnMut(&str, Place) -> Parsed + 'e;

impl Objects {
    /// Hands over the objects that end in this line, placed where they begin. `None` when the line has none.
    pub fn line(&mut self, line: &str, at: Place, each: &mut Each<'_>) -> Option<Parsed> {
        let mut fate = self.drop_if_cut(line);
        let mut from = 0;
        if let Some(begun) = &mut self.open {
            let Some(end) = begun.depth.end(line.as_bytes()) else {
                return Some(self.go_on(line));
            };
            from = end;
            begun.text.push_str(&line[..end]);
            let begun = self.open.take()?;
            fate = Some(better(fate, each(&begun.text, begun.at)));
        }
        while let Some(start) = next_object(line, from) {
            let place = Place {
                offset: at.offset + start as u64,
                line: at.line,
            };
            let mut depth = Depth::default();
            let Some(end) = depth.end(&line.as_bytes()[start..]) else {
                let begun = self.begin(&line[start..], place, depth, indent(line));
                return Some(better(fate, begun));
            };
            from = start + end;
            fate = Some(better(fate, each(&line[start..from], place)));
        }
        // The brackets of an array, alone on their line.
        let bare = line.trim_matches([' ', '\t', ',', '[', ']']).is_empty() && !line.is_empty();
        fate.or(bare.then_some(Parsed::Ignored(Ignored::Part)))
    }

    /// Forgets an object whose end never came.
    pub fn finish(&mut self) {
        self.open = None;
    }

    /// Where a brace stands as far left as the open object's, that one was cut off.
    fn drop_if_cut(&mut self, line: &str) -> Option<Parsed> {
        let begun = self.open.as_ref()?;
        let anew = line.trim_start().starts_with('{') && indent(line) <= begun.indent;
        if !anew {
            return None;
        }
        self.open = None;
        Some(Parsed::Rejected(Rejected::BadJson))
    }

    fn begin(&mut self, text: &str, at: Place, depth: Depth, indent: usize) -> Parsed {
        self.open = Some(Begun {
            text: text.to_owned(),
            at,
            indent,
            depth,
        });
        self.go_on("")
    }

    fn go_on(&mut self, line: &str) -> Parsed {
        let Some(begun) = &mut self.open else {
            return Parsed::Ignored(Ignored::Part);
        };
        begun.text.push_str(line);
        // White space, because no text of JSON goes over a line end.
        begun.text.push('\n');
        if begun.depth.in_text {
            self.open = None;
            return Parsed::Rejected(Rejected::BadJson);
        }
        if begun.text.len() > LINE_BYTES_MAX {
            self.open = None;
            return Parsed::Rejected(Rejected::TooLong);
        }
        Parsed::Ignored(Ignored::Part)
    }
}

/// The objects of one line, where it holds more than one or holds them in an array.
pub fn several(line: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let lone = is_lone(line);
    std::iter::from_fn(move || {
        let start = next_object(line, from).filter(|_| !lone)?;
        let end = start + Depth::default().end(&line.as_bytes()[start..])?;
        from = end;
        Some(&line[start..end])
    })
}

/// Nothing but one object, or no object first.
fn is_lone(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'{') => Depth::default()
            .end(line.as_bytes())
            .is_none_or(|end| line[end..].trim().is_empty()),
        Some(b'[') => false,
        _ => true,
    }
}

/// Where the next object begins, when nothing but blanks, commas and brackets stand before it.
fn next_object(line: &str, from: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let between = |b: &u8| matches!(b, b' ' | b'\t' | b',' | b'[' | b']');
    let start = from + bytes.get(from..)?.iter().position(|b| !between(b))?;
    let inner = bytes.get(start + 1..)?.trim_ascii_start();
    let begins = bytes[start] == b'{' && matches!(inner.first(), None | Some(b'"' | b'}'));
    begins.then_some(start)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn better(known: Option<Parsed>, next: Parsed) -> Parsed {
    match (known, next) {
        (Some(record @ Parsed::Record(_)), _) => record,
        (Some(rejected @ Parsed::Rejected(_)), Parsed::Ignored(_)) => rejected,
        _ => next,
    }
}

/// How many braces and brackets are open.
#[derive(Clone, Copy, Default)]
struct Depth {
    open: usize,
    in_text: bool,
}

impl Depth {
    /// Behind the bracket that closes the first.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_text {
                let next = memchr::memchr2(b'"', b'\\', &bytes[at..])?;
                at += next;
                if bytes[at] == b'\\' {
                    at += 2;
                    continue;
                }
                self.in_text = false;
            } else {
                match bytes[at] {
                    b'"' => self.in_text = true,
                    b'{' | b'[' => self.open += 1,
                    b'}' | b']' => self.open = self.open.saturating_sub(1),
                    _ => {}
                }
                if self.open == 0 {
                    return Some(at + 1);
                }
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(lines: &[&str]) -> (Vec<(String, u64)>, Vec<Option<Parsed>>) {
        let mut objects = Objects::default();
        let (mut found, mut offset) = (Vec::new(), 0);
        let fates = lines
            .iter()
            .map(|line| {
                let at = Place { offset, line: 1 };
                offset += line.len() as u64 + 1;
                objects.line(line, at, &mut |text, at| {
                    let bare: String = text.split_whitespace().collect();
                    found.push((bare, at.offset));
                    Parsed::Record("json")
                })
            })
            .collect();
        (found, fates)
    }

    #[test]
    fn objects_over_many_lines_and_in_arrays() {
        const PART: Option<Parsed> = Some(Parsed::Ignored(Ignored::Part));
        const RECORD: Option<Parsed> = Some(Parsed::Record("json"));
        let (found, fates) = gather(&[
            "[",
            "{",
            r#" "a": "}\"{","#,
            r#" "b": [{}]"#,
            "},{",
            "}",
            "]",
            "text",
        ]);
        assert_eq!(
            found,
            [
                (r#"{"a":"}\"{","b":[{}]}"#.to_owned(), 2),
                ("{}".to_owned(), 31)
            ]
        );
        assert_eq!(fates, [PART, PART, PART, PART, RECORD, RECORD, PART, None]);
    }

    #[test]
    fn an_object_that_was_cut_costs_itself_alone() {
        let (found, fates) = gather(&["{", r#" "a": 1,"#, "{", r#" "b": 2"#, "}"]);
        assert_eq!(found, [(r#"{"b":2}"#.to_owned(), 11)]);
        assert_eq!(fates[2], Some(Parsed::Rejected(Rejected::BadJson)));
        let (found, fates) = gather(&[r#"{"a": "cut"#, r#"{"b":2}"#]);
        assert_eq!(found.len(), 1);
        assert_eq!(fates[0], Some(Parsed::Rejected(Rejected::BadJson)));
    }

    #[test]
    fn several_objects_on_one_line() {
        let split = |line| several(line).collect::<Vec<_>>();
        assert_eq!(
            split(r#"{"a":1}{"b":2} {"c":{}}"#),
            [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":{}}"#]
        );
        assert_eq!(
            split(r#"[{"a":"]}"},{"b":2}]"#),
            [r#"{"a":"]}"}"#, r#"{"b":2}"#]
        );
        assert!(split(r#"{"a":1}"#).is_empty());
        assert!(split("[error] x").is_empty());
    }
}
