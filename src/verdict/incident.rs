//! One list of incidents an integration: alarms of the whole and of its operations that belong together are joined.
//!
//! The incident is told by the series that explains it: an operation, when without it the integration would be normal;
//! otherwise the integration as a whole.

use crate::model::time::Timestamp;
use crate::model::verdict::{Class, Reason};
use crate::verdict::found::Found;
use crate::verdict::history::Tally;
use crate::verdict::novel::Novel;
use crate::verdict::slices;
use crate::verdict::survey::{ClassSurvey, Survey};
use crate::verdict::thresholds as limits;
use crate::verdict::walked::Walked;

/// An episode of one series.
#[derive(Clone)]
pub struct Alarm<'a> {
    pub class: Class,
    pub walked: &'a Walked,
    pub found: Found,
}

/// What one person would be called for once.
pub struct Incident<'a> {
    pub told_by: Alarm<'a>,
    pub alert: Timestamp,
    /// Other operations that failed as part of it.
    pub also: Vec<&'a str>,
    pub novel: Option<&'a Novel>,
    /// The combination that fails nearly every time and explains it.
    pub slice: Option<&'a slices::Found>,
}

impl<'a> Alarm<'a> {
    pub fn list(survey: &'a ClassSurvey) -> Vec<Self> {
        survey
            .walked()
            .flat_map(|walked| Self::of(survey.class, walked))
            .collect()
    }

    pub fn of(class: Class, walked: &'a Walked) -> Vec<Self> {
        let found = walked.found().into_iter();
        found
            .map(|found| Self {
                class,
                walked,
                found,
            })
            .collect()
    }

    pub fn onset(&self) -> Timestamp {
        self.walked.start(self.found.onset.at)
    }

    pub fn alert(&self) -> Timestamp {
        self.walked.end(self.found.alarm)
    }

    pub fn end(&self) -> Option<Timestamp> {
        self.found.end.map(|(end, _)| self.walked.end(end))
    }

    /// On one operation "always fails" says more than "has risen"; of a whole integration the rise says more.
    pub fn reason(&self) -> Reason {
        let always = self.found.cause.always_from.is_some();
        let risen = self.found.cause.risen_minutes.is_some();
        if always && (!risen || self.walked.operation.is_some()) {
            Reason::Reproducible
        } else {
            Reason::SustainedRise
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let reach = |alarm: &Self| {
            alarm
                .end()
                .map(|end| end.plus_secs(limits::JOIN_MINUTES as i64 * 60))
        };
        let before = |at: Timestamp, end: Option<Timestamp>| end.is_none_or(|end| at <= end);
        before(self.onset(), reach(other)) && before(other.onset(), reach(self))
    }

    fn began_with(&self, other: &Self) -> bool {
        self.onset().secs_since(other.onset()).abs() <= limits::SAME_ONSET_SECONDS
    }
}

/// All incidents of an integration's class, by time of alert.
pub fn join<'a>(of: &'a Survey, survey: &'a ClassSurvey) -> Vec<Incident<'a>> {
    let (wholes, mut parts): (Vec<_>, Vec<_>) = Alarm::list(survey)
        .into_iter()
        .partition(|alarm| alarm.walked.operation.is_none());
    let mut incidents: Vec<Incident> = Vec::new();
    for whole in wholes {
        let (inside, rest) = parts
            .into_iter()
            .partition(|part: &Alarm| part.overlaps(&whole) && belongs(part, &whole));
        parts = rest;
        let settled = incidents
            .iter_mut()
            .find(|known| known.told_by.overlaps(&whole) && explains(&known.told_by, &whole));
        match settled {
            Some(known) => known.absorb(&whole),
            None => incidents.push(told(whole, inside)),
        }
    }
    parts.sort_by_key(Alarm::onset);
    for part in parts {
        let known = incidents.iter_mut().find(|known| {
            known.told_by.walked.operation.is_some() && known.told_by.began_with(&part)
        });
        match known {
            Some(known) => known.add_part(part),
            None => incidents.push(told(part, Vec::new())),
        }
    }
    name_novel(&mut incidents, &of.seen.novel);
    name_slices(&mut incidents, &of.seen.slices);
    incidents.sort_by_key(|incident| incident.alert);
    incidents
}

/// A part belongs to the whole's episode when it may have begun with it or inside it, or most of its failures lie in it,
/// or it is what explains it.
fn belongs(part: &Alarm, whole: &Alarm) -> bool {
    let early = whole.onset().plus_secs(-limits::SAME_ONSET_SECONDS);
    let latest = part.walked.end(part.found.onset.high + 1);
    let inside = within(part, whole).k >= limits::INSIDE_SHARE * part.found.counted.k;
    latest >= early || inside || explains(part, whole)
}

/// The part's counts during the whole's episode.
fn within(part: &Alarm, whole: &Alarm) -> Tally {
    let shift = |cell: usize| (whole.walked.first + cell).saturating_sub(part.walked.first);
    let seen = whole.walked.track.history.len();
    let end = whole.found.end.map_or(seen, |(end, _)| end);
    part.walked
        .track
        .history
        .between(shift(whole.found.onset.at), shift(end))
}

/// Without the part, is the rise of the whole gone? What is left has not risen by the
/// measure of detector A, or next to nothing is left.
fn explains(part: &Alarm, whole: &Alarm) -> bool {
    if part.walked.operation.is_none() {
        return false;
    }
    // Of a long episode the first cells are kept as sums only, and its own count knows them.
    let (held, own) = (within(part, whole), part.found.counted);
    let own = if held.k > own.k { held } else { own };
    let counted = &whole.found.counted;
    let (k, base) = (counted.k - own.k, (counted.base - own.base).max(0.0));
    let risen = k - base >= limits::FAILURES_MIN as f64 && k >= limits::RISE_MIN * base;
    !risen || k - base <= limits::EXPLAINED_REST * (counted.k - counted.base)
}

fn told<'a>(whole: Alarm<'a>, inside: Vec<Alarm<'a>>) -> Incident<'a> {
    let alert = inside.iter().map(Alarm::alert).chain([whole.alert()]).min();
    let alert = alert.unwrap_or_else(|| whole.alert());
    let culprit = inside.iter().position(|part| explains(part, &whole));
    let names = |but: Option<usize>| {
        let others = inside
            .iter()
            .enumerate()
            .filter(move |(at, _)| Some(*at) != but);
        others.filter_map(|(_, part)| part.walked.operation.as_deref())
    };
    let mut also: Vec<&str> = names(culprit).collect();
    also.dedup();
    let told_by = culprit.map_or(whole, |at| inside[at].clone());
    Incident {
        told_by,
        alert,
        also,
        novel: None,
        slice: None,
    }
}

impl<'a> Incident<'a> {
    fn absorb(&mut self, whole: &Alarm) {
        self.alert = self.alert.min(whole.alert());
    }

    /// Two operations that began to fail together are one incident; the one with more failures tells it.
    fn add_part(&mut self, part: Alarm<'a>) {
        self.alert = self.alert.min(part.alert());
        let more = part.found.counted.k > self.told_by.found.counted.k;
        let other = if more {
            std::mem::replace(&mut self.told_by, part)
        } else {
            part
        };
        self.also.extend(other.walked.operation.as_deref());
    }

    /// The one with more failures tells both.
    fn join(&mut self, other: Incident<'a>) {
        let alert = self.alert.min(other.alert);
        if other.told_by.found.counted.k > self.told_by.found.counted.k {
            *self = other;
        }
        self.alert = alert;
    }

    /// Why it is Category 2: novel only when that was seen first and no operation explains it.
    pub fn reason(&self) -> Reason {
        if self.slice.is_some() {
            return Reason::Reproducible;
        }
        let first = self
            .novel
            .is_some_and(|kind| kind.alert < self.told_by.alert());
        match self.told_by.reason() {
            Reason::SustainedRise if first => Reason::Novel,
            reason => reason,
        }
    }
}

fn name_novel<'a>(incidents: &mut [Incident<'a>], novel: &'a [Novel]) {
    for incident in incidents {
        incident.novel = novel.iter().find(|kind| is_part(kind, &incident.told_by));
        if let Some(kind) = incident.novel {
            incident.alert = incident.alert.min(kind.alert);
        }
    }
}

/// Incidents that one slice explains are one.
fn name_slices<'a>(incidents: &mut Vec<Incident<'a>>, found: &'a [slices::Found]) {
    let mut named: Vec<Incident> = Vec::new();
    for mut incident in std::mem::take(incidents) {
        incident.slice = slices::explains(found, &incident.told_by);
        let same = |known: &&mut Incident| {
            known
                .slice
                .zip(incident.slice)
                .is_some_and(|(one, other)| std::ptr::eq(one, other))
        };
        match (named.iter_mut().find(same), incident.slice) {
            (Some(known), _) => known.join(incident),
            (None, Some(slice)) => {
                incident.alert = incident.alert.min(slice.alert);
                named.push(incident);
            }
            (None, None) => named.push(incident),
        }
    }
    *incidents = named;
}

/// Does the kind belong to an episode: same class, and first seen while it went on?
pub fn is_part(kind: &Novel, alarm: &Alarm) -> bool {
    let class = match kind.status {
        None => Class::NoResponse,
        Some(429) => Class::Throttled,
        Some(500..) => Class::ServerError,
        Some(_) => Class::ErrorCode,
    };
    let early = alarm.onset().plus_secs(-limits::SAME_ONSET_SECONDS);
    let in_time = kind.first >= early && alarm.end().is_none_or(|end| kind.first <= end);
    let elsewhere = match (&alarm.walked.operation, &kind.operation) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    class == alarm.class && in_time && !elsewhere
}
