//! The picture itself: shares of 429 and 5xx as steps, the volume of calls as bars below, and the verdict's marks.
//!
//! It is drawn in pixels and not with the library's chart builder, because gaps, an honest zero and labels that fit
//! 280 pixels are easier to promise than to configure.

use plotters::prelude::DrawingBackend;

use crate::model::time::Timestamp;

use super::axis::{count_ticks, share_ticks, time_ticks};
use super::canvas::{Align, Canvas, Dot, text_width};
use super::error::ChartError;
use super::label;
use super::layout::{Layout, Plot, TEXT_SIZE, TITLE_SIZE};
use super::palette::Role;
use super::series::{Point, merge_rows};
use super::spec::{Mark, POINTS_MAX, TrendSpec};

/// A point narrower than this many pixels cannot be told from its neighbour.
const POINT_WIDTH_MIN: usize = 2;

/// Everything that is known before the first stroke.
pub struct Trend<'a> {
    pub spec: TrendSpec<'a>,
    pub points: Vec<Point>,
    pub layout: Layout,
    legend: Vec<Vec<(Role, String)>>,
    share_ticks: Vec<f64>,
    count_ticks: Vec<f64>,
}

impl<'a> Trend<'a> {
    pub fn new(spec: &TrendSpec<'a>) -> Self {
        let size = spec.size();
        let points_max = POINTS_MAX.min((size.0 as usize).saturating_sub(70) / POINT_WIDTH_MIN);
        let points = merge_rows(spec.rows, spec.range, points_max);
        let mark = spec.mark.unwrap_or_default();
        let legend = legend_lines(legend(&mark), size.0 as i32);
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

    /// The span of the incident, through both plots.
    fn draw_span<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
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

    fn draw_axes<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
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

    fn draw_calls<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let plot = &self.layout.calls;
        for point in self.points.iter().filter(|p| p.requests > 0) {
            let (from, to) = (self.x(point.start), self.x(point.end()));
            let gap = i32::from(to - from > 3);
            let y = plot.y(point.requests as f64, top_of(&self.count_ticks));
            // A single call beside ten thousand is still a call: one pixel at least.
            let y = y.min(plot.bottom - 1);
            let to = (to - gap).max(from + 1);
            canvas.rect(Role::Calls, 1.0, (from, y), (to, plot.bottom))?;
        }
        Ok(())
    }

    fn draw_baseline<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let mark = self.spec.mark.unwrap_or_default();
        let Some(rate) = baseline(&mark) else {
            return Ok(());
        };
        let plot = &self.layout.shares;
        let y = plot.y(rate, top_of(&self.share_ticks));
        canvas.line(Role::Baseline, 2, vec![(plot.left, y), (plot.right, y)])
    }

    fn draw_shares<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        for path in self.steps(Point::share_429) {
            canvas.line(Role::Throttled, 2, path)?;
        }
        for path in self.steps(Point::share_5xx) {
            canvas.line(Role::ServerErrors, 2, path)?;
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

    /// The onset as a line, its interval as a bracket at the top of the plot.
    fn draw_onset<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
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

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
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

    fn draw_time_axis<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), ChartError> {
        let plot = &self.layout.calls;
        canvas.line(
            Role::Axis,
            1,
            vec![(plot.left, plot.bottom), (plot.right, plot.bottom)],
        )?;
        let wanted = ((plot.right - plot.left) / 76).max(2) as usize;
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

    fn x(&self, at: Timestamp) -> i32 {
        self.layout.shares.x(at, self.spec.range)
    }
}

const SWATCH: i32 = 26;

const SHARE_CAPTION: &str = "share of calls";

fn entry_width(text: &str) -> i32 {
    SWATCH + text_width(TEXT_SIZE, text) + 18
}

fn legend(mark: &Mark) -> Vec<(Role, String)> {
    let mut entries = vec![
        (Role::ServerErrors, "5xx".to_owned()),
        (Role::Throttled, "429".to_owned()),
        (Role::Calls, "calls".to_owned()),
    ];
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
fn legend_lines(entries: Vec<(Role, String)>, width: i32) -> Vec<Vec<(Role, String)>> {
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

fn baseline(mark: &Mark) -> Option<f64> {
    mark.baseline_rate
        .filter(|rate| rate.is_finite())
        .map(|rate| rate.clamp(0.0, 1.0))
}

fn highest_share(points: &[Point], mark: &Mark) -> f64 {
    points
        .iter()
        .flat_map(|p| [p.share_429(), p.share_5xx()])
        .flatten()
        .fold(baseline(mark).unwrap_or(0.0), f64::max)
}

fn top_of(ticks: &[f64]) -> f64 {
    ticks.last().copied().unwrap_or(1.0)
}
