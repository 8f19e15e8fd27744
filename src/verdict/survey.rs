//! The state of an integration: every series that can have a verdict, walked as far as its windows are known.
//!
//! [`Survey::push`] takes the next cells of all series at once, be they the whole history or the latest minute, so that
//! what is judged at one go and what is judged as it comes are the same.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::model::evidence::{Evidence, RetryHistory};
use crate::model::share::{share, threads_for};
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::model::window::Counts;
use crate::verdict::begun::Begun;
use crate::verdict::flow::{CLASSES, Flow};
use crate::verdict::grid::{Grid, Group, Lane, failures, group};
use crate::verdict::novel::{self, Novel};
use crate::verdict::reproducible::Outside;
use crate::verdict::settings::Settings;
use crate::verdict::slices;
use crate::verdict::thresholds as limits;
use crate::verdict::walked::Walked;

/// One integration after the walk.
#[derive(Clone)]
pub struct Survey {
    pub integration: String,
    pub grid: Grid,
    pub whole: Flow,
    pub operations: BTreeMap<String, Flow>,
    pub classes: Vec<ClassSurvey>,
    pub seen: Arc<Seen>,
}

/// What single requests told.
#[derive(Default)]
pub struct Seen {
    pub novel: Vec<Novel>,
    /// Combinations that failed nearly every time.
    pub slices: Vec<slices::Found>,
    /// `None` where nothing is known of retries.
    pub retries: Option<Vec<RetryHistory>>,
}

/// One class of failures of one integration.
#[derive(Clone)]
pub struct ClassSurvey {
    pub class: Class,
    /// `None` when nothing of the class ever failed.
    pub whole: Option<Walked>,
    /// The operations that failed often enough to be walked.
    pub operations: Vec<Walked>,
    /// All requests and failures so far.
    sum: Outside,
}

/// Every integration with its whole history.
pub fn survey(evidence: &Evidence, settings: &Settings) -> Vec<Survey> {
    let surveys = walk_each(group(evidence), |group, threads| {
        let mut survey = Survey::begin(group, settings);
        survey.push(group, 0..group.grid.cells, threads);
        survey.look(evidence);
        survey.leave_out_calm();
        survey
    });
    surveys.into_iter().map(|(_, survey)| survey).collect()
}

/// Does what `walk` says for each integration, with as many threads as there is work: one integration with many, many
/// with one each.
pub fn walk_each<T: Send>(
    groups: Vec<Group>,
    walk: impl Fn(&Group, usize) -> T + Sync,
) -> Vec<(Group, T)> {
    let cells = |group: &Group| group.lanes().map(|lane| lane.cells.len()).sum::<usize>();
    let threads = threads_for(groups.iter().map(cells).sum());
    let (across, within) = match groups.len() {
        1 => (1, threads),
        _ => (threads, 1),
    };
    share(groups, across, |group| {
        let walked = walk(&group, within);
        (group, walked)
    })
}

impl Survey {
    /// Begins the walks that the whole history of the integration asks for.
    pub fn begin(group: &Group, settings: &Settings) -> Self {
        let classes = CLASSES.into_iter().filter(|class| {
            let always = matches!(class, Class::ServerError | Class::Throttled);
            always || failed(&group.whole, *class) > 0
        });
        Self {
            integration: group.integration.clone(),
            grid: group.grid,
            whole: Flow::new(&group.whole, group.grid.cell_minutes),
            operations: BTreeMap::new(),
            classes: classes
                .map(|class| ClassSurvey::begin(class, group, settings))
                .collect(),
            seen: Arc::default(),
        }
    }

    /// Must a walk begin in the past to take these cells?
    pub fn needs_history(&self, next: &Group) -> bool {
        next.lanes().any(|lane| {
            let operation = lane.operation.as_deref();
            let before = self.flow(operation);
            CLASSES.into_iter().any(|class| {
                let failed_before = before.map_or(0, |flow| flow.failed(class));
                let all = failed_before.saturating_add(failed(lane, class));
                all >= failures_walked(lane) && !self.walks(class, operation)
            })
        })
    }

    fn flow(&self, operation: Option<&str>) -> Option<&Flow> {
        match operation {
            Some(name) => self.operations.get(name),
            None => Some(&self.whole),
        }
    }

    fn walks(&self, class: Class, operation: Option<&str>) -> bool {
        let own = self.classes.iter().filter(|one| one.class == class);
        own.flat_map(ClassSurvey::walked)
            .any(|walked| walked.operation.as_deref() == operation)
    }

    /// Takes the cells of the group that lie in the range, which begins where the last one ended.
    pub fn push(&mut self, group: &Group, cells: Range<usize>, threads: usize) {
        self.grid = group.grid;
        self.push_flows(group, &cells);
        let begun = self.begun(&cells);
        let whole = within(&group.whole, &cells);
        let classes = self.classes.iter_mut();
        let sums: Vec<Vec<Outside>> = classes
            .map(|class| class.running_sums(whole, &cells, &begun))
            .collect();
        let lanes: BTreeMap<Option<&str>, &Lane> = group
            .lanes()
            .map(|lane| (lane.operation.as_deref(), lane))
            .collect();
        let mut walks = Vec::new();
        for (class, sums) in self.classes.iter_mut().zip(&sums) {
            let name = class.class;
            for walked in class.walked_mut() {
                walked.grid = group.grid;
                let lane = lanes.get(&walked.operation.as_deref());
                let own = lane.map_or(&[][..], |lane| within(lane, &cells));
                walks.push((walked, name, own, sums));
            }
        }
        share(walks, threads, |(walked, class, own, sums)| {
            walked.push(own, class, cells.start, sums);
        });
    }

    fn push_flows(&mut self, group: &Group, cells: &Range<usize>) {
        self.whole.push(within(&group.whole, cells));
        for lane in &group.operations {
            let (name, own) = (lane.operation.as_deref(), within(lane, cells));
            if own.is_empty() {
                continue;
            }
            let name = name.unwrap_or_default().to_owned();
            let flow = self.operations.entry(name);
            flow.or_insert_with(|| Flow::new(lane, group.grid.cell_minutes))
                .push(own);
        }
    }

    /// How many operations had begun by each cell.
    fn begun(&self, cells: &Range<usize>) -> Vec<usize> {
        let mut firsts: Vec<usize> = self.operations.values().map(|flow| flow.first).collect();
        firsts.sort_unstable();
        let count = |cell: usize| firsts.partition_point(|first| *first <= cell);
        cells.clone().map(count).collect()
    }

    /// Takes note of what single requests tell.
    pub fn look(&mut self, evidence: &Evidence) {
        let (name, grid) = (&self.integration, &self.grid);
        let own = |histories: &Vec<RetryHistory>| {
            let own = histories.iter().filter(|one| one.integration == *name);
            own.cloned().collect()
        };
        self.seen = Arc::new(Seen {
            novel: novel::find(evidence, name, grid.start(0), grid.watermark),
            slices: slices::find(evidence, name, grid.watermark),
            retries: evidence.retries.as_ref().map(own),
        });
        for class in &mut self.classes {
            let of = class.class;
            for walked in class.walked_mut() {
                let operation = walked.operation.as_deref();
                walked.begun = Begun::of(evidence, &self.integration, operation, of);
            }
        }
    }

    /// An integration without requests is judged as of the watermark, too.
    pub fn see_time(&mut self, watermark: Timestamp) {
        self.grid.watermark = watermark;
        for walked in self.classes.iter_mut().flat_map(ClassSurvey::walked_mut) {
            walked.grid.watermark = watermark;
        }
    }

    /// Of the operations only those with episodes or bursts are told of.
    pub fn leave_out_calm(&mut self) {
        for class in &mut self.classes {
            class.operations.retain(Walked::has_findings);
        }
    }
}

/// Fewer failures of a series are not walked: an integration's rate is told from the first on, an operation only where
/// it may fail every time.
fn failures_walked(lane: &Lane) -> u64 {
    match lane.operation {
        Some(_) => limits::VOTES_MIN.into(),
        None => 1,
    }
}

fn failed(lane: &Lane, class: Class) -> u64 {
    let failed = lane.cells.iter().map(|(_, counts)| failures(counts, class));
    failed.fold(0, u64::saturating_add)
}

/// The lane's cells that lie in the range.
fn within<'l>(lane: &'l Lane, cells: &Range<usize>) -> &'l [(usize, Counts)] {
    let from = lane.cells.partition_point(|(cell, _)| *cell < cells.start);
    let to = lane.cells.partition_point(|(cell, _)| *cell < cells.end);
    &lane.cells[from..to.max(from)]
}

impl ClassSurvey {
    fn begin(class: Class, group: &Group, settings: &Settings) -> Self {
        let walked = |lane: &&Lane| failed(lane, class) >= failures_walked(lane);
        let begin = |lane: &Lane| Walked::begin(lane, &group.grid, settings);
        Self {
            class,
            whole: Some(&group.whole).filter(walked).map(begin),
            operations: group.operations.iter().filter(walked).map(begin).collect(),
            sum: Outside::default(),
        }
    }

    /// The integration's own series and those of its operations.
    pub fn walked(&self) -> impl Iterator<Item = &Walked> {
        self.whole.iter().chain(&self.operations)
    }

    fn walked_mut(&mut self) -> impl Iterator<Item = &mut Walked> {
        self.whole.iter_mut().chain(&mut self.operations)
    }

    /// Requests and failures up to and including each cell of the range; `begun` operations by then.
    fn running_sums(
        &mut self,
        whole: &[(usize, Counts)],
        cells: &Range<usize>,
        begun: &[usize],
    ) -> Vec<Outside> {
        let mut next = whole.iter().peekable();
        let mut sum = |(cell, operations): (usize, &usize)| {
            if let Some((_, counts)) = next.next_if(|(at, _)| *at == cell) {
                self.sum.n += counts.requests as f64;
                self.sum.k += failures(counts, self.class) as f64;
            }
            self.sum.operations = *operations;
            self.sum
        };
        cells.clone().zip(begun).map(&mut sum).collect()
    }
}
