//! The picture itself: shares of 429, 5xx and missing answers as steps, and the volume of calls as bars below. What is around them
//! stands in `frame`, `legend` and `marks`.
//!
//! It is drawn in pixels and not with the library's chart builder, because gaps, an honest zero and labels that fit
//! 280 pixels are easier to promise than to configure.

use plotters::prelude::DrawingBackend;

use crate::model::time::Timestamp;

use crate::chart::axis::{count_ticks, share_ticks};
use crate::chart::canvas::{Align, Canvas, Dot, text_width};
use crate::chart::error::ChartError;
use crate::chart::label;
use crate::chart::layout::{Layout, TITLE_SIZE};
use crate::chart::legend::{legend, legend_lines};
use crate::chart::marks::baseline;
use crate::chart::palette::Role;
use crate::chart::series::{Point, merge_rows};
use crate::chart::spec::{Mark, POINTS_MAX, TrendSpec};

/// A point narrower than this many pixels cannot be told from its neighbour.
const POINT_WIDTH_MIN: usize = 2;

/// Everything that is known before the first stroke.
pub struct Trend<'a> {
    pub spec: TrendSpec<'a>,
    pub points: Vec<Point>,
    pub layout: Layout,
    pub legend: Vec<Vec<(Role, String)>>,
    pub share_ticks: Vec<f64>,
    pub count_ticks: Vec<f64>,
}

impl<'a> Trend<'a> {
    pub fn new(spec: &TrendSpec<'a>) -> Self {
        let size = spec.size();
        let points_max = POINTS_MAX.min((size.0 as usize).saturating_sub(70) / POINT_WIDTH_MIN);
        let points = merge_rows(spec.rows, spec.range, points_max);
        let mark = spec.mark.unwrap_or_default();
        let unanswered = has_unanswered(&points);
        let legend = legend_lines(legend(&mark, unanswered), size.0 as i32);
        Self {
            spec: *spec,
            layout: Layout::new(size, legend.len()),
            legend,
            share_ticks: share_ticks(highest_share(&points, &mark), 4),
            count_ticks: count_ticks(points.iter().map(|p| p.requests).max().unwrap_or(0), 2),
            points,
        }
    }

    pub fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        canvas.fill(Role::Background)?;
        self.draw_title(canvas)?;
        if self.points.iter().all(|p| p.requests == 0) {
            self.draw_no_data(canvas)?;
        } else {
            self.draw_span(canvas)?;
            self.draw_axes(canvas)?;
            self.draw_calls(canvas)?;
            self.draw_baseline(canvas)?;
            self.draw_shares(canvas)?;
            self.draw_onset(canvas)?;
            self.draw_legend(canvas)?;
        }
        self.draw_time_axis(canvas)?;
        canvas.finish()
    }

    fn draw_title<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let room = self.layout.width - 20;
        let mut title = label::clean(self.spec.title, 120);
        for chars_max in (8..=120).rev().step_by(8) {
            if text_width(TITLE_SIZE, &title) <= room {
                break;
            }
            title = label::clean(self.spec.title, chars_max);
        }
        let at = (10, self.layout.title_y);
        canvas.text(Role::Text, TITLE_SIZE, Align::Left, at, &title)
    }

    fn draw_no_data<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let (shares, calls) = (&self.layout.shares, &self.layout.calls);
        let x = i32::midpoint(shares.left, shares.right);
        let y = i32::midpoint(shares.top, calls.bottom);
        canvas.text(
            Role::Muted,
            TITLE_SIZE,
            Align::Middle,
            (x, y),
            "no data in this range",
        )
    }

    fn draw_calls<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let plot = &self.layout.calls;
        for point in self.points.iter().filter(|p| p.requests > 0) {
            let (from, to) = (self.x(point.start), self.x(point.end()));
            let gap = i32::from(to - from > 6);
            let y = plot.y(point.requests as f64, top_of(&self.count_ticks));
            // A single call beside ten thousand is still a call: one pixel at least.
            let y = y.min(plot.bottom - 1);
            let to = (to - gap).max(from + 1);
            canvas.rect(Role::Calls, 1.0, (from, y), (to, plot.bottom))?;
        }
        Ok(())
    }

    fn draw_shares<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        for path in self.steps(Point::share_429) {
            canvas.line(Role::Throttled, 2, path)?;
        }
        for path in self.steps(Point::share_5xx) {
            canvas.line(Role::ServerErrors, 2, path)?;
        }
        if !has_unanswered(&self.points) {
            return Ok(());
        }
        for path in self.steps(Point::share_no_response) {
            canvas.line(Role::NoResponse, 2, path)?;
        }
        Ok(())
    }

    /// One path for each run of points without a gap between them.
    fn steps(&self, share: fn(&Point) -> Option<f64>) -> Vec<Vec<Dot>> {
        let top = top_of(&self.share_ticks);
        let mut paths: Vec<Vec<Dot>> = Vec::new();
        let mut reached = None;
        for point in &self.points {
            let Some(value) = share(point) else {
                continue;
            };
            let y = self.layout.shares.y(value, top);
            let (from, to) = (self.x(point.start), self.x(point.end()));
            if reached != Some(point.start) {
                paths.push(Vec::new());
            }
            if let Some(path) = paths.last_mut() {
                path.extend([(from, y), (to.max(from + 1), y)]);
            }
            reached = Some(point.end());
        }
        paths
    }

    pub fn x(&self, at: Timestamp) -> i32 {
        self.layout.shares.x(at, self.spec.range)
    }
}

/// Most integrations always get an answer; a third line at zero would only hide the others.
pub(super) fn has_unanswered(points: &[Point]) -> bool {
    points.iter().any(|p| p.no_response > 0)
}

fn highest_share(points: &[Point], mark: &Mark) -> f64 {
    points
        .iter()
        .flat_map(|p| [p.share_429(), p.share_5xx(), p.share_no_response()])
        .flatten()
        .fold(baseline(mark).unwrap_or(0.0), f64::max)
}

pub(super) fn top_of(ticks: &[f64]) -> f64 {
    ticks.last().copied().unwrap_or(1.0)
}
