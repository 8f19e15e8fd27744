//! Batches of an answer to nouns of the model.

use std::collections::BTreeMap;

use crate::model::assessment::{ErrorKind, OperationSummary, Sample};
use crate::model::evidence::{FingerprintHistory, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::window::{Counts, RateRow, share};
use crate::query::calls::kind_of;
use crate::query::decode::{Column, Rows};
use crate::query::error::QueryError;

/// First and last window by integration.
pub type Windows = BTreeMap<String, (Timestamp, Timestamp)>;

pub fn decode_bounds(rows: &Rows<'_>, out: &mut Windows) -> Result<(), QueryError> {
    let (integration, first, last) = (
        rows.text("integration")?,
        rows.integer("first_us")?,
        rows.integer("last_us")?,
    );
    for row in 0..rows.len() {
        if let (Some(name), Some(first), Some(last)) =
            (integration.text(row), first.time(row), last.time(row))
        {
            out.insert(name.to_owned(), (first, last));
        }
    }
    Ok(())
}

/// The columns of [`Counts`].
struct CountColumns {
    requests: Column,
    throttled: Column,
    server_errors: Column,
    no_response: Column,
    client_errors: Column,
    throttled_local: Column,
}

impl CountColumns {
    fn of(rows: &Rows<'_>) -> Result<Self, QueryError> {
        Ok(Self {
            requests: rows.integer("requests")?,
            throttled: rows.integer("throttled")?,
            server_errors: rows.integer("server_errors")?,
            no_response: rows.integer("no_response")?,
            client_errors: rows.integer("client_errors")?,
            throttled_local: rows.integer("throttled_local")?,
        })
    }

    fn counts(&self, row: usize) -> Counts {
        Counts {
            requests: self.requests.count(row),
            throttled: self.throttled.count(row),
            server_errors: self.server_errors.count(row),
            no_response: self.no_response.count(row),
            client_errors: self.client_errors.count(row),
            throttled_local: self.throttled_local.count(row),
            coded: 0,
        }
    }
}

pub fn decode_rates(
    rows: &Rows<'_>,
    step_s: u32,
    out: &mut Vec<RateRow>,
) -> Result<(), QueryError> {
    let (integration, window) = (rows.text("integration")?, rows.integer("window_us")?);
    let (operation, client) = (rows.text("operation")?, rows.text("client")?);
    let (status, outcome) = (rows.text("status")?, rows.text("outcome")?);
    let counted = CountColumns::of(rows)?;
    let durations = rows.sketches("durations")?;
    for row in 0..rows.len() {
        let counts = counted.counts(row);
        let sketch = durations.sketch(row);
        out.push(RateRow {
            schema: RateRow::SCHEMA,
            integration: integration.owned(row).unwrap_or_default(),
            operation: operation.owned(row),
            client: client.owned(row),
            status: status.owned(row),
            outcome: outcome.owned(row),
            window_start: window.time(row).unwrap_or_default(),
            window_s: step_s,
            requests: counts.requests,
            throttled: counts.throttled,
            server_errors: counts.server_errors,
            no_response: counts.no_response,
            client_errors: counts.client_errors,
            throttled_local: counts.throttled_local,
            rate_429: share(counts.throttled, counts.requests),
            rate_5xx: share(counts.server_errors, counts.requests),
            duration_p50_ms: sketch.quantile(0.5),
            duration_p95_ms: sketch.quantile(0.95),
        });
    }
    Ok(())
}

pub fn decode_series(
    rows: &Rows<'_>,
    window_s: u32,
    out: &mut Vec<SeriesHistory>,
) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let window = rows.integer("window_us")?;
    let counted = CountColumns::of(rows)?;
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
        if let (Some(last), Some(at)) = (out.last_mut(), window.time(row)) {
            last.windows.push((at, counted.counts(row)));
        }
    }
    Ok(())
}

pub fn decode_fingerprints(
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
        let Some(kind) = kind_of(fingerprint.integer(row), code.text(row)) else {
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
                error_code: code.owned(row),
                template: template.owned(row),
                windows: Vec::new(),
            });
        }
        if let (Some(last), Some(at)) = (out.last_mut(), window.time(row)) {
            last.windows.push((at, n.count(row)));
        }
    }
    Ok(())
}

pub fn decode_errors(
    rows: &Rows<'_>,
    new_since: Timestamp,
    out: &mut Vec<ErrorKind>,
) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let (fingerprint, status) = (rows.integer("fingerprint")?, rows.integer("status")?);
    let (code, template) = (rows.text("error_code")?, rows.text("template")?);
    let last = rows.integer("last_us")?;
    let (n, total) = (rows.integer("occurrences")?, rows.integer("total")?);
    let (ever, history) = (rows.integer("ever_first_us")?, rows.integer("history_us")?);
    for row in 0..rows.len() {
        let first_seen = ever.time(row).unwrap_or_default();
        let began = history.time(row).unwrap_or_default();
        out.push(ErrorKind {
            schema: ErrorKind::SCHEMA,
            fingerprint: format!("{:016x}", fingerprint.integer(row).unwrap_or_default()),
            integration: integration.owned(row).unwrap_or_default(),
            operation: operation.owned(row).unwrap_or_default(),
            status: status.integer(row).and_then(|s| u16::try_from(s).ok()),
            error_code: code.owned(row),
            template: template.owned(row),
            first_seen,
            last_seen: last.time(row).unwrap_or_default(),
            count: n.count(row),
            share: share(n.count(row), total.count(row)),
            new: first_seen >= new_since && began < new_since,
        });
    }
    Ok(())
}

pub fn decode_samples(rows: &Rows<'_>, out: &mut Vec<Sample>) -> Result<(), QueryError> {
    let text = |name: &str| rows.text(name);
    let tenant = text("tenant")?;
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
    for row in 0..rows.len() {
        out.push(Sample {
            id: id.owned(row).unwrap_or_default(),
            ts: at.time(row),
            method: method.owned(row).unwrap_or_default(),
            host: host.owned(row).unwrap_or_default(),
            tenant: tenant.owned(row),
            url: url.owned(row).unwrap_or_default(),
            operation: operation.owned(row).unwrap_or_default(),
            status: status.integer(row).and_then(|s| u16::try_from(s).ok()),
            outcome: outcome.owned(row).unwrap_or_default(),
            attempt: attempt
                .integer(row)
                .and_then(|n| i16::try_from(n).ok())
                .unwrap_or(1),
            duration_ms: duration.float(row).map(|ms| ms as f32),
            retry_after_s: retry_after.float(row).map(|s| s as f32),
            error_code: code.owned(row),
            error_message: message.owned(row),
            request_id: request_id.owned(row),
            vendor_request_id: vendor_request_id.owned(row),
            request_headers: request_headers.owned(row),
            request_body: request_body.owned(row),
            response_headers: response_headers.owned(row),
            response_body: response_body.owned(row),
            raw: raw.owned(row),
            source: source.owned(row).unwrap_or_default(),
            line: line.integer(row).unwrap_or_default(),
        });
    }
    Ok(())
}

pub fn decode_operations(
    rows: &Rows<'_>,
    out: &mut Vec<OperationSummary>,
) -> Result<(), QueryError> {
    let operation = rows.text("operation")?;
    let (requests, throttled) = (rows.integer("requests")?, rows.integer("throttled")?);
    let (server_errors, no_response) =
        (rows.integer("server_errors")?, rows.integer("no_response")?);
    let durations = rows.sketches("durations")?;
    for row in 0..rows.len() {
        out.push(OperationSummary {
            operation: operation.owned(row).unwrap_or_default(),
            requests: requests.count(row),
            throttled: throttled.count(row),
            server_errors: server_errors.count(row),
            no_response: no_response.count(row),
            rate_429: share(throttled.count(row), requests.count(row)),
            rate_5xx: share(server_errors.count(row), requests.count(row)),
            duration_p95_ms: durations.sketch(row).quantile(0.95),
        });
    }
    Ok(())
}

pub fn decode_masked(rows: &Rows<'_>, out: &mut Vec<(String, u64)>) -> Result<(), QueryError> {
    let (kind, n) = (rows.text("kind")?, rows.integer("occurrences")?);
    let pair = |row| (kind.owned(row).unwrap_or_default(), n.count(row));
    out.extend((0..rows.len()).map(pair));
    Ok(())
}
