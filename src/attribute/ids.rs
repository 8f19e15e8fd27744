//! Ids: ours, the vendor's, the trace's, and the key that makes attempts of one call known as one.
//!
//! A support case needs the vendor's id, the count of calls needs what attempts share. An id that differs from
//! attempt to attempt must never become the correlation id, or every retry would look like a call of its own.

use crate::attribute::json_scan::find_string;
use crate::attribute::method::is_change;
use crate::attribute::profile::Profile;
use crate::attribute::texts::{find_header, head, share, slice};
use crate::model::exchange::{Direction, Exchange, Headers, Text};

const ID_BYTES_MAX: usize = 256;
/// Keys of bodies are looked for in this much.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Headers in which callers send an id of their own.
const OUR_HEADERS: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "client-request-id",
];

/// Fills what is not filled. `key` is an idempotency key from the path, `vendor_id` an id from the body.
pub fn settle_ids<'a>(
    exchange: &mut Exchange<'a>,
    profile: &Profile,
    key: Option<Text<'a>>,
    vendor_id: Option<String>,
) {
    let inbound = exchange.direction == Direction::Inbound;
    if exchange.request_id.is_none() {
        // Of what came in, the answer is ours.
        let ours = if inbound {
            &exchange.response_headers
        } else {
            &exchange.request_headers
        };
        exchange.request_id = first(ours, OUR_HEADERS.iter());
    }
    if exchange.trace_id.is_none() {
        exchange.trace_id = find_trace(exchange);
    }
    if exchange.idempotency_key.is_none() {
        exchange.idempotency_key = find_key(exchange, profile).or(key);
    }
    let delivery = profile.delivery.as_ref().and_then(|names| {
        first(&exchange.request_headers, names.headers.iter()).or_else(|| {
            let mut leaves = names.body.iter().filter_map(|path| path.leaf());
            leaves.find_map(|leaf| from_body(exchange, leaf))
        })
    });
    if exchange.vendor_request_id.is_none() {
        exchange.vendor_request_id = match inbound {
            true => delivery.clone(),
            false => find_vendor_id(exchange, profile, vendor_id),
        };
    }
    if exchange.correlation_id.is_none() {
        exchange.correlation_id = exchange.idempotency_key.clone().or(delivery);
    }
}

fn find_vendor_id<'a>(
    exchange: &Exchange<'a>,
    profile: &Profile,
    from_body: Option<String>,
) -> Option<Text<'a>> {
    let names = profile.request_ids.iter().flat_map(|ids| &ids.headers);
    first(&exchange.response_headers, names)
        .or_else(|| from_body.filter(|id| is_id(id)).map(Text::Owned))
}

/// The trace id of a W3C `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`.
fn find_trace<'a>(exchange: &Exchange<'a>) -> Option<Text<'a>> {
    let parent = find_header(&exchange.request_headers, "traceparent")
        .or_else(|| find_header(&exchange.response_headers, "traceparent"))?;
    let id = parent.split('-').nth(1)?;
    let valid = id.len() == 32
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        && id.bytes().any(|byte| byte != b'0');
    valid.then(|| share(parent, id))
}

fn find_key<'a>(exchange: &Exchange<'a>, profile: &Profile) -> Option<Text<'a>> {
    let names = profile.idempotency.iter().flat_map(|names| &names.headers);
    first(&exchange.request_headers, names).or_else(|| {
        let mut keys = profile
            .idempotency
            .iter()
            .flat_map(|names| &names.body_keys);
        is_change(&exchange.method)
            .then(|| keys.find_map(|key| from_body(exchange, key)))
            .flatten()
    })
}

fn from_body<'a>(exchange: &Exchange<'a>, key: &str) -> Option<Text<'a>> {
    let body = exchange.request_body.as_ref()?;
    let found = find_string(head(body, BODY_BYTES_MAX), key)?;
    is_id(found).then(|| share(body, found))
}

fn first<'a, N: AsRef<str>>(
    headers: &Headers<'a>,
    names: impl Iterator<Item = N>,
) -> Option<Text<'a>> {
    if headers.is_empty() {
        return None;
    }
    let mut names = names;
    names.find_map(|name| {
        let value = find_header(headers, name.as_ref())?;
        let bare = value.trim();
        let from = value.len() - value.trim_start().len();
        is_id(bare).then(|| slice(value, from..from + bare.len()))
    })
}

/// Logs write `-` for what is not there.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text != "-" && text.len() <= ID_BYTES_MAX
}
