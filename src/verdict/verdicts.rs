//! Turns what the walk found into verdicts: as of the watermark, or one for each episode of the history.

use crate::model::evidence::{Evidence, RetryCounts};
use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::{Category, Class, Reason, SeriesId, State, Verdict};
use crate::model::window::share;
use crate::verdict::calm::{Calm, Recent};
use crate::verdict::calm_wording;
use crate::verdict::incident::{Alarm, Incident, is_part, join};
use crate::verdict::novel::Novel;
use crate::verdict::retried::retried;
use crate::verdict::settings::Settings;
use crate::verdict::silence::{self, Silence};
use crate::verdict::slices;
use crate::verdict::survey::{ClassSurvey, Survey, survey};
use crate::verdict::thresholds as limits;
use crate::verdict::units::duration;
use crate::verdict::walked::Walked;
use crate::verdict::wording;

/// What is to be said of every series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// As of the watermark: each integration in each class, the operations on which something was found, and kinds of
    /// errors that are new.
    pub standing: Vec<Verdict>,
    /// The whole history walked as if live: one verdict for each Category 2 incident, in the order in which it would
    /// have alerted.
    pub episodes: Vec<Verdict>,
}

pub fn judge(evidence: &Evidence, settings: &Settings) -> Judgement {
    let settings = settings.sane();
    judge_surveys(survey(evidence, &settings), &settings)
}

/// Words what was walked, one integration after the other.
pub fn judge_surveys(surveys: impl IntoIterator<Item = Survey>, settings: &Settings) -> Judgement {
    let mut judgement = Judgement::default();
    for survey in surveys {
        let judge = Judge {
            survey: &survey,
            settings,
        };
        judgement.standing.extend(judge.judge());
        judgement.episodes.extend(judge.replay());
    }
    judgement.episodes.sort_by_key(|verdict| verdict.alert_time);
    judgement
}

/// Words the verdicts of one integration.
struct Judge<'a> {
    survey: &'a Survey,
    settings: &'a Settings,
}

impl<'a> Judge<'a> {
    fn watermark(&self) -> Timestamp {
        self.survey.grid.watermark
    }

    /// Ended at or after this instant is recent.
    fn recent_since(&self) -> Timestamp {
        self.watermark()
            .plus_secs(-(self.settings.recent_hours as i64) * 3600)
    }

    fn judge(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for class in &self.survey.classes {
            verdicts.push(self.judge_whole(class));
            let operations = class.operations.iter();
            verdicts.extend(operations.filter_map(|one| self.judge_operation(class.class, one)));
        }
        let latest = self
            .survey
            .seen
            .novel
            .iter()
            .filter(|kind| kind.last >= self.recent_since());
        let apart = latest.filter(|kind| !self.is_told(kind));
        verdicts.extend(apart.map(|kind| self.novel(kind)));
        let recent = |found: &&slices::Found| {
            found.end.is_none_or(|end| end >= self.recent_since()) && !self.is_named(found)
        };
        verdicts.extend(
            self.survey
                .seen
                .slices
                .iter()
                .filter(recent)
                .map(|found| self.slice(found)),
        );
        verdicts.extend(silence::find(self.survey).map(|found| self.silence(&found)));
        verdicts
    }

    /// Does an episode of the present carry the slice's name?
    fn is_named(&self, found: &slices::Found) -> bool {
        let classes = self.survey.classes.iter();
        let mut alarms = classes.flat_map(|class| {
            let walked = class.whole.iter().chain(&class.operations);
            walked.filter_map(|walked| self.current_alarm(class.class, walked))
        });
        alarms.any(|alarm| self.slice_of(&alarm).is_some_and(|own| own == found))
    }

    /// The slice that names the verdict of a series: of a whole integration it must say more than the operation.
    fn slice_of(&self, alarm: &Alarm<'a>) -> Option<&'a slices::Found> {
        let found = slices::explains(&self.survey.seen.slices, alarm)?;
        let says_more = found.slice.is_some() || alarm.walked.operation.is_some();
        says_more.then_some(found)
    }

    fn silence(&self, found: &Silence) -> Verdict {
        Verdict {
            category: Category::Undecided,
            state: State::Ongoing,
            reason: Reason::Silent,
            onset: Some(found.since),
            onset_low: Some(found.since),
            onset_high: Some(found.since),
            action: wording::ACTION_SILENT.to_owned(),
            clears_when: Some("with the next request".to_owned()),
            ..self.blank(
                Class::Silence,
                None,
                wording::why_silent(found, self.watermark()),
            )
        }
    }

    fn replay(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut named: Vec<&slices::Found> = Vec::new();
        for class in &self.survey.classes {
            let incidents = join(self.survey, class);
            named.extend(incidents.iter().filter_map(|incident| incident.slice));
            verdicts.extend(incidents.iter().map(|incident| {
                let verdict = self.incident(incident);
                Verdict {
                    series: named_series(verdict.series, incident.slice),
                    ..verdict
                }
            }));
        }
        let alone = self
            .survey
            .seen
            .slices
            .iter()
            .filter(|found| !named.contains(found));
        verdicts.extend(alone.map(|found| self.slice(found)));
        let apart = self
            .survey
            .seen
            .novel
            .iter()
            .filter(|kind| !self.is_told(kind));
        verdicts.extend(apart.map(|kind| self.novel(kind)));
        verdicts
    }

    /// Is the kind of error part of an episode that tells of it?
    fn is_told(&self, kind: &Novel) -> bool {
        let classes = self.survey.classes.iter();
        classes
            .flat_map(Alarm::list)
            .any(|alarm| is_part(kind, &alarm))
    }

    fn judge_whole(&self, class: &'a ClassSurvey) -> Verdict {
        let Some(whole) = &class.whole else {
            return self.untouched(class.class);
        };
        self.current_alarm(class.class, whole)
            .map(|alarm| self.of_alarm(&alarm))
            .unwrap_or_else(|| self.calm(class.class, whole))
    }

    fn judge_operation(&self, class: Class, walked: &'a Walked) -> Option<Verdict> {
        if let Some(alarm) = self.current_alarm(class, walked) {
            return Some(self.of_alarm(&alarm));
        }
        let verdict = self.calm(class, walked);
        (verdict.category == Category::One).then_some(verdict)
    }

    /// The latest episode, if it is open or ended a short while ago.
    fn current_alarm(&self, class: Class, walked: &'a Walked) -> Option<Alarm<'a>> {
        let latest = Alarm::of(class, walked).pop()?;
        let recent = latest.end().is_none_or(|end| end >= self.recent_since());
        recent.then_some(latest)
    }

    fn of_alarm(&self, alarm: &Alarm<'a>) -> Verdict {
        let kind = self
            .survey
            .seen
            .novel
            .iter()
            .find(|kind| is_part(kind, alarm));
        self.incident(&Incident {
            told_by: alarm.clone(),
            alert: kind.map_or(alarm.alert(), |kind| kind.alert.min(alarm.alert())),
            also: Vec::new(),
            novel: kind,
            slice: self.slice_of(alarm),
        })
    }

    fn incident(&self, incident: &Incident) -> Verdict {
        let alarm = &incident.told_by;
        let reason = incident.reason();
        let (found, walked) = (&alarm.found, alarm.walked);
        let retries = self.retries(
            alarm.class,
            walked.operation.as_deref(),
            alarm.onset(),
            alarm.end(),
        );
        let mut why = incident.slice.map(slices::why).unwrap_or_default();
        why.extend(wording::why_two(alarm, reason, retries));
        why.extend(wording::also_failing(&incident.also));
        why.extend(incident.novel.map(wording::novel_too));
        why.extend(self.side_notes(alarm.class, walked));
        let sum = &found.counted;
        let verdict = Verdict {
            category: Category::Two,
            state: found.end.map_or(State::Ongoing, |_| State::Ended),
            reason,
            onset: Some(alarm.onset()),
            onset_low: Some(walked.start(found.onset.low)),
            onset_high: Some(walked.end(found.onset.high + 1)),
            end: alarm.end(),
            alert_time: Some(incident.alert),
            baseline_rate: found.normal_known.then(|| sum.base / sum.n.max(1.0)),
            current_rate: share(sum.k as u64, sum.n as u64),
            rise_factor: found.rise.map(|rise| rise.factor),
            rise_low: found.rise.map(|rise| rise.low),
            rise_high: found.rise.map(|rise| rise.high),
            failures: sum.k as u64,
            requests: sum.n as u64,
            retry_success: retries,
            action: wording::action_two(alarm.class, reason, found.end.is_none()),
            clears_when: wording::clears_two(alarm),
            ..self.blank(alarm.class, walked.operation.clone(), why)
        };
        with_slice(verdict, incident.slice)
    }

    /// A combination that fails nearly every time, but is no rise of its integration.
    fn slice(&self, found: &slices::Found) -> Verdict {
        let ongoing = found.end.is_none();
        let mut why = slices::why(found);
        let retries = self.retries(
            found.class,
            found.operation.as_deref(),
            found.onset,
            found.end,
        );
        why.extend(wording::retried(retries));
        let (failures, requests) = (
            found.counted.failures as u64,
            found.counted.requests() as u64,
        );
        let verdict = Verdict {
            category: Category::Two,
            state: if ongoing {
                State::Ongoing
            } else {
                State::Ended
            },
            reason: Reason::Reproducible,
            end: found.end,
            alert_time: Some(found.alert),
            current_rate: share(failures, requests),
            failures,
            requests,
            retry_success: retries,
            action: wording::action_two(found.class, Reason::Reproducible, ongoing),
            clears_when: slices::clears(found),
            ..self.blank(found.class, found.operation.clone(), why)
        };
        with_slice(verdict, Some(found))
    }

    fn calm(&self, class: Class, walked: &Walked) -> Verdict {
        let operation = walked.operation.as_deref();
        let retries = self.retries(class, operation, self.recent_since(), None);
        let recent = Recent::new(walked, self.settings.recent_hours, retries);
        let calm = recent.decide();
        let (category, reason) = category_of(&calm);
        let mut why = calm_wording::why(&recent, &calm, class);
        why.extend(self.side_notes(class, walked));
        let sum = &recent.counted;
        let normal_known = walked.history_seconds() >= limits::NORMAL_HOURS * 3600;
        let verdict = Verdict {
            category,
            reason,
            baseline_rate: normal_known.then(|| recent.usual_share()),
            current_rate: share(sum.all_k as u64, sum.all_n as u64),
            failures: sum.all_k as u64,
            requests: sum.all_n as u64,
            retry_success: retries,
            action: calm_wording::action(&calm, class).to_owned(),
            clears_when: calm_wording::clears(&calm, self.settings.recent_hours),
            ..self.blank(class, walked.operation.clone(), why)
        };
        with_burst(verdict, &calm, walked)
    }

    /// A class of which nothing ever failed.
    fn untouched(&self, class: Class) -> Verdict {
        let (grid, volume) = (&self.survey.grid, &self.survey.whole.volume);
        let since = self.recent_since();
        let requests = volume.between(grid.cell_of(since), grid.cells);
        let history = grid.watermark.secs_since(grid.start(0)).max(0);
        let seen = duration(history.min(self.settings.recent_hours as i64 * 3600));
        let mut why = vec![calm_wording::nothing(requests, class, &seen)];
        let last = volume.last().map(|cell| grid.end(cell + 1));
        why.extend(last.and_then(|last| wording::silent(last, self.watermark())));
        why.extend(self.throttled_here(class));
        Verdict {
            current_rate: share(0, requests),
            requests,
            retry_success: self.retries(class, None, since, None),
            action: calm_wording::action(&Calm::NothingFailed, class).to_owned(),
            ..self.blank(class, None, why)
        }
    }

    fn novel(&self, kind: &Novel) -> Verdict {
        let over = self.watermark().secs_since(kind.last) >= limits::NOVEL_OVER_HOURS * 3600;
        let requests = self.requests(kind);
        let mut verdict = Verdict {
            category: Category::Two,
            state: if over { State::Ended } else { State::Ongoing },
            reason: Reason::Novel,
            onset: Some(kind.first),
            onset_low: Some(kind.first),
            onset_high: Some(kind.first),
            end: over.then_some(kind.last),
            alert_time: Some(kind.alert),
            current_rate: share(kind.count.min(requests), requests),
            failures: kind.count,
            requests: requests.max(kind.count),
            action: wording::action_two(Class::ErrorCode, Reason::Novel, !over),
            clears_when: (!over)
                .then(|| format!("after {} hours without it", limits::NOVEL_OVER_HOURS)),
            ..self.blank(
                Class::ErrorCode,
                kind.operation.clone(),
                wording::why_novel(kind),
            )
        };
        verdict.series.slice = Some(kind.name.clone());
        verdict
    }

    /// Requests of the kind's operation, or of the integration, while it occurred.
    fn requests(&self, kind: &Novel) -> u64 {
        let (survey, grid) = (self.survey, &self.survey.grid);
        let own = kind.operation.as_ref();
        let own = own.and_then(|operation| survey.operations.get(operation));
        let volume = &own.unwrap_or(&survey.whole).volume;
        volume.between(grid.cell_of(kind.first), grid.cell_of(kind.last) + 1)
    }

    fn side_notes(&self, class: Class, walked: &Walked) -> Vec<String> {
        let last = walked.end(walked.track.last_data() + 1);
        let silent = wording::silent(last, self.watermark());
        silent
            .into_iter()
            .chain(self.throttled_here(class))
            .collect()
    }

    fn throttled_here(&self, class: Class) -> Option<String> {
        let own = self.survey.whole.throttled_local;
        wording::throttled_here(own).filter(|_| class == Class::Throttled)
    }

    /// What happened on retry of the calls that first failed in this class, on one operation or on all.
    fn retries(
        &self,
        class: Class,
        operation: Option<&str>,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Option<RetryCounts> {
        let range = TimeRange {
            since,
            until: until.unwrap_or_else(|| self.watermark()),
        };
        retried(&self.survey.seen, class, operation, range)
    }

    fn blank(&self, class: Class, operation: Option<String>, why: Vec<String>) -> Verdict {
        let series = SeriesId {
            integration: self.survey.integration.clone(),
            operation,
            slice: None,
            class,
        };
        Verdict::quiet(series, why, Some(self.watermark()))
    }
}

/// The slice's name, and its start, which is sharper than that of a rate.
fn with_slice(mut verdict: Verdict, found: Option<&slices::Found>) -> Verdict {
    if let Some(found) = found {
        verdict.series.slice = found.slice.clone();
        verdict.onset = Some(found.onset);
        verdict.onset_low = Some(found.onset_low);
        verdict.onset_high = Some(found.onset);
    }
    verdict
}

/// An incident is told by the operation of its slice.
fn named_series(series: SeriesId, found: Option<&slices::Found>) -> SeriesId {
    let operation = found.map_or(series.operation.clone(), |found| found.operation.clone());
    SeriesId {
        operation,
        ..series
    }
}

fn category_of(calm: &Calm) -> (Category, Reason) {
    match calm {
        Calm::NothingFailed | Calm::Normal { .. } | Calm::SameAsBefore { .. } => {
            (Category::Quiet, Reason::Quiet)
        }
        Calm::Bursts { .. } | Calm::Healed | Calm::Scattered { .. } => {
            (Category::One, Reason::Sporadic)
        }
        Calm::Failing { .. }
        | Calm::ShortHistory { .. }
        | Calm::NormalUnknown
        | Calm::FewRequests { .. } => (Category::Undecided, Reason::TooLittleData),
    }
}

/// The times of the latest burst, so that it can be found in a chart.
fn with_burst(verdict: Verdict, calm: &Calm, walked: &Walked) -> Verdict {
    let Calm::Bursts { bursts, going_on } = calm else {
        return verdict;
    };
    let Some(last) = bursts.last() else {
        return verdict;
    };
    Verdict {
        state: if *going_on {
            State::Ongoing
        } else {
            State::Ended
        },
        onset: Some(walked.start(last.from)),
        end: (!going_on).then(|| walked.end(last.end)),
        ..verdict
    }
}
