//! What came out in the place of each value, if all around it came out as it went in.

use std::collections::BTreeMap;

use crate::hard::text::{Piece, Text};
use crate::hard::undo;

/// What stands for each value, by its number, as often as it stands there.
pub type Found = BTreeMap<usize, Vec<String>>;

/// `Err` is the first fixed text that is not there.
pub fn align(text: &Text, output: &str) -> Result<Found, String> {
    let mut found = Found::new();
    let mut rest = output;
    let mut gap: Vec<&Piece> = Vec::new();
    for piece in merged(&text.0).iter() {
        match piece {
            Part::Gap(pieces) => gap.clone_from(pieces),
            Part::Fixed(fixed) => {
                let at = place(&gap, rest, fixed).ok_or_else(|| fixed.clone())?;
                settle(&gap, &rest[..at], &mut found)?;
                rest = &rest[at + fixed.len()..];
                gap.clear();
            }
        }
    }
    match gap.is_empty() && !rest.is_empty() {
        true => Err(format!("nothing before {rest:?}")),
        false => settle(&gap, rest, &mut found).map(|()| found),
    }
}

enum Part<'a> {
    Fixed(String),
    Gap(Vec<&'a Piece>),
}

/// Neighbours of a sort as one.
fn merged(pieces: &[Piece]) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (Piece::Fixed(text), _) if text.is_empty() => {}
            (Piece::Fixed(text), Some(Part::Fixed(fixed))) => fixed.push_str(text),
            (Piece::Fixed(text), _) => parts.push(Part::Fixed(text.clone())),
            (piece, Some(Part::Gap(gap))) => gap.push(piece),
            (piece, _) => parts.push(Part::Gap(vec![piece])),
        }
    }
    parts
}

/// Where the fixed text begins: behind the values if they are unchanged, else where it first stands outside of a
/// stand-in.
fn place(gap: &[&Piece], rest: &str, fixed: &str) -> Option<usize> {
    let unchanged: String = gap.iter().map(|piece| written(piece)).collect();
    let follows = rest.strip_prefix(&unchanged);
    if follows.is_some_and(|follows| follows.starts_with(fixed)) {
        return Some(unchanged.len());
    }
    if gap.is_empty() {
        return None;
    }
    let mut places = rest.match_indices(fixed).map(|(at, _)| at);
    places.find(|at| !is_inside(rest, *at))
}

fn is_inside(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.rfind('‹') > before.rfind('›')
}

fn written(piece: &Piece) -> String {
    Text(vec![piece.clone()]).written()
}

fn settle(gap: &[&Piece], output: &str, found: &mut Found) -> Result<(), String> {
    let output = without_loose(gap, output);
    for piece in gap {
        match piece {
            Piece::Slot(id, _) => found.entry(*id).or_default().push(output.clone()),
            Piece::Packed(packed) => merge(found, inside(&packed.inner, &output)?),
            Piece::Loose(_) | Piece::Fixed(_) => {}
        }
    }
    Ok(())
}

/// What stands for the value alone; in brackets where what belongs to it went with it.
fn without_loose(gap: &[&Piece], output: &str) -> String {
    let is_loose = |piece: &&&Piece| matches!(piece, Piece::Loose(_));
    let before: String = gap
        .iter()
        .take_while(is_loose)
        .map(|piece| written(piece))
        .collect();
    let after: Vec<String> = gap
        .iter()
        .rev()
        .take_while(is_loose)
        .map(|p| written(p))
        .collect();
    let after: String = after.into_iter().rev().collect();
    let inner = output
        .strip_prefix(&before)
        .and_then(|rest| rest.strip_suffix(&after));
    inner.map_or_else(|| format!("({output})"), str::to_owned)
}

/// Inside base64; or its parts in clear, as masked credentials are written; or one stand-in for all of it.
fn inside(inner: &Text, output: &str) -> Result<Found, String> {
    let plain = undo::escapes(output);
    let bytes = undo::decode(&plain);
    if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        return align(inner, &text);
    }
    align(inner, &plain).or_else(|_| Ok(whole(inner, output)))
}

fn whole(inner: &Text, output: &str) -> Found {
    let mut found = Found::new();
    for piece in &inner.0 {
        match piece {
            Piece::Slot(id, _) => found.entry(*id).or_default().push(format!("({output})")),
            Piece::Packed(packed) => merge(&mut found, whole(&packed.inner, output)),
            Piece::Fixed(_) | Piece::Loose(_) => {}
        }
    }
    found
}

fn merge(found: &mut Found, more: Found) {
    for (id, outputs) in more {
        found.entry(id).or_default().extend(outputs);
    }
}
