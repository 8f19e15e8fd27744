//! Values that are base64 of a text: searched decoded, and written back as base64 where something was found.

use std::ops::{Range, RangeInclusive};

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr;

use crate::mask::scan::Scan;

/// Shorter values hold no text that tells anything.
const WRITTEN_BYTES_MIN: usize = 16;
/// Lines of several are not shorter and not longer: where stand-ins are written back they grow.
const LINE_BYTES: RangeInclusive<usize> = 40..=1024;
/// So much is decoded first: that this is text by chance is rare, and most ids end here.
const HEAD_BYTES: usize = 12;

/// Lenient about padding, because clients are.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The text inside a value that is base64 as a whole, of either alphabet.
pub(crate) fn text_in(written: &[u8]) -> Option<String> {
    (written.len() >= WRITTEN_BYTES_MIN).then(|| any_text_in(written))?
}

/// The same for the value of a pair: `otp=974445` is no longer than this.
pub(crate) fn text_in_pair(written: &[u8]) -> Option<String> {
    (written.len() >= HEAD_BYTES).then(|| any_text_in(written))?
}

fn any_text_in(written: &[u8]) -> Option<String> {
    // The head may end inside a character, so only its control bytes tell.
    let groups = written[..HEAD_BYTES].as_chunks::<4>().0;
    if !groups
        .iter()
        .all(|group| group_bytes(group).is_some_and(|bytes| is_text(&bytes)))
    {
        return None;
    }
    let text = String::from_utf8(decode(written)?).ok()?;
    is_text(text.as_bytes()).then_some(text)
}

/// The lines of a text that is base64 as a whole, and the text inside: MIME breaks it into lines of 76 digits, PEM of 64.
#[inline]
pub(crate) fn lines_in(written: &[u8]) -> Option<(Vec<Range<usize>>, String)> {
    // Most texts end here, at their first word.
    let head = written.first_chunk::<4>()?;
    group_bytes(head)?;
    lines_of(written)
}

#[inline(never)]
fn lines_of(written: &[u8]) -> Option<(Vec<Range<usize>>, String)> {
    let first = memchr(b'\n', &written[..written.len().min(LINE_BYTES.end() + 2)])?;
    opens_lines(&written[..first]).then_some(())?;
    let mut digits = Vec::with_capacity(written.len());
    let mut lines = Vec::new();
    let mut at = 0;
    for line in written.split_inclusive(|b| *b == b'\n') {
        let core = line.trim_ascii();
        let start = at + (line.len() - line.trim_ascii_start().len());
        at += line.len();
        if core.iter().any(|b| !is_digit(*b)) {
            return None;
        }
        if !core.is_empty() {
            lines.push(start..start + core.len());
            digits.extend_from_slice(core);
        }
    }
    Some((lines, text_in(&digits)?))
}

/// Whether a line may be the first of several: long, of whole groups, and text as far as its head tells.
pub(crate) fn opens_lines(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let plain = |b: &u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    let group = |group: &[u8; 4]| group_bytes(group).is_some_and(|bytes| bytes.iter().all(plain));
    LINE_BYTES.contains(&line.len())
        && line.len().is_multiple_of(4)
        && line[..HEAD_BYTES].as_chunks::<4>().0.iter().all(group)
        && line.iter().all(|b| is_digit(*b))
}

/// Whether a byte stands in base64 of either alphabet, or fills it up.
pub(crate) fn is_digit(b: u8) -> bool {
    DIGITS[usize::from(b)] < 64 || b == b'='
}

fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|b| !b.is_ascii_control() || b"\t\r\n".contains(b))
}

/// Four digits of either alphabet as bytes: a decoder costs more to begin than most heads take to tell.
fn group_bytes(group: &[u8; 4]) -> Option<[u8; 3]> {
    let digits = group.map(|b| DIGITS[usize::from(b)]);
    let bits = digits
        .iter()
        .fold(0, |bits, digit| bits << 6 | u32::from(*digit));
    let [_, first, second, third] = bits.to_be_bytes();
    digits
        .iter()
        .all(|digit| *digit < 64)
        .then_some([first, second, third])
}

/// What each byte counts as a digit in either alphabet, 64 where it is none.
static DIGITS: [u8; 256] = {
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [64; 256];
    let mut at = 0;
    while at < standard.len() {
        table[standard[at] as usize] = at as u8;
        at += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// The bytes of base64 of either alphabet.
pub(crate) fn decode(written: &[u8]) -> Option<Vec<u8>> {
    STANDARD_LENIENT
        .decode(written)
        .or_else(|_| URL_SAFE_LENIENT.decode(written))
        .ok()
}

impl Scan {
    /// The same of several lines: what is written back takes as many.
    pub(crate) fn base64_lines(&mut self, lines: &[Range<usize>], inner: &str, base: usize) {
        let mark = self.edits.len();
        self.deeper(|scan| scan.any(inner.as_bytes(), 0));
        let Some(masked) = self.edits.take_from(mark, inner) else {
            return;
        };
        let encoded = STANDARD_LENIENT.encode(masked);
        let width = encoded.len().div_ceil(lines.len()).next_multiple_of(4);
        for (order, line) in lines.iter().enumerate() {
            let from = (order * width).min(encoded.len());
            let to = (from + width).min(encoded.len());
            let part = &encoded[from..to];
            self.edits
                .add(base + line.start, base + line.end, |out| out.push_str(part));
        }
    }

    /// Searches the text that was decoded from `written`.
    pub(crate) fn base64(&mut self, written: &[u8], inner: &str, base: usize) {
        let mark = self.edits.len();
        let searched = self.deeper(|scan| scan.any(inner.as_bytes(), 0));
        if searched.is_none() {
            return self.text(written, base, 0);
        }
        let Some(masked) = self.edits.take_from(mark, inner) else {
            return;
        };
        let url_safe = written.iter().any(|b| b"-_".contains(b));
        let engine = if url_safe {
            URL_SAFE_LENIENT
        } else {
            STANDARD_LENIENT
        };
        self.edits.add(base, base + written.len(), |out| {
            engine.encode_string(masked, out);
            if !written.ends_with(b"=") {
                out.truncate(out.trim_end_matches('=').len());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_taken_for_base64() {
        assert_eq!(
            text_in(b"eyJlbWFpbCI6ImFAYi5kZSJ9").as_deref(),
            Some(r#"{"email":"a@b.de"}"#)
        );
        assert_eq!(
            text_in("Z3LDvG5lIFdpZXNlLi4uIQ".as_bytes()).as_deref(),
            Some("grüne Wiese...!")
        );
        for other in [
            "0af7651916cd43dd8448eb211c80319c",
            "6aff0000-0000-4000-8000-0000000000c1",
            "CONTACTS_LIST_OF_2026",
            "application/json",
            "not base64 at all",
            "c2hvcnQ=",
        ] {
            assert_eq!(text_in(other.as_bytes()), None, "{other}");
        }
    }
}
