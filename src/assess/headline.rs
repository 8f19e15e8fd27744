//! Which verdict speaks for an integration over a range.
//!
//! An episode that lies in the range comes first, whether or not it is still there at the range's end: a report over
//! last week must not call a week quiet that had an outage. Only a range without one is told by its end.

use crate::assess::scope::{Scope, settle_range};
use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::{Class, SeriesId, State, Verdict};
use crate::query::Bounds;
use crate::verdict::Judgement;

/// A verdict on one operation speaks for the integration when it has at least this share of its failures: it says
/// where, and its onset is not blurred by what happened elsewhere.
const EXPLAINING_SHARE: f64 = 0.8;

/// One integration as it is shown.
pub struct Told {
    pub range: TimeRange,
    pub headline: Verdict,
    /// Every episode that overlaps the range, by the time of its alert.
    pub episodes: Vec<Verdict>,
}

/// What is said of one integration, and over which range; `None` when the store does not know it.
pub fn tell(
    bounds: &Bounds,
    judgement: &Judgement,
    integration: &str,
    scope: &Scope,
) -> Option<Told> {
    let scope = Scope {
        integration: Some(integration.to_owned()),
        ..scope.clone()
    };
    let mut range = settle_range(bounds, &scope, None)?;
    // A range that nobody chose begins before the incident; the wider range may hold a worse one.
    loop {
        let told = tell_range(bounds, judgement, integration, range);
        let wider = settle_range(bounds, &scope, told.headline.onset)?;
        if wider.since >= range.since {
            return Some(told);
        }
        range = wider;
    }
}

fn tell_range(bounds: &Bounds, judgement: &Judgement, integration: &str, range: TimeRange) -> Told {
    let own = |verdict: &&Verdict| verdict.series.integration == integration;
    let within = judgement.episodes.iter().filter(own);
    let episodes: Vec<Verdict> = within
        .filter(|episode| overlaps(episode, range))
        .cloned()
        .collect();
    let standing: Vec<&Verdict> = judgement.standing.iter().filter(own).collect();
    let headline = worst(&episodes)
        .or_else(|| most_urgent(&standing))
        .cloned()
        .unwrap_or_else(|| unseen(integration, bounds.watermark()));
    Told {
        range,
        headline,
        episodes,
    }
}

fn overlaps(episode: &Verdict, range: TimeRange) -> bool {
    let begun = episode.onset.is_none_or(|onset| onset < range.until);
    begun && episode.end.is_none_or(|end| end > range.since)
}

/// What goes on before what has ended, then the one with the most failures, then the latest.
fn worst(episodes: &[Verdict]) -> Option<&Verdict> {
    episodes
        .iter()
        .max_by_key(|one| (one.state == State::Ongoing, one.failures, one.onset))
}

/// Category 2 before undecided before Category 1 before quiet, what goes on before what has ended, and then the one
/// that explains the most failures with the fewest operations.
fn most_urgent<'a>(standing: &[&'a Verdict]) -> Option<&'a Verdict> {
    let urgency = |v: &Verdict| (v.category.urgency(), v.state == State::Ongoing);
    let all = || standing.iter().copied();
    let most = all().max_by_key(|v| (urgency(v), v.failures, v.series.operation.is_none()))?;
    let explaining = all()
        .filter(|v| urgency(v) == urgency(most) && v.series.operation.is_some())
        .filter(|v| v.failures as f64 >= EXPLAINING_SHARE * most.failures as f64 && v.failures > 0)
        .max_by_key(|v| v.failures);
    explaining.or(Some(most))
}

/// An integration of which nothing reached the vendor: nothing to judge.
fn unseen(integration: &str, watermark: Option<Timestamp>) -> Verdict {
    let series = SeriesId {
        integration: integration.to_owned(),
        operation: None,
        slice: None,
        class: Class::ServerError,
    };
    let why = "No request reached this vendor, so there is nothing to judge.".to_owned();
    Verdict {
        action: "Nothing to do.".to_owned(),
        ..Verdict::quiet(series, vec![why], watermark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::verdict::Category;

    fn episode(from: i64, end: Option<i64>, failures: u64) -> Verdict {
        Verdict {
            category: Category::Two,
            state: end.map_or(State::Ongoing, |_| State::Ended),
            onset: Some(Timestamp::from_secs(from)),
            end: end.map(Timestamp::from_secs),
            failures,
            ..unseen("a", None)
        }
    }

    fn told(episodes: Vec<Verdict>, since: i64, until: i64) -> Told {
        let judgement = Judgement {
            standing: vec![unseen("a", None)],
            episodes,
        };
        let range = TimeRange {
            since: Timestamp::from_secs(since),
            until: Timestamp::from_secs(until),
        };
        tell_range(&Bounds::default(), &judgement, "a", range)
    }

    #[test]
    fn an_episode_in_the_range_speaks_for_it() {
        let past = episode(100, Some(200), 9);
        for (since, until, category) in [
            (0, 1_000, Category::Two),
            (150, 160, Category::Two),
            (200, 1_000, Category::Quiet),
            (0, 100, Category::Quiet),
        ] {
            let told = told(vec![past.clone()], since, until);
            assert_eq!(told.headline.category, category, "{since} to {until}");
        }
    }

    #[test]
    fn what_goes_on_comes_before_what_was_worse() {
        let (worse, open) = (episode(100, Some(200), 9), episode(500, None, 3));
        let both = told(vec![worse.clone(), open.clone()], 0, 1_000);
        assert_eq!((both.headline, both.episodes.len()), (open, 2));
        let ended = told(vec![worse.clone(), episode(300, Some(400), 3)], 0, 1_000);
        assert_eq!(ended.headline, worse);
    }

    #[test]
    fn other_integrations_say_nothing() {
        let mut other = episode(100, None, 9);
        other.series.integration = "b".to_owned();
        assert_eq!(
            told(vec![other], 0, 1_000).headline.category,
            Category::Quiet
        );
    }
}
