//! `tidemark mask`: masks text in its own format, line by line.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::thousands;
use crate::mask::{MaskCounts, Masker};
use crate::read::lines::{Block, Blocks};
use crate::read::source::Source;

#[derive(Debug, Args)]
pub struct MaskArgs {
    /// A file, or - for standard input
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
    /// Write here instead of to standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Change nothing; exit with 1 when something would be masked
    #[arg(long)]
    check: bool,
}

pub fn run(world: &World, args: &MaskArgs) -> Result<Exit, Failure> {
    let masker = world.masker(&world.data()?)?;
    let source = if args.file == Path::new("-") {
        Source::stdin()
    } else {
        Source::open(&args.file)
    };
    let mut blocks = Blocks::new(source.map_err(|error| Failure::input(error.to_string()))?);
    let mut out: Box<dyn Write> = match (&args.output, args.check) {
        (_, true) => Box::new(io::sink()),
        (Some(path), _) => {
            Box::new(BufWriter::new(File::create(path).map_err(|e| {
                Failure::usage(format!("{}: {e}", path.display()))
            })?))
        }
        (None, _) => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let mut counts = MaskCounts::default();
    while let Some(block) = blocks
        .next_block()
        .map_err(|error| Failure::input(format!("{}: {error}", args.file.display())))?
    {
        if block.dropped > 0 {
            return Err(Failure::input(format!(
                "line {} is too long to be masked safely",
                block.first_line
            )));
        }
        mask_block(&masker, &block, &mut counts, &mut out)?;
    }
    out.flush()?;
    world.say(&describe(&counts));
    Ok(if args.check && counts.total() > 0 {
        Exit::Found
    } else {
        Exit::Done
    })
}

/// Line ends stay as they are.
fn mask_block(
    masker: &Masker,
    block: &Block,
    counts: &mut MaskCounts,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let lines = block.lines().count();
    for (number, (_, _, bytes)) in block.lines().enumerate() {
        let text = String::from_utf8_lossy(bytes);
        let masked = masker.text(&text, counts);
        // A line in which nothing was masked keeps its bytes, whatever its encoding.
        if masked.as_str() == text {
            out.write_all(bytes)?
        } else {
            out.write_all(masked.as_str().as_bytes())?
        }
        if number + 1 < lines || !block.unterminated {
            out.write_all(b"\n")?;
        }
    }
    Ok(())
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
