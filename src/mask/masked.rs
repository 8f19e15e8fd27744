//! What comes out: text and rows that are safe to print, store and send. Only this room can make them.

use std::fmt;

use serde::Serialize;

use crate::mask::column::TextColumn;
use crate::mask::counts::MaskCounts;

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

/// Masked exchanges, column by column.
#[derive(Clone, Debug, Default)]
pub struct Masked {
    columns: Columns,
    counts: MaskCounts,
}

impl Masked {
    pub(in crate::mask) fn new(columns: Columns, counts: MaskCounts) -> Self {
        Self { columns, counts }
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    pub fn into_columns(self) -> Columns {
        self.columns
    }

    pub fn counts(&self) -> &MaskCounts {
        &self.counts
    }

    pub fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// Approximate size on the heap.
    pub fn bytes(&self) -> usize {
        self.columns.heap_bytes()
    }

    /// Adds the rows of another batch behind those of this one.
    pub fn append(&mut self, other: Self) {
        self.columns.append(other.columns);
        self.counts.merge(&other.counts);
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
    ts_kind: TextColumn,
    id: TextColumn,
    call_id: TextColumn,
    attempt: Vec<i16>,
    final_: Vec<bool>,
    direction: TextColumn,
    integration: TextColumn,
    tenant: TextColumn,
    client: TextColumn,
    /// The stand-in of the credential used.
    principal: TextColumn,
    method: TextColumn,
    host: TextColumn,
    operation: TextColumn,
    /// Masked path and query.
    url: TextColumn,
    status: Vec<Option<i16>>,
    status_source: TextColumn,
    outcome: TextColumn,
    error_code: TextColumn,
    error_message: TextColumn,
    fingerprint: Vec<Option<i64>>,
    duration_ms: Vec<Option<f32>>,
    retry_after_s: Vec<Option<f32>>,
    limit_max: Vec<Option<i64>>,
    limit_remaining: Vec<Option<i64>>,
    /// Microseconds since 1970.
    limit_reset: Vec<Option<i64>>,
    request_id: TextColumn,
    vendor_request_id: TextColumn,
    trace_id: TextColumn,
    idempotency_key: TextColumn,
    request_bytes: Vec<Option<i64>>,
    response_bytes: Vec<Option<i64>>,
    /// A JSON object; a name that repeats has an array.
    request_headers: TextColumn,
    request_body: TextColumn,
    response_headers: TextColumn,
    response_body: TextColumn,
    raw: TextColumn,
    source: TextColumn,
    line: Vec<i64>,
    offset: Vec<i64>,
    /// Microseconds since 1970.
    ingested_at: Vec<i64>,
}

impl Columns {
    pub fn rows(&self) -> usize {
        self.line.len()
    }
}

trait Column {
    fn join(&mut self, other: &mut Self);
    fn heap_bytes(&self) -> usize;
    fn is_full(&self) -> bool;
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

impl<T> Column for Vec<T> {
    fn join(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn heap_bytes(&self) -> usize {
        self.len() * size_of::<T>()
    }

    fn is_full(&self) -> bool {
        false
    }
}
