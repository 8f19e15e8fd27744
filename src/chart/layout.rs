//! Where things stand in the picture: two plots above one another on one time axis.

use crate::model::time::{TimeRange, Timestamp};

pub const TITLE_SIZE: u32 = 17;
pub const TEXT_SIZE: u32 = 14;
const LINE: i32 = 18;

/// The upper plot takes this share of the height that both have.
const SHARE_PLOT: f64 = 0.68;

/// A rectangle of pixels that data are drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plot {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Plot {
    /// The height of a value on an axis that ends at `top_value`; values above it stay at the top.
    pub fn y(&self, value: f64, top_value: f64) -> i32 {
        let part = if top_value > 0.0 {
            (value / top_value).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.bottom - (part * f64::from(self.bottom - self.top)).round() as i32
    }

    /// The column of an instant; instants outside the range stand at its ends.
    pub fn x(&self, at: Timestamp, range: TimeRange) -> i32 {
        let whole = range.until.micros() as f64 - range.since.micros() as f64;
        let part = at.micros() as f64 - range.since.micros() as f64;
        let share = if whole > 0.0 {
            (part / whole).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.left + (share * f64::from(self.right - self.left)).round() as i32
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub title_y: i32,
    /// The first line of the legend; more lines push the plots down.
    pub legend_y: i32,
    pub shares: Plot,
    pub calls: Plot,
    pub time_labels_y: i32,
    pub zone_y: i32,
    pub width: i32,
}

impl Layout {
    pub fn new((width, height): (u32, u32), legend_lines: usize) -> Self {
        let (width, height) = (width as i32, height as i32);
        let (left, right) = (54, width - 14);
        let legend_y = 36;
        let top = legend_y + LINE * legend_lines as i32 + 14;
        let bottom = (height - 2 * LINE - 6).max(top + 40);
        let middle = top + ((bottom - top) as f64 * SHARE_PLOT) as i32;
        Self {
            title_y: 14,
            legend_y,
            shares: Plot {
                left,
                right,
                top,
                bottom: middle - 14,
            },
            calls: Plot {
                left,
                right,
                top: middle + 14,
                bottom,
            },
            time_labels_y: bottom + 13,
            zone_y: bottom + 13 + LINE,
            width,
        }
    }

    pub fn legend_line_y(&self, line: usize) -> i32 {
        self.legend_y + LINE * line as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::tests::range;

    #[test]
    fn values_and_instants_stay_inside() {
        let plot = Layout::new((280, 200), 3).calls;
        assert_eq!(plot.y(f64::INFINITY, 1.0), plot.top);
        assert_eq!(plot.y(f64::NAN, 1.0), plot.bottom);
        assert_eq!(plot.x(Timestamp::from_secs(99), range(0, 10)), plot.right);
        assert_eq!(plot.x(Timestamp::from_secs(5), range(5, 5)), plot.left);
    }

    #[test]
    fn the_plots_do_not_cross_at_any_size() {
        for size in [(280, 200), (900, 360), (4_000, 3_000)] {
            let layout = Layout::new(size, 2);
            assert!(layout.shares.top < layout.shares.bottom);
            assert!(layout.shares.bottom < layout.calls.top);
            assert!(layout.calls.top < layout.calls.bottom);
        }
    }
}
