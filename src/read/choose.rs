//! Which format the lines of a sample have, and what they are wrapped in.
//!
//! Wrappers are peeled off the whole sample first, one layer after the other; each depth is tried with every format.
//! What surely is a wrapper is peeled where the lines inside can be read; what only looks like one must let more lines
//! be read than without. The formats that read anything else stay as fall-backs, so mixed files work line by line.

use std::borrow::Cow;

use crate::model::exchange::Exchange;
use crate::model::time::Timestamp;
use crate::read::clock_change::ClockChange;
use crate::read::engine::clf::COMBINED;
use crate::read::engine::record::GENERIC;
use crate::read::format::{Layout, LineParser, Options, Parsed, Place, SequenceParser, Sink};
use crate::read::formats::FORMATS;
use crate::read::reader::{LineReader, clean, is_aside};
use crate::read::sequence::Sequence;
use crate::read::skip::Ignored;
use crate::read::wrap::objects::{Objects, several};
use crate::read::wrap::ordered::{Inner, Layer, Ordered};
use crate::read::wrap::pieces::{Pieces, Taken};
use crate::read::wrap::wrapper::Wrapper;
use crate::read::wrap::{LAYERS_MAX, WRAPPERS};

/// Lines of a sample that are tried, blank ones among them.
const LINES_TRIED_MAX: usize = 400;

/// A format must read this share of the lines that any format could read, to be the main one.
const MAIN_SHARE: f64 = 0.8;

/// Formats that are less specific read lines of many others; they have a say only where those read little.
const CATCH_ALL_BELOW: u8 = 10;

/// Formats that programs write about anything: a log of one may be understood and tell of no exchange.
const OF_ANYTHING: &[&str] = &[GENERIC.name];

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

impl Reading<'static> {
    /// `None` for a document.
    pub fn of(format: &'static crate::read::format::Format) -> Option<Self> {
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

/// What the lines of a source go to.
pub enum Chosen {
    Lines(LineReader),
    Sequence(Sequence),
}

/// The choice, and how much each reading read.
pub struct Choice {
    /// `None` when nothing was understood.
    pub chosen: Option<Chosen>,
    /// Peeled from the outside.
    pub wrappers: Vec<&'static str>,
    pub counts: Vec<Count>,
}

/// How much of the sample a reading read.
pub struct Count {
    pub name: &'static str,
    pub title: &'static str,
    pub read: usize,
    pub tried: usize,
}

/// Looks at the lines of a sample.
pub fn choose(lines: &[&str], readings: &[Reading<'_>], options: &Options) -> Choice {
    let trials: Vec<Trial<'_>> = chains(lines)
        .into_iter()
        .map(|chain| Trial::new(chain, readings, options))
        .collect();
    let Some(best) = best_trial(&trials, readings) else {
        return of_asides(&trials, options);
    };
    let counts = best.candidates(readings);
    let wrappers = best.chain.names();
    let Some(main) = best.main(readings) else {
        return of_asides(&trials, options);
    };
    let plan = Plan {
        chain: &best.chain,
        main: &readings[main],
        others: best.others(main, readings),
    };
    let chosen = in_order_if_needed(&plan, lines, options);
    Choice {
        chosen: Some(chosen),
        wrappers,
        counts,
    }
}

/// Layers that were peeled off the sample, and its lines without them.
struct Chain<'s> {
    layers: Vec<Peeling>,
    lines: Vec<Cow<'s, str>>,
}

#[derive(Clone, Copy)]
enum Peeling {
    Each(&'static Wrapper),
    /// Its lines may come in pieces.
    Joined(&'static Wrapper),
    /// Whether objects go over line ends.
    Objects {
        over_lines: bool,
    },
}

impl Peeling {
    fn name(self) -> &'static str {
        match self {
            Self::Each(wrapper) | Self::Joined(wrapper) => wrapper.name,
            Self::Objects { .. } => "json objects",
        }
    }

    fn is_sure(self) -> bool {
        match self {
            Self::Each(wrapper) | Self::Joined(wrapper) => wrapper.sure,
            Self::Objects { .. } => false,
        }
    }

    fn has_memory(self) -> bool {
        matches!(self, Self::Joined(_) | Self::Objects { over_lines: true })
    }

    fn layer(self) -> Option<Layer> {
        match self {
            Self::Each(wrapper) => Some(Layer::Peel(wrapper)),
            Self::Joined(wrapper) => Some(Layer::Join(wrapper, Pieces::default())),
            Self::Objects { over_lines: true } => Some(Layer::Objects(Objects::default())),
            // A reader of lines looks for several on one line by itself.
            Self::Objects { over_lines: false } => None,
        }
    }
}

impl Chain<'_> {
    /// Whether it is another with layers that nothing else looks like.
    fn only_adds_sure(&self, other: &Chain<'_>) -> bool {
        let (names, known) = (self.names(), other.names());
        let added = self.layers.get(known.len()..).unwrap_or_default();
        names.starts_with(&known) && added.iter().all(|layer| layer.is_sure())
    }

    fn names(&self) -> Vec<&'static str> {
        self.layers.iter().map(|layer| layer.name()).collect()
    }
}

/// The sample as it stands, and at every depth that it can be peeled to.
fn chains<'s>(lines: &[&'s str]) -> Vec<Chain<'s>> {
    let mut found = vec![Chain {
        layers: Vec::new(),
        lines: lines.iter().map(|line| Cow::Borrowed(*line)).collect(),
    }];
    let mut at = 0;
    while let Some(chain) = found.get(at) {
        let objects = gathered(chain);
        let deeper = (chain.layers.len() < LAYERS_MAX)
            .then(|| peeled(chain))
            .flatten();
        found.extend(deeper);
        found.extend(objects);
        at += 1;
    }
    found
}

fn tells(line: &str) -> bool {
    !clean(line).is_empty() && is_aside(line).is_none()
}

/// One layer more, when enough lines have it.
fn peeled<'s>(chain: &Chain<'s>) -> Option<Chain<'s>> {
    if chain
        .layers
        .iter()
        .any(|layer| matches!(layer, Peeling::Objects { .. }))
    {
        return None;
    }
    let sample: Vec<&str> = chain
        .lines
        .iter()
        .map(|line| clean(line))
        .filter(|line| tells(line))
        .take(LINES_TRIED_MAX)
        .collect();
    let share = |wrapper: &Wrapper| {
        let hits = sample.iter().filter(|line| (wrapper.peel)(line).is_some());
        hits.count()
    };
    let (wrapper, _) = WRAPPERS
        .iter()
        .map(|wrapper| (wrapper, share(wrapper)))
        .filter(|(wrapper, hits)| *hits > 0 && hits * 100 >= sample.len() * wrapper.share_pct)
        .rev()
        .max_by_key(|(wrapper, hits)| (wrapper.share_pct < 50, wrapper.sure, *hits))?;
    Some(peel_all(chain, wrapper))
}

fn peel_all<'s>(chain: &Chain<'s>, wrapper: &'static Wrapper) -> Chain<'s> {
    let peeling = match comes_in_pieces(&chain.lines, wrapper) {
        true => Peeling::Joined(wrapper),
        false => Peeling::Each(wrapper),
    };
    let mut pieces = Pieces::default();
    let mut lines = Vec::new();
    for line in &chain.lines {
        // Blanks at the end of a piece are part of its line.
        let Some(peeled) = (wrapper.peel)(line) else {
            lines.push(line.clone());
            continue;
        };
        if !peeling.has_memory() {
            lines.push(Cow::Owned(peeled.inner.into_owned()));
            continue;
        }
        match pieces.take(peeled, Place::default()) {
            Taken::Part => {}
            Taken::Whole(peeled) => lines.push(Cow::Owned(peeled.inner.into_owned())),
            Taken::Joined(begun) => lines.push(Cow::Owned(begun.text)),
        }
    }
    let mut layers = chain.layers.clone();
    layers.push(peeling);
    Chain { layers, lines }
}

/// Where most are whole, the others wait for more. Where hardly any is, whoever passed the lines on took the marks of
/// their ends away.
fn comes_in_pieces(lines: &[Cow<'_, str>], wrapper: &Wrapper) -> bool {
    let ends = lines
        .iter()
        .filter_map(|line| Some((wrapper.peel)(line)?.piece?.ends));
    let (mut whole, mut all) = (0, 0);
    for ends in ends {
        all += 1;
        whole += usize::from(ends);
    }
    whole * 2 >= all && all > 0
}

/// The same lines as the JSON objects that are in them, where that makes a difference.
fn gathered<'s>(chain: &Chain<'s>) -> Option<Chain<'s>> {
    let known = chain
        .layers
        .iter()
        .any(|l| matches!(l, Peeling::Objects { .. }));
    let begins = |line: &Cow<'_, str>| line.trim_start().starts_with(['{', '[']);
    if known || !chain.lines.iter().any(begins) {
        return None;
    }
    let mut objects = Objects::default();
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    let (mut over_lines, mut differs) = (false, false);
    for line in &chain.lines {
        let before = lines.len();
        let fate = objects.line(line, Place::default(), &mut |text, _| {
            lines.push(Cow::Owned(text.to_owned()));
            Parsed::Ignored(Ignored::Text)
        });
        match lines.get(before..) {
            _ if fate.is_none() => lines.push(line.clone()),
            Some([one]) => {
                let inside = line.contains(one.as_ref());
                over_lines |= !inside;
                differs |= inside && one.as_ref() != line.trim();
            }
            Some([_, _, ..]) => differs = true,
            _ => {}
        }
    }
    let mut layers = chain.layers.clone();
    layers.push(Peeling::Objects { over_lines });
    (over_lines || differs).then_some(Chain { layers, lines })
}

/// Every reading tried on one chain.
struct Trial<'s> {
    chain: Chain<'s>,
    /// Of the lines tried, those that say something about the format.
    tried: usize,
    /// One a reading.
    results: Vec<Tried>,
    /// Lines that at least one reading read.
    readable: usize,
    /// The same, those twice that more than a catch-all read.
    weight: usize,
    /// Readings that read lines only after peeling each of whatever it has.
    odd: Vec<usize>,
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
    fn new(chain: Chain<'s>, readings: &[Reading<'_>], options: &Options) -> Self {
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
        Self {
            tried: counts.iter().filter(|counts| **counts).count(),
            odd: read_odd(&left, readings, options),
            results,
            readable,
            weight,
            chain,
        }
    }

    fn timed(&self) -> usize {
        let most = self.results.iter().map(|one| one.timed);
        most.max().unwrap_or(0)
    }

    /// The most specific of those that read most of what any reads, else the one that reads most.
    fn main(&self, readings: &[Reading<'_>]) -> Option<usize> {
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
    fn others<'r>(&self, main: usize, readings: &'r [Reading<'r>]) -> Vec<&'r Reading<'r>> {
        let reads =
            |at: &usize| *at != main && (self.results[*at].count() > 0 || self.odd.contains(at));
        let mut others: Vec<usize> = (0..readings.len()).filter(reads).collect();
        others.sort_by_key(|at| {
            std::cmp::Reverse((readings[*at].specificity, self.results[*at].count()))
        });
        others.into_iter().map(|at| &readings[at]).collect()
    }

    fn candidates(&self, readings: &[Reading<'_>]) -> Vec<Count> {
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
fn best_trial<'t, 's>(trials: &'t [Trial<'s>], readings: &[Reading<'_>]) -> Option<&'t Trial<'s>> {
    let specificity = |trial: &Trial<'_>| trial.main(readings).map(|at| readings[at].specificity);
    let mut best: Option<&Trial<'_>> = None;
    for trial in trials.iter().filter(|trial| trial.readable > 0) {
        let Some(known) = best else {
            best = Some(trial);
            continue;
        };
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

fn is_of_format(parsed: Parsed) -> bool {
    matches!(parsed, Parsed::Record(_))
}

/// All lines go in, because those that do not count may carry what the others need.
fn try_sequence(parser: &mut dyn SequenceParser, lines: &[&str], counts: &[bool]) -> Tried {
    let (mut records, mut timed) = (false, 0);
    let read = lines
        .iter()
        .zip(counts)
        .map(|(line, counts)| {
            let parsed = parser.line(line, Place::default(), &mut |_, exchanges| {
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
    if records {
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

/// What was chosen, to build readers from.
struct Plan<'p> {
    chain: &'p Chain<'p>,
    main: &'p Reading<'p>,
    others: Vec<&'p Reading<'p>>,
}

impl Plan<'_> {
    fn build(&self, options: &Options, change: Option<ClockChange>) -> Chosen {
        let layers = &self.chain.layers;
        let ordered = match self.main.build {
            Build::Sequence(_) => layers.len(),
            Build::Lines(_) => layers
                .iter()
                .rposition(|l| l.has_memory())
                .map_or(0, |at| at + 1),
        };
        let (ordered, plain) = layers.split_at(ordered);
        let wrappers = plain
            .iter()
            .filter_map(|layer| match layer {
                Peeling::Each(wrapper) => Some(*wrapper),
                Peeling::Joined(_) | Peeling::Objects { .. } => None,
            })
            .collect();
        let inner = match &self.main.build {
            Build::Lines(build) => {
                let reader =
                    LineReader::new(self.main.name, build(options), self.fallbacks(options));
                Inner::Lines(reader.wrapped(wrappers, options))
            }
            Build::Sequence(build) => Inner::Sequence(Sequence::new(
                self.main.name,
                build(options),
                self.beside(options),
            )),
        };
        let layers: Vec<Layer> = ordered.iter().filter_map(|layer| layer.layer()).collect();
        match inner {
            Inner::Lines(reader) if layers.is_empty() && change.is_none() => Chosen::Lines(reader),
            Inner::Sequence(sequence) if layers.is_empty() && change.is_none() => {
                Chosen::Sequence(sequence)
            }
            inner => {
                let ordered = Ordered::new(layers, inner, options, change);
                Chosen::Sequence(Sequence::settled(self.main.name, Box::new(ordered)))
            }
        }
    }

    fn fallbacks(&self, options: &Options) -> Vec<Box<dyn LineParser>> {
        self.others
            .iter()
            .filter_map(|other| line_parser(other, options))
            .collect()
    }

    /// Reads the lines that are not of the main sequence.
    fn beside(&self, options: &Options) -> Option<LineReader> {
        let first = self
            .others
            .iter()
            .find(|o| matches!(o.build, Build::Lines(_)))?;
        let mut parsers = self.fallbacks(options).into_iter();
        let main = parsers.next()?;
        Some(LineReader::new(first.name, main, parsers.collect()).wrapped(Vec::new(), options))
    }
}

fn line_parser(reading: &Reading<'_>, options: &Options) -> Option<Box<dyn LineParser>> {
    match &reading.build {
        Build::Lines(build) => Some(build(options)),
        Build::Sequence(_) => None,
    }
}

/// Times without an offset in a zone whose clocks are set back must be read in order; all others need not.
fn in_order_if_needed(plan: &Plan<'_>, lines: &[&str], options: &Options) -> Chosen {
    let Some(change) = options.zone.and_then(ClockChange::of) else {
        return plan.build(options, None);
    };
    let as_utc = Options {
        zone: None,
        ..options.clone()
    };
    let here = times(plan.build(options, None), lines);
    let depends = here != times(plan.build(&as_utc, None), lines);
    plan.build(options, depends.then_some(change))
}

fn times(mut chosen: Chosen, lines: &[&str]) -> Vec<Option<Timestamp>> {
    let mut found = Vec::new();
    let mut sink = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
        found.extend(exchanges.iter().map(|exchange| exchange.ts));
    };
    for line in lines.iter().take(LINES_TRIED_MAX) {
        chosen.line(line, Place::default(), &mut sink);
    }
    found
}

impl Chosen {
    pub fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        match self {
            Self::Lines(reader) => reader.read(line, at, found),
            Self::Sequence(sequence) => sequence.line(line, at, found),
        }
    }

    pub fn finish(&mut self, found: &mut Sink<'_>) {
        if let Self::Sequence(sequence) = self {
            sequence.finish(found);
        }
    }
}

/// A log that is understood and tells of no exchange: an error log alone, or JSON about other things.
fn of_asides(trials: &[Trial<'_>], options: &Options) -> Choice {
    let sure = |trial: &&Trial<'_>| trial.chain.layers.iter().all(|layer| layer.is_sure());
    let mut found = trials.iter().rev().filter(sure).filter_map(|trial| {
        let name = name_of_asides(&trial.chain.lines, options)?;
        let format = FORMATS.iter().find(|format| format.name == name)?;
        Some((Reading::of(format)?, &trial.chain))
    });
    let Some((reading, chain)) = found.next() else {
        return Choice {
            chosen: None,
            wrappers: Vec::new(),
            counts: Vec::new(),
        };
    };
    let plan = Plan {
        chain,
        main: &reading,
        others: Vec::new(),
    };
    Choice {
        chosen: Some(plan.build(options, None)),
        wrappers: chain.names(),
        counts: Vec::new(),
    }
}

fn name_of_asides(lines: &[Cow<'_, str>], options: &Options) -> Option<&'static str> {
    let told = || {
        lines
            .iter()
            .map(|line| clean(line))
            .filter(|line| !line.is_empty())
    };
    let tried: Vec<&str> = told()
        .filter(|line| is_aside(line).is_none())
        .take(LINES_TRIED_MAX)
        .collect();
    if tried.is_empty() {
        return told().next().map(|_| COMBINED);
    }
    let knows = |name: &&&str| {
        let format = FORMATS.iter().find(|format| format.name == **name);
        let parser = format
            .and_then(Reading::of)
            .and_then(|reading| line_parser(&reading, options));
        let understood = parser.map_or(0, |parser| {
            let is_other = |line: &&&str| {
                parser.parse(line, &mut Vec::new()) == Parsed::Ignored(Ignored::NotHttp)
            };
            tried.iter().filter(is_other).count()
        });
        understood as f64 >= MAIN_SHARE * tried.len() as f64 && understood > 0
    };
    OF_ANYTHING.iter().find(knows).copied()
}
