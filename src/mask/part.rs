//! Texts masked once and put into many rows: the hosts, request lines and agents that come again in nearly every line.
//!
//! A row of parts is as safe as one masked as a whole, because parts are only put together where none may hold what
//! was found in another. Where one may, the row has to be masked as a whole.

use std::cell::Cell;

use memchr::memmem;
use zeroize::Zeroizing;

use crate::mask::fields::{is_plain, plain_run};
use crate::mask::kind::Kind;
use crate::mask::lexicon::{Code, Lexicon, MISSING};
use crate::mask::masked::Columns;
use crate::mask::memo::How;
use crate::mask::scan::Scan;
use crate::model::exchange::{Direction, Outcome, StatusSource};
use crate::model::plain::Plain;

/// A run that is shorter stands nearly everywhere.
pub(crate) const RUN_BYTES_MIN: usize = 3;

/// A text masked by itself, and what was found in it.
pub struct Part {
    pub(in crate::mask) masked: Box<str>,
    /// The longest run of plain signs of each secret, which every spelling of it keeps.
    runs: Vec<Zeroizing<String>>,
    pub(in crate::mask) counts: Vec<(Kind, u64)>,
    /// Its number, and of which lexicon.
    code: Cell<(u64, Code)>,
}

impl Part {
    /// Whether what was found in this text may stand in another one.
    pub fn may_echo_in(&self, other: &Self) -> bool {
        self.runs.iter().any(|run| may_hold(&other.masked, run))
    }

    fn code(&self, lexicon: &Lexicon) -> Code {
        let (id, code) = self.code.get();
        if id == lexicon.id() {
            return code;
        }
        let [code] = lexicon.codes([Some(&self.masked)]);
        self.code.set((lexicon.id(), code));
        code
    }
}

/// A row that is put together.
pub struct Parts<'p> {
    pub plain: &'p Plain<'p>,
    pub direction: Direction,
    pub outcome: Outcome,
    pub integration: &'p Part,
    pub tenant: Option<&'p Part>,
    pub client: Option<&'p Part>,
    pub request: &'p Request,
    pub host: &'p Part,
    pub operation: &'p Part,
}

/// What the request line gives.
pub struct Request {
    pub(in crate::mask) method: Part,
    pub(in crate::mask) url: Part,
    /// Whose credential the query holds.
    pub(in crate::mask) principal: Option<Part>,
}

impl Request {
    /// Whether it may not be put together with others at all: it repeats its own secret, or another text does that
    /// comes with it.
    pub fn is_echoed(&self, operation: &Part) -> bool {
        self.url.may_echo_in(&self.url) || self.url.may_echo_in(operation)
    }
}

impl Parts<'_> {
    /// Whether no text of the row may hold what was found in another, or who called. That the request line does not
    /// echo in itself and in its operation is known from [`Request::is_echoed`].
    pub(in crate::mask) fn are_apart(&self) -> bool {
        let url = &self.request.url;
        let mut about_site = self.tenant.into_iter().chain([self.integration]);
        let echoes = about_site.any(|part| {
            !part.runs.is_empty()
                || url.may_echo_in(part)
                || self.client.is_some_and(|client| client.may_echo_in(part))
        });
        let client_echoes = self.client.is_some_and(|client| {
            url.may_echo_in(client)
                || !client.runs.is_empty()
                    && [client, url, self.operation]
                        .into_iter()
                        .any(|part| client.may_echo_in(part))
        });
        !echoes
            && !client_echoes
            && self.operation.runs.is_empty()
            && self.host.runs.is_empty()
            && self.request.method.runs.is_empty()
            && !self.names_caller()
    }

    pub(in crate::mask) fn each(&self, mut take: impl FnMut(&Part)) {
        let Request { method, url, .. } = self.request;
        let always = [method, url, self.integration, self.host, self.operation];
        let told = self.tenant.into_iter().chain(self.client);
        always.into_iter().chain(told).for_each(&mut take);
    }

    fn names_caller(&self) -> bool {
        let texts = [&self.request.url, self.operation, self.integration];
        let more = self.client.into_iter().chain(self.tenant);
        let caller = [self.plain.client_address, self.plain.user];
        caller.into_iter().flatten().any(|value| {
            let run = plain_run(value);
            texts
                .into_iter()
                .chain(more.clone())
                .any(|part| may_hold(&part.masked, run))
        })
    }
}

impl Columns {
    pub(in crate::mask) fn push_parts(
        &mut self,
        parts: &Parts<'_>,
        lexicon: &Lexicon,
        line: u64,
        offset: u64,
    ) {
        let code = |part: &Part| part.code(lexicon);
        let maybe = |part: Option<&Part>| part.map_or(MISSING, code);
        let plain = parts.plain;
        let Request {
            method,
            url,
            principal,
        } = parts.request;
        self.ts.push(Some(plain.ts.micros()));
        self.ts_kind.push(plain.ts_kind);
        self.attempt.push(1);
        self.final_.push(true);
        self.direction.push(parts.direction);
        self.integration.push(code(parts.integration));
        self.tenant.push(maybe(parts.tenant));
        self.client.push(maybe(parts.client));
        self.principal.push(maybe(principal.as_ref()));
        self.method.push(code(method));
        self.host.push(code(parts.host));
        self.operation.push(code(parts.operation));
        self.url.push(code(url));
        self.error_code.push(MISSING);
        self.error_message.push(MISSING);
        self.status.push(i16::try_from(plain.status).ok());
        self.status_source.push(StatusSource::Origin);
        self.outcome.push(parts.outcome);
        self.response_bytes.push(plain.response_bytes);
        self.line.push(line.cast_signed());
        self.offset.push(offset.cast_signed());
        self.push_untold();
    }

    /// What a plain exchange never has.
    fn push_untold(&mut self) {
        let texts = [
            &mut self.call,
            &mut self.request_id,
            &mut self.vendor_request_id,
            &mut self.trace_id,
            &mut self.idempotency_key,
            &mut self.request_headers,
            &mut self.request_body,
            &mut self.response_headers,
            &mut self.response_body,
            &mut self.raw,
        ];
        texts.into_iter().for_each(|column| column.push(None));
        let numbers = [
            &mut self.fingerprint,
            &mut self.limit_max,
            &mut self.limit_remaining,
            &mut self.limit_reset,
            &mut self.request_bytes,
        ];
        numbers.into_iter().for_each(|column| column.push(None));
        self.duration_ms.push(None);
        self.retry_after_s.push(None);
        self.record.push(None);
    }
}

impl Scan {
    pub(in crate::mask) fn count_part(&mut self, part: &Part) {
        for (kind, n) in &part.counts {
            self.count(*kind, *n);
        }
    }

    pub(in crate::mask) fn text_part(&mut self, text: &str) -> Part {
        self.part_of(|scan| scan.recall(How::Any, text).into())
    }

    /// A method or a host.
    pub(in crate::mask) fn word_part(&mut self, text: &str) -> Part {
        match is_plain(text) {
            true => self.part_of(|_| text.into()),
            false => self.text_part(text),
        }
    }

    pub(in crate::mask) fn request(&mut self, plain: &Plain<'_>) -> Request {
        Request {
            method: self.word_part(plain.method),
            url: self.part_of(|scan| scan.url(plain.path, plain.query).into()),
            principal: plain
                .query
                .and_then(|query| self.principal_in_query(query))
                .map(|principal| self.part_of(|_| principal.into())),
        }
    }

    fn part_of(&mut self, mask: impl FnOnce(&mut Self) -> Box<str>) -> Part {
        let others = self.take_secrets();
        let before = self.counts;
        let masked = mask(self);
        let found = std::mem::replace(&mut self.secrets, others);
        let counts = std::mem::replace(&mut self.counts, before);
        let run = |value: &[u8]| match std::str::from_utf8(value) {
            Ok(value) => plain_run(value).to_owned(),
            // Not told apart from anything.
            Err(_) => String::new(),
        };
        Part {
            masked,
            runs: found
                .iter()
                .map(|secret| Zeroizing::new(run(&secret.value)))
                .collect(),
            counts: Kind::ALL
                .iter()
                .map(|kind| (*kind, counts[*kind as usize] - before[*kind as usize]))
                .filter(|(_, n)| *n > 0)
                .collect(),
            code: Cell::default(),
        }
    }
}

/// Whether a text may hold a value in some spelling, of which `run` is the longest run of plain signs.
pub(crate) fn may_hold(text: &str, run: &str) -> bool {
    let run = run.as_bytes();
    let [first, .., last] = run else {
        return true;
    };
    if run.len() < RUN_BYTES_MIN {
        return true;
    }
    // The last sign first: most short texts lack it, and a search costs more to begin than to do.
    let text = text.as_bytes();
    text.len() >= run.len()
        && memchr::memchr(*last, &text[run.len() - 1..]).is_some()
        && memchr::memchr(*first, text).is_some()
        && memmem::find(text, run).is_some()
}
