//! The legend: a line for each entry that is drawn, broken where the picture is narrow.

use plotters::prelude::DrawingBackend;

use crate::chart::canvas::{Align, Canvas, Dot, text_width};
use crate::chart::error::ChartError;
use crate::chart::label;
use crate::chart::layout::TEXT_SIZE;
use crate::chart::marks::baseline;
use crate::chart::palette::Role;
use crate::chart::spec::Mark;
use crate::chart::trend::Trend;

/// Pixels from the start of an entry to its word.
const SWATCH: i32 = 26;

impl Trend<'_> {
    pub(super) fn draw_legend<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        for (i, line) in self.legend.iter().enumerate() {
            let y = self.layout.legend_line_y(i);
            let mut x = 10;
            for (role, text) in line {
                draw_swatch(canvas, *role, (x, y))?;
                canvas.text(Role::Text, TEXT_SIZE, Align::Left, (x + SWATCH, y), text)?;
                x += entry_width(text);
            }
        }
        Ok(())
    }
}

pub(super) fn legend(mark: &Mark, unanswered: bool) -> Vec<(Role, String)> {
    let mut entries = vec![
        (Role::ServerErrors, "5xx".to_owned()),
        (Role::Throttled, "429".to_owned()),
    ];
    if unanswered {
        entries.push((Role::NoResponse, "no answer".to_owned()));
    }
    entries.push((Role::Calls, "calls".to_owned()));
    if let Some(rate) = baseline(mark) {
        entries.push((Role::Baseline, format!("usual {}", label::percent(rate))));
    }
    if mark.onset.is_some() {
        entries.push((Role::Onset, "onset, 95 % interval".to_owned()));
        entries.push((Role::Incident, "incident".to_owned()));
    }
    entries
}

/// The entries broken into lines that fit the width.
pub(super) fn legend_lines(entries: Vec<(Role, String)>, width: i32) -> Vec<Vec<(Role, String)>> {
    let mut lines = vec![Vec::new()];
    let mut used = 10;
    for entry in entries {
        let wide = entry_width(&entry.1);
        if used + wide > width && used > 10 {
            lines.push(Vec::new());
            used = 10;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(entry);
        }
    }
    lines
}

fn entry_width(text: &str) -> i32 {
    SWATCH + text_width(TEXT_SIZE, text) + 18
}

fn draw_swatch<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    role: Role,
    (x, y): Dot,
) -> Result<(), ChartError> {
    match role {
        Role::Calls => canvas.rect(role, 1.0, (x + 4, y - 5), (x + 16, y + 5)),
        Role::Incident => canvas.rect(role, 0.18, (x, y - 6), (x + 20, y + 6)),
        Role::Onset => {
            let bracket = vec![
                (x + 2, y + 3),
                (x + 2, y - 2),
                (x + 18, y - 2),
                (x + 18, y + 3),
            ];
            canvas.line(role, 2, bracket)?;
            canvas.line(role, 1, vec![(x + 10, y - 2), (x + 10, y + 6)])
        }
        _ => canvas.line(role, 2, vec![(x, y), (x + 20, y)]),
    }
}
