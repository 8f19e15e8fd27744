//! Judges what came out for one case.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::hard::align::{Found, align};
use crate::hard::cases::Case;
use crate::hard::kinds::Class;
use crate::hard::leaks::Search;
use crate::hard::misses;
use crate::hard::records::Holds;
use crate::hard::text::{Piece, Text};
use crate::hard::undo;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A part of a value is left.
    Left,
    /// A text that must come through did not.
    Lost,
    /// What stands around the values changed.
    Changed,
    /// A document is none any more.
    Broken,
}

pub struct Miss {
    pub fault: Fault,
    pub class: Option<Class>,
    pub kind: &'static str,
    /// What is left, lost, or broken.
    pub what: String,
}

/// A value and what stands for it.
pub struct StandIn {
    pub canonical: String,
    pub code: String,
    /// Where it stood, for whoever mends it.
    pub place: String,
}

#[derive(Default)]
pub struct Judgement {
    /// The values that were judged, by class and kind.
    pub judged: Vec<(Class, &'static str)>,
    pub misses: Vec<Miss>,
    pub stand_ins: Vec<StandIn>,
}

pub fn judge(case: &Case, output: &str) -> Judgement {
    let search = Search::new(case, output);
    let aligned = align(&case.text, output);
    let mut judgement = Judgement::default();
    for id in standing(&case.text) {
        let slot = &case.slots[id];
        judgement.judged.push((slot.class, slot.kind));
        let (fault, what) = match slot.class.is_hidden() {
            true => (Fault::Left, search.left(slot)),
            false => (Fault::Lost, lost(case, id, &aligned, output)),
        };
        judgement.misses.extend(what.map(|what| Miss {
            fault,
            class: Some(slot.class),
            kind: slot.kind,
            what,
        }));
    }
    judgement.misses.extend(around(case, &aligned, output));
    if let Ok(found) = &aligned {
        judgement.stand_ins = stand_ins(case, found, output);
    }
    judgement
}

/// The values that this log shows.
fn standing(text: &Text) -> BTreeSet<usize> {
    let mut ids = BTreeSet::new();
    for piece in &text.0 {
        match piece {
            Piece::Slot(id, _) => drop(ids.insert(*id)),
            Piece::Packed(packed) => ids.extend(standing(&packed.inner)),
            Piece::Fixed(_) | Piece::Loose(_) => {}
        }
    }
    ids
}

/// As it is written in the record; where the record is not as it was, it must at least stand somewhere.
fn lost(case: &Case, id: usize, aligned: &Result<Found, String>, output: &str) -> Option<String> {
    let mut written = Vec::new();
    collect(&case.text, id, &mut written);
    let is_there = match aligned {
        Ok(found) => found.get(&id).is_some_and(|found| *found == written),
        Err(_) => {
            let all = undo::all(output);
            let plain = written.iter().map(|text| undo::escapes(text));
            plain
                .into_iter()
                .all(|text| all.iter().any(|out| out.contains(&text)))
        }
    };
    (!is_there).then(|| match aligned {
        Ok(found) => format!("{written:?} became {:?}", found.get(&id)),
        Err(_) => format!("{written:?}"),
    })
}

fn collect(text: &Text, id: usize, written: &mut Vec<String>) {
    for piece in &text.0 {
        match piece {
            Piece::Slot(other, text) if *other == id => written.push(text.clone()),
            Piece::Packed(packed) => collect(&packed.inner, id, written),
            _ => {}
        }
    }
}

fn around(case: &Case, aligned: &Result<Found, String>, output: &str) -> Option<Miss> {
    let of = |fault, what| Miss {
        fault,
        class: None,
        kind: case.position,
        what,
    };
    let changed = |missing: &String| format!("changed near {:?}", start_of(missing));
    let broken = broken(case, aligned, output).map(|what| of(Fault::Broken, what));
    broken.or_else(|| Some(of(Fault::Changed, changed(aligned.as_ref().err()?))))
}

fn broken(case: &Case, aligned: &Result<Found, String>, output: &str) -> Option<String> {
    let parsed: Result<Value, _> = serde_json::from_str(output);
    match (&parsed, case.holds) {
        (Err(error), Holds::Json | Holds::Document) => Some(format!("no JSON any more: {error}")),
        (Ok(har), Holds::Document) if !is_har(har) => Some("no HAR any more".to_owned()),
        _ => odd_markup(case, aligned.as_ref().ok()?),
    }
}

fn start_of(text: &str) -> String {
    text.chars().take(60).collect()
}

fn is_har(document: &Value) -> bool {
    let entry = &document["log"]["entries"][0];
    let times = entry["startedDateTime"].is_string() && entry["timings"].is_object();
    times && entry["request"]["headers"].is_array() && entry["response"]["status"].is_u64()
}

/// What stands in an element or an attribute must not end it.
fn odd_markup(case: &Case, found: &Found) -> Option<String> {
    let is_markup = case.position.starts_with("XML") || case.position.starts_with("SOAP");
    let mut all = found.values().flatten();
    let odd = all.find(|out| out.contains(['<', '>']))?;
    is_markup.then(|| format!("{odd:?} in an element"))
}

/// Stand-ins for the whole of a value.
fn stand_ins(case: &Case, found: &Found, output: &str) -> Vec<StandIn> {
    let mut all = Vec::new();
    for (id, outputs) in found {
        let slot = &case.slots[*id];
        let codes = outputs.iter().filter_map(|output| code(output));
        let stand_in = |code| StandIn {
            canonical: slot.value.canonical.clone(),
            code,
            place: format!("{} in {}\n    {}", slot.kind, misses::place(case), output),
        };
        all.extend(codes.map(stand_in).filter(|_| slot.class.is_hidden()));
    }
    all
}

/// The part of a stand-in that is the same whatever the value was taken for; of a text that is nothing but one.
fn code(output: &str) -> Option<String> {
    let plain = undo::escapes(output);
    let inner = plain.trim_matches(['"', '\'', ' ', '+']);
    let inner = inner.strip_prefix('‹')?.strip_suffix('›')?;
    let mut parts = inner.split([':', '~']);
    let code = parts.nth(2)?;
    (!inner.contains('‹')).then(|| code.to_owned())
}
