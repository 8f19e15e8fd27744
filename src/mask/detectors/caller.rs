//! Who called, in the sentences that well-known programs log: `Started GET "/" for 203.0.113.9 at …` of Rails,
//! `Failed password for invalid user jo from 203.0.113.9 port 22` of sshd.

use crate::mask::address;
use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::kind::Kind;
use crate::mask::scan::Scan;

pub(crate) const CALLER: Detector = Detector {
    name: "ip",
    hints: &["\" for ", " from "],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        (
            "Started POST \"/users\" for 203.0.113.9 at 2025-10-12 10:00:00 +0000",
            "203.0",
        ),
        (
            "Failed password for invalid user jdoe77 from 203.0.113.9 port 22 ssh2",
            "jdoe77",
        ),
        (
            "Accepted publickey for jdoe77 from 203.0.113.9 port 22",
            "203.0",
        ),
        ("Connection from 203.0.113.9 port 51234", "203.0"),
    ],
    misses: &[
        "response from 203.0.113.9:443 was empty",
        "wait \"x\" for 5 s",
        "from 1 to 2",
        "upgraded from 1.2.3 to 1.2.4",
    ],
};

const ADDRESS_BYTES_MAX: usize = 64;
const USER_BYTES_MAX: usize = 64;
/// What comes from a client and not from a server that was called.
const COMES: &[&[u8]] = &[
    b"connection",
    b"login",
    b"connect",
    b"request",
    b"client",
    b"disconnect",
];

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let text = place.text;
    let rest = &text[place.end..text.len().min(place.end + ADDRESS_BYTES_MAX)];
    let ends = |b: &u8| b.is_ascii_whitespace() || b",;)\"".contains(b);
    let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    address::parse(word)?;
    if text[place.start] == b' ' {
        let low = place.floor.max(place.start.saturating_sub(USER_BYTES_MAX));
        let head = &text[low..place.start];
        let mut words = head.rsplit(|b| *b == b' ');
        let (last, before) = (words.next()?, words.next().unwrap_or_default());
        let is = |known: &[u8]| before.eq_ignore_ascii_case(known);
        if is(b"user") || is(b"for") {
            let start = base + place.start - last.len();
            scan.mask(Kind::User, last, start, base + place.start);
        } else if !COMES.iter().any(|known| last.eq_ignore_ascii_case(known)) {
            return None;
        }
    }
    scan.client_address(word, base + place.end);
    Some(place.end + word.len())
}
