//! The walk: one series of one class, cell by cell, as if live.
//!
//! `push` does a constant amount of work a cell. The state after the last cell is what `judge` speaks about; the
//! episodes it met on the way are what `replay` lists; so the two cannot disagree.

use crate::verdict::baseline::Baseline;
use crate::verdict::episode::{Book, Episode, Settled};
use crate::verdict::found::{Cause, Ending, Found};
use crate::verdict::gate::counts_rose;
use crate::verdict::ground::Ground;
use crate::verdict::history::{Expected, History, Tally};
use crate::verdict::lookback::Lookback;
use crate::verdict::onset::{self, Onset, Search};
use crate::verdict::overdispersion::Overdispersion;
use crate::verdict::reproducible::{Outside, Votes};
use crate::verdict::rise;
use crate::verdict::settings::Settings;
use crate::verdict::slots::Teaches;
use crate::verdict::span::{has_effect, significance};
use crate::verdict::sustained;
use crate::verdict::tail::surprise;
use crate::verdict::thresholds as limits;
use crate::verdict::winsor::winsorised_plain;

/// Windows are learned at quarters of an hour; with another lag none would end there, and nothing were learned.
const _: () = assert!(
    limits::ALPHA_LAG_MINUTES.is_multiple_of(15)
        && limits::ALPHA_LAG_MINUTES_DAY.is_multiple_of(15)
);

/// A short rise that did not last: Category 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    pub from: usize,
    pub end: usize,
    pub requests: u64,
    pub failures: u64,
}

impl Burst {
    fn of(history: &History, from: usize, end: usize) -> Self {
        let sum = history.between(from, end);
        Self {
            from,
            end,
            requests: sum.all_n as u64,
            failures: sum.all_k as u64,
        }
    }
}

/// The state of one series.
#[derive(Clone, Debug)]
pub struct Track {
    pub settings: Settings,
    pub cell_minutes: usize,
    /// How many operations of the integration are tried, for detector B's chance of a false alarm.
    pub operations: usize,
    pub history: History,
    pub baseline: Baseline,
    pub noise: Overdispersion,
    pub votes: Votes,
    pub book: Book,
    pub bursts: Vec<Burst>,
    lookback: Lookback,
    /// The present normal is learned from here on.
    epoch: usize,
    last_data: usize,
}

impl Track {
    pub fn new(settings: &Settings, cell_minutes: usize, first_cell: i64) -> Self {
        Self {
            settings: settings.clone(),
            cell_minutes,
            operations: 0,
            history: History::new(),
            baseline: Baseline::new(cell_minutes, first_cell, settings),
            noise: Overdispersion::default(),
            votes: Votes::default(),
            book: Book::default(),
            bursts: Vec::new(),
            lookback: Lookback::default(),
            epoch: 0,
            last_data: 0,
        }
    }

    /// Takes the next cell: `k` of `n` failed here, and `outside` elsewhere in the integration so far.
    pub fn push(&mut self, n: f64, k: f64, outside: Outside) {
        let cell = self.history.len();
        let teaches = if self.book.is_open() {
            Teaches::No
        } else {
            Teaches::Yes
        };
        let alpha = self.noise.alpha(limits::WINDOW_HALF_HOUR);
        self.baseline.prepare(cell, &self.history, teaches, alpha);
        let expected = self.baseline.expected(cell);
        let tested = matches!(expected, Expected::Tested(_));
        self.history.push(n, k, expected);
        if tested {
            self.baseline.add(n, k);
        }
        self.learn_noise();
        if n > 0.0 {
            self.operations = outside.operations;
            self.end_after_silence(cell);
            self.last_data = cell;
        }
        if n > 0.0 && tested {
            self.judge_cell(cell, outside);
        }
    }

    fn judge_cell(&mut self, cell: usize, outside: Outside) {
        let counts = self.history.cell(cell);
        let normal = self.baseline.level();
        let usual = self.baseline.price().allowed;
        if usual < limits::VOTE_USUAL_MAX.max(limits::ALLOW_SLOT * normal) {
            self.votes
                .cast(cell, &counts, outside, normal, self.cell_minutes);
        }
        if self.book.is_open() {
            self.follow();
        } else {
            self.look_for_alarm();
        }
    }

    fn follow(&mut self) {
        let always = self
            .votes
            .alarm(self.operations, self.cell_minutes, &self.settings);
        let Some(open) = self.book.open_mut() else {
            return;
        };
        open.cause.always_from = open.cause.always_from.or(always);
        let from = open.from;
        match open.follow(&self.history, self.cell_minutes) {
            Some((end, ending)) => self.close(from, end, ending),
            None => self.settle(),
        }
    }

    fn close(&mut self, from: usize, end: usize, ending: Ending) {
        let seen = self.history.len();
        let found = self.book.episodes.last().map(|last| self.describe(last));
        if let Some(last) = self.book.episodes.last_mut() {
            last.found = found;
        }
        if ending == Ending::NewNormal {
            self.baseline.mark(from, seen, Teaches::Yes);
            self.baseline.forget_before(from);
            self.epoch = seen;
            self.votes = Votes::default();
            return;
        }
        let short = (end - from) * self.cell_minutes <= limits::TEACH_MINUTES_MAX;
        let teaches = if short {
            Teaches::IfItComesBack
        } else {
            Teaches::No
        };
        self.baseline.mark(end, seen, Teaches::Yes);
        self.baseline.mark(from, end, teaches);
    }

    fn end_after_silence(&mut self, cell: usize) {
        let gap = (cell - self.last_data) * self.cell_minutes;
        let end = self.last_data + 1;
        if gap < limits::EPISODE_MINUTES_MAX {
            return;
        }
        let Some(open) = self.book.open_mut() else {
            return;
        };
        open.end = Some((end, Ending::NoData));
        let from = open.from;
        self.close(from, end, Ending::NoData);
    }

    fn look_for_alarm(&mut self) {
        let end = self.history.len();
        let floor = self.tests_from();
        self.lookback
            .follow(&self.history, floor, self.cell_minutes);
        let ground = self.ground();
        let risen = sustained::find_rise(&ground, &self.lookback);
        let always = self.always(&ground, end);
        if risen.is_none() && always.is_none() {
            self.note_burst();
            return;
        }
        let cause = Cause {
            risen_minutes: risen
                .as_ref()
                .map(|test| limits::WINDOWS[test.window].minutes),
            always_from: always,
        };
        let rise_from = risen.as_ref().and_then(|test| test.alarm());
        let from = rise_from.into_iter().chain(always).min().unwrap_or(end);
        let floor = if rise_from.is_some() {
            ground.from
        } else {
            from
        };
        self.book.open(from, end, floor, cause, self.cell_minutes);
        self.baseline.mark(from, end, Teaches::No);
        self.bursts.retain(|burst| burst.end <= from);
    }

    /// Detector B, with the same look at the number of failures as detector A.
    fn always(&self, ground: &Ground, end: usize) -> Option<usize> {
        let from = self
            .votes
            .alarm(self.operations, self.cell_minutes, &self.settings)?;
        let minutes = (end - from) * self.cell_minutes;
        let fresh = from >= self.book.last_end();
        (fresh && counts_rose(ground, from, end, minutes)).then_some(from)
    }

    /// Remembers a significant rise in the short window that is not (yet) a sustained one.
    fn note_burst(&mut self) {
        let Some(burst) = self.find_burst() else {
            return;
        };
        match self.bursts.last_mut() {
            Some(last) if burst.from <= last.end => {
                *last = Burst::of(&self.history, last.from, last.end.max(burst.end));
            }
            _ => self.bursts.push(burst),
        }
        if self.bursts.len() > limits::BURSTS_KEPT {
            self.bursts.remove(0);
        }
    }

    fn find_burst(&self) -> Option<Burst> {
        let ground = self.ground();
        let (from, seen) = self.lookback.window(limits::WINDOW_SHORT, &self.history);
        if !has_effect(&ground, &seen, self.settings.rise_min) {
            return None;
        }
        let end = self.history.len();
        let seen = self.history.between(from, end);
        if !has_effect(&ground, &seen, self.settings.rise_min) {
            return None;
        }
        let known = self.baseline.known_at(from);
        let alpha = self.noise.alpha_for_test(limits::WINDOW_SHORT, known);
        if surprise(seen.k, seen.n, seen.e, alpha) < significance(limits::WINDOW_SHORT) {
            return None;
        }
        let rise = (seen.k / seen.e.max(1e-9)).clamp(limits::RISE_MIN, 1000.0);
        let start = onset::best_suffix(&self.history, from, end, rise)?;
        let over = onset::best_end(&self.history, start.latest, end, rise);
        Some(Burst::of(&self.history, start.latest, over))
    }

    /// Learns the noise of each window that ended some hours ago, unless an episode has been found in it since: a rise
    /// that is not yet an episode must not pass for noise.
    fn learn_noise(&mut self) {
        if self.baseline.level_failures() <= limits::ALPHA_HISTORY_ERRORS_MIN || self.book.is_open()
        {
            return;
        }
        // No window ends between the quarters of an hour, and they are learned whole quarters late.
        let quarter = limits::WINDOWS[limits::WINDOW_SHORT].minutes / self.cell_minutes;
        if !self.history.len().is_multiple_of(quarter.max(1)) {
            return;
        }
        let free = self.book.last_end().max(self.epoch);
        for (index, window) in limits::WINDOWS.iter().enumerate() {
            let cells = window.minutes / self.cell_minutes;
            let lag = if window.minutes < 1440 {
                limits::ALPHA_LAG_MINUTES
            } else {
                limits::ALPHA_LAG_MINUTES_DAY
            };
            let end = self.history.len().saturating_sub(lag / self.cell_minutes);
            if cells == 0 || !end.is_multiple_of(cells) || end < cells || end - cells < free {
                continue;
            }
            let (k, e) = winsorised_plain(&self.history, end - cells, end, window.blocks);
            self.noise.learn(index, k, e);
        }
    }

    pub fn ground(&self) -> Ground<'_> {
        let day = 1440_usize.div_ceil(self.cell_minutes);
        Ground {
            history: &self.history,
            baseline: &self.baseline,
            noise: &self.noise,
            settings: &self.settings,
            cell_minutes: self.cell_minutes,
            from: self.tests_from(),
            day_known: self.history.len() - self.epoch >= day,
        }
    }

    /// Enough history lies before, and no earlier episode behind.
    fn tests_from(&self) -> usize {
        let minutes = self.settings.history_hours_min as usize * 60;
        let usable = self.epoch + minutes.div_ceil(self.cell_minutes);
        usable.max(self.book.last_end())
    }

    /// The episode with its onset, counts and rise, as of what has been seen.
    pub fn describe(&self, episode: &Episode) -> Found {
        if let Some(found) = &episode.found {
            return found.clone();
        }
        let seen = self.last_data + 1;
        let end = episode
            .end
            .map_or(seen, |(end, _)| end)
            .max(episode.from + 1);
        let (onset, counted) = match &episode.settled {
            Some(settled) => (settled.onset, self.counted(settled, end)),
            None => {
                let onset = self.onset_of(episode, end);
                (onset, self.history.between(onset.at, end))
            }
        };
        let minutes = ((end - onset.at.min(end)) * self.cell_minutes) as f64;
        let needed = self.settings.history_hours_min as usize * 60;
        let normal_known = onset.at * self.cell_minutes >= needed;
        let known = self.baseline.known_at(onset.at);
        Found {
            onset,
            alarm: episode.alarm,
            end: episode.end,
            counted,
            rise: rise::estimate(&counted, minutes, &self.noise, known).filter(|_| normal_known),
            cause: episode.cause,
            returns: episode.returns,
            normal_known,
        }
    }

    fn counted(&self, settled: &Settled, end: usize) -> Tally {
        if end >= settled.until {
            return settled.counted + self.history.between(settled.until, end);
        }
        settled.counted - self.history.between(end, settled.until)
    }

    /// Notes the start of the open episode when it has settled, and sums its counts while the cells are kept.
    fn settle(&mut self) {
        let seen = self.history.len();
        let Some(open) = self.book.open_now() else {
            return;
        };
        let settled = match &open.settled {
            None if seen < self.settles(open) => return,
            None => {
                let onset = self.onset_of(open, seen);
                let counted = self.history.between(onset.at, seen);
                Settled {
                    onset,
                    counted,
                    until: seen,
                }
            }
            Some(settled) if seen < settled.until + 2 * limits::COUNTED_CELLS_LATE => return,
            Some(settled) => {
                let until = seen - limits::COUNTED_CELLS_LATE;
                let counted = self.counted(settled, until);
                Settled {
                    onset: settled.onset,
                    counted,
                    until,
                }
            }
        };
        if let Some(open) = self.book.open_mut() {
            open.settled = Some(settled);
        }
    }

    /// How many cells must have been seen for the start to settle.
    fn settles(&self, episode: &Episode) -> usize {
        let window = episode.cause.risen_minutes.unwrap_or(0);
        let minutes = window.clamp(
            limits::ONSET_SETTLES_MINUTES,
            limits::ONSET_SETTLES_MINUTES_MAX,
        );
        episode.alarm + minutes / self.cell_minutes
    }

    fn onset_of(&self, episode: &Episode, end: usize) -> Onset {
        if let Some(from) = episode.cause.always_from
            && self.is_thin(from, end)
        {
            return self.first_failure(from);
        }
        let settled = self.settles(episode);
        let search = Search {
            low: episode.floor,
            high: episode.alarm.saturating_sub(1).max(episode.floor),
            end: end.min(settled).max(episode.alarm.min(end)),
            cell_minutes: self.cell_minutes,
            noise: &self.noise,
            known: self.baseline.known_at(episode.from),
        };
        onset::estimate(&self.history, self.narrowed(search, episode))
    }

    /// The search reaches back a day at most: rises that are slower are no change, but a trend.
    fn narrowed<'a>(&'a self, search: Search<'a>, episode: &Episode) -> Search<'a> {
        let reach = limits::RAMP_MINUTES_MAX / self.cell_minutes;
        let first = episode.from.saturating_sub(reach);
        Search {
            low: search.low.max(first).max(self.history.first()),
            ..search
        }
    }

    /// Too few requests for a likelihood to say more than the requests themselves.
    fn is_thin(&self, from: usize, end: usize) -> bool {
        let cells = end.saturating_sub(from).max(1);
        self.history.between(from, end).n < limits::THIN_REQUESTS * cells as f64
    }

    /// Where everything fails, the start lies between the last request before and the first failure.
    fn first_failure(&self, from: usize) -> Onset {
        let had_requests = |cell: &usize| self.history.cell(*cell).all_n > 0.0;
        let low = from.saturating_sub(limits::RAMP_MINUTES_MAX / self.cell_minutes);
        let low = low.max(self.history.first()).min(from);
        let before = (low..from)
            .rev()
            .find(had_requests)
            .map_or(low, |cell| cell + 1);
        Onset {
            at: from,
            low: before,
            high: from,
            hole_from: None,
            nats: 0.0,
            dispersion: 1.0,
        }
    }

    /// Is the last episode open although no data came for days up to `cells`, counted from the track's start?
    pub fn ended_in_silence(&self, cells: usize) -> bool {
        let gap = cells.saturating_sub(self.last_data + 1) * self.cell_minutes;
        gap >= limits::EPISODE_MINUTES_MAX
    }

    /// Bytes held, without what lies in the episodes found.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let bursts = self.bursts.capacity() * size_of::<Burst>();
        size_of::<Self>() + self.history.bytes() + self.baseline.bytes() + bursts
    }

    pub fn last_data(&self) -> usize {
        self.last_data
    }
}
