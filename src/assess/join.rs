//! From a session over the tables to verdicts, overviews and whole assessments.

use std::collections::BTreeMap;

use crate::model::assessment::{Assessment, IntegrationSummary, SparkWindow};
use crate::model::evidence::Evidence;
use crate::model::exchange::Outcome;
use crate::model::time::{TimeRange, Timestamp};
use crate::model::timespec::step_for;
use crate::model::verdict::{Category, Class, Reason, SeriesId, State, Verdict};
use crate::model::window::{Counts, RateRow, share};
use crate::query::{Bounds, By, QueryError, RateQuery, SampleQuery, Session, View};
use crate::verdict::{self, Explanation, Settings};

/// What is shown when nobody says otherwise: the last day of the data.
const RANGE_S: i64 = 86_400;

/// An incident is shown with this much of what was before it.
const BEFORE_ONSET_S: i64 = 3 * 3_600;

/// Windows of a trend that a chart can show.
const TREND_WINDOWS_MAX: i64 = 400;

/// Windows of a small trend.
const SPARK_WINDOWS_MAX: i64 = 48;

/// Failing and successful exchanges that an assessment brings along.
const FAILURES_SHOWN: usize = 12;
const SUCCESSES_SHOWN: usize = 4;

/// What is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub integration: Option<String>,
    /// The range to show; the judgement always uses all history before `until`.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// Judges every series as of the end of the scope.
pub async fn judge_series(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
) -> Result<Vec<Verdict>, QueryError> {
    let (evidence, settings) = (evidence(session, scope).await?, settings.clone());
    on_blocking_pool(move || verdict::judge(&evidence, &settings)).await
}

/// Every episode that would have alerted, the ones that ended before the scope left out.
pub async fn replay_series(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
) -> Result<Vec<Verdict>, QueryError> {
    let (evidence, settings) = (evidence(session, scope).await?, settings.clone());
    let mut episodes = on_blocking_pool(move || verdict::replay(&evidence, &settings)).await?;
    if let Some(since) = scope.since {
        episodes.retain(|episode| episode.end.is_none_or(|end| end > since));
    }
    Ok(episodes)
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
async fn on_blocking_pool<T: Send + 'static>(
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
    let until = scope.until.map_or(all.until, |until| until.min(all.until));
    let range = TimeRange {
        since: all.since,
        until,
    };
    session
        .find_evidence(range, scope.integration.as_deref(), Some(until))
        .await
}

/// The range to show: as asked, else the last day of the data, begun earlier when an incident did.
pub fn settle_range(bounds: &Bounds, scope: &Scope, onset: Option<Timestamp>) -> Option<TimeRange> {
    let all = bounds.range(scope.integration.as_deref())?;
    let until = scope.until.unwrap_or(all.until);
    let since = scope.since.unwrap_or_else(|| {
        let day = until.plus_secs(-RANGE_S);
        let before_onset = onset.map_or(day, |onset| onset.plus_secs(-BEFORE_ONSET_S));
        day.min(before_onset).max(all.since)
    });
    Some(TimeRange {
        since,
        until: until.max(since),
    })
}

/// One line an integration, the ones that need a person first.
pub async fn overview(
    session: &Session,
    verdicts: &[Verdict],
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
        .map(|name| {
            summarise(
                name,
                trends.get(name).map_or(&[], Vec::as_slice),
                verdicts,
                &bounds,
            )
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
    verdicts: &[Verdict],
    bounds: &Bounds,
) -> IntegrationSummary {
    let mut counts = Counts::default();
    for row in trend {
        counts += counts_of(row);
    }
    IntegrationSummary {
        integration: name.to_owned(),
        headline: headline(name, verdicts, bounds.watermark()),
        counts,
        rate_429: share(counts.throttled, counts.requests),
        rate_5xx: share(counts.server_errors, counts.requests),
        last_event: bounds.last(name),
        spark: trend
            .iter()
            .map(|row| SparkWindow {
                window_start: row.window_start,
                requests: row.requests,
                throttled: row.throttled,
                server_errors: row.server_errors,
            })
            .collect(),
    }
}

fn counts_of(row: &RateRow) -> Counts {
    Counts {
        requests: row.requests,
        throttled: row.throttled,
        server_errors: row.server_errors,
        no_response: row.no_response,
        client_errors: row.client_errors,
        throttled_local: row.throttled_local,
    }
}

/// A verdict on one operation speaks for the integration when it has at least this share of its failures: it says
/// where, and its onset is not blurred by what happened elsewhere.
const EXPLAINING_SHARE: f64 = 0.8;

/// The most urgent verdict of an integration: Category 2 before undecided before Category 1 before quiet, what goes on
/// before what has ended, and then the one that explains the most failures with the fewest operations.
fn headline(integration: &str, verdicts: &[Verdict], watermark: Option<Timestamp>) -> Verdict {
    let own = || {
        verdicts
            .iter()
            .filter(|verdict| verdict.series.integration == integration)
    };
    let urgency = |v: &Verdict| (v.category.urgency(), v.state == State::Ongoing);
    let Some(most) = own().max_by_key(|v| (urgency(v), v.failures, v.series.operation.is_none()))
    else {
        return unseen(integration, watermark);
    };
    own()
        .filter(|v| urgency(v) == urgency(most) && v.series.operation.is_some())
        .filter(|v| v.failures as f64 >= EXPLAINING_SHARE * most.failures as f64 && v.failures > 0)
        .max_by_key(|v| v.failures)
        .unwrap_or(most)
        .clone()
}

/// An integration of which nothing reached the vendor: nothing to judge.
fn unseen(integration: &str, watermark: Option<Timestamp>) -> Verdict {
    Verdict {
        schema: Verdict::SCHEMA,
        series: SeriesId {
            integration: integration.to_owned(),
            operation: None,
            slice: None,
            class: Class::ServerError,
        },
        category: Category::Quiet,
        state: State::Quiet,
        reason: Reason::Quiet,
        onset: None,
        onset_low: None,
        onset_high: None,
        end: None,
        alert_time: None,
        baseline_rate: None,
        current_rate: None,
        rise_factor: None,
        rise_low: None,
        rise_high: None,
        failures: 0,
        requests: 0,
        retry_success: None,
        why: vec!["No request reached this vendor, so there is nothing to judge.".to_owned()],
        action: "Nothing to do.".to_owned(),
        clears_when: None,
        watermark,
    }
}

/// A case shows what it is about; without one, any failure is worth a look.
fn samples_of(headline: &Verdict) -> SampleQuery<'_> {
    let has_case = headline.onset.is_some();
    let outcome = headline.series.class.outcome().map(Outcome::name);
    SampleQuery {
        operation: headline.series.operation.as_deref().filter(|_| has_case),
        outcome: outcome.filter(|_| has_case),
        failures: FAILURES_SHOWN,
        successes: SUCCESSES_SHOWN,
    }
}

/// Everything about one integration; `None` when the store does not know it.
pub async fn assess_integration(
    session: &Session,
    verdicts: &[Verdict],
    integration: &str,
    scope: &Scope,
) -> Result<Option<Assessment>, QueryError> {
    let bounds = session.find_bounds().await?;
    let headline = headline(integration, verdicts, bounds.watermark());
    let scope = Scope {
        integration: Some(integration.to_owned()),
        ..scope.clone()
    };
    let Some(range) = settle_range(&bounds, &scope, headline.onset) else {
        return Ok(None);
    };
    let query = RateQuery {
        integration: Some(integration.to_owned()),
        range,
        step_s: step_for(range.secs(), TREND_WINDOWS_MAX),
        by: By::Integration,
        view: View::Attempts,
    };
    let evidence_range = headline.onset.map_or(range, |onset| TimeRange {
        since: onset.max(range.since),
        until: headline.end.unwrap_or(range.until).min(range.until),
    });
    let samples_range = if evidence_range.secs() > 0 {
        evidence_range
    } else {
        range
    };
    Ok(Some(Assessment {
        integration: integration.to_owned(),
        range,
        trend: session.list_rates(&query, &bounds).await?,
        operations: session.list_operations(range, integration).await?,
        errors: session
            .list_errors(range, Some(integration), range.since)
            .await?,
        samples: session
            .list_samples(samples_range, integration, &samples_of(&headline))
            .await?,
        last_event: bounds.last(integration),
        verdicts: verdicts
            .iter()
            .filter(|v| v.series.integration == integration)
            .cloned()
            .collect(),
        headline,
    }))
}
