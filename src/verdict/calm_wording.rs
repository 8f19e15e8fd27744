//! The sentences of a verdict that is not Category 2: why, what to do, and when it clears.

use crate::model::digits::thousands;
use crate::model::verdict::Class;
use crate::verdict::calm::{Calm, Recent};
use crate::verdict::engine::Burst;
use crate::verdict::history::Tally;
use crate::verdict::thresholds as limits;
use crate::verdict::units::{clock, counted, duration, expected, of_requests};
use crate::verdict::wording::{failed, pattern_minutes, retried};

/// Why a series is Category 1, quiet or undecided.
pub fn why(recent: &Recent, calm: &Calm, class: Class) -> Vec<String> {
    let sum = &recent.counted;
    let hours = recent
        .walked
        .track
        .settings
        .recent_hours
        .saturating_mul(3600) as i64;
    let history = recent.walked.history_seconds();
    let what = failed(class);
    let seen = duration(hours.min(history));
    let line = format!(
        "{} {what} in the last {seen}",
        of_requests(sum.all_k, sum.all_n)
    );
    let mut why = match calm {
        Calm::NothingFailed => vec![nothing(sum.all_n as u64, class, &seen)],
        Calm::Failing { votes } => vec![
            line,
            format!(
                "the last {} with requests all failed: {} make it reproducible",
                counted(u64::from(*votes), "window"),
                limits::VOTES_MIN
            ),
        ],
        Calm::Bursts { bursts, going_on } => {
            let mut why = vec![line];
            why.extend(bursts.last().map(|last| one_burst(recent, last, *going_on)));
            why.push(format!(
                "{}, none that went on: a rise is {} minutes old or more, and raised without its worst {} too",
                counted(bursts.len() as u64, "burst"),
                recent.walked.track.settings.hold_minutes,
                limits::BURST_MINUTES
            ));
            why
        }
        Calm::Healed => vec![
            line,
            "nearly every failure was tried again and ended well".to_owned(),
        ],
        Calm::ShortHistory { needed_hours } => vec![
            line,
            format!(
                "{} of history; a rise can only be judged against at least {}",
                duration(history),
                counted(*needed_hours, "hour")
            ),
        ],
        Calm::NormalUnknown => vec![
            line,
            format!(
                "{} of history; whether this is normal here can be told after {} hours",
                duration(history),
                limits::NORMAL_HOURS
            ),
            "no rise was seen within this history".to_owned(),
        ],
        Calm::FewRequests { needed } => vec![
            line,
            format!(
                "too few requests: a rise would show from {} on, there were {}",
                counted(*needed, "request"),
                thousands(sum.all_n as u64)
            ),
        ],
        Calm::Scattered { expected: None } => vec![
            line,
            format!(
                "few and scattered; no rise in {} of history",
                duration(history)
            ),
        ],
        Calm::Scattered {
            expected: Some(usual),
        } => vec![
            line,
            format!(
                "{}more than the usual {}, but scattered: no rise held for {} minutes",
                judged_part(sum),
                expected(*usual),
                recent.walked.track.settings.hold_minutes
            ),
        ],
        Calm::Normal { expected: usual } => vec![
            line,
            format!(
                "{}that is normal here ({} expected)",
                judged_part(sum),
                expected(*usual)
            ),
        ],
        Calm::SameAsBefore { before } => vec![
            line,
            format!(
                "the share rose because there were fewer requests; the time before had {}",
                counted(*before, "failure")
            ),
        ],
    };
    why.extend(retried(recent.retries).filter(|_| sum.all_k > 0.0));
    let pattern = recent.walked.track.baseline.pattern_minutes();
    why.extend((!pattern.is_empty()).then(|| pattern_minutes(&pattern)));
    why
}

/// Names what is judged where that is not all: the pattern minutes are left out.
fn judged_part(sum: &Tally) -> String {
    if sum.n >= sum.all_n {
        return String::new();
    }
    let judged = of_requests(sum.k, sum.n);
    format!("outside the minutes in which failures are usual, {judged}: ")
}

/// The sentence of a series in which nothing failed.
pub fn nothing(requests: u64, class: Class, seen: &str) -> String {
    let what = match class {
        Class::Throttled => "no 429",
        Class::NoResponse => "no missing response",
        _ => "no failure",
    };
    format!(
        "{what} in {} in the last {seen}",
        counted(requests, "request")
    )
}

fn one_burst(recent: &Recent, burst: &Burst, going_on: bool) -> String {
    let minutes = (burst.end - burst.from) * recent.walked.track.cell_minutes;
    let healed = if going_on {
        "may still be going on"
    } else {
        "healed"
    };
    format!(
        "a burst at {}: {} within {minutes} minutes, {healed}",
        clock(recent.walked.start(burst.from)),
        of_requests(burst.failures as f64, burst.requests as f64),
    )
}

pub fn action(calm: &Calm, class: Class) -> &'static str {
    match (calm, class) {
        (Calm::NothingFailed | Calm::Normal { .. } | Calm::SameAsBefore { .. }, _) => {
            "Nothing to do"
        }
        (Calm::Bursts { going_on: true, .. }, _) => {
            "Retry with backoff and wait for the hold time: it is a case only if it does not heal"
        }
        (Calm::Failing { .. }, _) => "Wait for the next requests, or send one by hand",
        (Calm::ShortHistory { .. } | Calm::NormalUnknown, _) => {
            "Wait for more history, or load older logs"
        }
        (Calm::FewRequests { .. }, _) => "Wait for more requests, or load older logs",
        (_, Class::Throttled) => "Retry after the time the vendor asks for; spread the calls",
        _ => "Retry with backoff; a case would end as \"reason unknown\"",
    }
}

pub fn clears(calm: &Calm, recent_hours: u64) -> Option<String> {
    match calm {
        Calm::NothingFailed | Calm::Normal { .. } | Calm::SameAsBefore { .. } => None,
        Calm::ShortHistory { needed_hours } => Some(format!(
            "with {} of history",
            counted(*needed_hours, "hour")
        )),
        Calm::NormalUnknown => Some(format!("with {} hours of history", limits::NORMAL_HOURS)),
        Calm::FewRequests { needed } => Some(format!(
            "with {}, or after {} without a failure",
            counted(*needed, "request"),
            counted(recent_hours, "hour")
        )),
        Calm::Failing { .. } => {
            Some("with the next request that succeeds, or the fourth that fails".to_owned())
        }
        _ => Some(format!(
            "after {} without another",
            counted(recent_hours, "hour")
        )),
    }
}
