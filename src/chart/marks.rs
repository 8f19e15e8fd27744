//! What the verdict adds to the trend: the incident's span, its onset with the interval, and the usual share.

use plotters::prelude::DrawingBackend;

use crate::model::time::Timestamp;

use crate::chart::canvas::{Align, Canvas, text_width};
use crate::chart::error::ChartError;
use crate::chart::frame::SHARE_CAPTION;
use crate::chart::label;
use crate::chart::layout::TEXT_SIZE;
use crate::chart::palette::Role;
use crate::chart::spec::Mark;
use crate::chart::trend::{Trend, top_of};

impl Trend<'_> {
    /// The span of the incident, through both plots.
    pub(super) fn draw_span<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        let mark = self.spec.mark.unwrap_or_default();
        let (Some(onset), plot) = (mark.onset, &self.layout.shares) else {
            return Ok(());
        };
        let end = mark.end.unwrap_or(self.spec.range.until);
        let (from, to) = (self.x(onset), self.x(end));
        if to <= from {
            return Ok(());
        }
        let bottom = self.layout.calls.bottom;
        canvas.rect(Role::Incident, 0.10, (from, plot.top), (to, bottom))
    }

    pub(super) fn draw_baseline<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        let mark = self.spec.mark.unwrap_or_default();
        let Some(rate) = baseline(&mark) else {
            return Ok(());
        };
        let plot = &self.layout.shares;
        let y = plot.y(rate, top_of(&self.share_ticks));
        canvas.line(Role::Baseline, 2, vec![(plot.left, y), (plot.right, y)])
    }

    /// The onset as a line, its interval as a bracket at the top of the plot.
    pub(super) fn draw_onset<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
    ) -> Result<(), ChartError> {
        let mark = self.spec.mark.unwrap_or_default();
        let Some(onset) = mark.onset.filter(|at| self.spec.range.contains(*at)) else {
            return Ok(());
        };
        let (x, top) = (self.x(onset), self.layout.shares.top);
        canvas.line(
            Role::Onset,
            1,
            vec![(x, top), (x, self.layout.calls.bottom)],
        )?;
        let low = self.x(mark.onset_low.unwrap_or(onset)).min(x);
        let high = self.x(mark.onset_high.unwrap_or(onset)).max(x);
        let bracket = vec![
            (low, top - 2),
            (low, top - 7),
            (high, top - 7),
            (high, top - 2),
        ];
        canvas.line(Role::Onset, 2, bracket)?;
        if let Some(end) = mark.end.filter(|at| self.spec.range.contains(*at)) {
            let x = self.x(end);
            let bottom = self.layout.calls.bottom;
            canvas.line(Role::Onset, 1, vec![(x, top), (x, bottom)])?;
        }
        self.draw_onset_label(canvas, onset, (low, high))
    }

    /// Above the plot, beside the bracket and clear of the axis caption, so that it covers no data.
    fn draw_onset_label<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        onset: Timestamp,
        (low, high): (i32, i32),
    ) -> Result<(), ChartError> {
        let text = format!("onset {}", label::clock(onset));
        let plot = &self.layout.shares;
        let caption_end = plot.left + text_width(TEXT_SIZE, SHARE_CAPTION) + 10;
        let room = text_width(TEXT_SIZE, &text) + 6;
        let y = plot.top - 10;
        let left = (high + 6).max(caption_end);
        if left + room <= self.layout.width {
            return canvas.text(Role::Onset, TEXT_SIZE, Align::Left, (left, y), &text);
        }
        canvas.text(Role::Onset, TEXT_SIZE, Align::Right, (low - 6, y), &text)
    }
}

/// The usual share as far as it can be drawn.
pub(super) fn baseline(mark: &Mark) -> Option<f64> {
    mark.baseline_rate
        .filter(|rate| rate.is_finite())
        .map(|rate| rate.clamp(0.0, 1.0))
}
