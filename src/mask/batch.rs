//! Exchanges in, masked columns out.
//!
//! Each field is masked by itself, then all of them once more by what was found in any: only when the whole record is
//! clean is it written to the columns.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use crate::mask::fields::Fields;
use crate::mask::fingerprint::fingerprint;
use crate::mask::headers::{MaskedHeaders, to_json};
use crate::mask::key::{HmacSha256, tag};
use crate::mask::lexicon::Lexicon;
use crate::mask::masked::{Columns, Masked};
use crate::mask::masker::Masker;
use crate::mask::part::Part;
use crate::mask::parts::{Parts, Request};
use crate::mask::placeholder::CUT;
use crate::mask::scan::Scan;
use crate::model::exchange::{Exchange, Outcome};
use crate::model::plain::Plain;
use crate::model::time::Timestamp;

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
    lexicon: Arc<Lexicon>,
    bytes: usize,
}

impl<'m> Batch<'m> {
    pub(in crate::mask) fn new(masker: &'m Masker) -> Self {
        Self {
            masker,
            calls: masker.mac(),
            scan: Some(masker.scan()),
            columns: Columns::default(),
            lexicon: masker.lexicon(),
            bytes: 0,
        }
    }

    pub fn push(&mut self, exchange: &Exchange<'_>, row: &Row<'_>) {
        let mut scan = self.scan.take().unwrap_or_else(|| self.masker.scan());
        let mut fields = Fields::mask(&mut scan, exchange, row.keep_content);
        fields.settle(&mut scan, exchange);
        self.scan = Some(scan);
        self.push_origin(exchange, row);
        self.push_facts(exchange);
        self.push_fields(exchange, &fields, row.keep_content);
        if self.rows().is_multiple_of(64) {
            self.bytes = self.columns.heap_bytes();
        }
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.columns.reserve(rows);
    }

    /// A text to be put into many rows.
    pub fn part(&mut self, text: &str) -> Part {
        self.with_scan(|scan| scan.text_part(text))
    }

    /// The same for a host or a method.
    pub fn word_part(&mut self, word: &str) -> Part {
        self.with_scan(|scan| scan.word_part(word))
    }

    /// The same for a request line.
    pub fn request(&mut self, plain: &Plain<'_>, method: Arc<Part>) -> Request {
        self.with_scan(|scan| scan.request(plain, method))
    }

    /// Pushes a row that is put together. `false` when it has to be masked as a whole; then nothing is pushed.
    pub fn push_parts(&mut self, parts: &Parts<'_>, line: u64, offset: u64, row: &Row<'_>) -> bool {
        if !parts.are_apart(row.keep_content) {
            return false;
        }
        let raw = self.with_scan(|scan| {
            parts.each(|part| scan.count_part(part));
            row.keep_content.then(|| parts.raw(scan)).flatten()
        });
        self.push_source(row);
        self.columns
            .push_parts(parts, &self.lexicon, raw.as_deref(), (line, offset));
        true
    }

    /// The same for an error's code, of which support needs all that is no secret.
    pub fn code_part(&mut self, code: &str) -> Part {
        self.with_scan(|scan| scan.code_part(code))
    }

    fn with_scan<T>(&mut self, work: impl FnOnce(&mut Scan) -> T) -> T {
        let mut scan = self.scan.take().unwrap_or_else(|| self.masker.scan());
        let done = work(&mut scan);
        self.scan = Some(scan);
        done
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
        self.columns.is_full() || self.lexicon.is_full()
    }

    pub fn finish(self) -> Masked {
        let seal = self.masker.seal();
        self.finish_unsealed().sealed(seal)
    }

    pub(in crate::mask) fn finish_unsealed(mut self) -> Masked {
        let (counts, originals) = self.with_scan(|scan| (scan.take_counts(), scan.notes.take()));
        Masked::new(
            std::mem::take(&mut self.columns),
            Arc::clone(&self.lexicon),
            counts,
            originals,
        )
    }

    /// Where the row came from and which call it belongs to.
    fn push_origin(&mut self, exchange: &Exchange<'_>, row: &Row<'_>) {
        let columns = &mut self.columns;
        let call = exchange.correlation_id.as_deref().map(|call| {
            let integration = exchange.integration.as_deref();
            call_id(&self.calls, integration, call)
        });
        columns.call.push(call.as_deref());
        columns
            .record
            .push((exchange.record > 0).then_some(exchange.record));
        columns.line.push(exchange.line.cast_signed());
        columns.offset.push(exchange.offset.cast_signed());
        self.push_source(row);
    }

    fn push_source(&mut self, row: &Row<'_>) {
        let columns = &mut self.columns;
        columns.source_id.push_text(row.source_id);
        columns.source.push_text(row.source);
        columns.ingested_at.push(row.ingested_at.micros());
    }

    /// What is a number or one of a few words, and so cannot hold a secret.
    fn push_facts(&mut self, exchange: &Exchange<'_>) {
        let columns = &mut self.columns;
        columns.ts.push(exchange.ts.map(Timestamp::micros));
        columns.ts_kind.push(exchange.ts_kind);
        columns
            .attempt
            .push(i16::try_from(exchange.attempt).unwrap_or(i16::MAX));
        columns.final_.push(exchange.is_final);
        columns.direction.push(exchange.direction);
        columns.status.push(
            exchange
                .status
                .and_then(|status| i16::try_from(status).ok()),
        );
        columns.status_source.push(exchange.status_source);
        columns.outcome.push(exchange.outcome);
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
        self.push_names(fields);
        let columns = &mut self.columns;
        columns.fingerprint.push(print);
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

impl Batch<'_> {
    /// The texts that come again, as numbers.
    fn push_names(&mut self, fields: &Fields<'_>) {
        let c = &mut self.columns;
        let named = [
            (&mut c.principal, fields.principal.as_deref()),
            (&mut c.integration, fields.integration.as_deref()),
            (&mut c.tenant, fields.tenant.as_deref()),
            (&mut c.client, fields.client.as_deref()),
            (&mut c.method, Some(&*fields.method)),
            (&mut c.host, Some(&*fields.host)),
            (&mut c.operation, fields.operation.as_deref()),
            (&mut c.url, Some(&*fields.url)),
            (&mut c.error_code, fields.error_code.as_deref()),
            (&mut c.error_message, fields.error_message.as_deref()),
        ];
        let codes = self.lexicon.codes(named.each_ref().map(|(_, text)| *text));
        for ((column, _), code) in named.into_iter().zip(codes) {
            column.push(code);
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Some(mut scan) = self.scan.take() {
            scan.take_counts();
            scan.take_secrets();
            scan.notes.take();
            self.masker.give_back(scan);
        }
    }
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
