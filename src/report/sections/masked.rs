//! What was replaced and how, so that a reader sees that nothing else was changed.

use crate::model::digits::thousands;
use crate::report::block::{Block, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::{ReportInput, SAMPLE_BYTES_MAX};
use crate::report::section::{Section, always};

pub const SECTION: Section = Section {
    id: "masked",
    title: "What was masked",
    applies: always,
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let mut blocks = vec![
        Block::Paragraph(
            "Secrets and personal data were replaced before anything was stored. A stand-in looks like \
             ‹kind:key:code›: equal values have equal stand-ins, so it can be seen whether two calls carried the same \
             token. *** stands for values too short to hide in another way."
                .to_owned(),
        ),
        Block::Paragraph(format!(
            "Nothing else was removed or reworded. Two things are done for display only: a text longer than {} bytes \
             is cut and says so, and characters that cannot be seen are written as ⟨U+202E⟩.",
            thousands(SAMPLE_BYTES_MAX as u64)
        )),
    ];
    if input.masked_note.is_empty() {
        let text = "No count of masked values is known for these data.";
        blocks.push(Block::Paragraph(text.to_owned()));
    } else {
        blocks.push(Block::Table(table(input.masked_note)));
    }
    Ok(blocks)
}

fn table(note: &[(String, u64)]) -> Table {
    Table {
        caption: "Values replaced, by kind".to_owned(),
        columns: vec![("kind", Kind::Code), ("values", Kind::Number)],
        rows: note
            .iter()
            .map(|(kind, n)| vec![kind.clone(), thousands(*n)])
            .collect(),
        rows_left_out: 0,
    }
}
