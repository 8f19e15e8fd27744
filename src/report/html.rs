//! Blocks to HTML. Every text passes through maud, which escapes it, after the invisible was written out.

use maud::{Markup, PreEscaped, html};

use crate::model::visible;
use crate::report::block::{Block, Fact, Kind, Table, Tone};

pub fn render_block(block: &Block) -> Markup {
    match block {
        Block::Paragraph(text) => html! { p { (visible::line(text)) } },
        Block::Callout { tone, title, text } => render_callout(*tone, title, text),
        Block::Heading(text) => html! { h3 { (visible::line(text)) } },
        Block::Facts(facts) => render_facts(facts),
        Block::List(items) => html! { ul { @for item in items { li { (visible::line(item)) } } } },
        Block::Table(table) => render_table(table),
        Block::Code { label, text } => render_code(label, text),
        // Drawn by `chart`, which escapes what it writes.
        Block::Picture(svg) => html! { figure.chart { (PreEscaped(svg)) } },
    }
}

fn render_callout(tone: Tone, title: &str, text: &str) -> Markup {
    let (class, sign) = match tone {
        Tone::Act => ("callout act", "▲"),
        Tone::Wait => ("callout wait", "◆"),
        Tone::Calm => ("callout calm", "●"),
    };
    html! {
        div class=(class) {
            p.callout-title { span aria-hidden="true" { (sign) " " } (visible::line(title)) }
            p { (visible::line(text)) }
        }
    }
}

fn render_facts(facts: &[Fact]) -> Markup {
    html! {
        dl.facts {
            @for fact in facts {
                div { dt { (fact.label) } dd { (render_inline(fact.kind, &fact.value)) } }
            }
        }
    }
}

fn render_inline(kind: Kind, text: &str) -> Markup {
    match kind {
        Kind::Code => html! { code { (mark_stand_ins(&visible::line(text))) } },
        Kind::Text | Kind::Number => html! { (visible::line(text)) },
    }
}

fn render_table(table: &Table) -> Markup {
    html! {
        div.table {
            table {
                caption { (visible::line(&table.caption)) }
                thead { tr { @for (title, kind) in &table.columns {
                    th scope="col" class=[number_class(*kind)] { (title) }
                } } }
                tbody { @for row in &table.rows { (render_row(table, row)) } }
            }
            @if table.rows_left_out > 0 { p.note { "and " (table.rows_left_out) " more rows" } }
        }
    }
}

fn render_row(table: &Table, row: &[String]) -> Markup {
    html! {
        tr { @for (i, (cell, (_, kind))) in row.iter().zip(&table.columns).enumerate() {
            @if i == 0 { th scope="row" class=[number_class(*kind)] { (render_inline(*kind, cell)) } }
            @else { td class=[number_class(*kind)] { (render_inline(*kind, cell)) } }
        } }
    }
}

fn number_class(kind: Kind) -> Option<&'static str> {
    (kind == Kind::Number).then_some("number")
}

fn render_code(label: &str, text: &str) -> Markup {
    html! {
        figure.code {
            figcaption { (visible::line(label)) }
            // A page can be scrolled there with the keys only when it can have the focus.
            pre tabindex="0" { (mark_stand_ins(&visible::lines(text))) }
        }
    }
}

/// Stand-ins for masked values are set off, so that a reader sees at once what was replaced.
fn mark_stand_ins(text: &str) -> Markup {
    let mut rest = text;
    let mut parts: Vec<(&str, bool)> = Vec::new();
    while let Some(start) = rest.find('‹') {
        let Some(length) = rest[start..].find('›') else {
            break;
        };
        let end = start + length + '›'.len_utf8();
        parts.push((&rest[..start], false));
        parts.push((&rest[start..end], true));
        rest = &rest[end..];
    }
    parts.push((rest, false));
    html! { @for (part, masked) in parts { @if masked { mark { (part) } } @else { (part) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_log_stays_text() {
        let block = Block::Code {
            label: "<b>".into(),
            text: "<script>alert(1)</script>\u{202e}".into(),
        };
        let html = render_block(&block).into_string();
        assert!(html.contains("&lt;script&gt;") && html.contains("⟨U+202E⟩"));
        assert!(!html.contains("<script") && !html.contains("<b>"));
    }

    #[test]
    fn stand_ins_are_set_off_and_half_ones_are_not() {
        let html = mark_stand_ins("a ‹token:k1:abc› b ‹half").into_string();
        assert_eq!(html, "a <mark>‹token:k1:abc›</mark> b ‹half");
    }
}
