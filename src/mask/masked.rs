//! What comes out: text and rows that are safe to print, store and send. Only this room can make them.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::mask::column::{Coded, Runs, Sparse, TextColumn};
use crate::mask::counts::MaskCounts;
use crate::mask::lexicon::{Code, Lexicon};
use crate::mask::originals::Originals;
use crate::mask::seal::Seal;
use crate::model::exchange::{Direction, Outcome, StatusSource, TsKind};

/// A masked text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MaskedText(String);

impl MaskedText {
    pub(in crate::mask) fn new(masked: String) -> Self {
        Self(masked)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MaskedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masked lines of any encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedBytes(Vec<u8>);

impl MaskedBytes {
    pub(in crate::mask) fn new(masked: Vec<u8>) -> Self {
        Self(masked)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Masked exchanges, column by column.
#[derive(Clone, Debug, Default)]
pub struct Masked {
    columns: Columns,
    lexicon: Arc<Lexicon>,
    counts: MaskCounts,
    originals: Originals,
    seal: Option<Arc<Seal>>,
}

impl Masked {
    pub(in crate::mask) fn new(
        columns: Columns,
        lexicon: Arc<Lexicon>,
        counts: MaskCounts,
        originals: Originals,
    ) -> Self {
        Self {
            columns,
            lexicon,
            counts,
            originals,
            seal: None,
        }
    }

    pub(in crate::mask) fn sealed(mut self, seal: Arc<Seal>) -> Self {
        self.seal = Some(seal);
        self
    }

    /// What was masked in it, for the proof that none of it is stored.
    pub fn originals(&self) -> &Originals {
        &self.originals
    }

    pub fn take_originals(&mut self) -> Originals {
        std::mem::take(&mut self.originals)
    }

    /// Of the masker that made it.
    pub fn seal(&self) -> Option<&Arc<Seal>> {
        self.seal.as_ref()
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The columns, and what the numbers in them stand for.
    pub fn into_columns(self) -> (Columns, Arc<Lexicon>) {
        (self.columns, self.lexicon)
    }

    /// The text of a row in a column of numbers.
    pub fn text(&self, column: &Coded, row: usize) -> Option<String> {
        self.lexicon.text(column.get(row))
    }

    pub fn counts(&self) -> &MaskCounts {
        &self.counts
    }

    pub fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// Approximate size on the heap, without the texts that it shares with other batches.
    pub fn bytes(&self) -> usize {
        self.columns.heap_bytes() + self.lexicon.bytes_unshared() + self.originals.bytes()
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.columns.reserve(rows);
    }

    /// Adds the rows of another batch behind those of this one.
    pub fn append(&mut self, mut other: Self) {
        if !Arc::ptr_eq(&self.lexicon, &other.lexicon) {
            let mut codes = other.columns.codes();
            self.lexicon.recode(&other.lexicon, &mut codes);
        }
        self.columns.append(other.columns);
        self.counts.merge(&other.counts);
        self.originals.merge(other.originals);
        self.seal = self.seal.take().or(other.seal);
    }
}

/// Declares the columns once, so that a column cannot be forgotten when batches are joined or measured.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        /// One plain column per stored field, in the order of the table. All have the same number of rows.
        #[derive(Clone, Debug, Default)]
        pub struct Columns { $($(#[$doc])* pub(crate) $name: $kind,)* }

        impl Columns {
            fn append(&mut self, mut other: Self) {
                $(Column::join(&mut self.$name, &mut other.$name);)*
            }

            pub(in crate::mask) fn heap_bytes(&self) -> usize {
                0 $(+ Column::heap_bytes(&self.$name))*
            }

            /// Whether a column has come near the end of what its offsets can reach.
            pub(in crate::mask) fn is_full(&self) -> bool {
                false $(|| Column::is_full(&self.$name))*
            }

            /// Makes room for so many more rows, where a column has something in every row.
            pub(in crate::mask) fn reserve(&mut self, rows: usize) {
                $(Column::reserve(&mut self.$name, rows);)*
            }

            /// The columns of numbers.
            fn codes(&mut self) -> Vec<&mut Vec<Code>> {
                let mut all = Vec::new();
                $(all.extend(Column::codes(&mut self.$name));)*
                all
            }

            #[cfg(test)]
            pub(in crate::mask) fn lengths(&self) -> Vec<usize> {
                vec![$(self.$name.len()),*]
            }
        }
    };
}

columns! {
    /// Microseconds since 1970.
    ts: Vec<Option<i64>>,
    ts_kind: Vec<TsKind>,
    /// The stable identity of the source, for ids.
    source_id: Runs<Arc<str>>,
    /// Which record of its line, for ids.
    record: Sparse<u32>,
    /// What the attempts of a call share beyond one line.
    call: TextColumn,
    attempt: Vec<i16>,
    final_: Vec<bool>,
    direction: Vec<Direction>,
    integration: Coded,
    tenant: Coded,
    client: Coded,
    /// The stand-in of the credential used.
    principal: Coded,
    method: Coded,
    host: Coded,
    operation: Coded,
    /// Masked path and query.
    url: Coded,
    status: Vec<Option<i16>>,
    status_source: Vec<StatusSource>,
    outcome: Vec<Outcome>,
    error_code: Coded,
    error_message: Coded,
    fingerprint: Sparse<i64>,
    duration_ms: Sparse<f32>,
    retry_after_s: Sparse<f32>,
    limit_max: Sparse<i64>,
    limit_remaining: Sparse<i64>,
    /// Microseconds since 1970.
    limit_reset: Sparse<i64>,
    request_id: TextColumn,
    vendor_request_id: TextColumn,
    trace_id: TextColumn,
    idempotency_key: TextColumn,
    request_bytes: Sparse<i64>,
    response_bytes: Sparse<i64>,
    /// A JSON object; a name that repeats has an array.
    request_headers: TextColumn,
    request_body: TextColumn,
    response_headers: TextColumn,
    response_body: TextColumn,
    raw: TextColumn,
    source: Runs<Arc<str>>,
    line: Vec<i64>,
    offset: Vec<i64>,
    /// Microseconds since 1970.
    ingested_at: Runs<i64>,
}

impl Columns {
    pub fn rows(&self) -> usize {
        self.line.len()
    }

    /// All columns of numbered texts.
    pub fn coded(&self) -> [&Coded; 10] {
        [
            &self.integration,
            &self.tenant,
            &self.client,
            &self.principal,
            &self.method,
            &self.host,
            &self.operation,
            &self.url,
            &self.error_code,
            &self.error_message,
        ]
    }

    /// The id of each attempt, and of the call that it belongs to: `source-line`, `.record` where the line has several,
    /// and `-attempt`. Made when they are needed, because nothing else in a row is as long.
    pub fn ids(&self) -> (TextColumn, TextColumn) {
        let (mut ids, mut calls) = (TextColumn::default(), TextColumn::default());
        let mut id = String::new();
        for (row, source_id) in self.source_id.iter().enumerate() {
            id.clear();
            id.push_str(source_id);
            id.push('-');
            push_hex(&mut id, self.line[row].cast_unsigned());
            if let Some(record) = self.record.get(row) {
                id.push('.');
                push_hex(&mut id, record.into());
            }
            calls.push(Some(self.call.get(row).unwrap_or(&id)));
            id.push('-');
            push_hex(&mut id, self.attempt[row].unsigned_abs().into());
            ids.push(Some(&id));
        }
        (ids, calls)
    }
}

fn push_hex(out: &mut String, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for at in (0..digits).rev() {
        let digit = (number >> (4 * at)) as u8 & 15;
        out.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
    }
}

trait Column {
    fn join(&mut self, other: &mut Self);
    fn heap_bytes(&self) -> usize;

    fn is_full(&self) -> bool {
        false
    }

    fn codes(&mut self) -> Option<&mut Vec<Code>> {
        None
    }

    fn reserve(&mut self, _rows: usize) {}
}

impl Column for Coded {
    fn join(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    fn heap_bytes(&self) -> usize {
        self.0.len() * size_of::<Code>()
    }

    fn codes(&mut self) -> Option<&mut Vec<Code>> {
        Some(&mut self.0)
    }

    fn reserve(&mut self, rows: usize) {
        self.0.reserve(rows);
    }
}

impl Column for TextColumn {
    fn join(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn is_full(&self) -> bool {
        self.is_full()
    }
}

impl<T: Copy> Column for Sparse<T> {
    fn join(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }
}

impl<T: PartialEq> Column for Runs<T> {
    fn join(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }
}

impl<T> Column for Vec<T> {
    fn join(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn heap_bytes(&self) -> usize {
        self.len() * size_of::<T>()
    }

    fn reserve(&mut self, rows: usize) {
        self.reserve(rows);
    }
}
