//! Walks every series of the evidence once and keeps what the verdicts need.

use crate::model::evidence::Evidence;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::verdict::begun::Begun;
use crate::verdict::engine::Track;
use crate::verdict::found::{Ending, Found};
use crate::verdict::grid::{Grid, Group, Lane, failures, group};
use crate::verdict::novel::{self, Novel};
use crate::verdict::reproducible::Outside;
use crate::verdict::settings::Settings;
use crate::verdict::slices;
use crate::verdict::thresholds as limits;

/// One integration after the walk.
pub struct Surveyed {
    pub group: Group,
    pub classes: Vec<ClassSurvey>,
    pub novel: Vec<Novel>,
    /// Combinations that failed nearly every time.
    pub slices: Vec<slices::Found>,
}

/// One class of failures of one integration.
pub struct ClassSurvey {
    pub class: Class,
    /// `None` when nothing of the class ever failed.
    pub whole: Option<Walked>,
    /// The operations that had episodes or bursts.
    pub operations: Vec<Walked>,
}

/// A series after its walk.
pub struct Walked {
    pub operation: Option<String>,
    pub grid: Grid,
    /// The grid's cell at which the track begins.
    pub first: usize,
    pub track: Track,
    /// When the calls began that failed, where that is known.
    pub begun: Option<Begun>,
}

/// The classes every integration is judged for; the latter two only where there is any.
const CLASSES: [Class; 4] = [
    Class::ServerError,
    Class::Throttled,
    Class::NoResponse,
    Class::ErrorCode,
];

pub fn survey(evidence: &Evidence, settings: &Settings) -> Vec<Surveyed> {
    group(evidence)
        .into_iter()
        .map(|group| survey_group(group, evidence, settings))
        .collect()
}

fn survey_group(group: Group, evidence: &Evidence, settings: &Settings) -> Surveyed {
    let mut classes: Vec<ClassSurvey> = CLASSES
        .into_iter()
        .filter(|class| is_judged(*class, &group.whole))
        .map(|class| survey_class(&group, class, settings))
        .collect();
    for class in &mut classes {
        class.look_at_calls(evidence, &group.integration);
    }
    let novel = novel::find(
        evidence,
        &group.integration,
        group.grid.start(0),
        group.grid.watermark,
    );
    let slices = slices::find(evidence, &group.integration, group.grid.watermark);
    Surveyed {
        group,
        classes,
        novel,
        slices,
    }
}

fn is_judged(class: Class, whole: &Lane) -> bool {
    matches!(class, Class::ServerError | Class::Throttled) || failed(whole, class) > 0
}

fn survey_class(group: &Group, class: Class, settings: &Settings) -> ClassSurvey {
    let slices = group.operations.len();
    let sums = running_sums(&group.whole, class, group.grid.cells);
    let walk = |lane: &Lane, sums: Option<&[Outside]>| {
        Walked::walk(lane, class, &group.grid, slices, settings, sums)
    };
    let whole = (failed(&group.whole, class) > 0).then(|| walk(&group.whole, None));
    let operations = group
        .operations
        .iter()
        .filter(|lane| failed(lane, class) >= u64::from(limits::VOTES_MIN))
        .map(|lane| walk(lane, Some(&sums)))
        .filter(|walked| walked.has_findings())
        .collect();
    ClassSurvey {
        class,
        whole,
        operations,
    }
}

fn failed(lane: &Lane, class: Class) -> u64 {
    let failed = lane.cells.iter().map(|(_, counts)| failures(counts, class));
    failed.fold(0, u64::saturating_add)
}

/// Requests and failures up to and including each cell.
fn running_sums(lane: &Lane, class: Class, cells: usize) -> Vec<Outside> {
    let mut sums = vec![Outside::default(); cells];
    for (cell, counts) in &lane.cells {
        sums[*cell].n = counts.requests as f64;
        sums[*cell].k = failures(counts, class) as f64;
    }
    for cell in 1..cells {
        let before = sums[cell - 1];
        sums[cell].n += before.n;
        sums[cell].k += before.k;
    }
    sums
}

impl ClassSurvey {
    fn look_at_calls(&mut self, evidence: &Evidence, integration: &str) {
        for walked in self.whole.iter_mut().chain(&mut self.operations) {
            let operation = walked.operation.as_deref();
            walked.begun = Begun::of(evidence, integration, operation, self.class);
        }
    }
}

impl Walked {
    /// Plays the lane through a track, empty cells included, up to its last request.
    fn walk(
        lane: &Lane,
        class: Class,
        grid: &Grid,
        slices: usize,
        settings: &Settings,
        sums: Option<&[Outside]>,
    ) -> Self {
        let first = lane.cells.first().map_or(0, |(cell, _)| *cell);
        let begin = grid.first + first as i64;
        let mut track = Track::new(settings, grid.cell_minutes, begin, slices);
        let mut own = Outside::default();
        for (cell, counts) in &lane.cells {
            while first + track.history.len() < *cell {
                track.push(0.0, 0.0, Outside::default());
            }
            let (n, k) = (counts.requests as f64, failures(counts, class) as f64);
            own = Outside {
                n: own.n + n,
                k: own.k + k,
            };
            track.push(n, k, outside(sums, *cell, own));
        }
        Self {
            operation: lane.operation.clone(),
            grid: *grid,
            first,
            track,
            begun: None,
        }
    }

    fn has_findings(&self) -> bool {
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

fn outside(sums: Option<&[Outside]>, cell: usize, own: Outside) -> Outside {
    let all = sums.and_then(|sums| sums.get(cell)).copied();
    let all = all.unwrap_or_default();
    Outside {
        n: (all.n - own.n).max(0.0),
        k: (all.k - own.k).max(0.0),
    }
}
