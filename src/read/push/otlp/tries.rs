//! Which try a span is: the conventions have a count of resends; where that is missing, spans of one parent that ask for
//! the same thing again after a failure are the tries of one call.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hasher;

use twox_hash::XxHash3_64;

use crate::model::exchange::{Direction, Exchange};
use crate::read::push::otlp::span::Span;

/// Calls that are remembered at a time. Spans of one call come close together, so that forgetting all of them when
/// there are more costs next to nothing.
const CALLS_MAX: usize = 4_096;

#[derive(Default)]
pub struct Tries {
    /// By a hash of what the tries of a call have in common: addresses may be long.
    last: HashMap<u64, Last>,
}

/// The latest try of a call.
struct Last {
    end_ns: u64,
    failed: bool,
    attempt: u16,
    /// What the tries share: the id of the first one's span.
    first: String,
}

impl Tries {
    /// Sets the attempt and what the tries of the call share.
    pub fn number(&mut self, span: &Span<'_>, resends: Option<u16>, exchange: &mut Exchange<'_>) {
        exchange.attempt = resends.map_or(1, |count| count.saturating_add(1));
        if span.parent_id.is_empty() || exchange.direction == Direction::Inbound {
            return;
        }
        let key = key_of(span, exchange);
        let before = self.last.remove(&key);
        let before = before.filter(|last| last.failed && last.end_ns <= span.start_ns);
        if let (None, Some(last)) = (resends, &before) {
            exchange.attempt = last.attempt.saturating_add(1);
        }
        let failed = exchange.status.is_none_or(may_be_tried_again);
        let known = before.is_some();
        let first = before.map_or_else(|| span.span_id.clone(), |last| last.first);
        if known || failed {
            exchange.correlation_id = Some(Cow::Owned(first.clone()));
        }
        if self.last.len() >= CALLS_MAX {
            self.last.clear();
        }
        let last = Last {
            end_ns: span.end_ns,
            failed,
            attempt: exchange.attempt,
            first,
        };
        self.last.insert(key, last);
    }
}

fn may_be_tried_again(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

fn key_of(span: &Span<'_>, exchange: &Exchange<'_>) -> u64 {
    let common = [
        span.trace_id.as_str(),
        &span.parent_id,
        &exchange.method,
        &exchange.host,
        &exchange.path,
        exchange.query.as_deref().unwrap_or_default(),
    ];
    let mut hash = XxHash3_64::new();
    for text in common {
        hash.write(text.as_bytes());
        hash.write_u8(0);
    }
    hash.finish()
}
