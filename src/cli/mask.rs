//! `tidemark mask`: masks text in its own format, line by line; a document that spans lines, as one.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::ingest::FormatChoice;
use crate::mask::{MaskCounts, Masker};
use crate::model::digits::thousands;
use crate::read::format::Layout;
use crate::read::lines::{Block, Blocks, DOCUMENT_BYTES_MAX, LINE_BYTES_MAX};
use crate::read::source::Source;

#[derive(Debug, Args)]
pub struct MaskArgs {
    /// A file, or - for standard input
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
    /// Write here instead of to standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What it is: a document such as har is masked as one, anything else line by line [default: by content]
    #[arg(long, value_name = "NAME")]
    input_format: Option<String>,
    /// Change nothing; exit with 1 when something would be masked
    #[arg(long)]
    check: bool,
}

pub fn run(world: &World, args: &MaskArgs) -> Result<Exit, Failure> {
    let format = FormatChoice::parse(args.input_format.as_deref(), None)?;
    let masker = world.masker(&world.data()?)?;
    let source = if args.file == Path::new("-") {
        Source::stdin()
    } else {
        Source::open(&args.file)
    };
    let source = source.map_err(|error| Failure::input(error.to_string()))?;
    let unreadable = |error| Failure::input(format!("{}: {error}", args.file.display()));
    let mut source = BufReader::new(source);
    let mut head = Vec::new();
    Read::by_ref(&mut source)
        .take(LINE_BYTES_MAX as u64)
        .read_until(b'\n', &mut head)
        .map_err(unreadable)?;
    let document = match format {
        FormatChoice::Named(format) => matches!(format.layout, Layout::Document { .. }),
        _ => begins_document(&head),
    };
    let mut blocks = Blocks::new(io::Cursor::new(head).chain(source));
    let mut out = open_output(args)?;
    let mut counts = MaskCounts::default();
    if document {
        let whole = blocks.rest(DOCUMENT_BYTES_MAX).map_err(unreadable)?;
        let block = whole.ok_or_else(|| too_large(&args.file))?;
        mask_text(&masker, &block.bytes, &mut counts, &mut out)?;
    }
    while let Some(block) = blocks.next_block().map_err(unreadable)? {
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

fn open_output(args: &MaskArgs) -> Result<Box<dyn Write>, Failure> {
    let path = match &args.output {
        _ if args.check => return Ok(Box::new(io::sink())),
        None => return Ok(Box::new(BufWriter::new(io::stdout().lock()))),
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
    Ok(Box::new(BufWriter::new(file)))
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
        mask_text(masker, bytes, counts, out)?;
        if number + 1 < lines || !block.unterminated {
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// Text in which nothing is masked keeps its bytes, whatever its encoding.
fn mask_text(
    masker: &Masker,
    bytes: &[u8],
    counts: &mut MaskCounts,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(bytes);
    let masked = masker.text(&text, counts);
    let kept = masked.as_str() == text;
    out.write_all(if kept {
        bytes
    } else {
        masked.as_str().as_bytes()
    })?;
    Ok(())
}

/// Whether a first line opens a JSON document that goes on behind it, as a HAR does: a name and its value may then
/// stand on two lines.
fn begins_document(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let opens = matches!(line.trim_ascii_start().first(), Some(b'{' | b'['));
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(line);
    opens && read.is_err_and(|error| error.is_eof())
}

fn too_large(file: &Path) -> Failure {
    Failure::input(format!(
        "{}: one document of more than {} MB; write it as one record a line first",
        file.display(),
        DOCUMENT_BYTES_MAX >> 20
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_over_several_lines_is_told_from_records() {
        for document in [
            "{\n",
            "\u{feff}{\r\n",
            "[\n",
            "{ \"log\": {\n",
            "[{\"a\": \"xx",
        ] {
            assert!(begins_document(document.as_bytes()), "{document:?}");
        }
        for line in [
            "{\"a\":1}\n",
            "[]\n",
            "",
            "[22/Nov/2026:03:51:45 +0000] x\n",
            "{not json\n",
        ] {
            assert!(!begins_document(line.as_bytes()), "{line:?}");
        }
    }
}
