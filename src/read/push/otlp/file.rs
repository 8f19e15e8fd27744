//! OTLP in files: the collector's file exporter writes a request a line, or each one behind its length; exporters for
//! development write a span a line; a saved body is a file by itself.

use std::borrow::Cow;
use std::io::Read;

use crate::read::format::{DocumentError, Options, Parsed, Place, SequenceParser, Sink};
use crate::read::push::entry::{BODY_BYTES_MAX, Found, PushError, Reason};
use crate::read::push::inner::EntryReader;
use crate::read::push::otlp::json;
use crate::read::push::otlp::protobuf::{self, Kind};
use crate::read::push::otlp::request::{Encoding, decode_logs, read_traces};
use crate::read::push::otlp::tries::Tries;
use crate::read::push::saved::{
    Entries, Fate, broken, head_text, is_by_lines, learn, read_document,
};
use crate::read::push::wire::read_varint;
use crate::read::skip::{Rejected, Skip};

pub const NAME: &str = "otlp";

/// Lines of JSON: requests with spans, requests with log records, spans alone.
pub struct OtlpLines {
    inner: EntryReader,
    tries: Tries,
}

/// What a line, or the beginning of a file, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Traces,
    Logs,
    /// Numbers over time tell of no exchange.
    Metrics,
    Span,
}

impl OtlpLines {
    pub fn new(options: &Options) -> Self {
        Self {
            inner: EntryReader::new(options),
            tries: Tries::default(),
        }
    }

    fn logs(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        learn(&mut self.inner, decode_json_logs, line.as_bytes());
        let mut fate = Fate::default();
        let read = json::decode_logs(line, &mut |entry| {
            fate.see(self.inner.read(&entry, at, found));
        });
        fate.of_line(NAME, read.is_ok())
    }

    fn spans(&mut self, line: &str, is_bare: bool, at: Place, found: &mut Sink<'_>) -> Parsed {
        let mut fate = Fate::default();
        let mut exchanges = Vec::new();
        let mut take = |span| match span {
            Ok(exchange) => {
                fate.see(Parsed::Record(NAME));
                exchanges.push(exchange);
            }
            Err(Skip::Ignored(reason)) => fate.see(Parsed::Ignored(reason)),
            Err(Skip::Rejected(reason)) => fate.see(Parsed::Rejected(reason)),
        };
        let mut is_whole = true;
        match is_bare {
            true => take(json::read_bare_span(line, &mut self.tries)),
            false => is_whole = json::read_traces(line, &mut self.tries, &mut take).is_ok(),
        }
        for exchange in &mut exchanges {
            exchange.line = at.line;
            exchange.offset = at.offset;
        }
        if !exchanges.is_empty() {
            found(NAME, &mut exchanges);
        }
        fate.of_line(NAME, is_whole)
    }
}

impl SequenceParser for OtlpLines {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        match content_of(line) {
            Some(Content::Logs) => self.logs(line, at, found),
            Some(Content::Traces | Content::Metrics) => self.spans(line, false, at, found),
            Some(Content::Span) => self.spans(line, true, at, found),
            None => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        self.inner.finish(found);
    }
}

/// The first member of a request says what it is; a span alone has both an id and a start.
fn content_of(line: &str) -> Option<Content> {
    let members = line.trim_start().strip_prefix('{')?.trim_start();
    let first = members.strip_prefix('"')?.split('"').next()?;
    match first {
        "resourceSpans" | "resource_spans" | "batches" => Some(Content::Traces),
        "resourceLogs" | "resource_logs" => Some(Content::Logs),
        "resourceMetrics" | "resource_metrics" => Some(Content::Metrics),
        _ if is_span(members) => Some(Content::Span),
        _ => None,
    }
}

fn is_span(members: &str) -> bool {
    let has = |name: &str| memchr::memmem::find(members.as_bytes(), name.as_bytes()).is_some();
    (has("\"startTimeUnixNano\"") && has("\"traceId\""))
        || (has("\"start_time_unix_nano\"") && has("\"trace_id\""))
}

/// A file that is one request, or requests behind their lengths.
pub fn sniff(head: &[u8]) -> bool {
    let is_json = content_of(&head_text(head)).is_some_and(|content| content != Content::Span);
    match is_json {
        true => !is_by_lines(head),
        false => frames_of(head).is_some(),
    }
}

/// How requests in protobuf stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frames {
    /// The file is one.
    None,
    /// Four bytes of length, the high one first, before each: the collector's file exporter.
    Fixed,
    /// A varint before each: `writeDelimitedTo` of the protobuf libraries.
    Varint,
}

fn frames_of(head: &[u8]) -> Option<Frames> {
    let all = [Frames::None, Frames::Fixed, Frames::Varint];
    all.into_iter().find(|frames| match frames {
        Frames::None => protobuf::sniff(head).is_some(),
        _ => cut_frame(*frames, head).is_some_and(|(length, rest)| {
            let frame = &rest[..length.min(rest.len())];
            length > 0 && (is_packed(frame) || kind_of(frame).is_some())
        }),
    })
}

/// The length of the first frame, and what stands behind that number.
fn cut_frame(frames: Frames, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = match frames {
        Frames::None => return Some((bytes.len(), bytes)),
        Frames::Fixed => {
            let (length, rest) = bytes.split_first_chunk::<4>()?;
            (u32::from_be_bytes(*length).into(), rest)
        }
        Frames::Varint => read_varint(bytes)?,
    };
    let length = usize::try_from(length).ok()?;
    (length <= BODY_BYTES_MAX).then_some((length, rest))
}

/// The exporter packs each request by itself.
fn is_packed(frame: &[u8]) -> bool {
    frame.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

fn kind_of(body: &[u8]) -> Option<(Kind, Encoding)> {
    match content_of(&head_text(body)) {
        Some(Content::Logs) => Some((Kind::Logs, Encoding::Json)),
        Some(Content::Traces | Content::Metrics) => Some((Kind::Traces, Encoding::Json)),
        _ => protobuf::sniff(body).map(|kind| (kind, Encoding::Protobuf)),
    }
}

/// Reads what `sniff` knows.
pub fn parse(bytes: &[u8], sink: &mut Entries<'_>) -> Result<(), DocumentError> {
    let Some(frames) = frames_of(bytes).filter(|frames| *frames != Frames::None) else {
        return parse_body(bytes, sink);
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let cut = cut_frame(frames, rest).and_then(|(length, rest)| rest.split_at_checked(length));
        let (frame, behind) = cut.ok_or(broken(Reason::NotProtobuf.at(0)))?;
        parse_body(&unpack(frame)?, sink)?;
        rest = behind;
    }
    Ok(())
}

fn unpack(frame: &[u8]) -> Result<Cow<'_, [u8]>, DocumentError> {
    if !is_packed(frame) {
        return Ok(Cow::Borrowed(frame));
    }
    let bad = || broken(Reason::InvalidFormat.at(0));
    let packed = zstd::stream::read::Decoder::new(frame).map_err(|_| bad())?;
    let mut unpacked = Vec::new();
    let read = packed
        .take(BODY_BYTES_MAX as u64 + 1)
        .read_to_end(&mut unpacked);
    read.map_err(|_| bad())?;
    match unpacked.len() > BODY_BYTES_MAX {
        true => Err(broken(Reason::TooLarge.at(0))),
        false => Ok(Cow::Owned(unpacked)),
    }
}

fn parse_body(body: &[u8], sink: &mut Entries<'_>) -> Result<(), DocumentError> {
    match kind_of(body) {
        Some((Kind::Logs, Encoding::Json)) => read_document(decode_json_logs, body, sink),
        Some((Kind::Logs, Encoding::Protobuf)) => read_document(decode_protobuf_logs, body, sink),
        Some((Kind::Traces, encoding)) => read_traces(body, encoding, sink)
            .map(|_| ())
            .map_err(broken),
        // A request without any record, or with metrics.
        None => Ok(()),
    }
}

fn decode_json_logs(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    decode_logs(body, Encoding::Json, found)
}

fn decode_protobuf_logs(body: &[u8], found: &mut Found<'_>) -> Result<usize, PushError> {
    decode_logs(body, Encoding::Protobuf, found)
}
