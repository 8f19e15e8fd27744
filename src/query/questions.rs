//! The library's questions as functions: parameters in, nouns of the model out.

use datafusion::scalar::ScalarValue;

use crate::calls::retries;
use crate::model::assessment::{ErrorKind, OperationSummary, Sample};
use crate::model::call::Calls;
use crate::model::evidence::{Evidence, FingerprintHistory, SeriesHistory, Traffic};
use crate::model::time::{TimeRange, Timestamp};
use crate::model::timespec::{step_for, wider_step};
use crate::model::window::{BASE_WINDOW_S, RateRow};
use crate::query::bounds::Bounds;
use crate::query::calls::{CALLS_DAYS, Draw, Rows as CallRows, decode_calls, groups, listed};
use crate::query::coded::{add_coded, decode_coded};
use crate::query::decode::Rows;
use crate::query::error::QueryError;
use crate::query::fill::{add_silent, fill_quiet};
use crate::query::library::{self, Query};
use crate::query::parameters::{By, RateQuery, SampleQuery, at, name, ranged, step};
use crate::query::rows;
use crate::query::session::Session;

/// How far ahead of ours another clock may be: a day covers logs whose local time was taken for UTC.
const CLOCK_AHEAD_S: i64 = 86_400;

/// 1991, when the first web servers went into service: a request before that comes from a clock that was never set
/// (1970, 1980).
const EARLIEST: Timestamp = Timestamp::from_secs(662_688_000);

/// Kinds of errors count as new for this long before the end of the range: a day is what the pages show.
const NEW_S: i64 = 86_400;

impl Session {
    /// Asked once a session, which sees one version of the tables.
    pub async fn find_bounds(&self) -> Result<Bounds, QueryError> {
        let bounds = self.bounds.get_or_try_init(|| self.ask_bounds()).await?;
        Ok(bounds.clone())
    }

    async fn ask_bounds(&self) -> Result<Bounds, QueryError> {
        let latest = self.now().plus_secs(CLOCK_AHEAD_S);
        let parameters = vec![("earliest", at(EARLIEST)), ("latest", at(latest))];
        Ok(Bounds {
            by_integration: self
                .list(&library::BOUNDS, parameters, rows::decode_bounds)
                .await?,
            believable: Some(TimeRange {
                since: EARLIEST,
                until: latest.plus_secs(1),
            }),
        })
    }

    /// The rate table with quiet windows present as zero.
    pub async fn list_rates(
        &self,
        query: &RateQuery,
        bounds: &Bounds,
    ) -> Result<Vec<RateRow>, QueryError> {
        self.list_rates_up_to(query, bounds, self.settings().rows_max)
            .await
    }

    /// As `list_rates`, in wider windows than asked where there would be more than `rows_max` rows.
    pub async fn list_rates_within(
        &self,
        query: &RateQuery,
        bounds: &Bounds,
        rows_max: usize,
    ) -> Result<Vec<RateRow>, QueryError> {
        let rows_max = rows_max.min(self.settings().rows_max);
        let whole_s: i64 = bounds
            .reporting(query.range, query.integration.as_deref())
            .map(|(_, from)| query.range.until.secs_since(from))
            .sum();
        let least = step_for(whole_s, i64::try_from(rows_max).unwrap_or(i64::MAX));
        let mut query = query.clone();
        query.step_s = query.step_s.max(least);
        // How many operations, clients and so on there are is known only from an answer.
        loop {
            match (
                self.list_rates_up_to(&query, bounds, rows_max).await,
                wider_step(query.step_s),
            ) {
                (Err(QueryError::TooManyRows { .. }), Some(wider)) => query.step_s = wider,
                (answer, _) => return answer,
            }
        }
    }

    async fn list_rates_up_to(
        &self,
        query: &RateQuery,
        bounds: &Bounds,
        rows_max: usize,
    ) -> Result<Vec<RateRow>, QueryError> {
        let mut parameters = ranged(query.range, query.integration.as_deref());
        parameters.push(("step_us", step(query.step_s)));
        parameters.push(("by", name(Some(query.by.name()))));
        parameters.push(("view", name(Some(query.view.name()))));
        let decode = |rows: &Rows<'_>, out: &mut _| rows::decode_rates(rows, query.step_s, out);
        let mut present: Vec<RateRow> = self.list(&library::RATES, parameters, decode).await?;
        if query.by == By::Integration {
            let reporting = bounds.reporting(query.range, query.integration.as_deref());
            add_silent(&mut present, reporting, query.step_s);
        }
        let first = |integration: &str| bounds.first(integration);
        fill_quiet(&present, query.range, query.step_s, first, rows_max)
    }

    /// Everything the judge may look at.
    pub async fn find_evidence(
        &self,
        range: TimeRange,
        integration: Option<&str>,
    ) -> Result<Evidence, QueryError> {
        let counted = self.find_counts(range, integration).await?;
        let seen = self.find_seen(range, &counted.traffic()).await?;
        Ok(Evidence {
            series: counted.series,
            ..seen
        })
    }

    /// The windows of every series, without single requests.
    pub async fn find_counts(
        &self,
        range: TimeRange,
        integration: Option<&str>,
    ) -> Result<Evidence, QueryError> {
        let mut series = self.list_series(range, integration, false).await?;
        series.extend(self.list_series(range, integration, true).await?);
        let mut parameters = ranged(range, integration);
        parameters.push(("step_us", step(BASE_WINDOW_S)));
        let coded = self.list(&library::CODED, parameters, decode_coded).await?;
        add_coded(&mut series, &coded);
        Ok(Evidence {
            series,
            watermark: Some(range.until),
            ..Evidence::default()
        })
    }

    /// What the single requests of some integrations tell: kinds of errors, calls and their retries, without counts.
    pub async fn find_seen(
        &self,
        range: TimeRange,
        traffic: &[Traffic],
    ) -> Result<Evidence, QueryError> {
        let mut calls: Vec<Calls> = Vec::new();
        for group in groups(traffic) {
            calls.extend(self.list_calls(range, &group).await?);
        }
        let retried = calls.iter().flat_map(|own| retries(own, BASE_WINDOW_S));
        Ok(Evidence {
            series: Vec::new(),
            fingerprints: self.list_fingerprints(range, traffic).await?,
            retries: Some(retried.collect()),
            calls,
            watermark: Some(range.until),
        })
    }

    async fn list_series(
        &self,
        range: TimeRange,
        integration: Option<&str>,
        by_operation: bool,
    ) -> Result<Vec<SeriesHistory>, QueryError> {
        let mut parameters = ranged(range, integration);
        parameters.push(("step_us", step(BASE_WINDOW_S)));
        parameters.push(("by_operation", ScalarValue::Boolean(Some(by_operation))));
        let decode = |rows: &Rows<'_>, out: &mut _| rows::decode_series(rows, BASE_WINDOW_S, out);
        self.list(&library::COUNTS, parameters, decode).await
    }

    async fn list_fingerprints(
        &self,
        range: TimeRange,
        traffic: &[Traffic],
    ) -> Result<Vec<FingerprintHistory>, QueryError> {
        if traffic.is_empty() {
            return Ok(Vec::new());
        }
        let integrations = listed(traffic.iter().map(|one| one.integration.as_str()));
        let parameters = vec![
            ("since", at(range.since)),
            ("until", at(range.until)),
            ("integrations", name(Some(&integrations))),
            ("step_us", step(BASE_WINDOW_S)),
        ];
        self.list(
            &library::FINGERPRINTS,
            parameters,
            rows::decode_fingerprints,
        )
        .await
    }

    /// The attempts of some integrations' last weeks, linked to calls.
    async fn list_calls(
        &self,
        range: TimeRange,
        group: &[&Traffic],
    ) -> Result<Vec<Calls>, QueryError> {
        let draw = match group {
            [alone] => Draw::of(alone),
            _ => Draw::none(),
        };
        let since = range.since.max(range.until.plus_secs(-CALLS_DAYS * 86_400));
        let integrations = listed(group.iter().map(|one| one.integration.as_str()));
        let parameters = vec![
            ("since", at(since)),
            ("until", at(range.until)),
            ("integrations", name(Some(&integrations))),
            ("busy", name(Some(&draw.busy()))),
            ("one_in", ScalarValue::Int64(Some(draw.one_in.into()))),
        ];
        let decode = |rows: &Rows<'_>, out: &mut _| decode_calls(rows, draw.one_in, out);
        let rows: CallRows = self.list(&library::CALLS, parameters, decode).await?;
        Ok(rows.finish(since, &draw).collect())
    }

    pub async fn list_operations(
        &self,
        range: TimeRange,
        integration: &str,
    ) -> Result<Vec<OperationSummary>, QueryError> {
        let parameters = ranged(range, Some(integration));
        self.list(&library::OPERATIONS, parameters, rows::decode_operations)
            .await
    }

    /// Kinds of errors in the range. A kind is new when it was first seen in the last day before the range's end, or since
    /// `new_since`, and the integration has history before that. With `new_since` only new kinds are listed.
    pub async fn list_errors(
        &self,
        range: TimeRange,
        integration: Option<&str>,
        new_since: Option<Timestamp>,
    ) -> Result<Vec<ErrorKind>, QueryError> {
        let parameters = ranged(range, integration);
        let cut = new_since.unwrap_or(range.until.plus_secs(-NEW_S));
        let decode = |rows: &Rows<'_>, out: &mut _| rows::decode_errors(rows, cut, out);
        let mut kinds: Vec<ErrorKind> = self.list(&library::ERRORS, parameters, decode).await?;
        kinds.retain(|kind| kind.new || new_since.is_none());
        Ok(kinds)
    }

    pub async fn list_samples(
        &self,
        range: TimeRange,
        integration: &str,
        wanted: &SampleQuery<'_>,
    ) -> Result<Vec<Sample>, QueryError> {
        let most = |n: usize| ScalarValue::Int64(Some(i64::try_from(n).unwrap_or(i64::MAX)));
        let mut parameters = ranged(range, Some(integration));
        parameters.push(("operation", name(wanted.operation)));
        parameters.push(("outcome", name(wanted.outcome)));
        parameters.push(("failures", most(wanted.failures)));
        parameters.push(("successes", most(wanted.successes)));
        self.list(&library::SAMPLES, parameters, rows::decode_samples)
            .await
    }

    /// How many stand-ins of each kind stand in what a report of this range may show.
    pub async fn count_masked(
        &self,
        range: TimeRange,
        integration: &str,
    ) -> Result<Vec<(String, u64)>, QueryError> {
        let parameters = ranged(range, Some(integration));
        self.list(&library::MASKED, parameters, rows::decode_masked)
            .await
    }

    /// Asks and decodes batch by batch.
    async fn list<T: Default>(
        &self,
        query: &Query,
        parameters: Vec<(&str, ScalarValue)>,
        decode: impl Fn(&Rows<'_>, &mut T) -> Result<(), QueryError>,
    ) -> Result<T, QueryError> {
        let mut out = T::default();
        for batch in self.ask(query, parameters).await? {
            decode(&Rows::new(&batch), &mut out)?;
        }
        Ok(out)
    }
}
