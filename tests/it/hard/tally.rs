//! The sums over many cases, as shares and as tables in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::hard::cases::Case;
use crate::hard::kinds::Class;
use crate::hard::score::{Fault, Judgement, Miss};

/// Good ones of all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub good: usize,
    pub all: usize,
}

impl Share {
    fn add(&mut self, is_good: bool) {
        self.good += usize::from(is_good);
        self.all += 1;
    }

    /// In percent; nothing is missed where nothing is asked.
    pub fn percent(self) -> f64 {
        match self.all {
            0 => 100.0,
            all => self.good as f64 * 100.0 / all as f64,
        }
    }
}

#[derive(Default)]
pub struct Tally {
    pub classes: BTreeMap<Class, Share>,
    pub structure: Share,
    pub around: Share,
    pub twice: Share,
    /// Cases over several lines, which are told but not asked: `mask` works line by line.
    over_lines: Share,
    kinds: BTreeMap<(Class, &'static str), Share>,
    positions: BTreeMap<&'static str, Share>,
    dresses: BTreeMap<String, Share>,
    records: BTreeMap<&'static str, Share>,
    /// Stand-ins by value, and values by stand-in, with a place of each.
    by_value: BTreeMap<String, BTreeMap<String, (usize, String)>>,
    by_code: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    pub fn add(&mut self, case: &Case, judgement: &Judgement, is_same_twice: bool) {
        let misses = &judgement.misses;
        let has = |fault| misses.iter().any(|miss| miss.fault == fault);
        self.structure.add(!has(Fault::Broken));
        self.around.add(!has(Fault::Changed));
        self.twice.add(is_same_twice);
        let left = has(Fault::Left);
        if case.is_over_lines {
            return self.over_lines.add(!left);
        }
        self.positions.entry(case.position).or_default().add(!left);
        self.dresses
            .entry(case.dress.clone())
            .or_default()
            .add(!left);
        self.records.entry(case.record).or_default().add(!left);
        self.add_values(judgement);
        for stand_in in &judgement.stand_ins {
            let codes = self.by_value.entry(stand_in.canonical.clone()).or_default();
            let code = codes.entry(stand_in.code.clone());
            code.or_insert((0, stand_in.place.clone())).0 += 1;
            let values = self.by_code.entry(stand_in.code.clone()).or_default();
            values.insert(stand_in.canonical.clone());
        }
    }

    /// A case may hold several values of a kind; so many are missed as there are misses of that kind.
    fn add_values(&mut self, judgement: &Judgement) {
        let mut missed: Vec<(Class, &str)> = judgement.misses.iter().filter_map(of_value).collect();
        for value in &judgement.judged {
            let at = missed.iter().position(|other| other == value);
            let is_good = at.map(|at| missed.swap_remove(at)).is_none();
            self.classes.entry(value.0).or_default().add(is_good);
            self.kinds.entry(*value).or_default().add(is_good);
        }
    }

    pub fn class(&self, class: Class) -> Share {
        self.classes.get(&class).copied().unwrap_or_default()
    }

    /// Values that stood twice or more under one stand-in.
    pub fn same(&self) -> Share {
        let mut share = Share::default();
        for codes in self.by_value.values() {
            let times: usize = codes.values().map(|(times, _)| times).sum();
            if times > 1 {
                share.add(codes.len() == 1);
            }
        }
        share
    }

    /// Stand-ins that stand for one value only.
    pub fn apart(&self) -> Share {
        let mut share = Share::default();
        self.by_code
            .values()
            .for_each(|values| share.add(values.len() == 1));
        share
    }

    /// Values that have several stand-ins, and where each stood.
    pub fn torn(&self) -> Vec<String> {
        let torn = self.by_value.iter().filter(|(_, codes)| codes.len() > 1);
        let place = |(code, (times, place)): (&String, &(usize, String))| {
            format!("\n  {times} times ‹{code}›: {place}")
        };
        torn.map(|(value, codes)| {
            format!("{value:?}:{}", codes.iter().map(place).collect::<String>())
        })
        .collect()
    }

    /// The tables of a run.
    pub fn markdown(&self) -> String {
        let mut out = String::from("| measure | good | all | share |\n|---|--:|--:|--:|\n");
        for (name, share) in self.measures() {
            row(&mut out, &[&name], share);
        }
        out.push_str("\n| class | kind | good | all | share |\n|---|---|--:|--:|--:|\n");
        for ((class, kind), share) in worst(&self.kinds) {
            row(&mut out, &[class.name(), kind], share);
        }
        table(&mut out, "position", worst(&self.positions));
        table(&mut out, "dress", worst(&self.dresses));
        table(&mut out, "record", worst(&self.records));
        out
    }

    pub fn measures(&self) -> Vec<(String, Share)> {
        let classes = [
            Class::Secret,
            Class::Personal,
            Class::Support,
            Class::LookAlike,
        ];
        let class = |class: Class| {
            let did = if class.is_hidden() {
                "masked"
            } else {
                "still there"
            };
            (format!("{}, {did}", class.name()), self.class(class))
        };
        let mut all: Vec<(String, Share)> = classes.map(class).into();
        all.push(("one value, one stand-in".to_owned(), self.same()));
        all.push(("one stand-in, one value".to_owned(), self.apart()));
        all.push(("structure kept".to_owned(), self.structure));
        all.push(("all around the values unchanged".to_owned(), self.around));
        all.push(("masking twice is masking once".to_owned(), self.twice));
        all.push(("over several lines, masked".to_owned(), self.over_lines));
        all
    }
}

fn of_value(miss: &Miss) -> Option<(Class, &'static str)> {
    Some((miss.class?, miss.kind))
}

/// Those with most faults first.
fn worst<K: Clone + Ord>(shares: &BTreeMap<K, Share>) -> Vec<(K, Share)> {
    let mut all: Vec<(K, Share)> = shares.iter().map(|(k, s)| (k.clone(), *s)).collect();
    all.sort_by(|(_, a), (_, b)| a.percent().total_cmp(&b.percent()));
    all
}

fn table<K: AsRef<str>>(out: &mut String, head: &str, rows: Vec<(K, Share)>) {
    out.push_str(&format!(
        "\n| {head} | cases without a leak | all | share |\n|---|--:|--:|--:|\n"
    ));
    for (name, share) in rows {
        row(out, &[name.as_ref()], share);
    }
}

fn row(out: &mut String, names: &[&str], share: Share) {
    let names = names.join(" | ");
    let line = writeln!(
        out,
        "| {names} | {} | {} | {:.2} % |",
        share.good,
        share.all,
        share.percent()
    );
    line.expect("a text takes all");
}
