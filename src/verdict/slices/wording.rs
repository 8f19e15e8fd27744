//! The sentences about a slice: what the failing requests share, the neighbours, what was ruled out, and how closely
//! was looked.

use crate::model::digits::thousands;
use crate::verdict::slices::found::Found;
use crate::verdict::slices::limits;
use crate::verdict::thresholds as votes;
use crate::verdict::units::{clock, counted, of_requests, percent};
use crate::verdict::wording::failed;

/// Why a slice is Category 2.
pub fn why(found: &Found) -> Vec<String> {
    let mut why = vec![what_failed(found), neighbours(found)];
    why.extend(shared(found));
    why.extend(ruled_out(found));
    why.extend(healed(found));
    why.push(how_sure(found));
    why.extend(bodies(found));
    why.extend(looked(found));
    why
}

/// Which requests, as people would say it.
fn which(found: &Found) -> String {
    match (&found.slice, &found.operation) {
        (Some(slice), Some(operation)) => format!("with {slice} on {operation}"),
        (Some(slice), None) => format!("with {slice}"),
        (None, Some(operation)) => format!("on {operation}"),
        (None, None) => "of this kind".to_owned(),
    }
}

fn what_failed(found: &Found) -> String {
    let until = match found.end {
        Some(end) => format!("from {} to {}", clock(found.onset), clock(end)),
        None => format!("since {}", clock(found.onset)),
    };
    format!(
        "{} {} {} {until}, the attempts of one call counted once",
        of_requests(found.counted.failures, found.counted.requests()),
        which(found),
        failed(found.class)
    )
}

fn neighbours(found: &Found) -> String {
    format!(
        "of all others meanwhile {}",
        of_requests(found.outside.k, found.outside.n)
    )
}

fn shared(found: &Found) -> Option<String> {
    let many = found.shared.len() > 1;
    many.then(|| {
        format!(
            "nearly all of the failing requests share {}",
            found.shared.join(", ")
        )
    })
}

fn ruled_out(found: &Found) -> Option<String> {
    let told = found.ruled_out.iter();
    let list: Vec<String> = told
        .map(|(name, sum)| format!("{name} ({})", of_requests(sum.k, sum.n)))
        .collect();
    (!list.is_empty()).then(|| {
        format!(
            "wider combinations do not fail every time: {}",
            list.join(", ")
        )
    })
}

fn healed(found: &Found) -> Option<String> {
    let healed = found.counted.healed;
    (healed >= 1.0).then(|| {
        let calls = counted(healed as u64, "call");
        format!("{calls} that failed at first ended well on retry and speak against it")
    })
}

fn how_sure(found: &Found) -> String {
    format!(
        "{} failures or more over {} minutes, at least {} failing; the score was {:.1} and had to be {:.1} with {} tried, so that all of them together give a false alarm with a chance of {:e}",
        votes::VOTES_MIN,
        limits::SPAN_SECONDS / 60,
        percent(votes::VOTE_RATE),
        found.score,
        found.needed,
        counted(found.tried as u64, "combination"),
        votes::VOTE_FALSE
    )
}

fn bodies(found: &Found) -> Option<String> {
    let (with, known, scale) = found.bodies?;
    Some(format!(
        "it rests on request bodies, of which one in {scale:.0} is kept where the request went well: {} of {} have it, so some successes may not have been seen",
        thousands(with as u64),
        counted(known as u64, "kept body that went well").replace("bodys", "bodies")
    ))
}

fn looked(found: &Found) -> Option<String> {
    let mut said = Vec::new();
    if found.one_in > 1 {
        said.push(format!(
            "one in {} calls was looked at, because there are so many, and each stands for as many",
            found.one_in
        ));
    }
    if found.dropped > 0 {
        said.push(format!(
            "{} were left out, because there were too many",
            counted(found.dropped, "combination")
        ));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

pub fn clears(found: &Found) -> Option<String> {
    found.end.is_none().then(|| {
        format!(
            "after {} such requests that go well and {} minutes without a failure; without requests it stays open",
            (limits::RECOVERED_NATS / votes::VOTE_SUCCESS).ceil(),
            votes::CLOSE_MINUTES
        )
    })
}
