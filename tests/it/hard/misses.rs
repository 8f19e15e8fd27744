//! Misses with a line each that shows them and as little else as can be.

use std::collections::BTreeMap;

use crate::hard::cases::Case;
use crate::hard::leaks::alphanumeric;
use crate::hard::program::mask;
use crate::hard::score::{Fault, Miss, judge};
use crate::hard::undo;
use crate::world::World;

/// A miss, what went in and what came out.
pub struct Shown {
    pub fault: Fault,
    pub kind: &'static str,
    pub place: String,
    pub what: String,
    pub input: String,
    pub output: String,
}

/// Masks the spare form of each case that misses, and shows that where it misses the same.
pub fn shown(world: &World, missed: &[(&Case, &Miss, &str)]) -> Vec<Shown> {
    let spare: Vec<Case> = missed.iter().map(|(case, _, _)| case.spare()).collect();
    let (outputs, _) = mask(world, &spare);
    let small = spare.iter().zip(&outputs);
    let all = missed.iter().zip(small);
    all.map(
        |((case, miss, output), (spare, small))| match same_miss(spare, small, miss) {
            Some(what) => show(spare, miss, what, small),
            None => show(case, miss, miss.what.clone(), output),
        },
    )
    .collect()
}

fn same_miss(spare: &Case, output: &str, miss: &Miss) -> Option<String> {
    let misses = judge(spare, output).misses;
    let mut same = misses
        .into_iter()
        .filter(|other| other.fault == miss.fault && other.kind == miss.kind);
    same.next().map(|other| other.what)
}

fn show(case: &Case, miss: &Miss, what: String, output: &str) -> Shown {
    let input = case.text.written();
    let (input, output) = lines(&input, output, &what);
    Shown {
        fault: miss.fault,
        kind: miss.kind,
        place: place(case),
        what,
        input,
        output,
    }
}

pub fn place(case: &Case) -> String {
    let over = if case.is_over_lines {
        ", over lines"
    } else {
        ""
    };
    format!("{} | {}{over} | {}", case.position, case.record, case.dress)
}

/// Of a record of many lines those that hold what is left, or that differ where nothing is.
fn lines(input: &str, output: &str, left: &str) -> (String, String) {
    let pairs = || input.lines().zip(output.lines());
    let holding = || pairs().filter(|(_, out)| holds(out, left));
    let changed = || pairs().filter(|(before, after)| before != after);
    match (holding().count(), changed().count()) {
        (0, 0) => (input.to_owned(), output.to_owned()),
        (0, _) => changed().map(owned).unzip(),
        _ => holding().map(owned).unzip(),
    }
}

fn holds(line: &str, left: &str) -> bool {
    undo::all(line)
        .iter()
        .any(|text| alphanumeric(text).contains(left))
}

fn owned((input, output): (&str, &str)) -> (String, String) {
    (format!("{input}\n"), format!("{output}\n"))
}

/// The lines that change when what came out is masked again.
pub fn restless(case: &Case, once: &str, twice: &str) -> String {
    let pairs = once.lines().zip(twice.lines());
    let changed = pairs.filter(|(once, twice)| once != twice);
    let told = changed.map(|(once, twice)| format!("    {once}\n    {twice}\n"));
    let told: String = told.collect();
    match told.is_empty() {
        true => told,
        false => format!("Masked again: {}\n{told}", place(case)),
    }
}

/// The most frequent first, each with its shortest record.
pub fn told(shown: &[Shown]) -> String {
    let mut groups: BTreeMap<(Fault, &str), Vec<&Shown>> = BTreeMap::new();
    for one in shown {
        groups.entry((one.fault, one.kind)).or_default().push(one);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, all)| std::cmp::Reverse(all.len()));
    groups
        .into_iter()
        .map(|((fault, kind), all)| group(fault, kind, all))
        .collect()
}

fn group(fault: Fault, kind: &str, mut all: Vec<&Shown>) -> String {
    all.sort_by_key(|one| one.input.len());
    let mut out = format!("{fault:?}: {kind}, {} times\n", all.len());
    for one in all {
        let [input, output] = [&one.input, &one.output].map(|text| text.trim_end());
        out.push_str(&format!(
            "  {}: {}\n    {input}\n    {output}\n",
            one.place, one.what
        ));
    }
    out
}
