//! What a caller asks to have drawn.

use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::Verdict;
use crate::model::window::RateRow;

/// More points than this cannot be told apart on a screen, and the file would grow with the range.
pub const POINTS_MAX: usize = 600;

/// Below this the labels do not fit; above it the picture only costs memory (4 bytes a pixel while it is drawn).
pub const WIDTH_MIN: u32 = 280;
pub const WIDTH_MAX: u32 = 4_000;
pub const HEIGHT_MIN: u32 = 200;
pub const HEIGHT_MAX: u32 = 3_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// What the verdict adds to the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mark {
    pub onset: Option<Timestamp>,
    /// The ends of the interval of the onset.
    pub onset_low: Option<Timestamp>,
    pub onset_high: Option<Timestamp>,
    /// `None` while it goes on: the span then reaches to the end of the range.
    pub end: Option<Timestamp>,
    /// The usual share of failures, 0..1.
    pub baseline_rate: Option<f64>,
}

impl Mark {
    /// The mark of a verdict; `None` when it has neither an onset nor a baseline to show.
    ///
    /// The usual share of one operation says nothing about the share of all calls, so a baseline is drawn only for a
    /// verdict about the whole integration.
    pub fn of(verdict: &Verdict) -> Option<Self> {
        let whole = verdict.series.operation.is_none() && verdict.series.slice.is_none();
        let drawn = verdict.series.class.outcome().is_some();
        let mark = Self {
            onset: verdict.onset,
            onset_low: verdict.onset_low,
            onset_high: verdict.onset_high,
            end: verdict.end,
            baseline_rate: verdict.baseline_rate.filter(|_| whole && drawn),
        };
        (mark.onset.is_some() || mark.baseline_rate.is_some()).then_some(mark)
    }
}

/// One trend chart. Sizes outside the limits above are moved to the nearest one inside.
#[derive(Clone, Copy, Debug)]
pub struct TrendSpec<'a> {
    pub title: &'a str,
    /// In any order; rows of one window (several operations, say) are added up.
    pub rows: &'a [RateRow],
    pub range: TimeRange,
    pub mark: Option<Mark>,
    pub width: u32,
    pub height: u32,
    pub theme: Theme,
}

impl TrendSpec<'_> {
    pub(crate) fn size(&self) -> (u32, u32) {
        (
            self.width.clamp(WIDTH_MIN, WIDTH_MAX),
            self.height.clamp(HEIGHT_MIN, HEIGHT_MAX),
        )
    }
}
