//! Attempts one by one, from an answer to calls.

use std::hash::{DefaultHasher, Hash, Hasher};

use std::collections::BTreeMap;

use crate::calls::{Gatherer, Request, Seen};
use crate::model::call::{Answer, Calls};
use crate::model::evidence::Traffic;
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
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
    pub fn of(traffic: &Traffic) -> Self {
        let volumes = || traffic.operations.iter();
        let all = volumes().map(|(_, n)| *n).fold(0, u64::saturating_add);
        if all <= ATTEMPTS_MAX {
            return Self::none();
        }
        let part = ATTEMPTS_MAX / (2 * traffic.operations.len() as u64).max(1);
        let (busy, others): (Vec<_>, Vec<_>) = volumes().partition(|(_, n)| *n > part);
        let room = ATTEMPTS_MAX - others.iter().map(|(_, n)| n).sum::<u64>();
        let drawn = busy.iter().map(|(_, n)| *n).fold(0, u64::saturating_add);
        Self {
            busy: busy.into_iter().map(|(name, _)| name.clone()).collect(),
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
pub fn groups(traffic: &[Traffic]) -> Vec<Vec<&Traffic>> {
    let mut groups: Vec<Vec<&Traffic>> = Vec::new();
    let mut room = 0;
    for one in traffic.iter().filter(|one| one.has_failed) {
        match groups.last_mut() {
            Some(group) if one.requests <= room => group.push(one),
            _ => {
                groups.push(vec![one]);
                room = ATTEMPTS_MAX;
            }
        }
        room = room.saturating_sub(one.requests);
    }
    groups
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

    fn traffic(name: &str, has_failed: bool, operations: &[(&str, u64)]) -> Traffic {
        Traffic {
            integration: name.to_owned(),
            requests: operations.iter().map(|(_, n)| n).sum(),
            has_failed,
            operations: operations
                .iter()
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect(),
        }
    }

    #[test]
    fn small_integrations_are_asked_for_at_once_and_calm_ones_not_at_all() {
        let all = [
            traffic("a", true, &[("", 1_000)]),
            traffic("b", false, &[("", 1_000)]),
            traffic("c", true, &[("", 300_000)]),
            traffic("d", true, &[("", 9_000_000)]),
            traffic("e", true, &[("", 5)]),
        ];
        let names = |group: &Vec<&Traffic>| -> Vec<String> {
            group.iter().map(|one| one.integration.clone()).collect()
        };
        let groups: Vec<_> = groups(&all).iter().map(names).collect();
        assert_eq!(groups, [vec!["a", "c"], vec!["d"], vec!["e"]]);
        assert_eq!(listed(["a", "c"].into_iter()), "\na\nc\n");
    }

    #[test]
    fn only_busy_operations_are_drawn_from_and_all_fits() {
        let of = |operations: &[(&str, u64)]| Draw::of(&traffic("shop", true, operations));
        let few = of(&[("GET /a", 1_000), ("GET /b", 390_000)]);
        assert_eq!((few.one_in, few.busy.len()), (1, 0));
        let many = of(&[("GET /a", 1_000), ("GET /b", 4_000_000)]);
        assert_eq!((many.one_in, many.busy().as_str()), (11, "\nGET /b\n"));
        assert_eq!(of(&[("GET /b", u64::MAX / 2)]).one_in, 4_096);
    }
}
