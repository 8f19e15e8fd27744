//! Rows under a header: their values, counted against the columns, and the hand-over of what they tell.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Text};
use crate::read::engine::cells::split_cells;
use crate::read::engine::draft::Draft;
use crate::read::format::{Parsed, Place, Sink};

/// Finishes a draft and hands its exchanges over as one row's.
pub fn hand_over<'a>(
    name: &'static str,
    draft: Draft<'a>,
    raw: &'a str,
    at: Place,
    found: &mut Sink<'_>,
) -> Parsed {
    let mut exchanges: Vec<Exchange<'a>> = Vec::with_capacity(1);
    draft.finish(&mut exchanges);
    for exchange in &mut exchanges {
        exchange.raw = raw;
        exchange.line = at.line;
        exchange.offset = at.offset;
    }
    found(name, &mut exchanges);
    Parsed::Record(name)
}

/// The values of a row, when there are as many as columns. Writers differ in what stands between them, and the number
/// tells which way is the right one: tabs; any white space with quoted values whole; any white space; single spaces with
/// empty values between them.
pub fn cut(line: &str, columns: usize, tabs: bool, commas: bool) -> Option<Vec<Text<'_>>> {
    if commas {
        return counted(split_cells(line, b',').ok()?, columns);
    }
    if memchr::memchr(b'\t', line.as_bytes()).is_some()
        && let Some(values) = counted(line.split('\t').map(Cow::Borrowed), columns)
    {
        return Some(values);
    }
    if tabs {
        return None;
    }
    let quoted = memchr::memchr(b'"', line.as_bytes()).is_some();
    if quoted && let Some(values) = counted(split_quoted(line, columns), columns) {
        return Some(values);
    }
    let words = line.split_ascii_whitespace().map(Cow::Borrowed);
    counted(words, columns).or_else(|| counted(line.split(' ').map(Cow::Borrowed), columns))
}

/// The values, if they are that many.
fn counted<'a>(
    values: impl IntoIterator<Item = Text<'a>>,
    columns: usize,
) -> Option<Vec<Text<'a>>> {
    let mut counted = Vec::with_capacity(columns + 1);
    counted.extend(values.into_iter().take(columns + 1));
    (counted.len() == columns).then_some(counted)
}

/// White space between values; a value in quotes may hold some, and its quotes are doubled.
fn split_quoted(line: &str, columns: usize) -> Vec<Text<'_>> {
    let mut values = Vec::with_capacity(columns);
    let mut rest = line.trim_ascii();
    while !rest.is_empty() && values.len() <= columns {
        let end = match rest.starts_with('"') {
            true => closing_quote(rest),
            false => rest.find([' ', '\t']).unwrap_or(rest.len()),
        };
        let (value, after) = rest.split_at(end);
        values.push(unquote(value));
        rest = after.trim_ascii_start();
    }
    values
}

/// Behind the quote that is followed by white space or nothing; doubled quotes are part of the value.
fn closing_quote(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(quote) = memchr::memchr(b'"', &bytes[at.min(bytes.len())..]).map(|i| i + at) {
        match bytes.get(quote + 1) {
            Some(b'"') => at = quote + 2,
            None | Some(b' ' | b'\t') => return quote + 1,
            Some(_) => at = quote + 1,
        }
    }
    bytes.len()
}

fn unquote(value: &str) -> Text<'_> {
    let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(value),
    }
}
