//! What the search found, with the numbers that decided.

use crate::model::call::{Calls, Part, TraitId};
use crate::model::evidence::Evidence;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::verdict::incident::Alarm;
use crate::verdict::slices::ground::Ground;
use crate::verdict::slices::limits;
use crate::verdict::slices::name::{Crossed, Tally};
use crate::verdict::slices::subsets::{Fields, Slice, has};
use crate::verdict::slices::tracker::Sum;
use crate::verdict::slices::walk::{Incident, Neighbours, Walk};
use crate::verdict::thresholds as votes;

/// A slice that fails nearly every time, over one stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub class: Class,
    /// The operation of all its failures, if it is one.
    pub operation: Option<String>,
    /// What else they have in common that the others have not; `None` where that is the operation alone.
    pub slice: Option<String>,
    pub onset: Timestamp,
    /// The last request of the slice that went well before.
    pub onset_low: Timestamp,
    pub alert: Timestamp,
    pub end: Option<Timestamp>,
    pub returns: u32,
    pub counted: Tally,
    pub outside: Sum,
    /// Everything that nearly all of the failures share.
    pub shared: Vec<String>,
    /// Wider combinations: how many of how many failed.
    pub ruled_out: Vec<(String, Sum)>,
    /// Where it rests on a body: kept bodies of requests that went well and have it, all kept ones, and how many
    /// requests stand behind one.
    pub bodies: Option<(f64, f64, f64)>,
    /// One in so many of its calls was looked at.
    pub one_in: u32,
    pub score: f64,
    pub needed: f64,
    pub tried: usize,
    pub neighbours: Neighbours,
    /// Combinations that were dropped because there were too many.
    pub dropped: u64,
}

const CLASSES: [Class; 4] = [
    Class::ServerError,
    Class::Throttled,
    Class::NoResponse,
    Class::ErrorCode,
];

/// The slices of an integration that failed nearly every time, by class and time of alert.
pub fn find(evidence: &Evidence, integration: &str, watermark: Timestamp) -> Vec<Found> {
    let own = evidence
        .calls
        .iter()
        .find(|calls| calls.integration == integration);
    let Some(calls) = own else {
        return Vec::new();
    };
    let fields = Fields::of(calls);
    let grounds = CLASSES
        .into_iter()
        .filter_map(|class| Ground::of(calls, class, &fields));
    grounds
        .flat_map(|ground| of_class(&ground, watermark))
        .collect()
}

fn of_class(ground: &Ground<'_>, watermark: Timestamp) -> Vec<Found> {
    let walk = Walk::through(ground, watermark);
    let described = walk
        .incidents
        .iter()
        .filter_map(|incident| describe(ground, incident, walk.dropped()));
    described.collect()
}

fn describe(ground: &Ground<'_>, incident: &Incident, dropped: u64) -> Option<Found> {
    let until = incident.last;
    let crossed = Crossed::of(ground, incident, until);
    let slice = crossed.best(ground, incident)?;
    let (onset, onset_low) = onset(ground, &slice, incident.from);
    let counted = crossed.within(ground, &slice);
    let failing = || {
        let own = ground
            .own
            .iter()
            .filter(|call| call.failed == Some(ground.class));
        own.filter(|call| onset <= call.at && call.at <= until && has(&call.traits, &slice))
    };
    let first = failing().next().map(|call| call.operation);
    let operation = first.filter(|first| failing().all(|call| call.operation == *first));
    let of_operation = operation.filter(|_| ground.is_of_operation(&slice));
    Some(Found {
        class: ground.class,
        operation: operation.map(|name| ground.calls.name(name).to_owned()),
        slice: title(ground.calls, &slice),
        onset,
        onset_low,
        alert: incident.alert,
        end: incident.end,
        returns: incident.returns,
        counted,
        outside: crossed.outside(ground, &slice),
        shared: shared(ground.calls, crossed.traits()),
        ruled_out: ruled_out(ground, &crossed, &slice),
        bodies: bodies(ground, &crossed, &slice),
        one_in: ground.one_in(of_operation),
        score: incident.score,
        needed: incident.needed,
        tried: incident.tried,
        neighbours: incident.neighbours,
        dropped: dropped + ground.calls.traits_left_out,
    })
}

/// The first failure that no success of the slice came after, and the last request of the slice before it.
fn onset(ground: &Ground<'_>, slice: &[TraitId], from: Timestamp) -> (Timestamp, Timestamp) {
    let day_before = from.plus_secs(-(votes::RAMP_MINUTES_MAX as i64) * 60);
    let mut onset = from;
    for call in ground.own.iter().rev() {
        if call.at >= from || !has(&call.traits, slice) {
            continue;
        }
        if call.at < day_before {
            break;
        }
        match (call.failed, call.healed) {
            (Some(class), None) if class == ground.class => onset = call.at,
            _ => return (onset, call.at),
        }
    }
    let first = ground.own.first().map_or(from, |call| call.at);
    (onset, first.max(day_before).min(onset))
}

/// `currency=JPY & tenant=acme`, without the operation.
fn title(calls: &Calls, slice: &[TraitId]) -> Option<String> {
    let mut titles = shared(calls, slice);
    titles.sort();
    (!titles.is_empty()).then(|| titles.join(" & "))
}

fn shared(calls: &Calls, traits: &[TraitId]) -> Vec<String> {
    let known = traits.iter().map(|one| &calls.traits[*one as usize]);
    let other = known.filter(|one| one.part != Part::Operation);
    other.map(|one| one.title()).collect()
}

/// The combinations with one trait less, as far as they are wider.
fn ruled_out(ground: &Ground<'_>, crossed: &Crossed, slice: &[TraitId]) -> Vec<(String, Sum)> {
    let own = crossed.within(ground, slice);
    let name = |part: &[TraitId]| {
        let titles = part
            .iter()
            .map(|one| ground.calls.traits[*one as usize].title());
        titles.collect::<Vec<_>>().join(" & ")
    };
    let less = (0..slice.len()).map(|at| {
        let mut rest: Slice = slice.to_vec();
        rest.remove(at);
        rest
    });
    let wider = less.filter(|rest| !rest.is_empty()).map(|rest| {
        let tally = crossed.within(ground, &rest);
        (rest, tally)
    });
    let told = wider.filter(|(_, tally)| tally.requests() > own.requests());
    told.take(limits::RULED_OUT_MAX)
        .map(|(rest, tally)| {
            let sum = Sum {
                n: tally.requests(),
                k: tally.failures,
            };
            (name(&rest), sum)
        })
        .collect()
}

fn bodies(ground: &Ground<'_>, crossed: &Crossed, slice: &[TraitId]) -> Option<(f64, f64, f64)> {
    let of_body = slice.iter().any(|one| ground.is_body(*one));
    of_body.then(|| {
        let with = crossed.within(ground, slice).bodies;
        (with, crossed.all.bodies, ground.body_scale)
    })
}

/// The slice that explains an episode of an integration or operation: what failed above normal are mostly its failures,
/// or those of several slices, of which it has the most.
pub fn explains<'f>(found: &'f [Found], alarm: &Alarm<'_>) -> Option<&'f Found> {
    let own = || found.iter().filter(|one| is_part(one, alarm));
    let attempts: f64 = own().map(|one| one.counted.attempts).sum();
    let counted = &alarm.found.counted;
    let enough = attempts >= limits::EXPLAINS_SHARE * (counted.k - counted.base);
    let largest =
        |one: &&Found, other: &&Found| one.counted.attempts.total_cmp(&other.counted.attempts);
    own().max_by(largest).filter(|_| enough)
}

fn is_part(found: &Found, alarm: &Alarm<'_>) -> bool {
    let slack = votes::SAME_ONSET_SECONDS;
    let operation = alarm.walked.operation.as_deref();
    let elsewhere = operation
        .zip(found.operation.as_deref())
        .is_some_and(|(a, b)| a != b);
    let before =
        |at: Timestamp, end: Option<Timestamp>| end.is_none_or(|end| at <= end.plus_secs(slack));
    found.class == alarm.class
        && !elsewhere
        // What began after the alert is not what it was about.
        && found.onset <= alarm.alert()
        && before(found.onset, alarm.end())
        && before(alarm.onset(), found.end)
}
