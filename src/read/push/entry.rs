//! What every protocol's function hands over, and how it fails.

use std::borrow::Cow;

use crate::model::time::Timestamp;

/// One log line in its envelope.
#[derive(Clone, PartialEq)]
pub struct Entry<'a> {
    /// Its place in the body, from 0.
    pub index: usize,
    /// The log line, or the record as JSON text.
    pub text: Cow<'a, str>,
    /// The envelope's time, for a line that has none of its own.
    pub ts: Option<Timestamp>,
    /// The file, stream or service that the sender names.
    pub source: Option<Cow<'a, str>>,
}

/// Takes the entries of one body, in order. They are borrowed: what had to be unescaped lives no longer than the call.
pub type Found<'f> = dyn FnMut(Entry<'_>) + 'f;

/// Why a body, or one entry of it, cannot be read. Entries before that one were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {index} {reason}")]
pub struct PushError {
    /// The place of the entry that is wrong, from 0.
    pub index: usize,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("is missing: the body has none")]
    NoData,
    #[error("is not of the protocol's format")]
    InvalidFormat,
    #[error("has no line (HEC: the event field is missing)")]
    EventMissing,
    #[error("has an empty line")]
    EventBlank,
    #[error("is not ended by a line end")]
    Unterminated,
    #[error("is not valid protobuf")]
    NotProtobuf,
    #[error("is not valid snappy")]
    NotSnappy,
    #[error("is nested too deeply")]
    TooDeep,
    #[error("is one more than {ENTRIES_MAX}")]
    TooMany,
    #[error("is larger than {BODY_BYTES_MAX} bytes unpacked")]
    TooLarge,
}

/// Senders batch by thousands; more in one body is an attack on memory.
pub const ENTRIES_MAX: usize = 500_000;

/// What a packed body inside a body (snappy, base64 and gzip) may grow to.
pub const BODY_BYTES_MAX: usize = 64 << 20;

impl Reason {
    /// Whether the body would be taken in smaller parts.
    pub fn is_size(self) -> bool {
        matches!(self, Self::TooMany | Self::TooLarge)
    }

    pub fn at(self, index: usize) -> PushError {
        PushError {
            index,
            reason: self,
        }
    }
}
