//! The axes of the trend: values at the left, one time axis below both plots, and the zone.

use plotters::prelude::DrawingBackend;

use crate::chart::axis::time_ticks;
use crate::chart::canvas::{Align, Canvas, text_width};
use crate::chart::error::ChartError;
use crate::chart::label;
use crate::chart::layout::{Plot, TEXT_SIZE};
use crate::chart::palette::Role;
use crate::chart::trend::{Trend, top_of};

pub const SHARE_CAPTION: &str = "share of calls";

/// Pixels that a time label needs; closer ticks would write over each other.
const TIME_LABEL_WIDTH: i32 = 76;

impl Trend<'_> {
    pub(super) fn draw_axes<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        let shares = &self.layout.shares;
        let calls = &self.layout.calls;
        draw_value_axis(canvas, shares, &self.share_ticks, label::percent)?;
        draw_value_axis(canvas, calls, &self.count_ticks, label::count)?;
        let step = self.points.first().map_or(60, |p| p.step_s);
        let caption = format!("calls per {}", label::step(step));
        let above = |plot: &Plot| (plot.left, plot.top - 10);
        canvas.text(
            Role::Muted,
            TEXT_SIZE,
            Align::Left,
            above(shares),
            SHARE_CAPTION,
        )?;
        canvas.text(Role::Muted, TEXT_SIZE, Align::Left, above(calls), &caption)
    }

    pub(super) fn draw_time_axis<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        let plot = &self.layout.calls;
        canvas.line(
            Role::Axis,
            1,
            vec![(plot.left, plot.bottom), (plot.right, plot.bottom)],
        )?;
        let wanted = ((plot.right - plot.left) / TIME_LABEL_WIDTH).max(2) as usize;
        let mut free_from = 0;
        for tick in time_ticks(self.spec.range, wanted) {
            let x = self.x(tick.at);
            canvas.line(Role::Axis, 1, vec![(x, plot.bottom), (x, plot.bottom + 4)])?;
            let half = text_width(TEXT_SIZE, &tick.text) / 2;
            if x - half < free_from || x + half > self.layout.width {
                continue;
            }
            free_from = x + half + 8;
            let role = if tick.strong { Role::Text } else { Role::Muted };
            let at = (x, self.layout.time_labels_y);
            canvas.text(role, TEXT_SIZE, Align::Middle, at, &tick.text)?;
        }
        self.draw_zone(canvas)
    }

    fn draw_zone<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let range = self.spec.range;
        let (since, until) = (label::minute(range.since), label::minute(range.until));
        let full = format!("{since} – {until}, all times UTC");
        let fits = text_width(TEXT_SIZE, &full) <= self.layout.width - 24;
        let text = if fits { full.as_str() } else { "all times UTC" };
        let at = (self.layout.calls.right, self.layout.zone_y);
        canvas.text(Role::Muted, TEXT_SIZE, Align::Right, at, text)
    }
}

fn draw_value_axis<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    plot: &Plot,
    ticks: &[f64],
    word: fn(f64) -> String,
) -> Result<(), ChartError> {
    for &tick in ticks {
        let y = plot.y(tick, top_of(ticks));
        let role = if tick == 0.0 { Role::Axis } else { Role::Grid };
        canvas.line(role, 1, vec![(plot.left, y), (plot.right, y)])?;
        canvas.text(
            Role::Muted,
            TEXT_SIZE,
            Align::Right,
            (plot.left - 6, y),
            &word(tick),
        )?;
    }
    Ok(())
}
