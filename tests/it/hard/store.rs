//! The same cases through the store: what a question about everything answers holds none of the values.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use aho_corasick::AhoCorasick;

use crate::hard::cases::Case;
use crate::hard::leaks::alphanumeric;
use crate::hard::program;
use crate::hard::records::Holds;
use crate::hard::score::{Fault, judge};
use crate::hard::undo;
use crate::world::World;

/// Among millions of hex digits of ids, pieces of eight come again by chance.
const PIECE: usize = 12;
/// Shorter values, and digits that are not a whole value, come again by chance as well.
const WHOLE_MIN: usize = 9;

/// Files as servers and programs would leave them: one for each log.
pub fn files(world: &World, cases: &[Case]) -> Vec<PathBuf> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases {
        let ending = if case.holds == Holds::Document {
            "har"
        } else {
            "log"
        };
        let name = format!("{}.{ending}", case.record.replace(' ', "-"));
        files.entry(name).or_default().push(case.text.written());
    }
    let write = |(name, records): (String, Vec<String>)| {
        let text = match name.ends_with(".har") {
            true => one_har(&records),
            false => records.join("\n") + "\n",
        };
        world.file(&format!("logs/{name}"), text)
    };
    files.into_iter().map(write).collect()
}

/// All entries in one document.
fn one_har(documents: &[String]) -> String {
    const ENTRIES: &str = "\"entries\":[";
    const END: &str = "]}}";
    let entry = |document: &String| {
        let (_, entries) = document.split_once(ENTRIES)?;
        entries.strip_suffix(END).map(str::to_owned)
    };
    let entries: Option<Vec<String>> = documents.iter().map(entry).collect();
    let entries = entries.expect("documents of one form").join(",");
    let head = documents[0].split(ENTRIES).next().unwrap_or_default();
    format!("{head}{ENTRIES}{entries}{END}")
}

/// Pieces of all values, but for those that stand beside them, too: as they are written, and without the signs between.
pub struct Pieces {
    names: Vec<String>,
    search: AhoCorasick,
}

/// The values that the program masks in a text, and none that it does not: what leaks elsewhere, leaks by another way
/// than for not being recognised.
pub fn masked(world: &World, cases: Vec<Case>) -> Vec<Case> {
    let (outputs, _) = program::mask(world, &cases);
    let is_masked = |case: &Case, output: &str| {
        let misses = judge(case, output).misses;
        !misses.iter().any(|miss| miss.fault == Fault::Left)
    };
    let pairs = cases.into_iter().zip(outputs);
    pairs
        .filter(|(case, output)| is_masked(case, output))
        .map(|(case, _)| case)
        .collect()
}

impl Pieces {
    pub fn of(cases: &[Case]) -> Self {
        let mut pieces: HashMap<String, String> = HashMap::new();
        let mut others = String::new();
        for case in cases {
            others.push_str(&beside(case));
            let hidden = case.slots.iter().filter(|slot| slot.class.is_hidden());
            for slot in hidden {
                let name = format!("{} at {} in {}", slot.kind, case.position, case.record);
                let cores = slot.value.cores.iter();
                let both = cores.flat_map(|core| [core.clone(), alphanumeric(core)]);
                let all = both.flat_map(|core| parts(&core));
                pieces.extend(all.map(|piece| (piece, name.clone())));
            }
        }
        let all: Vec<&String> = pieces.keys().collect();
        let search = AhoCorasick::new(&all).expect("patterns");
        let hits = search.find_overlapping_iter(&others);
        let beside: HashSet<String> = hits
            .map(|hit| all[hit.pattern().as_usize()].clone())
            .collect();
        pieces.retain(|piece, _| !beside.contains(piece));
        let (needles, names): (Vec<String>, Vec<String>) = pieces.into_iter().unzip();
        let search = AhoCorasick::new(needles).expect("patterns");
        Self { names, search }
    }

    /// The values of which a piece stands in a text, in any encoding, each once with that piece.
    pub fn find(&self, text: &str) -> BTreeMap<&str, String> {
        let all = undo::all(text);
        let joined: Vec<String> = all.iter().map(|text| alphanumeric(text)).collect();
        let texts = all.iter().chain(&joined);
        texts
            .flat_map(|text| self.find_written(text.as_bytes()))
            .collect()
    }

    /// The same for bytes as they are.
    pub fn find_written(&self, bytes: &[u8]) -> BTreeMap<&str, String> {
        let mut found = BTreeMap::new();
        for hit in self.search.find_overlapping_iter(bytes) {
            let name = self.names[hit.pattern().as_usize()].as_str();
            let piece = || String::from_utf8_lossy(&bytes[hit.range()]).into_owned();
            found.entry(name).or_insert_with(piece);
        }
        found
    }
}

/// What stands beside the values, with signs between and without.
fn beside(case: &Case) -> String {
    let slots = &case.slots;
    let others = case
        .text
        .written_with(&|id, text| match slots[id].class.is_hidden() {
            true => "\u{1}".to_owned(),
            false => text.to_owned(),
        });
    let all = undo::all(&others);
    all.iter()
        .map(|text| alphanumeric(text) + "\u{1}")
        .collect()
}

fn parts(core: &str) -> Vec<String> {
    let signs: Vec<char> = core.chars().collect();
    let is_number = !core.chars().any(char::is_alphabetic);
    match signs.len() {
        length if length < WHOLE_MIN => Vec::new(),
        length if length < PIECE || is_number => vec![core.to_owned()],
        _ => signs
            .windows(PIECE)
            .map(|piece| piece.iter().collect())
            .collect(),
    }
}
