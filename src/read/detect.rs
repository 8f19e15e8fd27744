//! Which format a source has, by its content.
//!
//! Every line format tries a sample of the beginning; the one with the highest specificity among those that read most
//! of it becomes the main parser. The others that read anything stay as fall-backs, so mixed files work line by line.

use crate::model::exchange::Exchange;
use crate::read::engine::clf::COMBINED;
use crate::read::engine::record::GENERIC;
use crate::read::format::{
    Format, Layout, LineParser, Options, Parsed, Place, SequenceParser, without_mark,
};
use crate::read::formats::{self, FORMATS};
use crate::read::reader::{LineReader, clean, is_aside, trim};
use crate::read::sequence::Sequence;
use crate::read::skip::Ignored;

/// How much of a source is looked at.
pub const SAMPLE_BYTES: usize = 256 * 1024;
/// Blank ones among them.
const SAMPLE_LINES: usize = 400;

/// A format must read this share of the lines that any format could read, to be the main one.
const MAIN_SHARE: f64 = 0.8;

/// One candidate and how much of the sample it read.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub format: &'static str,
    pub title: &'static str,
    pub read: usize,
    pub tried: usize,
}

/// The choice and its reason.
pub enum Detected {
    Lines {
        reader: LineReader,
        candidates: Vec<Candidate>,
    },
    /// Lines in order; the reader takes those that the sequence itself does not know.
    Sequence {
        format: &'static Format,
        sequence: Sequence,
        candidates: Vec<Candidate>,
    },
    Document {
        format: &'static Format,
    },
    /// Nothing in the sample was understood as a record.
    Unknown {
        candidates: Vec<Candidate>,
        binary: bool,
        empty: bool,
    },
}

/// Looks at the beginning of a source.
pub fn detect(head: &[u8], options: &Options) -> Detected {
    let text = String::from_utf8_lossy(&head[..head.len().min(SAMPLE_BYTES)]);
    let bare = without_mark(head);
    for format in FORMATS {
        if let Layout::Document { sniff, .. } = &format.layout
            && sniff(&bare[..bare.len().min(SAMPLE_BYTES)])
        {
            return Detected::Document { format };
        }
    }
    let lines: Vec<&str> = text.lines().map(trim).take(SAMPLE_LINES).collect();
    choose(&lines, options, head)
}

/// The reader for a format that the user named.
pub fn named(format: &'static Format, options: &Options) -> Detected {
    match &format.layout {
        Layout::Lines(build) => Detected::Lines {
            reader: LineReader::new(format.name, build(options), Vec::new()),
            candidates: Vec::new(),
        },
        Layout::Sequence(build) => Detected::Sequence {
            format,
            sequence: Sequence::new(format.name, build(options), None),
            candidates: Vec::new(),
        },
        Layout::Document { .. } => Detected::Document { format },
    }
}

/// A format and which lines of the sample it read.
struct Tried {
    format: &'static Format,
    read: Vec<bool>,
}

impl Tried {
    fn count(&self) -> usize {
        self.read.iter().filter(|read| **read).count()
    }
}

/// Looks at the lines of an envelope. Other envelopes are left out: each would be looked into in its turn, as deep as a
/// hostile line nests them.
pub fn detect_inner(lines: &[&str], options: &Options) -> Detected {
    choose_among(lines, options, &[], |format| !formats::is_envelope(format))
}

fn choose(lines: &[&str], options: &Options, head: &[u8]) -> Detected {
    choose_among(lines, options, head, |_| true)
}

fn choose_among(
    lines: &[&str],
    options: &Options,
    head: &[u8],
    among: fn(&Format) -> bool,
) -> Detected {
    // Comments, another log's lines and the like say nothing about the format.
    let counts: Vec<bool> = lines
        .iter()
        .map(|line| !clean(line).is_empty() && is_aside(line).is_none())
        .collect();
    let tried = counts.iter().filter(|counts| **counts).count();
    let mut all: Vec<Tried> = FORMATS
        .iter()
        .filter(|format| among(format))
        .filter_map(|format| try_format(format, lines, &counts, options))
        .collect();
    let mut candidates: Vec<Candidate> = all
        .iter()
        .map(|one| Candidate {
            format: one.format.name,
            title: one.format.title,
            read: one.count(),
            tried,
        })
        .collect();
    candidates.sort_by_key(|c| std::cmp::Reverse(c.read));
    let Some(main) = main_format(&all) else {
        if let Some(reader) = reader_of_asides(lines, options) {
            return Detected::Lines { reader, candidates };
        }
        return Detected::Unknown {
            candidates,
            binary: is_binary(head),
            empty: lines.iter().all(|line| clean(line).is_empty()),
        };
    };
    let format = all.swap_remove(main).format;
    all.sort_by_key(|one| std::cmp::Reverse((one.format.specificity, one.count())));
    let mut others = all
        .iter()
        .filter_map(|one| line_parser(one.format, options));
    match &format.layout {
        Layout::Sequence(build) => {
            let first = others.next();
            let reader = first.map(|(name, parser)| {
                LineReader::new(name, parser, others.map(|(_, parser)| parser).collect())
            });
            Detected::Sequence {
                format,
                sequence: Sequence::new(format.name, build(options), reader),
                candidates,
            }
        }
        Layout::Lines(build) => Detected::Lines {
            reader: LineReader::new(
                format.name,
                build(options),
                others.map(|(_, parser)| parser).collect(),
            ),
            candidates,
        },
        Layout::Document { .. } => Detected::Document { format },
    }
}

fn line_parser(
    format: &'static Format,
    options: &Options,
) -> Option<(&'static str, Box<dyn LineParser>)> {
    match &format.layout {
        Layout::Lines(build) => Some((format.name, build(options))),
        Layout::Sequence(_) | Layout::Document { .. } => None,
    }
}

/// Which of the lines that count a format reads; `None` when it reads no record.
fn try_format(
    format: &'static Format,
    lines: &[&str],
    counts: &[bool],
    options: &Options,
) -> Option<Tried> {
    let read: Vec<bool> = match &format.layout {
        Layout::Lines(build) => {
            let parser = build(options);
            let mut out = Vec::new();
            lines
                .iter()
                .zip(counts)
                .map(|(line, counts)| *counts && reads(parser.as_ref(), clean(line), &mut out))
                .collect()
        }
        Layout::Sequence(build) => try_sequence(build(options).as_mut(), lines, counts),
        Layout::Document { .. } => return None,
    };
    read.contains(&true).then_some(Tried { format, read })
}

/// All lines go in, because those that do not count may carry what the others need.
fn try_sequence(parser: &mut dyn SequenceParser, lines: &[&str], counts: &[bool]) -> Vec<bool> {
    let mut records = false;
    let read = lines
        .iter()
        .zip(counts)
        .map(|(line, counts)| {
            let parsed = parser.line(line, Place::default(), &mut |_, _| {});
            records |= matches!(parsed, Parsed::Record(_));
            let known = matches!(
                parsed,
                Parsed::Record(_) | Parsed::Ignored(Ignored::Part | Ignored::Continued)
            );
            *counts && known
        })
        .collect();
    if records { read } else { Vec::new() }
}

/// A log that is understood and tells of no exchange: an error log alone, or JSON about other things.
fn reader_of_asides(lines: &[&str], options: &Options) -> Option<LineReader> {
    let told: Vec<&&str> = lines
        .iter()
        .filter(|line| !clean(line).is_empty())
        .collect();
    let tried: Vec<&&&str> = told
        .iter()
        .filter(|line| is_aside(line).is_none())
        .collect();
    let reader = |name: &str| {
        let (name, parser) = line_parser(formats::find(name)?, options)?;
        Some(LineReader::new(name, parser, Vec::new()))
    };
    if tried.is_empty() && !told.is_empty() {
        return reader(COMBINED);
    }
    let json = reader(GENERIC.name)?;
    let is_other_json = |line: &&&&&str| {
        json.read(line, Place::default(), &mut |_, _| {}) == Parsed::Ignored(Ignored::NotHttp)
    };
    let understood = tried.iter().filter(is_other_json).count();
    (understood as f64 >= MAIN_SHARE * tried.len() as f64 && understood > 0).then_some(json)
}

fn reads<'a>(parser: &dyn LineParser, line: &'a str, out: &mut Vec<Exchange<'a>>) -> bool {
    out.clear();
    matches!(parser.parse(line, out), Parsed::Record(_))
}

/// The most specific of those that read most of what any reads, else the one that reads most.
fn main_format(all: &[Tried]) -> Option<usize> {
    let lines = all.first()?.read.len();
    let readable = (0..lines)
        .filter(|line| all.iter().any(|one| one.read.get(*line) == Some(&true)))
        .count();
    let strong = |one: &Tried| one.count() as f64 >= MAIN_SHARE * readable as f64;
    let places = || all.iter().enumerate();
    places()
        .filter(|(_, one)| strong(one))
        .max_by_key(|(_, one)| (one.format.specificity, one.count()))
        .or_else(|| places().max_by_key(|(_, one)| one.count()))
        .map(|(at, _)| at)
}

/// More than a tenth of control bytes that no text log has. Runs of NUL are left by crashes and do not count.
fn is_binary(head: &[u8]) -> bool {
    let sample = &head[..head.len().min(8 * 1024)];
    let odd = |b: &&u8| matches!(**b, 1..=8 | 14..=26 | 28..=31 | 127..);
    let counted = sample.iter().filter(|b| **b != 0).count();
    if counted == 0 {
        return !sample.is_empty();
    }
    std::str::from_utf8(sample).is_err_and(|e| e.error_len().is_some())
        && sample.iter().filter(odd).count() * 10 > counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, expected: &str) {
        let got = match detect(head.as_bytes(), &Options::default()) {
            Detected::Lines { reader, .. } => reader.name().to_owned(),
            Detected::Sequence { format, .. } | Detected::Document { format } => {
                format.name.to_owned()
            }
            Detected::Unknown { binary, empty, .. } => {
                format!("unknown binary={binary} empty={empty}")
            }
        };
        assert_eq!(got, expected, "{head}");
    }

    #[test]
    fn every_format_is_recognised_by_its_own_samples() {
        for format in FORMATS {
            check(format.samples[0].0, format.name);
        }
    }

    #[test]
    fn what_is_no_log_is_said() {
        check("", "unknown binary=false empty=true");
        check(
            "Dear diary,\ntoday I read a book.\n",
            "unknown binary=false empty=false",
        );
        check(
            "2021/12/01 13:53:33 [error] 31#31: *46 \"/usr\" is not found\n",
            "combined",
        );
        check("{\"level\":\"info\",\"msg\":\"hello\"}\n", "json");
        let bytes: Vec<u8> = (0..4096u32).map(|i| (i * 7 % 256) as u8).collect();
        assert!(matches!(
            detect(&bytes, &Options::default()),
            Detected::Unknown { binary: true, .. }
        ));
    }
}
