//! Rows put together from parts.
//!
//! A row of parts is as safe as one masked as a whole, because parts are only put together where none may hold what was
//! found in another, or who called. Where one may, the row has to be masked as a whole.

use std::net::IpAddr;
use std::sync::Arc;

use crate::mask::decode::Encoding;
use crate::mask::fields::plain_run;
use crate::mask::fingerprint::fingerprint;
use crate::mask::keywords::Policy;
use crate::mask::lexicon::{Lexicon, MISSING};
use crate::mask::masked::Columns;
use crate::mask::part::{Part, is_dotted, may_hold};
use crate::mask::scan::Scan;
use crate::model::exchange::{Direction, Outcome, StatusSource};
use crate::model::plain::Plain;

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
    pub(in crate::mask) method: Arc<Part>,
    pub(in crate::mask) url: Part,
    /// Whose credential the query holds.
    pub(in crate::mask) principal: Option<Box<Part>>,
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
            !part.is_clean()
                || url.may_echo_in(part)
                || self.client.is_some_and(|client| client.may_echo_in(part))
        });
        let client_echoes = self.client.is_some_and(|client| {
            url.may_echo_in(client)
                || !client.is_clean()
                    && [client, url, self.operation]
                        .into_iter()
                        .any(|part| client.may_echo_in(part))
        });
        !echoes
            && !client_echoes
            && (!keep || self.raw_is_apart())
            && self.operation.is_clean()
            && self.host.is_clean()
            && self.request.method.is_clean()
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
        let caller = [self.plain.client_address, self.plain.user];
        caller.into_iter().flatten().any(|value| {
            let run = plain_run(value);
            let dotted = is_dotted(run);
            let may_name = |part: &Part| (!dotted || part.is_dotted) && may_hold(&part.masked, run);
            [&self.request.url, self.operation, self.integration]
                .into_iter()
                .chain(self.client)
                .chain(self.tenant)
                .any(may_name)
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
        self.principal.push(maybe(principal.as_deref()));
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
    pub(in crate::mask) fn request(&mut self, plain: &Plain<'_>, method: Arc<Part>) -> Request {
        Request {
            method,
            url: self.part_of(|scan| scan.url_once(plain.path, plain.query).into()),
            principal: plain
                .query
                .and_then(|query| self.principal_in_query(query))
                .map(|principal| Box::new(self.part_of(|_| principal.into()))),
        }
    }
}

/// Where a part of a text begins in it.
fn place_in(text: &str, part: &str) -> Option<usize> {
    let from = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (from + part.len() <= text.len()).then_some(from)
}
