//! The bodies of `/v1/traces` and `/v1/logs`, in either encoding.

use crate::model::exchange::Exchange;
use crate::read::push::entry::{Found, PushError, Reason};
use crate::read::push::otlp::tries::Tries;
use crate::read::push::otlp::{json, protobuf};
use crate::read::skip::Skip;

/// How the body is written; the request's `Content-Type` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Protobuf,
    Json,
}

/// Takes what each span came to: an exchange, or why it is none. Its `raw` is the span's JSON, and empty where the span
/// came as protobuf; `line` and `offset` are left to the caller.
pub type Spans<'f> = dyn FnMut(Result<Exchange<'_>, Skip>) + 'f;

/// The body of `/v1/traces`. Returns how many spans it has. Spans that are ignored are no error of the sender; those
/// that are rejected are its `rejectedSpans`.
pub fn read_traces(
    body: &[u8],
    encoding: Encoding,
    found: &mut Spans<'_>,
) -> Result<usize, PushError> {
    match encoding {
        Encoding::Protobuf => protobuf::read_traces(body, found),
        Encoding::Json => {
            let mut tries = Tries::default();
            json::read_traces(&text_of(body)?, &mut tries, &mut |span| found(span))
        }
    }
}

/// The body of `/v1/logs`. Returns how many log records it has; all are handed over.
pub fn decode_logs(
    body: &[u8],
    encoding: Encoding,
    found: &mut Found<'_>,
) -> Result<usize, PushError> {
    match encoding {
        Encoding::Protobuf => protobuf::decode_logs(body, found),
        Encoding::Json => json::decode_logs(&text_of(body)?, found),
    }
}

/// An empty protobuf body is a request without spans; an empty text is no JSON.
fn text_of(body: &[u8]) -> Result<std::borrow::Cow<'_, str>, PushError> {
    let text = String::from_utf8_lossy(body);
    match text.trim().is_empty() {
        true => Err(Reason::NoData.at(0)),
        false => Ok(text),
    }
}
