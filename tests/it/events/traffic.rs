//! The calls of one integration: what is asked, what comes of it, who tries again; as lines of a log.

use serde_json::{Map, Value, json};
use tidemark::model::time::Timestamp;

use super::random::Random;

/// 2026-11-01T00:00:00Z, a Sunday.
const BEGIN: i64 = 1_793_491_200;

pub fn at(minute: f64) -> Timestamp {
    Timestamp::from_micros(BEGIN * 1_000_000 + (minute * 60e6) as i64)
}

/// One call as its caller means it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub minute: f64,
    pub method: &'static str,
    pub path: &'static str,
    pub currency: String,
    pub mode: &'static str,
    pub lang: &'static str,
    pub country: &'static str,
    pub tenant: &'static str,
    pub client: &'static str,
    pub region: &'static str,
    pub bytes: u64,
}

/// What comes of an attempt.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub code: Option<String>,
    pub message: Option<String>,
    /// Would trying again give the same?
    pub stays: bool,
}

impl Answer {
    pub fn fine() -> Self {
        Self {
            status: 200,
            ..Self::default()
        }
    }

    pub fn failed(status: u16, message: &str, stays: bool) -> Self {
        Self {
            status,
            code: None,
            message: Some(message.to_owned()),
            stays,
        }
    }
}

/// How the log tells which attempts belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    Call,
    Key,
    Request,
    /// Only the address and the body are the same.
    None,
}

pub struct Traffic {
    pub name: String,
    pub days: f64,
    pub per_minute: f64,
    pub ids: Ids,
    pub has_bodies: bool,
    /// Share of failed attempts that are tried again, and how often at most.
    pub retried: f64,
    pub tries: usize,
    /// Different currencies, if there are many.
    pub values: usize,
}

const OPERATIONS: [(&str, f64); 5] = [
    ("GET /v1/rates", 30.0),
    ("POST /v1/payments", 35.0),
    ("GET /v1/status", 15.0),
    ("POST /v1/refunds", 12.0),
    ("PUT /v1/customers", 8.0),
];
const CURRENCIES: [(&str, f64); 5] = [
    ("EUR", 42.0),
    ("USD", 33.0),
    ("GBP", 13.0),
    ("JPY", 8.0),
    ("CHF", 4.0),
];
const COUNTRIES: [(&str, f64); 4] = [("DE", 40.0), ("US", 35.0), ("FR", 15.0), ("JP", 10.0)];
const TENANTS: [(&str, f64); 5] = [
    ("acme", 30.0),
    ("bolt", 30.0),
    ("corvo", 20.0),
    ("dune", 12.0),
    ("elm", 8.0),
];
const CLIENTS: [(&str, f64); 3] = [("checkout", 55.0), ("batch", 15.0), ("gateway", 30.0)];
const REGIONS: [(&str, f64); 3] = [("eu", 45.0), ("us", 40.0), ("ap", 15.0)];

impl Traffic {
    /// The lines of the log, in order of time. `fate` says what comes of an attempt, and `more` adds to the calls.
    pub fn lines(
        &self,
        random: &mut Random,
        more: Vec<Asked>,
        mut fate: impl FnMut(&Asked, &mut Random) -> Answer,
    ) -> Vec<(Timestamp, String)> {
        let mut calls = self.calls(random);
        calls.extend(more);
        let mut lines = Vec::new();
        for call in calls {
            self.play(&call, random, &mut fate, &mut lines);
        }
        lines
    }

    fn calls(&self, random: &mut Random) -> Vec<Asked> {
        let mut calls = Vec::new();
        for minute in 0..(self.days * 1440.0) as usize {
            let phase = (minute % 1440) as f64 / 1440.0 * std::f64::consts::TAU;
            let mean = self.per_minute * (1.0 - 0.5 * phase.cos());
            for _ in 0..random.poisson(mean) {
                calls.push(self.ask(minute as f64 + random.share(), random));
            }
        }
        calls
    }

    pub fn ask(&self, minute: f64, random: &mut Random) -> Asked {
        let operation = random.weighted(&OPERATIONS);
        let (method, path) = operation.split_once(' ').expect("two words");
        let currency = match self.values {
            0 => random.weighted(&CURRENCIES).to_owned(),
            values => format!("X{}", random.below(values)),
        };
        Asked {
            minute,
            method,
            path,
            currency,
            mode: random.weighted(&[("sync", 70.0), ("async", 30.0)]),
            lang: random.weighted(&[("en", 60.0), ("de", 25.0), ("fr", 15.0)]),
            country: random.weighted(&COUNTRIES),
            tenant: random.weighted(&TENANTS),
            client: random.weighted(&CLIENTS),
            region: random.weighted(&REGIONS),
            bytes: 200 + (random.between(0.0, 11.0).exp2() as u64) * 100,
        }
    }

    fn play(
        &self,
        call: &Asked,
        random: &mut Random,
        fate: &mut impl FnMut(&Asked, &mut Random) -> Answer,
        lines: &mut Vec<(Timestamp, String)>,
    ) {
        let id = random.next();
        let mut minute = call.minute;
        let mut last: Option<Answer> = None;
        for number in 0..self.tries.max(1) {
            let answer = match &last {
                Some(before) if before.stays => before.clone(),
                Some(_) if random.chance(0.93) => Answer::fine(),
                _ => fate(call, random),
            };
            lines.push((
                at(minute),
                self.line(call, id, random.next(), minute, &answer),
            ));
            let failed = answer.status >= 500 || answer.status == 429;
            if !failed || !random.chance(self.retried) {
                return;
            }
            minute += random.between(0.5, 1.5) * 2_f64.powi(number as i32) / 60.0;
            last = Some(answer);
        }
    }

    fn line(&self, call: &Asked, id: u64, attempt: u64, minute: f64, answer: &Answer) -> String {
        let url = format!(
            "https://{}.api.{}.example/{}?currency={}&mode={}&lang={}&ref=r{:012x}",
            call.region,
            self.name,
            call.path.trim_start_matches('/'),
            call.currency,
            call.mode,
            call.lang,
            id >> 16,
        );
        let mut record = Map::new();
        let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
        put("ts", json!(at(minute).to_string()));
        put("integration", json!(self.name));
        put("method", json!(call.method));
        put("url", json!(url));
        put("status", json!(answer.status));
        put("duration_ms", json!(80 + attempt % 200));
        put("tenant", json!(call.tenant));
        put("client", json!(call.client));
        put("request_bytes", json!(call.bytes));
        match self.ids {
            Ids::Call => drop(put("correlation_id", json!(format!("c-{id:016x}")))),
            Ids::Key => drop(put("idempotency_key", json!(format!("k-{id:016x}")))),
            Ids::Request => drop(put("request_id", json!(format!("q-{attempt:016x}")))),
            Ids::None => {}
        }
        if self.has_bodies && call.method != "GET" {
            let body = json!({"amount": id % 9_000, "to": {"country": call.country}, "order": format!("o{:010x}", id >> 24)});
            put("request_body", json!(body.to_string()));
        }
        if let Some(code) = &answer.code {
            put("error_code", json!(code));
        }
        if let Some(message) = &answer.message {
            put("error_message", json!(message));
        }
        Value::Object(record).to_string()
    }
}
