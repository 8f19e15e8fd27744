//! `tidemark formats`: what is understood, what a file would be read as, and its first rows as parsed.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::attribute::{Attributor, Context};
use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ingest::HowArgs;
use crate::cli::output::{Column, print_rows};
use crate::ingest::Input;
use crate::mask::{Coded, Masker, Row};
use crate::model::exchange::Exchange;
use crate::model::time::Timestamp;
use crate::read::detect::{Candidate, Detected, SAMPLE_BYTES};
use crate::read::format::{Layout, Options, Parsed, Place, Sink, without_mark};
use crate::read::formats::FORMATS;
use crate::read::skip::Skip;
use crate::read::source::Source;

/// Rows shown of a file.
const ROWS_SHOWN: usize = 20;

#[derive(Debug, Subcommand)]
pub enum FormatsCommand {
    /// The formats that are recognised
    List,
    /// What a file would be read as, and why
    Detect { file: PathBuf },
    /// The first rows of a file as parsed, masked
    Test {
        file: PathBuf,
        #[command(flatten)]
        how: HowArgs,
    },
}

pub fn run(world: &World, command: &FormatsCommand) -> Result<Exit, Failure> {
    match command {
        FormatsCommand::List => list(world),
        FormatsCommand::Detect { file } => detect(world, file),
        FormatsCommand::Test { file, how } => test(world, file, how),
    }
}

#[derive(Serialize)]
struct FormatRow {
    schema: &'static str,
    name: &'static str,
    aliases: Vec<&'static str>,
    title: &'static str,
}

fn list(world: &World) -> Result<Exit, Failure> {
    let rows: Vec<FormatRow> = FORMATS
        .iter()
        .map(|format| FormatRow {
            schema: "tidemark.formats/1",
            name: format.name,
            aliases: format.aliases.to_vec(),
            title: format.title,
        })
        .collect();
    let columns = [
        Column {
            title: "NAME",
            right: false,
            cell: |r: &FormatRow, _| r.name.to_owned(),
        },
        Column {
            title: "ALSO",
            right: false,
            cell: |r, _| r.aliases.join(", "),
        },
        Column {
            title: "READS",
            right: false,
            cell: |r, _| r.title.to_owned(),
        },
    ];
    print_rows(world, &rows, &columns)?;
    world.say("any format string of nginx, Apache, Envoy, HAProxy, Squid, morgan, Guzzle or API Gateway: --log-format 'STRING'; any JSON: --map FIELD=PATH");
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct DetectRow {
    schema: &'static str,
    format: String,
    chosen: bool,
    lines_read: usize,
    lines_tried: usize,
    why: String,
}

impl DetectRow {
    fn new(format: &str, chosen: bool, (read, tried): (usize, usize), why: &str) -> Self {
        Self {
            schema: "tidemark.formats.detect/1",
            format: format.to_owned(),
            chosen,
            lines_read: read,
            lines_tried: tried,
            why: why.to_owned(),
        }
    }
}

fn candidate_rows(chosen: &str, candidates: &[Candidate]) -> Vec<DetectRow> {
    let row = |c: &Candidate| {
        let chosen = c.format == chosen;
        let why = match chosen {
            true => "the most specific that reads most of the sample",
            false => "fall-back",
        };
        let inside = c.inside().map(|wrappers| format!("inside {wrappers}: "));
        let mut why = inside.unwrap_or_default() + why;
        if chosen && let Some(durations) = c.durations() {
            why = format!("{why}; {durations}");
        }
        DetectRow::new(c.format, chosen, (c.read, c.tried), &why)
    };
    candidates.iter().map(row).collect()
}

fn detect(world: &World, file: &Path) -> Result<Exit, Failure> {
    let head = read_head(file)?;
    let detected = HowArgs::default()
        .choice()?
        .detect(&head, &options_for(file, &HowArgs::default())?)?;
    let rows: Vec<DetectRow> = match &detected {
        Detected::Document { format } => {
            vec![DetectRow::new(
                format.name,
                true,
                (1, 1),
                "it begins as such a document",
            )]
        }
        Detected::Lines { reader, candidates } => candidate_rows(reader.name(), candidates),
        Detected::Sequence {
            sequence,
            candidates,
        } => candidate_rows(sequence.name(), candidates),
        Detected::Unknown { empty: true, .. } => {
            return Err(Failure::input(format!("{} is empty", file.display())));
        }
        Detected::Unknown { binary: true, .. } => {
            return Err(Failure::input(format!(
                "{} is binary data, not a log",
                file.display()
            )));
        }
        Detected::Unknown { .. } => {
            return Err(Failure::input(format!(
                "{} has no line of a format that is understood; give its format string with --log-format, or the places of its fields with --map",
                file.display()
            )));
        }
    };
    let columns = [
        Column {
            title: "FORMAT",
            right: false,
            cell: |r: &DetectRow, _| r.format.clone(),
        },
        Column {
            title: "CHOSEN",
            right: false,
            cell: |r, _| if r.chosen { "yes" } else { "" }.to_owned(),
        },
        Column {
            title: "READ",
            right: true,
            cell: |r, _| format!("{} of {}", r.lines_read, r.lines_tried),
        },
        Column {
            title: "WHY",
            right: false,
            cell: |r, _| r.why.clone(),
        },
    ];
    print_rows(world, &rows, &columns)?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct TestRow {
    schema: &'static str,
    line: u64,
    fate: String,
    ts: Option<Timestamp>,
    integration: Option<String>,
    operation: Option<String>,
    method: Option<String>,
    host: Option<String>,
    url: Option<String>,
    status: Option<i16>,
    outcome: Option<String>,
    attempt: Option<i16>,
    duration_ms: Option<f32>,
    error_code: Option<String>,
}

fn test(world: &World, file: &Path, how: &HowArgs) -> Result<Exit, Failure> {
    let head = read_head(file)?;
    let (attributor, masker) = (world.attributor()?, world.passing_masker()?);
    let mut rows = Vec::new();
    let mut shower = Shower {
        attributor: &attributor,
        masker: &masker,
        rows: &mut rows,
    };
    match how.choice()?.detect(&head, &options_for(file, how)?)? {
        Detected::Lines { reader, .. } => {
            let mut read = |line: &str, at, found: &mut Sink<'_>| reader.read(line, at, found);
            show_lines(&head, &mut shower, &mut read);
        }
        Detected::Sequence { mut sequence, .. } => {
            let mut read = |line: &str, at, found: &mut Sink<'_>| sequence.line(line, at, found);
            show_lines(&head, &mut shower, &mut read);
            let mut rest = |format: &'static str, exchanges: &mut [Exchange<'_>]| {
                shower.line(0, Parsed::Record(format), exchanges);
            };
            sequence.finish(&mut rest);
        }
        Detected::Document { format } => {
            let mut whole = Vec::new();
            Source::open(file)
                .map_err(|e| Failure::input(e.to_string()))?
                .read_to_end(&mut whole)
                .map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
            if let Layout::Document { parse, .. } = &format.layout {
                let mut number = 0;
                let walked = parse(without_mark(&whole), &mut |entry| {
                    number += 1;
                    match entry {
                        Ok(mut exchange) => {
                            let exchanges = std::slice::from_mut(&mut exchange);
                            shower.line(number, Parsed::Record(format.name), exchanges);
                        }
                        Err(Skip::Ignored(why)) => {
                            shower.line(number, Parsed::Ignored(why), &mut []);
                        }
                        Err(Skip::Rejected(why)) => {
                            shower.line(number, Parsed::Rejected(why), &mut []);
                        }
                    }
                });
                walked.map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
            }
        }
        Detected::Unknown { .. } => return detect(world, file),
    }
    print_test_rows(world, &rows)?;
    Ok(Exit::Done)
}

/// How a line is read, whether alone or after those before it.
type ReadLine<'r> = dyn FnMut(&str, Place, &mut Sink<'_>) -> Parsed + 'r;

fn show_lines(head: &[u8], shower: &mut Shower<'_>, read: &mut ReadLine<'_>) {
    let text = String::from_utf8_lossy(head);
    let mut offset = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if shower.is_full() {
            break;
        }
        let at = Place {
            offset,
            line: number,
        };
        offset += line.len() as u64;
        let mut told = false;
        let parsed = read(line.trim_end_matches('\n'), at, &mut |format, exchanges| {
            told = true;
            shower.line(number, Parsed::Record(format), exchanges);
        });
        if !told {
            shower.line(number, parsed, &mut []);
        }
    }
}

fn print_test_rows(world: &World, rows: &[TestRow]) -> Result<(), Failure> {
    let columns = [
        Column {
            title: "LINE",
            right: true,
            cell: |r: &TestRow, _| r.line.to_string(),
        },
        Column {
            title: "READ AS",
            right: false,
            cell: |r, _| r.fate.clone(),
        },
        Column {
            title: "TIME",
            right: false,
            cell: |r, _| r.ts.map(|t| t.to_string()).unwrap_or_default(),
        },
        Column {
            title: "INTEGRATION",
            right: false,
            cell: |r, _| r.integration.clone().unwrap_or_default(),
        },
        Column {
            title: "OPERATION",
            right: false,
            cell: |r, _| r.operation.clone().unwrap_or_default(),
        },
        Column {
            title: "STATUS",
            right: true,
            cell: |r, _| r.status.map(|s| s.to_string()).unwrap_or_default(),
        },
        Column {
            title: "OUTCOME",
            right: false,
            cell: |r, _| r.outcome.clone().unwrap_or_default(),
        },
        Column {
            title: "TRY",
            right: true,
            cell: |r, _| r.attempt.map(|a| a.to_string()).unwrap_or_default(),
        },
    ];
    print_rows(world, rows, &columns)
}

/// Parsed lines through naming and masking, as they would be stored.
struct Shower<'s> {
    attributor: &'s Attributor,
    masker: &'s Masker,
    rows: &'s mut Vec<TestRow>,
}

impl Shower<'_> {
    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_SHOWN
    }

    fn line(&mut self, number: u64, parsed: Parsed, attempts: &mut [Exchange<'_>]) {
        if self.is_full() {
            return;
        }
        let fate = match parsed {
            Parsed::Record(format) => format.to_owned(),
            Parsed::Ignored(why) => format!("ignored: {}", name_of(&why)),
            Parsed::Rejected(why) => format!("rejected: {}", why.name()),
        };
        if attempts.is_empty() {
            self.rows.push(TestRow::new(number, fate.clone()));
        }
        for exchange in attempts {
            self.attributor.attribute(exchange, &Context::default());
            self.rows
                .push(self.masked_row(exchange, number, fate.clone()));
        }
    }

    fn masked_row(&self, exchange: &Exchange<'_>, number: u64, fate: String) -> TestRow {
        let mut batch = self.masker.batch();
        let row = Row {
            source: "",
            source_id: "",
            ingested_at: Timestamp::from_secs(0),
            keep_content: false,
        };
        batch.push(exchange, &row);
        let masked = batch.finish();
        let columns = masked.columns();
        let text = |column: &Coded| masked.text(column, 0);
        TestRow {
            ts: exchange.ts,
            integration: text(&columns.integration),
            operation: text(&columns.operation),
            method: text(&columns.method),
            host: text(&columns.host),
            url: text(&columns.url),
            status: columns.status.first().copied().flatten(),
            outcome: columns
                .outcome
                .first()
                .map(|outcome| outcome.name().to_owned()),
            attempt: columns.attempt.first().copied(),
            duration_ms: exchange.duration_ms,
            error_code: text(&columns.error_code),
            ..TestRow::new(number, fate)
        }
    }
}

impl TestRow {
    fn new(line: u64, fate: String) -> Self {
        Self {
            schema: "tidemark.formats.test/1",
            line,
            fate,
            ts: None,
            integration: None,
            operation: None,
            method: None,
            host: None,
            url: None,
            status: None,
            outcome: None,
            attempt: None,
            duration_ms: None,
            error_code: None,
        }
    }
}

/// A reason in the spelling of the machine formats.
fn name_of(reason: &impl Serialize) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// As an ingest of the file would have them.
fn options_for(file: &Path, how: &HowArgs) -> Result<Options, Failure> {
    Ok(Options {
        now: Input::File(file.to_owned()).modified(),
        ..how.options()?
    })
}

fn read_head(file: &Path) -> Result<Vec<u8>, Failure> {
    let source = Source::open(file).map_err(|error| Failure::input(error.to_string()))?;
    let mut head = Vec::new();
    source
        .take(SAMPLE_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    Ok(head)
}
