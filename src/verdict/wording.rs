//! The sentences of a Category 2 verdict: why, what to do, and when it clears. Every number that decided stands in them.

use crate::model::digits::thousands;
use crate::model::evidence::RetryCounts;
use crate::model::time::Timestamp;
use crate::model::verdict::{Class, Reason};
use crate::verdict::found::Ending;
use crate::verdict::incident::Alarm;
use crate::verdict::novel::Novel;
use crate::verdict::silence::Silence;
use crate::verdict::thresholds as limits;
use crate::verdict::units::{clock, counted, duration, expected, of_requests, percent};

/// What failing means for a class.
pub fn failed(class: Class) -> &'static str {
    match class {
        Class::Throttled => "were throttled (429)",
        Class::NoResponse => "got no response",
        Class::ErrorCode => "were answered 2xx with the code of an error",
        _ => "failed (5xx)",
    }
}

/// Why an episode is Category 2.
pub fn why_two(alarm: &Alarm, reason: Reason, retries: Option<RetryCounts>) -> Vec<String> {
    let mut why = vec![what_failed(alarm)];
    why.extend(how_it_rose(alarm));
    why.extend(why_reproducible(alarm, reason));
    why.extend(why_sustained(alarm));
    why.push(the_onset(alarm));
    why.extend(how_it_went_on(alarm));
    why.extend(retried(retries));
    why
}

fn what_failed(alarm: &Alarm) -> String {
    let sum = &alarm.found.counted;
    let since = clock(alarm.onset());
    let until = match alarm.end() {
        Some(end) => format!("from {since} to {}", clock(end)),
        None => format!("since {since}"),
    };
    let start = format!(
        "{} {} {until}",
        of_requests(sum.k, sum.n),
        failed(alarm.class)
    );
    if !alarm.found.normal_known {
        return format!("{start}; the normal rate is not known, the history is too short");
    }
    let usual = percent(if sum.n > 0.0 { sum.base / sum.n } else { 0.0 });
    format!(
        "{start} instead of the usual {usual} ({} expected)",
        expected(sum.base)
    )
}

fn how_it_rose(alarm: &Alarm) -> Option<String> {
    let rise = alarm.found.rise?;
    let (factor, low, high) = (rise.factor, rise.low, rise.high);
    Some(format!(
        "a rise by a factor of {factor:.1} (95 % interval {low:.1} to {high:.1})"
    ))
}

fn why_reproducible(alarm: &Alarm, reason: Reason) -> Option<String> {
    let from = alarm.found.cause.always_from?;
    if reason != Reason::Reproducible {
        return None;
    }
    let share = percent(limits::VOTE_SHARE);
    let from = clock(alarm.walked.start(from));
    let what = match &alarm.walked.operation {
        Some(operation) => format!("{operation} fails"),
        None => "the integration fails".to_owned(),
    };
    Some(format!("{what} (nearly) every time since {from}: at least {share} in each window with requests, while the rest of the integration does not"))
        .map(|text| match alarm.walked.operation {
            Some(_) => text,
            None => text.replace(", while the rest of the integration does not", ""),
        })
}

fn why_sustained(alarm: &Alarm) -> Option<String> {
    let minutes = alarm.found.cause.risen_minutes?;
    Some(format!(
        "not a spike: clear in a look-back of {minutes} minutes, at least {} minutes old, still raised at the alert, and raised in at least {} of the time since it began",
        alarm.walked.track.settings.hold_minutes,
        percent(limits::SPREAD_SHARE),
    ))
}

fn the_onset(alarm: &Alarm) -> String {
    let onset = &alarm.found.onset;
    let walked = alarm.walked;
    if let Some(hole) = onset.hole_from {
        return format!(
            "it began between {} (last request before) and {}: there are no data in between",
            clock(walked.end(hole)),
            clock(walked.end(onset.high + 1)),
        );
    }
    format!(
        "it began between {} and {} (95 % interval)",
        clock(walked.start(onset.low)),
        clock(walked.end(onset.high + 1)),
    )
}

fn how_it_went_on(alarm: &Alarm) -> Vec<String> {
    let mut said = Vec::new();
    if alarm.found.returns > 0 {
        let times = counted(u64::from(alarm.found.returns), "time");
        said.push(format!(
            "it paused and came back {times} within {} minutes: one episode",
            limits::JOIN_MINUTES
        ));
    }
    match alarm.found.end {
        Some((_, Ending::NewNormal)) => {
            said.push("it lasted three days and counts as the new normal from then on".to_owned())
        }
        Some((_, Ending::NoData)) => {
            said.push("no request for three days: taken as over, not as healed".to_owned())
        }
        Some((_, Ending::Healed)) => said.push("the rate is back to normal".to_owned()),
        None => {}
    }
    let pattern = alarm.walked.track.baseline.pattern_minutes();
    if !pattern.is_empty() {
        said.push(pattern_minutes(&pattern));
    }
    said
}

pub fn pattern_minutes(minutes: &[usize]) -> String {
    let list: Vec<String> = minutes.iter().map(usize::to_string).collect();
    format!(
        "failures at minute {} of each hour are usual here and left out",
        list.join(", ")
    )
}

pub fn retried(retries: Option<RetryCounts>) -> Option<String> {
    let RetryCounts { healed, tried } = retries?;
    (tried > 0).then(|| {
        format!(
            "{} of {} ended well",
            thousands(healed),
            counted(tried, "retried call")
        )
    })
}

/// Why a kind of error is novel.
pub fn why_novel(kind: &Novel) -> Vec<String> {
    vec![
        format!(
            "\"{}\" occurred {} from {} to {}",
            kind.name,
            counted(kind.count, "time"),
            clock(kind.first),
            clock(kind.last)
        ),
        format!(
            "{} of it within {} sufficed: at that pace it would hardly have been missed before",
            counted(kind.requests as u64, "call"),
            duration(kind.alert.secs_since(kind.first))
        ),
        format!(
            "never seen before among {} of {} (each kind counted once in ten minutes); the chance of an unseen kind was {}",
            counted(kind.known_errors, "earlier error"),
            counted(kind.known_kinds as u64, "kind"),
            percent(kind.unseen)
        ),
    ]
}

/// One sentence for an incident that a new kind of error belongs to.
pub fn novel_too(kind: &Novel) -> String {
    format!(
        "\"{}\" was never seen before {}",
        kind.name,
        clock(kind.first)
    )
}

pub fn also_failing(operations: &[&str]) -> Option<String> {
    (!operations.is_empty()).then(|| format!("also failing: {}", operations.join(", ")))
}

/// A source that has stopped is not a source that is well.
pub fn silent(last: Timestamp, watermark: Timestamp) -> Option<String> {
    let gap = watermark.secs_since(last);
    (gap >= limits::SILENT_MINUTES * 60).then(|| {
        format!(
            "no request since {} ({}): no data is not recovery",
            clock(last),
            duration(gap)
        )
    })
}

pub const ACTION_SILENT: &str = "Look whether the source still writes and its records still arrive; until then nothing is judged here";

/// Why a source that stopped is more than a quiet hour.
pub fn why_silent(found: &Silence, watermark: Timestamp) -> Vec<String> {
    let mut why: Vec<String> = silent(found.since, watermark).into_iter().collect();
    why.push(format!(
        "at the same time of earlier days or weeks there were at least {}",
        counted(found.missing, "request")
    ));
    why
}

/// What our own side throttled never counts against the vendor.
pub fn throttled_here(count: u64) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{} answered by our own side with 429 never reached the vendor and are not counted",
            counted(count, "request")
        )
    })
}

pub fn action_two(class: Class, reason: Reason, ongoing: bool) -> String {
    let with = match reason {
        Reason::Reproducible => {
            "one failing request and its response, and the fact that it fails every time"
        }
        Reason::Novel => {
            "the first failing request and its response, and the fact that it was never seen before"
        }
        _ => "the onset, the rise, and failing requests with their responses",
    };
    match (class, ongoing) {
        (Class::Throttled, true) => format!(
            "Slow down to the vendor's limit first; if the limit was not exceeded, open a support case with {with}"
        ),
        (_, true) => format!("Open a support case with {with}"),
        (_, false) => format!("It is over; if a cause is wanted, open a support case with {with}"),
    }
}

pub fn clears_two(alarm: &Alarm) -> Option<String> {
    alarm.found.end.is_none().then(|| {
        format!("after {} minutes of requests that fail at the normal rate; without requests it stays open", limits::CLOSE_MINUTES)
    })
}
