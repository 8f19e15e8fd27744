//! Every format tried on the lines of a sample, at one depth of what they are wrapped in.

use std::borrow::Cow;

use crate::model::exchange::Exchange;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed, Place, SequenceParser};
use crate::read::formats::{FORMATS, is_envelope};
use crate::read::reader::clean;
use crate::read::skip::Ignored;
use crate::read::wrap::chain::{Chain, LINES_TRIED_MAX, Peeling, tells};
use crate::read::wrap::objects::several;
use crate::read::wrap::{BARRED, LAYERS_MAX, WRAPPERS};

/// A format must read this share of the lines that any format could read, to be the main one.
pub const MAIN_SHARE: f64 = 0.8;

/// Formats that are less specific read lines of many others; they have a say only where those read little.
pub const CATCH_ALL_BELOW: u8 = 10;

/// What may read a line: a known format, or a user's own.
pub struct Reading<'r> {
    pub name: &'static str,
    pub title: &'static str,
    pub specificity: u8,
    pub build: Build<'r>,
}

impl Reading<'_> {
    fn is_catch_all(&self) -> bool {
        self.specificity < CATCH_ALL_BELOW
    }
}

pub enum Build<'r> {
    Lines(&'r dyn Fn(&Options) -> Box<dyn LineParser>),
    Sequence(&'r dyn Fn(&Options) -> Box<dyn SequenceParser>),
}

/// All that are recognised by content.
pub fn known_readings() -> Vec<Reading<'static>> {
    FORMATS.iter().filter_map(Reading::of).collect()
}

/// Those that may stand inside an envelope. Other envelopes are left out: each would be looked into in its turn, as
/// deep as a hostile line nests them.
pub fn inner_readings() -> Vec<Reading<'static>> {
    let inner = FORMATS.iter().filter(|format| !is_envelope(format));
    inner.filter_map(Reading::of).collect()
}

impl Reading<'static> {
    /// `None` for a document.
    pub fn of(format: &'static Format) -> Option<Self> {
        let build = match &format.layout {
            Layout::Lines(build) => Build::Lines(build),
            Layout::Sequence(build) => Build::Sequence(build),
            Layout::Document { .. } => return None,
        };
        Some(Self {
            name: format.name,
            title: format.title,
            specificity: format.specificity,
            build,
        })
    }
}

/// How much of the sample a reading read.
pub struct Count {
    pub name: &'static str,
    pub title: &'static str,
    pub read: usize,
    pub tried: usize,
}

/// Every reading tried on one chain.
pub struct Trial<'s> {
    pub chain: Chain<'s>,
    /// Of the lines tried, those that say something about the format.
    tried: usize,
    /// One a reading.
    results: Vec<Tried>,
    /// Lines that at least one reading read.
    pub readable: usize,
    /// The same, those twice that more than a catch-all read.
    weight: usize,
    /// Readings that read lines only after peeling each of whatever it has.
    odd: Vec<usize>,
    /// The bars in its lines stand between values of its main format: the first one ends no container's name.
    of_bars: bool,
}

#[derive(Default)]
struct Tried {
    read: Vec<bool>,
    /// Of those, how many told their time.
    timed: usize,
}

impl Tried {
    fn count(&self) -> usize {
        self.read.iter().filter(|read| **read).count()
    }
}

impl<'s> Trial<'s> {
    pub fn new(chain: Chain<'s>, readings: &[Reading<'_>], options: &Options) -> Self {
        let lines: Vec<&str> = chain
            .lines
            .iter()
            .take(LINES_TRIED_MAX)
            .map(|l| &**l)
            .collect();
        // Comments, another log's lines and the like say nothing about the format.
        let counts: Vec<bool> = lines.iter().map(|line| tells(line)).collect();
        let results: Vec<Tried> = readings
            .iter()
            .map(|reading| try_reading(reading, &lines, &counts, options))
            .collect();
        let is_read = |at: &usize| results.iter().any(|one| one.read.get(*at) == Some(&true));
        let readable = (0..lines.len()).filter(is_read).count();
        let is_known = |at: &usize| {
            let known = readings
                .iter()
                .zip(&results)
                .filter(|(r, _)| !r.is_catch_all());
            known
                .into_iter()
                .any(|(_, one)| one.read.get(*at) == Some(&true))
        };
        let weight = readable + (0..lines.len()).filter(is_known).count();
        let left: Vec<&str> = (0..lines.len())
            .filter(|at| counts[*at] && !is_read(at))
            .map(|at| clean(lines[at]))
            .collect();
        let mut trial = Self {
            tried: counts.iter().filter(|counts| **counts).count(),
            odd: read_odd(&left, readings, options),
            of_bars: false,
            results,
            readable,
            weight,
            chain,
        };
        trial.of_bars = trial.needs_bars(readings, &counts, options);
        trial
    }

    /// A format that reads over a container's name reads the lines also without the bar behind it; one of values
    /// between bars does not. The first line stays as it is: it may name the columns that the others must have.
    fn needs_bars(&self, readings: &[Reading<'_>], counts: &[bool], options: &Options) -> bool {
        let lines = &self.chain.lines[..counts.len()];
        let barred = lines.iter().filter(|line| line.contains(" |")).count();
        if barred * 2 < lines.len() {
            return false;
        }
        let Some(main) = self.main(readings) else {
            return false;
        };
        let kept = usize::from(lines.len() > 1);
        let without = |(at, line): (usize, &Cow<'_, str>)| match at < kept {
            true => line.to_string(),
            false => line.replacen(" |", " ", 1),
        };
        let lines: Vec<String> = lines.iter().enumerate().map(without).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let read = try_reading(&readings[main], &lines, counts, options).count();
        read * 2 < self.results[main].count()
    }

    fn timed(&self) -> usize {
        let most = self.results.iter().map(|one| one.timed);
        most.max().unwrap_or(0)
    }

    /// The most specific of those that read most of what any reads, else the one that reads most.
    pub fn main(&self, readings: &[Reading<'_>]) -> Option<usize> {
        let count = |at: &usize| self.results[*at].count();
        let most = |catch_all: bool| {
            let these = (0..readings.len()).filter(|at| readings[*at].is_catch_all() == catch_all);
            these.map(|at| count(&at)).max().unwrap_or(0)
        };
        let known = most(false) * 2 >= most(true);
        let strong = |at: &usize| count(at) as f64 >= MAIN_SHARE * self.readable as f64;
        let has_say = |at: &usize| count(at) > 0 && !(known && readings[*at].is_catch_all());
        let places = || (0..readings.len()).filter(has_say);
        places()
            .filter(strong)
            .max_by_key(|at| (readings[*at].specificity, count(at)))
            .or_else(|| places().max_by_key(count))
    }

    /// The other line formats that read anything, the most specific first.
    pub fn others<'r>(&self, main: usize, readings: &'r [Reading<'r>]) -> Vec<&'r Reading<'r>> {
        let reads =
            |at: &usize| *at != main && (self.results[*at].count() > 0 || self.odd.contains(at));
        let mut others: Vec<usize> = (0..readings.len()).filter(reads).collect();
        others.sort_by_key(|at| {
            std::cmp::Reverse((readings[*at].specificity, self.results[*at].count()))
        });
        others.into_iter().map(|at| &readings[at]).collect()
    }

    pub fn candidates(&self, readings: &[Reading<'_>]) -> Vec<Count> {
        let mut counts: Vec<Count> = readings
            .iter()
            .zip(&self.results)
            .filter(|(_, one)| one.count() > 0)
            .map(|(reading, one)| Count {
                name: reading.name,
                title: reading.title,
                read: one.count(),
                tried: self.tried,
            })
            .collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.read));
        counts
    }
}

/// The chain whose lines are read best. What is surely wrapped is read without its wrappers, also where a format gets
/// over them, because it would take their words for its own.
pub fn best_trial<'t, 's>(
    trials: &'t [Trial<'s>],
    readings: &[Reading<'_>],
) -> Option<&'t Trial<'s>> {
    let specificity = |trial: &Trial<'_>| trial.main(readings).map(|at| readings[at].specificity);
    let mut best: Option<&Trial<'_>> = None;
    for trial in trials.iter().filter(|trial| trial.readable > 0) {
        let Some(known) = best else {
            best = Some(trial);
            continue;
        };
        if known.of_bars && trial.chain.adds(BARRED, &known.chain) {
            continue;
        }
        let sure = trial.chain.only_adds_sure(&known.chain);
        let better = match sure {
            // What a more specific format reads as it stands is its own, such as the name of a router in front.
            true => {
                trial.readable as f64 >= MAIN_SHARE * known.readable as f64
                    && specificity(trial) >= specificity(known)
            }
            false => {
                trial.weight > known.weight
                    || trial.weight == known.weight && known.timed() == 0 && tells_time(trial)
            }
        };
        if better {
            best = Some(trial);
        }
    }
    best
}

/// Whether its last wrapper has a time, which the lines inside then get.
fn tells_time(trial: &Trial<'_>) -> bool {
    matches!(trial.chain.layers.last(), Some(Peeling::Each(wrapper)) if wrapper.name == "time")
}

fn try_reading(reading: &Reading<'_>, lines: &[&str], counts: &[bool], options: &Options) -> Tried {
    match &reading.build {
        Build::Lines(build) => try_lines(build(options).as_ref(), lines, counts),
        Build::Sequence(build) => try_sequence(build(options).as_mut(), lines, counts),
    }
}

fn try_lines(parser: &dyn LineParser, lines: &[&str], counts: &[bool]) -> Tried {
    let mut out = Vec::new();
    let mut timed = 0;
    let read = lines
        .iter()
        .zip(counts)
        .map(|(line, counts)| {
            out.clear();
            let read = *counts && is_of_format(parser.parse(clean(line), &mut out));
            timed += usize::from(read && out.iter().any(|e: &Exchange<'_>| e.ts.is_some()));
            read
        })
        .collect();
    Tried { read, timed }
}

/// A tunnel is told by its own format alone; a more general one would take it for an exchange.
fn is_of_format(parsed: Parsed) -> bool {
    matches!(
        parsed,
        Parsed::Record(_) | Parsed::Ignored(Ignored::Connection)
    )
}

/// All lines go in, because those that do not count may carry what the others need.
fn try_sequence(parser: &mut dyn SequenceParser, lines: &[&str], counts: &[bool]) -> Tried {
    let (mut records, mut timed, mut told) = (false, 0, 0);
    let read = lines
        .iter()
        .zip(counts)
        .map(|(line, counts)| {
            let parsed = parser.line(line, Place::default(), &mut |_, exchanges| {
                told += exchanges.len();
                timed += exchanges.iter().filter(|e| e.ts.is_some()).count();
            });
            records |= matches!(parsed, Parsed::Record(_));
            let known = matches!(
                parsed,
                Parsed::Record(_) | Parsed::Ignored(Ignored::Part | Ignored::Continued)
            );
            *counts && known
        })
        .collect();
    parser.finish(&mut |_, exchanges| told += exchanges.len());
    if records && told > 0 {
        Tried { read, timed }
    } else {
        Tried::default()
    }
}

/// Which line formats read any of the lines that none read as they stand, when each is peeled of what it has.
fn read_odd(left: &[&str], readings: &[Reading<'_>], options: &Options) -> Vec<usize> {
    let inner: Vec<String> = left.iter().flat_map(|line| odd_lines(line)).collect();
    if inner.is_empty() {
        return Vec::new();
    }
    let reads = |at: &usize| match &readings[*at].build {
        Build::Lines(build) => {
            let parser = build(options);
            let mut out = Vec::new();
            inner.iter().any(|line| {
                out.clear();
                is_of_format(parser.parse(line, &mut out))
            })
        }
        Build::Sequence(_) => false,
    };
    (0..readings.len()).filter(reads).collect()
}

/// What is inside a line that is wrapped unlike the others, or holds several objects.
fn odd_lines(line: &str) -> Vec<String> {
    let objects: Vec<String> = several(line).map(str::to_owned).collect();
    if !objects.is_empty() {
        return objects;
    }
    let mut inner = Cow::Borrowed(line);
    let mut depths = Vec::new();
    for _ in 0..LAYERS_MAX {
        let peeled = WRAPPERS.iter().find_map(|wrapper| (wrapper.peel)(&inner));
        let Some(peeled) = peeled.map(|peeled| clean(&peeled.inner).to_owned()) else {
            break;
        };
        depths.push(peeled.clone());
        inner = Cow::Owned(peeled);
    }
    depths
}
