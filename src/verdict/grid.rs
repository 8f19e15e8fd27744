//! Puts the windows of an integration, whatever their width and order, on one grid of cells.
//!
//! All series of an integration share the grid, so that an operation can be compared with the rest at the same
//! instant. Windows are merged (duplicates add up), those after the watermark are left out, and what lies too long
//! before the last request is cut off, so that a stray date costs nothing.

use std::collections::BTreeMap;

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::model::window::Counts;
use crate::verdict::thresholds::{CELL_MINUTES, CELL_REQUESTS_MAX, WALK_DAYS_MAX};

/// Where cell 0 lies and how wide cells are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    pub cell_minutes: usize,
    /// Absolute number of cell 0, counted from 1970.
    pub first: i64,
    pub cells: usize,
    pub watermark: Timestamp,
}

impl Grid {
    pub fn start(&self, cell: usize) -> Timestamp {
        Timestamp::from_secs((self.first + cell as i64).saturating_mul(self.cell_seconds()))
    }

    /// The end of the last of `cells` cells, which is never after the watermark.
    pub fn end(&self, cells: usize) -> Timestamp {
        self.start(cells).min(self.watermark)
    }

    /// The first cell that ends after `at`.
    pub fn cell_of(&self, at: Timestamp) -> usize {
        let cell = at.secs().div_euclid(self.cell_seconds()) - self.first;
        cell.clamp(0, self.cells as i64) as usize
    }

    /// How many cells lie before `at`, known or not.
    pub fn cells_before(&self, at: Timestamp) -> usize {
        let cells = at.secs().div_euclid(self.cell_seconds()) - self.first;
        usize::try_from(cells).unwrap_or(0)
    }

    fn cell_seconds(&self) -> i64 {
        self.cell_minutes as i64 * 60
    }
}

/// One series on the grid: its cells that had requests, ascending.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    pub operation: Option<String>,
    pub cells: Vec<(usize, Counts)>,
}

impl Lane {
    pub fn requests(&self) -> u64 {
        let requests = self.cells.iter().map(|(_, counts)| counts.requests);
        requests.fold(0, u64::saturating_add)
    }

    pub fn has_failures(&self) -> bool {
        self.cells.iter().any(|(_, counts)| counts.has_failures())
    }

    pub fn has_errors(&self) -> bool {
        self.cells.iter().any(|(_, counts)| counts.has_errors())
    }
}

/// An integration: the whole and its operations.
#[derive(Clone, Debug)]
pub struct Group {
    pub integration: String,
    pub grid: Grid,
    pub whole: Lane,
    pub operations: Vec<Lane>,
}

impl Group {
    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        std::iter::once(&self.whole).chain(&self.operations)
    }

    /// Only the cells from `first` on.
    pub fn since(mut self, first: usize) -> Self {
        for lane in self.operations.iter_mut().chain([&mut self.whole]) {
            lane.cells.retain(|(cell, _)| *cell >= first);
        }
        self.operations.retain(|lane| !lane.cells.is_empty());
        self
    }

    /// The integration on the same grid, without a request.
    pub fn emptied(&self, watermark: Timestamp) -> Self {
        Self {
            integration: self.integration.clone(),
            grid: Grid {
                watermark,
                ..self.grid
            },
            whole: Lane::default(),
            operations: Vec::new(),
        }
    }
}

/// Failures of one class, never more than the requests.
pub fn failures(counts: &Counts, class: Class) -> u64 {
    class.failures(counts).min(counts.requests)
}

/// Every integration of the evidence on its grid, by name.
pub fn group(evidence: &Evidence) -> Vec<Group> {
    let watermark = watermark(evidence);
    by_integration(evidence)
        .into_iter()
        .map(|(name, series)| build(name, &series, lay_out(&series, watermark)))
        .collect()
}

/// What comes after windows that are on a grid already, by name; only integrations that `known` has a grid for.
pub fn group_on<'g>(
    evidence: &Evidence,
    known: impl Fn(&str) -> Option<&'g Grid>,
) -> BTreeMap<String, Group> {
    let watermark = watermark(evidence);
    let all = by_integration(evidence).into_iter();
    all.filter_map(|(name, series)| {
        let grid = go_on(known(name)?, &series, watermark);
        Some((name.to_owned(), build(name, &series, grid)))
    })
    .collect()
}

/// Up to when the data are taken as complete.
pub fn watermark(evidence: &Evidence) -> Timestamp {
    evidence.watermark.unwrap_or_else(|| last_end(evidence))
}

fn by_integration(evidence: &Evidence) -> BTreeMap<&str, Vec<&SeriesHistory>> {
    let mut by_name: BTreeMap<&str, Vec<&SeriesHistory>> = BTreeMap::new();
    for series in &evidence.series {
        by_name.entry(&series.integration).or_default().push(series);
    }
    by_name
}

fn last_end(evidence: &Evidence) -> Timestamp {
    let ends = evidence.series.iter().flat_map(|series| {
        let width = i64::from(series.window_s.max(1));
        series
            .windows
            .iter()
            .map(move |(at, _)| at.plus_secs(width))
    });
    ends.max().unwrap_or(Timestamp::from_secs(0))
}

fn build(name: &str, series: &[&SeriesHistory], grid: Grid) -> Group {
    let mut lanes: BTreeMap<Option<&str>, Vec<(usize, Counts)>> = BTreeMap::new();
    for one in series {
        fill(
            lanes.entry(one.operation.as_deref()).or_default(),
            one,
            &grid,
        );
    }
    let whole = lanes.remove(&None);
    let whole = whole.unwrap_or_else(|| lanes.values().flatten().copied().collect());
    Group {
        integration: name.to_owned(),
        grid,
        // Where only operations were given, the integration is their sum.
        whole: lane(None, whole),
        operations: lanes
            .into_iter()
            .map(|(operation, cells)| lane(operation, cells))
            .collect(),
    }
}

fn lane(operation: Option<&str>, cells: Vec<(usize, Counts)>) -> Lane {
    Lane {
        operation: operation.map(str::to_owned),
        cells: in_order(cells),
    }
}

/// Ascending, one entry a cell.
fn in_order(mut cells: Vec<(usize, Counts)>) -> Vec<(usize, Counts)> {
    // Most evidence is in order as it comes.
    if !cells.is_sorted_by(|(one, _), (next, _)| one < next) {
        cells.sort_by_key(|(cell, _)| *cell);
        cells.dedup_by(|(next, counts), (cell, sum)| {
            let same = next == cell;
            if same {
                *sum += *counts;
            }
            same
        });
    }
    cells
}

fn lay_out(series: &[&SeriesHistory], watermark: Timestamp) -> Grid {
    let width = series.iter().map(|one| one.window_s).max().unwrap_or(60);
    let minutes = (width as usize).div_ceil(60);
    let cell_minutes = CELL_MINUTES
        .into_iter()
        .find(|cell| *cell >= minutes)
        .unwrap_or(1440);
    let cell_s = cell_minutes as i64 * 60;
    let numbers = series
        .iter()
        .flat_map(|one| &one.windows)
        .filter(|(at, counts)| *at < watermark && counts.requests > 0)
        .map(|(at, _)| at.secs().div_euclid(cell_s));
    let (first, last) = numbers.fold((i64::MAX, i64::MIN), |(low, high), cell| {
        (low.min(cell), high.max(cell))
    });
    if first > last {
        return Grid {
            cell_minutes,
            first: watermark.secs().div_euclid(cell_s),
            cells: 0,
            watermark,
        };
    }
    let first = first.max(last - WALK_DAYS_MAX * 86_400 / cell_s + 1);
    Grid {
        cell_minutes,
        first,
        cells: (last - first + 1) as usize,
        watermark,
    }
}

/// The grid with the windows that came after.
fn go_on(grid: &Grid, series: &[&SeriesHistory], watermark: Timestamp) -> Grid {
    let windows = series.iter().flat_map(|one| &one.windows);
    let taken = windows.filter(|(at, counts)| *at < watermark && counts.requests > 0);
    let cells = taken.map(|(at, _)| at.secs().div_euclid(grid.cell_seconds()) + 1 - grid.first);
    let cells = cells.max().map_or(0, |cells| cells.max(0) as usize);
    Grid {
        cells: grid.cells.max(cells),
        watermark,
        ..*grid
    }
}

fn fill(cells: &mut Vec<(usize, Counts)>, series: &SeriesHistory, grid: &Grid) {
    for (at, counts) in &series.windows {
        let cell = at.secs().div_euclid(grid.cell_seconds()) - grid.first;
        if *at >= grid.watermark || counts.requests == 0 || cell < 0 {
            continue;
        }
        cells.push((cell as usize, clipped(counts)));
    }
}

fn clipped(counts: &Counts) -> Counts {
    Counts {
        requests: counts.requests.min(CELL_REQUESTS_MAX),
        ..*counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(requests: u64, server_errors: u64) -> Counts {
        Counts {
            requests,
            server_errors,
            ..Counts::default()
        }
    }

    fn evidence(window_s: u32, windows: Vec<(i64, Counts)>) -> Evidence {
        Evidence {
            series: vec![SeriesHistory {
                integration: "shop".to_owned(),
                operation: None,
                window_s,
                windows: windows
                    .into_iter()
                    .map(|(at, counts)| (Timestamp::from_secs(at), counts))
                    .collect(),
            }],
            ..Evidence::default()
        }
    }

    #[test]
    fn windows_are_sorted_merged_and_put_in_wider_cells() {
        let groups = group(&evidence(
            240,
            vec![
                (720, counts(1, 0)),
                (240, counts(2, 1)),
                (240, counts(3, 1)),
            ],
        ));
        let whole = &groups[0].whole;
        assert_eq!(groups[0].grid.cell_minutes, 5);
        assert_eq!(whole.cells, vec![(0, counts(5, 2)), (2, counts(1, 0))]);
    }

    #[test]
    fn a_gap_of_years_is_cut_off_and_huge_counts_are_clipped() {
        let year = 365 * 86_400;
        let huge = counts(u64::MAX, u64::MAX);
        let groups = group(&evidence(60, vec![(0, huge), (40 * year, huge)]));
        assert!(groups[0].grid.cells <= 62 * 1440);
        assert_eq!(groups[0].whole.cells.len(), 1);
        assert_eq!(groups[0].whole.cells[0].1.requests, CELL_REQUESTS_MAX);
    }
}
