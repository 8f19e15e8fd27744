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
use crate::read::engine::logfmt;
use crate::read::engine::record::GENERIC;
use crate::read::engine::units::{NamedUnit, Units};
use crate::read::format::{LineParser, Options, Parsed, Place, Sink};
use crate::read::formats::FORMATS;
use crate::read::reader::{LineReader, clean, is_aside};
use crate::read::sequence::Sequence;
use crate::read::skip::Ignored;
use crate::read::trial::{Build, Count, MAIN_SHARE, Reading, Trial, best_trial};
use crate::read::wrap::chain::{Chain, LINES_TRIED_MAX, Peeling, chains};
use crate::read::wrap::ordered::{Inner, Layer, Ordered};

/// Formats that programs write about anything: a log of one may be understood and tell of no exchange.
const OF_ANYTHING: &[&str] = &[GENERIC.name, logfmt::GENERIC.name];

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
    /// Of durations without one.
    pub units: Vec<NamedUnit>,
    pub counts: Vec<Count>,
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
    let options = Options {
        units: units_of(&plan, lines, options),
        ..options.clone()
    };
    Choice {
        chosen: Some(in_order_if_needed(&plan, lines, &options)),
        units: options.units.names().to_vec(),
        wrappers,
        counts,
    }
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
                let reader = reader.with_finer(self.finer(self.main));
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

    /// The others are sorted, the most specific first.
    fn finer(&self, main: &Reading<'_>) -> usize {
        let finer = |other: &&&Reading<'_>| {
            other.specificity > main.specificity && matches!(other.build, Build::Lines(_))
        };
        self.others.iter().filter(finer).count()
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

/// What the sample says about durations without a unit.
fn units_of(plan: &Plan<'_>, lines: &[&str], options: &Options) -> Units {
    let options = Options {
        units: Units::gathering(),
        ..options.clone()
    };
    times(plan.build(&options, None), lines);
    options.units.decided()
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
            units: Vec::new(),
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
        units: Vec::new(),
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
