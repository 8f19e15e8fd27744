//! The library's questions as functions: parameters in, nouns of the model out.

use std::collections::BTreeMap;
use std::str::FromStr;

use datafusion::scalar::ScalarValue;

use crate::model::assessment::{ErrorKind, OperationSummary, Sample};
use crate::model::evidence::{
    Evidence, FingerprintHistory, RetryCounts, RetryHistory, SeriesHistory,
};
use crate::model::time::{MICROS_PER_SECOND, TimeRange, Timestamp};
use crate::model::window::{BASE_WINDOW_S, Counts, RateRow, share};
use crate::query::decode::Rows;
use crate::query::error::QueryError;
use crate::query::fill::fill_quiet;
use crate::query::library;
use crate::query::session::Session;

/// Operations are judged on windows of this width: their counts are thin, and there are many of them.
const OPERATION_WINDOW_S: u32 = 300;

/// How far ahead of ours another clock may be: a day covers logs whose local time was taken for UTC.
const CLOCK_AHEAD_S: i64 = 86_400;

/// First and last window of each integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    by_integration: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Later windows come from clocks that are far ahead.
    latest: Option<Timestamp>,
}

impl Bounds {
    pub fn integrations(&self) -> impl Iterator<Item = &str> {
        self.by_integration.keys().map(String::as_str)
    }

    pub fn first(&self, integration: &str) -> Option<Timestamp> {
        self.by_integration
            .get(integration)
            .map(|(first, _)| *first)
    }

    /// The start of the integration's last window with a request.
    pub fn last(&self, integration: &str) -> Option<Timestamp> {
        self.by_integration.get(integration).map(|(_, last)| *last)
    }

    /// The end of the last window of all: up to there the data are taken as complete.
    pub fn watermark(&self) -> Option<Timestamp> {
        let lasts = || self.by_integration.values().map(|(_, last)| *last);
        let believable = lasts()
            .filter(|last| self.latest.is_none_or(|latest| *last <= latest))
            .max();
        believable
            .or_else(|| lasts().max())
            .map(|last| last.plus_secs(BASE_WINDOW_S.into()))
    }

    /// From the first window to the watermark, of one integration or of all.
    pub fn range(&self, integration: Option<&str>) -> Option<TimeRange> {
        let since = match integration {
            Some(name) => self.first(name)?,
            None => self
                .by_integration
                .values()
                .map(|(first, _)| *first)
                .min()?,
        };
        Some(TimeRange {
            since,
            until: self.watermark()?,
        })
    }
}

/// The dimension of a rate table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Integration,
    Operation,
    Client,
    Status,
    Outcome,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Integration => "integration",
            Self::Operation => "operation",
            Self::Client => "client",
            Self::Status => "status",
            Self::Outcome => "outcome",
        }
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Integration,
            Self::Operation,
            Self::Client,
            Self::Status,
            Self::Outcome,
        ]
        .into_iter()
        .find(|by| by.name() == text)
        .ok_or_else(|| format!("{text:?} is not integration, operation, client, status or outcome"))
    }
}

/// Every try, or only the answers that the caller saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Attempts,
    Calls,
}

impl View {
    fn name(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Calls => "calls",
        }
    }
}

impl FromStr for View {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "attempts" => Ok(Self::Attempts),
            "calls" => Ok(Self::Calls),
            _ => Err(format!("{text:?} is not attempts or calls")),
        }
    }
}

/// What a rate table is asked for.
#[derive(Clone, Debug)]
pub struct RateQuery {
    pub integration: Option<String>,
    pub range: TimeRange,
    pub step_s: u32,
    pub by: By,
    pub view: View,
}

/// Which exchanges a case wants to show.
#[derive(Clone, Copy, Debug)]
pub struct SampleQuery<'q> {
    /// Failures of this operation only.
    pub operation: Option<&'q str>,
    /// Failures with this outcome only.
    pub outcome: Option<&'q str>,
    pub failures: usize,
    pub successes: usize,
}

fn at(ts: Timestamp) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(ts.micros()), Some("UTC".into()))
}

fn name(text: Option<&str>) -> ScalarValue {
    ScalarValue::Utf8(text.map(str::to_owned))
}

fn step(seconds: u32) -> ScalarValue {
    ScalarValue::Int64(Some(i64::from(seconds.max(1)) * MICROS_PER_SECOND))
}

fn ranged(range: TimeRange, integration: Option<&str>) -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("since", at(range.since)),
        ("until", at(range.until)),
        ("integration", name(integration)),
    ]
}

impl Session {
    pub async fn find_bounds(&self) -> Result<Bounds, QueryError> {
        let mut bounds = BTreeMap::new();
        let latest = self.now().plus_secs(CLOCK_AHEAD_S);
        for batch in self
            .ask(&library::BOUNDS, vec![("latest", at(latest))])
            .await?
        {
            let rows = Rows::new(&batch);
            let (integration, first, last) = (
                rows.text("integration")?,
                rows.integer("first_us")?,
                rows.integer("last_us")?,
            );
            for row in 0..rows.len() {
                if let (Some(name), Some(first), Some(last)) =
                    (integration.text(row), first.integer(row), last.integer(row))
                {
                    let range = (Timestamp::from_micros(first), Timestamp::from_micros(last));
                    bounds.insert(name.to_owned(), range);
                }
            }
        }
        Ok(Bounds {
            by_integration: bounds,
            latest: Some(latest),
        })
    }

    /// The rate table with quiet windows present as zero.
    pub async fn list_rates(
        &self,
        query: &RateQuery,
        bounds: &Bounds,
    ) -> Result<Vec<RateRow>, QueryError> {
        let mut parameters = ranged(query.range, query.integration.as_deref());
        parameters.push(("step_us", step(query.step_s)));
        parameters.push(("by", name(Some(query.by.name()))));
        parameters.push(("view", name(Some(query.view.name()))));
        let mut out = Vec::new();
        for batch in self.ask(&library::RATES, parameters).await? {
            decode_rates(&Rows::new(&batch), query.step_s, &mut out)?;
        }
        let first = |integration: &str| bounds.first(integration);
        fill_quiet(
            &out,
            query.range,
            query.step_s,
            first,
            self.settings().rows_max,
        )
    }

    /// Everything the judge may look at.
    pub async fn find_evidence(
        &self,
        range: TimeRange,
        integration: Option<&str>,
        watermark: Option<Timestamp>,
    ) -> Result<Evidence, QueryError> {
        let mut series = self
            .list_series(range, integration, BASE_WINDOW_S, false)
            .await?;
        series.extend(
            self.list_series(range, integration, OPERATION_WINDOW_S, true)
                .await?,
        );
        Ok(Evidence {
            series,
            fingerprints: self.list_fingerprints(range, integration).await?,
            retries: self.list_retries(range, integration).await?,
            watermark,
        })
    }

    async fn list_series(
        &self,
        range: TimeRange,
        integration: Option<&str>,
        window_s: u32,
        by_operation: bool,
    ) -> Result<Vec<SeriesHistory>, QueryError> {
        let mut parameters = ranged(range, integration);
        parameters.push(("step_us", step(window_s)));
        parameters.push(("by_operation", ScalarValue::Boolean(Some(by_operation))));
        let mut out: Vec<SeriesHistory> = Vec::new();
        for batch in self.ask(&library::COUNTS, parameters).await? {
            decode_series(&Rows::new(&batch), window_s, &mut out)?;
        }
        Ok(out)
    }

    async fn list_fingerprints(
        &self,
        range: TimeRange,
        integration: Option<&str>,
    ) -> Result<Vec<FingerprintHistory>, QueryError> {
        let mut parameters = ranged(range, integration);
        parameters.push(("step_us", step(BASE_WINDOW_S)));
        let mut out: Vec<FingerprintHistory> = Vec::new();
        for batch in self.ask(&library::FINGERPRINTS, parameters).await? {
            decode_fingerprints(&Rows::new(&batch), &mut out)?;
        }
        Ok(out)
    }

    async fn list_retries(
        &self,
        range: TimeRange,
        integration: Option<&str>,
    ) -> Result<Vec<RetryHistory>, QueryError> {
        let mut parameters = ranged(range, integration);
        parameters.push(("step_us", step(BASE_WINDOW_S)));
        let mut out: Vec<RetryHistory> = Vec::new();
        for batch in self.ask(&library::RETRIES, parameters).await? {
            let rows = Rows::new(&batch);
            let (names, windows) = (rows.text("integration")?, rows.integer("window_us")?);
            let (tried, healed) = (rows.integer("tried")?, rows.integer("healed")?);
            for row in 0..rows.len() {
                let integration = names.text(row).unwrap_or_default();
                if out
                    .last()
                    .is_none_or(|last| last.integration != integration)
                {
                    out.push(RetryHistory {
                        integration: integration.to_owned(),
                        windows: Vec::new(),
                    });
                }
                if let (Some(last), Some(at)) = (out.last_mut(), windows.integer(row)) {
                    let counts = RetryCounts {
                        healed: healed.count(row),
                        tried: tried.count(row),
                    };
                    last.windows.push((Timestamp::from_micros(at), counts));
                }
            }
        }
        Ok(out)
    }

    pub async fn list_operations(
        &self,
        range: TimeRange,
        integration: &str,
    ) -> Result<Vec<OperationSummary>, QueryError> {
        let mut out = Vec::new();
        for batch in self
            .ask(&library::OPERATIONS, ranged(range, Some(integration)))
            .await?
        {
            let rows = Rows::new(&batch);
            let operation = rows.text("operation")?;
            let (requests, throttled) = (rows.integer("requests")?, rows.integer("throttled")?);
            let (server_errors, no_response) =
                (rows.integer("server_errors")?, rows.integer("no_response")?);
            let durations = rows.sketches("durations")?;
            for row in 0..rows.len() {
                out.push(OperationSummary {
                    operation: operation.text(row).unwrap_or_default().to_owned(),
                    requests: requests.count(row),
                    throttled: throttled.count(row),
                    server_errors: server_errors.count(row),
                    no_response: no_response.count(row),
                    rate_429: share(throttled.count(row), requests.count(row)),
                    rate_5xx: share(server_errors.count(row), requests.count(row)),
                    duration_p95_ms: durations.sketch(row).quantile(0.95),
                });
            }
        }
        Ok(out)
    }

    /// Kinds of errors in the range. `new_since`: a kind is new when it was first seen at or after this instant and
    /// the integration has history before it.
    pub async fn list_errors(
        &self,
        range: TimeRange,
        integration: Option<&str>,
        new_since: Timestamp,
    ) -> Result<Vec<ErrorKind>, QueryError> {
        let mut out = Vec::new();
        for batch in self
            .ask(&library::ERRORS, ranged(range, integration))
            .await?
        {
            decode_errors(&Rows::new(&batch), new_since, &mut out)?;
        }
        Ok(out)
    }

    pub async fn list_samples(
        &self,
        range: TimeRange,
        integration: &str,
        wanted: &SampleQuery<'_>,
    ) -> Result<Vec<Sample>, QueryError> {
        let mut parameters = ranged(range, Some(integration));
        parameters.push(("operation", name(wanted.operation)));
        parameters.push(("outcome", name(wanted.outcome)));
        parameters.push(("failures", ScalarValue::Int64(Some(wanted.failures as i64))));
        parameters.push((
            "successes",
            ScalarValue::Int64(Some(wanted.successes as i64)),
        ));
        let mut out = Vec::new();
        for batch in self.ask(&library::SAMPLES, parameters).await? {
            decode_samples(&Rows::new(&batch), &mut out)?;
        }
        Ok(out)
    }

    /// How many stand-ins of each kind stand in what a report of this range may show.
    pub async fn count_masked(
        &self,
        range: TimeRange,
        integration: &str,
    ) -> Result<Vec<(String, u64)>, QueryError> {
        let mut out = Vec::new();
        for batch in self
            .ask(&library::MASKED, ranged(range, Some(integration)))
            .await?
        {
            let rows = Rows::new(&batch);
            let (kind, n) = (rows.text("kind")?, rows.integer("occurrences")?);
            out.extend(
                (0..rows.len())
                    .map(|row| (kind.text(row).unwrap_or_default().to_owned(), n.count(row))),
            );
        }
        Ok(out)
    }
}

fn decode_rates(rows: &Rows<'_>, step_s: u32, out: &mut Vec<RateRow>) -> Result<(), QueryError> {
    let (integration, window) = (rows.text("integration")?, rows.integer("window_us")?);
    let (operation, client) = (rows.text("operation")?, rows.text("client")?);
    let (status, outcome) = (rows.text("status")?, rows.text("outcome")?);
    let (requests, throttled) = (rows.integer("requests")?, rows.integer("throttled")?);
    let (server_errors, no_response) =
        (rows.integer("server_errors")?, rows.integer("no_response")?);
    let (client_errors, local) = (
        rows.integer("client_errors")?,
        rows.integer("throttled_local")?,
    );
    let durations = rows.sketches("durations")?;
    let owned = |column: &crate::query::decode::Column, row| column.text(row).map(str::to_owned);
    for row in 0..rows.len() {
        let sketch = durations.sketch(row);
        out.push(RateRow {
            schema: RateRow::SCHEMA,
            integration: owned(&integration, row).unwrap_or_default(),
            operation: owned(&operation, row),
            client: owned(&client, row),
            status: owned(&status, row),
            outcome: owned(&outcome, row),
            window_start: Timestamp::from_micros(window.integer(row).unwrap_or_default()),
            window_s: step_s,
            requests: requests.count(row),
            throttled: throttled.count(row),
            server_errors: server_errors.count(row),
            no_response: no_response.count(row),
            client_errors: client_errors.count(row),
            throttled_local: local.count(row),
            rate_429: share(throttled.count(row), requests.count(row)),
            rate_5xx: share(server_errors.count(row), requests.count(row)),
            duration_p50_ms: sketch.quantile(0.5),
            duration_p95_ms: sketch.quantile(0.95),
        });
    }
    Ok(())
}

fn decode_series(
    rows: &Rows<'_>,
    window_s: u32,
    out: &mut Vec<SeriesHistory>,
) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let window = rows.integer("window_us")?;
    let (requests, throttled) = (rows.integer("requests")?, rows.integer("throttled")?);
    let (server_errors, no_response) =
        (rows.integer("server_errors")?, rows.integer("no_response")?);
    let (client_errors, local) = (
        rows.integer("client_errors")?,
        rows.integer("throttled_local")?,
    );
    for row in 0..rows.len() {
        let (name, of) = (
            integration.text(row).unwrap_or_default(),
            operation.text(row),
        );
        if out
            .last()
            .is_none_or(|last| last.integration != name || last.operation.as_deref() != of)
        {
            out.push(SeriesHistory {
                integration: name.to_owned(),
                operation: of.map(str::to_owned),
                window_s,
                windows: Vec::new(),
            });
        }
        let counts = Counts {
            requests: requests.count(row),
            throttled: throttled.count(row),
            server_errors: server_errors.count(row),
            no_response: no_response.count(row),
            client_errors: client_errors.count(row),
            throttled_local: local.count(row),
        };
        if let (Some(last), Some(at)) = (out.last_mut(), window.integer(row)) {
            last.windows.push((Timestamp::from_micros(at), counts));
        }
    }
    Ok(())
}

fn decode_fingerprints(
    rows: &Rows<'_>,
    out: &mut Vec<FingerprintHistory>,
) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let (fingerprint, status) = (rows.integer("fingerprint")?, rows.integer("status")?);
    let (code, template) = (rows.text("error_code")?, rows.text("template")?);
    let (window, n) = (rows.integer("window_us")?, rows.integer("occurrences")?);
    for row in 0..rows.len() {
        let (name, of) = (
            integration.text(row).unwrap_or_default(),
            operation.text(row),
        );
        let Some(kind) = fingerprint.integer(row) else {
            continue;
        };
        let same = |last: &FingerprintHistory| {
            last.integration == name && last.fingerprint == kind && last.operation.as_deref() == of
        };
        if !out.last().is_some_and(same) {
            out.push(FingerprintHistory {
                integration: name.to_owned(),
                operation: of.map(str::to_owned),
                fingerprint: kind,
                status: status.integer(row).and_then(|s| u16::try_from(s).ok()),
                error_code: code.text(row).map(str::to_owned),
                template: template.text(row).map(str::to_owned),
                windows: Vec::new(),
            });
        }
        if let (Some(last), Some(at)) = (out.last_mut(), window.integer(row)) {
            last.windows
                .push((Timestamp::from_micros(at), n.count(row)));
        }
    }
    Ok(())
}

fn decode_errors(
    rows: &Rows<'_>,
    new_since: Timestamp,
    out: &mut Vec<ErrorKind>,
) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let (fingerprint, status) = (rows.integer("fingerprint")?, rows.integer("status")?);
    let (code, template) = (rows.text("error_code")?, rows.text("template")?);
    let (first, last) = (rows.integer("first_us")?, rows.integer("last_us")?);
    let (n, total) = (rows.integer("occurrences")?, rows.integer("total")?);
    let (ever, history) = (rows.integer("ever_first_us")?, rows.integer("history_us")?);
    for row in 0..rows.len() {
        let seen_first = Timestamp::from_micros(ever.integer(row).unwrap_or_default());
        let began = Timestamp::from_micros(history.integer(row).unwrap_or_default());
        out.push(ErrorKind {
            schema: ErrorKind::SCHEMA,
            fingerprint: format!("{:016x}", fingerprint.integer(row).unwrap_or_default()),
            integration: integration.text(row).unwrap_or_default().to_owned(),
            operation: operation.text(row).unwrap_or_default().to_owned(),
            status: status.integer(row).and_then(|s| u16::try_from(s).ok()),
            error_code: code.text(row).map(str::to_owned),
            template: template.text(row).map(str::to_owned),
            first_seen: Timestamp::from_micros(first.integer(row).unwrap_or_default()),
            last_seen: Timestamp::from_micros(last.integer(row).unwrap_or_default()),
            count: n.count(row),
            share: share(n.count(row), total.count(row)),
            new: seen_first >= new_since && began < new_since,
        });
    }
    Ok(())
}

fn decode_samples(rows: &Rows<'_>, out: &mut Vec<Sample>) -> Result<(), QueryError> {
    let text = |name: &str| rows.text(name);
    let (id, method, host, url) = (text("id")?, text("method")?, text("host")?, text("url")?);
    let (operation, outcome, source) = (text("operation")?, text("outcome")?, text("source")?);
    let (code, message, raw) = (text("error_code")?, text("error_message")?, text("raw")?);
    let (request_id, vendor_request_id) = (text("request_id")?, text("vendor_request_id")?);
    let (request_headers, request_body) = (text("request_headers")?, text("request_body")?);
    let (response_headers, response_body) = (text("response_headers")?, text("response_body")?);
    let (at, status, attempt) = (
        rows.integer("ts_us")?,
        rows.integer("status")?,
        rows.integer("attempt")?,
    );
    let (duration, retry_after, line) = (
        rows.float("duration_ms")?,
        rows.float("retry_after_s")?,
        rows.integer("line")?,
    );
    let owned = |column: &crate::query::decode::Column, row| column.text(row).map(str::to_owned);
    for row in 0..rows.len() {
        out.push(Sample {
            id: owned(&id, row).unwrap_or_default(),
            ts: at.integer(row).map(Timestamp::from_micros),
            method: owned(&method, row).unwrap_or_default(),
            host: owned(&host, row).unwrap_or_default(),
            url: owned(&url, row).unwrap_or_default(),
            operation: owned(&operation, row).unwrap_or_default(),
            status: status.integer(row).and_then(|s| u16::try_from(s).ok()),
            outcome: owned(&outcome, row).unwrap_or_default(),
            attempt: attempt
                .integer(row)
                .and_then(|n| i16::try_from(n).ok())
                .unwrap_or(1),
            duration_ms: duration.float(row).map(|ms| ms as f32),
            retry_after_s: retry_after.float(row).map(|s| s as f32),
            error_code: owned(&code, row),
            error_message: owned(&message, row),
            request_id: owned(&request_id, row),
            vendor_request_id: owned(&vendor_request_id, row),
            request_headers: owned(&request_headers, row),
            request_body: owned(&request_body, row),
            response_headers: owned(&response_headers, row),
            response_body: owned(&response_body, row),
            raw: owned(&raw, row),
            source: owned(&source, row).unwrap_or_default(),
            line: line.integer(row).unwrap_or_default(),
        });
    }
    Ok(())
}
