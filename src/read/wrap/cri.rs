//! CRI (containerd, CRI-O): `2026-11-22T03:51:45.818000078Z stdout F LINE`. `P` is a piece of a line.

use std::borrow::Cow;

use crate::read::wrap::wrapper::{Peeled, Piece, Wrapper};

pub const WRAPPER: Wrapper = Wrapper {
    name: "cri",
    peel,
    sure: true,
    share_pct: 50,
    samples: &[
        (
            "2025-12-31T19:00:00.310000000+01:00 stdout F [2016-04-15T20:17:00.310Z] \"POST /x HTTP/2\" 204",
            "[2016-04-15T20:17:00.310Z] \"POST /x HTTP/2\" 204",
        ),
        (
            "2016-10-06T00:17:09.669794202Z stderr P log content 1",
            "log content 1",
        ),
        ("2016-10-06T00:17:09Z stdout F:x ", ""),
    ],
};

/// Times have nine digits of fraction or fewer, and `Z` or an offset.
const TIME_BYTES_MAX: usize = 40;

fn peel(line: &str) -> Option<Peeled<'_>> {
    let bytes = line.as_bytes();
    if bytes.len() < 28 || bytes[4] != b'-' || bytes[10] != b'T' {
        return None;
    }
    let space = memchr::memchr(b' ', &bytes[..bytes.len().min(TIME_BYTES_MAX)])?;
    let (time, rest) = line.split_at_checked(space)?;
    let stream = match rest.get(..8)? {
        " stdout " => "stdout",
        " stderr " => "stderr",
        _ => return None,
    };
    // Further tags may follow the first, behind colons.
    let (tags, inner) = rest[8..].split_once(' ').unwrap_or((&rest[8..], ""));
    let ends = match tags.split(':').next() {
        Some("F") => true,
        Some("P") => false,
        _ => return None,
    };
    let piece = Some(Piece {
        stream: Cow::Borrowed(stream),
        ends,
    });
    Some(Peeled {
        piece,
        ..Peeled::new(inner, Some(time))
    })
}
