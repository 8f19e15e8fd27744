//! Judges as windows come in: each is walked once, and not again with every question.
//!
//! Windows that may still change are kept aside: requests come late by minutes, from other hosts or in files that are
//! handed over every so often. A judgement walks them on a copy, so that what comes late corrects it, and nothing that
//! was only half there is ever learned. What changes later than that makes the walk begin anew.

use std::collections::BTreeMap;

use crate::model::evidence::{Evidence, Traffic};
use crate::model::time::Timestamp;
use crate::verdict::grid::{Group, group, group_on, watermark};
use crate::verdict::settings::Settings;
use crate::verdict::survey::{Survey, walk_each};
use crate::verdict::verdicts::{Judgement, judge_surveys};

/// Windows that began longer ago than this before the watermark are final: the logs of several hosts differ by minutes,
/// and load balancers hand files over every five.
const LATE_SECONDS: i64 = 900;

/// Where something failed, calls are looked at again for this long: a retry may still heal it.
const LOOK_SECONDS: i64 = 3600;

/// The state of every integration, as far as its windows are final.
#[derive(Default)]
pub struct Keeper {
    settings: Settings,
    kept: BTreeMap<String, Kept>,
    final_until: Option<Timestamp>,
    watermark: Option<Timestamp>,
}

/// One integration: what is final, and what may still change.
struct Kept {
    survey: Survey,
    /// The first cell that is not final.
    walked: usize,
    open: Group,
}

impl Keeper {
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.sane(),
            ..Self::default()
        }
    }

    /// Windows from this instant on are to be given with every step; `None` before anything is known.
    pub fn final_until(&self) -> Option<Timestamp> {
        self.final_until
    }

    /// Takes the whole history of the integrations that the evidence tells of, with their single requests.
    pub fn begin(&mut self, evidence: &Evidence) {
        let final_until = self.see_time(watermark(evidence));
        let walked = walk_each(group(evidence), |group, threads| {
            let mut survey = Survey::begin(group, &self.settings);
            let end = group.grid.cells_before(final_until);
            survey.push(group, 0..end, threads);
            survey.look(evidence);
            (survey, end)
        });
        for (group, (survey, walked)) in walked {
            let kept = Kept {
                open: group.since(walked),
                survey,
                walked,
            };
            self.kept.insert(kept.survey.integration.clone(), kept);
        }
    }

    /// Takes all windows from `final_until` on. Of the integrations that it names, the whole history is needed first:
    /// they are new, or fail in a way in which they never failed before.
    pub fn go_on(&mut self, evidence: &Evidence) -> Vec<String> {
        let watermark = watermark(evidence);
        let final_until = self.see_time(watermark);
        let kept = &self.kept;
        let mut next = group_on(evidence, |name| Some(&kept.get(name)?.survey.grid));
        let unknown = evidence.series.iter().map(|series| &series.integration);
        let mut needed: Vec<String> = unknown
            .filter(|name| !kept.contains_key(*name))
            .cloned()
            .collect();
        for (name, kept) in &mut self.kept {
            let next = next.remove(name);
            let next = next.unwrap_or_else(|| kept.open.emptied(watermark));
            if kept.survey.needs_history(&next) {
                needed.push(name.clone());
                continue;
            }
            kept.open = next.since(kept.walked);
            kept.close(final_until);
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// Up to when windows are final by now.
    fn see_time(&mut self, watermark: Timestamp) -> Timestamp {
        let late = watermark.plus_secs(-LATE_SECONDS).floor(60);
        let final_until = self.final_until.map_or(late, |before| before.max(late));
        self.final_until = Some(final_until);
        self.watermark = Some(watermark);
        final_until
    }

    /// The integrations of which single requests may tell something new, with what has come of them.
    pub fn to_look_at(&self) -> Vec<Traffic> {
        let since = self.watermark.map(|at| at.plus_secs(-LOOK_SECONDS));
        let all = self.kept.values();
        let asked = all.filter(|kept| since.is_some_and(|since| kept.may_tell(since)));
        asked.map(Kept::traffic).collect()
    }

    /// Takes note of what the single requests of some integrations tell.
    pub fn look(&mut self, integrations: &[Traffic], evidence: &Evidence) {
        for one in integrations {
            if let Some(kept) = self.kept.get_mut(&one.integration) {
                kept.survey.see_time(watermark(evidence));
                kept.survey.look(evidence);
            }
        }
    }

    /// What is to be said as of the watermark, what may still change included.
    pub fn judgement(&self) -> Judgement {
        let surveys = self.kept.values().map(|kept| kept.as_of(self.watermark));
        judge_surveys(surveys, &self.settings)
    }
}

impl Kept {
    /// Walks what is final by now.
    fn close(&mut self, until: Timestamp) {
        let until = self.open.grid.cells_before(until);
        if until > self.walked {
            self.survey.push(&self.open, self.walked..until, 1);
            self.walked = until;
            let open = self.open.emptied(self.open.grid.watermark);
            self.open = std::mem::replace(&mut self.open, open).since(until);
        }
    }

    /// A copy that has walked everything.
    fn as_of(&self, watermark: Option<Timestamp>) -> Survey {
        let mut survey = self.survey.clone();
        let end = self.open.grid.cells.max(self.walked);
        survey.push(&self.open, self.walked..end, 1);
        survey.see_time(watermark.unwrap_or(self.open.grid.watermark));
        survey.leave_out_calm();
        survey
    }

    fn may_tell(&self, since: Timestamp) -> bool {
        let first = self.open.grid.cell_of(since);
        let late = self
            .survey
            .whole
            .last_error
            .is_some_and(|cell| cell >= first);
        let goes_on = self
            .survey
            .seen
            .slices
            .iter()
            .any(|found| found.end.is_none());
        late || goes_on || self.open.whole.has_errors()
    }

    fn traffic(&self) -> Traffic {
        let (flows, open) = (&self.survey.operations, &self.open);
        let mut operations: BTreeMap<&str, u64> = flows
            .iter()
            .map(|(name, flow)| (name.as_str(), flow.requests))
            .collect();
        for lane in &open.operations {
            let name = lane.operation.as_deref().unwrap_or_default();
            let sum = operations.entry(name).or_default();
            *sum = sum.saturating_add(lane.requests());
        }
        let whole = &self.survey.whole;
        Traffic {
            integration: self.survey.integration.clone(),
            requests: whole.requests.saturating_add(open.whole.requests()),
            has_failed: whole.has_failed() || open.whole.has_failures(),
            operations: operations
                .into_iter()
                .map(|(name, requests)| (name.to_owned(), requests))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::evidence::SeriesHistory;
    use crate::verdict::judge;
    use crate::verdict::scenarios::stage::{step, story};
    use crate::verdict::simulate::{DAY, HOUR, at, daily};

    /// Two operations, one of which fails from some time on; another integration that is idle at night.
    fn evidence() -> Evidence {
        let onset = 2 * DAY + 3 * HOUR;
        let rate = step(0.01, 0.4, onset, onset + 2 * HOUR);
        let mut shop = story(3, &daily(30.0), &rate).evidence();
        let fine = story(3, &|_| 3.0, &|_| 0.0).evidence();
        let office = |minute: usize| if minute % DAY < 10 * HOUR { 4.0 } else { 0.0 };
        let late = step(0.0, 1.0, onset + 20, 3 * DAY);
        let mut other = story(3, &office, &late).evidence();
        let named = |evidence: &mut Evidence, integration: &str, operation: Option<&str>| {
            let mut one = evidence.series.remove(0);
            one.integration = integration.to_owned();
            one.operation = operation.map(str::to_owned);
            one
        };
        let pay = named(&mut shop, "shop", Some("POST /pay"));
        let list = named(&mut fine.clone(), "shop", Some("GET /list"));
        let mut whole = pay.clone();
        whole.operation = None;
        whole.windows.extend(list.windows.clone());
        let other = named(&mut other, "other", None);
        Evidence {
            series: vec![whole, list, pay, other],
            ..Evidence::default()
        }
    }

    /// What had come by `until`, from `since` on.
    fn between(evidence: &Evidence, since: Option<Timestamp>, until: Timestamp) -> Evidence {
        let within = |at: &Timestamp| since.is_none_or(|since| *at >= since) && *at < until;
        let cut = |series: &SeriesHistory| SeriesHistory {
            windows: series
                .windows
                .iter()
                .filter(|(at, _)| within(at))
                .copied()
                .collect(),
            ..series.clone()
        };
        let mut series: Vec<_> = evidence.series.iter().map(cut).collect();
        series.retain(|one| !one.windows.is_empty());
        Evidence {
            series,
            watermark: Some(until),
            ..Evidence::default()
        }
    }

    fn follow(keeper: &mut Keeper, evidence: &Evidence, until: Timestamp) -> BTreeSet<String> {
        let needed = keeper.go_on(&between(evidence, keeper.final_until(), until));
        let mut whole = between(evidence, None, until);
        whole.series.retain(|one| needed.contains(&one.integration));
        keeper.begin(&whole);
        needed.into_iter().collect()
    }

    #[test]
    fn what_comes_step_by_step_is_judged_as_at_one_go() {
        let evidence = evidence();
        let settings = Settings::default();
        let mut keeper = Keeper::new(&settings);
        let mut began = BTreeMap::new();
        // Steps of all sizes, about the onset in single minutes.
        let onset = 2 * DAY + 3 * HOUR;
        let coarse = (60..3 * DAY).step_by(217);
        let fine = onset - 5..onset + 60;
        let steps: BTreeSet<usize> = coarse.chain(fine).collect();
        let alerts = |judgement: &Judgement| -> Vec<Timestamp> {
            let episodes = judgement.episodes.iter();
            episodes.filter_map(|one| one.alert_time).collect()
        };
        let replayed = alerts(&judge(&evidence, &settings));
        assert!(replayed.len() >= 2, "{replayed:?}");
        for minute in steps {
            for name in follow(&mut keeper, &evidence, at(minute)) {
                *began.entry(name).or_insert(0) += 1;
            }
            let all = between(&evidence, None, at(minute));
            let judgement = keeper.judgement();
            assert_eq!(judgement, judge(&all, &settings), "{minute}");
            // An alert is there from its minute on, and stays.
            let so_far = replayed.iter().filter(|alert| **alert <= at(minute));
            assert_eq!(alerts(&judgement), so_far.copied().collect::<Vec<_>>());
        }
        // Once at first, and once more for the operation's first failures or for the other's.
        assert!(began.values().all(|times| *times <= 3), "{began:?}");
    }

    #[test]
    fn what_comes_late_corrects_what_is_not_final() {
        let evidence = evidence();
        let settings = Settings::default();
        let mut keeper = Keeper::new(&settings);
        let until = at(2 * DAY);
        keeper.begin(&between(&evidence, None, until));
        // Half of the latest minutes has not come yet.
        let next = at(2 * DAY + 12);
        let mut half = between(&evidence, keeper.final_until(), next);
        for series in &mut half.series {
            series
                .windows
                .retain(|(at, _)| *at < until || at.secs() / 60 % 2 == 0);
        }
        assert!(keeper.go_on(&half).is_empty());
        assert_ne!(
            keeper.judgement(),
            judge(&between(&evidence, None, next), &settings)
        );
        let after = at(2 * DAY + 13);
        assert!(follow(&mut keeper, &evidence, after).is_empty());
        assert_eq!(
            keeper.judgement(),
            judge(&between(&evidence, None, after), &settings)
        );
    }

    #[test]
    fn calls_are_looked_at_while_something_fails_and_an_hour_after() {
        let evidence = evidence();
        let mut keeper = Keeper::new(&Settings::default());
        let names = |keeper: &Keeper| -> Vec<String> {
            let asked = keeper.to_look_at().into_iter();
            asked.map(|one| one.integration).collect()
        };
        let onset = 2 * DAY + 3 * HOUR;
        keeper.begin(&between(&evidence, None, at(onset)));
        assert_eq!(names(&keeper), ["shop"]);
        follow(&mut keeper, &evidence, at(onset + 30));
        assert_eq!(names(&keeper), ["other", "shop"]);
        let traffic = keeper.to_look_at();
        let whole = between(&evidence, None, at(onset + 30)).traffic();
        assert_eq!(traffic, whole);
        let later = at(2 * DAY + 13 * HOUR);
        follow(&mut keeper, &evidence, later);
        assert_eq!(names(&keeper), ["shop"], "idle for three hours");
    }

    #[test]
    fn an_empty_step_moves_the_watermark_only() {
        let mut keeper = Keeper::new(&Settings::default());
        assert_eq!(keeper.judgement(), Judgement::default());
        keeper.begin(&between(&evidence(), None, at(DAY)));
        let empty = Evidence {
            watermark: Some(at(DAY + 180)),
            ..Evidence::default()
        };
        assert!(keeper.go_on(&empty).is_empty());
        let standing = keeper.judgement().standing;
        assert!(
            standing
                .iter()
                .all(|one| one.watermark == Some(at(DAY + 180)))
        );
    }
}
