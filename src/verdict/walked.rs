//! One series after its walk: the track, and where it lies in time.

use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::model::window::Counts;
use crate::verdict::begun::Begun;
use crate::verdict::engine::Track;
use crate::verdict::found::{Ending, Found};
use crate::verdict::grid::{Grid, Lane, failures};
use crate::verdict::reproducible::Outside;
use crate::verdict::settings::Settings;

/// A series after its walk.
#[derive(Clone)]
pub struct Walked {
    pub operation: Option<String>,
    pub grid: Grid,
    /// The grid's cell at which the track begins.
    pub first: usize,
    pub track: Track,
    /// When the calls began that failed, where that is known.
    pub begun: Option<Begun>,
    /// Its own requests and failures so far.
    own: Outside,
}

impl Walked {
    /// A walk that begins at the lane's first request.
    pub fn begin(lane: &Lane, grid: &Grid, settings: &Settings) -> Self {
        let first = lane.cells.first().map_or(0, |(cell, _)| *cell);
        Self {
            operation: lane.operation.clone(),
            grid: *grid,
            first,
            track: Track::new(settings, grid.cell_minutes, grid.first + first as i64),
            begun: None,
            own: Outside::default(),
        }
    }

    /// Plays cells through the track, those without requests included; `sums` are those of the whole integration up to
    /// and including each cell from `base` on.
    pub fn push(&mut self, cells: &[(usize, Counts)], class: Class, base: usize, sums: &[Outside]) {
        for (cell, counts) in cells {
            while self.first + self.track.history.len() < *cell {
                self.track.push(0.0, 0.0, Outside::default());
            }
            let (n, k) = (counts.requests as f64, failures(counts, class) as f64);
            self.own.n += n;
            self.own.k += k;
            let all = sums.get(*cell - base).copied().unwrap_or_default();
            let outside = Outside {
                n: (all.n - self.own.n).max(0.0),
                k: (all.k - self.own.k).max(0.0),
                ..all
            };
            self.track.push(n, k, outside);
        }
    }

    pub fn has_findings(&self) -> bool {
        !self.track.book.episodes.is_empty() || !self.track.bursts.is_empty()
    }

    /// The instant at which cell `cell` of the track begins.
    pub fn start(&self, cell: usize) -> Timestamp {
        self.grid.start(self.first + cell)
    }

    /// The instant at which the first `cells` cells of the track end.
    pub fn end(&self, cells: usize) -> Timestamp {
        self.grid.end(self.first + cells)
    }

    /// Seconds from the first request to what is known last.
    pub fn history_seconds(&self) -> i64 {
        self.grid.watermark.secs_since(self.start(0)).max(0)
    }

    /// Every episode in numbers, oldest first, that single calls bear out.
    pub fn found(&self) -> Vec<Found> {
        let episodes = self.track.book.episodes.iter();
        episodes
            .map(|episode| self.silenced(self.track.describe(episode)))
            .filter(|found| self.is_borne_out(found))
            .collect()
    }

    fn is_borne_out(&self, found: &Found) -> bool {
        let end = found
            .end
            .map_or(self.grid.watermark, |(end, _)| self.end(end));
        let from = self.start(found.onset.low.saturating_sub(1));
        let hold = self.track.settings.hold_minutes;
        self.begun
            .as_ref()
            .is_none_or(|begun| begun.bears_out(from, end, hold))
    }

    /// Days without a request end an episode that was open.
    fn silenced(&self, mut found: Found) -> Found {
        let minutes = self.history_seconds() / 60;
        let cells = (minutes / self.grid.cell_minutes as i64) as usize;
        if found.end.is_none() && self.track.ended_in_silence(cells) {
            found.end = Some((self.track.last_data() + 1, Ending::NoData));
        }
        found
    }
}
