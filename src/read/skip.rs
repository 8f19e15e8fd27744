//! Why a line gave no exchange.
//!
//! *Ignored* lines are no records and never were: comments, start-up text, another log's lines. *Rejected* lines
//! looked like records and could not be read. Both are counted, so `lines = parsed + ignored + rejected` always holds.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    Blank,
    Comment,
    /// A line of a server's error log.
    ErrorLog,
    /// Understood, but about something other than an HTTP exchange.
    NotHttp,
    /// A browser answered from its cache, or the address is none of a server (`data:`, `blob:`).
    NoCall,
    /// A tunnel or a bare connection: bytes went through, and what they said is not told.
    Connection,
    /// Free text: start-up messages, stack traces.
    Text,
    /// The rest of a line whose beginning was read when the file still ended there.
    Continued,
    /// A piece of a record that is told over several lines.
    Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejected {
    NoFormatMatched,
    BadJson,
    BadTime,
    BadStatus,
    NoRequest,
    /// More or fewer values than the header has columns; which is which cannot be known.
    BadColumns,
    /// The last line of a file, cut off.
    Truncated,
    /// Longer than the cap on line length; its head did not parse either.
    TooLong,
    /// An entry of a document (HAR) that lacks what an exchange needs.
    BadEntry,
    /// The document ends in the middle or is not valid.
    BadDocument,
    /// The compressed stream is damaged or ends early.
    BadArchive,
}

/// Why an entry of a document gave no exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    Ignored(Ignored),
    Rejected(Rejected),
}

impl From<Rejected> for Skip {
    fn from(reason: Rejected) -> Self {
        Self::Rejected(reason)
    }
}

impl Ignored {
    pub fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Comment => "comment",
            Self::ErrorLog => "error_log",
            Self::NotHttp => "not_http",
            Self::NoCall => "no_call",
            Self::Connection => "connection",
            Self::Text => "text",
            Self::Continued => "continued",
            Self::Part => "part",
        }
    }
}

impl Rejected {
    pub fn name(self) -> &'static str {
        match self {
            Self::NoFormatMatched => "no_format_matched",
            Self::BadJson => "bad_json",
            Self::BadTime => "bad_time",
            Self::BadStatus => "bad_status",
            Self::NoRequest => "no_request",
            Self::BadColumns => "bad_columns",
            Self::Truncated => "truncated",
            Self::TooLong => "too_long",
            Self::BadEntry => "bad_entry",
            Self::BadDocument => "bad_document",
            Self::BadArchive => "bad_archive",
        }
    }
}
