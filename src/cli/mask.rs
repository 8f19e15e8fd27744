//! `tidemark mask`: masks text in its own format, line by line; what takes several lines, as one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::explain::{self, Told};
use crate::ingest::FormatChoice;
use crate::mask::{Carried, MaskCounts, Masker, Units};
use crate::model::digits::thousands;
use crate::read::format::Layout;
use crate::read::paced::{Paced, PacedReader};
use crate::read::source::Source;
use crate::read::utf16::{Order, encode};

#[derive(Debug, Args)]
pub struct MaskArgs {
    /// A file, or - for standard input
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
    /// Write here instead of to standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What it is: a document such as har is masked as one, of anything else what belongs together [default: by content]
    #[arg(long, value_name = "NAME")]
    input_format: Option<String>,
    /// Change nothing; exit with 1 when something would be masked
    #[arg(long)]
    check: bool,
    /// Tell line, position, kind and rule of each value instead of the masked text
    #[arg(long, conflicts_with_all = ["check", "dry_run", "policy_diff", "test_rules"])]
    pub explain: bool,
    /// Tell how many values stand at each position and how many would be masked
    #[arg(long, conflicts_with_all = ["check", "policy_diff", "test_rules"])]
    pub dry_run: bool,
    /// Tell what another configuration would mask more or less
    #[arg(long, value_name = "CONFIG", conflicts_with_all = ["check", "test_rules"])]
    pub policy_diff: Option<PathBuf>,
    /// Try the rules of the configuration on their own examples; exit with 1 when one fails
    #[arg(long)]
    test_rules: bool,
}

pub fn run(world: &World, args: &MaskArgs) -> Result<Exit, Failure> {
    if args.test_rules {
        return explain::test_rules(world);
    }
    let units = match FormatChoice::parse(args.input_format.as_deref(), None)? {
        FormatChoice::Named(format) if matches!(format.layout, Layout::Document { .. }) => {
            Units::whole()
        }
        _ => Units::default(),
    };
    let masker = world.masker(&world.data()?)?;
    let source = if args.file == Path::new("-") {
        Source::stdin()
    } else {
        Source::open(&args.file)
    };
    let source = source.map_err(|error| Failure::input(error.to_string()))?;
    let unreadable = |error| Failure::input(format!("{}: {error}", args.file.display()));
    let mut flow = Flow {
        masker: &masker,
        units,
        carried: Carried::default(),
        counts: MaskCounts::default(),
        told: Told::new(world, args)?,
        order: source.order,
        out: open_output(args)?,
    };
    let mut reader = PacedReader::new(source).map_err(unreadable)?;
    loop {
        match reader.step() {
            Ok(Paced::Bytes(bytes)) => flow.units.push(&bytes),
            Ok(Paced::Pause) => flow.units.pause(),
            Ok(Paced::End) => break,
            // What came before the fault is masked like the rest.
            Err(error) => {
                flow.end()?;
                return Err(unreadable(error));
            }
        }
        flow.pass_on()?;
    }
    flow.end()?;
    if let Some(told) = &flow.told {
        told.print(world, args)?;
    }
    world.say(&describe(&flow.counts));
    check_whole(&flow.units)?;
    Ok(if args.check && flow.counts.total() > 0 {
        Exit::Found
    } else {
        Exit::Done
    })
}

/// From the source to the output.
struct Flow<'m> {
    masker: &'m Masker,
    units: Units,
    carried: Carried,
    counts: MaskCounts,
    /// When it is to be told why.
    told: Option<Told>,
    /// Of text in UTF-16, which is written as such again.
    order: Option<Order>,
    out: Box<dyn Write>,
}

impl Flow<'_> {
    /// What is ready goes out before more is waited for, as somebody may look on.
    fn pass_on(&mut self) -> Result<(), Failure> {
        let ready = self.units.ready();
        let masked = match &mut self.told {
            Some(told) => told.mask(self.masker, &ready, &mut self.carried, &mut self.counts),
            None => self
                .masker
                .units(&ready, &mut self.carried, &mut self.counts),
        };
        match self.order {
            Some(order) => self.out.write_all(&encode(masked.as_bytes(), order))?,
            None => self.out.write_all(masked.as_bytes())?,
        }
        Ok(self.out.flush()?)
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.units.end();
        self.pass_on()
    }
}

/// A line that was too long to be masked did not go out, so the output is not whole.
fn check_whole(units: &Units) -> Result<(), Failure> {
    match units.left_out() {
        0 => Ok(()),
        n => Err(Failure::input(format!(
            "{} of more than {} MB left out; a note stands in {} place",
            if n == 1 {
                "a line".to_owned()
            } else {
                format!("{} lines", thousands(n))
            },
            units.bytes_max() >> 20,
            if n == 1 { "its" } else { "their" },
        ))),
    }
}

/// Whether standard output is for what is told, not for the text.
fn tells(args: &MaskArgs) -> bool {
    args.explain || args.dry_run || args.policy_diff.is_some()
}

fn open_output(args: &MaskArgs) -> Result<Box<dyn Write>, Failure> {
    let path = match &args.output {
        _ if args.check => return Ok(Box::new(io::sink())),
        None if tells(args) => return Ok(Box::new(io::sink())),
        None => return Ok(Box::new(io::stdout().lock())),
        Some(path) => path,
    };
    let place = path.canonicalize().ok();
    if place.is_some() && args.file.canonicalize().ok() == place {
        return Err(Failure::usage(format!(
            "{} is what is to be masked; name another file to write to",
            path.display()
        )));
    }
    let file = File::create(path);
    let file = file.map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
    Ok(Box::new(file))
}

fn describe(counts: &MaskCounts) -> String {
    let kinds: Vec<String> = counts
        .iter()
        .map(|(kind, n)| format!("{} {kind}", thousands(n)))
        .collect();
    match kinds.is_empty() {
        true => "nothing to mask".to_owned(),
        false => format!("masked {}", kinds.join(", ")),
    }
}
