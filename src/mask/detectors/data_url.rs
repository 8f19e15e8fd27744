//! Documents inside an address: `data:application/json;base64,…` (RFC 2397).

use crate::mask::base64;
use crate::mask::detector::{Class, Detector, Pattern, Place};
use crate::mask::scan::Scan;

pub(crate) const DATA_URL: Detector = Detector {
    name: "password",
    hints: &[";base64,"],
    exact: true,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[(
        "<a href=\"data:text/plain;base64,cGFzc3dvcmQ9aHVudGVyMmh1bnRlcjI=\">",
        "aHVudGVyMmh1bnRlcjI",
    )],
    misses: &[
        "data:text/plain;base64,aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB",
        ";base64,",
    ],
};

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let end = place.end + Class::Base.run(place.text, place.end);
    let written = &place.text[place.end..end];
    let inner = base64::text_in(written)?;
    scan.base64(written, &inner, base + place.end);
    Some(end)
}
