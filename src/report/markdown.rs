//! Blocks to Markdown, to paste into a case. Text of a log can neither open nor close markup: inline it is escaped,
//! as a block it stands between fences that are longer than any run of backticks inside.

use crate::model::visible;
use crate::report::block::{Block, Fact, Kind, Table};
use crate::report::error::ReportError;
use crate::report::input::ReportInput;
use crate::report::page::{check_size, title_of};
use crate::report::sections::SECTIONS;

/// The report with the same sections and numbers as the page; the picture's numbers stand in a table.
pub fn render_markdown(input: &ReportInput<'_>) -> Result<String, ReportError> {
    let mut out = format!("# {}\n", escape(&title_of(input)));
    for section in SECTIONS.iter().filter(|s| (s.applies)(input)) {
        out.push_str(&format!("\n## {}\n", section.title));
        for block in (section.body)(input)? {
            push_block(&mut out, &block);
        }
    }
    check_size(out)
}

fn push_block(out: &mut String, block: &Block) {
    let text = match block {
        Block::Paragraph(text) => escape(text),
        Block::Callout { title, text, .. } => {
            format!("> **{}**\n>\n> {}", escape(title), escape(text))
        }
        Block::Heading(text) => format!("### {}", escape(text)),
        Block::Facts(facts) => lines_of(facts, write_fact),
        Block::List(items) => lines_of(items, |item| format!("- {}", escape(item))),
        Block::Table(table) => write_table(table),
        Block::Code { label, text } => format!("{}:\n\n{}", escape(label), fence(text)),
        Block::Picture(_) => return,
    };
    out.push('\n');
    out.push_str(&text);
    out.push('\n');
}

fn lines_of<T>(items: &[T], line: impl Fn(&T) -> String) -> String {
    items.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn write_fact(fact: &Fact) -> String {
    format!(
        "- **{}:** {}",
        escape(fact.label),
        inline(fact.kind, &fact.value)
    )
}

fn inline(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Code if !text.trim().is_empty() => code_span(text),
        _ => escape(text),
    }
}

fn write_table(table: &Table) -> String {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        format!("{}:", escape(&table.caption)),
        String::new(),
        row(table.columns.iter().map(|c| escape(c.0)).collect()),
        row(table.columns.iter().map(|c| rule(c.1).to_owned()).collect()),
    ];
    for cells in &table.rows {
        let cells = cells.iter().zip(&table.columns);
        lines.push(row(cells.map(|(text, c)| cell(c.1, text)).collect()));
    }
    if table.rows_left_out > 0 {
        lines.push(format!("\nand {} more rows", table.rows_left_out));
    }
    lines.join("\n")
}

fn rule(kind: Kind) -> &'static str {
    if kind == Kind::Number { "--:" } else { "---" }
}

/// A bar ends a cell even inside a code span, so it is escaped there as well.
fn cell(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Code if !text.trim().is_empty() => code_span(text).replace('|', "\\|"),
        _ => escape(text),
    }
}

/// Letters of one line without any meaning for Markdown; an address does not become a link.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible::line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out.replace("://", "\\://")
}

fn code_span(text: &str) -> String {
    let text = visible::line(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn fence(text: &str) -> String {
    let text = visible::lines(text);
    let ticks = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{ticks}text\n{}\n{ticks}", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(fence("a\n````\nb"), "`````text\na\n````\nb\n`````");
        assert_eq!(fence("x"), "```text\nx\n```");
    }

    #[test]
    fn inline_text_has_no_markup() {
        assert_eq!(escape("a|b\nc"), "a\\|b⟨U+000A⟩c");
        assert_eq!(
            escape("<img> [x](http://y)"),
            "\\<img\\> \\[x\\](http\\://y)"
        );
        assert_eq!(code_span("a`b"), "``a`b``");
        assert_eq!(cell(Kind::Code, "a|b"), "`a\\|b`");
    }
}
