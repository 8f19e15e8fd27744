//! Exchanges in, masked columns out.
//!
//! Each field is masked by itself, then all of them once more by what was found in any: only when the whole record is
//! clean is it written to the columns.

use std::borrow::Cow;
use std::fmt::Write;

use crate::mask::decode::Encoding;
use crate::mask::echo::Echo;
use crate::mask::fingerprint::fingerprint;
use crate::mask::headers::{MaskedHeaders, to_json};
use crate::mask::key::{HmacSha256, tag};
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::masked::{Columns, Masked};
use crate::mask::masker::Masker;
use crate::mask::placeholder::{CUT, is_masked};
use crate::mask::scan::{Scan, is_void};
use crate::model::exchange::{Exchange, Outcome, Text};
use crate::model::time::Timestamp;

/// User names shorter than this are not looked for in the line; their own position is masked all the same.
const USER_BYTES_MIN: usize = 3;

/// What a row has besides its exchange.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    /// The name of the source, for people.
    pub source: &'r str,
    /// The stable identity of the source, for ids.
    pub source_id: &'r str,
    pub ingested_at: Timestamp,
    /// Whether headers, bodies and the source line are stored.
    pub keep_content: bool,
}

/// Builds a [`Masked`], row by row.
pub struct Batch<'m> {
    masker: &'m Masker,
    calls: HmacSha256,
    scan: Option<Scan>,
    columns: Columns,
    bytes: usize,
}

impl<'m> Batch<'m> {
    pub(in crate::mask) fn new(masker: &'m Masker) -> Self {
        Self {
            masker,
            calls: masker.mac(),
            scan: Some(masker.scan()),
            columns: Columns::default(),
            bytes: 0,
        }
    }

    pub fn push(&mut self, exchange: &Exchange<'_>, row: &Row<'_>) {
        let mut scan = self.scan.take().unwrap_or_else(|| self.masker.scan());
        let mut fields = Fields::mask(&mut scan, exchange, row.keep_content);
        let secrets = scan.take_secrets();
        if let Some(echo) = Echo::new(&secrets, &mut scan) {
            fields.clean(&echo, &mut scan);
        }
        self.scan = Some(scan);
        self.push_origin(exchange, row);
        self.push_facts(exchange);
        self.push_fields(exchange, &fields, row.keep_content);
        if self.rows().is_multiple_of(64) {
            self.bytes = self.columns.heap_bytes();
        }
    }

    pub fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// Approximate size on the heap, brought up to date every few rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the batch must be finished: offsets are 32 bits wide.
    pub fn is_full(&self) -> bool {
        self.columns.is_full()
    }

    pub fn finish(mut self) -> Masked {
        let counts = self
            .scan
            .as_mut()
            .map(Scan::take_counts)
            .unwrap_or_default();
        Masked::new(std::mem::take(&mut self.columns), counts)
    }

    /// Where the row came from and which call it belongs to.
    fn push_origin(&mut self, exchange: &Exchange<'_>, row: &Row<'_>) {
        let Row {
            source, source_id, ..
        } = *row;
        let columns = &mut self.columns;
        let mut id = String::with_capacity(source_id.len() + 24);
        let _ = write!(id, "{source_id}-{:x}", exchange.offset);
        match exchange.correlation_id.as_deref() {
            Some(call) => columns.call_id.push(Some(&call_id(
                &self.calls,
                exchange.integration.as_deref(),
                call,
            ))),
            None => columns.call_id.push(Some(&id)),
        }
        let _ = write!(id, "-{}", exchange.attempt);
        columns.id.push(Some(&id));
        columns.source.push(Some(source));
        columns.line.push(exchange.line.cast_signed());
        columns.offset.push(exchange.offset.cast_signed());
        columns.ingested_at.push(row.ingested_at.micros());
    }

    /// What is a number or one of a few words, and so cannot hold a secret.
    fn push_facts(&mut self, exchange: &Exchange<'_>) {
        let columns = &mut self.columns;
        columns.ts.push(exchange.ts.map(Timestamp::micros));
        columns.ts_kind.push(Some(exchange.ts_kind.name()));
        columns
            .attempt
            .push(i16::try_from(exchange.attempt).unwrap_or(i16::MAX));
        columns.final_.push(exchange.is_final);
        columns.direction.push(Some(exchange.direction.name()));
        columns.status.push(
            exchange
                .status
                .and_then(|status| i16::try_from(status).ok()),
        );
        columns
            .status_source
            .push(Some(exchange.status_source.name()));
        columns.outcome.push(Some(exchange.outcome.name()));
        columns.duration_ms.push(exchange.duration_ms);
        columns.retry_after_s.push(exchange.retry_after_s);
        columns.limit_max.push(exchange.limit.max);
        columns.limit_remaining.push(exchange.limit.remaining);
        columns
            .limit_reset
            .push(exchange.limit.reset.map(Timestamp::micros));
        columns.request_bytes.push(exchange.request_bytes);
        columns.response_bytes.push(exchange.response_bytes);
    }

    fn push_fields(&mut self, exchange: &Exchange<'_>, fields: &Fields<'_>, keep: bool) {
        let failed = !matches!(exchange.outcome, Outcome::Ok | Outcome::Redirect);
        let print = failed.then(|| {
            let Fields {
                error_code,
                error_message,
                response_body,
                ..
            } = fields;
            fingerprint(
                exchange.status,
                error_code.as_deref(),
                error_message.as_deref(),
                response_body.as_deref(),
            )
        });
        let columns = &mut self.columns;
        columns.fingerprint.push(print);
        columns.principal.push(fields.principal.as_deref());
        columns.integration.push(fields.integration.as_deref());
        columns.tenant.push(fields.tenant.as_deref());
        columns.client.push(fields.client.as_deref());
        columns.method.push(Some(&fields.method));
        columns.host.push(Some(&fields.host));
        columns.operation.push(fields.operation.as_deref());
        columns.url.push(Some(&fields.url));
        columns.error_code.push(fields.error_code.as_deref());
        columns.error_message.push(fields.error_message.as_deref());
        columns.request_id.push(fields.request_id.as_deref());
        columns
            .vendor_request_id
            .push(fields.vendor_request_id.as_deref());
        columns.trace_id.push(fields.trace_id.as_deref());
        columns
            .idempotency_key
            .push(fields.idempotency_key.as_deref());
        let max = self.masker.body_bytes_max();
        let headers = |list: &MaskedHeaders<'_>| (keep && !list.is_empty()).then(|| to_json(list));
        columns
            .request_headers
            .push(headers(&fields.request_headers).as_deref());
        columns
            .response_headers
            .push(headers(&fields.response_headers).as_deref());
        columns
            .request_body
            .push(body(&fields.request_body, keep, max).as_deref());
        columns
            .response_body
            .push(body(&fields.response_body, keep, max).as_deref());
        columns.raw.push(fields.raw.as_deref());
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Some(mut scan) = self.scan.take() {
            scan.take_counts();
            scan.take_secrets();
            self.masker.give_back(scan);
        }
    }
}

/// The texts of one exchange, masked.
struct Fields<'e> {
    principal: Option<String>,
    integration: Option<Cow<'e, str>>,
    tenant: Option<Cow<'e, str>>,
    client: Option<Cow<'e, str>>,
    method: Cow<'e, str>,
    host: Cow<'e, str>,
    operation: Option<Cow<'e, str>>,
    url: Cow<'e, str>,
    error_code: Option<Cow<'e, str>>,
    error_message: Option<Cow<'e, str>>,
    request_id: Option<Cow<'e, str>>,
    vendor_request_id: Option<Cow<'e, str>>,
    trace_id: Option<Cow<'e, str>>,
    idempotency_key: Option<Cow<'e, str>>,
    request_headers: MaskedHeaders<'e>,
    request_body: Option<Cow<'e, str>>,
    response_headers: MaskedHeaders<'e>,
    response_body: Option<Cow<'e, str>>,
    raw: Option<Cow<'e, str>>,
}

impl<'e> Fields<'e> {
    fn mask(scan: &mut Scan, exchange: &'e Exchange<'_>, keep: bool) -> Self {
        remember_caller(scan, exchange);
        let any = |scan: &mut Scan, text: &'e Option<Text<'_>>| -> Option<Cow<'e, str>> {
            text.as_deref()
                .map(|text| scan.field(text, |scan, text| scan.any(text, 0)))
        };
        let sure = |scan: &mut Scan, text: &'e Option<Text<'_>>| -> Option<Cow<'e, str>> {
            text.as_deref()
                .map(|text| scan.field(text, |scan, text| scan.sure(text, 0)))
        };
        let word = |scan: &mut Scan, text: &'e str| match is_plain(text) {
            true => Cow::Borrowed(text),
            false => scan.field(text, |scan, text| scan.any(text, 0)),
        };
        // A body that is not stored still has to tell what an error message may echo, and what the error was.
        let failed = !matches!(exchange.outcome, Outcome::Ok | Outcome::Redirect);
        let bodies = keep || failed || exchange.error_message.is_some();
        let none = &None;
        Self {
            principal: scan.principal(exchange),
            integration: any(scan, &exchange.integration),
            tenant: any(scan, &exchange.tenant),
            client: any(scan, &exchange.client),
            method: word(scan, &exchange.method),
            host: word(scan, &exchange.host),
            operation: any(scan, &exchange.operation),
            url: url(scan, exchange),
            error_code: sure(scan, &exchange.error_code),
            error_message: any(scan, &exchange.error_message),
            request_id: sure(scan, &exchange.request_id),
            vendor_request_id: sure(scan, &exchange.vendor_request_id),
            trace_id: sure(scan, &exchange.trace_id),
            idempotency_key: sure(scan, &exchange.idempotency_key),
            request_headers: scan.headers(&exchange.request_headers),
            request_body: any(scan, if bodies { &exchange.request_body } else { none }),
            response_headers: scan.headers(&exchange.response_headers),
            response_body: any(
                scan,
                if bodies {
                    &exchange.response_body
                } else {
                    none
                },
            ),
            raw: keep.then(|| scan.field(exchange.raw, Scan::lines)),
        }
    }

    /// Takes out of every field what was found in another. The ids stay: support needs them as they are.
    fn clean(&mut self, echo: &Echo, scan: &mut Scan) {
        let Self {
            url,
            request_headers,
            response_headers,
            raw,
            ..
        } = self;
        *url = echo.field(std::mem::take(url), scan);
        for (_, value) in request_headers.iter_mut().chain(response_headers) {
            *value = echo.field(std::mem::take(value), scan);
        }
        *raw = raw.take().map(|text| echo.line(text, scan));
        let others = [
            &mut self.integration,
            &mut self.tenant,
            &mut self.client,
            &mut self.operation,
            &mut self.error_message,
            &mut self.request_body,
            &mut self.response_body,
        ];
        for field in others {
            *field = field.take().map(|text| echo.field(text, scan));
        }
    }
}

/// Path and query, each masked by its own rules.
fn url<'e>(scan: &mut Scan, exchange: &'e Exchange<'_>) -> Cow<'e, str> {
    let path = scan.field(&exchange.path, |scan, text| scan.text(text, 0, 0));
    let Some(query) = exchange.query.as_deref() else {
        return path;
    };
    let query = scan.field(query, |scan, text| scan.form(text, 0));
    let mut url = path.into_owned();
    url.push('?');
    url.push_str(&query);
    Cow::Owned(url)
}

/// The address and the name of whoever called are not stored, but they stand somewhere in the line.
fn remember_caller(scan: &mut Scan, exchange: &Exchange<'_>) {
    if let Some(address) = exchange.client_address.as_deref() {
        scan.field(address, |scan, text| {
            scan.value(Policy::ClientAddress, Encoding::Plain, text, 0);
        });
    }
    if let Some(user) = exchange.user.as_deref().map(str::as_bytes)
        && user.len() >= USER_BYTES_MIN
        && !is_void(user)
        && !is_masked(user)
    {
        let stand_in = scan.stand_in(Kind::User, user);
        scan.remember(user, &stand_in, Kind::User);
    }
}

/// Methods and hosts as they usually are. Request lines hold garbage too, and garbage may hold a secret.
fn is_plain(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        && text.split('.').all(|label| label.len() <= 32)
}

/// Sixteen hex digits that all attempts of one call share. Keyed, because a correlation id may be a secret.
fn call_id(calls: &HmacSha256, integration: Option<&str>, correlation: &str) -> String {
    let message = ["call", integration.unwrap_or_default(), correlation].join("\0");
    tag(calls, message.as_bytes())[..8]
        .iter()
        .fold(String::with_capacity(16), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn body<'f>(text: &'f Option<Cow<'_, str>>, keep: bool, max: usize) -> Option<Cow<'f, str>> {
    let text = text.as_deref().filter(|_| keep)?;
    Some(cut(text, max))
}

/// A body up to the cap, never cut inside a character or a stand-in, with the cut marked.
fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let mut end = text.floor_char_boundary(max);
    if let Some(open) = text[..end].rfind('‹')
        && !text[open..end].contains('›')
    {
        end = open;
    }
    Cow::Owned(format!(
        "{}{CUT}{} bytes more]",
        &text[..end],
        text.len() - end
    ))
}
