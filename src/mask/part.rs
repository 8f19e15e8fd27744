//! Texts masked once and put into many rows: the hosts, request lines and agents that come again in nearly every line.
//!
//! A row of parts is as safe as one masked as a whole, because parts are only put together where none may hold what
//! was found in another. Where one may, the row has to be masked as a whole.

use std::cell::Cell;
use std::net::IpAddr;

use memchr::memmem;
use zeroize::Zeroizing;

use crate::mask::decode::Encoding;
use crate::mask::fields::{is_plain, plain_run};
use crate::mask::fingerprint::fingerprint;
use crate::mask::keywords::Policy;
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
    pub answer: &'p Answer,
    pub integration: &'p Part,
    pub tenant: Option<&'p Part>,
    pub client: Option<&'p Part>,
    pub request: &'p Request,
    pub host: &'p Part,
    pub operation: &'p Part,
}

/// What the status gives.
pub struct Answer {
    pub status_source: StatusSource,
    pub outcome: Outcome,
    pub error_code: Option<Part>,
}

impl Answer {
    pub fn is_fine(&self) -> bool {
        matches!(self.outcome, Outcome::Ok | Outcome::Redirect)
    }
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
    pub(in crate::mask) fn are_apart(&self, keep: bool) -> bool {
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
            && (!keep || self.raw_is_apart())
            && self.operation.runs.is_empty()
            && self.host.runs.is_empty()
            && self.request.method.runs.is_empty()
            && !self.names_caller()
    }

    pub(in crate::mask) fn each(&self, mut take: impl FnMut(&Part)) {
        let Request { method, url, .. } = self.request;
        let always = [method, url, self.integration, self.host, self.operation];
        let code = self.answer.error_code.as_ref();
        let told = self.tenant.into_iter().chain(self.client).chain(code);
        always.into_iter().chain(told).for_each(&mut take);
    }

    /// Whether the line holds nothing but the parts, the caller's address, and what can be no secret.
    fn raw_is_apart(&self) -> bool {
        let parts = [Some(&self.request.url), self.client];
        let mut echoes = parts.into_iter().flatten();
        let plain = self.plain;
        plain.user.is_none()
            && plain.referer.is_none()
            // Two addresses in front: the line itself has to say whose they are.
            && plain.host.parse::<IpAddr>().is_err()
            && !echoes.any(|part| part.may_echo_in(self.host))
    }

    /// The line with each part as it is masked.
    pub(in crate::mask) fn raw(&self, scan: &mut Scan) -> Option<String> {
        let plain = self.plain;
        let address = plain.client_address.map(|address| {
            scan.field(address, |scan, text| {
                scan.value(Policy::ClientAddress, Encoding::Plain, text, 0);
            })
        });
        // Of this row alone.
        scan.take_secrets();
        scan.count_part(&self.request.url);
        self.client
            .into_iter()
            .for_each(|client| scan.count_part(client));
        let target = plain.query.map_or(0, |query| 1 + query.len()) + plain.path.len();
        let client = self.client.map(|client| &*client.masked);
        let mut spans = [
            (plain.client_address, address.as_deref(), 0),
            (Some(plain.path), Some(&*self.request.url.masked), target),
            (plain.client, client, 0),
        ]
        .map(|(written, masked, bytes)| {
            let from = place_in(plain.raw, written?)?;
            Some((from, from + bytes.max(written?.len()), masked?))
        });
        spans.sort_unstable();
        let mut raw = String::with_capacity(plain.raw.len());
        let mut done = 0;
        for (from, to, masked) in spans.into_iter().flatten() {
            raw.push_str(plain.raw.get(done..from)?);
            raw.push_str(masked);
            done = to;
        }
        raw.push_str(plain.raw.get(done..)?);
        Some(raw)
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
        raw: Option<&str>,
        place: (u64, u64),
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
        let Answer {
            status_source,
            outcome,
            error_code,
        } = parts.answer;
        self.error_code.push(maybe(error_code.as_ref()));
        self.error_message.push(MISSING);
        self.fingerprint.push((!parts.answer.is_fine()).then(|| {
            let code = error_code.as_ref().map(|code| &*code.masked);
            fingerprint(Some(plain.status), code, None, None)
        }));
        self.raw.push(raw);
        self.status.push(i16::try_from(plain.status).ok());
        self.status_source.push(*status_source);
        self.outcome.push(*outcome);
        self.response_bytes.push(plain.response_bytes);
        self.line.push(place.0.cast_signed());
        self.offset.push(place.1.cast_signed());
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
        ];
        texts.into_iter().for_each(|column| column.push(None));
        let numbers = [
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

    pub(in crate::mask) fn code_part(&mut self, code: &str) -> Part {
        self.part_of(|scan| scan.field(code, |scan, text| scan.sure(text, 0)).into())
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

/// Where a part of a text begins in it.
fn place_in(text: &str, part: &str) -> Option<usize> {
    let from = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (from + part.len() <= text.len()).then_some(from)
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
