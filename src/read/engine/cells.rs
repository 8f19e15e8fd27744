//! One row of a delimited file to its cells, quoting as in RFC 4180.

use std::borrow::Cow;

use crate::model::exchange::Text;

/// Cells of one row; a row with more is not split further.
const CELLS_MAX: usize = 2_000;

/// The row goes on in the next line: a quote was opened and not closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclosed;

/// The cells of a row. A quote counts only where a cell begins with it, so that stray ones inside stay what they are.
pub fn split_cells(row: &str, delimiter: u8) -> Result<Vec<Text<'_>>, Unclosed> {
    let mut cells = Vec::with_capacity(16);
    let mut rest = Some(row);
    while let Some(text) = rest
        && cells.len() < CELLS_MAX
    {
        let (cell, after) = match text.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted, delimiter)?,
            None => plain_cell(text, delimiter),
        };
        cells.push(cell);
        rest = after;
    }
    Ok(cells)
}

fn plain_cell(text: &str, delimiter: u8) -> (Text<'_>, Option<&str>) {
    match memchr::memchr(delimiter, text.as_bytes()) {
        Some(end) => (Cow::Borrowed(&text[..end]), Some(&text[end + 1..])),
        None => (Cow::Borrowed(text), None),
    }
}

/// The cell ends at a quote that is not doubled; what stands between it and the delimiter belongs to the cell.
fn quoted_cell(text: &str, delimiter: u8) -> Result<(Text<'_>, Option<&str>), Unclosed> {
    let bytes = text.as_bytes();
    let mut doubled = false;
    let mut from = 0;
    let end = loop {
        let quote = memchr::memchr(b'"', &bytes[from..]).ok_or(Unclosed)? + from;
        if bytes.get(quote + 1) != Some(&b'"') {
            break quote;
        }
        doubled = true;
        from = quote + 2;
    };
    let inner = match doubled {
        true => Cow::Owned(text[..end].replace("\"\"", "\"")),
        false => Cow::Borrowed(&text[..end]),
    };
    let (tail, after) = plain_cell(&text[end + 1..], delimiter);
    match tail.trim_ascii().is_empty() {
        true => Ok((inner, after)),
        false => Ok((Cow::Owned(inner.into_owned() + &tail), after)),
    }
}

/// Whether a quoted cell is still open at the end of a line that begins inside one, or not.
pub fn ends_inside(line: &str, delimiter: u8, inside: bool) -> bool {
    let mut rest = line;
    let mut inside = inside;
    loop {
        if !inside {
            match rest.strip_prefix('"') {
                Some(quoted) => rest = quoted,
                None => match plain_cell(rest, delimiter).1 {
                    Some(after) => {
                        rest = after;
                        continue;
                    }
                    None => return false,
                },
            }
        }
        match quoted_rest(rest) {
            Some(after) => {
                inside = false;
                match plain_cell(after, delimiter).1 {
                    Some(next) => rest = next,
                    None => return false,
                }
            }
            None => return true,
        }
    }
}

/// What stands behind the quote that closes a cell.
fn quoted_rest(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let quote = memchr::memchr(b'"', bytes.get(from..)?)? + from;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(&text[quote + 1..]);
        }
        from = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_delimiters_and_doubled_quotes() {
        let cells = |row| split_cells(row, b',').map(|c| c.join("|"));
        assert_eq!(
            cells(r#"a,"b,c","say ""x""",,"#),
            Ok(r#"a|b,c|say "x"||"#.to_owned())
        );
        assert_eq!(cells(r#"a,5" pipe,b"#), Ok(r#"a|5" pipe|b"#.to_owned()));
        assert_eq!(cells(r#"a,"b"c,d"#), Ok("a|bc|d".to_owned()));
        assert_eq!(cells(r#"a,"goes on"#), Err(Unclosed));
        assert_eq!(cells(""), Ok(String::new()));
    }

    #[test]
    fn a_cell_may_go_on_in_the_next_line() {
        for (line, inside, expected) in [
            (r#"a,"b"#, false, true),
            (r#"a,"b""#, false, false),
            (r#"a,b"c"#, false, false),
            (r#"x","y"#, true, true),
            (r#"x"" y"#, true, true),
            (r#"x""","#, true, false),
            ("", true, true),
            ("", false, false),
        ] {
            assert_eq!(ends_inside(line, b',', inside), expected, "{line}");
        }
    }
}
