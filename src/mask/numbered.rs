//! Numbers that look like a card's or an account's and are ids: what stands in front of them tells.

use std::ops::Range;

use crate::mask::extent::name_before;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::scan::Scan;

/// The hex digits of a trace in front of the number of its span: `X-Cloud-Trace-Context: f3b7…/4688…;o=1`.
const TRACE_BYTES: usize = 32;
/// Names of ids are no longer than this.
const NAME_BYTES_MAX: usize = 64;

impl Scan {
    /// Masks a number in text, unless its name says that it is an id.
    pub(crate) fn numbered(
        &mut self,
        kind: Kind,
        text: &[u8],
        floor: usize,
        span: Range<usize>,
        base: usize,
    ) {
        if kind != Kind::Card || !self.is_id(&text[floor..span.start]) {
            let value = &text[span.clone()];
            self.mask(kind, value, base + span.start, base + span.end);
        }
    }

    /// Whether what ends in front of a number names an id: `order_id=`, `<orderId>`, `/orderids/`, `order_id `.
    fn is_id(&mut self, before: &[u8]) -> bool {
        let joint = |b: &u8| b"=:>/ \"'\\".contains(b);
        let joints = before.iter().rev().take(4).take_while(|b| joint(b)).count();
        let end = before.len() - joints;
        if joints == 0 || ends_with_trace(&before[..end]) {
            return joints > 0;
        }
        let low = end.saturating_sub(NAME_BYTES_MAX);
        let Some(name) = name_before(before, low, end) else {
            return false;
        };
        let name = &before[name];
        ends_with_id(name) || self.policy(Position::Body, name) == Policy::Never
    }
}

fn ends_with_trace(text: &[u8]) -> bool {
    let hex = text.iter().rev().take_while(|b| b.is_ascii_hexdigit());
    hex.take(TRACE_BYTES + 1).count() == TRACE_BYTES
}

/// `orderids`, written together; `paid` and `valid` are words.
fn ends_with_id(name: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"paid", b"valid", b"invalid", b"void", b"avoid", b"android"];
    let last = name
        .rsplit(|b| b"_-.".contains(b))
        .next()
        .unwrap_or_default();
    let lower = last.to_ascii_lowercase();
    let one = lower.strip_suffix(b"s").unwrap_or(&lower);
    one.len() > 2 && one.ends_with(b"id") && !WORDS.contains(&one)
}
