//! Which format a source has, by its content.
//!
//! Documents are told by their first bytes. Of lines, a sample of the beginning is tried with every format, without
//! what it is wrapped in (see [`choose`]).

use crate::read::choose::{Choice, Chosen, choose};
use crate::read::engine::field::Unit;
use crate::read::engine::units::NamedUnit;
use crate::read::format::{Format, Layout, LineParser, Options, without_mark};
use crate::read::formats::FORMATS;
use crate::read::lines::LINE_BYTES_MAX;
use crate::read::reader::{LineReader, clean, trim};
use crate::read::sequence::Sequence;
use crate::read::trial::{Build, Reading, known_readings};

/// How much of a source is needed: what is looked at may begin behind a line as long as lines get.
pub const SAMPLE_BYTES: usize = LINE_BYTES_MAX + LOOKED_BYTES;

/// How much of it is looked at.
const LOOKED_BYTES: usize = 256 * 1024;

/// A line that fills so much of what is looked at says too little beside those behind it.
const LONG_BYTES: usize = LOOKED_BYTES / 2;

/// One candidate and how much of the sample it read.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub format: &'static str,
    pub title: &'static str,
    pub read: usize,
    pub tried: usize,
    /// What was peeled off the lines before, from the outside.
    pub wrappers: Vec<&'static str>,
    /// Of durations that the source writes without one.
    pub units: Vec<NamedUnit>,
}

impl Candidate {
    /// `duration in seconds; the unit of took is not told, its values are left out`
    pub fn durations(&self) -> Option<String> {
        let word = |named: &NamedUnit| match named.unit.and_then(Unit::name) {
            Some(unit) => format!("{} in {unit}", named.name),
            None => format!(
                "the unit of {} is not told, its values are left out: --map duration_ms={0}",
                named.name
            ),
        };
        let words: Vec<String> = self.units.iter().map(word).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// `cri > syslog`, when its lines stood in wrappers.
    pub fn inside(&self) -> Option<String> {
        (!self.wrappers.is_empty()).then(|| self.wrappers.join(" > "))
    }
}

/// The choice and its reason.
pub enum Detected {
    Lines {
        reader: LineReader,
        candidates: Vec<Candidate>,
    },
    /// Lines in order; the reader takes those that the sequence itself does not know.
    Sequence {
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
    let bare = without_mark(head);
    let bare = &bare[..bare.len().min(LOOKED_BYTES)];
    for format in FORMATS {
        if let Layout::Document { sniff, .. } = &format.layout
            && sniff(bare)
        {
            return Detected::Document { format };
        }
    }
    let readings = known_readings();
    of_lines(head, &readings, options).unwrap_or_else(|candidates| Detected::Unknown {
        candidates,
        binary: is_binary(head),
        empty: sample(head).lines().all(|line| clean(line).is_empty()),
    })
}

/// The reader for a format that the user named. What the lines are wrapped in is still told by content.
pub fn named(format: &'static Format, head: &[u8], options: &Options) -> Detected {
    let Some(reading) = Reading::of(format) else {
        return Detected::Document { format };
    };
    let plain = || match &reading.build {
        Build::Lines(build) => Chosen::Lines(
            LineReader::new(format.name, build(options), Vec::new()).wrapped(Vec::new(), options),
        ),
        Build::Sequence(build) => {
            Chosen::Sequence(Sequence::new(format.name, build(options), None))
        }
    };
    of_lines(head, std::slice::from_ref(&reading), options)
        .unwrap_or_else(|candidates| detected(plain(), candidates))
}

/// The same for a format of the user's own.
pub fn given(
    name: &'static str,
    build: &dyn Fn(&Options) -> Box<dyn LineParser>,
    head: &[u8],
    options: &Options,
) -> Detected {
    let reading = Reading {
        name,
        title: "a format string",
        specificity: 0,
        build: Build::Lines(build),
    };
    of_lines(head, &[reading], options).unwrap_or_else(|candidates| {
        let reader = LineReader::new(name, build(options), Vec::new());
        detected(
            Chosen::Lines(reader.wrapped(Vec::new(), options)),
            candidates,
        )
    })
}

fn of_lines(
    head: &[u8],
    readings: &[Reading<'_>],
    options: &Options,
) -> Result<Detected, Vec<Candidate>> {
    of_sample(head, readings, options).or_else(|candidates| {
        let behind = behind_odd_lines(head).ok_or(candidates)?;
        of_sample(behind, readings, options)
    })
}

/// What follows lines in front that cannot tell the format: too long, binary or blank.
fn behind_odd_lines(head: &[u8]) -> Option<&[u8]> {
    let is_odd =
        |line: &[u8]| line.len() > LONG_BYTES || is_binary(line) || line.trim_ascii().is_empty();
    let mut rest = head;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        if !is_odd(&rest[..end]) {
            break;
        }
        rest = &rest[end + 1..];
    }
    (rest.len() < head.len() && !rest.is_empty()).then_some(rest)
}

fn of_sample(
    head: &[u8],
    readings: &[Reading<'_>],
    options: &Options,
) -> Result<Detected, Vec<Candidate>> {
    let text = sample(head);
    let lines: Vec<&str> = text.lines().map(trim).collect();
    let Choice {
        chosen,
        wrappers,
        units,
        counts,
    } = choose(&lines, readings, options);
    let candidates = counts
        .into_iter()
        .map(|count| Candidate {
            format: count.name,
            title: count.title,
            read: count.read,
            tried: count.tried,
            wrappers: wrappers.clone(),
            units: units.clone(),
        })
        .collect();
    match chosen {
        Some(chosen) => Ok(detected(chosen, candidates)),
        None => Err(candidates),
    }
}

fn detected(chosen: Chosen, candidates: Vec<Candidate>) -> Detected {
    match chosen {
        Chosen::Lines(reader) => Detected::Lines { reader, candidates },
        Chosen::Sequence(sequence) => Detected::Sequence {
            sequence,
            candidates,
        },
    }
}

fn sample(head: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(&head[..head.len().min(LOOKED_BYTES)])
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
            Detected::Sequence { sequence, .. } => sequence.name().to_owned(),
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
    fn lines_in_front_that_tell_nothing_hide_no_format() {
        let access = r#"1.1.1.1 - - [22/Nov/2026:03:51:45 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#;
        let long = "x".repeat(LINE_BYTES_MAX);
        check(&format!("{long}\n{access}\n"), "combined");
        let blank = "\n".repeat(LOOKED_BYTES);
        check(&format!("{blank}{access}\n"), "combined");
        let mut binary: Vec<u8> = (0..LOOKED_BYTES * 2)
            .map(|i| [0x00, 0xff, 0x01, 0x9c, 0x02, 0xfe, b'\n'][i % 7])
            .collect();
        binary.extend(access.as_bytes());
        assert!(matches!(
            detect(&binary, &Options::default()),
            Detected::Lines { reader, .. } if reader.name() == "combined"
        ));
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
