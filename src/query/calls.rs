//! Attempts one by one, from an answer to calls.

use std::hash::{DefaultHasher, Hash, Hasher};

use std::collections::BTreeMap;

use crate::calls::{Gatherer, Request, Seen};
use crate::model::call::{Answer, Calls};
use crate::model::evidence::SeriesHistory;
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::model::window::Counts;
use crate::query::decode::{Column, Rows as Batch};
use crate::query::error::QueryError;

/// Calls older than a month are not looked at one by one: their counts still are.
pub const CALLS_DAYS: i64 = 31;
/// Attempts of one integration that are looked at. Of operations with more than their part, calls are drawn.
const ATTEMPTS_MAX: u64 = 400_000;
/// A draw is one of 4,096.
const ONE_IN_MAX: u64 = 4_096;

/// Which operations of an integration have so many attempts that only a part of their calls is looked at.
#[derive(Debug, PartialEq)]
pub struct Draw {
    busy: Vec<String>,
    pub one_in: u32,
}

impl Draw {
    pub fn none() -> Self {
        Self {
            busy: Vec::new(),
            one_in: 1,
        }
    }

    /// What is not busy is looked at as a whole; the busy ones share the room that is left.
    pub fn of(series: &[SeriesHistory], integration: &str) -> Self {
        let own = series.iter().filter(|one| one.integration == integration);
        let volumes: Vec<(&str, u64)> = own
            .filter_map(|one| Some((one.operation.as_deref()?, requests(one))))
            .collect();
        let all: u64 = volumes.iter().map(|(_, n)| n).sum();
        if all <= ATTEMPTS_MAX {
            return Self::none();
        }
        let part = ATTEMPTS_MAX / (2 * volumes.len() as u64).max(1);
        let (busy, others): (Vec<_>, Vec<_>) = volumes.into_iter().partition(|(_, n)| *n > part);
        let room = ATTEMPTS_MAX - others.iter().map(|(_, n)| n).sum::<u64>();
        let drawn: u64 = busy.iter().map(|(_, n)| n).sum();
        Self {
            busy: busy.into_iter().map(|(name, _)| name.to_owned()).collect(),
            one_in: drawn.div_ceil(room.max(1)).min(ONE_IN_MAX) as u32,
        }
    }

    pub fn busy(&self) -> String {
        listed(self.busy.iter().map(String::as_str))
    }
}

/// Each between line feeds, which no name has.
pub fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.fold("\n".to_owned(), |list, name| list + name + "\n")
}

/// The integrations in which something failed, in groups that can be asked for at once: a scan of the table costs more
/// than the rows. One that is too large for that stands alone.
pub fn groups(series: &[SeriesHistory]) -> Vec<Vec<&str>> {
    let failing = series
        .iter()
        .filter(|one| one.operation.is_none() && has_failed(one));
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut room = 0;
    for one in failing {
        let n = requests(one);
        match groups.last_mut() {
            Some(group) if n <= room => group.push(&one.integration),
            _ => {
                groups.push(vec![&one.integration]);
                room = ATTEMPTS_MAX;
            }
        }
        room = room.saturating_sub(n);
    }
    groups
}

fn has_failed(series: &SeriesHistory) -> bool {
    let failed = |counts: &Counts| {
        counts.server_errors > 0
            || counts.throttled > 0
            || counts.no_response > 0
            || counts.coded > 0
    };
    series.windows.iter().any(|(_, counts)| failed(counts))
}

fn requests(series: &SeriesHistory) -> u64 {
    let windows = series.windows.iter().map(|(_, counts)| counts.requests);
    windows.fold(0, u64::saturating_add)
}

/// What has been read of the answer so far.
#[derive(Default)]
pub struct Rows {
    by_integration: BTreeMap<String, Gatherer>,
}

impl Rows {
    pub fn finish(self, since: Timestamp, draw: &Draw) -> impl Iterator<Item = Calls> {
        let looked: Vec<(String, u32)> = draw
            .busy
            .iter()
            .map(|name| (name.clone(), draw.one_in))
            .collect();
        let all = self.by_integration.into_iter();
        all.map(move |(name, gatherer)| gatherer.finish(&name, since, looked.clone()))
    }

    fn gatherer(&mut self, integration: &str) -> &mut Gatherer {
        self.by_integration
            .entry(integration.to_owned())
            .or_default()
    }
}

/// The columns of a batch.
struct Columns {
    integration: Column,
    operation: Column,
    id: Column,
    call_id: Column,
    method: Column,
    host: Column,
    url: Column,
    client: Column,
    tenant: Column,
    principal: Column,
    outcome: Column,
    error_code: Column,
    trace_id: Column,
    request_id: Column,
    idempotency_key: Column,
    request_body: Column,
    ts_us: Column,
    attempt: Column,
    fingerprint: Column,
    request_bytes: Column,
    is_failure: Column,
    is_drawn: Column,
    is_kept: Column,
}

impl Columns {
    fn of(batch: &Batch<'_>) -> Result<Self, QueryError> {
        Ok(Self {
            integration: batch.text("integration")?,
            operation: batch.text("operation")?,
            id: batch.text("id")?,
            call_id: batch.text("call_id")?,
            method: batch.text("method")?,
            host: batch.text("host")?,
            url: batch.text("url")?,
            client: batch.text("client")?,
            tenant: batch.text("tenant")?,
            principal: batch.text("principal")?,
            outcome: batch.text("outcome")?,
            error_code: batch.text("error_code")?,
            trace_id: batch.text("trace_id")?,
            request_id: batch.text("request_id")?,
            idempotency_key: batch.text("idempotency_key")?,
            request_body: batch.text("request_body")?,
            ts_us: batch.integer("ts_us")?,
            attempt: batch.integer("attempt")?,
            fingerprint: batch.integer("fingerprint")?,
            request_bytes: batch.integer("request_bytes")?,
            is_failure: batch.integer("is_failure")?,
            is_drawn: batch.integer("is_drawn")?,
            is_kept: batch.integer("is_kept")?,
        })
    }

    fn request(&self, row: usize) -> Request<'_> {
        Request {
            method: self.method.text(row).unwrap_or_default(),
            host: self.host.text(row).unwrap_or_default(),
            operation: self.operation.text(row).unwrap_or_default(),
            url: self.url.text(row).unwrap_or_default(),
            client: self.client.text(row),
            tenant: self.tenant.text(row),
            principal: self.principal.text(row),
            body: self.request_body.text(row),
            bytes: self.request_bytes.integer(row),
        }
    }

    fn seen(&self, row: usize, one_in: u32) -> Option<Seen<'_>> {
        let call = self.call_id.text(row).unwrap_or_default();
        let own = self.id.text(row).unwrap_or_default().strip_prefix(call);
        let code = self.error_code.text(row);
        let drawn = is(&self.is_drawn, row);
        Some(Seen {
            at: self.ts_us.time(row)?,
            request: self.request(row),
            answer: self.answer(row),
            number: u16::try_from(self.attempt.integer(row)?).unwrap_or(1),
            call,
            // An attempt's id goes on from that of its line.
            is_call_told: own.is_none_or(|rest| !rest.starts_with('-')),
            key: self.idempotency_key.text(row),
            trace: self.trace_id.text(row),
            request_id: self.request_id.text(row),
            kind: kind_of(self.fingerprint.integer(row), code)
                .filter(|_| is(&self.is_failure, row)),
            weight: if drawn { one_in as f32 } else { 1.0 },
            is_kept: is(&self.is_kept, row),
        })
    }

    fn answer(&self, row: usize) -> Answer {
        let outcome =
            Outcome::of_name(self.outcome.text(row).unwrap_or_default()).unwrap_or_default();
        match outcome {
            Outcome::ServerError => Answer::Failed(Class::ServerError),
            Outcome::Throttled => Answer::Failed(Class::Throttled),
            Outcome::NoResponse => Answer::Failed(Class::NoResponse),
            _ if is(&self.is_failure, row) => Answer::Failed(Class::ErrorCode),
            Outcome::ClientError => Answer::Refused,
            _ => Answer::Fine,
        }
    }
}

fn is(column: &Column, row: usize) -> bool {
    column.integer(row) == Some(1)
}

pub fn decode_calls(batch: &Batch<'_>, one_in: u32, out: &mut Rows) -> Result<(), QueryError> {
    let columns = Columns::of(batch)?;
    for row in 0..batch.len() {
        if let Some(seen) = columns.seen(row, one_in) {
            let name = columns.integration.text(row).unwrap_or_default();
            out.gatherer(name).add(&seen);
        }
    }
    Ok(())
}

/// The number of a kind of error: its fingerprint, or one made of its code where the answer was ok.
pub fn kind_of(fingerprint: Option<i64>, code: Option<&str>) -> Option<i64> {
    fingerprint.or_else(|| {
        let mut hasher = DefaultHasher::new();
        code?.hash(&mut hasher);
        Some(hasher.finish().cast_signed())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(operation: &str, requests: u64) -> SeriesHistory {
        let counts = Counts {
            requests,
            ..Counts::default()
        };
        SeriesHistory {
            integration: "shop".to_owned(),
            operation: Some(operation.to_owned()),
            window_s: 300,
            windows: vec![(Timestamp::from_secs(0), counts)],
        }
    }

    #[test]
    fn small_integrations_are_asked_for_at_once_and_calm_ones_not_at_all() {
        let whole = |name: &str, requests: u64, throttled: u64| {
            let mut one = series("", requests);
            one.integration = name.to_owned();
            one.operation = None;
            one.windows[0].1.throttled = throttled;
            one
        };
        let all = [
            whole("a", 1_000, 1),
            whole("b", 1_000, 0),
            whole("c", 300_000, 1),
            whole("d", 9_000_000, 1),
            whole("e", 5, 1),
        ];
        assert_eq!(groups(&all), [vec!["a", "c"], vec!["d"], vec!["e"]]);
        assert_eq!(listed(["a", "c"].into_iter()), "\na\nc\n");
    }

    #[test]
    fn only_busy_operations_are_drawn_from_and_all_fits() {
        let few = Draw::of(
            &[series("GET /a", 1_000), series("GET /b", 390_000)],
            "shop",
        );
        assert_eq!((few.one_in, few.busy.len()), (1, 0));
        let many = Draw::of(
            &[series("GET /a", 1_000), series("GET /b", 4_000_000)],
            "shop",
        );
        assert_eq!((many.one_in, many.busy().as_str()), (11, "\nGET /b\n"));
        assert_eq!(
            Draw::of(&[series("GET /b", u64::MAX / 2)], "shop").one_in,
            4_096
        );
    }
}
