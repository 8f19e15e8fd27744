//! Which format a source has, by its content.
//!
//! Every line format tries a sample of the beginning; the one with the highest specificity among those that read most
//! of it becomes the main parser. The others that read anything stay as fall-backs, so mixed files work line by line.

use crate::model::exchange::Exchange;
use crate::read::engine::clf::COMBINED;
use crate::read::engine::record::GENERIC;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::formats::{self, FORMATS};
use crate::read::reader::{LineReader, clean, is_aside};
use crate::read::skip::Ignored;

/// How much of a source is looked at.
pub const SAMPLE_BYTES: usize = 256 * 1024;
const SAMPLE_LINES: usize = 200;

/// A format must read this share of the lines that any format could read, to be the main one.
const MAIN_SHARE: f64 = 0.8;

/// Formats that are less specific read lines of many others; they have a say only where those read little.
const CATCH_ALL_BELOW: u8 = 10;

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
    let start = text.trim_start_matches('\u{feff}');
    for format in FORMATS {
        if let Layout::Document { sniff, .. } = &format.layout
            && sniff(start)
        {
            return Detected::Document { format };
        }
    }
    let lines: Vec<&str> = text
        .lines()
        .map(clean)
        .filter(|line| !line.is_empty())
        .take(SAMPLE_LINES)
        .collect();
    choose(&lines, options, head)
}

/// The reader for a format that the user named.
pub fn named(format: &'static Format, options: &Options) -> Detected {
    match &format.layout {
        Layout::Lines(build) => Detected::Lines {
            reader: LineReader::new(format.name, build(options), Vec::new()),
            candidates: Vec::new(),
        },
        Layout::Document { .. } => Detected::Document { format },
    }
}

fn choose(lines: &[&str], options: &Options, head: &[u8]) -> Detected {
    // Comments, another log's lines and the like say nothing about the format.
    let tried: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| is_aside(line).is_none())
        .collect();
    let mut candidates = Vec::new();
    let mut parsers: Vec<(&'static Format, Box<dyn LineParser>, usize)> = Vec::new();
    for format in FORMATS {
        let Layout::Lines(build) = &format.layout else {
            continue;
        };
        let parser = build(options);
        let read = count_read(parser.as_ref(), &tried);
        if read > 0 {
            candidates.push(Candidate {
                format: format.name,
                title: format.title,
                read,
                tried: tried.len(),
            });
            parsers.push((format, parser, read));
        }
    }
    candidates.sort_by_key(|c| std::cmp::Reverse(c.read));
    let readable = readable(&parsers, &tried);
    let Some(main) = main_parser(&parsers, readable) else {
        if let Some(reader) = reader_of_asides(lines, &tried, options) {
            return Detected::Lines { reader, candidates };
        }
        return Detected::Unknown {
            candidates,
            binary: is_binary(head),
            empty: lines.is_empty(),
        };
    };
    let (format, parser, _) = parsers.swap_remove(main);
    parsers.sort_by_key(|(format, _, read)| {
        (
            std::cmp::Reverse(format.specificity),
            std::cmp::Reverse(*read),
        )
    });
    let fallbacks = parsers.into_iter().map(|(_, parser, _)| parser).collect();
    Detected::Lines {
        reader: LineReader::new(format.name, parser, fallbacks),
        candidates,
    }
}

/// A log that is understood and tells of no exchange: an error log alone, or JSON about other things.
fn reader_of_asides(lines: &[&str], tried: &[&str], options: &Options) -> Option<LineReader> {
    let only_asides = tried.is_empty() && !lines.is_empty();
    let reader = |format: &'static Format| match &format.layout {
        Layout::Lines(build) => Some(LineReader::new(format.name, build(options), Vec::new())),
        Layout::Document { .. } => None,
    };
    if only_asides {
        return formats::find(COMBINED).and_then(reader);
    }
    let json = formats::find(GENERIC.name).and_then(reader)?;
    let is_other_json =
        |line: &&&str| json.read(line, 0, 0, &mut Vec::new()) == Parsed::Ignored(Ignored::NotHttp);
    let understood = tried.iter().filter(is_other_json).count();
    (understood as f64 >= MAIN_SHARE * tried.len() as f64 && understood > 0).then_some(json)
}

fn count_read(parser: &dyn LineParser, lines: &[&str]) -> usize {
    let mut out = Vec::new();
    lines
        .iter()
        .filter(|line| reads(parser, line, &mut out))
        .count()
}

fn reads<'a>(parser: &dyn LineParser, line: &'a str, out: &mut Vec<Exchange<'a>>) -> bool {
    out.clear();
    // A tunnel is told by its own format alone; a more general one would take it for an exchange.
    matches!(
        parser.parse(line, out),
        Parsed::Record(_) | Parsed::Ignored(Ignored::Connection)
    )
}

/// Lines that at least one candidate reads.
fn readable(parsers: &[(&'static Format, Box<dyn LineParser>, usize)], lines: &[&str]) -> usize {
    let mut out = Vec::new();
    lines
        .iter()
        .filter(|line| {
            parsers
                .iter()
                .any(|(_, parser, _)| reads(parser.as_ref(), line, &mut out))
        })
        .count()
}

fn main_parser(
    parsers: &[(&'static Format, Box<dyn LineParser>, usize)],
    readable: usize,
) -> Option<usize> {
    let strong = |read: usize| read as f64 >= MAIN_SHARE * readable as f64;
    let most = |catch_all: bool| {
        let reads = parsers
            .iter()
            .filter(|(format, _, _)| (format.specificity < CATCH_ALL_BELOW) == catch_all);
        reads.map(|(_, _, read)| *read).max().unwrap_or(0)
    };
    let specific = most(false) * 2 >= most(true);
    let ranked = |strong_only: bool| {
        parsers
            .iter()
            .enumerate()
            .filter(|(_, (format, _, _))| !specific || format.specificity >= CATCH_ALL_BELOW)
            .filter(|(_, (_, _, read))| !strong_only || strong(*read))
            .max_by_key(|(_, (format, _, read))| {
                if strong_only {
                    (format.specificity.into(), *read)
                } else {
                    (*read, 0)
                }
            })
            .map(|(at, _)| at)
    };
    ranked(true).or_else(|| ranked(false))
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
            Detected::Document { format } => format.name.to_owned(),
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
