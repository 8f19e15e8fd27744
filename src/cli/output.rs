//! Rows to standard output in the format asked for. Data go to standard output, everything else to standard error.

use std::io::{self, Write};

use chrono_tz::Tz;
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use serde::Serialize;

use crate::cli::exit::Failure;
use crate::cli::{OutputFormat, World};
use crate::model::time::Timestamp;
use crate::model::visible;
use crate::read::engine::json::Json;

/// A column of a table: its heading and what stands in it.
pub struct Column<T> {
    pub title: &'static str,
    pub right: bool,
    pub cell: fn(&T, &Shown) -> String,
}

/// How values are shown to people.
pub struct Shown {
    pub zone: Tz,
}

impl Shown {
    /// `2026-11-20 02:10 UTC`; a dash for none.
    pub fn time(&self, at: Option<Timestamp>) -> String {
        match at.and_then(Timestamp::to_utc) {
            Some(at) => at
                .with_timezone(&self.zone)
                .format("%Y-%m-%d %H:%M %Z")
                .to_string(),
            None => "–".to_owned(),
        }
    }
}

/// `7.8 %`; a dash for none.
pub fn percent(share: Option<f64>) -> String {
    match share {
        None => "–".to_owned(),
        Some(0.0) => "0 %".to_owned(),
        Some(share) if share < 0.001 => format!("{:.3} %", share * 100.0),
        Some(share) if share < 0.1 => format!("{:.2} %", share * 100.0),
        Some(share) => format!("{:.1} %", share * 100.0),
    }
}

/// Prints rows; machine formats carry every field, tables the columns given.
pub fn print_rows<T: Serialize>(
    world: &World,
    rows: &[T],
    columns: &[Column<T>],
) -> Result<(), Failure> {
    print_rows_of(world, rows, columns, &[])
}

/// As `print_rows`; a CSV begins with these fields also where no row tells them.
pub fn print_rows_of<T: Serialize>(
    world: &World,
    rows: &[T],
    columns: &[Column<T>],
    fields: &[&str],
) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let shown = Shown {
        zone: world.global.tz,
    };
    match world.format() {
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut out, rows).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        OutputFormat::Jsonl => {
            for row in rows {
                serde_json::to_writer(&mut out, row).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        OutputFormat::Csv => write_csv(&mut out, rows, fields)?,
        OutputFormat::Table | OutputFormat::Md => {
            writeln!(out, "{}", draw(world, rows, columns, &shown))?;
        }
    }
    Ok(out.flush()?)
}

/// Prints a table for people whose columns are known only when it is there.
pub fn print_texts(world: &World, titles: &[String], rows: &[Vec<String>]) -> Result<(), Failure> {
    let mut table = empty_table(world);
    let cells = |texts: &[String]| -> Vec<String> {
        texts.iter().map(|text| shown_text(world, text)).collect()
    };
    table.set_header(cells(titles));
    for row in rows {
        table.add_row(cells(row));
    }
    Ok(writeln!(io::stdout().lock(), "{table}")?)
}

/// Prints one object; as a table for people it is what `text` says.
pub fn print_object<T: Serialize>(
    world: &World,
    object: &T,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match world.format() {
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut out, object).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        OutputFormat::Jsonl => {
            serde_json::to_writer(&mut out, object).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        OutputFormat::Csv => write_csv(&mut out, &[object], &[])?,
        OutputFormat::Table | OutputFormat::Md => writeln!(out, "{}", text())?,
    }
    Ok(())
}

fn draw<T>(world: &World, rows: &[T], columns: &[Column<T>], shown: &Shown) -> Table {
    let color = world.format() == OutputFormat::Table && world.has_color();
    let mut table = empty_table(world);
    if color {
        table.enforce_styling();
    }
    table.set_header(columns.iter().map(|c| c.title));
    for row in rows {
        let text = |column: &Column<T>| shown_text(world, &(column.cell)(row, shown));
        table.add_row(columns.iter().map(|c| styled(text(c), color)));
    }
    for (at, column) in columns.iter().enumerate() {
        if let (true, Some(drawn)) = (column.right, table.column_mut(at)) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A row of Markdown is one line; on a terminal long cells are broken to its width.
fn empty_table(world: &World) -> Table {
    let (preset, arrangement) = match world.format() {
        OutputFormat::Md => (ASCII_MARKDOWN, ContentArrangement::Disabled),
        _ => (NOTHING, ContentArrangement::Dynamic),
    };
    let mut table = Table::new();
    table
        .load_preset(preset)
        .set_content_arrangement(arrangement);
    table
}

/// A log may hold anything: nothing in a cell may command the terminal or leave its row and column. A table draws several
/// lines inside the cell; Markdown has no such cells.
fn shown_text(world: &World, text: &str) -> String {
    match world.format() {
        OutputFormat::Md => markdown_cell(text),
        _ => visible::lines(text.trim_end()),
    }
}

fn markdown_cell(text: &str) -> String {
    visible::line(text).replace('\\', r"\\").replace('|', r"\|")
}

/// Verdicts stand out by colour too; the words alone say the same.
fn styled(text: String, color: bool) -> Cell {
    let tone = [
        ("Category 2", Color::Red),
        ("Category 1", Color::Cyan),
        ("undecided", Color::Yellow),
    ]
    .into_iter()
    .find(|(word, _)| text.starts_with(word));
    let cell = Cell::new(text);
    match tone {
        Some((_, tone)) if color => cell.fg(tone).add_attribute(Attribute::Bold),
        _ => cell,
    }
}

/// One column a field, `fields` first and then in the order of the first appearance; nested values as JSON.
fn write_csv<T: Serialize>(
    out: &mut impl Write,
    rows: &[T],
    fields: &[&str],
) -> Result<(), Failure> {
    // Through text, because a JSON value of our own keeps the order of the fields.
    let texts: Vec<String> = rows
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()
        .map_err(io::Error::from)?;
    let values: Vec<Json<'_>> = texts
        .iter()
        .map(|text| Json::parse(text))
        .collect::<Result<_, _>>()
        .map_err(io::Error::from)?;
    let mut names: Vec<&str> = fields.to_vec();
    for value in &values {
        if let Json::Object(members) = value {
            for (name, _) in members.iter().filter(|(name, _)| name != "schema") {
                if !names.contains(&name.as_ref()) {
                    names.push(name);
                }
            }
        }
    }
    let mut writer = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| Failure::from(io::Error::from(error));
    if !names.is_empty() {
        writer.write_record(&names).map_err(failed)?;
    }
    for value in &values {
        let cells = names
            .iter()
            .map(|name| value.get(name).and_then(Json::text).unwrap_or_default());
        writer
            .write_record(cells.map(|cell| cell.into_owned()))
            .map_err(failed)?;
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(percent(Some(0.078)), "7.80 %");
        assert_eq!(percent(Some(0.5)), "50.0 %");
        assert_eq!(percent(None), "–");
    }

    #[test]
    fn a_markdown_cell_stays_in_its_row_and_column() {
        assert_eq!(
            markdown_cell("a|b\n\x1b[2J\\|"),
            r"a\|b⟨U+000A⟩⟨U+001B⟩[2J\\\|"
        );
    }
}
