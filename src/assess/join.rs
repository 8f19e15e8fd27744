//! From a session over the tables to verdicts, overviews and whole assessments.

use std::collections::BTreeMap;

use crate::assess::headline::tell;
use crate::assess::scope::{Scope, end_of, settle_range};
use crate::model::assessment::{Assessment, IntegrationSummary, SparkWindow};
use crate::model::evidence::Evidence;
use crate::model::exchange::Outcome;
use crate::model::time::TimeRange;
use crate::model::timespec::step_for;
use crate::model::verdict::Verdict;
use crate::model::window::{Counts, RateRow, share};
use crate::query::{Bounds, By, QueryError, RateQuery, SampleQuery, Session, View};
use crate::verdict::{self, Explanation, Judgement, Settings};

/// Windows of a trend that a chart can show.
const TREND_WINDOWS_MAX: i64 = 400;

/// Windows of a small trend.
const SPARK_WINDOWS_MAX: i64 = 48;

/// Failing exchanges that an assessment brings along when nobody says how many, and successful ones.
pub const FAILURES_SHOWN: usize = 12;
const SUCCESSES_SHOWN: usize = 4;

/// Judges every series as of the end of the scope, and walks all history before it.
pub async fn judge_series(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
) -> Result<Judgement, QueryError> {
    let (evidence, settings) = (evidence(session, scope).await?, settings.clone());
    on_blocking_pool(move || verdict::judge(&evidence, &settings)).await
}

/// Every episode that would have alerted, the ones that ended before the scope left out.
pub async fn replay_series(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
) -> Result<Vec<Verdict>, QueryError> {
    let mut episodes = judge_series(session, settings, scope).await?.episodes;
    drop_ended(&mut episodes, scope);
    Ok(episodes)
}

/// Leaves out the episodes that ended before the scope.
pub fn drop_ended(episodes: &mut Vec<Verdict>, scope: &Scope) {
    if let Some(since) = scope.since {
        episodes.retain(|episode| episode.end.is_none_or(|end| end > since));
    }
}

/// Every test with its inputs.
pub async fn explain_series(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
) -> Result<Vec<Explanation>, QueryError> {
    let (evidence, settings) = (evidence(session, scope).await?, settings.clone());
    on_blocking_pool(move || verdict::explain(&evidence, &settings)).await
}

/// Judging months of minutes takes long enough to be in the way of other requests.
pub(super) async fn on_blocking_pool<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, QueryError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| QueryError::Unreadable("the judgement was cut off".to_owned()))
}

/// Takes all history up to the scope's end: what is normal is learned from before the range that is shown.
async fn evidence(session: &Session, scope: &Scope) -> Result<Evidence, QueryError> {
    let bounds = session.find_bounds().await?;
    let Some(all) = bounds.range(None) else {
        return Ok(Evidence::default());
    };
    let until = end_of(scope, all);
    let range = TimeRange {
        since: all.since,
        until,
    };
    session
        .find_evidence(range, scope.integration.as_deref())
        .await
}

/// One line an integration, the ones that need a person first.
pub async fn overview(
    session: &Session,
    judgement: &Judgement,
    scope: &Scope,
) -> Result<(Option<TimeRange>, Vec<IntegrationSummary>), QueryError> {
    let bounds = session.find_bounds().await?;
    let Some(range) = settle_range(&bounds, scope, None) else {
        return Ok((None, Vec::new()));
    };
    let query = RateQuery {
        integration: scope.integration.clone(),
        range,
        step_s: step_for(range.secs(), SPARK_WINDOWS_MAX),
        by: By::Integration,
        view: View::Attempts,
    };
    let mut trends: BTreeMap<String, Vec<RateRow>> = BTreeMap::new();
    for row in session.list_rates(&query, &bounds).await? {
        trends.entry(row.integration.clone()).or_default().push(row);
    }
    let wanted = |name: &&str| {
        scope
            .integration
            .as_deref()
            .is_none_or(|only| only == *name)
    };
    let mut all: Vec<IntegrationSummary> = bounds
        .integrations()
        .filter(wanted)
        .filter_map(|name| {
            let told = tell(&bounds, judgement, name, scope)?;
            let trend = trends.get(name).map(Vec::as_slice).unwrap_or_default();
            Some(summarise(name, trend, told.headline, &bounds))
        })
        .collect();
    all.sort_by(|a, b| {
        let key = |s: &IntegrationSummary| {
            (
                s.headline.category.urgency(),
                s.headline.failures,
                s.counts.requests,
            )
        };
        key(b)
            .cmp(&key(a))
            .then_with(|| a.integration.cmp(&b.integration))
    });
    Ok((Some(range), all))
}

fn summarise(
    name: &str,
    trend: &[RateRow],
    headline: Verdict,
    bounds: &Bounds,
) -> IntegrationSummary {
    let mut counts = Counts::default();
    for row in trend {
        counts += row.counts();
    }
    IntegrationSummary {
        integration: name.to_owned(),
        headline,
        counts,
        rate_429: share(counts.throttled, counts.requests),
        rate_5xx: share(counts.server_errors, counts.requests),
        rate_no_response: share(counts.no_response, counts.requests),
        last_event: bounds.last(name),
        spark: trend
            .iter()
            .map(|row| SparkWindow {
                window_start: row.window_start,
                requests: row.requests,
                throttled: row.throttled,
                server_errors: row.server_errors,
                no_response: row.no_response,
            })
            .collect(),
    }
}

/// A case shows what it is about; without one, any failure is worth a look.
fn samples_of(headline: &Verdict, failures: usize) -> SampleQuery<'_> {
    let has_case = headline.onset.is_some();
    let outcome = headline.series.class.outcome().map(Outcome::name);
    SampleQuery {
        operation: headline.series.operation.as_deref().filter(|_| has_case),
        outcome: outcome.filter(|_| has_case),
        failures,
        successes: SUCCESSES_SHOWN,
    }
}

/// The part of the range that samples are taken from: as long as the case lasted, if there is one.
fn sampled(range: TimeRange, headline: &Verdict) -> TimeRange {
    let Some(onset) = headline.onset else {
        return range;
    };
    let case = TimeRange {
        since: onset.max(range.since),
        until: headline.end.unwrap_or(range.until).min(range.until),
    };
    if case.secs() > 0 { case } else { range }
}

/// Everything about one integration, with at most `failures` failing exchanges; `None` when the store does not know
/// it.
pub async fn assess_integration(
    session: &Session,
    judgement: &Judgement,
    integration: &str,
    scope: &Scope,
    failures: usize,
) -> Result<Option<Assessment>, QueryError> {
    let bounds = session.find_bounds().await?;
    let Some(told) = tell(&bounds, judgement, integration, scope) else {
        return Ok(None);
    };
    let range = told.range;
    let query = RateQuery {
        integration: Some(integration.to_owned()),
        range,
        step_s: step_for(range.secs(), TREND_WINDOWS_MAX),
        by: By::Integration,
        view: View::Attempts,
    };
    let samples_range = sampled(range, &told.headline);
    let samples = samples_of(&told.headline, failures);
    let own = |verdict: &&Verdict| verdict.series.integration == integration;
    Ok(Some(Assessment {
        integration: integration.to_owned(),
        range,
        trend: session.list_rates(&query, &bounds).await?,
        operations: session.list_operations(range, integration).await?,
        errors: session.list_errors(range, Some(integration), None).await?,
        samples: session
            .list_samples(samples_range, integration, &samples)
            .await?,
        last_event: bounds.last(integration),
        verdicts: judgement.standing.iter().filter(own).cloned().collect(),
        episodes: told.episodes,
        headline: told.headline,
    }))
}
