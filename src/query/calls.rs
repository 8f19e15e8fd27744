//! Attempts one by one, from an answer to calls.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::calls::{Gatherer, Request, Seen};
use crate::model::call::{Answer, Calls};
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::query::decode::{Column, Rows as Batch};
use crate::query::error::QueryError;

/// Calls older than a month are not looked at one by one: their counts still are.
pub const CALLS_DAYS: i64 = 31;
/// Attempts of one integration that are looked at; of more, a part is drawn by call, so that attempts stay together.
pub const FAILURES_MAX: i64 = 60_000;
pub const OTHERS_MAX: i64 = 300_000;

/// What has been read of the answer so far.
#[derive(Default)]
pub struct Rows {
    gatherer: Gatherer,
    looked: BTreeMap<String, (u32, u32)>,
}

impl Rows {
    pub fn finish(self, integration: &str, since: Timestamp) -> Calls {
        let looked = self.looked.into_iter();
        let looked = looked.map(|(operation, (failed, others))| (operation, failed, others));
        self.gatherer.finish(integration, since, looked.collect())
    }
}

/// The columns of a batch.
struct Columns {
    texts: [Column; TEXTS.len()],
    numbers: [Column; NUMBERS.len()],
}

const TEXTS: [&str; 15] = [
    "operation",
    "id",
    "call_id",
    "method",
    "host",
    "url",
    "client",
    "tenant",
    "principal",
    "outcome",
    "error_code",
    "trace_id",
    "request_id",
    "idempotency_key",
    "request_body",
];
const NUMBERS: [&str; 9] = [
    "ts_us",
    "attempt",
    "fingerprint",
    "request_bytes",
    "weight",
    "failed_one_in",
    "others_one_in",
    "is_failure",
    "is_kept",
];

impl Columns {
    fn of(batch: &Batch<'_>) -> Result<Self, QueryError> {
        let texts: Result<Vec<Column>, _> = TEXTS.iter().map(|name| batch.text(name)).collect();
        let numbers: Result<Vec<Column>, _> =
            NUMBERS.iter().map(|name| batch.integer(name)).collect();
        let short = |_: Vec<Column>| QueryError::Unreadable("a column is missing".to_owned());
        Ok(Self {
            texts: texts?.try_into().map_err(short)?,
            numbers: numbers?.try_into().map_err(short)?,
        })
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        let at = TEXTS.iter().position(|known| *known == name)?;
        self.texts[at].text(row)
    }

    fn word(&self, name: &str, row: usize) -> &str {
        self.text(name, row).unwrap_or_default()
    }

    fn number(&self, name: &str, row: usize) -> Option<i64> {
        let at = NUMBERS.iter().position(|known| *known == name)?;
        self.numbers[at].integer(row)
    }

    fn is(&self, name: &str, row: usize) -> bool {
        self.number(name, row) == Some(1)
    }

    fn request(&self, row: usize) -> Request<'_> {
        Request {
            method: self.word("method", row),
            host: self.word("host", row),
            operation: self.word("operation", row),
            url: self.word("url", row),
            client: self.text("client", row),
            tenant: self.text("tenant", row),
            principal: self.text("principal", row),
            body: self.text("request_body", row),
            bytes: self.number("request_bytes", row),
        }
    }

    fn seen(&self, row: usize) -> Option<Seen<'_>> {
        let call = self.word("call_id", row);
        let own = self.word("id", row).strip_prefix(call);
        let code = self.text("error_code", row);
        Some(Seen {
            at: Timestamp::from_micros(self.number("ts_us", row)?),
            request: self.request(row),
            answer: self.answer(row),
            number: u16::try_from(self.number("attempt", row)?).unwrap_or(1),
            call,
            // An attempt's id goes on from that of its line.
            is_call_told: own.is_none_or(|rest| !rest.starts_with('-')),
            key: self.text("idempotency_key", row),
            trace: self.text("trace_id", row),
            request_id: self.text("request_id", row),
            kind: kind_of(self.number("fingerprint", row), code)
                .filter(|_| self.is("is_failure", row)),
            weight: self.number("weight", row).unwrap_or(1) as f32,
            is_kept: self.is("is_kept", row),
        })
    }

    fn answer(&self, row: usize) -> Answer {
        let outcome = Outcome::of_name(self.word("outcome", row)).unwrap_or_default();
        match outcome {
            Outcome::ServerError => Answer::Failed(Class::ServerError),
            Outcome::Throttled => Answer::Failed(Class::Throttled),
            Outcome::NoResponse => Answer::Failed(Class::NoResponse),
            _ if self.is("is_failure", row) => Answer::Failed(Class::ErrorCode),
            Outcome::ClientError => Answer::Refused,
            _ => Answer::Fine,
        }
    }
}

pub fn decode_calls(batch: &Batch<'_>, out: &mut Rows) -> Result<(), QueryError> {
    let columns = Columns::of(batch)?;
    for row in 0..batch.len() {
        let Some(seen) = columns.seen(row) else {
            continue;
        };
        out.gatherer.add(&seen);
        let one_in =
            |name| u32::try_from(columns.number(name, row).unwrap_or(1)).unwrap_or(u32::MAX);
        let (failed, others) = (one_in("failed_one_in"), one_in("others_one_in"));
        if failed > 1 || others > 1 {
            let operation = seen.request.operation.to_owned();
            out.looked.insert(operation, (failed, others));
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
