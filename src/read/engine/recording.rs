//! Recorded exchanges in JSON documents (VCR, nock, WireMock): where the list is and what stands where in an entry.

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::exchange::{Direction, Exchange, Headers, TsKind, find_header};
use crate::read::engine::document::walk_entries;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::Field;
use crate::read::engine::json::Json;
use crate::read::engine::target::set_host;
use crate::read::format::DocumentError;
use crate::read::instant::parse_any;
use crate::read::skip::{Rejected, Skip};

/// One tool's layout.
pub struct Recording {
    /// To the array of entries.
    pub list: &'static [&'static str],
    pub ts_kind: TsKind,
    /// In the order in which they are taken.
    pub places: &'static [(&'static str, Field)],
    /// Response bodies in base64.
    pub packed_body: &'static str,
}

impl Recording {
    pub fn parse(
        &self,
        bytes: &[u8],
        sink: &mut dyn FnMut(Result<Exchange<'_>, Skip>),
    ) -> Result<(), DocumentError> {
        let text = String::from_utf8_lossy(bytes);
        walk_entries(&text, self.list, &mut |entry| {
            let read = Json::parse(entry).map_err(|_| Rejected::BadJson);
            sink(
                read.and_then(|entry| self.exchange(&entry))
                    .map_err(Skip::Rejected),
            );
        })
    }

    fn exchange<'a>(&self, entry: &Json<'a>) -> Result<Exchange<'a>, Rejected> {
        let mut draft = Draft::new(self.ts_kind, None);
        for (path, field) in self.places {
            if let Some(value) = entry.at_path(path) {
                set(&mut draft, field, value)?;
            }
        }
        if let Some(packed) = entry.at_path(self.packed_body).and_then(Json::scalar) {
            draft.exchange.response_body = unpack(&packed).map(Cow::Owned);
        }
        if draft.exchange.path.is_empty() && draft.exchange.host.is_empty() {
            return Err(Rejected::BadEntry);
        }
        let mut out = Vec::with_capacity(1);
        draft.finish(&mut out);
        let mut exchange = out.pop().ok_or(Rejected::BadEntry)?;
        settle(&mut exchange);
        Ok(exchange)
    }
}

fn set<'a>(draft: &mut Draft<'a>, field: &Field, value: &Json<'a>) -> Result<(), Rejected> {
    let text = match field {
        Field::RequestHeaders => {
            draft.exchange.request_headers.extend(headers(value));
            return Ok(());
        }
        Field::ResponseHeaders => {
            draft.exchange.response_headers.extend(headers(value));
            return Ok(());
        }
        Field::RequestBody | Field::ResponseBody => value.text(),
        _ => value.scalar(),
    };
    match text {
        Some(text) => draft.set(field, text),
        None => Ok(()),
    }
}

/// Also as one list of names and values in turn.
fn headers<'a>(value: &Json<'a>) -> Headers<'a> {
    let Json::Array(items) = value else {
        return value.headers();
    };
    if !matches!(items.first(), Some(Json::Text(_))) {
        return value.headers();
    }
    let pairs = items.chunks_exact(2);
    pairs
        .filter_map(|pair| Some((pair[0].scalar()?, pair[1].scalar()?)))
        .collect()
}

fn unpack(text: &str) -> Option<String> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    String::from_utf8(STANDARD.decode(packed).ok()?).ok()
}

/// What every recorded call of ours has in common: we called, methods are capitals, the answer's date is a time.
pub fn settle(exchange: &mut Exchange<'_>) {
    exchange.direction = Direction::Outbound;
    if exchange.method.bytes().any(|b| b.is_ascii_lowercase()) {
        exchange.method = Cow::Owned(exchange.method.to_ascii_uppercase());
    }
    if exchange.client.is_none() {
        exchange.client =
            find_header(&exchange.request_headers, "user-agent").map(|a| Cow::Owned(a.to_owned()));
    }
    if exchange.ts.is_none() {
        exchange.ts =
            find_header(&exchange.response_headers, "date").and_then(|d| parse_any(d, None));
        exchange.ts_kind = TsKind::End;
    }
    // An address says where the bytes went, the header whom they were meant for.
    if exchange.host.is_empty() || exchange.host.parse::<IpAddr>().is_ok() {
        let named = find_header(&exchange.request_headers, "host").map(str::to_owned);
        if let Some(host) = named {
            set_host(exchange, Cow::Owned(host));
        }
    }
}

/// Whether the beginning of a file opens like this and tells all of these names.
pub fn looks_like(head: &[u8], opening: char, names: &[&str]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.trim_start().starts_with(opening)
        && names
            .iter()
            .all(|name| head.contains(&format!("\"{name}\"")))
}
